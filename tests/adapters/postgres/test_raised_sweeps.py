"""Sweeps on a schedule: each connection's once in a while, whoever asks."""

import asyncio
from datetime import timedelta

import pytest

from app.adapters.postgres.sweeps import PostgresSweeps
from app.adapters.postgres.upkeep import PostgresUpkeep
from app.core.model.job import JobKind
from app.core.model.outcome import Postponed, Result, Settled, Settlement
from tests.adapters.postgres.world import CLOCK, World

EVERY = timedelta(minutes=15)


def upkeep(world: World) -> PostgresUpkeep:
    return PostgresUpkeep(world.engine, idle_s=0, spacing_s=0)


async def test_every_active_connection_is_swept_and_leaves_no_receipt(world: World) -> None:
    await world.connection("acme")
    await world.connection("paused")
    await world.connection("gone")
    await world.run("UPDATE connections SET state = 'paused', pause_since = now() WHERE name = 'paused'")
    await world.run("UPDATE connections SET state = 'archived' WHERE name = 'gone'")
    assert await upkeep(world).raise_sweeps(EVERY) == 1
    assert await upkeep(world).raise_sweeps(EVERY) == 0
    job = await world.take_one(await world.host())
    assert (job.kind, job.key, job.options) == (JobKind.SWEEP, "all", ())
    assert await world.rows("SELECT id FROM receipts") == []


@pytest.mark.parametrize(
    "ending", [Settled(Result.WRITTEN), Settled(Result.DEAD, "boom"), Postponed(CLOCK.now(), "later")]
)
async def test_a_sweep_that_runs_waits_or_ended_lately_is_not_raised(world: World, ending: Settlement) -> None:
    await world.connection()
    await upkeep(world).raise_sweeps(EVERY)
    host = await world.host()
    job = await world.take_one(host)
    assert await upkeep(world).raise_sweeps(timedelta()) == 0
    await world.jobs.settle(host, job, ending)
    await upkeep(world).prune(timedelta(days=1))
    assert await upkeep(world).raise_sweeps(EVERY) == 0


async def test_a_sweep_is_raised_again_when_the_last_one_is_old_enough(world: World) -> None:
    acme = await world.connection()
    await upkeep(world).raise_sweeps(EVERY)
    host = await world.host()
    await world.jobs.settle(host, await world.take_one(host), Settled(Result.DEAD, "boom"))
    for column in ("sweeps.raised_at", "jobs.last_pass_at"):
        table, name = column.split(".")
        assert await upkeep(world).raise_sweeps(EVERY) == 0
        await world.run(f"UPDATE {table} SET {name} = now() - interval '16 minutes'")
    began_at = CLOCK.now() - timedelta(minutes=16)
    await PostgresSweeps(world.engine).save(host, acme, CLOCK.now(), {})
    assert await upkeep(world).raise_sweeps(EVERY) == 0
    await PostgresSweeps(world.engine).save(host, acme, began_at, {"page": 1})
    assert await upkeep(world).raise_sweeps(EVERY) == 1
    job = await world.take_one(host)
    assert (job.kind, job.attempts) == (JobKind.SWEEP, 0)
    state = await PostgresSweeps(world.engine).load(acme)
    assert (state.began_at, state.state) == (began_at, {"page": 1})


async def test_a_sweep_that_a_person_asked_for_counts(world: World) -> None:
    acme = await world.connection()
    await world.trigger(acme, "all", kind=JobKind.SWEEP)
    assert await upkeep(world).raise_sweeps(EVERY) == 0
    host = await world.host()
    await world.jobs.settle(host, await world.take_one(host), Settled(Result.WRITTEN))
    assert await upkeep(world).raise_sweeps(EVERY) == 0


async def test_many_workers_at_once_raise_each_sweep_once(world: World) -> None:
    for n in range(5):
        await world.connection(f"c{n}", n)
    for _ in range(2):
        raised = await asyncio.gather(*(upkeep(world).raise_sweeps(EVERY) for _ in range(8)))
        assert sum(raised) == 5
        assert {row["wanted"] - row["observed"] for row in await world.rows("SELECT wanted, observed FROM jobs")} == {1}
        await world.run("UPDATE jobs SET state = 'idle', observed = wanted")
        await world.run("UPDATE sweeps SET raised_at = now() - interval '1 hour'")
