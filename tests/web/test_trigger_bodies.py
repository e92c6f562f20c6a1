"""What the trigger accepts, and how it refuses the rest."""

import json
from typing import Any

import httpx
import pytest

WEBHOOK = {"Action": "Update", "Guid": "5b1e", "EntityType": "Ticket", "Id": 12345, "Fields": {"Title": "x"}}
NUMBER = "T20260527.0006"

GOOD = [
    pytest.param(json.dumps(WEBHOOK), "application/json", ["12345"], id="webhook"),
    pytest.param('{"id": 7}', "application/json", ["7"], id="json"),
    pytest.param('{"event": {"ticket": {"ticketNumber": "T20260527.0006"}}}', "", [NUMBER], id="nested"),
    pytest.param("[1, 2, 3, 2]", "application/json", ["1", "2", "3"], id="list"),
    pytest.param("ticketid=12&x=y", "application/x-www-form-urlencoded", ["12"], id="form"),
    pytest.param("<ticket><id>44</id></ticket>", "text/xml", ["44"], id="xml"),
    pytest.param("12345", "text/plain", ["12345"], id="text"),
    pytest.param('{"id": 9}', "text/plain", ["9"], id="json-as-text"),
]


@pytest.mark.parametrize(("body", "content_type", "keys"), GOOD)
@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_every_form_of_a_trigger_is_accepted(
    broker: Any, method: str, body: str, content_type: str, keys: list[str]
) -> None:
    answer = await broker.trigger(body.encode(), method=method, headers={"Content-Type": content_type})
    assert answer.status_code == 202
    assert answer.headers["content-type"] == "application/json"
    assert broker.inbox.keys == keys
    assert [row["ticket"] for row in answer.json()["accepted"]] == keys


async def test_a_person_names_a_ticket_in_the_query(broker: Any) -> None:
    answer = await broker.trigger(method="GET", params={"client_token": "tok-Zf3kQ8sW1xYb7LmN", "id": "77"})
    assert answer.status_code == 202
    assert answer.json() == {"accepted": [{"ticket": "77", "job": "900", "state": "queued"}]}
    assert broker.inbox.deliveries[0].source == "person"


async def test_a_second_trigger_is_told_that_it_was_merged(broker: Any) -> None:
    await broker.trigger(b"5")
    answer = await broker.trigger(b"5")
    assert answer.json()["accepted"][0]["state"] == "merged"


async def test_a_delivery_carries_the_body_as_it_came(broker: Any) -> None:
    body = json.dumps(WEBHOOK).encode()
    await broker.trigger(body, headers={"Content-Type": "application/json"})
    delivery = broker.inbox.deliveries[0]
    assert (delivery.body, delivery.content_type, delivery.source) == (body, "application/json", "autotask_webhook")


BAD = [
    pytest.param(b"", "", 400, id="nothing"),
    pytest.param(b"{", "application/json", 400, id="half-json"),
    pytest.param(b'{"id": }', "application/json", 400, id="json-without-value"),
    pytest.param(b"{}", "application/json", 400, id="empty-object"),
    pytest.param(b'{"id": null}', "application/json", 400, id="null-id"),
    pytest.param(b'{"id": -4}', "application/json", 400, id="negative-id"),
    pytest.param(b'{"id": 1.5}', "application/json", 400, id="fraction"),
    pytest.param(b'{"id": 99999999999999999999999}', "application/json", 400, id="huge-id"),
    pytest.param(b'{"id": "T2026.1"}', "application/json", 400, id="no-number"),
    pytest.param(b'{"id": "1\\u0000"}', "application/json", 400, id="escaped-nul"),
    pytest.param(b"12\x0034", "text/plain", 400, id="nul"),
    pytest.param(b"\xff\xfe\xff", "text/plain", 400, id="no-utf-8"),
    pytest.param(b"[" * 5000, "application/json", 400, id="deep-json"),
    pytest.param(b"[" * 100 + b"1" + b"]" * 100, "application/json", 400, id="too-deep-json"),
    pytest.param(b"<a><b>", "text/xml", 400, id="half-xml"),
    pytest.param(b'<!DOCTYPE x [<!ENTITY e "1">]><id>&e;</id>', "text/xml", 400, id="entities"),
    pytest.param(b"--x\r\n\r\n1\r\n--x--", "multipart/form-data; boundary=x", 400, id="multipart"),
    pytest.param(b'{"Action":"Update","Guid":"g","EntityType":"Contact","Id":1}', "", 400, id="other-entity"),
    pytest.param(json.dumps(list(range(1, 502))).encode(), "application/json", 422, id="501-ids"),
    pytest.param(b"1" * 65537, "text/plain", 413, id="one-byte-too-many"),
]


@pytest.mark.parametrize(("body", "content_type", "status"), BAD)
async def test_a_malformed_body_gets_a_problem_that_names_the_mistake(
    broker: Any, body: bytes, content_type: str, status: int
) -> None:
    answer = await broker.trigger(body, headers={"Content-Type": content_type})
    assert answer.status_code == status
    assert_problem(answer)
    assert broker.inbox.deliveries == []


async def test_exactly_500_ids_and_64_kib_are_accepted(broker: Any) -> None:
    assert (await broker.trigger(json.dumps(list(range(1, 501))).encode())).status_code == 202
    padded = b'{"id": 5' + b" " * (65536 - 9) + b"}"
    assert len(padded) == 65536
    assert (await broker.trigger(padded)).status_code == 202


@pytest.mark.parametrize("query", ["id=%", "id=%zz", "id=%00", "id=%ff%fe", "id=a%F0%28", "=&&=;", "id=1%0d%0aX:2"])
async def test_a_bad_query_is_the_senders_mistake(broker: Any, query: str) -> None:
    url = f"/v1/broker/inbound?client_token=tok-Zf3kQ8sW1xYb7LmN&{query}"
    answer = await broker.raw(f"GET {url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 400 ")


def assert_problem(answer: httpx.Response) -> None:
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "code"}
    assert problem["status"] == answer.status_code
    assert problem["code"]
    assert len(problem["detail"]) > 20
