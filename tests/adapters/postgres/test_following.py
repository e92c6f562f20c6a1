"""Follow-ups: jobs that a pass raises, in the commit that ends it."""

import asyncio
import random

import asyncpg
import pytest

from app.adapters.postgres.connections import PostgresConnections
from app.adapters.postgres.inbox import PostgresInbox
from app.adapters.postgres.raising import WORK_CHANNEL
from app.core.model.failure import LeaseLost
from app.core.model.ids import ConnectionId
from app.core.model.intake import Delivery, Source, Wanted
from app.core.model.job import Job, JobKind
from app.core.model.outcome import FollowUp, Result, Settled
from app.ports.hosting import Hosted
from tests.adapters.postgres.world import World


def orders(*keys: int, options: tuple[str, ...] = ()) -> tuple[FollowUp, ...]:
    return tuple(FollowUp(JobKind.PUSH_WORK_ORDER, str(key), options) for key in keys)


def followed(*then: FollowUp) -> Settled:
    return Settled(Result.WRITTEN, then=then)


async def sweeping(world: World) -> tuple[ConnectionId, Hosted, Job]:
    """A connection whose sweep runs."""
    acme = await world.connection()
    await world.trigger(acme, "all", kind=JobKind.SWEEP)
    host = await world.host()
    return acme, host, await world.take_one(host)


async def test_what_a_pass_found_is_raised_without_a_receipt(world: World) -> None:
    acme, host, sweep = await sweeping(world)
    await world.jobs.settle(host, sweep, followed(*orders(71, 70), FollowUp(JobKind.IMPORT_TICKET, "7", ("new",))))
    taken = [await world.take(host), await world.take(host)]
    assert sorted((job.kind.value, job.key, job.options) for batch in taken for job in batch) == [
        ("import_ticket", "7", ("new",)),
        ("push_work_order", "70", ()),
        ("push_work_order", "71", ()),
    ]
    for batch in taken:
        for job in batch:
            await world.jobs.settle(host, job, Settled(Result.UNCHANGED))
    assert await world.identity(acme) == (1, 1)


async def test_follow_ups_for_one_job_are_one_pass_with_all_their_options(world: World) -> None:
    acme, host, sweep = await sweeping(world)
    await world.trigger(acme, "70", kind=JobKind.PUSH_WORK_ORDER, options=("delete",))
    then = orders(70, options=("retry",)) + orders(70, options=("resync", "retry"))
    await world.jobs.settle(host, sweep, followed(*then))
    job = await world.take_one(host)
    assert (job.observed, job.options) == (2, ("delete", "resync", "retry"))


async def test_a_follow_up_for_a_job_that_runs_is_another_pass(world: World) -> None:
    acme, host, sweep = await sweeping(world)
    await world.trigger(acme, "70", kind=JobKind.PUSH_WORK_ORDER)
    running = await world.take_one(host)
    await world.jobs.settle(host, sweep, followed(*orders(70)))
    assert await world.take(host) == []
    await world.jobs.settle(host, running, Settled(Result.WRITTEN))
    assert len(await world.take(host)) == 1


@pytest.mark.parametrize("others", [(), (69,), (71,), (69, 71)])
async def test_a_job_may_ask_for_itself_among_others(world: World, others: tuple[int, ...]) -> None:
    acme = await world.connection()
    await world.trigger(acme, "70", kind=JobKind.PUSH_WORK_ORDER)
    host = await world.host()
    await world.jobs.settle(host, await world.take_one(host), followed(*orders(70, *others)))
    assert sorted(job.key for job in await world.take(host)) == sorted(str(key) for key in (70, *others))


async def test_a_zombie_raises_nothing(world: World) -> None:
    _, zombie, sweep = await sweeping(world)
    await world.run("UPDATE accounts SET lease_until = now()")
    await world.host("w2")
    with pytest.raises(LeaseLost):
        await world.jobs.settle(zombie, sweep, followed(*orders(70)))
    assert await world.rows("SELECT key FROM jobs") == [{"key": "all"}]


async def test_a_pass_that_outlives_its_connection_raises_nothing(world: World) -> None:
    acme, host, sweep = await sweeping(world)
    await PostgresConnections(world.engine).archive(acme)
    await world.jobs.settle(host, sweep, followed(*orders(70)))
    assert await world.rows("SELECT key, state FROM jobs") == [{"key": "all", "state": "idle"}]


async def test_thousands_are_raised_at_once_and_announced_once(world: World) -> None:
    _, host, sweep = await sweeping(world)
    heard: list[object] = []
    listener = await asyncpg.connect(world.url.replace("+asyncpg", "", 1))
    await listener.add_listener(WORK_CHANNEL, lambda *said: heard.append(said))
    await world.jobs.settle(host, sweep, followed(*orders(*range(5000)), FollowUp(JobKind.IMPORT_TICKET, "1")))
    await listener.execute("SELECT 1")  # what was announced before comes before the answer
    assert len(heard) == 1
    assert await world.rows("SELECT count(*) AS n FROM jobs WHERE state = 'queued'") == [{"n": 5001}]
    await listener.close()


async def test_passes_that_raise_one_another_and_intake_do_not_wait_in_a_circle(world: World) -> None:
    acme = await world.connection()
    dice = random.Random(7)
    keys = [str(key) for key in range(40)]
    await world.trigger(acme, *keys, kind=JobKind.PUSH_WORK_ORDER)
    host = await world.host()
    is_over = asyncio.Event()

    async def settle(job: Job) -> None:
        then = [FollowUp(dice.choice(list(JobKind)), key) for key in dice.sample(keys, 20)]
        await world.jobs.settle(host, job, followed(*then))

    async def tell(inbox: PostgresInbox) -> None:
        while not is_over.is_set():
            wanted = tuple(Wanted(dice.choice(list(JobKind)), key, key) for key in dice.sample(keys, 20))
            await inbox.accept(Delivery(acme, Source.CALLOUT, "", b"", wanted))

    tellers = [asyncio.create_task(tell(PostgresInbox(world.engine))) for _ in range(4)]
    for _ in range(12):
        batches = [await world.take(host) for _ in JobKind]
        await asyncio.gather(*(settle(job) for batch in batches for job in batch[:8]))
        await world.jobs.give_back(host, [job for batch in batches for job in batch[8:]])
    is_over.set()
    await asyncio.gather(*tellers)
    received, outcomes = await world.identity(acme)
    assert received == outcomes
