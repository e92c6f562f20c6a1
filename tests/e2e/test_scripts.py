"""Custom actions on real tickets and work orders; and one customer's bad script is that customer's alone."""

import statistics
import time
from typing import Any

from tests.e2e.kit import Customer, Kit, mapping
from tests.e2e.push_kit import FILE, Site, customer_with_events

NOTE = """
local site = $.util.lookup_field($.input, 'Account.AccountName', 'nowhere');
std.trace('site is ' + site, 'For %s, priority %s' % [site, $.input.priority])
"""
ENDLESS = "std.foldl(function(a, b) a + b, std.range(1, 1e9), 0)"


def scripted(target: str, script: str) -> dict[str, Any]:
    return {"target": target, "action": "custom", "script": script}


async def findings(customer: Customer) -> list[str]:
    rows = await customer.kit.desk.records.findings(connection=customer.connection.name)
    return [str(row["code"]) for row in rows]


async def test_a_script_sees_related_records_by_their_old_names_and_its_trace_is_kept_with_the_run(kit: Kit) -> None:
    customer = await kit.customer(inbound=mapping(scripted("schedule.schedule_note", NOTE)))
    async with kit.worker():
        await customer.trigger()
        await kit.settled()
    (order,) = await customer.orders()
    assert order["schedule"]["note"].startswith("For Northwind Retail, priority ")
    (run,) = await kit.rows("SELECT trace, version FROM runs WHERE kind = 'import_ticket'")
    assert "mappings.inbound[8]" in run["trace"]
    assert "site is Northwind Retail" in run["trace"]
    assert run["version"] == 1


async def test_a_script_of_a_time_entry_is_run_for_every_part_and_writes_once(kit: Kit) -> None:
    outbound = [scripted("TimeEntry.[0].SummaryNotes", "'%s: %s h' % [$.item.provider, $.item.HoursWorked]")]
    customer = await customer_with_events(kit, file={**FILE, "mappings": {"outbound": outbound}})
    async with kit.worker():
        await customer.trigger()
        await kit.settled()
        (order,) = await customer.orders()
        site = Site(customer, int(order["id"]), customer.tickets[0])
        await site.act("assign")
        await site.act("add_time_log", **{"in": "2026-11-02T15:00:00", "out": "2026-11-02T17:00:00"})
        await site.push()
    (entry,) = await site.records("TimeEntries")
    assert entry["summaryNotes"].endswith(": 2 h")


async def test_one_customers_endless_script_is_a_finding_and_delays_nobody_else(kit: Kit) -> None:
    quiet = await kit.customer(tickets=6)
    async with kit.worker():
        alone = await latencies(quiet)
        loud = await kit.customer(tickets=6, inbound=mapping(scripted("schedule.schedule_note", ENDLESS)))
        await loud.trigger()
        beside = await latencies(quiet)
        await kit.settled(60)
    assert "script_over_limit" in await findings(loud)
    assert len(await loud.orders()) == 6
    assert "script_over_limit" not in await findings(quiet)
    # A script has a second of its own each time: who waits for one of them would be that much later.
    assert statistics.median(beside) < statistics.median(alone) + 1


async def latencies(customer: Customer) -> list[float]:
    """Seconds from a trigger to its outcome, for three tickets one after another."""
    taken = []
    for ticket in customer.tickets[:3]:
        began = time.monotonic()
        (accepted,) = await customer.trigger(ticket)
        while await waits(customer, accepted["ticket"]):
            await customer.kit.wiring.clock.sleep(0.02)
        taken.append(time.monotonic() - began)
    return taken


async def waits(customer: Customer, ticket: str) -> bool:
    rows = await customer.kit.rows(
        "SELECT count(*) AS n FROM receipts r JOIN jobs j ON j.id = r.job_id "
        "WHERE j.connection_id = :id AND j.key = :key AND r.outcome IS NULL",
        id=customer.connection.id,
        key=str(ticket),
    )
    return bool(rows[0]["n"])
