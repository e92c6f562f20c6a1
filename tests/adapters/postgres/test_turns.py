"""Jobs that asked for another turn of themselves: they rest, and a trigger still finds them at once."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.connections import PostgresConnections
from app.adapters.postgres.desk import PostgresJobDesk
from app.adapters.postgres.health import PostgresHealthDesk
from app.core.model.ids import ConnectionId
from app.core.model.job import JobKind
from app.core.model.outcome import Moved, Postponed, Result, Settled
from app.ports.hosting import Hosted
from tests.adapters.postgres.world import CLOCK, World

HOUR = timedelta(hours=1)
AGAIN = Settled(Result.UNCHANGED, "waits", "It waits for an hour.", again_in=HOUR)


async def rested(world: World) -> tuple[ConnectionId, Hosted]:
    """A connection whose one job rests for an hour."""
    acme = await world.connection()
    await world.trigger(acme, "70", kind=JobKind.PUSH_WORK_ORDER)
    host = await world.host()
    await world.jobs.settle(host, await world.take_one(host), AGAIN)
    return acme, host


async def test_a_pass_that_asks_for_another_one_gets_it_when_its_time_comes(world: World) -> None:
    acme = await world.connection()
    (first,) = await world.trigger(acme, "70", kind=JobKind.PUSH_WORK_ORDER)
    host = await world.host()
    job = await world.take_one(host)
    await world.jobs.settle(host, job, AGAIN)
    assert (await world.inbox.outcome(acme, [first.receipt_id]))[first.receipt_id][0] == "unchanged"
    assert await world.take(host) == []
    assert 3590 < (await world.next_due_s(host, acme) or 0) <= 3600
    await world.run("UPDATE jobs SET due_at = now(), first_wanted_at = now()")
    again = await world.take_one(host)
    assert (again.id, again.attempts) == (job.id, 0)
    await world.jobs.settle(host, again, Settled(Result.WRITTEN))
    assert await world.next_due_s(host, acme) is None
    assert await world.identity(acme) == (1, 1)


async def test_a_turn_of_its_own_does_not_end_the_burst_of_others(engine: AsyncEngine, database_url: str) -> None:
    world = World(engine, database_url, quiet_s=0, ripen_s=300)
    acme, host = await rested(world)
    await world.run("UPDATE jobs SET due_at = now()")
    (row,) = await world.rows("SELECT first_wanted_at > now() + interval '59 minutes' AS later FROM jobs")
    assert row["later"]
    assert [job.key for job in await world.take(host)] == ["70"]
    assert await world.next_due_s(host, acme) is None
    await world.close()


async def test_a_trigger_finds_a_resting_job_at_once_and_is_told_that_it_is_queued(world: World) -> None:
    acme, host = await rested(world)
    (again,) = await world.trigger(acme, "70", kind=JobKind.PUSH_WORK_ORDER)
    (joined,) = await world.trigger(acme, "70", kind=JobKind.PUSH_WORK_ORDER)
    assert (again.merged, joined.merged) == (False, True)
    await world.jobs.settle(host, await world.take_one(host), Settled(Result.WRITTEN))
    assert await world.next_due_s(host, acme) is None


async def test_a_trigger_brings_a_resting_job_forward_no_closer_than_the_spacing(
    engine: AsyncEngine, database_url: str
) -> None:
    world = World(engine, database_url, spacing_s=60)
    acme, host = await rested(world)
    for _ in range(3):
        await world.trigger(acme, "70", kind=JobKind.PUSH_WORK_ORDER)
        assert 50 < (await world.next_due_s(host, acme) or 0) <= 60
    await world.close()


async def test_a_trigger_does_not_put_a_turn_off_that_is_due_sooner(engine: AsyncEngine, database_url: str) -> None:
    world = World(engine, database_url, spacing_s=600)
    acme, host = await rested(world)
    await world.run("UPDATE jobs SET due_at = now() + interval '10 seconds'")
    await world.trigger(acme, "70", kind=JobKind.PUSH_WORK_ORDER)
    assert 5 < (await world.next_due_s(host, acme) or 0) <= 10
    await world.close()


async def test_a_turn_that_had_to_be_postponed_is_a_back_off_that_no_storm_shortens(world: World) -> None:
    acme, host = await rested(world)
    await world.run("UPDATE jobs SET due_at = now()")
    await world.jobs.settle(host, await world.take_one(host), Postponed(CLOCK.now() + HOUR, "throttled"))
    (told,) = await world.trigger(acme, "70", kind=JobKind.PUSH_WORK_ORDER)
    assert told.merged
    assert await world.take(host) == []
    assert 3500 < (await world.next_due_s(host, acme) or 0) <= 3600


async def test_a_trigger_during_the_pass_comes_before_the_turn_it_asked_for(world: World) -> None:
    acme = await world.connection()
    await world.trigger(acme, "70")
    host = await world.host()
    job = await world.take_one(host)
    await world.trigger(acme, "70")
    await world.jobs.settle(host, job, AGAIN)
    assert len(await world.take(host)) == 1


async def test_a_job_that_failed_and_wants_another_turn_gets_it(world: World) -> None:
    acme = await world.connection()
    await world.trigger(acme, "70")
    host = await world.host()
    await world.jobs.settle(host, await world.take_one(host), Settled(Result.DEAD, "boom", again_in=HOUR))
    assert 3500 < (await world.next_due_s(host, acme) or 0) <= 3600
    (listed,) = await PostgresJobDesk(world.engine).jobs()
    assert (listed["state"], listed["code"]) == ("queued", "boom")


async def test_resting_jobs_are_listed_with_their_time_and_are_no_queue(world: World) -> None:
    await rested(world)
    (health,) = await PostgresHealthDesk(world.engine).connections()
    assert (health["queued"], health["dead"]) == (0, 0)
    desk = PostgresJobDesk(world.engine)
    (listed,) = await desk.jobs()
    assert (listed["state"], listed["resting"], listed["code"]) == ("queued", True, "waits")
    assert await desk.cancel(id=listed["id"]) == 1
    assert await desk.jobs() == []


@pytest.mark.parametrize("seconds", [3600, 0])
async def test_resting_jobs_move_and_end_with_their_connection(world: World, seconds: int) -> None:
    acme, _ = await rested(world)
    await world.run("UPDATE jobs SET due_at = now() + make_interval(secs => :seconds)", seconds=seconds)
    await PostgresConnections(world.engine).archive(acme)
    assert await world.rows("SELECT state, resting FROM jobs") == [{"state": "idle", "resting": False}]


async def test_a_resolved_number_finds_a_resting_import(world: World) -> None:
    acme = await world.connection()
    await world.trigger(acme, "7")
    host = await world.host()
    await world.jobs.settle(host, await world.take_one(host), AGAIN)
    await world.trigger(acme, "T7", kind=JobKind.RESOLVE_NUMBER)
    await world.jobs.settle(host, await world.take_one(host), Moved("7"))
    assert [job.key for job in await world.take(host)] == ["7"]
