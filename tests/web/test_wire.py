"""The wire: odd methods and paths, our own OpenAPI under fuzz, and raw bytes. Nothing is ever a 5xx."""

import asyncio
import random
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

TOKEN = "tok-Zf3kQ8sW1xYb7LmN"
PATH = "/v1/broker/inbound"
EVENT_PATH = "/v1/field-nation/events"
LINE = f"POST {PATH}?client_token={TOKEN} HTTP/1.1\r\n".encode()


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "HEAD", "TRACE", "BREW"])
async def test_a_method_that_is_not_for_triggers_is_a_405(broker: Any, method: str) -> None:
    answer = await broker.raw(f"{method} {PATH}?id=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith((b"HTTP/1.1 405 ", b"HTTP/1.1 400 "))
    assert broker.inbox.deliveries == []


@pytest.mark.parametrize("method", ["GET", "DELETE", "PATCH", "HEAD", "TRACE"])
async def test_a_method_that_is_not_for_events_is_a_405(broker: Any, method: str) -> None:
    answer = await broker.client.request(method, EVENT_PATH, params={"client_token": TOKEN})
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST, PUT, OPTIONS")


@pytest.mark.parametrize(("path", "allowed"), [(PATH, "GET, POST, PUT, OPTIONS"), (EVENT_PATH, "POST, PUT, OPTIONS")])
async def test_options_tell_what_is_allowed(broker: Any, path: str, allowed: str) -> None:
    answer = await broker.client.options(path)
    assert (answer.status_code, answer.headers["allow"]) == (200, allowed)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("POST", "/livez", 405), ("GET", PATH + "/", 404), ("GET", "/%00%ff", 404)],
)
async def test_the_frameworks_refusals_are_problems_too(broker: Any, method: str, path: str, status: int) -> None:
    answer = await broker.client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json()) == {"type", "title", "status", "detail", "code"}


async def test_the_document_is_served_and_names_every_route(broker: Any) -> None:
    document = (await broker.client.get("/openapi.json")).json()
    assert set(document["paths"]) == {PATH, EVENT_PATH, "/livez", "/readyz", "/health", "/metrics"}
    assert set(document["paths"][PATH]) == {"get", "post", "put"}
    assert set(document["paths"][EVENT_PATH]) == {"post", "put"}
    assert (await broker.client.get("/docs")).status_code == 200


@pytest.mark.parametrize("is_known", [True, False], ids=["with-token", "without"])
async def test_a_fuzz_of_our_own_document_finds_no_fault(broker: Any, is_known: bool) -> None:
    url = f"http://127.0.0.1:{broker.port}"
    await asyncio.to_thread(fuzz, url, {"Authorization": f"Bearer {TOKEN}"} if is_known else {})


def fuzz(url: str, headers: dict[str, str]) -> None:
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    checks = [
        not_a_server_error,
        status_code_conformance,
        content_type_conformance,
        response_schema_conformance,
        unsupported_method,
    ]
    for found in schema.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy())
        @settings(
            max_examples=25,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def one(case: Any) -> None:
            case.call_and_validate(base_url=url, headers=headers, checks=checks)

        one()


ODD = [
    b"\r\n\r\n",
    b"\x00" * 64,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET http://x:y:z/ HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET //?%%% HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /\xff\xfe?\x80 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET " + PATH.encode() + b"?client_token=\xff\xfe&id=\x01 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET " + PATH.encode() + b"?client_token=%ff%00&id=%ed%a0%80 HTTP/1.1\r\nHost: x\r\n\r\n",
    LINE + b"Host: x\r\nX-Client-Token: \xff\xfe\x80\r\n\r\n",
    LINE + b"Host: x\r\nX-Big: " + b"a" * 300_000 + b"\r\n\r\n",
    LINE + b"Host: x\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(2000)) + b"\r\n",
    LINE + b"Host: x\r\nBad Header: 1\r\n\r\n",
    LINE + b"Host: x\r\nX: \x00\r\n\r\n",
    LINE + b"Host: x\r\nContent-Length: -1\r\n\r\n",
    LINE + b"Host: x\r\nContent-Length: 99999999999999999999999\r\n\r\n",
    LINE + b"Host: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12",
    LINE + b"Host: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1",
    LINE + b"Host: x\r\nTransfer-Encoding: gzip\r\n\r\n1",
    LINE + b"Host: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n1\r\n0\r\n\r\n",
    LINE + b"Host: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n1",
    LINE + b"Host: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n1xx0\r\n\r\n",
    LINE + b"Host: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
    LINE + b"Host: x\r\nUpgrade: h2c\r\nConnection: upgrade\r\nContent-Length: 1\r\n\r\n1",
    LINE + b"Host: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n1",
    (LINE + b"Host: x\r\nContent-Length: 1\r\n\r\n1") * 30,
]


def scrambled(count: int) -> list[bytes]:
    """Good requests with a few bytes changed, lost or doubled; the same ones every time."""
    chance = random.Random(20260527)
    good = (
        LINE
        + b'Host: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{"id": 5}\r\n0\r\n\r\n'
    )
    made = []
    for _ in range(count):
        data = bytearray(good)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(data))
            data[at : at + chance.randint(0, 2)] = chance.randbytes(chance.randint(0, 3))
        made.append(bytes(data))
    return made


async def _heard(broker: Any, data: bytes) -> bytes:
    try:
        return await broker.raw(data, timeout_s=0.5)
    except TimeoutError:
        return b""


async def test_raw_bytes_never_give_a_5xx_nor_a_trace(broker: Any, caplog: pytest.LogCaptureFixture) -> None:
    requests = ODD + scrambled(300)
    for start in range(0, len(requests), 40):
        batch = requests[start : start + 40]
        for data, answer in zip(batch, await asyncio.gather(*(_heard(broker, d) for d in batch)), strict=True):
            assert b"5" not in {part[2:3] for part in answer.split(b"HTTP/1.")[1:]}, (data[:300], answer[:300])
    assert "Traceback" not in caplog.text
    assert "Exception in ASGI" not in caplog.text
    assert (await broker.trigger(b"1")).status_code == 202


async def test_pipelined_triggers_are_all_answered(broker: Any) -> None:
    asked = b"".join(LINE + b"Host: x\r\nContent-Length: 2\r\n\r\n%02d" % n for n in range(10, 40))
    reader, writer = await asyncio.open_connection("127.0.0.1", broker.port)
    writer.write(asked)
    heard = b""
    while heard.count(b'"accepted"') < 30:
        heard += await asyncio.wait_for(reader.read(65536), 5)
    writer.close()
    assert heard.count(b"HTTP/1.1 202 ") == 30
