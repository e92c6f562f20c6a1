"""Migrations: up, down, by several at once, and equal to the tables the statements are written for."""

import asyncio

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres import hosting, jobs, settling, upkeep
from app.adapters.postgres.engine import begin, make_engine
from app.adapters.postgres.migrate import current_is_newest, downgrade, upgrade
from app.adapters.postgres.tables import metadata
from app.core.model.job import MAIN_KINDS
from tests.adapters.postgres.world import World


async def tables(url: str) -> set[str]:
    engine = make_engine(url)
    async with begin(engine) as sql:
        names = await sql.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        found = set(names.all())
    await engine.dispose()
    return found


async def test_the_schema_goes_up_and_down_and_up_again(empty_database_url: str) -> None:
    await upgrade(empty_database_url)
    assert await tables(empty_database_url) == {*metadata.tables, "alembic_version"}
    await downgrade(empty_database_url)
    assert await tables(empty_database_url) == {"alembic_version"}
    await upgrade(empty_database_url)
    await upgrade(empty_database_url)
    assert await tables(empty_database_url) == {*metadata.tables, "alembic_version"}


async def test_several_migrations_at_once_make_one_schema(empty_database_url: str) -> None:
    await asyncio.gather(*(upgrade(empty_database_url) for _ in range(4)))
    engine = make_engine(empty_database_url)
    async with begin(engine) as sql:
        assert await current_is_newest(sql)
    await engine.dispose()


async def test_an_empty_database_is_not_at_the_newest_schema(empty_database_url: str) -> None:
    engine = make_engine(empty_database_url)
    async with begin(engine) as sql:
        assert not await current_is_newest(sql)
    await engine.dispose()


async def test_the_tables_are_what_the_migrations_leave(engine: AsyncEngine) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        return list(compare_metadata(context, metadata))

    async with begin(engine) as sql:
        assert await sql.run_sync(differences) == []


async def test_the_checks_are_what_the_migrations_leave(engine: AsyncEngine, empty_database_url: str) -> None:
    async def checks(pool: AsyncEngine) -> set[tuple[str, str]]:
        async with begin(pool) as sql:
            rows = await sql.execute(
                text("SELECT conname, pg_get_constraintdef(oid) AS rule FROM pg_constraint WHERE contype = 'c'")
            )
            return {(row.conname, row.rule) for row in rows}

    fresh = make_engine(empty_database_url)
    async with begin(fresh) as sql:
        await sql.run_sync(metadata.create_all)
    assert await checks(engine) == await checks(fresh)
    await fresh.dispose()


BEFORE_THE_WAY_BACK = (
    "INSERT INTO accounts (ci, integration_code_hash) VALUES (1, 'code')",
    """INSERT INTO connections (account_id, name, ci, file)
       SELECT id, name, 1, CAST(file AS jsonb) FROM accounts, (VALUES
           ('plain', '{}'), ('off', '{"settings": {"outbound_create": false}}'),
           ('creating', '{"settings": {"outbound_create": true}}')) AS c(name, file)""",
    """INSERT INTO links (connection_id, ticket_id, work_order_id, origin)
       SELECT c.id, n, n, origin FROM connections c, (VALUES (1, 'import'), (2, 'found'), (3, 'person'))
           AS l(n, origin) WHERE c.name = 'plain'""",
)
AFTER_THE_WAY_BACK = (
    """INSERT INTO links (connection_id, ticket_id, work_order_id, origin)
       SELECT id, 4, 4, 'export' FROM connections WHERE name = 'plain'""",
    """INSERT INTO jobs (connection_id, account_id, kind, key, state, wanted, observed, resting)
       SELECT c.id, c.account_id, j.kind, '7', j.state, 1, 0, j.resting FROM connections c, (VALUES
           ('import_ticket', 'queued', true), ('push_work_order', 'queued', false), ('sweep', 'dead', false))
           AS j(kind, state, resting) WHERE c.name = 'plain'""",
    """INSERT INTO receipts (connection_id, delivery_id, job_id, generation, named, source)
       SELECT connection_id, 1, id, 1, key, 'person' FROM jobs""",
)


async def test_what_stands_in_the_database_goes_up_and_down_with_the_schema(empty_database_url: str) -> None:
    engine = make_engine(empty_database_url)

    async def run(*statements: str) -> None:
        async with begin(engine) as sql:
            for statement in statements:
                await sql.execute(text(statement))

    async def found(statement: str) -> list[tuple[object, ...]]:
        async with begin(engine) as sql:
            return [tuple(row) for row in await sql.execute(text(statement))]

    await upgrade(empty_database_url, "0001")
    await run(*BEFORE_THE_WAY_BACK)
    await upgrade(empty_database_url)
    assert await found("SELECT name FROM connections WHERE creates_since IS NOT NULL") == [("creating",)]
    assert await found("SELECT origin FROM links WHERE is_adopted") == [("import",)]
    await run(*AFTER_THE_WAY_BACK)
    await downgrade(empty_database_url, "0001")
    assert await found("SELECT kind, state FROM jobs") == [("import_ticket", "queued")]
    assert await found("SELECT outcome FROM receipts ORDER BY outcome") == [("cancelled",), ("cancelled",), (None,)]
    assert await found("SELECT origin FROM links ORDER BY id") == [("import",), ("found",), ("person",), ("found",)]
    await upgrade(empty_database_url)
    await engine.dispose()


async def test_the_hot_queries_do_not_read_what_is_over(world: World) -> None:
    acme = await world.connection()
    await world.run(
        """INSERT INTO jobs (connection_id, account_id, kind, key, state, wanted, observed)
           SELECT :acme, account.id, 'import_ticket', n, 'idle', 1, 1
           FROM generate_series(1, 100000) AS n, accounts AS account""",
        acme=acme,
    )
    await world.run(
        """INSERT INTO receipts (connection_id, delivery_id, job_id, generation, named, source, outcome, settled_at)
           SELECT :acme, n, n, 1, n, 'callout', 'written', now() FROM generate_series(1, 100000) AS n""",
        acme=acme,
    )
    async with world.engine.connect() as sql:
        committing = await sql.execution_options(isolation_level="AUTOCOMMIT")
        await committing.execute(text("VACUUM ANALYZE jobs, receipts"))
    await world.trigger(acme, *[str(n) for n in range(200001, 200051)])
    host = await world.host()
    plans = await explained(world, host.account_id, acme)
    for name, plan in plans.items():
        assert "Seq Scan on jobs" not in plan, (name, plan)
        assert "Seq Scan on receipts" not in plan, (name, plan)
    assert "jobs_queued_idx" in plans["take"]


async def explained(world: World, account: int, connection: int) -> dict[str, str]:
    fence = {"fence_account": account, "fence_epoch": 1, "fence_worker": "w1"}
    burst = {"quiet_s": 0, "ripen_s": 0}
    own = {"id": 1, "observed": 1}
    whose = {"connection": connection, "kinds": list(MAIN_KINDS)}
    asked = {
        "take": (jobs.TAKE, {**fence, **burst, **whose, "most": 500}),
        "next_due": (jobs.NEXT_DUE, {**burst, **whose, "account": account}),
        "acquire": (hosting.ACQUIRE, {"most": 5, "worker": "w1", "lease_s": 30}),
        "recover": (hosting.RECOVER, {"accounts": [account]}),
        "settle_receipts": (settling.SETTLE_RECEIPTS, {**own, "outcome": "written", "code": "", "text": ""}),
        "prune_jobs": (upkeep.PRUNE_JOBS, {"age_s": 3600, "most": 100}),
        "prune_receipts": (upkeep.PRUNE_RECEIPTS, {"age_s": 3600, "most": 100}),
    }
    plans = {}
    async with world.engine.connect() as sql:
        for name, (statement, parameters) in asked.items():
            rows = await sql.execute(text(f"EXPLAIN {statement.text}"), parameters)
            plans[name] = "\n".join(rows.scalars())
    return plans
