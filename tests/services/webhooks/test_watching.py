"""What the sweep finds out about webhooks."""

from typing import Any

import pytest

from app.core.intake.events import EVENT_NAMES
from app.core.model.finding import Finding, Severity
from app.services.personal_permit import personal_permit
from tests.e2e.kit import Kit
from tests.services.webhooks.webhook_kit import FILE_SECRETS, Hooked, hooked

NO_LOOK = {"TicketWebhooks": {"create": "None", "query": "None", "update": "None", "delete": "None"}}


async def test_webhooks_that_nobody_uses_are_no_finding(acme: Hooked) -> None:
    assert await acme.watch() == []


async def test_webhooks_that_stand_are_no_finding(acme: Hooked) -> None:
    await acme.install()
    assert await acme.watch() == []


async def test_secrets_without_webhooks_are_told(acme: Hooked) -> None:
    await acme.apply(**{system: {"webhook_secret": secret} for system, secret in FILE_SECRETS.items()})
    found = await acme.watch()
    assert _codes(found) == ["autotask_webhook_missing", "field_nation_webhook_missing"]
    assert {(one.severity, one.record) for one in found} == {(Severity.WARNING, "connection")}
    assert all(f"broker connection install-webhooks {acme.name}" in one.mend for one in found)


async def test_webhooks_that_a_vendor_switched_off_are_told(acme: Hooked) -> None:
    await acme.install()
    sims, (hook,), (webhook,) = acme.kit.sims, await acme.hooks(), await acme.subscriptions()
    await sims.call("POST", f"{sims.autotask}/_sim/webhooks/{acme.customer.ci}/TicketWebhooks/{hook['id']}/deactivate")
    await sims.call("POST", f"{sims.field_nation}/_sim/webhooks/{webhook['webhookId']}", {"status": "inactive"})
    autotask, field_nation = await acme.watch()
    assert (autotask.code, "is not active" in autotask.text) == ("autotask_webhook_inactive", True)
    assert (field_nation.code, "is inactive" in field_nation.text) == ("field_nation_webhook_inactive", True)
    assert str(hook["id"]) in autotask.text
    assert webhook["webhookId"] in field_nation.text


async def test_a_webhook_without_a_subscribed_field_is_not_ready(acme: Hooked) -> None:
    await acme.install()
    sims, ci = acme.kit.sims, acme.customer.ci
    for entity in ("TicketWebhookFields", "TicketWebhookUdfFields"):
        for row in await acme.hooks(entity):
            await sims.call("DELETE", f"{sims.autotask}/_sim/ui/{ci}/{entity}/{row['id']}")
    (finding,) = await acme.watch()
    assert (finding.code, "not ready" in finding.text) == ("autotask_webhook_inactive", True)


@pytest.mark.parametrize(("taken", "told"), [("workorder.status.work_done", True), ("workorder.tag_added", False)])
async def test_an_event_that_somebody_took_out_is_told_when_it_is_needed(acme: Hooked, taken: str, told: bool) -> None:
    await acme.install()
    (webhook,) = await acme.subscriptions()
    events = [name for name in EVENT_NAMES if name != taken]
    await _change(acme, webhook["webhookId"], {"events": events})
    found = await acme.watch()
    assert _codes(found) == (["field_nation_webhook_inactive"] if told else [])
    assert all(taken in one.text for one in found)


async def test_a_token_that_was_rotated_away_is_told(acme: Hooked) -> None:
    await acme.install()
    for _ in range(2):
        await acme.desk.connections.trigger_url(acme.name, rotate=True)
    found = await acme.watch()
    assert _codes(found) == ["autotask_webhook_inactive", "field_nation_webhook_inactive"]
    assert all("token" in one.text for one in found)


async def test_a_refused_look_is_said_and_nothing_is_claimed(acme: Hooked) -> None:
    await acme.install()
    url = f"{acme.kit.sims.autotask}/_sim/users/{acme.customer.username}"
    await acme.kit.sims.call("PATCH", url, {"permissions": NO_LOOK})
    (finding,) = await acme.watch()
    assert (finding.code, finding.severity) == ("webhook_not_checked", Severity.INFO)


async def test_projects_have_no_ticket_webhook_to_miss(broker_kit: Kit) -> None:
    acme = await hooked(broker_kit, inbound=[])
    await acme.apply(autotask={"service_object": "Project", "webhook_secret": FILE_SECRETS["autotask"]})
    assert await acme.watch() == []


async def _change(acme: Hooked, webhook: str, changes: dict[str, Any]) -> None:
    """A change of the webhook by somebody else with the same credentials."""
    connection = await acme.desk.named(acme.name)
    wiring = acme.desk.wiring
    async with wiring.vendors.open(connection.file, await acme.secrets(), scope="other", hosted=None) as pair:
        await pair.events.change_webhook(webhook, changes, personal_permit(wiring.clock))


def _codes(found: list[Finding]) -> list[str]:
    return [finding.code for finding in found]
