"""Stored connections: no secret in the database, pins, archives, tokens."""

from datetime import timedelta
from typing import Any

import pytest

from app.adapters.postgres.connections import PostgresConnections
from app.adapters.postgres.tokens import PostgresTokens
from app.core.model.connection import Connection, ConnectionFile, ConnectionState
from app.core.model.failure import Gone, Rejected, Transient
from app.core.model.intake import Caller
from app.core.model.job import JobState
from tests.adapters.postgres.world import World

SEALED = {
    "autotask.secret": "s1",
    "autotask.webhook_secret": "hook",
    "field_nation.client_secret": "s2",
    "field_nation.webhook_secret": "event-hook",
}


def a_file(**changes: Any) -> ConnectionFile:
    return ConnectionFile.model_validate(
        {
            "name": "acme",
            "autotask": {"username": "u", "secret": "top-secret-1", "webhook_secret": "top-secret-2"},
            "field_nation": {"client_id": "c", "client_secret": "top-secret-3"},
            **changes,
        }
    )


async def saved(world: World, file: ConnectionFile | None = None, **changes: Any) -> Connection:
    facts: dict[str, Any] = {"ci": 1, "integration_code_hash": "code", "company": 0, "who": "ann", **changes}
    return await PostgresConnections(world.engine).save(file or a_file(), SEALED, **facts)


async def test_a_stored_connection_holds_no_secret(world: World) -> None:
    made = await saved(world)
    store = PostgresConnections(world.engine)
    assert await store.named("acme") == made
    assert made.file.autotask.secret.get_secret_value() == ""
    assert made.file.field_nation.password is None
    assert await store.secrets(made.id) == SEALED
    dump = await world.rows(
        "SELECT CAST(c AS text) AS c FROM connections c UNION ALL SELECT CAST(v AS text) FROM connection_versions v"
    )
    assert "top-secret" not in str(dump)


async def test_a_change_makes_a_version_and_the_same_file_does_not(world: World) -> None:
    first = await saved(world)
    assert (await saved(world)).version == first.version == 1
    changed = await saved(world, a_file(time_zone="America/Chicago"))
    assert (changed.id, changed.version) == (first.id, 2)
    assert len(await world.rows("SELECT * FROM connection_versions")) == 2


async def test_a_version_keeps_who_applied_it_when_and_why(world: World) -> None:
    made = await saved(world)
    await saved(world, a_file(time_zone="America/Chicago"), who="bob", note="back to version 1")
    await saved(world, a_file(time_zone="America/Chicago"), who="carol")
    first, second = await PostgresConnections(world.engine).versions(made.id)
    assert (first.number, first.who, first.note) == (1, "ann", "")
    assert (second.number, second.who, second.note) == (2, "bob", "back to version 1")
    assert first.at < second.at
    assert first.file is not None
    assert second.file is not None
    assert (first.file.time_zone, second.file.time_zone) == ("UTC", "America/Chicago")


async def test_a_version_that_this_release_cannot_read_is_listed_without_its_file(world: World) -> None:
    made = await saved(world)
    await world.run("UPDATE connection_versions SET file = jsonb_set(file, '{unknown}', '1')")
    (version,) = await PostgresConnections(world.engine).versions(made.id)
    assert (version.number, version.who, version.file) == (1, "ann", None)


async def test_secrets_that_are_not_given_are_forgotten(world: World) -> None:
    made = await saved(world)
    store = PostgresConnections(world.engine)
    await store.save(a_file(), {"autotask.secret": "s9"}, ci=1, integration_code_hash="code", company=0, who="bob")
    assert await store.secrets(made.id) == {"autotask.secret": "s9"}
    await store.reseal(made.id, SEALED)
    assert await store.secrets(made.id) == SEALED


async def test_a_connection_stays_with_its_database_and_company(world: World) -> None:
    made = await saved(world)
    store = PostgresConnections(world.engine)
    await store.pin_company(made.id, 5)
    await store.pin_company(made.id, 5)
    with pytest.raises(Rejected):
        await store.pin_company(made.id, 6)
    for stranger in ({"ci": 2}, {"company": 6}):
        with pytest.raises(Rejected):
            await saved(world, **stranger)
    assert (await saved(world)).field_nation_company == 5


async def test_connections_share_an_account_by_database_and_code(world: World) -> None:
    acme = await saved(world)
    zeta = await saved(world, a_file(name="zeta"))
    other = await saved(world, a_file(name="other"), integration_code_hash="else")
    assert acme.account_id == zeta.account_id != other.account_id
    store = PostgresConnections(world.engine)
    assert [one.name for one in await store.of_account(acme.account_id)] == ["acme", "zeta"]


async def test_a_new_integration_code_takes_the_waiting_jobs_along(world: World) -> None:
    made = await saved(world)
    await world.trigger(made.id, "7")
    moved = await saved(world, integration_code_hash="else")
    host = await world.host()
    assert host.account_id == moved.account_id
    assert len(await world.take(host)) == 1
    with pytest.raises(Transient):
        await saved(world)


async def test_an_archive_cancels_what_waits_and_frees_the_name(world: World) -> None:
    made = await saved(world)
    tokens = PostgresTokens(world.engine)
    await tokens.add(made.id, b"t" * 32)
    (seven,) = await world.trigger(made.id, "7")
    host = await world.host()
    await world.take(host)
    (eight,) = await world.trigger(made.id, "8")
    store = PostgresConnections(world.engine)
    await store.archive(made.id)
    told = await world.inbox.outcome(made.id, [seven.receipt_id, eight.receipt_id])
    assert {result for result, _, _ in told.values()} == {"cancelled"}
    assert {row["state"] for row in await world.rows("SELECT state FROM jobs")} == {JobState.IDLE}
    assert await world.inbox.callers(b"t" * 32) == []
    with pytest.raises(Gone):
        await world.trigger(made.id, "9")
    assert await store.named("acme") is None
    assert [one.state for one in await store.all(archived=True)] == [ConnectionState.ARCHIVED]
    again = await saved(world, ci=2)
    assert again.id != made.id


async def test_two_tokens_live_during_a_rotation(world: World) -> None:
    made = await saved(world)
    tokens = PostgresTokens(world.engine)
    for letter in (b"a", b"b", b"c"):
        await tokens.add(made.id, letter * 32)
    await tokens.add(made.id, b"c" * 32)
    assert await tokens.live(made.id) == 2
    assert await world.inbox.callers(b"a" * 32) == []
    assert await world.inbox.callers(b"b" * 32) == [Caller(made.id, "acme", b"b" * 32, "hook", "event-hook")]
    other = await saved(world, a_file(name="zeta"))
    with pytest.raises(Rejected):
        await tokens.add(other.id, b"b" * 32)


async def test_a_connection_knows_since_when_it_makes_tickets(world: World) -> None:
    def creating(on: bool, **more: Any) -> ConnectionFile:
        return a_file(settings={"outbound_create": on}, **more)

    assert (await saved(world)).creates_since is None
    since = (await saved(world, creating(True))).creates_since
    (row,) = await world.rows("SELECT now() AS now")
    assert since is not None
    assert timedelta() <= row["now"] - since < timedelta(minutes=1)
    assert (await saved(world, creating(True, time_zone="America/Chicago"))).creates_since == since
    assert (await saved(world, creating(False))).creates_since is None
    again = (await saved(world, creating(True))).creates_since
    assert again is not None
    assert again > since
    assert (await saved(world, creating(True, name="zeta"))).creates_since is not None
