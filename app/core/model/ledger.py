"""The ledger: our record of every write, and the legal moves between the states of an entry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from app.core.model.document import Document
from app.core.model.ids import ConnectionId, LedgerId


class LedgerState(StrEnum):
    OPEN = "open"
    WRITTEN = "written"
    VOID = "void"
    DELETED = "deleted"
    BLOCKED = "blocked"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"


LEDGER_MOVES: dict[LedgerState, frozenset[LedgerState]] = {
    LedgerState.OPEN: frozenset(
        {
            LedgerState.WRITTEN,
            LedgerState.VOID,
            LedgerState.DELETED,
            LedgerState.BLOCKED,
            LedgerState.REJECTED,
            LedgerState.QUARANTINED,
        }
    ),
    LedgerState.WRITTEN: frozenset({LedgerState.OPEN}),
    LedgerState.VOID: frozenset({LedgerState.OPEN}),
    LedgerState.DELETED: frozenset({LedgerState.OPEN}),
    LedgerState.BLOCKED: frozenset({LedgerState.OPEN}),
    LedgerState.REJECTED: frozenset({LedgerState.OPEN}),
    LedgerState.QUARANTINED: frozenset({LedgerState.WRITTEN, LedgerState.VOID}),
}
"""From each state, the states an entry may go to. Only a person's word leaves `quarantined`."""


@dataclass(frozen=True, slots=True)
class EntryKey:
    """The business key of a write, unique in a connection: whose it is, what kind, which one."""

    owner: str
    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One write, as recorded. `attempted` is what was sent, kept so that a lost answer can be recognised.

    `age` is how long ago it was opened, on the database's clock: the horizon is measured on no other. `missing_for` is
    how long its source fact has been missing, None while it was seen. `was_lost` says that an answer was lost once,
    so that the vendor may hold a second record that nobody knows. `version` is the connection's under which it was
    written last, 0 where none of ours wrote it.
    """

    id: LedgerId
    connection_id: ConnectionId
    key: EntryKey
    verb: str
    state: LedgerState
    fingerprint: str
    remote_id: str
    opened_at: datetime
    age: timedelta
    attempted: Document = field(default_factory=dict)
    note: str = ""
    missing_for: timedelta | None = None
    was_lost: bool = False
    version: int = 0

    @property
    def facts(self) -> Mapping[str, str]:
        """Digests of the source facts that the write was made from, by canonical path."""
        found: Any = self.attempted.get("facts")
        return cast(Mapping[str, str], found) if isinstance(found, Mapping) else {}


@dataclass(frozen=True, slots=True)
class Observed:
    """What a pass saw of an entry's source fact without writing: digests to remember, whether it is missing."""

    id: LedgerId
    facts: Mapping[str, str] | None = None
    is_missing: bool | None = None


@dataclass(frozen=True, slots=True)
class Adopted:
    """A record that stands in the vendor's system already, to be entered without writing. `remote_id` is empty for a
    fact that counts as sent though nothing was found; the state is `written`, or `quarantined` where it could be either
    of two records."""

    key: EntryKey
    verb: str
    fingerprint: str
    remote_id: str
    attempted: Document
    note: str
    state: LedgerState = LedgerState.WRITTEN
