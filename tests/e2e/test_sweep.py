"""The sweep: what no event announced, or whose event was lost, is found all the same; what stands still is said."""

from decimal import Decimal
from typing import Any

from tests.e2e.commands import broker
from tests.e2e.kit import COMPLETE, DISPATCH, NEW, Customer, Kit, merged
from tests.e2e.push_kit import DANA, FILE, OUTBOUND, Site, assigned, customer_with_events
from tests.e2e.record_kit import put, written

VISIT = {"in": "2026-11-03T15:00:00", "out": "2026-11-03T17:00:00"}


async def test_facts_that_have_no_event_reach_the_ticket(kit: Kit) -> None:
    async with kit.worker():
        site = await silent_site(kit)
        log = (await site.act("add_time_log", **VISIT))["time_log"]
        expense = (await site.act("add_expense", description="Parking", amount="9.00"))["expense"]
        await site.push()
        assert len(await site.records("TimeEntries")) == 1
        await site.act("edit_time_log", time_log=log, out="2026-11-03T18:00:00")
        await site.act("approve_expense", expense=expense)
        await site.act("upload", name="plan.pdf", text="how it should be", by="buyer")
        await swept(site.customer)
        assert [entry["hoursWorked"] for entry in await site.records("TimeEntries")] == [3]
        assert [Decimal(str(one["unitPrice"])) for one in await site.records("TicketCharges")] == [9]
        assert [file["fullPath"] for file in await site.records("TicketAttachments")] == ["plan.pdf"]
        made = len(await written(site.customer))
        await swept(site.customer)
    assert len(await written(site.customer)) == made
    assert await pushes(site) == 2


async def test_an_order_in_work_is_looked_at_again_after_six_hours(kit: Kit) -> None:
    async with kit.worker():
        site = await silent_site(kit)
        await site.push()
        await swept(site.customer)
        before = await pushes(site)
        await swept(site.customer)
        assert await pushes(site) == before
        await ago(kit, "UPDATE links SET examined_at = examined_at - interval '7 hours'")
        await swept(site.customer)
    assert await pushes(site) == before + 1


async def test_an_order_is_looked_at_once_more_after_each_ending_and_then_left(kit: Kit) -> None:
    async with kit.worker():
        paid, cancelled = await silent_site(kit), await silent_site(kit)
        for site in (paid, cancelled):
            await site.push()
        await paid.act("complete", closing_notes="Done.")
        await paid.act("approve")
        await cancelled.act("cancel")
        await swept(paid.customer, cancelled.customer)
        ticket = await paid.ticket_row()
        assert (ticket["status"], ticket["resolution"]) == (COMPLETE, "Done.")
        before = await pushes(paid), await pushes(cancelled)
        await paid.act("pay")
        await ago(kit, "UPDATE links SET examined_at = examined_at - interval '7 hours'")
        await swept(paid.customer, cancelled.customer)
        assert (await pushes(paid), await pushes(cancelled)) == (before[0] + 1, before[1])
        await ago(kit, "UPDATE links SET examined_at = examined_at - interval '7 hours'")
        await swept(paid.customer, cancelled.customer)
        assert (await pushes(paid), await pushes(cancelled)) == (before[0] + 1, before[1])


async def test_tickets_whose_trigger_was_lost_are_imported_or_brought_in_step(kit: Kit) -> None:
    dispatched = [{"op": "eq", "field": "status", "value": DISPATCH}]
    choosy = await kit.customer(tickets=3, status=NEW, settings={"import_when": dispatched})
    plain = await kit.customer(tickets=2)
    async with kit.worker():
        await plain.trigger(plain.tickets[0])
        await kit.settled()
        await choosy.edit(choosy.tickets[1], status=DISPATCH)
        await choosy.edit(choosy.tickets[2], title="Not to be dispatched")
        for ticket in plain.tickets:
            await plain.edit(ticket, title="Another title")
        await swept(choosy, plain)
    assert [order["incident_id"] for order in await choosy.orders()] == [(await choosy.numbers())[choosy.tickets[1]]]
    assert [order["title"] for order in await plain.orders()] == ["Another title"]


async def test_what_is_blocked_is_tried_again_once_a_day_and_by_a_sync(kit: Kit) -> None:
    async with kit.worker():
        daily, by_hand = await silent_site(kit), await silent_site(kit)
        await swept(daily.customer, by_hand.customer)
        for site in (daily, by_hand):
            log = (await site.act("add_time_log", **VISIT))["time_log"]
            await site.push()
            await timesheet(site.customer, "submitted")
            await site.act("edit_time_log", time_log=log, out="2026-11-03T18:00:00")
        for site in (daily, by_hand):
            await site.push()
            assert "item_blocked" in [finding["code"] for finding in await site.findings()]
            await timesheet(site.customer, "new")
        await swept(daily.customer)
        assert [entry["hoursWorked"] for entry in await daily.records("TimeEntries")] == [2]
        await ago(
            kit, "UPDATE sweeps SET state = state || jsonb_build_object('retried_at', now() - interval '25 hours')"
        )
        await swept(daily.customer)
        assert (await broker(kit, "sync", by_hand.customer.connection.name, by_hand.order)).code == 0
        await by_hand.settled()
    for site in (daily, by_hand):
        assert [entry["hoursWorked"] for entry in await site.records("TimeEntries")] == [3]
        assert "item_blocked" not in [finding["code"] for finding in await site.findings()]


async def test_a_webhook_that_was_switched_off_is_told_of_and_the_sweep_goes_on_without_it(kit: Kit) -> None:
    customer = await customer_with_events(kit, file={"autotask": {"webhook_secret": "a secret of this test"}})
    async with kit.worker():
        site = await assigned(customer)
        (webhook,) = await webhooks(customer)
        await kit.sims.call("POST", f"{kit.sims.field_nation}/_sim/webhooks/{webhook}", {"status": "inactive"})
        await put(customer, TicketWebhooks=[{
            "id": 31, "name": "broker", "webhookUrl": customer.trigger_url, "deactivationUrl": customer.trigger_url,
            "isActive": False, "secretKey": "a secret of this test", "isSubscribedToUpdateEvents": True,
            "sendThresholdExceededNotification": False,
        }])  # fmt: skip
        await site.act("check_in", at=VISIT["in"])
        await site.act("check_out", at=VISIT["out"])
        await ago(kit, "UPDATE sweeps SET state = state - 'webhooks_at'")
        await swept(customer)
        found = {one["code"]: one["mend"] for one in await site.findings() if one["record"] == "sweep:all"}
        assert found.keys() == {"field_nation_webhook_inactive", "autotask_webhook_inactive"}
        assert all("install-webhooks" in mend for mend in found.values())
        assert len(await site.records("TimeEntries")) == 1
        await kit.sims.call("POST", f"{kit.sims.field_nation}/_sim/webhooks/{webhook}", {"status": "active"})
        await ago(kit, "UPDATE sweeps SET state = state - 'webhooks_at'")
        await swept(customer)
        still = {one["code"] for one in await site.findings() if one["record"] == "sweep:all"}
    assert still == {"autotask_webhook_inactive"}


async def test_a_silence_that_is_longer_than_usual_is_told_of_until_something_comes(kit: Kit) -> None:
    customer = await kit.customer(tickets=1)
    async with kit.worker():
        await customer.trigger(*range(900_001, 900_026))
        await kit.settled()
        await ago(
            kit, "UPDATE receipts SET received_at = received_at - interval '3 days' - id % 25 * interval '1 minute'"
        )
        await swept(customer)
        (said,) = await silences(customer)
        assert "72 hours" in said["text"]
        await customer.trigger()
        await swept(customer)
        assert await silences(customer) == []


async def silent_site(kit: Kit) -> Site:
    """A pair whose work order is assigned; Field Nation tells nobody of anything."""
    customer = await kit.customer(file=merged(FILE, {"mappings": {"outbound": OUTBOUND}}))
    return await assigned(customer)


async def swept(*customers: Customer) -> None:
    """A sweep of each by hand, and everything that it raised."""
    for customer in customers:
        said = await broker(customer.kit, "sweep", customer.connection.name, "--json")
        assert said.code == 0, said.out
    await Site(customers[0], 0, 0).settled()


async def pushes(site: Site) -> int:
    """How many passes there were over the work order."""
    asked = (
        "SELECT count(*) AS n FROM runs JOIN jobs ON jobs.id = runs.job_id"
        " WHERE jobs.kind = 'push_work_order' AND jobs.key = :order AND jobs.connection_id = :connection"
    )
    (row,) = await site.kit.rows(asked, order=str(site.order), connection=site.customer.connection.id)
    return int(row["n"])


async def ago(kit: Kit, statement: str) -> None:
    """Makes something in our own records older than it is."""
    await kit.rows(statement)


async def timesheet(customer: Customer, status: str) -> None:
    """The week of the visit, as its owner or approver leaves it."""
    url = f"{customer.kit.sims.autotask}/_sim/timesheets/{customer.ci}"
    await customer.kit.sims.call("POST", url, {"resource": DANA, "day": VISIT["in"][:10], "status": status})


async def webhooks(customer: Customer) -> list[str]:
    """Ids of the webhooks of the customer's company."""
    state = await customer.kit.sims.call(
        "GET", f"{customer.kit.sims.field_nation}/_sim/state?company={customer.company}"
    )
    return [str(one["webhookId"]) for one in state["webhooks"]]


async def silences(customer: Customer) -> list[dict[str, Any]]:
    found = await customer.kit.desk.records.findings(connection=customer.connection.name)
    return [dict(one) for one in found if one["code"] == "silence"]
