"""The ledger and the links: our own records of what we wrote."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from app.core.model.document import Document
from app.core.model.ids import ConnectionId, LedgerId, TicketId
from app.core.model.ledger import EntryKey, LedgerEntry, LedgerState
from app.core.model.link import Known, Link, NewLink
from app.core.model.permit import WritePermit
from app.ports.hosting import Hosted


class Ledger(Protocol):
    async def open(
        self, hosted: Hosted, connection: ConnectionId, key: EntryKey, verb: str, fingerprint: str, attempted: Document
    ) -> WritePermit:
        """Commits the intent. Raises `LeaseLost` unless, on the database's clock and in the same statement, the
        lease outlasts the write's time-out. An entry that is open already is an error of ours (`RuntimeError`)."""

    async def close(
        self, hosted: Hosted, entry: LedgerId, state: LedgerState, *, remote_id: str = "", note: str = ""
    ) -> None:
        """Records what became of an open entry. Raises `LeaseLost` under an old epoch."""

    async def close_created(
        self, hosted: Hosted, entry: LedgerId, link: NewLink, known: Known, *, note: str = ""
    ) -> Link:
        """Closes the entry of a created work order as written and makes the link, in one commit."""

    async def entries(self, connection: ConnectionId, owners: Sequence[str]) -> Mapping[str, Sequence[LedgerEntry]]:
        """All entries of the owners, by owner; owners without entries are absent."""

    async def claimed(self, connection: ConnectionId, kind: str, remote_ids: Sequence[str]) -> frozenset[str]:
        """Those of the remote ids that an entry of that kind, or a link, names already."""


class Links(Protocol):
    async def of_tickets(self, connection: ConnectionId, tickets: Sequence[TicketId]) -> Mapping[TicketId, Link]:
        """Active links by ticket; tickets without one are absent."""

    async def know(self, hosted: Hosted, link: Link, known: Known) -> None:
        """Advances what the link knows. Raises `LeaseLost` under an old epoch."""

    async def retire(self, hosted: Hosted, link: Link, reason: str) -> None:
        """Ends an active link: its work order was cancelled or is gone."""
