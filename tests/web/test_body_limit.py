"""64 KiB, enforced while reading, whatever the sender declares."""

import asyncio
from typing import Any

import pytest

from app.web import bodies

HEAD = "POST /v1/broker/inbound HTTP/1.1\r\nHost: x\r\nX-Client-Token: {}\r\n{}\r\n\r\n"
TOKEN = "tok-Zf3kQ8sW1xYb7LmN"


def head(framing: str, token: str = TOKEN) -> bytes:
    return HEAD.format(token, framing).encode()


async def answer_of(broker: Any, data: bytes, *, then: bytes = b"") -> bytes:
    """The answer while the sender has not finished; `then` is sent after it came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", broker.port)
    writer.write(data)
    answer = await asyncio.wait_for(reader.readuntil(b"}"), 5)
    if then:
        writer.write(then)
    writer.close()
    return answer


async def test_a_declared_excess_is_refused_before_a_byte_of_it_came(broker: Any) -> None:
    answer = await answer_of(broker, head("Content-Length: 65537"))
    assert answer.startswith(b"HTTP/1.1 413 ")


async def test_an_absurd_declaration_is_refused(broker: Any) -> None:
    assert (await answer_of(broker, head("Content-Length: 18446744073709551615"))).startswith(b"HTTP/1.1 413 ")


async def test_a_chunked_excess_is_refused_while_it_is_still_sent(broker: Any) -> None:
    chunk = b"4000\r\n" + b"1" * 0x4000 + b"\r\n"
    answer = await answer_of(broker, head("Transfer-Encoding: chunked") + chunk * 5, then=chunk)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert broker.inbox.deliveries == []


async def test_a_sender_that_sends_megabytes_hears_why_it_is_refused(broker: Any) -> None:
    answer = await broker.trigger(b"1" * 4_000_000)
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"
    stranger = await broker.trigger(b"1" * 4_000_000, token="wrong")
    assert stranger.status_code == 401


async def test_a_stranger_is_refused_before_the_body_came(broker: Any) -> None:
    answer = await answer_of(broker, head("Content-Length: 5", token="wrong"))
    assert answer.startswith(b"HTTP/1.1 401 ")


async def test_a_sender_that_waits_for_leave_is_refused_without_it(broker: Any) -> None:
    answer = await answer_of(broker, head("Content-Length: 99999\r\nExpect: 100-continue"))
    assert answer.startswith(b"HTTP/1.1 413 ")


async def test_a_body_that_does_not_end_is_given_up(broker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "READ_TIMEOUT_S", 0.1)
    answer = await answer_of(broker, head("Content-Length: 5") + b"12")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert broker.inbox.deliveries == []


async def test_a_body_that_is_longer_than_declared_counts_as_declared(broker: Any) -> None:
    answer = await broker.raw(head("Content-Length: 2\r\nConnection: close") + b"1234567")
    assert answer.startswith(b"HTTP/1.1 202 ")
    assert broker.inbox.keys == ["12"]


async def test_a_sender_that_hangs_up_leaves_nothing_behind(broker: Any) -> None:
    await broker.raw(head("Content-Length: 500") + b"123", finish=True)
    assert (await broker.trigger(b"1")).status_code == 202
    assert broker.inbox.keys == ["1"]


async def test_an_endless_address_is_the_senders_mistake(broker: Any) -> None:
    url = f"/v1/broker/inbound?client_token={TOKEN}&id={'1' * 70000}"
    answer = await broker.raw(f"GET {url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 400 ")
