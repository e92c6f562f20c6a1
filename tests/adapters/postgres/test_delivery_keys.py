"""Deliveries that their sender names: the first one counts, repeats change and count nothing."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from app.adapters.postgres.engine import make_engine
from app.adapters.postgres.inbox import PostgresInbox
from app.adapters.postgres.upkeep import PostgresUpkeep
from app.core.model.failure import Gone
from app.core.model.ids import ConnectionId
from app.core.model.intake import Delivery, Source, Wanted
from app.core.model.job import JobKind
from app.core.model.outcome import Result, Settled
from tests.adapters.postgres.world import World


def event(connection: ConnectionId, key: str, *orders: str) -> Delivery:
    wanted = tuple(Wanted(JobKind.PUSH_WORK_ORDER, order, order) for order in orders)
    return Delivery(connection, Source.FIELD_NATION_EVENT, "application/json", b"{}", wanted, key)


async def counted(world: World) -> tuple[int, int, int]:
    """Deliveries, receipts, and how often jobs were raised."""
    (row,) = await world.rows(
        """SELECT (SELECT count(*) FROM deliveries) AS deliveries, (SELECT count(*) FROM receipts) AS receipts,
                  (SELECT coalesce(sum(wanted), 0) FROM jobs) AS wanted"""
    )
    return row["deliveries"], row["receipts"], row["wanted"]


async def test_a_repeat_stores_raises_and_counts_nothing(world: World) -> None:
    acme = await world.connection()
    assert len(await world.inbox.accept(event(acme, "d-1", "70", "71"))) == 2
    host = await world.host()
    for job in await world.take(host):
        await world.jobs.settle(host, job, Settled(Result.WRITTEN))
    assert await world.inbox.accept(event(acme, "d-1", "70", "71")) == ()
    assert await world.inbox.accept(event(acme, "d-1", "99")) == ()
    assert await counted(world) == (1, 2, 2)
    assert await world.identity(acme) == (2, 2)
    assert await world.take(host) == []


async def test_of_repeats_in_one_flush_the_first_counts_and_others_go_through(world: World) -> None:
    acme, zeta = await world.connection("acme"), await world.connection("zeta")
    sent = [event(acme, "d-1", "70"), event(acme, "d-1", "70"), event(zeta, "d-1", "70"), event(acme, "", "71")]
    answers = await asyncio.gather(*(world.inbox.accept(one) for one in [*sent, sent[0], sent[3]]))
    assert [[one.named for one in answer] for answer in answers] == [["70"], [], ["70"], ["71"], [], ["71"]]
    assert await counted(world) == (4, 4, 3)  # a flush raises a job once


async def test_deliveries_without_a_name_are_each_their_own(world: World) -> None:
    acme = await world.connection()
    for _ in range(3):
        assert len(await world.inbox.accept(event(acme, "", "70"))) == 1
    assert await counted(world) == (3, 3, 3)
    assert await world.rows("SELECT key FROM delivery_keys") == []


async def test_of_repeats_that_race_to_several_processes_exactly_one_counts(world: World) -> None:
    acme = await world.connection()
    engines = [make_engine(world.url, pool_size=3) for _ in range(4)]
    inboxes = [PostgresInbox(engine) for engine in engines]
    keys = [f"d-{n}" for n in range(60)]

    async def send(inbox: PostgresInbox, order: list[str]) -> list[tuple[str, int]]:
        return [(key, len(await inbox.accept(event(acme, key, key, "70")))) for key in order]

    sent = [send(inbox, keys[turn:] + keys[:turn]) for inbox in inboxes for turn in (0, 30)]
    answers = [answer for told in await asyncio.gather(*sent) for answer in told]
    assert len(answers) == 480
    assert sorted(key for key, n in answers if n) == sorted(keys)
    assert (await counted(world))[:2] == (60, 120)
    assert await world.identity(acme) == (120, 120)
    for engine in engines:
        await engine.dispose()


async def test_crowded_flushes_with_the_same_keys_do_not_wait_in_a_circle(world: World) -> None:
    connections = [await world.connection(f"c{n}", n) for n in range(3)]
    inboxes = [PostgresInbox(world.engine) for _ in range(4)]

    async def storm(inbox: PostgresInbox, seed: int) -> int:
        fresh = 0
        for turn in range(10):
            keys = [f"d-{turn}-{n}" for n in range(8)][:: 1 if (seed + turn) % 2 else -1]
            order = connections if seed % 2 else connections[::-1]
            sent = [inbox.accept(event(one, key, "70", key)) for one in order for key in keys]
            fresh += sum(bool(answer) for answer in await asyncio.gather(*sent))
        return fresh

    assert sum(await asyncio.gather(*(storm(inbox, seed) for seed, inbox in enumerate(inboxes)))) == 240
    for connection in connections:
        assert await world.identity(connection) == (160, 160)


async def test_a_flush_that_failed_remembers_no_key(world: World) -> None:
    acme = await world.connection()
    await world.run("ALTER TABLE receipts ADD CONSTRAINT broken CHECK (false) NOT VALID")
    with pytest.raises(IntegrityError):
        await world.inbox.accept(event(acme, "d-1", "70"))
    await world.run("ALTER TABLE receipts DROP CONSTRAINT broken")
    assert len(await world.inbox.accept(event(acme, "d-1", "70"))) == 1


async def test_a_delivery_that_cannot_be_stored_costs_a_named_one_nothing(world: World) -> None:
    acme = await world.connection()
    nobody = ConnectionId(2**70)
    sent = [event(acme, "d-1", "70"), event(nobody, "d-2", "70"), event(acme, "d-1", "70"), event(acme, "d-3", "71")]
    answers = await asyncio.gather(*(world.inbox.accept(one) for one in sent), return_exceptions=True)
    assert [isinstance(answer, Exception) for answer in answers] == [False, True, False, False]
    assert await counted(world) == (2, 2, 2)


async def test_an_archived_connection_refuses_named_deliveries_and_costs_the_others_nothing(world: World) -> None:
    acme, gone = await world.connection("acme"), await world.connection("gone")
    await world.run("UPDATE connections SET state = 'archived' WHERE name = 'gone'")
    for _ in range(2):
        sent = [world.inbox.accept(event(one, "d-1", "70")) for one in (gone, acme)]
        refused, answer = await asyncio.gather(*sent, return_exceptions=True)
        assert isinstance(refused, Gone)
        assert not isinstance(answer, BaseException)
    assert await counted(world) == (1, 1, 1)


async def test_a_sender_that_hangs_up_was_heard(world: World) -> None:
    acme = await world.connection()
    task = asyncio.ensure_future(world.inbox.accept(event(acme, "d-1", "70")))
    await asyncio.wait([task], timeout=0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await world.inbox.drain()
    assert await world.inbox.accept(event(acme, "d-1", "70")) == ()
    assert await counted(world) == (1, 1, 1)


async def test_keys_are_forgotten_with_the_history_and_not_before_two_days(world: World) -> None:
    acme = await world.connection()
    for key, hours in (("new", 0), ("young", 47), ("old", 49), ("oldest", 24 * 31)):
        await world.inbox.accept(event(acme, key, "70"))
        await world.run(
            "UPDATE delivery_keys SET received_at = now() - make_interval(hours => :hours) WHERE key = :key",
            hours=hours,
            key=key,
        )
    upkeep = PostgresUpkeep(world.engine)
    for days, left in ((30, {"new", "young", "old"}), (0, {"new", "young"})):
        await upkeep.prune(timedelta(days=days))
        assert {row["key"] for row in await world.rows("SELECT key FROM delivery_keys")} == left
    assert len(await world.inbox.accept(event(acme, "oldest", "70"))) == 1
