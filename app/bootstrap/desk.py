"""The operator's desk: what commands work with."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from app.adapters.http.allowed import AllowedSender
from app.adapters.postgres.engine import single
from app.bootstrap.connecting import connection_service
from app.bootstrap.mapping_desk import MappingDesk
from app.bootstrap.processes import Stop
from app.bootstrap.wiring import Wiring, wired
from app.bootstrap.working import Sites, make_worker
from app.core.intake.naming import read_id
from app.core.model.connection import Connection, ConnectionFile
from app.core.model.document import Document
from app.core.model.failure import Rejected
from app.core.model.ids import WorkOrderId
from app.core.model.job import Option
from app.core.model.ledger import EntryKey
from app.core.planning.ticket.creates import KIND as NEW_TICKET
from app.ports.desk import HealthDesk, JobDesk, PersonsLinks, RecordDesk, Row
from app.ports.tickets import Filter
from app.services.backtest import Backtest, Direction, newest
from app.services.by_hand import ByHand
from app.services.connections import ConnectionService
from app.services.doctor import Doctor
from app.services.pair_file import PairRow
from app.services.pair_import import PairImport, PairResult
from app.services.pairs import Pairs, ticket_id
from app.services.preview import Preview, preview_ticket, preview_work_orders
from app.services.resync import Resync, paired_tickets
from app.services.site import Site
from app.services.trials import Trying
from app.services.webhooks import Webhooks
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Desk:
    """Services of one command, wired for its duration."""

    wiring: Wiring
    connections: ConnectionService
    doctor: Doctor
    by_hand: ByHand

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

    @property
    def webhooks(self) -> Webhooks:
        wiring = self.wiring
        return Webhooks(self.connections.triggers, wiring.vendors, wiring.clock, lambda: str(uuid.uuid4()))

    async def named(self, name: str) -> Connection:
        """The live connection of that name. Raises `Rejected`."""
        connection = await self.wiring.connections.named(name)
        if connection is None:
            raise Rejected(
                "no_such_connection", f"There is no connection {name!r}; `broker connection list` shows them."
            )
        return connection

    async def paired(self, connection: Connection, orders: Sequence[int]) -> list[int]:
        """The work orders named, or every one of an active pair. Raises `Rejected` for one that has no ticket."""
        if not orders:
            return [int(link.work_order_id) for link in await self.wiring.links.active(connection.id)]
        named = [WorkOrderId(order) for order in dict.fromkeys(orders)]
        links = await self.wiring.links.of_work_orders(connection.id, named)
        alone = [str(order) for order in named if order not in links or not links[order].is_active]
        if alone:
            text = f"No ticket of {connection.name} is paired with {', '.join(alone)}; `broker link add` joins them."
            raise Rejected("not_linked", text)
        return [int(order) for order in named]

    async def join(self, connection: Connection, ticket: str, work_order: int) -> str:
        """Makes a pair by hand; says what was joined."""
        async with AsyncExitStack() as stack:
            pair = await Sites(self.wiring).pair(stack, connection, None)
            return await Pairs(self.wiring.persons_links).add(connection, pair, ticket, work_order)

    async def resolve(self, connection: Connection, key: EntryKey, remote: str | None) -> str:
        """A person's word on a write; of a work order that was made after all its pair is made, too.

        Raises `Rejected` when the entry needs no word, or (yet) may not have one.
        """
        joined = await self._joined_by(connection, key, remote) if remote else ""
        if not await self.records.resolve(connection.id, key, remote, horizon=self.wiring.horizon):
            text = "That entry is neither quarantined nor open for longer than the horizon; it resolves itself."
            raise Rejected("nothing_to_resolve", text)
        return f"{joined} Recorded as {'written: ' + remote if remote else 'never written'}.".lstrip()

    async def _joined_by(self, connection: Connection, key: EntryKey, remote: str) -> str:
        """Makes the pair that the write of a new record would have made, if it is one; says so."""
        side, _, owner = key.owner.partition(":")
        if side == "ticket" and key.kind == "work_order":
            return await self.join(connection, owner, _number(remote))
        if side == "work_order":
            id = str(_number(remote))
            return await self.join(connection, id, _number(owner)) if key.kind == NEW_TICKET else ""
        return ""

    async def join_all(self, rows: Sequence[PairRow], *, dry_run: bool) -> list[PairResult]:
        """Makes the pairs of a file; for each row, in order, what became of it."""
        results: dict[PairRow, PairResult] = {}
        for name in dict.fromkeys(row.connection for row in rows):
            own = [row for row in rows if row.connection == name]
            results |= {result.row: result for result in await self._join_own(name, own, dry_run=dry_run)}
        return [results[row] for row in rows]

    async def _join_own(self, name: str, rows: Sequence[PairRow], *, dry_run: bool) -> list[PairResult]:
        try:
            connection = await self.named(name)
        except Rejected as failure:
            return [PairResult(row, "failed", row.fault or failure.text) for row in rows]
        async with AsyncExitStack() as stack:
            vendors = await Sites(self.wiring).pair(stack, connection, None)
            standing = await self.wiring.links.active(connection.id)
            return await PairImport(connection, vendors, self.links, standing).run(rows, dry_run=dry_run)

    async def preview(self, connection: Connection, ticket: str) -> Preview:
        """What a trigger for the ticket would write now."""
        async with AsyncExitStack() as stack:
            site = await Sites(self.wiring).open(stack, connection, None)
            entity = connection.file.autotask.entity
            return await preview_ticket(site, await ticket_id(site.vendors.tickets, entity, ticket))

    async def previews(self, connection: Connection, orders: Sequence[int], *options: Option) -> AsyncIterator[Preview]:
        """What a push of each work order would write now."""
        async with AsyncExitStack() as stack:
            site = await Sites(self.wiring).open(stack, connection, None)
            async for preview in preview_work_orders(site, [WorkOrderId(order) for order in orders], *options):
                yield preview

    async def resync(
        self, connection: Connection, tickets: Sequence[int], orders: Sequence[int], *, every: bool
    ) -> Resync:
        """What the active mapping would write again for those records, or for every pair. Raises `Rejected` for one
        without a pair."""

        @asynccontextmanager
        async def opening() -> AsyncIterator[Site]:
            async with AsyncExitStack() as stack:
                yield await Sites(self.wiring).open(stack, connection, None)

        named = await paired_tickets(self.wiring.links, connection, tickets) if tickets or every else ()
        pushed = await self.paired(connection, orders) if orders or every else []
        return Resync(connection, named, tuple(WorkOrderId(order) for order in pushed), opening)

    @property
    def mappings(self) -> MappingDesk:
        return MappingDesk(self.wiring, self.connections)

    def trying(self, connection: Connection, file: ConnectionFile) -> Trying:
        """What a trigger would write under a file that is not active. Raises `Rejected` for one that does not fit."""
        sender, opening = self._at_a_price(connection)
        return Trying(connection, file, opening, sender)

    async def backtest(self, connection: Connection, file: ConnectionFile, last: int, direction: Direction) -> Backtest:
        """The comparison of the newest pairs under the file and under the active one. Raises `Rejected` as above."""
        pairs = newest(await self.wiring.links.active(connection.id), last)
        sender, opening = self._at_a_price(connection)
        return Backtest(connection, file, pairs, direction, opening, sender)

    def _at_a_price(
        self, connection: Connection
    ) -> tuple[AllowedSender, Callable[[], AbstractAsyncContextManager[Site]]]:
        """A way to open the connection's site for looking, and the sender that counts its calls and ends them."""
        sender = AllowedSender(self.wiring.sender, connection.file.field_nation.base_url)
        wiring = replace(self.wiring, sender=sender, vendors=replace(self.wiring.vendors, sender=sender))

        @asynccontextmanager
        async def opening() -> AsyncIterator[Site]:
            async with AsyncExitStack() as stack:
                yield await Sites(wiring).open(stack, connection, None)

        return sender, opening

    async def findings_about(self, connection: Connection, orders: Sequence[int]) -> Sequence[Row]:
        """Open findings of the work orders and of their files."""
        wanted = {f"{record}:{order}" for order in orders for record in ("work_order", "work_order_files")}
        rows = await self.records.findings(connection=str(connection.name))
        return [row for row in rows if row["record"] in wanted]

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
        """Inside, somebody works: a worker that is alive anyway, or one in this process as soon as there is none."""
        stop = Stop()
        helping = asyncio.create_task(self._help(stop))
        try:
            yield
        finally:
            stop.request()
            await helping

    async def _help(self, stop: Stop) -> None:
        while await self._somebody_works():
            waiting = asyncio.create_task(stop.requested())
            done, _ = await asyncio.wait({waiting}, timeout=self.wiring.settings.lease_s)
            if done:
                return
            waiting.cancel()
        await make_worker(self.wiring, stop, stop.wake).run()

    async def _somebody_works(self) -> bool:
        alive = self.wiring.clock.now() - timedelta(seconds=self.wiring.settings.lease_s)
        return any(_moment(row["last_heartbeat_at"]) > alive for row in await self.health.workers())


def _number(text: str) -> int:
    id = read_id(text.strip())
    if id is None:
        raise Rejected("not_an_id", f"{text!r} is not the id of a record.")
    return id


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


@asynccontextmanager
async def operator(settings: Settings) -> AsyncIterator[Desk]:
    """The desk over wired adapters."""
    async with wired(settings) as wiring:
        yield desk_over(wiring)


def desk_over(wiring: Wiring) -> Desk:
    """A desk that lives as long as the wiring."""
    service = connection_service(wiring)

    async def database_now() -> datetime:
        async with single(wiring.engine) as connection:
            return _moment(await connection.scalar(text("SELECT clock_timestamp()")))

    doctor = Doctor(wiring.health, wiring.connections, service, wiring.sealer, wiring.mail, wiring.clock, database_now)
    return Desk(wiring, service, doctor, ByHand(wiring.inbox, wiring.job_desk, wiring.connections, wiring.clock))
