"""Trigger tokens: kept, made, shown once, rotated."""

import pytest

from app.core.intake.tokens import token_hash
from app.core.model.failure import Rejected
from app.core.model.ids import ConnectionId
from tests.fakes.connections import FakeDesk, FakeStore, a_file, codes

IN_USE = "a-token-in-use/1234"


async def live_in(desk: FakeDesk, *tokens: str) -> list[bool]:
    return [bool(await desk.store.callers(token_hash(token))) for token in tokens]


async def test_a_connection_without_a_token_gets_one_which_is_shown_once() -> None:
    desk = FakeDesk()
    await desk.connections.apply(a_file())
    shown = await desk.connections.trigger_url("acme")
    assert shown.url == "https://broker.example/v1/broker/inbound?client_token=made-token-number-1"
    assert await live_in(desk, "made-token-number-1") == [True]
    with pytest.raises(Rejected, match="shown already"):
        await desk.connections.trigger_url("acme")


async def test_the_url_does_not_show_in_a_repr() -> None:
    desk = FakeDesk()
    await desk.connections.apply(a_file())
    assert "made-token" not in repr(await desk.connections.trigger_url("acme"))


async def test_a_token_of_the_file_is_live_at_once_and_its_url_is_shown_once() -> None:
    desk = FakeDesk()
    await desk.connections.apply(a_file(client_token=IN_USE))
    assert await live_in(desk, IN_USE) == [True]
    assert (await desk.connections.trigger_url("acme")).url.endswith("?client_token=a-token-in-use%2F1234")
    with pytest.raises(Rejected):
        await desk.connections.trigger_url("acme")


async def test_rotation_keeps_two_tokens_live_and_no_more() -> None:
    desk = FakeDesk()
    await desk.connections.apply(a_file(client_token=IN_USE))
    first = await desk.connections.trigger_url("acme", rotate=True)
    assert first.live == 2
    assert await live_in(desk, IN_USE, "made-token-number-1") == [True, True]
    await desk.connections.trigger_url("acme", rotate=True)
    assert await live_in(desk, IN_USE, "made-token-number-1", "made-token-number-2") == [False, True, True]


async def test_applying_an_unchanged_file_neither_rotates_nor_revives_a_token() -> None:
    desk = FakeDesk()
    await desk.connections.apply(a_file(client_token=IN_USE))
    await desk.connections.apply(a_file(client_token=IN_USE))
    assert await desk.store.live((await desk.store.all())[0].id) == 1
    await desk.connections.trigger_url("acme", rotate=True)
    await desk.connections.trigger_url("acme", rotate=True)
    report = await desk.connections.apply(a_file(client_token=IN_USE))
    assert (report.verb, codes(report)) == ("unchanged", ["client_token_revoked"])
    assert await live_in(desk, IN_USE) == [False]


async def test_a_file_whose_shown_token_is_the_same_is_unchanged() -> None:
    desk = FakeDesk()
    await desk.connections.apply(a_file(client_token=IN_USE))
    await desk.connections.trigger_url("acme")
    assert (await desk.connections.apply(a_file(client_token=IN_USE))).verb == "unchanged"


async def test_another_token_in_the_file_is_a_rotation() -> None:
    desk = FakeDesk()
    await desk.connections.apply(a_file(client_token=IN_USE))
    report = await desk.connections.apply(a_file(client_token="the-next-token-5678"))
    assert [change.path for change in report.changes] == ["client_token"]
    assert await live_in(desk, IN_USE, "the-next-token-5678") == [True, True]


async def test_a_token_that_cannot_be_made_live_is_said_and_the_connection_stands() -> None:
    class TakenStore(FakeStore):
        async def add(self, connection: ConnectionId, token_hash: bytes) -> None:
            raise Rejected("token_taken", "This trigger token belongs to another connection.")

    desk = FakeDesk(store=TakenStore())
    report = await desk.connections.apply(a_file(client_token=IN_USE))
    assert (report.verb, report.is_sound, codes(report)) == ("created", False, ["client_token_not_live"])


async def test_a_token_that_opens_another_connection_is_refused() -> None:
    desk = FakeDesk()
    await desk.connections.apply(a_file(client_token=IN_USE))
    report = await desk.connections.apply(a_file(name="beta", client_token=IN_USE))
    assert (report.verb, codes(report)) == ("refused", ["client_token_taken"])
    assert "'acme'" in report.findings[0].text


async def test_a_webhook_secret_that_was_made_outlives_a_file_that_is_silent_about_it() -> None:
    desk = FakeDesk()
    made = a_file(field_nation={**FIELD_NATION, "webhook_secret": "made-for-it"})
    await desk.connections.apply(made)
    silent = a_file(field_nation=FIELD_NATION)
    assert (await desk.connections.apply(silent)).verb == "unchanged"
    (sealed,) = desk.store.sealed.values()
    assert "field_nation.webhook_secret" in sealed
    forgetful = a_file(field_nation={**FIELD_NATION, "webhook_secret": None})
    assert (await desk.connections.apply(forgetful)).verb == "changed"
    (sealed,) = desk.store.sealed.values()
    assert "field_nation.webhook_secret" not in sealed


FIELD_NATION = {"client_id": "c", "client_secret": "fn-secret", "username": "u", "password": "fn-password"}
