"""The ledger's contract, held against the fake that other tests rely on and against PostgreSQL."""

from collections.abc import AsyncIterator

import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.ledger import PostgresLedger
from app.adapters.postgres.links import PostgresLinks
from app.core.model.ids import AccountId, ConnectionId, Epoch, WorkerId
from app.ports.hosting import Hosted
from tests.adapters.postgres.world import CLOCK, World
from tests.contracts.ledger_contract import LedgerContract, Stores
from tests.contracts.way_back_contract import PairsOutContract, SeenContract
from tests.fakes.clock import HandClock
from tests.fakes.records import FakeLedger, FakeLinks


class TestFakeLedger(LedgerContract, SeenContract, PairsOutContract):
    @pytest_asyncio.fixture
    async def stores(self) -> Stores:
        clock = HandClock()
        ledger = FakeLedger(clock)
        hosted = Hosted(AccountId(1), Epoch(1), WorkerId("w1"), deadline_s=30.0)

        async def supersede() -> None:
            ledger.epoch = Epoch(2)

        return Stores(ledger, FakeLinks(ledger), clock, hosted, ConnectionId(1), ConnectionId(2), supersede)


class TestPostgresLedger(LedgerContract, SeenContract, PairsOutContract):
    @pytest_asyncio.fixture
    async def stores(self, engine: AsyncEngine, database_url: str) -> AsyncIterator[Stores]:
        world = World(engine, database_url)
        acme, zeta = await world.connection("acme"), await world.connection("zeta")
        await world.trigger(acme, "7")
        hosted = await world.host()

        async def supersede() -> None:
            await world.run("UPDATE accounts SET lease_until = now()")
            await world.host("w2")

        ledger = PostgresLedger(engine, CLOCK, lease_s=world.lease_s)
        yield Stores(ledger, PostgresLinks(engine), CLOCK, hosted, acme, zeta, supersede)
        await world.close()
