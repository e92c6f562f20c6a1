"""Field Nation's events on a real socket: who may send them, what they raise, what is refused."""

import asyncio
import hashlib
import hmac
import json
from typing import Any

import pytest
from structlog.testing import capture_logs

from app.core.intake.events import EVENT_NAMES
from app.services import events

PATH = "/v1/field-nation/events"
TOKEN = "tok-Zf3kQ8sW1xYb7LmN"
NO_SECRET = "tok-signed-Pq9vT2rE5uHd"
SECRET = "0199c1e2-event-secret"
LIMIT = 8 * 1024 * 1024


def body(name: str = "workorder.status.work_done", work_order: Any = 70211, **more: Any) -> bytes:
    told = {
        "event": {"name": name, "params": {"work_order_id": work_order, "status_id": 4}},
        "timestamp": "2026-03-02T08:15:42-06:00",
        "triggered_by_user": {"id": 5120},
        "workorder": {"id": 70211, "title": "Swap edge router"},
    }
    return json.dumps(told | more).encode()


def sending(delivery_id: str, webhook_id: str = "hook-1") -> dict[str, str]:
    return {"X-FN-Webhook-Id": webhook_id, "X-FN-Delivery-Id": delivery_id, "X-FN-Event-Trace-Id": "t-1"}


def signed(raw: bytes, secret: str = SECRET, how: str = "sha256") -> str:
    return f"{how}=" + hmac.new(secret.encode(), raw, getattr(hashlib, how)).hexdigest()


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("id_", [70211, "70211"])
async def test_an_event_raises_a_look_at_its_work_order(broker: Any, method: str, id_: Any) -> None:
    answer = await broker.event(body(work_order=id_), method=method, sending=sending("5b1e:1"))
    assert answer.status_code == 202
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"accepted": [{"work_order": "70211", "job": "900", "state": "queued"}]}
    (delivery,) = broker.inbox.deliveries
    assert (delivery.source, delivery.key) == ("field_nation_event", "hook-1:5b1e")
    assert [(wanted.kind, wanted.key) for wanted in delivery.wanted] == [("push_work_order", "70211")]
    assert json.loads(delivery.body)["event"] == "workorder.status.work_done"
    assert b"router" not in delivery.body


async def test_all_33_events_and_unknown_ones_are_accepted(broker: Any) -> None:
    for n, name in enumerate([*EVENT_NAMES, "workorder.something_new", ""]):
        answer = await broker.event(body(name), sending=sending(f"{n}:1"))
        assert answer.status_code == 202
        assert answer.json()["accepted"][0]["state"] == ("merged" if n else "queued")
    assert broker.inbox.keys == ["70211"] * 35


async def test_a_delivery_that_came_before_is_accepted_and_changes_nothing(broker: Any) -> None:
    answers = [await broker.event(body(), sending=sending(f"5b1e:{attempt}")) for attempt in (1, 1, 2, 3, 8)]
    assert {answer.status_code for answer in answers} == {202}
    assert [len(answer.json()["accepted"]) for answer in answers] == [1, 0, 0, 0, 0]
    assert len(broker.inbox.deliveries) == 1
    await broker.event(body(), sending=sending("5b1f:1"))
    await broker.event(body(), sending=sending("5b1e:1", webhook_id="hook-2"))
    assert len(broker.inbox.deliveries) == 3


async def test_deliveries_that_name_themselves_in_no_way_all_count(broker: Any) -> None:
    for _ in range(2):
        assert len((await broker.event(body())).json()["accepted"]) == 1
    assert [delivery.key for delivery in broker.inbox.deliveries] == ["", ""]


@pytest.mark.parametrize("raw", [b"{}", body("company.updated", None, workorder=None)])
async def test_an_event_that_names_no_work_order_is_accepted_and_wants_nothing(broker: Any, raw: bytes) -> None:
    answer = await broker.event(raw)
    assert (answer.status_code, answer.json()) == (202, {"accepted": []})
    assert broker.inbox.deliveries == []


@pytest.mark.parametrize(
    "more",
    [
        {"headers": {"Authorization": f"Bearer {TOKEN}"}},
        {"headers": {"X-Client-Token": TOKEN}},
        {"params": {"client_token": TOKEN}},
    ],
    ids=["bearer", "header", "query"],
)
async def test_a_token_counts_wherever_it_stands(broker: Any, more: dict[str, Any]) -> None:
    headers = {"X-FN-Signature": signed(body())} | more.pop("headers", {})
    answer = await broker.client.post(PATH, content=body(), headers=headers, **more)
    assert answer.status_code == 202


STRANGERS = [
    pytest.param({"token": ""}, id="no-token"),
    pytest.param({"token": "wrong"}, id="unknown"),
    pytest.param({"token": NO_SECRET}, id="no-secret-configured"),
    pytest.param({"sending": {"X-Client-Token": NO_SECRET}}, id="two-that-disagree"),
    pytest.param({"signature": None}, id="unsigned"),
    pytest.param({"signature": ""}, id="empty-signature"),
    pytest.param({"signature": signed(body(), "other")}, id="other-secret"),
    pytest.param({"signature": signed(body() + b" ")}, id="other-bytes"),
    pytest.param(
        {"signature": signed(json.dumps(json.loads(body()), indent=1).encode())}, id="written-anew-by-a-proxy"
    ),
    pytest.param({"signature": signed(body(), how="sha1")}, id="sha1"),
    pytest.param({"signature": signed(body(), how="sha512")}, id="sha512"),
    pytest.param({"signature": signed(body()).removeprefix("sha256=")}, id="no-algorithm"),
    pytest.param({"signature": "sha256=" + signed(body())[7:].upper()}, id="upper-case"),
    pytest.param({"signature": None, "sending": {"X-Hook-Signature": signed(body())}}, id="other-header"),
]


@pytest.mark.parametrize("more", STRANGERS)
async def test_every_stranger_gets_the_same_answer(broker: Any, more: dict[str, Any]) -> None:
    answer = await broker.event(body(), **more)
    plain = await broker.trigger(b"1", token="somebody-else")
    assert (answer.status_code, answer.content) == (401, plain.content)
    assert broker.inbox.deliveries == []


async def test_a_signature_is_checked_before_anything_is_read(broker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[bytes] = []
    monkeypatch.setattr(events, "read_event", read.append)
    for bomb in (b"[" * 100_000, b"{", b"", b'{"a":' * 100_000, b"[" * 1_000_000):
        answer = await broker.event(bomb, signature=signed(b"something else"))
        assert answer.status_code == 401
    assert read == []


async def test_a_connection_without_a_secret_is_refused_before_its_body_came(broker: Any) -> None:
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nX-Client-Token: {NO_SECRET}\r\nContent-Length: 500\r\n\r\n"
    with capture_logs() as lines:
        answer = await answer_of(broker, head.encode())
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert [(line["event"], line["reason"]) for line in lines] == [("event_refused", "no_event_secret")]


async def test_a_secret_that_is_taken_away_or_changed_counts_within_two_seconds(broker: Any) -> None:
    assert (await broker.event(body())).status_code == 202
    broker.inbox.event_secrets["acme"] = "sealed:another"
    broker.clock.boot += 2.0
    assert (await broker.event(body())).status_code == 401
    assert (await broker.event(body(), signature=signed(body(), "another"))).status_code == 202
    broker.inbox.event_secrets.clear()
    broker.clock.boot += 2.0
    assert (await broker.event(body(), signature=signed(body(), "another"))).status_code == 401


BAD = [
    pytest.param(b"", "malformed_json", id="nothing"),
    pytest.param(b"{", "malformed_json", id="half-json"),
    pytest.param(b"work_order_id=70211", "malformed_json", id="form"),
    pytest.param(b"[70211]", "no_object", id="list"),
    pytest.param(b'{"event":{"params":{"work_order_id":NaN}}}', "malformed_json", id="nan"),
    pytest.param(b'{"a":' * 65 + b"1" + b"}" * 65, "too_deep", id="65-levels"),
    pytest.param(b"[" * 2_000_000, "too_deep", id="bomb"),
]


@pytest.mark.parametrize(("raw", "code"), BAD)
async def test_a_malformed_body_gets_a_problem_that_names_the_mistake(broker: Any, raw: bytes, code: str) -> None:
    answer = await broker.event(raw)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert broker.inbox.deliveries == []


async def test_8_mib_are_accepted_and_not_a_byte_more(broker: Any) -> None:
    filler = LIMIT - len(body(workorder={"id": 70211, "notes": ""}))
    full = body(workorder={"id": 70211, "notes": "x" * filler})
    assert len(full) == LIMIT
    assert (await broker.event(full)).json()["accepted"][0]["work_order"] == "70211"
    answer = await broker.event(full + b" ")
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert len(broker.inbox.deliveries) == 1


async def test_others_are_answered_while_a_large_event_is_read(broker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    large = body(workorder={"id": 70211, "notes": "x" * 300_000})
    answered = asyncio.Event()
    loop = asyncio.get_running_loop()

    def read(raw: bytes) -> Any:
        asyncio.run_coroutine_threadsafe(answered.wait(), loop).result(5)
        return real(raw)

    real = events.read_event
    monkeypatch.setattr(events, "read_event", read)
    waiting = asyncio.create_task(broker.event(large))
    assert (await broker.trigger(b"1")).status_code == 202
    assert not waiting.done()
    answered.set()
    assert (await waiting).status_code == 202


async def test_a_streamed_excess_is_refused_while_it_is_still_sent(broker: Any) -> None:
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nX-Client-Token: {TOKEN}\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"100000\r\n" + b"1" * 0x100000 + b"\r\n"
    answer = await answer_of(broker, head.encode() + chunk * 8 + chunk, then=chunk)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert broker.inbox.deliveries == []


async def test_a_declared_excess_is_refused_before_a_byte_of_it_came(broker: Any) -> None:
    head = f"PUT {PATH} HTTP/1.1\r\nHost: x\r\nX-Client-Token: {TOKEN}\r\nContent-Length: {LIMIT + 1}\r\n\r\n"
    assert (await answer_of(broker, head.encode())).startswith(b"HTTP/1.1 413 ")


async def answer_of(broker: Any, data: bytes, *, then: bytes = b"") -> bytes:
    """The answer while the sender has not finished; `then` is sent after it came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", broker.port)
    writer.write(data)
    answer = await asyncio.wait_for(reader.readuntil(b"}"), 10)
    writer.write(then)
    writer.close()
    return answer


async def test_every_request_is_one_line_without_token_secret_or_body(broker: Any) -> None:
    with capture_logs() as lines:
        await broker.event(body(), sending=sending("5b1e:1"))
        await broker.event(body(), sending=sending("5b1e:2"))
        await broker.event(body(TOKEN), sending=sending("5b1f:1"))
        await broker.event(b"{}")
        await broker.event(body(), signature=signed(body(), "other"))
        await broker.event(b"{")
        await broker.event(body(), token="wrong")
        await broker.event(b"1" * (LIMIT + 1), signature="sha256=" + "0" * 64)
    accepted = [line for line in lines if line["event"] == "event_accepted"]
    assert [(line["name"], line["things"], line["merged"], line["repeated"]) for line in accepted] == [
        ("workorder.status.work_done", 1, 0, False),
        ("workorder.status.work_done", 0, 0, True),
        ("unknown", 1, 1, False),
        ("unknown", 0, 0, False),
    ]
    refused = [(line["code"], line.get("reason")) for line in lines if line["event"] == "event_refused"]
    assert refused == [
        ("unauthorized", "wrong_signature"),
        ("malformed_json", None),
        ("unauthorized", "unknown_token"),
        ("too_large", None),
    ]
    assert len(lines) == 8
    assert not any(secret in str(lines) for secret in (TOKEN, SECRET, "router", "sha256="))
