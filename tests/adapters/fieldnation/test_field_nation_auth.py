"""Tokens: how many are asked for, when, and what becomes of a refusal."""

import asyncio
from typing import Any

import pytest

from app.adapters.fieldnation.auth import AccessTokens, Grant
from app.adapters.http.sender import Sender
from app.core.model.failure import Failure, Refused, Throttled, Transient


@pytest.fixture
def tokens(sender: Sender, clock: Any, vendor: Any, grant: Grant) -> AccessTokens:
    return AccessTokens(sender, clock, vendor.url, grant)


async def test_the_password_grant_sends_every_credential_as_json(tokens: AccessTokens, vendor: Any) -> None:
    assert await tokens.current() == "token-1"
    assert vendor.seen[0].method == "POST"
    assert vendor.seen[0].headers["content-type"] == "application/json"
    assert vendor.seen[0].json == {
        "grant_type": "password",
        "client_id": "client-1",
        "client_secret": "client-secret-1",
        "username": "api@example.test",
        "password": "correct horse",
    }


async def test_client_credentials_send_no_user(sender: Sender, clock: Any, vendor: Any) -> None:
    grant = Grant("client_credentials", "client-1", "client-secret-1", "unused", "unused")
    assert await AccessTokens(sender, clock, vendor.url, grant).current() == "token-1"
    assert vendor.seen[0].json == {
        "grant_type": "client_credentials",
        "client_id": "client-1",
        "client_secret": "client-secret-1",
    }


async def test_however_many_wait_one_token_is_asked_for(tokens: AccessTokens, vendor: Any) -> None:
    assert set(await asyncio.gather(*(tokens.current() for _ in range(20)))) == {"token-1"}
    assert tokens.calls == len(vendor.seen) == 1


async def test_a_token_is_renewed_a_minute_before_it_ends(tokens: AccessTokens, clock: Any) -> None:
    await tokens.current()
    clock.advance(3539)
    assert await tokens.current() == "token-1"
    clock.advance(1)
    assert await tokens.current() == "token-2"


@pytest.mark.parametrize(
    ("expires_in", "good_for_s"), [("3600", 3540), (None, 3540), (-1, 3540), (100, 50), (0.5, 0.25)]
)
async def test_any_life_of_a_token_is_understood(
    tokens: AccessTokens, vendor: Any, clock: Any, expires_in: Any, good_for_s: float
) -> None:
    vendor.grant = lambda nth: (200, {"access_token": f"token-{nth}", "expires_in": expires_in})
    await tokens.current()
    clock.advance(good_for_s - 0.125)
    assert await tokens.current() == "token-1"
    clock.advance(0.125)
    assert await tokens.current() == "token-2"


async def test_a_refused_token_is_replaced_once_for_all_who_held_it(tokens: AccessTokens) -> None:
    held = await tokens.current()
    assert set(await asyncio.gather(*(tokens.after_refusal(held) for _ in range(20)))) == {"token-2"}
    assert tokens.calls == 2


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"status_code": 401, "message": "The user credentials were incorrect."}),
        (400, {"error": "invalid_grant", "error_description": "The user credentials were incorrect."}),
        (403, {"message": "The user credentials were incorrect."}),
    ],
)
async def test_wrong_credentials_are_refused_and_not_tried_again(
    tokens: AccessTokens, vendor: Any, clock: Any, status: int, body: Any
) -> None:
    vendor.grant = lambda _: (status, body)
    for _ in range(3):
        with pytest.raises(Refused, match="incorrect"):
            await tokens.current()
        clock.advance(7200)
    with pytest.raises(Refused):
        await tokens.after_refusal("")
    assert tokens.calls == 1
    tokens.retry_credentials()
    vendor.grant = lambda nth: (200, {"access_token": f"token-{nth}"})
    assert await tokens.current() == "token-2"


@pytest.mark.parametrize(
    "reply", [(500, {}), (503, b"<html>"), (408, {}), (302, {}), (200, b"<html>"), (200, {"a": 1})]
)
async def test_trouble_at_the_token_endpoint_is_no_refusal(tokens: AccessTokens, vendor: Any, reply: Any) -> None:
    vendor.grant = lambda _: reply
    with pytest.raises(Transient):
        await tokens.current()
    vendor.grant = lambda nth: (200, {"access_token": f"token-{nth}"})
    assert await tokens.current() == "token-2"


async def test_a_throttled_token_endpoint_says_until_when(tokens: AccessTokens, vendor: Any, clock: Any) -> None:
    vendor.grant = lambda _: (429, {"message": "slow"}, {"Retry-After": "9"})
    with pytest.raises(Throttled) as caught:
        await tokens.current()
    assert (caught.value.until - clock.now()).total_seconds() == 9


async def test_one_who_stops_waiting_does_not_take_the_token_from_the_others(tokens: AccessTokens, vendor: Any) -> None:
    waiting = [asyncio.ensure_future(tokens.current()) for _ in range(3)]
    waiting[0].cancel()
    assert await asyncio.gather(*waiting[1:]) == ["token-1", "token-1"]


async def test_no_secret_stands_in_a_refusal_or_a_repr(tokens: AccessTokens, vendor: Any, grant: Grant) -> None:
    vendor.grant = lambda _: (401, {"message": "wrong: client-secret-1 / correct horse"})
    with pytest.raises(Failure) as caught:
        await tokens.current()
    texts = f"{caught.value} {caught.value.detail} {caught.value!r} {tokens!r} {grant!r}"
    assert "client-secret-1" not in texts
    assert "correct horse" not in texts
