"""A real PostgreSQL for tests: a fresh, migrated database each, copied from a template.

`BROKER_DATABASE_URL` (or, stronger, `BROKER_TEST_DATABASE_URL`) names a server; without one an embedded server is
started for the run and shared by all its processes. No other setting of the environment reaches a test.
"""

import asyncio
import hashlib
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.embedded import start_embedded
from app.adapters.postgres.engine import make_engine
from app.adapters.postgres.migrate import MIGRATIONS, upgrade

_SERVER = "SERVER_OF_THE_TESTS"
_TEMPLATE_TURN = 7236501448113
# The server of a test run is thrown away: no crash of the machine is survived, which makes it much faster.
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def pytest_configure() -> None:
    """Keeps the server's URL under a name that nobody else reads, and takes every setting away."""
    given = [os.environ.get(f"BROKER_{name}DATABASE_URL") for name in ("TEST_", "")]  # noqa: TID251 - the tests' one setting
    for name in [name for name in os.environ if name.upper().startswith("BROKER_")]:  # noqa: TID251 - the tests read their own setting
        del os.environ[name]  # noqa: TID251 - the tests read their own setting
    if url := next(filter(None, given), None):
        scheme, _, rest = url.partition("://")
        # Processes of a parallel run inherit it.
        os.environ[_SERVER] = f"{scheme.partition('+')[0]}+asyncpg://{rest}"  # noqa: TID251 - the tests read their own setting


@pytest.fixture(scope="session")
def database_server(testrun_uid: str) -> Iterator[str]:
    """The URL of a server that tests may make databases on."""
    given = os.environ.get(_SERVER)  # noqa: TID251 - the tests read their own setting
    if given:
        yield given
        return
    folder = Path(tempfile.gettempdir()) / f"broker-tests-{testrun_uid}"
    server = asyncio.run(start_embedded(folder, _FAST))
    yield server.url
    if asyncio.run(server.stop()):
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def database_template(database_server: str) -> str:
    """The name of a migrated database; made once per server and version of the migrations."""
    return asyncio.run(_template(database_server))


@pytest_asyncio.fixture
async def empty_database_url(database_server: str) -> AsyncIterator[str]:
    """A database without any table."""
    async for url in _database(database_server, "template0"):
        yield url


@pytest_asyncio.fixture
async def database_url(database_server: str, database_template: str) -> AsyncIterator[str]:
    """A fresh database at the newest schema."""
    async for url in _database(database_server, database_template):
        yield url


@pytest_asyncio.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """A pool on the fresh database."""
    pool = make_engine(database_url)
    yield pool
    await pool.dispose()


def named(server: str, database: str) -> str:
    """The URL of another database on the same server."""
    head, _, tail = server.partition("?")
    base = head.rsplit("/", 1)[0]
    return f"{base}/{database}" + (f"?{tail}" if tail else "")


async def administer(server: str) -> Any:
    """A bare connection to the server's own database."""
    return await asyncpg.connect(named(server, "postgres").replace("+asyncpg", "", 1))


async def _database(server: str, template: str) -> AsyncIterator[str]:
    name = f"broker_test_{uuid.uuid4().hex}"
    connection = await administer(server)
    try:
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        yield named(server, name)
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await connection.close()


async def _template(server: str) -> str:
    digest = hashlib.sha256()
    for file in sorted(MIGRATIONS.rglob("*.py")):
        digest.update(file.read_bytes())
    name = f"broker_template_{digest.hexdigest()[:16]}"
    connection = await administer(server)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _TEMPLATE_TURN)
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            await connection.execute(f'DROP DATABASE IF EXISTS "{name}_new" WITH (FORCE)')
            await connection.execute(f'CREATE DATABASE "{name}_new" TEMPLATE template0')
            await upgrade(named(server, f"{name}_new"))
            await connection.execute(f'ALTER DATABASE "{name}_new" RENAME TO "{name}"')
    finally:
        await connection.close()
    return name
