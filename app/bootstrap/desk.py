"""The operator's desk: what commands work with."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from app.adapters.postgres.engine import single
from app.bootstrap.processes import Stop
from app.bootstrap.wiring import Wiring, wired
from app.bootstrap.working import Sites, make_worker
from app.core.model.connection import Connection
from app.core.model.document import Document
from app.core.model.failure import Rejected
from app.core.model.ledger import EntryKey
from app.ports.desk import HealthDesk, JobDesk, PersonsLinks, RecordDesk
from app.ports.tickets import Filter
from app.services.connections import ConnectionService
from app.services.doctor import Doctor
from app.services.manual_import import ManualImport
from app.services.pairs import Pairs, ticket_id
from app.services.preview import Preview, preview_ticket
from app.services.trigger_tokens import TriggerTokens
from app.settings import Settings

_TOKEN_BYTES = 24


@dataclass(frozen=True, slots=True)
class Desk:
    """Services of one command, wired for its duration."""

    wiring: Wiring
    connections: ConnectionService
    doctor: Doctor
    imports: ManualImport

    @property
    def jobs(self) -> JobDesk:
        return self.wiring.job_desk

    @property
    def records(self) -> RecordDesk:
        return self.wiring.record_desk

    @property
    def links(self) -> PersonsLinks:
        return self.wiring.persons_links

    @property
    def health(self) -> HealthDesk:
        return self.wiring.health

    async def named(self, name: str) -> Connection:
        """The live connection of that name. Raises `Rejected`."""
        connection = await self.wiring.connections.named(name)
        if connection is None:
            raise Rejected(
                "no_such_connection", f"There is no connection {name!r}; `broker connection list` shows them."
            )
        return connection

    async def join(self, connection: Connection, ticket: str, work_order: int) -> str:
        """Makes a pair by hand; says what was joined."""
        async with AsyncExitStack() as stack:
            pair = await Sites(self.wiring).pair(stack, connection, None)
            return await Pairs(self.wiring.persons_links).add(connection, pair, ticket, work_order)

    async def resolve(self, connection: Connection, key: EntryKey, remote: str | None) -> str:
        """A person's word on a write; of a work order that was made after all its pair is made, too.

        Raises `Rejected` when the entry needs no word, or (yet) may not have one.
        """
        joined = ""
        if remote and key.kind == "work_order":
            joined = await self.join(connection, key.owner.removeprefix("ticket:"), _number(remote)) + " "
        if not await self.records.resolve(connection.id, key, remote, horizon=self.wiring.horizon):
            text = "That entry is neither quarantined nor open for longer than the horizon; it resolves itself."
            raise Rejected("nothing_to_resolve", text)
        return f"{joined}Recorded as {'written: ' + remote if remote else 'never written'}."

    async def preview(self, connection: Connection, ticket: str) -> Preview:
        """What a trigger for the ticket would write now."""
        async with AsyncExitStack() as stack:
            site = await Sites(self.wiring).open(stack, connection, None)
            return await preview_ticket(site, await ticket_id(site.vendors.tickets, ticket))

    async def query(
        self, connection: Connection, entity: str, conditions: Filter, fields: Sequence[str], limit: int
    ) -> list[Document]:
        """At most `limit` records of any entity."""
        found: list[Document] = []
        async with AsyncExitStack() as stack:
            pair = await Sites(self.wiring).pair(stack, connection, None)
            async for record in pair.tickets.query(entity, conditions, fields):
                found.append(record)
                if len(found) >= limit:
                    break
        return found

    async def connection_of_entry(self, key: EntryKey, name: str) -> Connection | None:
        """The connection that has that ledger entry; None when none or several have."""
        rows = await self.records.ledger(connection=name, owner=key.owner)
        names = {str(row["connection"]) for row in rows if row["key"] == f"{key.owner}/{key.kind}/{key.key}"}
        return await self.wiring.connections.named(names.pop()) if len(names) == 1 else None

    @asynccontextmanager
    async def helped(self) -> AsyncIterator[None]:
        """Inside, somebody works: a worker that is alive anyway, or one in this process."""
        if await self._somebody_works():
            yield
            return
        stop = Stop()
        worker = asyncio.create_task(make_worker(self.wiring, stop, stop.wake).run())
        try:
            yield
        finally:
            stop.request()
            await worker

    async def _somebody_works(self) -> bool:
        alive = self.wiring.clock.now() - timedelta(seconds=self.wiring.settings.lease_s)
        return any(_moment(row["last_heartbeat_at"]) > alive for row in await self.health.workers())


def _number(text: str) -> int:
    if not text.isdigit():
        raise Rejected("not_a_work_order", f"{text!r} is not the id of a work order.")
    return int(text)


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


@asynccontextmanager
async def operator(settings: Settings) -> AsyncIterator[Desk]:
    """The desk over wired adapters."""
    async with wired(settings) as wiring:
        yield desk_over(wiring)


def desk_over(wiring: Wiring) -> Desk:
    """A desk that lives as long as the wiring."""
    settings = wiring.settings
    triggers = TriggerTokens(
        store=wiring.connections,
        tokens=wiring.tokens,
        inbox=wiring.inbox,
        sealer=wiring.sealer,
        public_url=settings.public_url,
        new_token=lambda: secrets.token_urlsafe(_TOKEN_BYTES),
    )
    code = settings.autotask_integration_code.get_secret_value()
    service = ConnectionService(wiring.connections, triggers, wiring.health, wiring.vendors, wiring.sealer, code)

    async def database_now() -> datetime:
        async with single(wiring.engine) as connection:
            return _moment(await connection.scalar(text("SELECT clock_timestamp()")))

    doctor = Doctor(wiring.health, wiring.connections, service, wiring.sealer, wiring.mail, wiring.clock, database_now)
    return Desk(wiring, service, doctor, ManualImport(wiring.inbox, wiring.job_desk, wiring.connections, wiring.clock))
