"""The job queue's contract, held against the fake that the worker's tests rely on and against PostgreSQL."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.model.ids import AccountId, ConnectionId, Epoch, WorkerId
from app.ports.hosting import Hosted
from tests.adapters.postgres.world import CLOCK, World
from tests.contracts.queue_contract import QueueContract, Queued
from tests.fakes.clock import HandClock
from tests.fakes.queue import FakeConnections, FakeQueue
from tests.services.imports.import_kit import a_connection


class TestFakeQueue(QueueContract):
    @pytest_asyncio.fixture
    async def queued(self) -> Queued:
        acme = a_connection({}, [])
        zeta = replace(acme, id=ConnectionId(2), name="zeta")
        clock = HandClock()
        queue = FakeQueue(clock, FakeConnections(acme, zeta))
        hosted = Hosted(AccountId(1), Epoch(1), WorkerId("w1"), deadline_s=30.0)

        async def put(connection: ConnectionId, key: str, **more: Any) -> None:
            queue.put(connection, key, **more)

        async def supersede() -> None:
            queue.epoch = Epoch(2)

        return Queued(queue, clock, hosted, acme.id, zeta.id, put, supersede)


class TestPostgresQueue(QueueContract):
    @pytest_asyncio.fixture
    async def queued(self, engine: AsyncEngine, database_url: str) -> AsyncIterator[Queued]:
        world = World(engine, database_url)
        acme, zeta = await world.connection("acme"), await world.connection("zeta")
        # An account is hosted when it has work: a job of its own, done before the test begins.
        await world.trigger(zeta, "0")
        hosted = await world.host()
        await world.run("DELETE FROM receipts")
        await world.run("DELETE FROM jobs")

        async def put(connection: ConnectionId, key: str, **more: Any) -> None:
            await world.trigger(connection, key, **more)

        async def supersede() -> None:
            await world.run("UPDATE accounts SET lease_until = now()")
            await world.host("w2")

        yield Queued(world.jobs, CLOCK, hosted, acme, zeta, put, supersede)
        await world.close()
