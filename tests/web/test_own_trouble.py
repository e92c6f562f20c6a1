"""The broker's own trouble: 503 with Retry-After, never a 4xx, never a 500, never a trace, never a secret."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from fastapi import APIRouter
from structlog.testing import capture_logs

from app.core.model.failure import Transient
from app.services import callers
from app.web import events, triggers

TOKEN = "tok-Zf3kQ8sW1xYb7LmN"
EVENT = b'{"event":{"name":"workorder.created","params":{"work_order_id":70211}}}'
VIEWER = {"Authorization": "Bearer viewer-Rk2m"}


def assert_our_trouble(answer: Any, code: str) -> None:
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code


async def test_the_database_away_is_a_503_and_back_again_a_202(broker: Any) -> None:
    broker.inbox.trouble = Transient("The database is away.")
    assert_our_trouble(await broker.trigger(b"1"), "temporarily_unavailable")
    broker.inbox.trouble = None
    assert (await broker.trigger(b"1")).status_code == 202


async def test_the_database_lost_between_token_and_commit_is_a_503(broker: Any) -> None:
    await broker.trigger(b"1")
    broker.inbox.trouble = Transient("The database is away.")
    assert_our_trouble(await broker.trigger(b"2"), "temporarily_unavailable")
    assert broker.inbox.keys == ["1"]


async def test_a_database_that_does_not_commit_is_a_503_in_time(
    start: Callable[..., Awaitable[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(triggers, "ANSWER_TIMEOUT_S", 0.1)
    broker = await start()
    await broker.trigger(b"1")
    broker.inbox.gate = asyncio.Event()
    assert_our_trouble(await broker.trigger(b"2"), "temporarily_unavailable")
    broker.inbox.gate.set()
    assert (await broker.trigger(b"3")).status_code == 202


async def test_a_look_up_that_does_not_end_is_a_503_and_does_not_hold_up_the_next(
    broker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callers, "LOOK_UP_TIMEOUT_S", 0.1)
    broker.inbox.gate = asyncio.Event()
    assert_our_trouble(await broker.trigger(b"2"), "temporarily_unavailable")
    broker.inbox.gate = None
    assert (await broker.trigger(b"2")).status_code == 202


async def test_an_event_meets_the_same_trouble_and_is_told_to_come_again(
    start: Callable[..., Awaitable[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "ANSWER_TIMEOUT_S", 0.1)
    broker = await start()
    broker.inbox.trouble = Transient("The database is away.")
    assert_our_trouble(await broker.event(EVENT), "temporarily_unavailable")
    broker.inbox.trouble = RuntimeError("password=hunter2")
    assert_our_trouble(await broker.event(EVENT), "internal_trouble")
    broker.inbox.trouble = None
    await broker.event(EVENT)
    broker.inbox.gate = asyncio.Event()
    assert_our_trouble(await broker.event(EVENT), "temporarily_unavailable")
    broker.inbox.gate.set()
    assert (await broker.event(EVENT)).status_code == 202


async def test_an_event_secret_that_no_key_opens_is_our_trouble(broker: Any) -> None:
    broker.inbox.event_secrets["acme"] = "sealed-with-a-lost-key"
    assert_our_trouble(await broker.event(EVENT), "temporarily_unavailable")


async def test_a_fault_of_ours_is_a_503_that_tells_nothing(broker: Any, caplog: pytest.LogCaptureFixture) -> None:
    broker.inbox.trouble = RuntimeError("password=hunter2")
    with capture_logs() as lines:
        answer = await broker.trigger(b"1")
    assert_our_trouble(answer, "internal_trouble")
    assert "hunter2" not in answer.text + str(lines)
    line = next(line for line in lines if line["event"] == "request_failed")
    assert (line["log_level"], line["error"]) == ("error", "RuntimeError")
    assert any("conftest.py" in place for place in line["where"])
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_a_route_that_breaks_is_a_503_and_no_trace(broker: Any, caplog: pytest.LogCaptureFixture) -> None:
    extra = APIRouter()

    @extra.get("/breaks")
    async def breaks() -> None:
        raise KeyError("boom")

    broker.app.include_router(extra)
    assert_our_trouble(await broker.client.get("/breaks"), "internal_trouble")
    assert "Traceback" not in caplog.text


async def test_no_line_tells_a_token_a_query_or_a_secret(
    broker: Any, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with capture_logs() as lines:
        for trouble in (None, Transient("The database is away."), RuntimeError(TOKEN)):
            broker.inbox.trouble = trouble
            for body in (b"1", b"{", b"1" * 70000, b"id=" + TOKEN.encode()):
                await broker.trigger(body, headers={"X-Hook-Signature": "sha1=c2VjcmV0"})
                await broker.trigger(body, token="", headers={"Authorization": f"Bearer {TOKEN}"})
            await broker.trigger(method="GET", params={"client_token": TOKEN, "id": "T20260527.0006"})
            await broker.trigger(method="DELETE", params={"client_token": TOKEN})
            await broker.client.get("/health", headers=VIEWER)
    told = str(lines) + capsys.readouterr().out + capsys.readouterr().err
    told += "".join(record.getMessage() for record in caplog.records if not record.name.startswith("http"))
    for secret in (TOKEN, "c2VjcmV0", "hook-secret-6Jc4", "viewer-Rk2m", "client_token", "T20260527.0006"):
        assert secret not in told
    assert {line["event"] for line in lines} >= {"trigger_accepted", "trigger_refused", "request_failed"}


async def test_an_accepted_request_is_one_line(broker: Any) -> None:
    with capture_logs() as lines:
        await broker.trigger(b"[1, 2]")
    assert lines == [
        {"event": "trigger_accepted", "log_level": "info", "connection": "acme", "source": "callout",
         "things": 2, "merged": 0}
    ]  # fmt: skip


async def test_a_refused_request_is_one_line_with_its_cause(broker: Any) -> None:
    with capture_logs() as lines:
        await broker.trigger(b"{")
        await broker.trigger(b"1", token="wrong")
        await broker.trigger(b"1" * 70000)
    causes = [(line["code"], line.get("reason")) for line in lines if line["event"] == "trigger_refused"]
    assert causes == [("malformed_json", None), ("unauthorized", "unknown_token"), ("too_large", None)]
    assert len(lines) == 3


async def test_a_shutdown_that_runs_out_of_patience_answers_503(
    broker: Any, serve: Any, caplog: pytest.LogCaptureFixture
) -> None:
    broker.inbox.gate = asyncio.Event()
    async with serve(broker.app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET /v1/broker/inbound?id=1&client_token={TOKEN} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        while not broker.inbox.look_ups:
            await asyncio.wait({asyncio.ensure_future(broker.client.get("/livez"))})
    answer = await reader.read()
    broker.inbox.gate.set()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert "Traceback" not in caplog.text
