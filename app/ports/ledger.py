"""The ledger and the links: our own records of what we wrote."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Protocol

from app.core.model.document import Document
from app.core.model.ids import ConnectionId, LedgerId, TicketId, WorkOrderId
from app.core.model.ledger import Adopted, EntryKey, LedgerEntry, LedgerState, Observed
from app.core.model.link import Examined, Known, Link, NewLink
from app.core.model.permit import WritePermit
from app.ports.hosting import Hosted


class Ledger(Protocol):
    async def open(
        self,
        hosted: Hosted,
        connection: ConnectionId,
        key: EntryKey,
        verb: str,
        fingerprint: str,
        attempted: Document,
        *,
        version: int,
    ) -> WritePermit:
        """Commits the intent, made under that version of the connection. Raises `LeaseLost` unless, on the database's
        clock and in the same statement, the lease outlasts the write's time-out. An entry that is open already is an
        error of ours (`RuntimeError`)."""

    async def close(
        self,
        hosted: Hosted,
        entry: LedgerId,
        state: LedgerState,
        *,
        remote_id: str = "",
        note: str = "",
        was_lost: bool = False,
    ) -> None:
        """Records what became of an open entry; `was_lost` when a look decided it. Raises `LeaseLost` under an old
        epoch."""

    async def close_created(
        self, hosted: Hosted, entry: LedgerId, link: NewLink, known: Known, *, note: str = ""
    ) -> Link:
        """Closes the entry of a created work order, or of a created ticket, as written and makes the link, in one
        commit."""

    async def entries(self, connection: ConnectionId, owners: Sequence[str]) -> Mapping[str, Sequence[LedgerEntry]]:
        """All entries of the owners, by owner; owners without entries are absent."""

    async def claimed(self, connection: ConnectionId, kind: str, remote_ids: Sequence[str]) -> frozenset[str]:
        """Those of the remote ids that an entry of that kind, or (for work orders) a link, names already."""

    async def observe(self, hosted: Hosted, observed: Sequence[Observed]) -> None:
        """Remembers what a pass saw without writing. Raises `LeaseLost` under an old epoch."""

    async def adopt(self, hosted: Hosted, connection: ConnectionId, adopted: Sequence[Adopted]) -> None:
        """Enters records as written that stand already; an entry that exists is left alone unless it is void."""

    async def search(
        self,
        connection: ConnectionId,
        *,
        states: Sequence[LedgerState] = (),
        kind: str = "",
        lost_within: timedelta | None = None,
    ) -> Sequence[LedgerEntry]:
        """Entries of the connection in one of the states (any when none is named), of that kind, whose answer was lost
        within that time; oldest first, at most 5,000."""


class Links(Protocol):
    async def of_tickets(self, connection: ConnectionId, tickets: Sequence[TicketId]) -> Mapping[TicketId, Link]:
        """Active links by ticket; tickets without one are absent."""

    async def of_work_orders(
        self, connection: ConnectionId, orders: Sequence[WorkOrderId]
    ) -> Mapping[WorkOrderId, Link]:
        """The active link of each work order, else the newest ended one; work orders never linked are absent."""

    async def active(self, connection: ConnectionId) -> Sequence[Link]:
        """Every active link of the connection, by work order."""

    async def know(self, hosted: Hosted, link: Link, known: Known) -> None:
        """Advances what the link knows. Raises `LeaseLost` under an old epoch."""

    async def know_out(self, hosted: Hosted, link: Link, out: Known, examined: Examined, *, is_adopted: bool) -> None:
        """Advances what the push knows and when it looked. Raises `LeaseLost` under an old epoch."""

    async def note_rows(self, hosted: Hosted, connection: ConnectionId, rows: Mapping[WorkOrderId, str]) -> None:
        """Remembers the digests of list rows of linked work orders. Raises `LeaseLost` under an old epoch."""

    async def retire(self, hosted: Hosted, link: Link, reason: str) -> None:
        """Ends an active link: its work order was cancelled or is gone."""
