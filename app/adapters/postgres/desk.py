"""Jobs as an operator sees them, and the few things a person may do to them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.engine import single
from app.adapters.postgres.raising import RAISE, WORK_CHANNEL
from app.core.model.job import Option
from app.ports.desk import Row

_FILTER = """
    (:id = 0 OR j.id = :id) AND (:connection = '' OR c.name = :connection)
    AND (:state = '' OR j.state = :state) AND (:code = '' OR j.code = :code) AND c.state <> 'archived'
"""

_COLUMNS = """j.id, c.name AS connection, j.kind, j.key, j.state, j.attempts, j.due_at, j.code, j.text,
    j.wanted, j.observed, j.last_pass_at, j.resting"""

JOBS = text(f"""
SELECT {_COLUMNS} FROM jobs j JOIN connections c ON c.id = j.connection_id
WHERE {_FILTER} AND (j.state <> 'idle' OR :state = 'idle') ORDER BY j.due_at, j.id LIMIT :most
""")

# A job at rest is listed from its last run once its row was pruned.
JOB = text(f"""
SELECT {_COLUMNS} FROM jobs j JOIN connections c ON c.id = j.connection_id WHERE j.id = :id
UNION ALL
(SELECT r.job_id, c.name, r.kind, r.key, 'idle', r.attempts, r.ended_at, r.code, r.text, 0, 0, r.started_at, false
 FROM runs r JOIN connections c ON c.id = r.connection_id
 WHERE r.job_id = :id AND NOT EXISTS (SELECT 1 FROM jobs WHERE id = :id) ORDER BY r.id DESC LIMIT 1)
""")
JOB_RECEIPTS = text("""
SELECT id, named, source, received_at, outcome, code, text, settled_at FROM receipts
WHERE job_id = :id ORDER BY id DESC LIMIT 200
""")
JOB_RUNS = text("""
SELECT started_at, ended_at, outcome, code, text, attempts, worker, version, trace FROM runs
WHERE job_id = :id ORDER BY id DESC LIMIT 200
""")

# "retry": a person's trigger for every dead job that matches, by the same clause as any other trigger, so that a
# trigger which comes at the same moment is merged and the identity holds. Connections are locked against archiving.
RETRY = text(f"""
WITH dead AS MATERIALIZED (
    SELECT j.id, j.connection_id, j.account_id, j.kind, j.key FROM jobs j
    JOIN connections c ON c.id = j.connection_id
    WHERE {_FILTER} AND j.state = 'dead'
    ORDER BY j.connection_id, j.kind, j.key FOR UPDATE OF j FOR KEY SHARE OF c
), raised AS (
    INSERT INTO jobs (connection_id, account_id, kind, key, state, wanted, options, hastened,
                      due_at, first_wanted_at, last_wanted_at, changed_at)
    SELECT connection_id, account_id, kind, key, 'queued', 1, ARRAY['{Option.RETRY}'], true,
           now(), now(), now(), now()
    FROM dead
    ORDER BY connection_id, kind, key
    {RAISE}
    RETURNING id, connection_id, key, wanted
), numbered AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('deliveries', 'id')) AS delivery_id, raised.* FROM raised
), delivered AS (
    INSERT INTO deliveries (id, connection_id, source, body)
    SELECT delivery_id, connection_id, 'person', '' FROM numbered
), received AS (
    INSERT INTO receipts (connection_id, delivery_id, job_id, generation, named, source)
    SELECT connection_id, delivery_id, id, wanted, key, 'person' FROM numbered
), counted AS (
    INSERT INTO counters (connection_id, received)
    SELECT connection_id, count(*) FROM numbered GROUP BY connection_id ORDER BY connection_id
    ON CONFLICT (connection_id) DO UPDATE SET received = counters.received + excluded.received
), told AS MATERIALIZED (SELECT pg_notify('{WORK_CHANNEL}', '') WHERE EXISTS (SELECT 1 FROM raised))
SELECT (SELECT count(*) FROM raised) AS n, (SELECT count(*) FROM told) AS told
""")

# "cancel": a job that runs is left to its pass; one that was taken between the reading and the lock drops out.
CANCEL = text(f"""
WITH ended AS MATERIALIZED (
    SELECT j.id FROM jobs j JOIN connections c ON c.id = j.connection_id
    WHERE {_FILTER} AND j.state IN ('queued', 'dead')
    ORDER BY j.connection_id, j.kind, j.key FOR UPDATE OF j
), rested AS (
    UPDATE jobs SET state = 'idle', resting = false, observed = jobs.wanted, attempts = 0, options = '{{}}',
        changed_at = now()
    FROM ended WHERE jobs.id = ended.id RETURNING jobs.id, jobs.wanted
), cancelled AS (
    UPDATE receipts SET outcome = 'cancelled', code = 'cancelled', text = 'A person cancelled the job.',
        settled_at = clock_timestamp()
    FROM rested WHERE receipts.job_id = rested.id AND receipts.outcome IS NULL
)
SELECT count(*) FROM rested
""")


class PostgresJobDesk:
    """Jobs on PostgreSQL, for people."""

    def __init__(self, engine: AsyncEngine, *, spacing_s: float = 4.0) -> None:
        self._engine = engine
        self._spacing_s = spacing_s

    async def jobs(self, *, connection: str = "", state: str = "", code: str = "", limit: int = 500) -> Sequence[Row]:
        """Jobs that wait, run or died, by the time they are due; those at rest when that state is asked for."""
        chosen = _chosen(connection=connection, state=state, code=code)
        async with single(self._engine) as sql:
            return [dict(row) for row in (await sql.execute(JOBS, {**chosen, "most": limit})).mappings()]

    async def job(self, id: int) -> Row | None:
        """One job with its text, its newest receipts and past runs; None when it was never there or is forgotten."""
        async with single(self._engine) as sql:
            found = (await sql.execute(JOB, {"id": id})).mappings().one_or_none()
            if found is None:
                return None
            receipts = (await sql.execute(JOB_RECEIPTS, {"id": id})).mappings()
            runs = (await sql.execute(JOB_RUNS, {"id": id})).mappings()
            return {**found, "receipts": [dict(row) for row in receipts], "runs": [dict(row) for row in runs]}

    async def retry(self, *, id: int = 0, connection: str = "", state: str = "", code: str = "") -> int:
        """Queues dead jobs again, with the option `retry` and a receipt of the person's; how many."""
        chosen = _chosen(id=id, connection=connection, state=state, code=code)
        async with single(self._engine) as sql:
            return int(await sql.scalar(RETRY, {**chosen, "spacing_s": self._spacing_s}) or 0)

    async def cancel(self, *, id: int = 0, connection: str = "", state: str = "", code: str = "") -> int:
        """Ends queued and dead jobs; their waiting receipts become `cancelled`; how many."""
        async with single(self._engine) as sql:
            chosen = _chosen(id=id, connection=connection, state=state, code=code)
            return int(await sql.scalar(CANCEL, chosen) or 0)


def _chosen(*, id: int = 0, connection: str = "", state: str = "", code: str = "") -> dict[str, Any]:
    return {"id": id, "connection": connection, "state": state, "code": code}
