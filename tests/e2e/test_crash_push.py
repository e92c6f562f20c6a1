"""The way back: a worker process is killed in the midst of every kind of write at once; one write each, all converge.

Each work order stands right before, in, or right after another kind of write when the process dies.
"""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.e2e import crash_kit
from tests.e2e.crash_kit import (
    CALL_PATCH,
    CHARGE_CREATE,
    CHARGE_DELETE,
    CHARGE_PATCH,
    FIELDS_PATCH,
    FILE_CREATE,
    FILE_DELETE,
    FILE_REPLACE,
    ITEM_CREATE,
    ITEM_PATCH,
    ITEM_ZERO,
    NOTE_CREATE,
    PROJECT_PATCH,
    REPORT_CREATE,
    STATUS_PATCH,
    TASK_FILE,
    TASK_FILE_DELETE,
    TASK_NOTE,
    TICKET_CREATE,
    TIME_CREATE,
    TIME_DELETE,
    TIME_PATCH,
    Change,
    Item,
    Subject,
    at_rest,
)
from tests.e2e.kit import HORIZON_S, Customer, Kit, merged, until
from tests.e2e.push_kit import FILE
from tests.e2e.write_kinds import CRASHED

LEASES_S = {"opened": 6.0, "lost": 18.0, "answered": 6.0, "closed": 6.0}
"""A call is given up after two thirds of a lease, and those that are lost have to be in flight all at once."""
"""Two thirds of it must be enough to bring every write to where it is held."""

WORK_S = 3.0
"""What the recovering passes themselves may take on a busy machine, beside two leases and one horizon."""

SECOND_LOOK_S = 4.0
"""Two looks at a work order are so far apart at least: passes of one job are spaced."""

POINTS = ("opened", "lost", "answered", "closed")
_PROJECT, _TASK, _CALL = 29690201, 29690301, 29690101


@dataclass(frozen=True)
class Room:
    """A customer and what is killed there. Of the calls to one endpoint two are in flight at most, of files one; time
    that is missed twice stands alone, for a line begins no other batch while one is held."""

    changes: tuple[Change, ...]
    file: dict[str, Any] = field(default_factory=dict)
    entity: str = "Tickets"
    creates_tickets: bool = False


EXPENSES: dict[str, Any] = {"expenses": {"additional_charges": ""}}
PROJECT: dict[str, Any] = {"autotask": {"service_object": "Project"}, "time_entries": {"task_id": _TASK}}
ROOMS = (
    Room((TIME_CREATE, TIME_PATCH, CHARGE_CREATE, CHARGE_PATCH)),
    Room((CHARGE_DELETE, FILE_DELETE)),
    Room((ITEM_CREATE, ITEM_PATCH, NOTE_CREATE, FILE_CREATE), EXPENSES),
    Room((ITEM_ZERO, REPORT_CREATE, FIELDS_PATCH, FILE_REPLACE), EXPENSES),
    Room((STATUS_PATCH, TICKET_CREATE), creates_tickets=True),
    Room((TASK_NOTE, TASK_FILE, PROJECT_PATCH), PROJECT, "Projects"),
    Room((TIME_DELETE, TASK_FILE_DELETE), PROJECT, "Projects"),
    Room((CALL_PATCH,), {"autotask": {"service_object": "ServiceCall"}}, "ServiceCalls"),
)


@dataclass
class Case:
    """One work order and the write in which its worker dies."""

    room: Room
    change: Change
    subject: Subject
    item: Item = field(default_factory=dict)


@pytest.fixture
def changes(request: pytest.FixtureRequest) -> dict[str, str]:
    return {"BROKER_LEASE_S": str(LEASES_S[request.node.callspec.params["point"]])}


def test_every_kind_of_write_of_the_way_back_is_crash_tested() -> None:
    tested = {f"autotask {change.write}" for room in ROOMS for change in room.changes}
    assert tested == {write for write in CRASHED if write.startswith("autotask ")}


@pytest.mark.parametrize("point", POINTS)
async def test_writes_that_die_together_are_each_made_once(
    kit: Kit, point: str, record_property: Callable[[str, object], None]
) -> None:
    count = sum(len(room.changes) for room in ROOMS)
    async with kit.process("tests.e2e.crowd_worker", point, str(count)) as process:
        customers = await asyncio.gather(*(_customer(kit, room) for room in ROOMS))
        cases = [case for found in await asyncio.gather(*map(_cases, ROOMS, customers)) for case in found]
        await _stand_before(kit, cases)
        before = await _committed(customers)
        if point == "lost":
            await asyncio.gather(*(_hold(kit, case) for case in cases))
        process.send_signal(signal.SIGUSR1)
        await _miss(kit, [case for case in cases if case.change.looks == 2])
        await _change(case for case in cases if case.change.looks == 1)
        await _killed(kit, process, count if point == "lost" else 0)
    killed_at_s = time.monotonic()
    await _check_where_it_died(kit, cases, point)
    assert await _committed(customers) - before == (0 if point == "opened" else count)
    await kit.sims.calm()
    async with kit.worker():
        await until(lambda: at_rest(kit), 2 * LEASES_S[point] + HORIZON_S + 20)
        took_s = time.monotonic() - killed_at_s
        await _check(kit, cases)
        await crash_kit.push(case.subject for case in cases)
        await until(lambda: at_rest(kit))
    await _check(kit, cases)
    record_property("converged_s", round(took_s, 2))
    print(f"{count} writes killed when {point}: converged in {took_s:.1f} s")  # noqa: T201 - figures are for people
    assert took_s <= 2 * LEASES_S[point] + HORIZON_S + WORK_S


async def _customer(kit: Kit, room: Room) -> Customer:
    outbound = [*crash_kit.OUTBOUND_OF[room.entity], *(crash_kit.DATED if room.file is EXPENSES else [])]
    if room.creates_tickets:
        outbound += crash_kit.CREATES
    settings = {"outbound_create": room.creates_tickets}
    file = merged(merged(FILE, {"mappings": {"outbound": outbound}}), room.file)
    inbound = None if room.entity == "Tickets" else []
    customer = await kit.customer(
        tickets=max(3, len(room.changes)), companies=1, settings=settings, file=file, inbound=inbound
    )
    if room.entity == "Projects":
        url = f"{kit.sims.autotask}/_sim/records/{customer.ci}"
        more = [{"id": _PROJECT + n, "projectName": f"Refresh {n}", "status": 1, "companyID": 29762801} for n in (1, 2)]
        await kit.sims.call("POST", url, {"Projects": more})
    return customer


async def _cases(room: Room, customer: Customer) -> list[Case]:
    return list(await asyncio.gather(*(_case(room, customer, n) for n in range(len(room.changes)))))


async def _case(room: Room, customer: Customer, number: int) -> Case:
    """A work order as it stands before its fact."""
    change = room.changes[number]
    case = Case(room, change, await crash_kit.assigned_order(customer, number))
    if change.is_of_pair:
        record = {"Projects": _PROJECT + number, "ServiceCalls": _CALL}.get(room.entity, customer.tickets[number])
        await crash_kit.pair(case.subject, record, ticket=_TASK if room.entity == "Projects" else None)
    await change.before(case.subject, case.item)
    return case


async def _stand_before(kit: Kit, cases: list[Case]) -> None:
    """What has to stand before is written."""
    await crash_kit.new_to_us(kit)
    await crash_kit.push(case.subject for case in cases if case.change.is_of_pair)
    await until(lambda: at_rest(kit))


async def _miss(kit: Kit, vanishing: list[Case]) -> None:
    """What is to be deleted is missed once, and the second look is due in a moment."""
    await _change(vanishing)
    missed = "SELECT 1 FROM ledger WHERE missing_since < clock_timestamp() - make_interval(secs => :nearly)"

    async def are_nearly_due() -> bool:
        return len(await kit.rows(missed, nearly=SECOND_LOOK_S - 0.8)) == len(vanishing)

    await until(are_nearly_due)


async def _change(cases: Iterable[Case]) -> None:
    """The facts come about, and somebody asks for a push."""
    changing = list(cases)
    await asyncio.gather(*(case.change.step(case.subject, case.item) for case in changing))
    await crash_kit.push(case.subject for case in changing)


async def _hold(kit: Kit, case: Case) -> None:
    change, database = case.change, case.subject.customer.ci
    await kit.sims.fault("autotask", fault="hold", method=change.method, path=change.path, database=database, times=1)


async def _killed(kit: Kit, process: asyncio.subprocess.Process, held: int) -> None:
    """The process is dead: by its own hand, or once all the calls are held that are waited for."""
    if held:
        await until(lambda: _are_held(kit, held), 60)
        process.send_signal(signal.SIGKILL)
    async with asyncio.timeout(60):
        assert await process.wait() == -signal.SIGKILL


async def _are_held(kit: Kit, count: int) -> bool:
    return bool((await kit.sims.calls("autotask"))["held"] == count)


async def _committed(customers: list[Customer]) -> int:
    return sum(len(found) for found in await asyncio.gather(*map(crash_kit.written, customers)))


async def _check_where_it_died(kit: Kit, cases: list[Case], point: str) -> None:
    """Every pass was at work, and the ledger shows each write at its point."""
    running = await kit.rows("SELECT DISTINCT connection_id, key FROM jobs WHERE state = 'running'")
    assert len(running) == len(cases)
    newest = "SELECT kind, verb, state FROM ledger WHERE connection_id = :id ORDER BY opened_at DESC LIMIT :count"
    for customer, mine in _by_customer(cases):
        rows = await kit.rows(newest, id=customer.connection.id, count=len(mine))
        found = Counter((row["kind"], row["verb"], row["state"]) for row in rows)
        assert found == Counter((case.change.kind, case.change.verb, _state(case, point)) for case in mine)


def _state(case: Case, point: str) -> str:
    if point != "closed":
        return "open"
    return "deleted" if case.change.verb in ("delete", "zero") else "written"


def _by_customer(cases: list[Case]) -> list[tuple[Customer, list[Case]]]:
    found: dict[str, list[Case]] = {}
    for case in cases:
        found.setdefault(case.subject.customer.connection.name, []).append(case)
    return [(mine[0].subject.customer, mine) for mine in found.values()]


async def _check(kit: Kit, cases: list[Case]) -> None:
    """Autotask holds every fact once, no write was made twice, nothing is left open and nobody is bothered."""
    faults: list[str] = []
    for customer, mine in _by_customer(cases):
        subjects = [case.subject for case in mine]
        faults += await crash_kit.faults_of(customer, subjects, mine[0].room.entity)
    assert faults == []
    assert await kit.desk.records.ledger(state="open") == []
    assert [one for one in await kit.desk.records.findings() if one["severity"] != "info"] == []
