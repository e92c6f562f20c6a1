"""The life of a connection on a real database."""

import itertools

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.connections import PostgresConnections
from app.adapters.postgres.fields import PostgresFields
from app.adapters.postgres.health import PostgresHealthDesk
from app.adapters.postgres.inbox import PostgresInbox
from app.adapters.postgres.tokens import PostgresTokens
from app.adapters.system.secrets import AesSealer
from app.core.intake.tokens import token_hash
from app.core.model.failure import Rejected
from app.services.connections import ConnectionService
from app.services.trigger_tokens import TriggerTokens
from tests.fakes.clock import HandClock
from tests.fakes.connections import KEY, FakeVendors, a_file, codes
from tests.fakes.scripts import no_scripts

IN_USE = "a-token-in-use/1234"


@pytest.fixture
def service(engine: AsyncEngine) -> ConnectionService:
    return wired(engine, FakeVendors(), AesSealer([KEY]))


def wired(engine: AsyncEngine, vendors: FakeVendors, sealer: AesSealer) -> ConnectionService:
    store, tokens, inbox = PostgresConnections(engine), PostgresTokens(engine), PostgresInbox(engine)
    made = itertools.count(1)
    triggers = TriggerTokens(
        store, tokens, inbox, sealer, "https://broker.example", lambda: f"made-token-number-{next(made)}"
    )
    return ConnectionService(
        store,
        triggers,
        PostgresHealthDesk(engine),
        vendors,  # type: ignore[arg-type]  # as much of it as is asked
        sealer,
        "CODE",
        HandClock(),
        PostgresFields(engine),
        no_scripts,
    )


async def names_behind(service: ConnectionService, *tokens: str) -> list[str]:
    return [await service.triggers.holder(token) for token in tokens]


async def test_what_was_applied_is_unchanged_when_applied_again(service: ConnectionService) -> None:
    file = a_file(client_token=IN_USE, time_entries={"providers": {"88": {"resource_id": 1, "role_id": 2}}})
    assert (await service.apply(file)).verb == "created"
    again = await service.apply(file)
    assert (again.verb, again.changes, again.findings) == ("unchanged", (), ())


async def test_a_change_makes_a_version_and_keeps_the_pins(service: ConnectionService) -> None:
    await service.apply(a_file())
    assert (await service.apply(a_file(time_zone="America/Chicago"))).verb == "changed"
    row = await service.show("acme")
    assert (row["version"], row["autotask_ci"], row["field_nation_company"]) == (2, 4711, 815)


async def test_credentials_of_another_database_are_refused(engine: AsyncEngine, service: ConnectionService) -> None:
    await service.apply(a_file())
    other = wired(engine, FakeVendors(ci=99), AesSealer([KEY]))
    assert codes(await other.apply(a_file())) == ["other_database"]
    assert codes(await other.test("acme")) == ["other_database"]


async def test_tokens_live_die_and_are_shown_once(service: ConnectionService) -> None:
    await service.apply(a_file(client_token=IN_USE))
    assert await names_behind(service, IN_USE) == ["acme"]
    assert (await service.trigger_url("acme")).live == 1
    with pytest.raises(Rejected, match="shown already"):
        await service.trigger_url("acme")
    for _ in range(2):
        assert (await service.trigger_url("acme", rotate=True)).live == 2
    assert await names_behind(service, IN_USE, "made-token-number-1", "made-token-number-2") == ["", "acme", "acme"]
    assert codes(await service.apply(a_file(client_token=IN_USE))) == ["client_token_revoked"]


async def test_a_deleted_connection_frees_its_name(service: ConnectionService) -> None:
    await service.apply(a_file(client_token=IN_USE))
    await service.delete("acme")
    assert await names_behind(service, IN_USE) == [""]
    report = await service.apply(a_file(client_token="the-next-token-5678"))
    assert (report.verb, report.findings) == ("created", ())
    assert await names_behind(service, "the-next-token-5678") == ["acme"]


async def test_pausing_stands_until_a_person_resumes(service: ConnectionService) -> None:
    await service.apply(a_file())
    await service.pause("acme", "ops")
    assert (await service.list())[0]["pause"]["by_person"]
    assert (await service.apply(a_file(time_zone="America/Chicago"))).verb == "changed"
    assert (await service.list())[0]["state"] == "paused"
    await service.resume("acme", "ops")
    assert (await service.list())[0]["state"] == "active"


async def test_new_keys_take_over(engine: AsyncEngine, service: ConnectionService) -> None:
    await service.apply(a_file(client_token=IN_USE))
    both = wired(engine, FakeVendors(), AesSealer([b"n" * 32, KEY]))
    assert (await both.rotate_keys()).not_opened == ()
    assert (await wired(engine, FakeVendors(), AesSealer([b"n" * 32])).test("acme")).is_sound


async def test_only_digests_and_sealed_texts_stand_in_the_database(
    engine: AsyncEngine, service: ConnectionService
) -> None:
    await service.apply(a_file(client_token=IN_USE))
    async with engine.connect() as sql:
        rows = [
            str(row)
            for table in ("connections", "connection_versions", "secrets", "trigger_tokens")
            for row in await sql.exec_driver_sql(f"SELECT * FROM {table}")
        ]
    assert rows
    for secret in ("autotask-secret", "fn-secret", "fn-password", IN_USE):
        assert not any(secret in row for row in rows)
    assert any(str(token_hash(IN_USE)) in row for row in rows)
