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
    asked = {
        "take": (jobs.TAKE, {**fence, **burst, "connection": connection, "most": 500}),
        "next_due": (jobs.NEXT_DUE, {**burst, "account": account, "connection": connection}),
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
