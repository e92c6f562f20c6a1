"""Field Nation's events on a real PostgreSQL: 202 means committed, once for each delivery."""

import asyncio
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

VIEWER = {"Authorization": "Bearer viewer-Rk2m"}


async def rows(engine: AsyncEngine, sql: str) -> list[Any]:
    async with engine.connect() as connection:
        return list(await connection.scalars(text(sql)))


def body(work_order: int = 70211) -> bytes:
    return b'{"event":{"name":"workorder.created","params":{"work_order_id":%d}},"workorder":{"id":1}}' % work_order


async def deliver(broker: Any, delivery_id: str, raw: bytes = body()) -> list[Any]:
    sending = {"X-FN-Webhook-Id": "hook-1", "X-FN-Delivery-Id": delivery_id}
    answer = await broker.event(raw, sending=sending)
    assert answer.status_code == 202
    accepted: list[Any] = answer.json()["accepted"]
    return accepted


async def test_an_event_that_was_answered_202_stands_in_the_database(stored: Any, engine: AsyncEngine) -> None:
    (told,) = await deliver(stored, "5b1e:1")
    assert (told["work_order"], told["state"]) == ("70211", "queued")
    assert await rows(engine, "SELECT kind || ' ' || key || ' ' || id FROM jobs") == [
        f"push_work_order 70211 {told['job']}"
    ]
    assert await rows(engine, "SELECT source || ' ' || named FROM receipts") == ["field_nation_event 70211"]


async def test_attempts_of_one_delivery_count_once(stored: Any, engine: AsyncEngine) -> None:
    told = [await deliver(stored, f"5b1e:{attempt}") for attempt in (1, 1, 2, 3, 4, 5, 6, 7, 8)]
    assert [len(accepted) for accepted in told] == [1] + [0] * 8
    assert len(await deliver(stored, "5b1f:1")) == 1
    assert await rows(engine, "SELECT count(*) FROM receipts") == [2]
    assert await rows(engine, "SELECT count(*) FROM deliveries") == [2]
    assert await rows(engine, "SELECT wanted FROM jobs") == [2]
    report = (await stored.client.get("/health", headers=VIEWER)).json()["connections"][0]
    assert (report["counters"]["received"], report["identity"]["holds"]) == (2, True)


async def test_attempts_that_come_at_once_count_once(stored: Any, engine: AsyncEngine) -> None:
    told = await asyncio.gather(*(deliver(stored, f"{n % 10}:{n}", body(1 + n % 10)) for n in range(100)))
    assert sum(len(accepted) for accepted in told) == 10
    assert sorted(await rows(engine, "SELECT key::int FROM jobs")) == list(range(1, 11))
    assert await rows(engine, "SELECT count(*) FROM receipts") == [10]


async def test_an_attempt_that_could_not_be_stored_does_not_hide_the_next(stored: Any, engine: AsyncEngine) -> None:
    sending = {"X-FN-Webhook-Id": "hook-1", "X-FN-Delivery-Id": "5b1e:1"}
    async with engine.begin() as sql:
        await sql.execute(text("ALTER TABLE receipts RENAME TO receipts_away"))
    assert (await stored.event(body(), sending=sending)).status_code == 503
    async with engine.begin() as sql:
        await sql.execute(text("ALTER TABLE receipts_away RENAME TO receipts"))
    assert len(await deliver(stored, "5b1e:2")) == 1
    assert await deliver(stored, "5b1e:3") == []


async def test_an_event_and_a_trigger_of_one_number_are_two_jobs(stored: Any, engine: AsyncEngine) -> None:
    await stored.trigger(b"70211")
    await deliver(stored, "5b1e:1")
    assert sorted(await rows(engine, "SELECT kind FROM jobs")) == ["import_ticket", "push_work_order"]


async def test_an_archived_connection_is_a_stranger_at_once(stored: Any, engine: AsyncEngine) -> None:
    await deliver(stored, "5b1e:1")
    async with engine.begin() as sql:
        await sql.execute(text("UPDATE connections SET state = 'archived'"))
    sending = {"X-FN-Webhook-Id": "hook-1", "X-FN-Delivery-Id": "5b1f:1"}
    assert (await stored.event(body(), sending=sending)).status_code == 401
    assert await rows(engine, "SELECT count(*) FROM receipts") == [1]


async def test_without_its_secret_a_connection_refuses_events_and_takes_triggers(
    stored: Any, engine: AsyncEngine
) -> None:
    async with engine.begin() as sql:
        await sql.execute(text("DELETE FROM secrets WHERE field = 'field_nation.webhook_secret'"))
    assert (await stored.event(body())).status_code == 401
    assert (await stored.trigger(b"id=5")).status_code == 202
