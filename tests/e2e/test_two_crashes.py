"""Two crashes in the passes of one work order, at any two points of any two kinds of write: one write of each."""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.e2e import crash_kit
from tests.e2e.crash_kit import (
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
    REPORT_CREATE,
    STATUS_PATCH,
    TICKET_CREATE,
    TIME_CREATE,
    TIME_DELETE,
    TIME_PATCH,
    Change,
    Item,
    Subject,
)
from tests.e2e.kit import Customer, Kit, merged
from tests.e2e.push_kit import FILE, Site
from tests.e2e.short_life import Doom, Life, life

LEASE_S, HORIZON_S = 3.0, 1.0
RUNS, AT_ONCE = 4, 8
POINTS = ("opened", "lost", "answered", "closed")

_OFTEN = (TIME_CREATE, TIME_PATCH, TIME_DELETE, NOTE_CREATE, FILE_CREATE, FILE_REPLACE, FILE_DELETE)
_ALWAYS = (*_OFTEN, FIELDS_PATCH, STATUS_PATCH, TICKET_CREATE)
CHARGED = (*_ALWAYS, CHARGE_CREATE, CHARGE_PATCH, CHARGE_DELETE)
REPORTED = (*_ALWAYS, REPORT_CREATE, ITEM_CREATE, ITEM_PATCH, ITEM_ZERO)


@dataclass
class Pair:
    """A work order and the two writes in which its worker dies, one after the other."""

    subject: Subject
    changes: tuple[Change, Change]
    points: tuple[str, str]
    items: tuple[Item, Item] = field(default_factory=lambda: ({}, {}))

    @property
    def name(self) -> str:
        return ", then ".join(f"{one.name} {point}" for one, point in zip(self.changes, self.points, strict=True))

    @property
    def key(self) -> tuple[int, str]:
        return self.subject.customer.connection.id, str(self.subject.site.order)


@pytest.fixture
def changes() -> dict[str, str]:
    return {"BROKER_LEASE_S": str(LEASE_S), "BROKER_HORIZON_S": str(HORIZON_S)}


@pytest.mark.parametrize("run", range(RUNS))
async def test_two_crashes_in_one_job_leave_one_write_of_each(
    kit: Kit, run: int, request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> None:
    count: int = request.config.getoption("--crash-pairs")
    customers = [await _customer(kit, "charge", count), await _customer(kit, "", count)]
    pairs = _chosen(random.Random(run), customers, count)
    began_s = time.monotonic()
    await _in_turn(_prepared(pair) for pair in pairs)
    await crash_kit.new_to_us(kit)
    await crash_kit.push(pair.subject for pair in pairs if pair.changes[0].is_of_pair)
    async with life(kit, customers, LEASE_S) as first:
        await first.serve({})
        await _release(kit, first)
    for turn in (0, 1):
        await _die(kit, customers, pairs, turn)
    killed_s = time.monotonic()
    async with life(kit, customers, LEASE_S) as last:
        await last.serve({})
    healed_s = time.monotonic() - killed_s
    await _check(kit, customers, pairs)
    record_property("pairs", len(pairs))
    record_property("healed_s", round(healed_s, 1))
    took_s = time.monotonic() - began_s
    print(f"{len(pairs)} work orders killed twice and healed in {healed_s:.1f} s, {took_s:.1f} s in all")  # noqa: T201 - figures are for people


async def _customer(kit: Kit, charges: str, count: int) -> Customer:
    outbound = [*crash_kit.OUTBOUND_OF["Tickets"], *crash_kit.CREATES, *([] if charges else crash_kit.DATED)]
    file = merged(FILE, {"expenses": {"additional_charges": charges}, "mappings": {"outbound": outbound}})
    settings = {"outbound_create": True}
    return await kit.customer(tickets=count, companies=1, inbound=[], settings=settings, file=file)


def _chosen(chance: random.Random, customers: list[Customer], count: int) -> list[Pair]:
    """Random pairs of a write and a point; as many for each customer."""
    chosen: list[Pair] = []
    for customer, known in zip(customers, (CHARGED, REPORTED), strict=True):
        for number in range(count):
            points = (chance.choice(POINTS), chance.choice(POINTS))
            changes = (chance.choice(known), chance.choice(known))
            while not _may_follow(*changes, points[0]):
                changes = (chance.choice(known), chance.choice(known))
            chosen.append(Pair(Subject(Site(customer, 0, 0), number), changes, points))
    return chosen


def _may_follow(first: Change, second: Change, point: str) -> bool:
    """A ticket is made before all else, and twice only when the first time it was not sent."""
    if second is TICKET_CREATE:
        return first is TICKET_CREATE and point == "opened"
    return first is not TICKET_CREATE or not second.has_base


async def _prepared(pair: Pair) -> None:
    """The pair with what has to stand before; a work order whose ticket is to be made comes about later."""
    if not pair.changes[0].is_of_pair:
        return
    subject = pair.subject
    subject.site = (await crash_kit.assigned_order(subject.customer, subject.serial)).site
    await crash_kit.pair(subject, subject.customer.tickets[subject.serial])
    for change, item in zip(pair.changes, pair.items, strict=True):
        await change.before(subject, item)


async def _die(kit: Kit, customers: list[Customer], pairs: list[Pair], turn: int) -> None:
    """The facts of this turn come about, and every pass over a work order dies at its point."""
    await _in_turn(pair.changes[turn].step(pair.subject, pair.items[turn]) for pair in _with_facts(pairs, turn))
    dooms = {pair.key: Doom(pair.changes[turn].kind, pair.points[turn]) for pair in pairs}
    await crash_kit.push(pair.subject for pair in pairs)
    async with life(kit, customers, LEASE_S) as doomed:
        await doomed.serve(dooms)
    assert [pair.name for pair in pairs if not dooms[pair.key].is_over] == []


def _with_facts(pairs: list[Pair], turn: int) -> list[Pair]:
    """A ticket that was not made in the first turn is made in the second one: there is no new fact."""
    return [pair for pair in pairs if turn == 0 or pair.changes[1].is_of_pair]


async def _release(kit: Kit, ended: Life) -> None:
    for hosted in ended.held.values():
        await kit.wiring.hosting.release(hosted)


async def _check(kit: Kit, customers: list[Customer], pairs: list[Pair]) -> None:
    """Autotask holds every fact once, no write was made twice, nothing is left open, at work or to be decided."""
    faults: list[str] = []
    for customer in customers:
        subjects = [pair.subject for pair in pairs if pair.subject.customer is customer]
        faults += await crash_kit.faults_of(customer, subjects)
    assert faults == []
    assert await crash_kit.at_rest(kit)
    assert await kit.desk.records.ledger(state="open") == []
    names = {(pair.subject.customer.connection.name, f"work_order:{pair.key[1]}"): pair.name for pair in pairs}
    worse = [one for one in await kit.desk.records.findings() if one["severity"] != "info"]
    assert [(names.get((one["connection"], one["record"])), one["field"], one["text"]) for one in worse] == []


async def _in_turn(steps: object) -> None:
    """Some of them at once: a simulator is one process."""
    door = asyncio.Semaphore(AT_ONCE)

    async def one(step: object) -> None:
        async with door:
            await step  # type: ignore[misc]  # a coroutine

    await asyncio.gather(*map(one, steps))  # type: ignore[call-overload]  # an iterable of coroutines
