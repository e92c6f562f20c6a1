"""What an operator sees and does: jobs, findings, ledger, links, health. Read models and a person's few writes."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol

from app.core.model.finding import Finding
from app.core.model.ids import ConnectionId
from app.core.model.ledger import EntryKey

Row = Mapping[str, Any]
"""A row as listings show it, with the keys of the published words."""


class JobDesk(Protocol):
    async def jobs(self, *, connection: str = "", state: str = "", code: str = "", limit: int = 500) -> Sequence[Row]:
        """Jobs that wait, run or died: `{id, connection, kind, key, state, attempts, due_at, code, ...}`. With the
        state `idle` those that have settled within the last minute."""

    async def job(self, id: int) -> Row | None:
        """One job with its text, receipts and past runs; of each run the version that it ran under (0 for none) and
        what its scripts traced."""

    async def retry(self, *, id: int = 0, connection: str = "", state: str = "", code: str = "") -> int:
        """Queues dead jobs again, with the option `retry` and a receipt of the person's; how many."""

    async def cancel(self, *, id: int = 0, connection: str = "", state: str = "", code: str = "") -> int:
        """Ends queued and dead jobs; their waiting receipts become `cancelled`; how many."""


class RecordDesk(Protocol):
    async def findings(self, *, connection: str = "", severity: str = "") -> Sequence[Row]:
        """Open findings: `{id, connection, code, severity, record, field, text, mend, first_seen_at, ...}`."""

    async def note(self, connection: ConnectionId, findings: Sequence[Finding], *, all_about: str = "") -> None:
        """Records findings that no pass of a job carries; with `all_about` the open ones about that record which are
        not among them are over."""

    async def clear(self, connection: ConnectionId, record: str, codes: Sequence[str]) -> None:
        """Closes the open findings of that record with one of those codes: their cause is gone."""

    async def acknowledge(self, id: int, by: str) -> bool:
        """Closes one finding; False when there is none open with that id."""

    async def ledger(self, *, connection: str = "", owner: str = "", state: str = "") -> Sequence[Row]:
        """Ledger entries, newest first."""

    async def resolve(
        self, connection: ConnectionId, key: EntryKey, remote_id: str | None, *, horizon: timedelta
    ) -> bool:
        """A person's word on an entry: it was written as `remote_id`, or (None) never. False unless it is quarantined,
        or has been open for longer than the horizon: before that the vendor may still be carrying it out."""

    async def links(self, *, connection: str = "") -> Sequence[Row]:
        """Links, active first."""

    async def timeline(self, connection: ConnectionId, *, ticket: int = 0, work_order: int = 0) -> Sequence[Row]:
        """Everything that happened to it in order: `{at, what, text, code, ref, version}`. `version` is that of the
        connection under which a pass ran or a write was made, None where there is none."""


class PersonsLinks(Protocol):
    async def add(self, connection: ConnectionId, ticket_id: int, ticket_number: str, work_order_id: int) -> None:
        """Makes a pair by hand; `Rejected` when either side is in another active pair."""

    async def add_many(self, connection: ConnectionId, pairs: Sequence[tuple[int, str, int]]) -> Sequence[str]:
        """Makes many pairs of a ticket's id, its number and a work order; for each the reason it was refused, or
        nothing. A pair that stands already is left alone."""

    async def remove(self, connection: ConnectionId, ticket_id: int) -> bool:
        """Ends the active pair of the ticket."""


class HealthDesk(Protocol):
    async def connections(self) -> Sequence[Row]:
        """Per connection what the health page shows, with both sides of the accounting identity."""

    async def workers(self) -> Sequence[Row]:
        """Per worker: `{id, last_heartbeat_at, accounts}`."""

    async def ready(self) -> str:
        """Empty when the database is a writable primary at the newest schema, else what is wrong."""

    async def set_paused(self, connection: ConnectionId, paused: bool, by: str) -> None:
        """A person's pause or resume."""
