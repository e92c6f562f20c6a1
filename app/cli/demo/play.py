"""The play: a customer with companies and tickets, a webhook, and what people do in Autotask meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from typing import Any

from app.cli.demo.stage import Stage
from app.core.model.connection import ConnectionFile

CI, COMPANY = 101, 7001
_USER, _SECRET, _CODE = "broker@acme.example", "Simulated-Secret-1", "FIELDNATION0SIMULATED0CODE1"
_HOOK_SECRET = "demo-hook-secret"
_DISPATCH, _COMPLETE = 29683380, 5
_SITE_CODE = 4711
_COMPANIES = 6
_COMPLETED_SHARE = 8
_WATCHED = frozenset({"title", "status", "description", "duedatetime", "duedate"})
_TYPED_BY_PEOPLE = (
    "title", "description", "companyID", "companyLocationID", "contactID", "priority", "queueID", "dueDateTime",
    "billingCodeID", "ticketCategory", "ticketType",
)  # fmt: skip
_JSON = {"Content-Type": "application/json"}


@dataclass(slots=True)
class Cast:
    """Who stands where once the play has begun. Ids are ticket ids."""

    expected: set[int] = field(default_factory=set)
    completed: set[int] = field(default_factory=set)
    titles: dict[int, str] = field(default_factory=dict)
    changed: int = 0
    rubbish: str = ""
    refused: str = ""
    triggers: int = 0

    @property
    def title(self) -> str:
        """What the changed ticket is called now."""
        return self.titles.get(self.changed, "")


def connection() -> dict[str, Any]:
    """The demo's connection, as its file would say it."""
    return {
        "name": "acme",
        "time_zone": "America/Chicago",
        "autotask": {"username": _USER, "secret": _SECRET, "webhook_secret": _HOOK_SECRET},
        "field_nation": {
            "client_id": "fn-client",
            "client_secret": "fn-secret",
            "username": "api@northwind.example",
            "password": "correct horse battery",
            "calls_per_minute": 3000,
        },
        "mappings": {
            "inbound": [
                {"source": "Title", "target": "title", "action": "sync"},
                {"source": "Description", "target": "description", "action": "sync"},
                {
                    "source": "Status",
                    "target": "status_id",
                    "action": "status",
                    "mappings": [{"compare": "Dispatch to Field", "value": "Published"}],
                },
                {
                    "source": "DueDateTime",
                    "target": "time_window.end",
                    "action": "date_convert",
                    "output_format": "YYYY-MM-DD HH:mm:ss",
                },
                {"source": "Account.AccountName", "target": "location.name", "action": "sync"},
                {"source": "AccountPhysicalLocation.Address1", "target": "location.address1", "action": "sync"},
                {"source": "AccountPhysicalLocation.City", "target": "location.city", "action": "sync"},
                {"source": "AccountPhysicalLocation.State", "target": "location.state", "action": "sync"},
                {"source": "AccountPhysicalLocation.PostalCode", "target": "location.zip", "action": "sync"},
                {"source": "UserDefinedField.Site Code", "target": f"custom_fields.{_SITE_CODE}", "action": "sync"},
            ]
        },
    }


async def set_up(stage: Stage) -> str:
    """Seeds both simulators, applies the connection and registers the webhook; gives the trigger URL.

    What that cost in calls is not counted: an administrator does it once.
    """
    await stage.sim("POST", f"{stage.field_nation}/_sim/seed", _field_nation_seed())
    await stage.sim("POST", f"{stage.autotask}/_sim/seed", _autotask_seed())
    document = connection()
    document["field_nation"]["base_url"] = stage.field_nation
    report = await stage.desk.connections.apply(ConnectionFile.model_validate(document))
    if report.verb == "refused":
        raise RuntimeError("; ".join(finding.text for finding in report.findings))
    url = (await stage.desk.connections.trigger_url("acme")).url
    await _register_webhook(stage, url)
    for place in (stage.autotask, stage.field_nation):
        await stage.sim("POST", f"{place}/_sim/reset-calls")
    return url


def _seed_of(place: str, **wanted: Any) -> dict[str, Any]:
    """A simulator's own seed, by import string: nothing of the broker imports the simulators."""
    make: Any = import_module(f"app.simulators.{place}.seeding").make_seed
    seed: dict[str, Any] = make(**wanted)
    return seed


def _field_nation_seed() -> dict[str, Any]:
    site_code = {"id": _SITE_CODE, "name": "Site code", "type": "text", "role": "buyer", "flags": [], "options": []}
    settings = {"rate_per_minute": 0, "drop_schedule_on_create": False}
    return _seed_of("field_nation", company_id=COMPANY, custom_fields=[site_code], settings=settings)


def _autotask_seed() -> dict[str, Any]:
    login = {"username": _USER, "secret": _SECRET, "integration_code": _CODE}
    return _seed_of("autotask", ci=CI, companies=_COMPANIES, tickets=0, settings={"time_scale": 0.05}, **login)


async def _register_webhook(stage: Stage, url: str) -> None:
    """What an administrator does once: the ticket webhook, its fields, and our own user left out."""
    api = f"{stage.autotask}/atservicesrest/v1.0/TicketWebhooks"
    headers = {"UserName": _USER, "Secret": _SECRET, "ApiIntegrationCode": _CODE}

    async def post(address: str, body: dict[str, Any]) -> int:
        answer = await stage.http.post(address, json=body, headers=headers)
        answer.raise_for_status()
        return int(answer.json()["itemId"])

    hook = {
        "name": "broker",
        "isActive": True,
        "webhookUrl": url,
        "deactivationUrl": url,
        "secretKey": _HOOK_SECRET,
        "sendThresholdExceededNotification": False,
        "isSubscribedToCreateEvents": True,
        "isSubscribedToUpdateEvents": True,
    }
    id = await post(api, hook)
    fields_url = f"{stage.autotask}/atservicesrest/v1.0/TicketWebhookFields/entityInformation/fields"
    answer = await stage.http.get(fields_url, headers=headers)
    choices = next(one for one in answer.json()["fields"] if one["name"] == "fieldID")["picklistValues"]
    for choice in choices:
        if choice["label"].lower().replace(" ", "") in _WATCHED:
            marks = {"isDisplayAlwaysField": False, "isSubscribedField": True}
            await post(f"{api}/{id}/Fields", {"webhookID": id, "fieldID": int(choice["value"]), **marks})


async def open_tickets(stage: Stage, cast: Cast, count: int, opened: Callable[[], None]) -> None:
    """People open tickets at several companies; some are done already. Each fires a real webhook."""
    seed = _seed_of("autotask", companies=_COMPANIES, tickets=count)
    tomorrow = stage.desk.wiring.clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    for position, row in enumerate(seed["databases"][0]["records"]["Tickets"]):
        done = position % _COMPLETED_SHARE == _COMPLETED_SHARE - 1
        body = {name: row[name] for name in _TYPED_BY_PEOPLE} | {"status": _COMPLETE if done else _DISPATCH}
        body["dueDateTime"] = (tomorrow + timedelta(hours=3 * (position % 24))).isoformat()
        body["userDefinedFields"] = [{"name": "Site Code", "value": row["userDefinedFields"]["Site Code"]}]
        made = await stage.sim("POST", f"{stage.autotask}/_sim/ui/{CI}/Tickets", body)
        (cast.completed if done else cast.expected).add(int(made["itemId"]))
        cast.titles[int(made["itemId"])] = str(row["title"])
        cast.triggers += 1
        opened()


async def change_one(stage: Stage, cast: Cast) -> str:
    """Somebody retitles a ticket whose work order exists; gives the title it had."""
    cast.changed = min(cast.expected)
    before, cast.titles[cast.changed] = cast.titles[cast.changed], "Replace failed switch - bring the spare"
    await stage.sim("PATCH", f"{stage.autotask}/_sim/ui/{CI}/Tickets/{cast.changed}", {"title": cast.title})
    cast.triggers += 1
    return before


async def send_rubbish(stage: Stage, cast: Cast, url: str) -> None:
    """A callout that names no ticket."""
    cast.rubbish = '{"ticket": {"title": "no id here"}'
    answer = await stage.http.post(url, content=cast.rubbish.encode(), headers=_JSON)
    problem = answer.json()
    cast.refused = f"{answer.status_code} {problem.get('code')}: {problem.get('detail')}"
