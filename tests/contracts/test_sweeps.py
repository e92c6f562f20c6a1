"""The contract of the sweeps' memory, held against the fake and against PostgreSQL."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.sweeps import PostgresSweeps
from app.core.model.ids import AccountId, ConnectionId, Epoch, WorkerId
from app.core.model.intake import Source
from app.ports.hosting import Hosted
from tests.adapters.postgres.world import CLOCK, World
from tests.contracts.sweeps_contract import SweepsContract, Swept
from tests.fakes.clock import HandClock
from tests.fakes.records import FakeLedger, FakeSweeps


class TestFakeSweeps(SweepsContract):
    @pytest_asyncio.fixture
    async def swept(self) -> Swept:
        clock = HandClock()
        ledger = FakeLedger(clock)
        sweeps = FakeSweeps(clock, ledger)
        hosted = Hosted(AccountId(1), Epoch(1), WorkerId("w1"), deadline_s=30.0)

        async def tell(connection: ConnectionId, source: Source, minutes: int) -> None:
            sweeps.told.setdefault((connection, source), []).append(clock.now() - timedelta(minutes=minutes))

        async def supersede() -> None:
            ledger.epoch = Epoch(2)

        return Swept(sweeps, clock, hosted, ConnectionId(1), ConnectionId(2), tell, supersede)


class TestPostgresSweeps(SweepsContract):
    @pytest_asyncio.fixture
    async def swept(self, engine: AsyncEngine, database_url: str) -> AsyncIterator[Swept]:
        world = World(engine, database_url)
        acme, zeta = await world.connection("acme"), await world.connection("zeta")
        await world.trigger(acme, "7")
        hosted = await world.host()
        await world.run("DELETE FROM receipts")

        async def tell(connection: ConnectionId, source: Source, minutes: int) -> None:
            (told,) = await world.trigger(connection, "7", source=source)
            await world.run(
                "UPDATE receipts SET received_at = now() - make_interval(mins => :minutes) WHERE id = :id",
                minutes=minutes,
                id=told.receipt_id,
            )

        async def supersede() -> None:
            await world.run("UPDATE accounts SET lease_until = now()")
            await world.host("w2")

        yield Swept(PostgresSweeps(engine), CLOCK, hosted, acme, zeta, tell, supersede)
        await world.close()
