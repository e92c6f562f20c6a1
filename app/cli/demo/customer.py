"""The customer of the demo: its connection file, what stands at both vendors, and the webhooks between them."""

import uuid
from importlib import import_module
from typing import Any

from app.cli.demo.stage import Stage
from app.core.intake.events import EVENT_NAMES
from app.core.model.connection import ConnectionFile

CI, COMPANY = 101, 7001
COMPLETE, DISPATCH = 5, 29683380
COMPANIES = 6
_USER, _SECRET, _CODE = "broker@acme.example", "Simulated-Secret-1", "FIELDNATION0SIMULATED0CODE1"
_HOOK_SECRET, _EVENT_SECRET = "demo-hook-secret", str(uuid.uuid4())
_CLIENT, _CLIENT_SECRET = "fn-client", "fn-secret"
_FN_USER, _FN_PASSWORD = "api@northwind.example", "correct horse battery"
_SITE_CODE = 4711
_TECHNICIAN, _ROLE, _MATERIAL = 29682885, 29683354, 29682801
_WATCHED = frozenset({"title", "status", "description", "duedatetime", "duedate"})


_INBOUND: list[dict[str, Any]] = [
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
_OUTBOUND: list[dict[str, Any]] = [
    {"source": "closing_notes", "target": "Ticket:Resolution", "action": "sync"},
    {
        "source": "status",
        "target": "Ticket:Status",
        "action": "status",
        "mappings": [
            {"compare": "Assigned", "value": "Field Scheduled"},
            {"compare": "Work Done", "value": "Field Work Done"},
            {"compare": "Approved", "value": "Complete"},
        ],
    },
]


def connection() -> dict[str, Any]:
    """The demo's connection, as its file would say it."""
    return {
        "name": "acme",
        "time_zone": "America/Chicago",
        "autotask": {"username": _USER, "secret": _SECRET, "webhook_secret": _HOOK_SECRET},
        "field_nation": {
            "client_id": _CLIENT,
            "client_secret": _CLIENT_SECRET,
            "username": _FN_USER,
            "password": _FN_PASSWORD,
            "webhook_secret": _EVENT_SECRET,
            "calls_per_minute": 3000,
        },
        "time_entries": {"resource_id": _TECHNICIAN, "role_id": _ROLE},
        "expenses": {"additional_charges": "charge", "charge": {"billing_code_id": _MATERIAL, "charge_type": 1}},
        "attachments": {"enabled": True},
        "mappings": {"inbound": _INBOUND, "outbound": _OUTBOUND},
    }


async def set_up(stage: Stage) -> str:
    """Seeds both simulators, applies the connection and registers both webhooks; gives the trigger URL.

    What that cost in calls is not counted: an administrator does it once.
    """
    await stage.sim("POST", f"{stage.field_nation}/_sim/seed", _field_nation_seed())
    await stage.sim("POST", f"{stage.autotask}/_sim/seed", _autotask_seed())
    document = connection()
    document["field_nation"]["base_url"] = stage.field_nation
    report = await stage.desk.connections.apply(ConnectionFile.model_validate(document), who="demo")
    if report.verb == "refused":
        raise RuntimeError("; ".join(finding.text for finding in report.findings))
    url = (await stage.desk.connections.trigger_url("acme")).url
    await _hear_from_autotask(stage, url)
    await _hear_from_field_nation(stage, url)
    for place in (stage.autotask, stage.field_nation):
        await stage.sim("POST", f"{place}/_sim/reset-calls")
    return url


def seed_of(place: str, **wanted: Any) -> dict[str, Any]:
    """A simulator's own seed, by import string: nothing of the broker imports the simulators."""
    make: Any = import_module(f"app.simulators.{place}.seeding").make_seed
    seed: dict[str, Any] = make(**wanted)
    return seed


def _field_nation_seed() -> dict[str, Any]:
    site_code = {"id": _SITE_CODE, "name": "Site code", "type": "text", "role": "buyer", "flags": [], "options": []}
    settings = {"rate_per_minute": 0, "drop_schedule_on_create": False}
    return seed_of("field_nation", company_id=COMPANY, custom_fields=[site_code], settings=settings)


def _autotask_seed() -> dict[str, Any]:
    login = {"username": _USER, "secret": _SECRET, "integration_code": _CODE}
    return seed_of("autotask", ci=CI, companies=COMPANIES, tickets=0, settings={"time_scale": 0.05}, **login)


async def _hear_from_autotask(stage: Stage, url: str) -> None:
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


async def _hear_from_field_nation(stage: Stage, url: str) -> None:
    """The webhook for every event, with the token of the trigger URL."""
    login = {"grant_type": "password", "client_id": _CLIENT, "client_secret": _CLIENT_SECRET}
    login |= {"username": _FN_USER, "password": _FN_PASSWORD}
    answer = await stage.http.post(f"{stage.field_nation}/authentication/api/oauth/token", json=login)
    answer.raise_for_status()
    hook = {
        "events": sorted(EVENT_NAMES),
        "url": f"{stage.web}/v1/field-nation/events?{url.partition('?')[2]}",
        "method": "post",
        "status": "active",
        "secret": _EVENT_SECRET,
    }
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    made = await stage.http.post(f"{stage.field_nation}/api/v1/webhooks", json=hook, headers=headers)
    made.raise_for_status()
