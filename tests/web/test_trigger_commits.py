"""The trigger's door on a real PostgreSQL: 202 means committed, and the database away means 503."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.engine import make_engine
from app.adapters.postgres.inbox import PostgresInbox
from tests.database import administer

VIEWER = {"Authorization": "Bearer viewer-Rk2m"}


async def rows(engine: AsyncEngine, sql: str) -> list[Any]:
    async with engine.connect() as connection:
        return list(await connection.scalars(text(sql)))


async def test_what_was_answered_202_stands_in_the_database(stored: Any, engine: AsyncEngine) -> None:
    answer = await stored.trigger(b'{"ids": [11, 12]}')
    assert answer.status_code == 202
    told = {row["ticket"]: row["job"] for row in answer.json()["accepted"]}
    assert await rows(engine, "SELECT named FROM receipts ORDER BY id") == ["11", "12"]
    assert await rows(engine, "SELECT id::text FROM jobs ORDER BY key") == [told["11"], told["12"]]


async def test_a_storm_of_one_ticket_is_one_job_and_every_receipt(stored: Any, engine: AsyncEngine) -> None:
    answers = await asyncio.gather(*(stored.trigger(b"7") for _ in range(80)))
    states = [answer.json()["accepted"][0]["state"] for answer in answers]
    assert states.count("merged") >= 1
    assert await rows(engine, "SELECT count(*) FROM jobs") == [1]
    assert await rows(engine, "SELECT count(*) FROM receipts") == [80]


async def test_odd_names_are_kept_or_refused_and_never_break_the_commit(stored: Any) -> None:
    for body in (b"0" * 300 + b"7", b"t20260527.0006", "５".encode(), b'{"id": "7\\u0000"}', b"\x00\x31", b"7" * 19):
        answer = await stored.trigger(body, headers={"Content-Type": "text/\xe9".encode("latin-1")})
        assert answer.status_code in (202, 400)


async def test_a_token_revoked_in_the_database_is_refused(stored: Any, engine: AsyncEngine) -> None:
    assert (await stored.trigger(b"1")).status_code == 202
    async with engine.begin() as sql:
        await sql.execute(text("UPDATE trigger_tokens SET revoked_at = now()"))
    stored.clock.boot += 2.0
    assert (await stored.trigger(b"1")).status_code == 401


async def test_an_archived_connection_is_a_stranger_at_once(stored: Any, engine: AsyncEngine) -> None:
    assert (await stored.trigger(b"1")).status_code == 202
    async with engine.begin() as sql:
        await sql.execute(text("UPDATE connections SET state = 'archived'"))
    assert (await stored.trigger(b"2")).status_code == 401
    assert await rows(engine, "SELECT count(*) FROM receipts") == [1]


async def test_a_database_that_goes_away_gives_503_until_it_is_back(
    stored: Any, engine: AsyncEngine, database_server: str
) -> None:
    assert (await stored.trigger(b"1")).status_code == 202
    name = (await rows(engine, "SELECT current_database()"))[0]
    server = await administer(database_server)
    try:
        await server.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", name)
        await server.execute(f'ALTER DATABASE "{name}" RENAME TO "{name}_away"')
        away = await stored.trigger(b"2")
        await server.execute(f'ALTER DATABASE "{name}_away" RENAME TO "{name}"')
    finally:
        await server.close()
    assert (away.status_code, away.json()["code"]) == (503, "temporarily_unavailable")
    assert away.headers["retry-after"] == "5"
    assert (await stored.trigger(b"2")).status_code == 202
    assert await rows(engine, "SELECT named FROM receipts ORDER BY id") == ["1", "2"]


async def test_a_database_that_was_never_there_gives_503(start: Callable[..., Awaitable[Any]]) -> None:
    nowhere = make_engine("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    broker = await start(inbox=PostgresInbox(nowhere))
    assert (await broker.trigger(b"1")).status_code == 503
    await nowhere.dispose()


async def test_a_receipt_removed_by_hand_turns_health_red(stored: Any, engine: AsyncEngine) -> None:
    await stored.trigger(b"[1, 2, 3]")
    async with engine.begin() as sql:
        state = '{"used": 12.5, "limit": 5000}'
        await sql.execute(
            text("INSERT INTO budgets (scope, state) SELECT 'account:' || id, :s FROM accounts"), {"s": state}
        )
    assert (await stored.client.get("/readyz")).status_code == 200
    well = (await stored.client.get("/health", headers=VIEWER)).json()
    async with engine.begin() as sql:
        await sql.execute(text("DELETE FROM receipts WHERE named = '2'"))
    ill = (await stored.client.get("/health", headers=VIEWER)).json()
    assert (well["status"], well["connections"][0]["identity"]) == ("pass", {"left": 3, "right": 3, "holds": True})
    assert (ill["status"], ill["connections"][0]["identity"]) == ("fail", {"left": 3, "right": 2, "holds": False})
    assert well["connections"][0]["budgets"]["autotask"] == {"used": 12.5, "limit": 5000}
    assert 'broker_identity_holds{connection="acme"} 0.0' in (await stored.client.get("/metrics")).text
