"""Three worker processes and sixty accounts: nobody is hosted twice, whatever happens to the workers."""

import asyncio
import contextlib
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable

import pytest

from tests.e2e.kit import Customer, Kit, until

ACCOUNTS, EARLY, TICKETS, AT_ONCE = 60, 40, 2, 6
LEASE_S, LATENCY_S = 4, 0.05
MOST_THREADS = 3

Note = Callable[[str, object], None]

# Two passes of one account at the same time by different workers: there may be none.
OVERLAPS = """
SELECT c.account_id, a.worker AS one, b.worker AS other FROM runs a
JOIN connections c ON c.id = a.connection_id
JOIN connections d ON d.account_id = c.account_id
JOIN runs b ON b.connection_id = d.id AND b.id > a.id AND b.worker <> a.worker
WHERE a.started_at < b.ended_at AND b.started_at < a.ended_at
"""


@pytest.fixture
def changes() -> dict[str, str]:
    """A lease that outlasts the start of several processes on a small machine."""
    return {"BROKER_LEASE_S": str(LEASE_S)}


async def test_no_account_is_hosted_twice_while_workers_die_and_join(kit: Kit, record_property: Note) -> None:
    customers = await _customers(kit)
    await _slow_down(kit)
    await kit.sims.forget_calls()
    began_s = time.monotonic()
    async with kit.process() as doomed, kit.process(), kit.process(), _watched(kit) as seen:
        await asyncio.gather(*(customer.trigger(*customer.tickets[:-1]) for customer in customers[:EARLY]))
        await until(lambda: _have_worked(kit, 3), 60)
        async with kit.process():
            await until(lambda: _are_alive(kit, 4), 60)
            doomed.kill()
            await asyncio.gather(*(customer.trigger() for customer in customers))
            await kit.settled(90, every_s=0.5)
            took_s = time.monotonic() - began_s
    await kit.sims.calm()
    _check_hosting(seen)
    assert await kit.rows(OVERLAPS) == []
    await _check_calls(kit)
    await _check_work(customers)
    workers = await kit.rows("SELECT worker, count(*) AS passes FROM runs GROUP BY worker ORDER BY worker")
    record_property("took_s", round(took_s, 1))
    record_property("passes_by_worker", workers)
    print(f"{took_s:.1f} s", workers)  # noqa: T201 - figures are for people
    assert len(workers) == 4


Seen = dict[tuple[int, int], set[str]]


@contextlib.asynccontextmanager
async def _watched(kit: Kit) -> AsyncIterator[Seen]:
    """Everybody who was ever seen to hold an account under an epoch, sampled while the block runs."""
    seen: Seen = defaultdict(set)
    watching = asyncio.create_task(_watch(kit, seen))
    try:
        yield seen
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching


async def _watch(kit: Kit, seen: Seen) -> None:
    while True:
        for row in await kit.rows("SELECT id, epoch, holder FROM accounts WHERE holder IS NOT NULL"):
            seen[row["id"], row["epoch"]].add(row["holder"])
        await kit.wiring.clock.sleep(0.1)


def _check_hosting(seen: Seen) -> None:
    assert len({account for account, _ in seen}) == ACCOUNTS
    assert {key: holders for key, holders in seen.items() if len(holders) > 1} == {}


async def _check_calls(kit: Kit) -> None:
    """At the vendors never two processes called for one customer at once, nor one too often at once."""
    calls = await kit.sims.calls("autotask")
    assert len(calls["clients"]) >= 3
    assert max(calls["max_clients_in_flight_by_database"].values()) == 1
    assert max(calls["max_in_flight"].values()) <= MOST_THREADS


async def _check_work(customers: list[Customer]) -> None:
    for customer in customers:
        marks = Counter(order["incident_id"] for order in await customer.orders())
        assert marks == Counter((await customer.numbers()).values()), customer.connection.name


async def _customers(kit: Kit) -> list[Customer]:
    """Sixty customers, a few at a time."""
    door = asyncio.Semaphore(AT_ONCE)

    async def one() -> Customer:
        async with door:
            return await kit.customer(tickets=TICKETS)

    return list(await asyncio.gather(*(one() for _ in range(ACCOUNTS))))


async def _slow_down(kit: Kit) -> None:
    await kit.sims.fault("autotask", fault="slow", delay_s=LATENCY_S)
    await kit.sims.fault("field_nation", fault="slow", delay_s=LATENCY_S, times=None)


async def _have_worked(kit: Kit, count: int) -> bool:
    """Whether that many workers have made a pass."""
    return len(await kit.rows("SELECT DISTINCT worker FROM runs")) >= count


async def _are_alive(kit: Kit, count: int) -> bool:
    return len(await kit.desk.health.workers()) >= count
