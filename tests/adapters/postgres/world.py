"""A small world for the tests of the store: a clock, a connection, triggers, a host."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.hosting import PostgresHosting
from app.adapters.postgres.inbox import PostgresInbox
from app.adapters.postgres.jobs import PostgresJobs
from app.core.model.ids import ConnectionId, WorkerId
from app.core.model.intake import Accepted, Delivery, Source, Wanted
from app.core.model.job import Job, JobKind
from app.ports.hosting import Hosted


class MachineClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.clock_gettime(time.CLOCK_REALTIME), UTC)

    def boot_s(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        asyncio_event = asyncio.Event()
        try:
            async with asyncio.timeout(max(seconds, 0)):
                await asyncio_event.wait()
        except TimeoutError:
            return


CLOCK = MachineClock()
KINDS = tuple(JobKind)


@dataclass
class World:
    """Stores on one database, with no waiting for bursts unless a test wants it."""

    engine: AsyncEngine
    url: str
    lease_s: float = 30.0
    spacing_s: float = 0.0
    quiet_s: float = 0.0
    ripen_s: float = 0.0

    def __post_init__(self) -> None:
        self.inbox = PostgresInbox(self.engine, spacing_s=self.spacing_s)
        self.jobs = PostgresJobs(self.engine, spacing_s=self.spacing_s, quiet_s=self.quiet_s, ripen_s=self.ripen_s)
        self.hosting = PostgresHosting(self.engine, self.url, CLOCK, lease_s=self.lease_s)

    async def close(self) -> None:
        await self.inbox.drain()
        await self.hosting.close()

    async def connection(self, name: str = "acme", ci: int = 1) -> ConnectionId:
        """A live connection, on an account of its own for each ci."""
        async with self.engine.begin() as sql:
            account = await sql.scalar(
                text("""INSERT INTO accounts (ci, integration_code_hash) VALUES (:ci, 'code')
                        ON CONFLICT (ci, integration_code_hash) DO UPDATE SET ci = excluded.ci RETURNING id"""),
                {"ci": ci},
            )
            row = await sql.scalar(
                text("INSERT INTO connections (account_id, name, ci) VALUES (:account, :name, :ci) RETURNING id"),
                {"account": account, "name": name, "ci": ci},
            )
        return ConnectionId(row)

    async def trigger(
        self,
        connection: ConnectionId,
        *keys: str,
        kind: JobKind = JobKind.IMPORT_TICKET,
        options: tuple[str, ...] = (),
        source: Source = Source.CALLOUT,
        delivery: str = "",
    ) -> Sequence[Accepted]:
        wanted = tuple(Wanted(kind, key, key, options) for key in keys)
        return await self.inbox.accept(Delivery(connection, source, "application/json", b"{}", wanted, delivery))

    async def host(self, worker: str = "w1") -> Hosted:
        """The one account with due work."""
        (hosted,) = await self.hosting.acquire(WorkerId(worker), 10)
        return hosted

    async def take(self, hosted: Hosted, limit: int = 500, kinds: Sequence[JobKind] = KINDS) -> Sequence[Job]:
        """The next batch of any connection of the account, in the order they were made."""
        owned = await self.rows("SELECT id FROM connections WHERE account_id = :id ORDER BY id", id=hosted.account_id)
        for row in owned:
            batch = await self.jobs.take(hosted, row["id"], limit, kinds)
            if batch:
                return batch
        return []

    async def take_one(self, hosted: Hosted) -> Job:
        (job,) = await self.take(hosted)
        return job

    async def next_due_s(self, hosted: Hosted, connection: ConnectionId) -> float | None:
        """Seconds until the next job of any kind."""
        return await self.jobs.next_due_s(hosted, connection, KINDS)

    async def rows(self, sql: str, **parameters: Any) -> list[dict[str, Any]]:
        async with self.engine.connect() as connection:
            found = await connection.execute(text(sql), parameters)
            return [dict(row) for row in found.mappings()]

    async def run(self, sql: str, **parameters: Any) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(text(sql), parameters)

    async def identity(self, connection: ConnectionId) -> tuple[int, int]:
        """Both sides: what was counted at the door, and what the receipts say."""
        (row,) = await self.rows(
            """SELECT (SELECT received FROM counters WHERE connection_id = :id) AS received,
                      (SELECT count(*) FROM receipts WHERE connection_id = :id)
                      + (SELECT coalesce(sum(n), 0) FROM tallies WHERE connection_id = :id) AS outcomes""",
            id=connection,
        )
        return int(row["received"]), int(row["outcomes"])
