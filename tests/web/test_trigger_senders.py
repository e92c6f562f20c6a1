"""Who may send a trigger: tokens and signatures."""

import asyncio
import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

TOKEN = "tok-Zf3kQ8sW1xYb7LmN"
SIGNED = "tok-signed-Pq9vT2rE5uHd"
SECRET = "hook-secret-6Jc4"
WEBHOOK = b'{"Action":"Update","Guid":"5b1e","EntityType":"Ticket","Id":12345,"Fields":{"Title":"a \\u0026 b"}}'
DEACTIVATED = b'{"Action":"Deactivated","Guid":"5b1e"}'


def signature(body: bytes, secret: str = SECRET) -> str:
    return "sha1=" + base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha1).digest()).decode()


@pytest.mark.parametrize(
    "more",
    [
        {"params": {"client_token": TOKEN}},
        {"headers": {"Authorization": f"Bearer {TOKEN}"}},
        {"headers": {"X-Client-Token": TOKEN}},
        {"params": {"client_token": TOKEN}, "headers": {"X-Client-Token": TOKEN}},
    ],
    ids=["query", "bearer", "header", "twice-the-same"],
)
async def test_a_token_counts_wherever_it_stands(broker: Any, more: dict[str, Any]) -> None:
    answer = await broker.trigger(b"1", token="", **more)
    assert answer.status_code == 202


STRANGERS = [
    pytest.param({"token": ""}, id="no-token"),
    pytest.param({"token": "wrong"}, id="unknown"),
    pytest.param({"token": TOKEN.upper()}, id="other-case"),
    pytest.param({"token": TOKEN[:-1]}, id="cut-short"),
    pytest.param({"token": "\x00"}, id="nul"),
    pytest.param({"token": "é" * 40}, id="not-ascii"),
    pytest.param({"token": "x" * 20000}, id="long"),
    pytest.param({"headers": {"X-Client-Token": SIGNED}}, id="two-that-disagree"),
    pytest.param({"headers": {"Authorization": "Bearer nonsense"}}, id="a-good-and-a-bad-one"),
    pytest.param({"token": "", "headers": {"Authorization": f"Basic {TOKEN}"}}, id="other-scheme"),
    pytest.param({"token": SIGNED}, id="unsigned"),
    pytest.param({"token": SIGNED, "headers": {"X-Hook-Signature": "sha1=AAAA"}}, id="wrong-signature"),
    pytest.param({"token": SIGNED, "headers": {"X-Hook-Signature": "é\xff"}}, id="garbled-signature"),
    pytest.param({"token": SIGNED, "headers": {"X-Hook-Signature": signature(WEBHOOK, "other")}}, id="other-secret"),
    pytest.param({"token": SIGNED, "headers": {"X-Hook-Signature": signature(WEBHOOK + b" ")}}, id="other-bytes"),
]


@pytest.mark.parametrize("more", STRANGERS)
async def test_every_stranger_gets_the_same_answer(broker: Any, more: dict[str, Any]) -> None:
    headers = {name: value.encode("latin-1") for name, value in more.get("headers", {}).items()}
    answer = await broker.trigger(WEBHOOK, **(more | {"headers": headers}))
    plain = await broker.trigger(WEBHOOK, token="somebody-else")
    assert (answer.status_code, answer.content) == (401, plain.content)
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["code"] == "unauthorized"
    assert broker.inbox.deliveries == []


async def test_a_webhook_signed_over_its_bytes_is_accepted(broker: Any) -> None:
    answer = await broker.trigger(WEBHOOK, token=SIGNED, headers={"X-Hook-Signature": signature(WEBHOOK)})
    assert answer.status_code == 202
    assert broker.inbox.keys == ["12345"]


async def test_a_callout_needs_no_signature(broker: Any) -> None:
    assert (await broker.trigger(b"id=5", token=SIGNED)).status_code == 202


async def test_a_signature_is_not_asked_for_without_a_secret(broker: Any) -> None:
    answer = await broker.trigger(WEBHOOK, headers={"X-Hook-Signature": "sha1=AAAA"})
    assert answer.status_code == 202


@pytest.mark.parametrize("token", [TOKEN, SIGNED])
async def test_a_deactivation_is_acknowledged_and_never_believed(broker: Any, token: str) -> None:
    answer = await broker.trigger(DEACTIVATED, token=token, headers={"X-Hook-Signature": "sha1=AAAA"})
    assert (answer.status_code, answer.json()) == (202, {"accepted": []})
    assert broker.inbox.deliveries == []


async def test_a_stranger_learns_nothing_about_the_body(broker: Any) -> None:
    for body in (b"{", b"", b"1" * 70000, json.dumps(list(range(1, 600))).encode()):
        assert (await broker.trigger(body, token="wrong")).status_code == 401
    forged = await broker.trigger(b"{", token=SIGNED, headers={"X-Hook-Signature": "sha1=AAAA"})
    assert forged.status_code == 401


async def test_a_revoked_token_is_refused_within_two_seconds(broker: Any) -> None:
    assert (await broker.trigger(b"1")).status_code == 202
    del broker.inbox.tokens[TOKEN]
    broker.clock.boot += 2.0
    assert (await broker.trigger(b"1")).status_code == 401


async def test_a_new_token_counts_at_once(broker: Any) -> None:
    assert (await broker.trigger(b"1", token="fresh")).status_code == 401
    broker.inbox.tokens["fresh"] = ("acme", None)
    assert (await broker.trigger(b"1", token="fresh")).status_code == 202


async def test_a_storm_asks_for_its_token_once(broker: Any) -> None:
    answers = await asyncio.gather(*(broker.trigger(b"%d" % n) for n in range(1, 60)))
    assert {answer.status_code for answer in answers} == {202}
    assert broker.inbox.look_ups == 1


async def test_a_secret_that_no_key_opens_is_our_trouble(broker: Any) -> None:
    broker.inbox.tokens[SIGNED] = ("signed", "sealed-with-a-lost-key")
    answer = await broker.trigger(WEBHOOK, token=SIGNED, headers={"X-Hook-Signature": signature(WEBHOOK)})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
