"""The pool, and the one table from the database's troubles to `DatabaseAway`."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, NamedTuple

import asyncpg  # type: ignore[import-untyped]  # it ships no types
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from app.adapters.postgres.documents import dumps, loads
from app.core.model.failure import DatabaseAway


class Patience(NamedTuple):
    """How long the database may take, in seconds: to connect, for a statement, for a lock."""

    connect_s: float = 3.0
    statement_s: float = 15.0
    lock_s: float = 10.0


PATIENCE = Patience()


def make_engine(url: str, *, pool_size: int = 10, patience: Patience = PATIENCE, process: str = "") -> AsyncEngine:
    """A pool on `postgresql+asyncpg://[user[:password]@]host[:port][,host[:port]...]/database`.

    Of several hosts the one that accepts writes is used, so that a failover needs no new configuration. `process`
    names this process to the others on the same database (see `hosting.THAW`).
    """

    async def creator() -> Any:
        return await connect(url, patience, application_name=f"broker {process}".strip())

    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=creator,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=patience.lock_s,
        pool_pre_ping=True,
        hide_parameters=True,
        json_serializer=dumps,
        json_deserializer=loads,
    )


async def connect(url: str, patience: Patience = PATIENCE, **settings: str) -> Any:
    """One bare asyncpg connection, for the pool and for those that keep one to themselves."""
    dsn = url.replace("postgresql+asyncpg:", "postgresql:", 1)
    return await asyncpg.connect(
        dsn,
        timeout=patience.connect_s,
        # The server gives up first; this one is for a server that does not answer at all.
        command_timeout=patience.statement_s + patience.connect_s if patience.statement_s else None,
        target_session_attrs="read-write",
        server_settings={
            "application_name": "broker",
            "timezone": "UTC",
            "jit": "off",
            "statement_timeout": str(int(patience.statement_s * 1000)),
            "lock_timeout": str(int(patience.lock_s * 1000)),
            "idle_in_transaction_session_timeout": "60000",
            **settings,
        },
    )


@asynccontextmanager
async def begin(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction: committed at the end, rolled back by an exception; trouble of the database is `DatabaseAway`."""
    with troubles():
        async with engine.begin() as connection:
            yield connection


@asynccontextmanager
async def single(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection for single statements, each a transaction of its own (one round trip instead of three)."""
    with troubles():
        async with engine.connect() as connection:
            yield await connection.execution_options(isolation_level="AUTOCOMMIT")


@contextmanager
def troubles() -> Iterator[None]:
    """Turns every error that says "the database cannot be used now" into `DatabaseAway`."""
    try:
        yield
    except (OSError, TimeoutError, PoolTimeout, DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        if not is_away(error):
            raise
        raise DatabaseAway(
            "The database cannot be used at the moment.", detail=f"{type(error).__name__}: {error}"
        ) from error


# Classes and codes of the PostgreSQL manual, appendix A: connection exceptions, insufficient resources, operator
# intervention, transaction rollback (deadlock, serialization), refused logins; then single codes: read-only server
# (a standby, or a primary that was demoted), idle transaction ended, database not accepting connections, lock not
# available, no such database.
_AWAY_CLASSES = ("08", "53", "57", "40", "28")
_AWAY_CODES = frozenset({"25006", "25P03", "55000", "55P03", "3D000"})


def is_away(error: BaseException) -> bool:
    """Whether the error is the database's state, not the statement's fault."""
    if isinstance(error, DBAPIError):
        cause = error.orig.__cause__ if error.orig is not None else None
        return error.connection_invalidated or (cause is not None and is_away(cause))
    if isinstance(error, ValueError):  # asyncpg.DataError: a value of ours that cannot be encoded
        return False
    if isinstance(error, asyncpg.PostgresError):
        code = str(getattr(error, "sqlstate", "") or "")
        return code.startswith(_AWAY_CLASSES) or code in _AWAY_CODES
    return isinstance(
        error, OSError | TimeoutError | PoolTimeout | asyncpg.InterfaceError | asyncpg.InternalClientError
    )
