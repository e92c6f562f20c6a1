"""Findings and ledger entries as an operator sees them, and a person's word on them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.documents import clean
from app.adapters.postgres.engine import begin, single
from app.adapters.postgres.findings import clear, close_unseen
from app.adapters.postgres.findings import record as record_findings
from app.adapters.postgres.timeline import TIMELINE
from app.core.model.finding import Finding
from app.core.model.ids import ConnectionId
from app.core.model.ledger import EntryKey
from app.ports.desk import Row

FINDINGS = text("""
SELECT f.id, c.name AS connection, f.code, f.severity, f.record, f.field, f.text, f.mend,
       f.first_seen_at, f.last_seen_at, f.count
FROM findings f JOIN connections c ON c.id = f.connection_id
WHERE f.closed_at IS NULL AND c.state <> 'archived'
  AND (:connection = '' OR c.name = :connection) AND (:severity = '' OR f.severity = :severity)
ORDER BY f.code, f.last_seen_at DESC, f.id
""")

ACKNOWLEDGE = text("""
WITH closed AS (
    UPDATE findings SET closed_at = now(), acknowledged_at = now(), acknowledged_by = :by
    WHERE id = :id AND closed_at IS NULL RETURNING id, connection_id, code, record
), noted AS (
    INSERT INTO audit (at, who, what, connection_id, detail)
    SELECT now(), :by, 'finding acknowledged', connection_id, code || ' ' || record FROM closed
)
SELECT id FROM closed
""")

# The key is shown as `resolve` takes it.
LEDGER = text("""
SELECT l.id, c.name AS connection, l.owner, l.kind, concat_ws('/', l.owner, l.kind, l.key) AS key,
       l.verb, l.state, l.fingerprint, l.remote_id, l.version, l.opened_at, l.closed_at, l.note
FROM ledger l JOIN connections c ON c.id = l.connection_id
WHERE (:connection = '' OR c.name = :connection) AND (:owner = '' OR l.owner = :owner)
  AND (:state = '' OR l.state = :state)
ORDER BY l.opened_at DESC, l.id DESC LIMIT 5000
""")

# "resolve": a person's word. A host may be resolving the same open entry: whoever locks the row first decides.
RESOLVE = text("""
UPDATE ledger SET state = CASE WHEN CAST(:remote_id AS text) IS NULL THEN 'void' ELSE 'written' END,
    remote_id = coalesce(CAST(:remote_id AS text), ''), note = 'resolved by a person', closed_at = clock_timestamp()
WHERE connection_id = :connection AND owner = :owner AND kind = :kind AND key = :key
  AND (state = 'quarantined'
    OR state = 'open' AND opened_at < clock_timestamp() - make_interval(secs => CAST(:horizon_s AS float8)))
RETURNING id
""")

LINKS = text("""
SELECT l.id, c.name AS connection, l.ticket_id, l.ticket_number, l.work_order_id, l.is_active, l.origin,
       l.created_at, l.known_at, l.retired_at, l.retired_because
FROM links l JOIN connections c ON c.id = l.connection_id
WHERE :connection = '' OR c.name = :connection
ORDER BY l.is_active DESC, l.id DESC
""")


class PostgresRecordDesk:
    """Findings, ledger, links and timelines on PostgreSQL, for people."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def findings(self, *, connection: str = "", severity: str = "") -> Sequence[Row]:
        """Open findings, grouped by code, the last seen first."""
        return await self._many(FINDINGS, connection=connection, severity=severity)

    async def note(self, connection: ConnectionId, findings: Sequence[Finding], *, all_about: str = "") -> None:
        """Records findings that no pass of a job carries; with `all_about` the open ones about that record which are
        not among them are over."""
        async with begin(self._engine) as sql:
            if all_about:
                await close_unseen(sql, connection, all_about, findings)
            await record_findings(sql, connection, findings)

    async def clear(self, connection: ConnectionId, record: str, codes: Sequence[str]) -> None:
        """Closes the open findings of that record with one of those codes: their cause is gone."""
        async with begin(self._engine) as sql:
            await clear(sql, connection, record, codes)

    async def acknowledge(self, id: int, by: str) -> bool:
        """Closes one finding; False when there is none open with that id."""
        async with single(self._engine) as sql:
            return await sql.scalar(ACKNOWLEDGE, {"id": id, "by": clean(by)}) is not None

    async def ledger(self, *, connection: str = "", owner: str = "", state: str = "") -> Sequence[Row]:
        """Ledger entries, newest first."""
        return await self._many(LEDGER, connection=connection, owner=owner, state=state)

    async def resolve(
        self, connection: ConnectionId, key: EntryKey, remote_id: str | None, *, horizon: timedelta
    ) -> bool:
        """A person's word on an entry; False unless it is quarantined or open for longer than the horizon."""
        which = {"connection": connection, "owner": key.owner, "kind": key.kind, "key": key.key}
        said = {"remote_id": remote_id, "horizon_s": horizon.total_seconds()}
        async with single(self._engine) as sql:
            return await sql.scalar(RESOLVE, {**which, **said}) is not None

    async def links(self, *, connection: str = "") -> Sequence[Row]:
        """Links, active first."""
        return await self._many(LINKS, connection=connection)

    async def timeline(self, connection: ConnectionId, *, ticket: int = 0, work_order: int = 0) -> Sequence[Row]:
        """Everything that happened to the ticket or work order, in order: `{at, what, text, code, ref, version}`."""
        return await self._many(TIMELINE, connection=connection, ticket=ticket, work_order=work_order)

    async def _many(self, statement: Any, **parameters: object) -> Sequence[Row]:
        async with single(self._engine) as sql:
            return [dict(row) for row in (await sql.execute(statement, parameters)).mappings()]
