"""Kept catalogues: they come back as they were read, and a later reading stays."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from app.adapters.postgres.engine import single
from app.adapters.postgres.fields import PostgresFields
from app.core.model.catalog import EntityCatalog, Field, PickValue
from app.ports.fields import KeptCatalog
from tests.adapters.postgres.world import World

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
STATUS = Field(
    "status",
    "integer",
    "Status – “offen”",
    is_required=True,
    values=(PickValue("1", "New", is_system=True), PickValue("9", "Alt", is_active=False, parent="1")),
    is_picklist=True,
)
RACK = Field("Rack", "string", length=50, is_read_only=True, is_queryable=False, reference="Company")
TICKETS = EntityCatalog("Tickets", {"status": STATUS}, {"rack": RACK})


async def test_a_catalogue_comes_back_as_it_was_read(world: World) -> None:
    engine, acme = world.engine, await world.connection()
    kept = [KeptCatalog(TICKETS, True, NOON), KeptCatalog(EntityCatalog("Roles"), False, NOON)]
    await PostgresFields(engine).keep(acme, kept, changed=False)
    assert list(await PostgresFields(engine).load(acme)) == sorted(kept, key=lambda one: one.catalog.entity)


async def test_the_later_reading_stays_whoever_comes_last(world: World) -> None:
    store, acme = PostgresFields(world.engine), await world.connection()
    await store.keep(acme, [KeptCatalog(TICKETS, True, NOON)], changed=False)
    await store.keep(acme, [KeptCatalog(EntityCatalog("Tickets"), True, NOON - timedelta(1))], changed=False)
    (found,) = await store.load(acme)
    assert found.catalog == TICKETS


async def test_a_change_raises_the_version_of_the_fields(world: World) -> None:
    store, acme = PostgresFields(world.engine), await world.connection()
    await store.keep(acme, [KeptCatalog(TICKETS, True, NOON)], changed=False)
    await store.keep(acme, [KeptCatalog(TICKETS, True, NOON)], changed=True)
    async with single(world.engine) as sql:
        assert await sql.scalar(text("SELECT fields_version FROM connections WHERE id = :id"), {"id": acme}) == 1
