"""Findings as they are kept: one open row per code, record and field, counted, closed when a pass no longer sees it."""

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.documents import clean
from app.core.model.finding import Finding
from app.core.model.ids import ConnectionId

# "turn_of_findings": a pass closes what is over about its own record and opens what it saw, of any record; two such
# passes could wait for one another in a circle. One at a time per connection, and only where there is something to
# write: the turn is the last lock that a transaction takes before the findings themselves.
TURN = text("SELECT pg_advisory_xact_lock(hashtextextended('findings', CAST(:connection_id AS bigint)))")

IS_OPEN = text("""
SELECT EXISTS (SELECT 1 FROM findings WHERE connection_id = :connection_id AND record = :record AND closed_at IS NULL)
""")

# "record_findings": two passes that see the same thing at once count it twice in one row.
RECORD = text("""
INSERT INTO findings (connection_id, code, severity, record, field, text, mend, count, first_seen_at, last_seen_at)
SELECT :connection_id, f.code, f.severity, f.record, f.field, f.text, f.mend, 1, clock_timestamp(), clock_timestamp()
FROM unnest(
    CAST(:codes AS text[]), CAST(:severities AS text[]), CAST(:records AS text[]), CAST(:fields AS text[]),
    CAST(:texts AS text[]), CAST(:mends AS text[])
) AS f(code, severity, record, field, text, mend)
ORDER BY f.record, f.code, f.field
ON CONFLICT (connection_id, record, code, field) WHERE closed_at IS NULL DO UPDATE SET
    severity = excluded.severity, text = excluded.text, mend = excluded.mend,
    last_seen_at = excluded.last_seen_at, count = findings.count + 1
""")

# "close_unseen": what an ended pass over a record did not raise again is over.
CLOSE_UNSEEN = text("""
UPDATE findings SET closed_at = now()
WHERE connection_id = :connection_id AND record = :record AND closed_at IS NULL
  AND NOT EXISTS (
      SELECT 1 FROM unnest(CAST(:codes AS text[]), CAST(:fields AS text[])) AS seen(code, field)
      WHERE seen.code = findings.code AND seen.field = findings.field)
""")

CLEAR = text("""
UPDATE findings SET closed_at = now()
WHERE connection_id = :connection_id AND record = :record AND closed_at IS NULL
  AND code = ANY(CAST(:codes AS text[]))
""")


async def record(connection: AsyncConnection, owner: ConnectionId, findings: Iterable[Finding]) -> None:
    """Opens or counts the findings; the last one of a code, record and field gives the text."""
    kept = {(clean(one.record), one.code, clean(one.field)): one for one in findings}
    if not kept:
        return
    parameters = {
        "connection_id": owner,
        "codes": [key[1] for key in kept],
        "severities": [one.severity.value for one in kept.values()],
        "records": [key[0] for key in kept],
        "fields": [key[2] for key in kept],
        "texts": [clean(one.text) for one in kept.values()],
        "mends": [clean(one.mend) for one in kept.values()],
    }
    await connection.execute(TURN, {"connection_id": owner})
    await connection.execute(RECORD, parameters)


async def close_unseen(
    connection: AsyncConnection, owner: ConnectionId, about: str, findings: Iterable[Finding]
) -> None:
    """Closes the open findings about that record which are not among the findings."""
    seen = [(one.code, clean(one.field)) for one in findings if one.record == about]
    parameters = {
        "connection_id": owner,
        "record": clean(about),
        "codes": [code for code, _ in seen],
        "fields": [field for _, field in seen],
    }
    if await connection.scalar(IS_OPEN, {"connection_id": owner, "record": clean(about)}):
        await connection.execute(TURN, {"connection_id": owner})
        await connection.execute(CLOSE_UNSEEN, parameters)


async def clear(connection: AsyncConnection, owner: ConnectionId, about: str, codes: Iterable[str]) -> None:
    """Closes the open findings about that record with one of those codes."""
    which = {"connection_id": owner, "record": clean(about)}
    if await connection.scalar(IS_OPEN, which):
        await connection.execute(TURN, {"connection_id": owner})
        await connection.execute(CLEAR, {**which, "codes": list(codes)})
