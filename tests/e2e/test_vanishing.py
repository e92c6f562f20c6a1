"""What vanishes at Field Nation: the right end each time, and nothing is deleted that was only unseen."""

import asyncio
from typing import Any

import pytest

from tests.e2e.commands import broker
from tests.e2e.fact_kit import (
    DAY,
    MODULE,
    codes,
    log,
    looked,
    pairs,
    push,
    rest,
    settings,
    spend,
    standing,
    total_writes,
    upload,
    verbs,
)
from tests.e2e.kit import Customer, Kit, until

CLEARED = ["create", "delete"]


async def test_a_deletion_is_believed_after_two_looks_and_a_denial_at_once(kit: Kit) -> None:
    charged, module = await asyncio.gather(pairs(kit, 4), pairs(kit, 2, file=MODULE))
    time, spent, denied, filed = charged
    entry, charge, refused = await log(time), await spend(spent), await spend(denied)
    file, _ = await upload(filed)
    items = [await spend(site) for site in module]
    sites = [*charged, *module]
    async with kit.worker():
        await push(sites)
        await time.act("delete_time_log", time_log=entry)
        await spent.act("remove_expense", expense=charge)
        await denied.act("deny_expense", expense=refused)
        await filed.act("delete_file", attachment=int(file.partition("/")[2]))
        await module[0].act("remove_expense", expense=items[0])
        await module[1].act("deny_expense", expense=items[1])
        await looked(sites, missing=4)
        customer, other = time.customer, module[0].customer
        assert set(await standing(customer, "TimeEntries")) == {str(entry)}
        assert set(await standing(customer, "TicketAttachments")) == {file}
        assert (await standing(customer, "TicketCharges"))[str(charge)]["unitPrice"] == 40.1
        assert (await standing(other, "ExpenseItems"))[str(items[0])]["expenseCurrencyExpenseAmount"] == 40.1
        await until(lambda: has_verbs(customer, "TicketCharges", refused, CLEARED))
        await rest(kit)
    assert await verbs(customer, "TimeEntries") == {str(entry): CLEARED}
    assert await verbs(customer, "TicketCharges") == {str(charge): CLEARED, str(refused): CLEARED}
    assert await verbs(customer, "TicketAttachments") == {file: CLEARED}
    for entity in ("TimeEntries", "TicketCharges", "TicketAttachments"):
        assert await standing(customer, entity) == {}
    assert await verbs(other, "ExpenseItems") == {str(item): ["create", "update"] for item in items}
    left = await standing(other, "ExpenseItems")
    assert [one["expenseCurrencyExpenseAmount"] for one in left.values()] == [0.0, 0.0]
    assert all("Removed at Field Nation" in one["description"] for one in left.values())


async def has_verbs(customer: Customer, entity: str, mark: int, wanted: list[str]) -> bool:
    return (await verbs(customer, entity)).get(str(mark)) == wanted


async def test_a_deleted_work_order_takes_nothing_with_it_whatever_field_nation_answers(kit: Kit) -> None:
    sites = await pairs(kit, 7)
    deleted, called_off, customer = sites[:6], sites[6], sites[0].customer
    entries = [await log(site) for site in sites]
    expenses = [await spend(site) for site in sites]
    files = [(await upload(site))[0] for site in sites]
    async with kit.worker():
        await push(sites)
        before = await total_writes(customer)
        for site, entry in zip(deleted[:3], entries, strict=False):
            await site.act("delete_time_log", time_log=entry)
        await looked(deleted[:3], missing=3)
        for site in deleted:
            await site.act("delete")
        await called_off.act("cancel")
        await called_off.act("delete_time_log", time_log=entries[6])
        await called_off.act("deny_expense", expense=expenses[6])
        await push([called_off])
        for number, answer in enumerate(("404", "401", "object")):
            await settings(kit, deleted_work_order_answer=answer)
            await push([deleted[number], deleted[number + 3]])
    assert await total_writes(customer) == before
    assert set(await standing(customer, "TimeEntries")) == set(map(str, entries))
    assert set(await standing(customer, "TicketCharges")) == set(map(str, expenses))
    assert set(await standing(customer, "TicketAttachments")) == set(files)
    assert [await codes(site) for site in deleted] == [["work_order_gone"]] * 6
    assert await codes(called_off) == []


CUTS: dict[str, tuple[dict[str, Any], bool]] = {
    "first rows, and the true total": ({"embedded_rows": 1}, True),
    "first rows, and a total that lies": ({"embedded_rows": 1, "embedded_total_lies": True}, True),
    "pages that never come": ({"embedded_rows": 1, "sublist_per_page_cap": 2, "sublist_drops_pages": True}, False),
    "a total that sinks": (
        {"embedded_rows": 1, "sublist_per_page_cap": 2, "sublist_drops_pages": True, "sublist_total_sinks": True},
        False,
    ),
}
"""Switches that cut lists short, and whether what is really gone can be told from what is only not shown."""


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS.keys())
async def test_a_list_that_is_cut_short_deletes_nothing_but_what_is_gone(
    kit: Kit, cut: tuple[dict[str, Any], bool]
) -> None:
    switches, can_be_told = cut
    site, module = (await pairs(kit, 1))[0], (await pairs(kit, 1, file=MODULE))[0]
    logs = [await log(site, hour) for hour in (14, 16, 18, 20)]
    charges = [await spend(site, f"{n}.10") for n in range(1, 5)]
    files = [(await upload(site, f"{n}.txt"))[0] for n in range(4)]
    items = [await spend(module, f"{n}.10") for n in range(1, 5)]
    customer = site.customer
    async with kit.worker():
        await push([site, module])
        await settings(kit, **switches)
        await site.act("delete_time_log", time_log=logs[3])
        for _ in range(1 if can_be_told else 2):
            await push([site, module])
    kept = logs[:3] if can_be_told else logs
    assert set(await standing(customer, "TimeEntries")) == set(map(str, kept))
    assert set(await standing(customer, "TicketCharges")) == set(map(str, charges))
    assert set(await standing(customer, "TicketAttachments")) == set(files)
    left = await standing(module.customer, "ExpenseItems")
    assert {mark: one["expenseCurrencyExpenseAmount"] for mark, one in left.items()} == {
        str(item): float(f"{n}.1") for n, item in enumerate(items, 1)
    }
    written = [one for name in ("TimeEntries", "TicketCharges", "TicketAttachments") for one in (
        await verbs(customer, name)).values()]  # fmt: skip
    assert sorted(written) == sorted([["create"]] * 11 + [CLEARED if can_be_told else ["create"]])


async def test_what_comes_back_is_there_once(kit: Kit) -> None:
    (site, reopened), (module,) = await asyncio.gather(pairs(kit, 2), pairs(kit, 1, file=MODULE))
    sites, customer = [site, reopened, module], site.customer
    charge, item, entry = await spend(site), await spend(module), await log(reopened)
    unseen = [await log(site, hour) for hour in (15, 17)]
    async with kit.worker():
        await push(sites)
        await site.act("deny_expense", expense=charge)
        await module.act("deny_expense", expense=item)
        await reopened.act("edit_time_log", time_log=entry, out=None)
        await settings(kit, embedded_rows=1, embedded_total_lies=True)
        await looked(sites, missing=1)
        await settings(kit, embedded_rows=None, embedded_total_lies=False)
        await rest(kit)
        assert await standing(customer, "TicketCharges") == {}
        for one, expense in ((site, charge), (module, item)):
            await one.act("approve_expense", expense=expense)
        await reopened.act("edit_time_log", time_log=entry, out=f"{DAY}T18:00:00")
        await push(sites)
    assert await verbs(customer, "TicketCharges") == {str(charge): ["create", "delete", "create"]}
    assert set(await standing(customer, "TicketCharges")) == {str(charge)}
    assert await verbs(customer, "TimeEntries") == {
        str(entry): ["create", "update"], str(unseen[0]): ["create"], str(unseen[1]): ["create"],
    }  # fmt: skip
    assert (await standing(customer, "TimeEntries"))[str(entry)]["hoursWorked"] == 3.0
    back = (await standing(module.customer, "ExpenseItems"))[str(item)]
    assert (back["expenseCurrencyExpenseAmount"], back["description"]) == (40.1, "Parking")
    assert await verbs(module.customer, "ExpenseItems") == {str(item): ["create", "update", "update"]}


async def test_many_deletions_of_every_kind_wait_for_a_person(kit: Kit) -> None:
    (site,) = await pairs(kit, 1)
    customer = site.customer
    logs = [await log(site, hour) for hour in (14, 16, 18)]
    expenses = [await spend(site) for _ in logs]
    files = [(await upload(site, f"{n}.txt"))[0] for n in range(3)]
    async with kit.worker():
        await push([site])
        for id in logs:
            await site.act("delete_time_log", time_log=id)
        for id in expenses:
            await site.act("remove_expense", expense=id)
        for key in files:
            await site.act("delete_file", attachment=int(key.partition("/")[2]))
        await push([site])
        assert await codes(site) == ["many_deletions", "many_deletions"]
        for entity in ("TimeEntries", "TicketCharges", "TicketAttachments"):
            assert len(await standing(customer, entity)) == 3
        said = await broker(kit, "sync", customer.connection.name, site.order, "--delete", "--json")
        assert [(row["part"], row["result"]) for row in said.json] == [("work order", "written"), ("files", "written")]
    for entity in ("TimeEntries", "TicketCharges", "TicketAttachments"):
        assert set(map(tuple, (await verbs(customer, entity)).values())) == {tuple(CLEARED)}
    assert await codes(site) == []
