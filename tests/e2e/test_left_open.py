"""Facts that vanish while a write of theirs has no answer: no entry is left open, no record is left behind."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.e2e.commands import broker
from tests.e2e.crash_kit import CREATES, DATED
from tests.e2e.fact_kit import DAY, MODULE, ask, log, pairs, push, rest, spend, standing, upload, verbs
from tests.e2e.kit import Kit, merged, until
from tests.e2e.push_kit import FILE, OUTBOUND, Site
from tests.e2e.record_kit import new_order, rows

Step = Callable[["Case"], Awaitable[None]]


async def nothing(case: "Case") -> None:
    return None


async def appears(case: "Case") -> None:
    case.site = replace(case.site, order=await new_order(case.site.customer, "A new site"))


async def logs(case: "Case") -> None:
    case.mark = str(await log(case.site))


async def edits_log(case: "Case") -> None:
    await case.site.act("edit_time_log", time_log=int(case.mark), out=f"{DAY}T17:30:00")


async def drops_log(case: "Case") -> None:
    await case.site.act("delete_time_log", time_log=int(case.mark))


async def spends(case: "Case") -> None:
    case.mark = str(await spend(case.site, description=case.day))


async def edits_expense(case: "Case") -> None:
    await case.site.act("edit_expense", expense=int(case.mark), amount="50.20")


async def denies(case: "Case") -> None:
    await case.site.act("deny_expense", expense=int(case.mark))


async def approves(case: "Case") -> None:
    await case.site.act("approve_expense", expense=int(case.mark))


async def drops_expense(case: "Case") -> None:
    await case.site.act("remove_expense", expense=int(case.mark))


async def uploads(case: "Case") -> None:
    case.mark, _ = await upload(case.site)


async def drops_file(case: "Case") -> None:
    await case.site.act("delete_file", attachment=int(case.mark.partition("/")[2]))


async def drops_order(case: "Case") -> None:
    await case.site.act("delete")


async def cancels(case: "Case") -> None:
    await case.site.act("cancel")


async def parts(case: "Case") -> None:
    said = await broker(case.site.kit, "link", "remove", case.site.customer.connection.name, case.site.ticket)
    assert said.code == 0, said.err


@dataclass
class Case:
    """A fact whose write has no answer, and what becomes of it meanwhile. `done` are the writes of its record when the
    lost one was carried out, `undone` when it was not; `stands` says whether the record is there in the end."""

    entity: str
    method: str
    before: Step
    change: Step
    vanish: Step
    done: str
    undone: str
    stands: tuple[bool, bool] = (False, False)
    lost: str = ""
    day: str = DAY
    mark: str = ""
    site: Site = field(init=False)


def rooms() -> list[list[Case]]:
    """Cases by customer: one whose tickets are made, two with charges, one with the expense module. Of the writes to
    one endpoint two are in flight at most, of files one."""
    time, charge, item, file = "TimeEntries", "TicketCharges", "ExpenseItems", "TicketAttachments"
    return [
        [Case("Tickets", "POST", nothing, appears, drops_order, "", "", lost="Tickets")],
        [
            Case(time, "POST", nothing, logs, drops_log, "create delete", ""),
            Case(time, "PATCH", logs, edits_log, drops_log, "create update delete", "create delete"),
            Case(charge, "POST", nothing, spends, denies, "create delete", ""),
            Case(charge, "DELETE", spends, denies, approves, "create delete create", "create", (True, True)),
            Case(file, "POST", nothing, uploads, drops_file, "create delete", ""),
        ],
        [
            Case(time, "POST", nothing, logs, drops_order, "create", "", (True, False)),
            Case(time, "POST", nothing, logs, cancels, "create", "create", (True, True)),
            Case(charge, "POST", nothing, spends, drops_expense, "create delete", ""),
            Case(charge, "PATCH", spends, edits_expense, denies, "create update delete", "create delete"),
            Case(file, "POST", nothing, uploads, drops_order, "create", "", (True, False)),
        ],
        [
            Case(time, "POST", nothing, logs, parts, "create", "", (True, False)),
            Case(item, "POST", nothing, spends, denies, "create update", "", (True, False)),
            Case(item, "PATCH", spends, edits_expense, drops_expense, "create update update", "create update",
                 (True, True)),
            Case(item, "POST", nothing, spends, drops_expense, "", "", lost="ExpenseReports", day="2026-01-15"),
        ],
    ]  # fmt: skip


@pytest.mark.parametrize("changes", [{"BROKER_HORIZON_S": "4"}])
@pytest.mark.parametrize("loss", ["lost_before", "lost_after", "killed"])
async def test_a_fact_that_vanishes_while_its_write_has_no_answer_leaves_nothing_open(kit: Kit, loss: str) -> None:
    cases = await _cases(kit)
    async with kit.worker():
        await asyncio.gather(*(case.before(case) for case in cases))
        await push(case.site for case in cases if case.site.order)
    await asyncio.gather(*(case.change(case) for case in cases))
    await _lost(kit, cases, loss)
    await kit.sims.calm()
    await asyncio.gather(*(case.vanish(case) for case in cases))
    async with kit.worker():
        await rest(kit, 60)
        await push(case.site for case in cases)
    for case in cases:
        await _check(case, was_done=loss != "lost_before")
    assert await kit.desk.records.ledger(state="open") == []


async def _cases(kit: Kit) -> list[Case]:
    found = rooms()
    module = merged(MODULE, {"mappings": {"outbound": [*OUTBOUND, *DATED]}})
    files: list[dict[str, Any]] = [{}, {}, module]
    made = await asyncio.gather(
        _ticketless(kit), *(pairs(kit, len(room), file=file) for room, file in zip(found[1:], files, strict=True))
    )
    for room, sites in zip(found, made, strict=True):
        for case, site in zip(room, sites, strict=True):
            case.site = site
    return [case for room in found for case in room]


async def _ticketless(kit: Kit) -> list[Site]:
    """A customer whose work orders make tickets, and none of them yet."""
    file = merged(FILE, {"mappings": {"outbound": [*OUTBOUND, *CREATES]}})
    customer = await kit.customer(file=file, settings={"outbound_create": True})
    return [Site(customer, 0, 0)]


async def _lost(kit: Kit, cases: list[Case], loss: str) -> None:
    """Pushes what changed; of every case's write the answer is lost, and nobody works afterwards."""
    for case in cases:
        await _hide(kit, case, "hold" if loss == "killed" else loss)
    if loss != "killed":
        async with kit.worker():
            await _all_lost(kit, cases)
        return
    async with kit.process() as process:
        await _all_lost(kit, cases)
        process.send_signal(signal.SIGKILL)
        await process.wait()


async def _all_lost(kit: Kit, cases: list[Case]) -> None:
    """Work orders that were pushed before have to wait a little, so the new one is pushed when their turn has come."""

    async def lost(count: int) -> bool:
        orders = await kit.sims.call("GET", f"{kit.sims.autotask}/_sim/faults")
        return sum(1 for order in orders["faults"] if order["hits"]) >= count

    known = [case.site for case in cases if case.site.ticket]
    await ask(known)
    await until(lambda: lost(len(known)))
    await ask(case.site for case in cases if not case.site.ticket)
    await until(lambda: lost(len(cases)))


async def _hide(kit: Kit, case: Case, fault: str) -> None:
    """Takes the answer of the case's write; of one that never arrives, those of its repetitions too."""
    times = None if fault == "lost_before" else 1
    order = {"fault": fault, "method": case.method, "database": case.site.customer.ci, "times": times}
    if case.lost:
        order |= {"path": f"/{case.lost}$"}
    else:
        is_new = case.method == "POST"
        record = case.site.ticket if is_new else (await standing(case.site.customer, case.entity))[case.mark]["id"]
        order |= {"entity": case.entity, "record": record, "path": "(?<!query)$"}
    await kit.sims.fault("autotask", **order)


async def _check(case: Case, *, was_done: bool) -> None:
    customer, what = case.site.customer, f"{case.entity} {case.method}, {case.vanish.__name__}"
    if case.lost:
        made = [one for one in await rows(customer, case.lost) if _is_of(one, case)]
        assert len(made) == was_done, what
        return
    written = (await verbs(customer, case.entity)).get(case.mark, [])
    assert written == (case.done if was_done else case.undone).split(), what
    found = (await standing(customer, case.entity)).get(case.mark)
    assert (found is not None) is case.stands[0 if was_done else 1], what
    if found is not None and case.entity == "ExpenseItems":
        assert found["expenseCurrencyExpenseAmount"] == 0.0, what


def _is_of(row: dict[str, Any], case: Case) -> bool:
    """Whether the report, or the ticket, is the one that the lost write made."""
    return row.get("externalID") == f"FN-WO-{case.site.order}" or str(row.get("weekEnding"))[:10] == "2026-01-17"
