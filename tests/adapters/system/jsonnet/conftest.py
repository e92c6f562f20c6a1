"""One connection's scripts, closed when the test is over."""

from collections.abc import AsyncIterator

import pytest

from app.adapters.system.jsonnet.scripts import JailedScripts


@pytest.fixture
async def scripts() -> AsyncIterator[JailedScripts]:
    async with JailedScripts() as jailed:
        yield jailed
