"""Upkeep: what is over leaves the hot tables, and history leaves after its days, but never a count."""

from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.engine import single
from app.adapters.postgres.raising import RAISE, WORK_CHANNEL

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

PRUNE_DELIVERY_KEYS = text("""
DELETE FROM delivery_keys WHERE (connection_id, key) IN (
    SELECT connection_id, key FROM delivery_keys
    WHERE received_at < now() - make_interval(secs => CAST(:age_s AS float8))
    ORDER BY received_at LIMIT :most FOR UPDATE SKIP LOCKED)
""")

# "raise_sweeps": of many workers that ask at once, the one that notes the time raises the job, and only a job at rest.
# Connections are locked against archiving, as intake locks them.
RAISE_SWEEPS = text(f"""
WITH late AS MATERIALIZED (
    SELECT c.id, c.account_id FROM connections c
    LEFT JOIN sweeps s ON s.connection_id = c.id
    LEFT JOIN jobs j ON j.connection_id = c.id AND j.kind = 'sweep' AND j.key = 'all'
    WHERE c.state = 'active' AND (j.id IS NULL OR j.state IN ('idle', 'dead'))
      AND coalesce(greatest(s.began_at, s.raised_at, j.last_pass_at), '-infinity')
          < now() - make_interval(secs => CAST(:every_s AS float8))
    ORDER BY c.id FOR KEY SHARE OF c
), noted AS MATERIALIZED (
    INSERT INTO sweeps (connection_id, raised_at) SELECT id, now() FROM late ORDER BY id
    ON CONFLICT (connection_id) DO UPDATE SET raised_at = excluded.raised_at
    WHERE coalesce(greatest(sweeps.began_at, sweeps.raised_at), '-infinity')
          < now() - make_interval(secs => CAST(:every_s AS float8))
    RETURNING connection_id
), raised AS (
    INSERT INTO jobs (connection_id, account_id, kind, key, state, wanted,
                      due_at, first_wanted_at, last_wanted_at, changed_at)
    SELECT late.id, late.account_id, 'sweep', 'all', 'queued', 1, now(), now(), now(), now()
    FROM late JOIN noted ON noted.connection_id = late.id ORDER BY late.id
    {RAISE}
    WHERE jobs.state IN ('idle', 'dead')
    RETURNING id
), told AS MATERIALIZED (SELECT pg_notify('{WORK_CHANNEL}', '') WHERE EXISTS (SELECT 1 FROM raised))
SELECT (SELECT count(*) FROM raised) AS n, (SELECT count(*) FROM told) AS told
""")

_DAY_S = 86_400.0
_KEYS_S = 2 * _DAY_S
"""A sender may repeat a delivery for so long, however short the history is kept."""


class PostgresUpkeep:
    """Upkeep on PostgreSQL; safe from any number of processes at once.

    Jobs at rest are kept for `idle_s`; `spacing_s` is the least time between the starts of two passes of one job.
    """

    def __init__(self, engine: AsyncEngine, *, idle_s: float = 60.0, spacing_s: float = 4.0) -> None:
        self._engine = engine
        self._idle_s = idle_s
        self._spacing_s = spacing_s

    async def raise_sweeps(self, every: timedelta) -> int:
        """Raises the sweep of every active connection whose last one began, ran or was raised longer ago than that,
        unless it waits or runs; how many."""
        async with single(self._engine) as sql:
            asked = {"every_s": every.total_seconds(), "spacing_s": self._spacing_s}
            return int(await sql.scalar(RAISE_SWEEPS, asked) or 0)

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
            await _emptied(sql, PRUNE_DELIVERY_KEYS, max(history_s, _KEYS_S))
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
