"""What a sender may get wrong: every mistake has its answer and a sentence, and none is the broker's own failure."""

import asyncio
import json
import random
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import hypothesis
import schemathesis
from hypothesis import HealthCheck
from schemathesis.checks import not_a_server_error

from tests.e2e.kit import Kit

LIMIT_BYTES = 64 * 1024
EFFORT = hypothesis.settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
JSON, FORM, XML, TEXT = "application/json", "application/x-www-form-urlencoded", "text/xml", "text/plain"
WEBHOOK = {"Action": "Update", "Guid": "5b1e", "EntityType": "Ticket", "Id": 7001, "Fields": {}}


@dataclass(frozen=True)
class Mistake:
    """A request that is wrong, and what its sender is told: status, code, words of the sentence."""

    name: str
    status: int
    code: str
    words: str
    body: bytes = b""
    content_type: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "POST"
    query: str = ""
    token: str | None = "right"
    path: str = "/v1/broker/inbound"


def unread(name: str, body: bytes | str, content_type: str, code: str, words: str) -> Mistake:
    """A body that cannot be read."""
    return Mistake(name, 400, code, words, body.encode() if isinstance(body, str) else body, content_type)


def unnamed(name: str, body: str, content_type: str, code: str = "no_id", words: str = "names no ticket") -> Mistake:
    """A body that can be read and names no ticket."""
    return Mistake(name, 400, code, words, body.encode(), content_type)


MISTAKES = [
    unread("half a JSON object", "{", JSON, "malformed_json", "line 1"),
    unread("JSON without a value", '{"id": }', JSON, "malformed_json", "line 1"),
    unread("JSON with a comma too many", '{"id": 7001,}', JSON, "malformed_json", "line 1"),
    unread("JSON in single quotes", "{'id': 7001}", JSON, "malformed_json", "line 1"),
    unread("two JSON documents", '{"id": 7001}{"id": 7002}', JSON, "malformed_json", "line 1"),
    unread("JSON that never ends", "[" * 5000, JSON, "too_deep", "64 levels"),
    unread("JSON nested 100 deep", "[" * 100 + "7001" + "]" * 100, JSON, "too_deep", "64 levels"),
    unnamed("a number that is none", '{"id": NaN}', JSON, "bad_id", "NaN"),
    unread("bytes that are no text", b"\xff\xfe\xff", TEXT, "bad_id", "neither an id nor"),
    unread("half a character", b'{"id": "\xc3"}', JSON, "bad_id", "neither an id nor"),
    unread("half of an XML element", "<a><b>", XML, "malformed_xml", "line 1"),
    unread("XML with two roots", "<a>7001</a><b/>", XML, "malformed_xml", "line 1"),
    unread("an XML entity", '<!DOCTYPE x [<!ENTITY e "7001">]><id>&e;</id>', XML, "xml_dtd", "DTD"),
    unread("an XML bomb", '<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><id>&b;</id>', XML, "xml_dtd", "DTD"),
    unread("a file of another computer", '<!DOCTYPE x SYSTEM "http://127.0.0.1/x"><id>1</id>', XML, "xml_dtd", "DTD"),
    unread(
        "a multipart form", "--x\r\n\r\n7001\r\n--x--", "multipart/form-data; boundary=x", "malformed_body", "Multipart"
    ),
    unnamed("nothing at all", "", ""),
    unnamed("blanks", "  \r\n ", TEXT),
    unnamed("an empty object", "{}", JSON),
    unnamed("an empty list", "[]", JSON),
    unnamed("a list of nothing", "[null, null]", JSON, "bad_id", "null"),
    unnamed("JSON null", "null", JSON, "bad_id", "null"),
    unnamed("an id that is null", '{"id": null}', JSON),
    unnamed("an id that is empty", '{"id": ""}', JSON),
    unnamed("an object of other things", '{"title": "Printer", "queue": 8}', JSON),
    unnamed("a form of other things", "title=Printer", FORM),
    unnamed("XML of other things", "<printer><title>x</title></printer>", XML),
    unnamed("an id below one", '{"id": -4}', JSON, "bad_id", "-4"),
    unnamed("id zero", '{"id": 0}', JSON, "bad_id", "0"),
    unnamed("a fraction", '{"id": 1.5}', JSON, "bad_id", "1.5"),
    unnamed("yes", '{"id": true}', JSON, "bad_id", "true"),
    unnamed("an id beyond all ids", '{"id": 99999999999999999999999}', JSON, "bad_id", "9999"),
    unnamed("half of a ticket number", '{"ticketNumber": "T2026.1"}', JSON, "bad_id", "T2026.1"),
    unnamed("a ticket number with a letter", "T20261101.00a1", TEXT, "bad_id", "T20261101.00a1"),
    unnamed("a sentence", "please look at the printer", TEXT, "bad_id", "please"),
    unnamed("an id with a hidden character", '{"id": "7001\\u0000"}', JSON, "bad_id", "7001"),
    unnamed("SQL", "ticketid=7001'%20OR%201=1--", FORM, "bad_id", "7001'"),
    unnamed("one good and one bad id", '["7001", "x y"]', JSON, "bad_id", "x"),
    unnamed("a webhook of a contact", json.dumps(WEBHOOK | {"EntityType": "Contact"}), JSON, "wrong_entity", "Contact"),
    Mistake("501 ids", 422, "too_many_ids", "500", json.dumps([*range(1, 502)]).encode(), JSON),
    Mistake("a byte too many", 413, "too_large", "65536", b"1" * (LIMIT_BYTES + 1), TEXT),
    Mistake("no token", 401, "unauthorized", "token", b"7001", TEXT, token=None),
    Mistake("an empty token", 401, "unauthorized", "token", b"7001", TEXT, token=""),
    Mistake("a token of somebody else", 401, "unauthorized", "token", b"7001", TEXT, token="x" * 32),
    Mistake("a token with a hidden character", 401, "unauthorized", "token", b"7001", TEXT, token="%00"),
    Mistake("a second, wrong token", 401, "unauthorized", "token", b"7001", TEXT, {"X-Client-Token": "other"}),
    Mistake("a wrong bearer beside", 401, "unauthorized", "token", b"7001", TEXT, {"Authorization": "Bearer other"}),
    Mistake("a deletion", 405, "method_not_allowed", "POST", method="DELETE"),
    Mistake("a patch", 405, "method_not_allowed", "POST", b"7001", TEXT, method="PATCH"),
    Mistake("a look without an id", 400, "no_id", "names no ticket", method="GET"),
    Mistake("a look at no ticket", 400, "bad_id", "seven", method="GET", query="&id=seven"),
    Mistake("a path that is not there", 404, "not_found", "/docs", b"7001", TEXT, path="/v1/broker/outbound"),
    Mistake("a slash too many", 404, "not_found", "/docs", b"7001", TEXT, path="/v1/broker/inbound/"),
    Mistake("health without a token", 401, "unauthorized", "Bearer", method="GET", path="/health", token=None),
]


async def test_every_mistake_of_a_sender_has_its_status_its_code_and_a_sentence(kit: Kit) -> None:
    customer = await kit.customer()
    token = customer.trigger_url.partition("client_token=")[2]
    wrong = []
    for mistake in MISTAKES:
        answer = await _sent(kit, mistake, token)
        told = answer.json() if answer.headers.get("content-type") == "application/problem+json" else {}
        said = (answer.status_code, told.get("status"), told.get("code"))
        is_right = said == (mistake.status, mistake.status, mistake.code)
        if not is_right or mistake.words not in told["detail"] or not told["detail"].endswith("."):
            wrong.append((mistake.name, answer.status_code, told))
    assert len(MISTAKES) >= 40
    assert wrong == []
    assert (await customer.health())["counters"]["received"] == 0


async def test_bytes_of_any_kind_on_the_socket_never_make_a_server_error(kit: Kit) -> None:
    customer = await kit.customer()
    target = urlsplit(customer.trigger_url)
    chance = random.Random(20261101)
    answers = [await _raw(target.port or 0, _noise(chance, target)) for _ in range(200)]
    lines = [answer.partition(b"\r\n")[0] for answer in answers if answer]
    assert lines
    assert [line for line in lines if not line.startswith(b"HTTP/1.1 ") or line[9:10] == b"5"] == []
    assert [answer for answer in answers if b"Traceback" in answer] == []
    assert (await customer.trigger())[0]["state"] in ("queued", "merged")


async def _sent(kit: Kit, mistake: Mistake, token: str) -> httpx.Response:
    query = "" if mistake.token is None else f"client_token={token if mistake.token == 'right' else mistake.token}"
    headers = mistake.headers | ({"Content-Type": mistake.content_type} if mistake.content_type else {})
    url = f"{kit.web}{mistake.path}?{query}{mistake.query}"
    return await kit.http.request(mistake.method, url, content=mistake.body, headers=headers)


def _noise(chance: random.Random, target: Any) -> bytes:
    """A request of which something is broken, or no request at all."""
    path = f"{target.path}?{target.query}"
    whole = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {JSON}\r\nContent-Length: 14\r\n\r\n".encode()
    whole += b'{"id": "7001"}'
    kind = chance.randrange(7)
    if kind == 0:
        return chance.randbytes(chance.randrange(1, 400))
    if kind == 1:
        return whole[: chance.randrange(1, len(whole))]
    if kind == 2:
        return whole.replace(b"14", chance.choice([b"-1", b"1e3", b"99", b"0", b"", b"14, 14", b"0x0e"]), 1)
    if kind == 3:
        return whole.replace(b"HTTP/1.1", chance.choice([b"HTTP/9.9", b"HTTP", b"", b"HTTP/1.0", b"http/1.1"]), 1)
    if kind == 4:
        chunk = chance.choice([b"zz\r\nabc\r\n0\r\n\r\n", b"5\r\nab", b"-1\r\n\r\n", b"fffffffff\r\n"])
        return whole.partition(b"Content-Length")[0] + b"Transfer-Encoding: chunked\r\n\r\n" + chunk
    if kind == 5:
        return whole.replace(b"Host: x", b"X: " + chance.randbytes(chance.randrange(1, 90_000)), 1)
    position = chance.randrange(len(whole))
    return whole[:position] + chance.randbytes(chance.randrange(1, 9)) + whole[position + 1 :]


async def _raw(port: int, request: bytes) -> bytes:
    """What comes back before the other side closes or falls silent; empty when it just closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        if writer.can_write_eof():
            writer.write_eof()
        async with asyncio.timeout(2):
            return await reader.read()
    except (ConnectionError, TimeoutError):
        return b""
    finally:
        writer.close()


async def test_requests_made_up_from_our_own_description_find_no_server_error(kit: Kit) -> None:
    customer = await kit.customer()
    await asyncio.to_thread(_try_everything, kit)
    assert (await customer.health())["identity"]["holds"]


def _try_everything(kit: Kit) -> None:
    """Some requests for every operation of the running broker's OpenAPI document, right ones and wrong ones."""
    schema = schemathesis.openapi.from_url(f"{kit.web}/openapi.json")
    headers = {"Authorization": f"Bearer {kit.environment()['BROKER_VIEWER_TOKEN']}"}
    tried = []
    operations: Any = schema.get_all_operations()
    for found in operations:
        operation = found.ok()
        tried.append(operation.path)

        @EFFORT
        @hypothesis.given(case=operation.as_strategy())
        def attempt(case: Any) -> None:
            case.call_and_validate(headers=headers, checks=[not_a_server_error])

        attempt()
    assert {"/v1/broker/inbound", "/health", "/readyz"} <= set(tried)
