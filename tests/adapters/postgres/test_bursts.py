"""Bursts and spacing: many triggers, few passes, and yet soon."""

from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.model.outcome import Result, Settled
from tests.adapters.postgres.world import World


async def test_a_burst_is_taken_when_it_pauses(engine: AsyncEngine, database_url: str) -> None:
    world = World(engine, database_url, quiet_s=30, ripen_s=300)
    acme = await world.connection()
    await world.trigger(acme, "1")
    await world.trigger(acme, "2")
    host = await world.host()
    assert await world.take(host) == []
    assert 25 < (await world.next_due_s(host, acme) or 0) <= 30
    await world.run("UPDATE jobs SET last_wanted_at = now() - interval '31 seconds' WHERE key = '1'")
    assert await world.take(host) == []
    await world.run("UPDATE jobs SET last_wanted_at = now() - interval '31 seconds'")
    assert await world.next_due_s(host, acme) == 0
    assert [job.key for job in await world.take(host)] == ["1", "2"]
    assert await world.next_due_s(host, acme) is None
    await world.close()


async def test_a_burst_that_never_pauses_is_taken_when_it_is_old_enough(engine: AsyncEngine, database_url: str) -> None:
    world = World(engine, database_url, quiet_s=300, ripen_s=30)
    acme = await world.connection()
    await world.trigger(acme, "1", "2")
    host = await world.host()
    assert await world.take(host) == []
    await world.run("UPDATE jobs SET first_wanted_at = now() - interval '31 seconds' WHERE key = '1'")
    await world.trigger(acme, "1")
    assert [job.key for job in await world.take(host)] == ["1", "2"]
    await world.close()


async def test_a_full_batch_is_taken_at_once(engine: AsyncEngine, database_url: str) -> None:
    world = World(engine, database_url, quiet_s=300, ripen_s=300)
    acme = await world.connection()
    await world.trigger(acme, "1", "2", "3")
    host = await world.host()
    assert await world.take(host, 4) == []
    assert [job.key for job in await world.take(host, 2)] == ["1", "2"]
    await world.close()


async def test_passes_of_one_job_are_spaced_from_start_to_start(engine: AsyncEngine, database_url: str) -> None:
    world = World(engine, database_url, spacing_s=60)
    acme = await world.connection()
    await world.trigger(acme, "1")
    host = await world.host()
    job = await world.take_one(host)
    await world.trigger(acme, "1")
    await world.run("UPDATE jobs SET last_pass_at = now() - interval '20 seconds'")
    await world.jobs.settle(host, job, Settled(Result.WRITTEN))
    assert await world.take(host) == []
    assert 35 < (await world.next_due_s(host, acme) or 0) <= 40
    await world.run("UPDATE jobs SET due_at = now()")
    await world.jobs.settle(host, await world.take_one(host), Settled(Result.WRITTEN))
    await world.trigger(acme, "1")
    assert 55 < (await world.next_due_s(host, acme) or 0) <= 60
    await world.close()


async def test_a_trigger_during_a_pass_starts_a_burst_of_its_own(engine: AsyncEngine, database_url: str) -> None:
    world = World(engine, database_url)
    acme = await world.connection()
    await world.trigger(acme, "1")
    host = await world.host()
    job = await world.take_one(host)
    await world.run("UPDATE jobs SET first_wanted_at = now() - interval '1 hour'")
    await world.trigger(acme, "1")
    await world.jobs.settle(host, job, Settled(Result.WRITTEN))
    (row,) = await world.rows("SELECT first_wanted_at > now() - interval '1 minute' AS fresh FROM jobs")
    assert row["fresh"]
    await world.close()


async def test_a_storm_that_changes_nothing_is_looked_at_less_often_from_its_third_pass_on(
    engine: AsyncEngine, database_url: str
) -> None:
    world = World(engine, database_url, spacing_s=60)
    acme = await world.connection()
    waits: list[float] = []
    await world.trigger(acme, "1")
    host = await world.host()
    for _ in range(4):
        await world.run("UPDATE jobs SET due_at = now(), wanted = wanted + 60")
        job = await world.take_one(host)
        await world.trigger(acme, "1")
        await world.jobs.settle(host, job, Settled(Result.UNCHANGED))
        waits.append(await world.next_due_s(host, acme) or 0)
    assert [round(wait / 60) for wait in waits] == [1, 5, 5, 5]
    await world.run("UPDATE jobs SET due_at = now(), wanted = wanted + 60")
    job = await world.take_one(host)
    await world.trigger(acme, "1")
    await world.jobs.settle(host, job, Settled(Result.WRITTEN))
    assert round((await world.next_due_s(host, acme) or 0) / 60) == 1
    await world.close()


async def test_a_few_triggers_that_change_nothing_are_no_storm(engine: AsyncEngine, database_url: str) -> None:
    world = World(engine, database_url, spacing_s=60)
    acme = await world.connection()
    await world.trigger(acme, "1")
    host = await world.host()
    for _ in range(4):
        await world.run("UPDATE jobs SET due_at = now()")
        job = await world.take_one(host)
        await world.trigger(acme, "1")
        await world.jobs.settle(host, job, Settled(Result.UNCHANGED))
        assert round((await world.next_due_s(host, acme) or 0) / 60) == 1
    await world.close()
