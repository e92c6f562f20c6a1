"""Moving over from the old connector: what it wrote is taken in by its marks, nothing is written twice, edits go on."""

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.e2e.commands import broker
from tests.e2e.kit import COMPLETE, Customer, Kit, merged
from tests.e2e.push_kit import DANA, DANAS_ROLE, FILE, MATERIAL, OUTBOUND, WORK_DONE, Site
from tests.e2e.record_kit import new_order, put, row, written

FIRST = {"in": "2026-11-02T15:00:00", "out": "2026-11-02T17:30:00"}
SECOND = {"in": "2026-11-03T15:00:00", "out": "2026-11-03T16:00:00"}
THIRD = {"in": "2026-11-04T15:00:00", "out": "2026-11-04T16:00:00"}
LATER = "2026-11-02T18:00:00"


async def test_what_the_old_connector_wrote_is_taken_in_and_edits_go_to_it(kit: Kit, tmp_path: Path) -> None:
    customer = await old_customer(kit, tickets=2)
    async with kit.worker():
        by_hand, by_file = [await moved(customer, ticket) for ticket in customer.tickets]
        name, file = customer.connection.name, tmp_path / "pairs.csv"
        file.write_text(f"ticket,work_order\n{by_file.site.ticket},{by_file.site.order}\n")
        await broker(kit, "link", "add", name, by_hand.site.ticket, by_hand.site.order)
        await broker(kit, "link", "import", name, file)
        await a_minute_later(kit, *(one.site.act("post_message", message="New here.") for one in (by_hand, by_file)))
        await asyncio.gather(by_hand.site.push(), by_file.site.push())
        assert [(entity, verb) for entity, verb, _ in await written(customer)] == [("TicketNotes", "create")] * 2
        for one in (by_hand, by_file):
            assert [f"message {one.made['unsaid']};" in text for text in await counted(one.site, "note")] == [True]
            assert ["(after.jpg);" in text for text in await counted(one.site, "attachment")] == [True]
            assert [await counted(one.site, kind) for kind in ("time_entry", "charge")] == [[], []]
        await asyncio.gather(*(edited(one) for one in (by_hand, by_file)))
        await asyncio.gather(by_hand.site.push(), by_file.site.push())
        for one in (by_hand, by_file):
            await check_edits(one)
    assert len(await customer.orders()) == 2


async def test_expense_items_of_the_old_connector_are_changed_in_their_report(kit: Kit) -> None:
    customer = await old_customer(kit, file={"expenses": {"additional_charges": ""}})
    async with kit.worker():
        site = await worked_on(customer, customer.tickets[0])
        expense = await approved(site, "Parking", "12.50")
        report = {"id": 901, "name": "Week 45", "submitterID": DANA, "weekEnding": "2026-11-21T00:00:00", "status": 1}
        item = {
            "id": 902, "expenseReportID": 901, "ticketID": site.ticket, "description": f"(#{expense}) Parking",
            "expenseCurrencyExpenseAmount": 12.5, "internalCurrencyExpenseAmount": 12.5, "expenseCategory": 2,
            "paymentType": 1, "expenseDate": "2026-11-18T00:00:00", "haveReceipt": False,
        }  # fmt: skip
        await put(customer, ExpenseReports=[report], ExpenseItems=[item])
        await broker(kit, "link", "add", customer.connection.name, site.ticket, site.order)
        await site.push()
        assert await written(customer) == []
        await site.act("edit_expense", expense=expense, amount="15.00")
        await site.push()
    assert await written(customer) == [("ExpenseItems", "update", 902)]
    assert (await row(customer, "ExpenseItems", 902))["expenseCurrencyExpenseAmount"] == 15


async def test_a_record_that_is_behind_its_fact_is_brought_up_to_date_and_a_double_one_waits(kit: Kit) -> None:
    customer = await old_customer(kit)
    async with kit.worker():
        site = await worked_on(customer, customer.tickets[0])
        behind, double = [(await site.act("add_time_log", **window))["time_log"] for window in (FIRST, SECOND)]
        standing = [entry(site, SECOND, internalNotes=f"(#{behind})"), entry(site, SECOND, summaryNotes=f"(#{double})")]
        first, *_ = await put(customer, TimeEntries=[*standing, standing[1]])
        await broker(kit, "link", "add", customer.connection.name, site.ticket, site.order)
        await site.push()
        findings = await site.findings()
    assert await written(customer) == [("TimeEntries", "update", first)]
    changed = await row(customer, "TimeEntries", first)
    assert (changed["hoursWorked"], changed["startDateTime"][:19]) == (2.5, FIRST["in"])
    (doubt,) = [one for one in findings if one["severity"] == "error"]
    assert (doubt["code"], doubt["field"]) == ("item_quarantined", f"time_entry/{double}")


async def test_a_baseline_writes_nothing_says_what_it_did_not_find_and_edits_go_on(kit: Kit) -> None:
    customer = await old_customer(kit)
    name = customer.connection.name
    async with kit.worker():
        site = await worked_on(customer, customer.tickets[0])
        logs = [(await site.act("add_time_log", **window))["time_log"] for window in (FIRST, SECOND, THIRD)]
        standing = [entry(site, THIRD, internalNotes=f"(#{logs[0]})"), entry(site, SECOND)]
        marked, alike = await put(customer, TimeEntries=standing)
        await site.act("post_message", message="Said long ago.")
        await site.act("complete", closing_notes="Done long ago.")
        await broker(kit, "link", "add", name, site.ticket, site.order)
        said = (await broker(kit, "baseline", name, "--json")).json
        assert said["results"][0]["result"] == "unchanged"
        assert await written(customer) == []
        assert {one["field"]: one["text"] for one in said["findings"] if one["code"] == "counted_as_sent"}.keys() == {
            "time_entry", "note",
        }  # fmt: skip
        assert [f"time log {logs[2]}" in text for text in await counted(site, "time_entry")] == [True]
        for log in logs[1:]:
            await site.act("edit_time_log", time_log=log, out="2026-11-05T02:00:00")
        await site.act("edit_time_log", time_log=logs[1], out="2026-11-03T17:00:00")
        await site.act("approve")
        await site.push()
        findings = await site.findings()
    ticket = ("Tickets", "update", site.ticket)
    assert await written(customer) == [("TimeEntries", "update", alike), ticket]
    assert (await row(customer, "TimeEntries", alike))["hoursWorked"] == 2
    assert (await row(customer, "TimeEntries", marked))["hoursWorked"] == 1
    (unknown,) = [one for one in findings if one["code"] == "no_record_to_change"]
    assert unknown["field"] == f"time_entry/{logs[2]}"
    assert (await site.ticket_row())["status"] == COMPLETE


@dataclass(frozen=True, slots=True)
class Moved:
    """A work order with what the old connector wrote of it: ids made at Field Nation, and ids in Autotask."""

    site: Site
    made: dict[str, int]
    old: dict[str, int]


async def old_customer(kit: Kit, *, tickets: int = 1, file: dict[str, Any] | None = None) -> Customer:
    """A customer whose work orders and records are another connector's."""
    parts = merged(FILE, {"mappings": {"outbound": OUTBOUND}})
    return await kit.customer(tickets=tickets, file=merged(parts, file or {}))


async def worked_on(customer: Customer, ticket: int) -> Site:
    """A work order that the broker did not make, with a provider."""
    site = Site(customer, await new_order(customer, f"Job of the old connector for {ticket}"), ticket)
    await site.act("publish")
    await site.act("accept")
    return site


async def moved(customer: Customer, ticket: int) -> Moved:
    """Everything on it was sent, but for one message and one file; the ticket has its fields and status, too."""
    site = await worked_on(customer, ticket)
    made = {
        "first": (await site.act("add_time_log", **FIRST))["time_log"],
        "second": (await site.act("add_time_log", **SECOND))["time_log"],
        "parking": await approved(site, "Parking", "12.50"),
        "cables": await approved(site, "Cables", "48.25"),
        "said": (await site.act("post_message", message="Arrived."))["message"],
        "unsaid": (await site.act("post_message", message="Nobody passed this on."))["message"],
        "before": (await site.act("upload", name="before.jpg", text="how it was"))["attachment"],
        "after": (await site.act("upload", name="after.jpg", text="how it is"))["attachment"],
    }
    await site.act("complete", closing_notes="Fan tray swapped.")
    await customer.edit(ticket, resolution="Fan tray swapped.", status=WORK_DONE)
    ids = await put(
        customer,
        TimeEntries=[
            entry(site, FIRST, internalNotes=f"(#{made['first']})"),
            entry(site, SECOND, summaryNotes=f"(#{made['second']}) Swapped the fan tray"),
        ],
        TicketCharges=[
            charge(site, 12.5, notes=f"(#{made['parking']})"),
            charge(site, 48.25, description=f"(#{made['cables']}) Cables"),
        ],
        TicketNotes=[
            {"ticketID": ticket, "title": "Field Nation", "description": "Arrived.", "noteType": 3, "publish": 2},
        ],
        TicketAttachments=[
            {"ticketID": ticket, "parentID": ticket, "title": "before.jpg", "fullPath": "before.jpg", "fileSize": 10,
             "attachmentType": "FILE_ATTACHMENT", "publish": 2},
        ],
    )  # fmt: skip
    return Moved(site, made, dict(zip(("first", "second", "parking", "cables", "said", "before"), ids, strict=True)))


def entry(site: Site, window: dict[str, str], **notes: str) -> dict[str, Any]:
    """A time entry as the old connector left it."""
    hours = (int(window["out"][11:13]) * 60 + int(window["out"][14:16]) - int(window["in"][11:13]) * 60) / 60
    return {
        "ticketID": site.ticket, "resourceID": DANA, "roleID": DANAS_ROLE, "hoursWorked": hours, "timeEntryType": 2,
        "startDateTime": f"{window['in']}Z", "endDateTime": f"{window['out']}Z", "dateWorked": window["in"][:10],
        "summaryNotes": "On site", "internalNotes": "", **notes,
    }  # fmt: skip


def charge(site: Site, amount: float, **texts: str) -> dict[str, Any]:
    """A charge as the old connector left it."""
    return {
        "ticketID": site.ticket, "name": "Expense", "chargeType": 1, "billingCodeID": MATERIAL, "unitQuantity": 1,
        "unitPrice": amount, "unitCost": amount, "isBilled": False, "isBillableToCompany": True,
        "datePurchased": "2026-11-02", "notes": "", "description": "", **texts,
    }  # fmt: skip


async def approved(site: Site, description: str, amount: str) -> int:
    expense = int((await site.act("add_expense", description=description, amount=amount))["expense"])
    await site.act("approve_expense", expense=expense)
    return expense


async def edited(one: Moved) -> None:
    """Both visits, one expense, the closing words and a file change; the other expense is denied."""
    site, made = one.site, one.made
    await site.act("edit_time_log", time_log=made["first"], out=LATER)
    await site.act("edit_time_log", time_log=made["second"], out="2026-11-03T17:00:00")
    await site.act("edit_expense", expense=made["parking"], amount="15.00")
    await site.act("deny_expense", expense=made["cables"])
    await site.act("closing_notes", closing_notes="Fan tray swapped and tested.")
    await site.act("replace_file", attachment=made["before"], text="how it really was")


async def check_edits(one: Moved) -> None:
    """Each edit went to the record of the old connector, and nothing else was made but the changed file."""
    customer, old, ticket = one.site.customer, one.old, one.site.ticket
    writes = set(await written(customer))
    assert {
        ("TimeEntries", "update", old["first"]),
        ("TimeEntries", "update", old["second"]),
        ("TicketCharges", "update", old["parking"]),
        ("TicketCharges", "delete", old["cables"]),
        ("TicketAttachments", "delete", old["before"]),
        ("Tickets", "update", ticket),
    } <= writes
    assert {(entity, verb) for entity, verb, _ in writes if verb == "create"} == {
        ("TicketNotes", "create"),
        ("TicketAttachments", "create"),
    }
    assert Decimal(str((await row(customer, "TimeEntries", old["first"]))["hoursWorked"])) == 3
    second = await row(customer, "TimeEntries", old["second"])
    assert (second["hoursWorked"], second["summaryNotes"]) == (2, f"(#{one.made['second']}) Swapped the fan tray")
    assert len(await one.site.records("TimeEntries")) == 2
    assert [charge["unitPrice"] for charge in await one.site.records("TicketCharges")] == [15]
    assert [file["fullPath"] for file in await one.site.records("TicketAttachments")] == ["before.jpg"]
    assert [note["description"] for note in await one.site.records("TicketNotes")] == ["Arrived.", "New here."]
    standing = await one.site.ticket_row()
    assert (standing["resolution"], standing["status"]) == ("Fan tray swapped and tested.", WORK_DONE)


async def counted(site: Site, kind: str) -> list[str]:
    """What was said of facts of that kind of which no record was found."""
    records = {f"work_order:{site.order}", f"work_order_files:{site.order}"}
    found = [one for one in await site.findings() if one["record"] in records and one["code"] == "counted_as_sent"]
    return [str(one["text"]) for one in found if one["field"] == kind]


async def a_minute_later(kit: Kit, *acts: Any) -> None:
    """Does things when the clock of Field Nation, which counts in seconds, is surely past the making of a pair."""
    clock = f"{kit.sims.field_nation}/_sim/clock"
    await kit.sims.call("POST", clock, {"advance_s": 60})
    await asyncio.gather(*acts)
    await kit.sims.call("POST", clock, {"advance_s": -60})
