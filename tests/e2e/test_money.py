"""Hours and money that change: right in the end at both destinations, exact to the cent, in the customer's own days."""

import asyncio
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from app.simulators.autotask.seeding import SECOND_ROLE_ID
from tests.e2e.commands import broker
from tests.e2e.crash_kit import DATED
from tests.e2e.fact_kit import DAY, MODULE, codes, log, pairs, push, spend, standing, total_writes, verbs
from tests.e2e.kit import COMPLETE, Customer, Kit, merged
from tests.e2e.push_kit import DANA, OUTBOUND, SAM, Site
from tests.e2e.record_kit import applied, put, rows

DATED_ITEMS: dict[str, Any] = {**MODULE, "mappings": {"outbound": [*OUTBOUND, *DATED]}}
"""Expenses whose day is their description, in the expense module."""


async def test_what_is_locked_waits_and_is_written_once_it_is_unlocked(kit: Kit) -> None:
    charged, module = await asyncio.gather(pairs(kit, 5), pairs(kit, 2, file=MODULE))
    billed, denied, submitted, approved, posted = charged
    charges = [await spend(billed), await spend(denied)]
    entries = [await log(site) for site in (submitted, approved, posted)]
    items = [await spend(site) for site in module]
    customer, other = billed.customer, module[0].customer
    sites = [*charged, *module]
    async with kit.worker():
        await push(sites)
        await lock_money(customer, other, is_locked=True)
        for site, entry, state in zip((submitted, approved, posted), entries, STATES, strict=True):
            await lock_time(site, entry, state)
        await billed.act("edit_expense", expense=charges[0], amount="41.75")
        await denied.act("deny_expense", expense=charges[1])
        await submitted.act("edit_time_log", time_log=entries[0], out=f"{DAY}T16:30:00")
        await submitted.act("work_done")
        await submitted.act("approve")
        await approved.act("delete_time_log", time_log=entries[1])
        await posted.act("edit_time_log", time_log=entries[2], **{"in": f"{DAY}T14:00:00"})
        await module[0].act("edit_expense", expense=items[0], amount="41.75")
        await module[1].act("deny_expense", expense=items[1])
        before = await total_writes(customer), await total_writes(other)
        await push(sites)
        assert (await total_writes(customer), await total_writes(other)) == before
        assert await codes(submitted) == ["item_blocked", "status_withheld"]
        for site in (billed, denied, approved, posted, *module):
            assert await codes(site) == ["item_blocked"]
        await lock_money(customer, other, is_locked=False)
        for site, entry in zip((submitted, approved, posted), entries, strict=True):
            await lock_time(site, entry, "open")
        said = await broker(kit, "sync", customer.connection.name, *(site.order for site in charged), "--json")
        assert {row["result"] for row in said.json if row["part"] == "work order"} == {"written"}
        await push(module, "retry")
    assert {mark: one["unitPrice"] for mark, one in (await standing(customer, "TicketCharges")).items()} == {
        str(charges[0]): 41.75
    }
    times = await standing(customer, "TimeEntries")
    assert {mark: one["hoursWorked"] for mark, one in times.items()} == {str(entries[0]): 1.5, str(entries[2]): 2.0}
    amounts = [(await standing(other, "ExpenseItems"))[str(item)]["expenseCurrencyExpenseAmount"] for item in items]
    assert amounts == [41.75, 0.0]
    assert (await submitted.ticket_row())["status"] == COMPLETE
    assert [await codes(site) for site in sites] == [[]] * len(sites)


STATES = ("submitted", "approved", "posted")


async def lock_time(site: Site, log: int, state: str) -> None:
    """Autotask's back office does something with the entry of that log."""
    entry = (await standing(site.customer, "TimeEntries"))[str(log)]["id"]
    address = f"{site.kit.sims.autotask}/_sim/time-entries/{site.customer.ci}/{entry}"
    await site.kit.sims.call("POST", address, {"state": state})


async def lock_money(charged: Customer, module: Customer, *, is_locked: bool) -> None:
    """Every charge of the one is billed, and every report of the other submitted; or neither."""
    sims = charged.kit.sims
    for charge in await rows(charged, "TicketCharges"):
        await sims.call("POST", f"{sims.autotask}/_sim/charges/{charged.ci}/{charge['id']}", {"billed": is_locked})
    for report in await rows(module, "ExpenseReports"):
        status = {"status": "submitted"} if is_locked else {"status": "rejected", "reason": "Correct it, please"}
        await sims.call("POST", f"{sims.autotask}/_sim/expense-reports/{module.ci}/{report['id']}", status)


async def test_a_charge_that_may_not_be_deleted_costs_nothing_until_it_is_approved_again(kit: Kit) -> None:
    kept, gone = await pairs(kit, 2)
    customer, sims = kept.customer, kit.sims
    rights = {"permissions": {"TicketCharges": {"delete": "None"}}}
    await sims.call("PATCH", f"{sims.autotask}/_sim/users/{customer.username}", rights)
    denied, removed = await spend(kept), await spend(gone)
    async with kit.worker():
        await push([kept, gone])
        await kept.act("deny_expense", expense=denied)
        await gone.act("remove_expense", expense=removed)
        await push([kept, gone])
        for charge in (await standing(customer, "TicketCharges")).values():
            assert (charge["unitPrice"], charge["unitCost"], charge["isBillableToCompany"]) == (0.0, 0.0, False)
            assert "Removed at Field Nation" in charge["description"]
        await kept.act("edit_expense", expense=denied, amount="12.34")
        await kept.act("approve_expense", expense=denied)
        await push([kept, gone])
    back = (await standing(customer, "TicketCharges"))[str(denied)]
    assert (back["unitPrice"], back["unitCost"], back["isBillableToCompany"]) == (12.34, 12.34, True)
    assert back["description"] == "Parking"
    assert await verbs(customer, "TicketCharges") == {
        str(denied): ["create", "update", "update"], str(removed): ["create", "update"],
    }  # fmt: skip
    assert await codes(kept) == await codes(gone) == []


async def test_items_go_to_the_open_report_of_their_submitter_and_week(kit: Kit) -> None:
    days = {
        "2026-03-03": "2026-03-07",
        "2026-03-07": "2026-03-07",
        "2026-03-08": "2026-03-14",
        "2026-03-17": "2026-03-21",
    }
    sites = await pairs(kit, len(days) + 1, file=DATED_ITEMS)
    customer, sims = sites[0].customer, kit.sims
    submitted, foreign, open_one, filling = await put(customer, ExpenseReports=[
        report("Sent in", "2026-03-07", status=2), report("Sam's own", "2026-03-07", submitter=SAM),
        report("Dana's own", "2026-03-07"), report("Dana's last", "2026-03-21"),
    ])  # fmt: skip
    closes = {"status": "submitted", "after_items": 1}
    await sims.call("POST", f"{sims.autotask}/_sim/expense-reports/{customer.ci}/{filling}", closes)
    for site, day in zip(sites, [*days, "2026-03-18"], strict=True):
        await spend(site, description=day)
    async with kit.worker():
        await push(sites)
    items = list((await standing(customer, "ExpenseItems")).values())
    by_day = {one["expenseDate"][:10]: one["expenseReportID"] for one in items}
    assert by_day["2026-03-03"] == by_day["2026-03-07"] == open_one
    reports = {one["id"]: one for one in await rows(customer, "ExpenseReports")}
    made = set(reports) - {submitted, foreign, open_one, filling}
    assert {by_day["2026-03-08"]} | ({by_day["2026-03-17"], by_day["2026-03-18"]} - {filling}) == made
    assert filling in (by_day["2026-03-17"], by_day["2026-03-18"])
    assert sorted((one["submitterID"], one["weekEnding"][:10]) for id, one in reports.items() if id in made) == [
        (DANA, "2026-03-14"), (DANA, "2026-03-21"),
    ]  # fmt: skip
    assert [await codes(site) for site in sites] == [[]] * len(sites)


def report(name: str, week: str, *, submitter: int = DANA, status: int = 1) -> dict[str, Any]:
    return {"name": name, "submitterID": submitter, "weekEnding": f"{week}T00:00:00Z", "status": status}


AMOUNTS = [("0.10", 3, "0.10", "0.3"), ("0.20", 1, "0.20", "0.2"), ("2469.13", 0.5, "2469.13", "1234.565"),
           ("19.99", 1.5, "19.99", "29.985"), ("999999999.99", 1, "999999999.99", "999999999.99")]  # fmt: skip
"""Amount and quantity at Field Nation, and what they come to where the amount is the line's, or the unit's."""
MINUTES = {6: "0.1", 12: "0.2", 18: "0.3", 20: "0.3333", 115: "1.9167"}


async def test_amounts_and_hours_are_exact_and_carry_the_mark_of_their_fact(kit: Kit) -> None:
    unit: dict[str, Any] = {"expenses": {"amount": "unit"}}
    found = await asyncio.gather(*(pairs(kit, 1, file=file) for file in ({}, unit, MODULE, merged(unit, MODULE))))
    sites = [site for one in found for site in one]
    entries = {await log(sites[0], 9 + n, minutes): hours for n, (minutes, hours) in enumerate(MINUTES.items())}
    wanted = {site.customer.ci: dict[str, Decimal]() for site in sites}
    for amount, quantity, line, total in AMOUNTS:
        for site in sites:
            made = await spend(site, amount, quantity=quantity)
            is_unit = site.customer.connection.file.expenses.amount == "unit"
            wanted[site.customer.ci][f"(#{made})"] = Decimal(total if is_unit else line)
    async with kit.worker():
        await push(sites)
    for site in sites[:2]:
        for field in ("unitPrice", "unitCost"):
            assert await sent(site.customer, "TicketCharges", "notes", field) == wanted[site.customer.ci]
    for site in sites[2:]:
        for field in ("expenseCurrencyExpenseAmount", "internalCurrencyExpenseAmount"):
            assert await sent(site.customer, "ExpenseItems", "purchaseOrderNumber", field) == wanted[site.customer.ci]
    hours = await sent(sites[0].customer, "TimeEntries", "internalNotes", "hoursWorked")
    assert hours == {f"(#{entry})": Decimal(worked) for entry, worked in entries.items()}


async def sent(customer: Customer, entity: str, marked: str, field: str) -> dict[str, Decimal]:
    """What the broker sent as the field, digit by digit, by the mark with which the marked field begins."""
    url = f"{customer.kit.sims.autotask}/_sim/writes?database={customer.ci}&entity={entity}&client=broker/"
    written = await customer.kit.sims.call("GET", url)
    return {one["body"][marked].partition(" ")[0]: Decimal(repr(one["body"][field])) for one in written}


async def test_a_changed_file_rewrites_nothing_until_somebody_asks(kit: Kit) -> None:
    (site,), (module,) = await asyncio.gather(pairs(kit, 1), pairs(kit, 1, file=MODULE))
    customer, other = site.customer, module.customer
    entry, charge, item = await log(site), await spend(site), await spend(module)
    later = {"time_entries": {"role_id": SECOND_ROLE_ID}, "expenses": {"billable": False, "expense_category": 5}}
    outbound = [
        *OUTBOUND,
        {"target": "TimeEntry.[0].SummaryNotes", "action": "set_static", "value": "Under another mapping"},
        {"source": "expenses[0].category", "target": "TicketCost.[0].Name", "action": "sync"},
    ]
    async with kit.worker():
        await push([site, module])
        before = await total_writes(customer), await total_writes(other)
        for one, money in ((customer, ""), (other, "charge")):
            moved = {"expenses": {"additional_charges": money}, "mappings": {"outbound": outbound}}
            assert (await applied(one, merged(later, moved))).is_stored
        await push([site, module])
        assert (await total_writes(customer), await total_writes(other)) == before
        await site.act("edit_expense", expense=charge, amount="50.25")
        await push([site])
        edited = (await standing(customer, "TicketCharges"))[str(charge)]
        assert (edited["unitPrice"], edited["isBillableToCompany"], edited["name"]) == (50.25, True, "Parking")
        await push([site, module], "resync")
    time = (await standing(customer, "TimeEntries"))[str(entry)]
    assert (time["roleID"], time["summaryNotes"]) == (SECOND_ROLE_ID, "Under another mapping")
    charged = (await standing(customer, "TicketCharges"))[str(charge)]
    assert (charged["isBillableToCompany"], charged["name"]) == (False, "Uncategorized")
    assert (await standing(other, "ExpenseItems"))[str(item)]["expenseCategory"] == 5
    assert await rows(customer, "ExpenseItems") == await rows(other, "TicketCharges") == []


ZONES: dict[str, list[tuple[str, str, list[tuple[str, str, str, str]]]]] = {
    "America/New_York": [
        ("2026-11-01T03:00:00", "2026-11-01T07:00:00", [  # the night the clocks go back, over midnight
            ("/2026-10-31", "2026-11-01T03:00:00Z", "2026-11-01T04:00:00Z", "1.0"),
            ("/2026-11-01", "2026-11-01T04:00:00Z", "2026-11-01T07:00:00Z", "3.0"),
        ]),
        ("2026-11-01T04:00:00", "2026-11-02T05:00:00", [  # all 25 hours of that day
            ("/2026-11-01", "2026-11-01T04:00:00Z", "2026-11-01T17:00:00Z", "13.0"),
            ("/2026-11-01/2", "2026-11-01T17:00:00Z", "2026-11-02T05:00:00Z", "12.0"),
        ]),
    ],
    "Europe/London": [
        ("2026-03-29T00:30:00", "2026-03-29T01:30:00", [  # the hour after one o'clock that there is not
            ("", "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z", "1.0"),
        ]),
        ("2026-10-24T22:30:00", "2026-10-25T01:30:00", [
            ("/2026-10-24", "2026-10-24T22:30:00Z", "2026-10-24T23:00:00Z", "0.5"),
            ("/2026-10-25", "2026-10-24T23:00:00Z", "2026-10-25T01:30:00Z", "2.5"),
        ]),
    ],
    "Australia/Sydney": [
        ("2026-10-03T13:00:00", "2026-10-03T17:00:00", [  # the night the clocks go forward
            ("/2026-10-03", "2026-10-03T13:00:00Z", "2026-10-03T14:00:00Z", "1.0"),
            ("/2026-10-04", "2026-10-03T14:00:00Z", "2026-10-03T17:00:00Z", "3.0"),
        ]),
        ("2026-11-02T20:00:00", "2026-11-03T22:00:00", [  # more than a day
            ("/2026-11-03", "2026-11-02T20:00:00Z", "2026-11-03T13:00:00Z", "17.0"),
            ("/2026-11-04", "2026-11-03T13:00:00Z", "2026-11-03T22:00:00Z", "9.0"),
        ]),
    ],
}  # fmt: skip
"""Windows in UTC by the customer's zone, and the entries they become: end of the key, start, end, hours."""


async def test_time_and_money_stand_on_the_days_of_the_customer_s_own_zone(kit: Kit) -> None:
    sites = {zone: (await pairs(kit, 1, file=in_zone(zone), autotask={"home_zone": zone}))[0] for zone in ZONES}
    began_at = await now(kit)
    logs = {zone: [await window(site, *one[:2]) for one in ZONES[zone]] for zone, site in sites.items()}
    charges = {zone: await spend(site) for zone, site in sites.items()}
    async with kit.worker():
        await push(sites.values())
        for zone, site in sites.items():
            assert await entries_of(site) == {
                f"{id}{end}": (end[1:11] or start[:10], start, until, hours)
                for id, (_, _, parts) in zip(logs[zone], ZONES[zone], strict=True)
                for end, start, until, hours in parts
            }
            days = {moment.astimezone(ZoneInfo(zone)).date().isoformat() for moment in (began_at, await now(kit))}
            assert (await standing(site.customer, "TicketCharges"))[str(charges[zone])]["datePurchased"][:10] in days
        for zone, site in sites.items():
            first = ZONES[zone][-1][2][0]
            await site.act("edit_time_log", time_log=logs[zone][-1], out=first[2].removesuffix("Z"))
        await push(sites.values())
    for zone, site in sites.items():
        left = await entries_of(site)
        whole, cut = [f"{logs[zone][-1]}{part[0]}" for part in ZONES[zone][-1][2]]
        assert (whole in left, cut in left) == (True, False)
        assert await codes(site) == []


async def now(kit: Kit) -> datetime:
    """The time at our own database, in UTC."""
    moment: datetime = (await kit.rows("SELECT clock_timestamp() AS now"))[0]["now"]
    return moment


def in_zone(zone: str) -> dict[str, Any]:
    return {"time_zone": zone, "time_entries": {"split_at_midnight": True}}


async def window(site: Site, start: str, end: str) -> int:
    """A closed time log of that window in UTC; its id."""
    return int((await site.act("add_time_log", **{"in": start, "out": end}))["time_log"])


async def entries_of(site: Site) -> dict[str, tuple[str, str, str, str]]:
    """Day, start, end and hours of the entries at the ticket, by their mark."""
    return {
        mark: (one["dateWorked"][:10], one["startDateTime"], one["endDateTime"], str(one["hoursWorked"]))
        for mark, one in (await standing(site.customer, "TimeEntries")).items()
    }
