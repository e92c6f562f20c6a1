"""Versions of a connection: who applied what, what it changed, and the way back."""

from typing import Any

import pytest

from app.core.model.failure import Rejected
from tests.fakes.connections import KEY, FakeDesk, a_file, codes

SECOND: dict[str, Any] = {
    "time_zone": "America/Chicago",
    "mappings": {"inbound": [{"source": "id", "target": "title", "action": "sync"}]},
}


async def two_versions(**first: Any) -> FakeDesk:
    desk = FakeDesk()
    await desk.connections.apply(a_file(**first), who="ann", note="first")
    await desk.connections.apply(a_file(**first, **SECOND), who="bob")
    return desk


async def test_every_version_says_who_applied_it_and_how_much_it_changed() -> None:
    desk = await two_versions()
    first, second = await desk.versions.list("acme")
    assert (first["version"], first["who"], first["note"], first["is_active"]) == (1, "ann", "first", False)
    assert (second["version"], second["who"], second["is_active"], second["paths_changed"]) == (2, "bob", True, 2)


async def test_applying_the_same_file_again_makes_no_version() -> None:
    desk = await two_versions()
    await desk.connections.apply(a_file(**SECOND), who="carol")
    assert [row["who"] for row in await desk.versions.list("acme")] == ["ann", "bob"]


async def test_a_version_is_compared_with_the_one_before_it_or_with_any() -> None:
    desk = await two_versions()
    await desk.connections.apply(a_file(), who="ann")
    (zone, rule) = (await desk.versions.difference("acme", 2)).changes
    assert (zone.path, zone.before, zone.after) == ("time_zone", "UTC", "America/Chicago")
    assert (rule.path, rule.before, rule.after) == ("mappings.inbound[0].source", "Title", "id")
    assert rule.words == ("mappings.inbound[0].source (title)", "Title", "id")
    assert (await desk.versions.difference("acme", 3, 1)).changes == ()
    first = await desk.versions.difference("acme", 1)
    assert (first.against, "mappings.inbound[0]" in {change.path for change in first.changes}) == (0, True)


async def test_a_revert_applies_the_version_before_as_a_new_one() -> None:
    desk = await two_versions()
    report = await desk.versions.revert("acme", who="carol")
    assert (report.verb, len(report.changes), report.is_stored) == ("changed", 2, True)
    stored = await desk.store.named("acme")
    assert stored is not None
    assert (stored.version, stored.file.time_zone) == (3, "UTC")
    last = (await desk.versions.list("acme"))[-1]
    assert (last["version"], last["who"], last["note"], last["is_active"]) == (3, "carol", "back to version 1", True)


async def test_a_revert_keeps_the_secrets_and_the_token_of_today() -> None:
    desk = FakeDesk()
    await desk.connections.apply(a_file(client_token="a-token-in-use-1234"))
    await desk.connections.trigger_url("acme")
    autotask = {"username": "api@acme.example", "secret": "another-secret", "integration_code": "OWN"}
    await desk.connections.apply(a_file(client_token="a-token-in-use-1234", autotask=autotask, **SECOND))
    stored = await desk.store.named("acme")
    assert stored is not None
    before = {field: desk.sealer.open("acme", field, text) for field, text in desk.store.sealed[stored.id].items()}
    tokens = list(desk.store.hashes[stored.id])
    report = await desk.versions.revert("acme", who="ann")
    after = {field: desk.sealer.open("acme", field, text) for field, text in desk.store.sealed[stored.id].items()}
    assert (codes(report), after, desk.store.hashes[stored.id]) == ([], before, tokens)
    assert after["autotask.secret"] == "another-secret"
    assert {change.path for change in report.changes} == {"time_zone", "mappings.inbound[0].source"}
    assert desk.vendors.opened_with[-1]["autotask.secret"] == "another-secret"
    assert "client_token" not in desk.vendors.opened_with[-1]


async def test_a_dry_run_of_a_revert_stores_nothing() -> None:
    desk = await two_versions()
    report = await desk.versions.revert("acme", who="carol", dry_run=True)
    assert (report.verb, report.is_stored, len(await desk.versions.list("acme"))) == ("changed", False, 2)


async def test_a_version_that_the_live_systems_do_not_bear_is_refused_like_any_file() -> None:
    desk = await two_versions()
    desk.vendors.ci = 4712
    report = await desk.versions.revert("acme", who="carol")
    assert (report.verb, codes(report), len(await desk.versions.list("acme"))) == ("refused", ["other_database"], 2)


async def test_a_version_that_needs_a_secret_which_is_gone_is_refused_with_its_name() -> None:
    desk = FakeDesk()
    await desk.connections.apply(a_file())
    credentials = {"client_id": "c", "client_secret": "fn-secret", "grant": "client_credentials"}
    await desk.connections.apply(a_file(field_nation=credentials))
    report = await desk.versions.revert("acme", who="carol")
    assert (report.verb, codes(report), report.findings[0].field) == (
        "refused",
        ["version_not_usable"],
        "field_nation.password",
    )
    assert len(await desk.versions.list("acme")) == 2


async def test_a_secret_that_no_key_opens_stops_a_revert_before_it_is_forgotten() -> None:
    desk = await two_versions()
    desk.keys = (b"n" * 32,)
    with pytest.raises(Rejected, match="BROKER_SECRET_KEYS"):
        await desk.versions.revert("acme", who="carol")
    desk.keys = (KEY,)
    assert len(await desk.versions.list("acme")) == 2


@pytest.mark.parametrize(
    ("to", "code"), [(9, "unknown_version"), (0, "unknown_version"), (-1, "unknown_version"), (2, "version_active")]
)
async def test_going_back_to_nowhere_says_so(to: int, code: str) -> None:
    desk = await two_versions()
    with pytest.raises(Rejected) as refused:
        await desk.versions.revert("acme", who="carol", to=to)
    assert refused.value.code == code
    assert str(to) in refused.value.text


async def test_a_connection_with_one_version_has_none_to_go_back_to() -> None:
    desk = FakeDesk()
    await desk.connections.apply(a_file())
    with pytest.raises(Rejected) as refused:
        await desk.versions.revert("acme", who="carol")
    assert refused.value.code == "no_earlier_version"


async def test_an_unknown_connection_or_version_is_named_with_what_there_is() -> None:
    desk = await two_versions()
    with pytest.raises(Rejected, match="no version 7; it has versions 1 to 2"):
        await desk.versions.difference("acme", 7)
    with pytest.raises(Rejected, match="no version 7"):
        await desk.versions.difference("acme", 2, 7)
    with pytest.raises(Rejected, match="Perhaps 'acme' was meant"):
        await desk.versions.list("acne")


async def test_a_version_that_cannot_be_read_any_more_is_listed_and_not_gone_back_to() -> None:
    desk = await two_versions()
    (kept,) = desk.store.kept.values()
    kept[0] = type(kept[0])(1, kept[0].at, "ann", "", None)
    assert [row["paths_changed"] for row in await desk.versions.list("acme")] == [None, None]
    with pytest.raises(Rejected) as refused:
        await desk.versions.revert("acme", who="carol")
    assert refused.value.code == "version_not_readable"
