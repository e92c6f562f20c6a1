"""What a push costs: calls are money at both vendors, so a steady state reads little and writes each fact once."""

from collections import Counter
from typing import Any

from tests.e2e.kit import Customer, Kit
from tests.e2e.push_kit import Site, assigned, customer_with_events
from tests.e2e.record_kit import counts, heard, written

NINE = Counter({
    ("TimeEntries", "create"): 2,
    ("TicketCharges", "create"): 1,
    ("TicketNotes", "create"): 3,
    ("TicketAttachments", "create"): 2,
    ("Tickets", "update"): 1,
})  # fmt: skip


async def test_a_full_work_order_costs_nine_writes_and_hardly_a_read(kit: Kit) -> None:
    customer = await customer_with_events(kit, tickets=2)
    async with kit.worker():
        site = await warm(customer)
        await hold(kit, is_held=True)
        await a_days_work(site)
        await start_counting(customer)
        async with heard(customer):
            await hold(kit, is_held=False)
        await site.settled()
        assert Counter((entity, verb) for entity, verb, _ in await written(customer)) == NINE
        spent = await counts(customer)
        assert (spent["writes"], spent["metadata"]) == (9, 0), spent
        assert spent["reads_by_entity"] == {"Tickets": {"item": 1}}
        assert sum((await read(kit)).values()) <= 2
        assert len(await downloads(kit)) == 2
        await start_counting(customer)
        async with heard(customer):
            await the_same_event_again(site)
        await site.settled()
        assert (await kit.sims.calls("autotask"))["total"] == 0
        assert 1 <= sum((await read(kit)).values()) <= 2
        assert await downloads(kit) == []
        async with heard(customer):
            await site.act("post_message", message="One more thing.")
        await site.settled()
        assert (await kit.sims.calls("autotask"))["total"] == 1
        assert (await counts(customer))["writes_by_entity"] == {"TicketNotes": {"create": 1}}


async def test_a_list_that_is_not_whole_costs_one_call_more(kit: Kit) -> None:
    customer = await customer_with_events(kit)
    async with kit.worker():
        site = await assigned(customer)
        await kit.sims.call("PATCH", f"{kit.sims.field_nation}/_sim/settings", {"embedded_rows": 1})
        await hold(kit, is_held=True)
        await a_days_work(site)
        await start_counting(customer)
        async with heard(customer):
            await hold(kit, is_held=False)
        await site.settled()
        asked = await read(kit)
    assert Counter((entity, verb) for entity, verb, _ in await written(customer)) == NINE
    assert asked["GET workorders/{id}/time_logs"] == asked["GET workorders/{id}/messages"] == 1, asked


async def warm(customer: Customer) -> Site:
    """The second work order, after everything was read once for the first."""
    first = await assigned(customer)
    await a_days_work(first)
    await first.settled()
    await first.act("post_message", message="Thank you.")
    return await assigned(customer, 1)


async def a_days_work(site: Site) -> None:
    """Two visits, an approved expense, three messages, two files; then the work is done."""
    for hour in (14, 18):
        await site.act("check_in", at=f"2026-11-03T{hour}:00:00")
        await site.act("check_out", at=f"2026-11-03T{hour + 2}:30:00")
    expense = await site.act("add_expense", amount="19.99", description="Patch cables")
    await site.act("approve_expense", expense=expense["expense"])
    for words in ("On my way.", "On site.", "All done."):
        await site.act("post_message", message=words)
    for name in ("before.jpg", "after.jpg"):
        await site.act("upload", name=name, text=f"photo {name}")
    await site.act("complete")


async def hold(kit: Kit, *, is_held: bool) -> None:
    """Keeps events back, or lets all of them go at once."""
    base = f"{kit.sims.field_nation}/_sim"
    await kit.sims.call("PATCH", f"{base}/settings", {"webhook_hold": is_held})
    if not is_held:
        await kit.sims.call("POST", f"{base}/deliveries/release", {})


async def start_counting(customer: Customer) -> None:
    sims = customer.kit.sims
    await sims.forget_calls()
    await sims.call("DELETE", f"{sims.autotask}/_sim/writes")
    await sims.call("DELETE", f"{sims.field_nation}/_sim/files")


async def read(kit: Kit) -> Counter[str]:
    """Reads of work orders and their lists at Field Nation, by endpoint."""
    asked: dict[str, Any] = (await kit.sims.calls("field_nation"))["by_endpoint"]
    return Counter({name: count for name, count in asked.items() if name.startswith("GET workorders")})


async def downloads(kit: Kit) -> list[Any]:
    """Files that were fetched."""
    return list(await kit.sims.call("GET", f"{kit.sims.field_nation}/_sim/files"))


async def the_same_event_again(site: Site) -> None:
    """The same event once more, as a delivery of its own."""
    body = {"company": site.customer.company, "work_order": site.order, "event": "workorder.status.work_done"}
    await site.kit.sims.call("POST", f"{site.kit.sims.field_nation}/_sim/events", body)
