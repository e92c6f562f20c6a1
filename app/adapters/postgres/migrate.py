"""Schema changes: Alembic run by program, one at a time whoever starts it."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

import app
from app.adapters.postgres.engine import Patience, begin, make_engine

Act: TypeAlias = Callable[[Config], None]

MIGRATIONS = Path(app.__file__).resolve().parent.parent / "migrations"

# "migrate_turn": two processes that start at once must not both create the tables. The lock ends with the
# transaction, so a killed migration frees it and leaves the schema as it was.
MIGRATE_TURN = text("SELECT pg_advisory_xact_lock(7236501448112)")


async def upgrade(url: str, revision: str = "head") -> None:
    """Brings the database to the revision, in one transaction. Raises `DatabaseAway` when the database is away."""
    await _run(url, lambda config: command.upgrade(config, revision))


async def downgrade(url: str, revision: str = "base") -> None:
    """Takes the database back to the revision, in one transaction."""
    await _run(url, lambda config: command.downgrade(config, revision))


async def current_is_newest(connection: AsyncConnection) -> bool:
    """Whether the schema is the one that this version of the broker was written for."""
    exists = await connection.scalar(text("SELECT to_regclass('alembic_version') IS NOT NULL"))
    if not exists:
        return False
    current = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    return bool(current == newest())


def newest() -> str:
    """The newest revision in the migrations folder."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise RuntimeError("there are no migrations")
    return head


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


async def _run(url: str, act: Act) -> None:
    engine = make_engine(url, pool_size=1, patience=Patience(statement_s=0, lock_s=0))
    try:
        async with begin(engine) as connection:
            await connection.execute(MIGRATE_TURN)
            await connection.run_sync(_apply, act)
    finally:
        await engine.dispose()


def _apply(connection: Connection, act: Act) -> None:
    config = _config()
    config.attributes["connection"] = connection
    act(config)
