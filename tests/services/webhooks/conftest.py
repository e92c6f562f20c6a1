"""A broker for each test, with both simulators behind it. It notes no writes: a person's are in no crash test."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.e2e.conftest import simulator_addresses, simulators
from tests.e2e.kit import Kit, Simulators, standing
from tests.services.webhooks.webhook_kit import Hooked, hooked

__all__ = ["acme", "broker_kit", "simulator_addresses", "simulators"]


@pytest_asyncio.fixture
async def broker_kit(database_url: str, simulators: Simulators) -> AsyncIterator[Kit]:
    """A broker whose web side listens."""
    async with standing(database_url, simulators, {}) as made:
        yield made


@pytest_asyncio.fixture
async def acme(broker_kit: Kit) -> Hooked:
    """One customer without webhooks."""
    return await hooked(broker_kit)
