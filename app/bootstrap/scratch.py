"""A scratch database on the person's own server, for the demo: made at its start, dropped at its end."""

import contextlib
import secrets
from collections.abc import AsyncIterator

from app.adapters.postgres.engine import connect
from app.adapters.postgres.migrate import upgrade


@contextlib.asynccontextmanager
async def scratch_database(url: str) -> AsyncIterator[str]:
    """Its URL, brought to the newest schema; `url` names any database on the server."""
    name = f"broker_demo_{secrets.token_hex(4)}"
    await _run(url, f'CREATE DATABASE "{name}"')
    fresh = url.partition("?")[0].rpartition("/")[0] + f"/{name}" + _query(url)
    try:
        await upgrade(fresh)
        yield fresh
    finally:
        await _run(url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _query(url: str) -> str:
    return "?" + url.partition("?")[2] if "?" in url else ""


async def _run(url: str, statement: str) -> None:
    connection = await connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
