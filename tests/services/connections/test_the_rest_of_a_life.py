"""Listing, showing, exporting, testing, pausing, archiving, and new keys."""

from datetime import timedelta
from typing import Any

import pytest

from app.adapters.system.connection_file import dump, parse
from app.core.model.failure import Refused, Rejected
from tests.fakes.connections import FakeDesk, FakeVendors, a_file

SECRETS = ("autotask-secret", "fn-secret", "fn-password", "a-token-in-use-1234")


async def applied(desk: FakeDesk, **changes: Any) -> FakeDesk:
    report = await desk.connections.apply(a_file(client_token="a-token-in-use-1234", **changes))
    assert report.is_stored, report.findings
    return desk


async def test_a_listing_has_a_row_for_each_connection() -> None:
    desk = await applied(FakeDesk())
    await desk.connections.apply(a_file(name="beta"))
    rows = await desk.connections.list()
    assert [(row["name"], row["state"], row["autotask_ci"]) for row in rows] == [
        ("acme", "active", 4711),
        ("beta", "active", 4711),
    ]


async def test_showing_says_which_secrets_are_set_and_shows_none() -> None:
    desk = await applied(FakeDesk())
    row = await desk.connections.show("acme")
    assert row["live_tokens"] == 1
    assert row["file"]["autotask"]["secret"] == "(set)"
    assert "webhook_secret" not in row["file"]["autotask"]
    assert not any(secret in repr(row) for secret in SECRETS)


async def test_an_export_has_placeholders_and_reads_back_as_the_same_file() -> None:
    note = "costs ${5} and $${6}"
    rules = [{"target": "description", "value": note, "action": "set_static"}]
    desk = await applied(FakeDesk(), mappings={"inbound": rules})
    text = dump(await desk.connections.export("acme"))
    assert not any(secret in text for secret in SECRETS)
    assert text.index("target: description") < text.index("action: set_static") < text.index("value: ")
    environment = {
        "ACME_AUTOTASK_SECRET": "autotask-secret",
        "ACME_FN_CLIENT_SECRET": "fn-secret",
        "ACME_FN_PASSWORD": "fn-password",
        "ACME_TRIGGER_TOKEN": "a-token-in-use-1234",
    }
    loaded = parse(text.encode(), environment)
    assert loaded.faults == ()
    report = await desk.connections.apply(loaded.files[0])
    assert (report.verb, report.changes) == ("unchanged", ())


async def test_an_unknown_name_is_refused_with_the_nearest_one() -> None:
    desk = await applied(FakeDesk())
    with pytest.raises(Rejected, match=r"no connection named .acne.\. Perhaps 'acme' was meant"):
        await desk.connections.show("acne")


async def test_deleting_archives_and_frees_the_name() -> None:
    desk = await applied(FakeDesk())
    await desk.connections.delete("acme")
    assert await desk.connections.list() == []
    assert [row["state"] for row in await desk.connections.list(archived=True)] == ["archived"]
    assert (await desk.connections.apply(a_file(client_token="a-token-in-use-1234"))).verb == "created"


async def test_a_person_pauses_and_resumes() -> None:
    desk = await applied(FakeDesk())
    await desk.connections.pause("acme", "ops")
    assert (await desk.connections.list())[0]["pause"]["reason"] == "paused by ops"
    await desk.connections.resume("acme", "ops")
    assert (await desk.connections.list())[0]["pause"] is None


async def test_a_test_sets_needed_rights_beside_granted_ones() -> None:
    rules = [{"source": "Account.AccountName", "target": "location.name", "action": "sync"}]
    desk = await applied(FakeDesk(), mappings={"inbound": rules}, time_entries={}, expenses={})
    report = await desk.connections.test("acme")
    assert report.is_sound
    assert [(row.entity, row.verb) for row in report.matrix if row.is_needed] == [
        ("Tickets", "view"),
        ("Companies", "view"),
    ]


async def test_a_missing_right_is_said_in_words() -> None:
    desk = await applied(FakeDesk())
    desk.vendors.denied = frozenset({("Tickets", "view")})
    report = await desk.connections.test("acme")
    assert not report.is_sound
    assert report.matrix[0].text == (
        "NOT granted, and needed because every import reads the ticket: "
        "allow 'view' for Tickets in the API user's security level"
    )


async def test_a_test_with_refused_credentials_says_so_and_asks_for_no_rights() -> None:
    desk = await applied(FakeDesk())
    desk.vendors.autotask_trouble = Refused("Autotask refuses the credentials.")
    report = await desk.connections.test("acme")
    assert (report.is_sound, report.matrix) == (False, ())
    assert report.findings[0].code == "autotask_refused"


async def test_a_test_uses_the_stored_credentials() -> None:
    desk = await applied(FakeDesk())
    await desk.connections.test("acme")
    assert desk.vendors.opened_with[-1]["autotask.secret"] == "autotask-secret"


async def test_new_keys_seal_everything_again_and_old_ones_may_go() -> None:
    desk = await applied(FakeDesk())
    desk.keys = (b"n" * 32, *desk.keys)
    rotation = await desk.connections.rotate_keys()
    assert (rotation.resealed, rotation.not_opened) == (4, ())
    desk.keys = desk.keys[:1]
    assert (await desk.connections.test("acme")).is_sound


async def test_secrets_that_no_key_opens_are_named_and_left_alone() -> None:
    desk = await applied(FakeDesk())
    before = dict(desk.store.sealed)
    desk.keys = (b"n" * 32,)
    rotation = await desk.connections.rotate_keys()
    assert rotation.resealed == 0
    assert len(rotation.not_opened) == 4
    assert desk.store.sealed == before
    assert not (await desk.connections.test("acme")).is_sound


async def test_the_doctor_passes_a_healthy_house() -> None:
    desk = await applied(FakeDesk())
    assert [(check.name, check.state) for check in await desk.doctor.examine()] == [
        ("database", "pass"),
        ("clock", "pass"),
        ("keys", "pass"),
        ("mail", "pass"),
        ("connection acme", "pass"),
    ]


async def test_the_doctor_names_each_trouble_with_its_mend() -> None:
    desk = await applied(FakeDesk(vendors=FakeVendors()))
    desk.vendors.denied = frozenset({("Tickets", "view")})
    desk.database_at += timedelta(minutes=2)
    checks = {check.name: check for check in await desk.doctor.examine()}
    assert checks["clock"].state == "fail"
    assert "120.0 s apart" in checks["clock"].text
    assert checks["connection acme"].state == "fail"
    assert "Tickets view" in checks["connection acme"].text
    desk.keys = (b"n" * 32,)
    assert {check.name: check for check in await desk.doctor.examine()}["keys"].state == "fail"


async def test_the_doctor_says_that_a_connection_stands_still() -> None:
    desk = await applied(FakeDesk())
    await desk.connections.pause("acme", "ops")
    check = {check.name: check for check in await desk.doctor.examine()}["connection acme"]
    assert (check.state, check.text) == ("warn", "stands still: paused by ops")
    assert check.mend == "Run: broker connection resume acme"


async def test_the_doctor_says_when_the_database_is_not_usable() -> None:
    desk = FakeDesk(trouble="the schema is older than this program")
    checks = await desk.doctor.examine()
    assert [(check.name, check.state) for check in checks] == [("database", "fail"), ("mail", "pass")]
    assert "broker migrate" in checks[0].mend
