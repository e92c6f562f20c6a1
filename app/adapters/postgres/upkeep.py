"""Upkeep: what is over leaves the hot tables, and history leaves after its days, but never a count."""

from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.engine import single

_BATCH = 5000

# "prune_jobs": a trigger that raises the job at this moment waits for the delete and then makes the row anew, or has
# raised it before, and then the row is not idle any more when its lock is had.
PRUNE_JOBS = text("""
DELETE FROM jobs WHERE id IN (
    SELECT id FROM jobs WHERE state = 'idle' AND changed_at < now() - make_interval(secs => CAST(:age_s AS float8))
    LIMIT :most FOR UPDATE SKIP LOCKED)
""")

# "prune_receipts": the outcomes move to the tallies in the statement that deletes them, so the identity holds at every
# moment. A receipt that waits is never pruned, however old.
PRUNE_RECEIPTS = text("""
WITH gone AS (
    DELETE FROM receipts WHERE id IN (
        SELECT id FROM receipts
        WHERE outcome IS NOT NULL AND settled_at < now() - make_interval(secs => CAST(:age_s AS float8))
        ORDER BY settled_at LIMIT :most FOR UPDATE SKIP LOCKED)
    RETURNING connection_id, outcome
), kept AS (
    INSERT INTO tallies (connection_id, outcome, n)
    SELECT connection_id, outcome, count(*) FROM gone GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (connection_id, outcome) DO UPDATE SET n = tallies.n + excluded.n
)
SELECT count(*) FROM gone
""")

PRUNE_DELIVERIES = text("""
DELETE FROM deliveries WHERE id IN (
    SELECT d.id FROM deliveries d
    WHERE d.received_at < now() - make_interval(secs => CAST(:age_s AS float8))
      AND NOT EXISTS (SELECT 1 FROM receipts r WHERE r.delivery_id = d.id)
    ORDER BY d.received_at LIMIT :most FOR UPDATE SKIP LOCKED)
""")

PRUNE_RUNS = text("""
DELETE FROM runs WHERE id IN (
    SELECT id FROM runs WHERE ended_at < now() - make_interval(secs => CAST(:age_s AS float8))
    ORDER BY ended_at LIMIT :most FOR UPDATE SKIP LOCKED)
""")

PRUNE_FINDINGS = text("""
DELETE FROM findings WHERE closed_at < now() - make_interval(secs => CAST(:age_s AS float8))
""")

PRUNE_WORKERS = text("""
DELETE FROM workers WHERE last_heartbeat_at < now() - make_interval(secs => CAST(:age_s AS float8))
""")

_DAY_S = 86_400.0


class PostgresUpkeep:
    """Pruning on PostgreSQL; safe from any number of processes at once."""

    def __init__(self, engine: AsyncEngine, *, idle_s: float = 60.0) -> None:
        self._engine = engine
        self._idle_s = idle_s

    async def prune(self, history: timedelta) -> dict[str, int]:
        """Removes jobs at rest, and history older than that; how many rows went, by table."""
        history_s = history.total_seconds()
        async with single(self._engine) as sql:
            gone = {
                "jobs": await _emptied(sql, PRUNE_JOBS, self._idle_s),
                "receipts": await _emptied(sql, PRUNE_RECEIPTS, history_s),
                "deliveries": await _emptied(sql, PRUNE_DELIVERIES, history_s),
                "runs": await _emptied(sql, PRUNE_RUNS, history_s),
            }
            await sql.execute(PRUNE_FINDINGS, {"age_s": history_s})
            await sql.execute(PRUNE_WORKERS, {"age_s": _DAY_S})
        return gone


async def _emptied(sql: Any, statement: Any, age_s: float) -> int:
    """Runs a bounded delete until it finds nothing more, so that no statement holds many locks."""
    total = 0
    while True:
        result = await sql.execute(statement, {"age_s": age_s, "most": _BATCH})
        gone = int(result.scalar_one()) if result.returns_rows else result.rowcount
        total += gone
        if gone < _BATCH:
            return total
