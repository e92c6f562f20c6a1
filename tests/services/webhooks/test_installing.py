"""Installing: what stands at the vendors afterwards, and that what they send is taken in."""

from typing import Any

import pytest

from app.core.intake.events import EVENT_NAMES
from app.core.model.failure import Rejected
from tests.e2e.kit import Kit, mapping
from tests.services.webhooks.webhook_kit import (
    API_USER,
    FILE_SECRETS,
    FILE_TOKEN,
    PUBLIC,
    Hooked,
    codes,
    hooked,
    reached_at,
    token_of,
    verbs,
)

RIGHTS = {"create": "All", "query": "All", "update": "All", "delete": "All"}


async def test_what_the_vendors_send_afterwards_is_taken_in_and_nobody_elses(acme: Hooked) -> None:
    report = await acme.install()
    assert (report.is_sound, verbs(report)) == (True, {"autotask": "made", "field_nation": "made"})
    (hook,), (webhook,) = await acme.hooks(), await acme.subscriptions()
    assert (await acme.announce_ticket(hook)).status_code == 202
    assert (await acme.announce_ticket(hook, secret="a guess")).status_code == 401
    assert (await acme.announce_order(webhook)).status_code == 202
    assert (await acme.announce_order(webhook, secret="a guess")).status_code == 401


async def test_autotask_announces_what_the_mapping_reads_and_not_what_we_write(acme: Hooked) -> None:
    await acme.install()
    (hook,) = await acme.hooks()
    assert (hook["isActive"], hook["isReady"]) == (True, True)
    assert (hook["isSubscribedToCreateEvents"], hook["isSubscribedToUpdateEvents"]) == (True, True)
    assert hook["name"] == f"broker {acme.name}"
    assert hook["webhookUrl"] == hook["deactivationUrl"]
    assert hook["webhookUrl"].startswith(f"{PUBLIC}/v1/broker/inbound?client_token=")
    assert await _subscribed(acme) == {
        "title", "description", "status", "dueDateTime", "companyID", "companyLocationID", "Site Code",
    }  # fmt: skip
    (excluded,) = await acme.hooks("TicketWebhookExcludedResources")
    assert (excluded["webhookID"], excluded["resourceID"]) == (hook["id"], API_USER)


async def test_field_nation_announces_every_event(acme: Hooked) -> None:
    await acme.install()
    (webhook,) = await acme.subscriptions()
    assert (webhook["status"], webhook["method"], sorted(webhook["events"])) == ("active", "post", sorted(EVENT_NAMES))
    assert webhook["url"].startswith(f"{PUBLIC}/v1/field-nation/events?client_token=")


async def test_a_second_run_finds_everything_in_place(acme: Hooked) -> None:
    await acme.install()
    before = await _truth(acme)
    again = await acme.install()
    assert (verbs(again), codes(again)) == ({"autotask": "left", "field_nation": "left"}, [])
    assert [done.changes for done in again.done] == [(), ()]
    assert await _truth(acme) == before
    assert await acme.live_tokens() == 2


async def test_the_files_own_token_and_secrets_are_used(acme: Hooked) -> None:
    secrets = {system: {"webhook_secret": secret} for system, secret in FILE_SECRETS.items()}
    await acme.apply(client_token=FILE_TOKEN, **secrets)
    tokens = await acme.live_tokens()
    report = await acme.install()
    assert codes(report) == []
    (hook,), (webhook,) = await acme.hooks(), await acme.subscriptions()
    assert (hook["secretKey"], webhook["secret"]) == (FILE_SECRETS["autotask"], FILE_SECRETS["field_nation"])
    assert {token_of(hook["webhookUrl"]), token_of(webhook["url"])} == {FILE_TOKEN}
    assert await acme.live_tokens() == tokens
    shown = await acme.desk.connections.trigger_url(acme.name)
    assert token_of(shown.url) == FILE_TOKEN


async def test_a_new_secret_in_the_file_reaches_both_vendors(acme: Hooked) -> None:
    await acme.install()
    await acme.apply(**{system: {"webhook_secret": secret} for system, secret in FILE_SECRETS.items()})
    await acme.install()
    (hook,), (webhook,) = await acme.hooks(), await acme.subscriptions()
    assert (hook["secretKey"], webhook["secret"]) == (FILE_SECRETS["autotask"], FILE_SECRETS["field_nation"])


async def test_what_somebody_took_away_is_mended_and_nothing_is_doubled(acme: Hooked) -> None:
    await acme.install()
    before = await _subscribed(acme)
    sims, ci = acme.kit.sims, acme.customer.ci
    (hook,), (webhook,) = await acme.hooks(), await acme.subscriptions()
    await sims.call("POST", f"{sims.autotask}/_sim/webhooks/{ci}/TicketWebhooks/{hook['id']}/deactivate")
    field = (await acme.hooks("TicketWebhookFields"))[0]
    await sims.call("DELETE", f"{sims.autotask}/_sim/ui/{ci}/TicketWebhookFields/{field['id']}")
    await sims.call("POST", f"{sims.field_nation}/_sim/webhooks/{webhook['webhookId']}", {"status": "inactive"})
    report = await acme.install()
    assert (report.is_sound, verbs(report)) == (True, {"autotask": "changed", "field_nation": "changed"})
    (mended,), (active,) = await acme.hooks(), await acme.subscriptions()
    assert (mended["id"], mended["isActive"], active["status"]) == (hook["id"], True, "active")
    assert await _subscribed(acme) == before


async def test_a_field_that_the_mapping_gained_is_subscribed_as_well(acme: Hooked) -> None:
    await acme.install()
    rules = mapping(
        {"source": "UserDefinedField.Skill Level", "target": "description.html", "action": "sync"},
        {"source": "PurchaseOrderNumber", "target": "schedule.schedule_note", "action": "sync"},
    )
    conditions = [{"op": "or", "items": [{"op": "eq", "field": "queueID", "value": 29682833}]}]
    await acme.apply(mappings={"inbound": rules[:-2] + rules[-1:]}, settings={"import_when": conditions})
    report = await acme.install()
    assert set(report.done[0].changes) == {"field purchaseOrderNumber", "field queueID"}
    assert {"purchaseOrderNumber", "queueID"} <= await _subscribed(acme)


async def test_a_moved_broker_takes_its_webhooks_along(acme: Hooked) -> None:
    await acme.install()
    token = token_of((await acme.hooks())[0]["webhookUrl"])
    acme.desk = reached_at(acme.kit, "https://elsewhere.example")
    assert verbs(await acme.install()) == {"autotask": "changed", "field_nation": "changed"}
    (hook,), (webhook,) = await acme.hooks(), await acme.subscriptions()
    assert hook["webhookUrl"] == f"https://elsewhere.example/v1/broker/inbound?client_token={token}"
    assert webhook["url"] == f"https://elsewhere.example/v1/field-nation/events?client_token={token}"


async def test_webhooks_whose_token_was_rotated_away_get_a_new_one(acme: Hooked) -> None:
    await acme.install()
    for _ in range(2):
        await acme.desk.connections.trigger_url(acme.name, rotate=True)
    (hook,) = await acme.hooks()
    assert (await acme.announce_ticket(hook)).status_code == 401
    report = await acme.install()
    assert codes(report) == ["webhook_token_made", "trigger_token_revoked"]
    (mended,), (webhook,) = await acme.hooks(), await acme.subscriptions()
    assert mended["id"] == hook["id"]
    assert (await acme.announce_ticket(mended)).status_code == 202
    assert (await acme.announce_order(webhook)).status_code == 202


async def test_two_connections_of_one_database_and_company_have_webhooks_of_their_own(acme: Hooked) -> None:
    await acme.install()
    other = Hooked(acme.customer, acme.desk, acme.name)
    await other.apply(name=f"{acme.name}-east")
    assert verbs(await other.install()) == {"autotask": "made", "field_nation": "made"}
    assert verbs(await acme.install()) == {"autotask": "left", "field_nation": "left"}
    assert (len(await acme.hooks()), len(await acme.subscriptions())) == (2, 2)
    assert verbs(await other.remove()) == {"autotask": "removed", "field_nation": "removed"}
    ((hook,), (webhook,)) = await acme.hooks(), await acme.subscriptions()
    assert (await acme.announce_ticket(hook)).status_code == 202
    assert (await acme.announce_order(webhook)).status_code == 202


async def test_a_broker_without_https_is_refused_before_anything_is_asked(acme: Hooked) -> None:
    acme.desk = reached_at(acme.kit, "http://broker.example")
    with pytest.raises(Rejected, match="https addresses only, and BROKER_PUBLIC_URL is http:"):
        await acme.install()
    assert (await acme.hooks(), await acme.subscriptions()) == ([], [])
    assert "autotask.webhook_secret" not in await acme.secrets()


async def test_one_vendor_that_refuses_does_not_cost_the_other_its_webhook(acme: Hooked) -> None:
    await _permit(acme, {"TicketWebhooks": {**RIGHTS, "create": "None"}})
    report = await acme.install()
    assert (report.is_sound, verbs(report)) == (False, {"autotask": "failed", "field_nation": "made"})
    assert "permission" in report.findings[-1].text
    await _permit(acme, {})
    assert verbs(await acme.install()) == {"autotask": "made", "field_nation": "left"}
    assert token_of((await acme.hooks())[0]["webhookUrl"]) == token_of((await acme.subscriptions())[0]["url"])


async def test_an_answer_that_was_lost_makes_no_second_webhook(acme: Hooked) -> None:
    await acme.kit.sims.fault("autotask", fault="lost_after", method="POST", path="TicketWebhooks$", times=1)
    await acme.kit.sims.fault("field_nation", fault="lost_after", method="POST", path="/api/v1/webhooks$", times=1)
    report = await acme.install()
    assert (report.is_sound, verbs(report)) == (False, {"autotask": "failed", "field_nation": "failed"})
    again = await acme.install()
    assert (again.is_sound, len(await acme.hooks()), len(await acme.subscriptions())) == (True, 1, 1)
    assert (await acme.hooks())[0]["isReady"] is True
    (excluded,) = await acme.hooks("TicketWebhookExcludedResources")
    assert excluded["resourceID"] == API_USER


@pytest.mark.parametrize(
    ("system", "secret", "words"),
    [("autotask", "x" * 65, "65 characters"), ("field_nation", "no uuid", "not the text of a UUID")],
)
async def test_a_secret_that_a_vendor_would_not_take_is_said_before_it_is_sent(
    acme: Hooked, system: str, secret: str, words: str
) -> None:
    await acme.apply(**{system: {"webhook_secret": secret}})
    report = await acme.install()
    assert (report.is_sound, verbs(report)[system]) == (False, "failed")
    (finding,) = [one for one in report.findings if one.code == f"{system}_webhook_failed"]
    assert words in finding.text
    assert secret not in finding.text
    assert (await acme.hooks() if system == "autotask" else await acme.subscriptions()) == []


async def test_an_unknown_api_user_is_a_warning(acme: Hooked) -> None:
    await acme.install()
    (excluded,) = await acme.hooks("TicketWebhookExcludedResources")
    sims, ci = acme.kit.sims, acme.customer.ci
    await sims.call("DELETE", f"{sims.autotask}/_sim/ui/{ci}/TicketWebhookExcludedResources/{excluded['id']}")
    await sims.call("PATCH", f"{sims.autotask}/_sim/ui/{ci}/Resources/{API_USER}", {"email": "masked@example.com"})
    report = await acme.install()
    assert (report.is_sound, codes(report)) == (True, ["api_user_not_found"])


async def test_projects_have_no_webhook_at_autotask(broker_kit: Kit) -> None:
    acme = await hooked(broker_kit, inbound=[])
    await acme.apply(autotask={"service_object": "Project"})
    report = await acme.install()
    assert (verbs(report), report.is_sound) == ({"field_nation": "made"}, True)
    assert "no_webhook_for_object" in codes(report)
    assert await acme.hooks() == []


async def test_removing_takes_both_away_and_again_is_no_failure(acme: Hooked) -> None:
    await acme.install()
    assert verbs(await acme.remove()) == {"autotask": "removed", "field_nation": "removed"}
    assert (await acme.hooks(), await acme.subscriptions()) == ([], [])
    again = await acme.remove()
    assert (again.is_sound, verbs(again)) == (True, {"autotask": "missing", "field_nation": "missing"})


async def test_strangers_webhooks_are_left_alone(acme: Hooked) -> None:
    await acme.install()
    (hook,) = await acme.hooks()
    sims, ci = acme.kit.sims, acme.customer.ci
    address = "https://other.example/v1/broker/inbound?client_token=theirs"
    theirs = {"name": "theirs", "isActive": True, "webhookUrl": address, "deactivationUrl": address}
    body = {**theirs, "secretKey": "s", "sendThresholdExceededNotification": False}
    await sims.call("POST", f"{sims.autotask}/_sim/ui/{ci}/TicketWebhooks", body)
    await acme.install()
    await acme.remove()
    assert [one["name"] for one in await acme.hooks()] == ["theirs"]
    assert hook["name"] != "theirs"


async def _subscribed(acme: Hooked) -> set[str]:
    """Names of the subscribed fields, looked up the way a person would."""
    labels: dict[int, str] = {}
    connection = await acme.desk.named(acme.name)
    wiring = acme.desk.wiring
    async with wiring.vendors.open(connection.file, await acme.secrets(), scope="test", hosted=None) as pair:
        for entity, key in (("TicketWebhookFields", "fieldID"), ("TicketWebhookUdfFields", "udfFieldID")):
            field = (await pair.catalog.catalog(entity)).field(key)
            assert field is not None
            labels |= {int(pick.value): pick.label for pick in field.values}
    rows = [row for entity in ("TicketWebhookFields", "TicketWebhookUdfFields") for row in await acme.hooks(entity)]
    return {labels[row.get("fieldID") or row["udfFieldID"]] for row in rows if row["isSubscribedField"]}


async def _truth(acme: Hooked) -> list[Any]:
    tables = ("TicketWebhooks", "TicketWebhookFields", "TicketWebhookUdfFields", "TicketWebhookExcludedResources")
    webhooks = [{**one, "updatedAt": ""} for one in await acme.subscriptions()]
    return [*[await acme.hooks(table) for table in tables], webhooks]


async def _permit(acme: Hooked, permissions: dict[str, Any]) -> None:
    url = f"{acme.kit.sims.autotask}/_sim/users/{acme.customer.username}"
    await acme.kit.sims.call("PATCH", url, {"permissions": permissions})
