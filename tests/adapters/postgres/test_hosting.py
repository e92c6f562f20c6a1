"""Leases: one host per account, epochs that grow, nothing left behind."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.adapters.postgres.engine import make_engine
from app.adapters.postgres.fence import hold
from app.core.model.ids import WorkerId
from app.core.model.outcome import Result, Settled
from app.ports.hosting import Hosted
from tests.adapters.postgres.world import CLOCK, World


async def test_two_hosts_never_get_one_account(world: World) -> None:
    for ci in range(1, 21):
        await world.trigger(await world.connection(f"c{ci}", ci), "7")
    grabs = [world.hosting.acquire(WorkerId(f"w{n}"), 3) for n in range(10)]
    held = [hosted for grab in await asyncio.gather(*grabs) for hosted in grab]
    while more := await world.hosting.acquire(WorkerId("last"), 3):
        held.extend(more)
    assert len(held) == 20
    assert len({hosted.account_id for hosted in held}) == 20


async def test_an_account_without_due_work_is_left_alone(world: World) -> None:
    acme = await world.connection()
    assert await world.hosting.acquire(WorkerId("w1"), 10) == []
    await world.trigger(acme, "7")
    assert await world.hosting.others_wait()
    host = await world.host()
    assert not await world.hosting.others_wait()
    await world.jobs.settle(host, await world.take_one(host), Settled(Result.WRITTEN))
    await world.hosting.release(host)
    assert not await world.hosting.others_wait()


async def test_a_due_probe_is_a_reason_to_host(world: World) -> None:
    acme = await world.connection()
    await world.trigger(acme, "7")
    host = await world.host()
    await world.jobs.pause(host, acme, "down", 0)
    await world.hosting.release(host)
    again = await world.host()
    assert await world.jobs.due_probes(again) == [acme]
    await world.jobs.pause(again, acme, "down", 60)
    await world.hosting.release(again)
    assert await world.hosting.acquire(WorkerId("w1"), 10) == []


async def test_epochs_only_grow_and_the_longest_unserved_comes_first(world: World) -> None:
    for ci in (1, 2):
        await world.trigger(await world.connection(f"c{ci}", ci), "7")
    (first,) = await world.hosting.acquire(WorkerId("w1"), 1)
    await world.hosting.release(first)
    (second,) = await world.hosting.acquire(WorkerId("w1"), 1)
    assert second.account_id != first.account_id
    await world.hosting.release(second)
    (third,) = await world.hosting.acquire(WorkerId("w1"), 1)
    assert (third.account_id, third.epoch) == (first.account_id, first.epoch + 1)


async def test_a_renewal_moves_the_deadline_from_its_sending(world: World) -> None:
    await world.trigger(await world.connection(), "7")
    host = await world.host()
    host.deadline_s = 0
    before_s = CLOCK.boot_s()
    await world.hosting.renew(WorkerId("w1"), [host])
    assert before_s + world.lease_s <= host.deadline_s <= CLOCK.boot_s() + world.lease_s
    (worker,) = await world.rows("SELECT id, last_heartbeat_at > now() - interval '1 minute' AS fresh FROM workers")
    assert worker == {"id": "w1", "fresh": True}
    await world.hosting.retire(WorkerId("w1"))
    assert await world.rows("SELECT id FROM workers") == []


async def test_what_a_dead_host_left_running_is_due_again_at_once(world: World) -> None:
    acme = await world.connection()
    await world.trigger(acme, "7", "8")
    old = await world.host()
    await world.take(old)
    assert await world.hosting.acquire(WorkerId("w2"), 10) == []
    await world.run("UPDATE accounts SET lease_until = now()")
    heir = await world.host("w2")
    assert [(job.key, job.attempts) for job in await world.take(heir)] == [("7", 0), ("8", 0)]


async def test_a_release_hands_back_what_was_running(world: World) -> None:
    await world.trigger(await world.connection(), "7")
    host = await world.host()
    await world.take(host)
    await world.hosting.release(host)
    assert await world.rows("SELECT state FROM jobs") == [{"state": "queued"}]


async def test_a_trigger_wakes_a_waiting_host(world: World) -> None:
    acme = await world.connection()
    await world.hosting.wait(0.01)  # begins to listen
    waiting = asyncio.create_task(world.hosting.wait(30))
    await world.trigger(acme, "7")
    async with asyncio.timeout(5):
        await waiting


async def test_a_merged_trigger_wakes_nobody(world: World) -> None:
    acme = await world.connection()
    await world.trigger(acme, "7")
    await world.hosting.wait(0.01)
    before_s = CLOCK.boot_s()
    waiting = asyncio.create_task(world.hosting.wait(0.3))
    await world.trigger(acme, "7")
    await waiting
    assert CLOCK.boot_s() - before_s >= 0.25


async def test_a_process_that_froze_inside_a_transaction_does_not_keep_the_account(world: World) -> None:
    await world.trigger(await world.connection(), "7")
    frozen = make_engine(world.url, process="0123456789ab")
    (held,) = await world.hosting.acquire(WorkerId("host-0123456789ab-1f"), 1)
    async with frozen.connect() as asleep:
        await hold(asleep, held)
        await world.run("UPDATE accounts SET lease_until = clock_timestamp() + interval '0.3 seconds'")
        taken: list[Hosted] = []
        for _ in range(100):
            taken += await world.hosting.acquire(WorkerId("w2"), 1)
            if taken:
                break
            await asyncio.sleep(0.1)  # noqa: TID251 - the lease runs out on the database's clock
        assert [one.account_id for one in taken] == [held.account_id]
        with pytest.raises(DBAPIError):
            await asleep.execute(text("SELECT 1"))
        await asleep.invalidate()
    await frozen.dispose()
