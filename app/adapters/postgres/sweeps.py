"""What the sweep remembers, and how silent the sources of triggers are."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.documents import dumps
from app.adapters.postgres.engine import single
from app.adapters.postgres.fence import FENCE, fence_of, lost
from app.core.model.document import Document
from app.core.model.ids import ConnectionId
from app.ports.hosting import Hosted
from app.ports.sweeps import Quiet, SweepState

LOAD = text("""
SELECT clock_timestamp() AS now, s.began_at, coalesce(s.state, '{}') AS state
FROM (VALUES (1)) AS always LEFT JOIN sweeps s ON s.connection_id = :connection
""")

SAVE = text(f"""
WITH fence AS MATERIALIZED ({FENCE})
INSERT INTO sweeps (connection_id, began_at, state)
SELECT CAST(:connection AS bigint), CAST(:began_at AS timestamptz), CAST(:state AS jsonb) FROM fence
ON CONFLICT (connection_id) DO UPDATE SET began_at = excluded.began_at, state = excluded.state
RETURNING connection_id
""")

# Silence is counted between triggers, so the time before the first one of the window is none.
QUIET = text("""
SELECT source, clock_timestamp() - max(received_at) AS silent_for,
       coalesce(max(received_at - before), interval '0') AS longest_before, count(*) AS triggers
FROM (
    SELECT source, received_at, lag(received_at) OVER (PARTITION BY source ORDER BY received_at) AS before
    FROM receipts
    WHERE connection_id = :connection AND source <> 'person'
      AND received_at > clock_timestamp() - make_interval(secs => CAST(:within_s AS float8))
) AS told
GROUP BY source ORDER BY source
""")


class PostgresSweeps:
    """The state of sweeps on PostgreSQL."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def load(self, connection: ConnectionId) -> SweepState:
        """The state that the last sweep left."""
        async with single(self._engine) as sql:
            row = (await sql.execute(LOAD, {"connection": connection})).one()
            return SweepState(row.now, row.began_at, row.state)

    async def save(self, hosted: Hosted, connection: ConnectionId, began_at: datetime, state: Document) -> None:
        """Replaces the state. Raises `LeaseLost` under an old epoch."""
        kept = {"connection": connection, "began_at": began_at, "state": dumps(state)}
        async with single(self._engine) as sql:
            if await sql.scalar(SAVE, {**fence_of(hosted), **kept}) is None:
                raise lost(hosted)

    async def quiet(self, connection: ConnectionId, within: timedelta) -> Sequence[Quiet]:
        """For each source of triggers (people left out) what its receipts of that time say."""
        asked = {"connection": connection, "within_s": within.total_seconds()}
        async with single(self._engine) as sql:
            rows = await sql.execute(QUIET, asked)
            return [Quiet(row.source, row.silent_for, row.longest_before, row.triggers) for row in rows]
