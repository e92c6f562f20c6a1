"""The world of a test: stores on a fresh database."""

from collections.abc import AsyncIterator

import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.adapters.postgres.proxy import Proxy
from tests.adapters.postgres.world import World


@pytest_asyncio.fixture
async def world(engine: AsyncEngine, database_url: str) -> AsyncIterator[World]:
    made = World(engine, database_url)
    yield made
    await made.close()


@pytest_asyncio.fixture
async def proxy(database_url: str) -> AsyncIterator[Proxy]:
    async with Proxy(database_url).running() as made:
        yield made
