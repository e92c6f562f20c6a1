"""Intake: a group commit that loses nothing and mixes nobody up."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import event

from app.adapters.postgres.engine import Patience, make_engine
from app.adapters.postgres.inbox import PostgresInbox
from app.core.model.failure import DatabaseAway, Gone
from app.core.model.ids import ConnectionId
from app.core.model.intake import Accepted, Delivery, Source, Wanted
from app.core.model.job import MAIN_KINDS, JobKind
from tests.adapters.postgres.proxy import Proxy
from tests.adapters.postgres.world import World
from tests.database import named


async def test_a_crowd_of_senders_shares_few_commits(world: World) -> None:
    acme = await world.connection()
    commits: list[str] = []
    event.listen(
        world.engine.sync_engine,
        "before_cursor_execute",
        lambda conn, cursor, statement, parameters, context, many: commits.append(statement),
    )
    answers = await asyncio.gather(*(world.trigger(acme, str(n), str(n + 1)) for n in range(500)))
    assert len([one for one in commits if "INSERT INTO receipts" in one]) <= 5
    assert [[one.named for one in answer] for answer in answers] == [[str(n), str(n + 1)] for n in range(500)]
    receipts = [one.receipt_id for answer in answers for one in answer]
    assert len(set(receipts)) == 1000
    assert await world.identity(acme) == (1000, 1000)
    rows = await world.rows(
        "SELECT r.id, r.named, j.key FROM receipts r JOIN jobs j ON j.id = r.job_id WHERE r.named <> j.key"
    )
    assert rows == []


async def test_of_many_triggers_for_one_thing_one_is_queued_and_the_rest_are_merged(world: World) -> None:
    acme = await world.connection()
    answers = await asyncio.gather(*(world.trigger(acme, "7") for _ in range(300)))
    assert sorted(one.merged for (one,) in answers) == [False] + [True] * 299
    assert len({one.job_id for (one,) in answers}) == 1


async def test_one_delivery_may_name_many_things_and_keeps_their_options(world: World) -> None:
    acme = await world.connection()
    wanted = (
        Wanted(JobKind.IMPORT_TICKET, "7", "7", ("new",)),
        Wanted(JobKind.RESOLVE_NUMBER, "T7", "T7"),
        Wanted(JobKind.IMPORT_TICKET, "7", "007"),
    )
    answer = await world.inbox.accept(Delivery(acme, Source.PERSON, "text/plain", b"\x00\xff", wanted))
    assert [(one.named, one.merged) for one in answer] == [("7", False), ("T7", False), ("007", True)]
    assert await world.rows("SELECT body, source FROM deliveries") == [{"body": b"\x00\xff", "source": "person"}]
    assert await world.rows("SELECT options, hastened FROM jobs ORDER BY kind") == [
        {"options": ["new"], "hastened": True},
        {"options": [], "hastened": True},
    ]


async def test_a_delivery_without_anything_wanted_is_kept(world: World) -> None:
    acme = await world.connection()
    assert await world.trigger(acme) == []
    assert len(await world.rows("SELECT id FROM deliveries")) == 1


async def test_an_archived_connection_costs_the_others_nothing(world: World) -> None:
    acme, gone = await world.connection("acme"), await world.connection("gone")
    await world.run("UPDATE connections SET state = 'archived' WHERE name = 'gone'")
    results = await asyncio.gather(
        *(world.trigger(gone if n % 3 == 0 else acme, str(n)) for n in range(30)), return_exceptions=True
    )
    assert [isinstance(result, Gone) for result in results] == [n % 3 == 0 for n in range(30)]
    assert await world.identity(acme) == (20, 20)
    assert await world.rows("SELECT id FROM receipts WHERE connection_id = :id", id=gone) == []


async def test_a_delivery_that_cannot_be_stored_costs_the_others_nothing(world: World) -> None:
    acme = await world.connection()
    too_large = ConnectionId(2**70)
    results = await asyncio.gather(
        world.trigger(acme, "1"), world.trigger(too_large, "2"), world.trigger(acme, "3"), return_exceptions=True
    )
    assert [isinstance(result, Exception) for result in results] == [False, True, False]
    assert await world.identity(acme) == (2, 2)


async def test_hostile_text_is_kept_as_far_as_it_can_be(world: World) -> None:
    acme = await world.connection()
    (answer,) = await world.trigger(acme, "7\x00\ud800'; DROP TABLE jobs; --")
    assert answer.named == "7\ufffd?'; DROP TABLE jobs; --"


async def test_a_sender_that_hangs_up_disturbs_nobody(world: World) -> None:
    acme = await world.connection()
    tasks = [asyncio.create_task(world.trigger(acme, str(n))) for n in range(20)]
    await asyncio.wait(tasks, timeout=0)
    tasks[3].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert sum(isinstance(result, BaseException) for result in results) == 1
    assert await world.identity(acme) == (20, 20)


async def test_flushes_of_several_processes_over_the_same_things_do_not_block_one_another(world: World) -> None:
    connections = [await world.connection(f"c{n}", n) for n in range(4)]
    inboxes = [PostgresInbox(world.engine) for _ in range(4)]

    async def storm(inbox: PostgresInbox, seed: int) -> None:
        for turn in range(15):
            order = connections if (seed + turn) % 2 else connections[::-1]
            wanted = [Wanted(kind, str(k), "x") for k in range(5) for kind in MAIN_KINDS]
            things = tuple(wanted if seed % 2 else reversed(wanted))
            await asyncio.gather(*(inbox.accept(Delivery(one, Source.CALLOUT, "", b"", things)) for one in order))

    await asyncio.gather(*(storm(inbox, seed) for seed, inbox in enumerate(inboxes)))
    for connection in connections:
        assert await world.identity(connection) == (900, 900)


async def test_a_database_that_goes_away_in_the_middle_of_a_flush_refuses_all_and_accepts_nothing(
    world: World, proxy: Proxy
) -> None:
    acme = await world.connection()
    engine = make_engine(proxy.url, patience=Patience(1, 1, 1))
    inbox = PostgresInbox(engine)

    async def send(n: int) -> Sequence[Accepted]:
        return await inbox.accept(Delivery(acme, Source.CALLOUT, "", b"", (Wanted(JobKind.IMPORT_TICKET, str(n), ""),)))

    assert len(await send(0)) == 1
    proxy.swallow()  # requests arrive no more, and no answer comes
    tasks = [asyncio.create_task(send(n)) for n in range(1, 9)]
    async with asyncio.timeout(10):
        results = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(result) for result in results} == {DatabaseAway}
    assert await world.identity(acme) == (1, 1)
    proxy.pass_on()
    assert len(await send(1)) == 1
    proxy.refuse()
    with pytest.raises(DatabaseAway):
        await send(2)
    await engine.dispose()


async def test_a_server_that_is_not_there_is_said_to_be_away_at_once() -> None:
    engine = make_engine("postgresql+asyncpg://postgres@127.0.0.1:1,127.0.0.1:2/broker")
    async with asyncio.timeout(3):
        with pytest.raises(DatabaseAway):
            await PostgresInbox(engine).callers(b"x" * 32)
    await engine.dispose()


async def test_a_database_that_does_not_exist_is_said_to_be_away(database_server: str) -> None:
    engine = make_engine(named(database_server, "not_there"))
    with pytest.raises(DatabaseAway):
        await PostgresInbox(engine).callers(b"x" * 32)
    await engine.dispose()


async def test_ended_server_processes_do_not_reach_the_senders(world: World) -> None:
    acme = await world.connection()
    await world.trigger(acme, "1")
    await world.rows("SELECT 1")
    killer = make_engine(world.url)
    async with killer.connect() as sql:
        await sql.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid()"
        )
    await killer.dispose()
    assert len(await world.trigger(acme, "2")) == 1
