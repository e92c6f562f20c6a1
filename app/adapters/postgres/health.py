"""Health: what each connection and worker is at, in one snapshot each."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.documents import clean
from app.adapters.postgres.engine import begin, single
from app.adapters.postgres.findings import clear
from app.adapters.postgres.migrate import current_is_newest
from app.adapters.postgres.raising import WORK_CHANNEL
from app.core.model.connection import PAUSE_CODES
from app.core.model.failure import DatabaseAway
from app.core.model.ids import ConnectionId
from app.core.model.outcome import Result
from app.ports.desk import Row

# "health_connections": one statement, so that both sides of the identity are of one moment. `received` was counted at
# the door; the outcomes are counted from the receipts themselves and from the tallies of pruned ones. A job that rests
# until its next turn is not queued work.
CONNECTIONS = text("""
WITH outcomes AS MATERIALIZED (
    SELECT connection_id, outcome, sum(n) AS n FROM (
        SELECT connection_id, coalesce(outcome, 'waiting') AS outcome, count(*) AS n FROM receipts GROUP BY 1, 2
        UNION ALL SELECT connection_id, outcome, n FROM tallies
    ) AS every GROUP BY 1, 2
), queue AS MATERIALIZED (
    SELECT connection_id, count(*) FILTER (WHERE state = 'queued' AND NOT resting) AS queued,
           count(*) FILTER (WHERE state = 'dead') AS dead
    FROM jobs WHERE state IN ('queued', 'dead') GROUP BY connection_id
), troubles AS MATERIALIZED (
    SELECT connection_id, jsonb_object_agg(severity, n) AS findings FROM (
        SELECT connection_id, severity, count(*) AS n FROM findings WHERE closed_at IS NULL GROUP BY 1, 2
    ) AS open GROUP BY connection_id
)
SELECT c.id, c.name, c.state, c.pause_reason, c.pause_since, c.pause_next_probe_at,
    coalesce(queue.queued, 0) AS queued, coalesce(queue.dead, 0) AS dead,
    coalesce(troubles.findings, '{}') AS findings,
    (SELECT CAST(extract(epoch FROM now() - min(w.received_at)) AS float8) FROM receipts w
     WHERE w.connection_id = c.id AND w.outcome IS NULL) AS oldest_waiting_s,
    (SELECT max(i.ended_at) FROM runs i WHERE i.connection_id = c.id AND i.kind = 'import_ticket'
     AND i.outcome IN ('written', 'unchanged')) AS last_success_in,
    (SELECT max(o.ended_at) FROM runs o WHERE o.connection_id = c.id AND o.kind = 'push_work_order'
     AND o.outcome IN ('written', 'unchanged')) AS last_success_out,
    (SELECT state FROM budgets WHERE scope = 'account:' || c.account_id) AS autotask_budget,
    (SELECT state FROM budgets WHERE scope = 'connection:' || c.id) AS field_nation_budget,
    coalesce((SELECT received FROM counters WHERE connection_id = c.id), 0) AS received,
    coalesce((SELECT jsonb_object_agg(outcome, n) FROM outcomes WHERE connection_id = c.id), '{}') AS outcomes
FROM connections c
LEFT JOIN queue ON queue.connection_id = c.id
LEFT JOIN troubles ON troubles.connection_id = c.id
WHERE c.state <> 'archived' ORDER BY c.name
""")

WORKERS = text("""
SELECT w.id, w.last_heartbeat_at, coalesce(array_agg(a.id ORDER BY a.id) FILTER (WHERE a.id IS NOT NULL), '{}')
    AS accounts
FROM workers w LEFT JOIN accounts a ON a.holder = w.id AND a.lease_until > clock_timestamp()
GROUP BY w.id ORDER BY w.id
""")

WRITABLE = text("SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off'")

# "person_pause": a person's word goes over a pause of the broker's own.
PERSON_PAUSE = text("""
WITH changed AS (
    UPDATE connections SET state = 'paused', pause_by_person = true, pause_reason = 'paused by ' || :by,
        pause_since = clock_timestamp(), pause_next_probe_at = NULL, pause_probes = 0
    WHERE id = :connection AND state <> 'archived' AND NOT (state = 'paused' AND pause_by_person) RETURNING id
)
INSERT INTO audit (at, who, what, connection_id) SELECT now(), :by, 'paused', id FROM changed
""")
PERSON_RESUME = text(f"""
WITH changed AS MATERIALIZED (
    UPDATE connections SET state = 'active', pause_by_person = false, pause_reason = NULL, pause_since = NULL,
        pause_next_probe_at = NULL, pause_probes = 0
    WHERE id = :connection AND state = 'paused' RETURNING id
), told AS MATERIALIZED (SELECT id, pg_notify('{WORK_CHANNEL}', '') AS told FROM changed)
INSERT INTO audit (at, who, what, connection_id) SELECT now(), :by, 'resumed', id FROM told WHERE told IS NOT NULL
""")


class PostgresHealthDesk:
    """Health on PostgreSQL."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def connections(self) -> Sequence[Row]:
        """Per live connection what the health page shows, with both sides of the accounting identity."""
        async with single(self._engine) as sql:
            return [_connection(row) for row in (await sql.execute(CONNECTIONS)).mappings()]

    async def workers(self) -> Sequence[Row]:
        """Per worker: `{id, last_heartbeat_at, accounts}` with the ids of the accounts it hosts now."""
        async with single(self._engine) as sql:
            return [dict(row) for row in (await sql.execute(WORKERS)).mappings()]

    async def ready(self) -> str:
        """Empty when the database is a writable primary at the newest schema, else what is wrong."""
        try:
            async with single(self._engine) as sql:
                if not await sql.scalar(WRITABLE):
                    return "The database is not a writable primary."
                if not await current_is_newest(sql):
                    return "The database is not at the newest schema: run `broker migrate`."
        except DatabaseAway as failure:
            return failure.text
        except SQLAlchemyError as error:
            return f"The database answers with an error ({type(error).__name__})."
        return ""

    async def set_paused(self, connection: ConnectionId, paused: bool, by: str) -> None:
        """A person's pause or resume, recorded in the audit; the same word twice changes nothing. A resume ends the
        findings of a pause, which come back with the next one."""
        async with begin(self._engine) as sql:
            statement = PERSON_PAUSE if paused else PERSON_RESUME
            await sql.execute(statement, {"connection": connection, "by": clean(by)})
            if not paused:
                await clear(sql, connection, "connection", PAUSE_CODES)


def _connection(row: RowMapping) -> Row:
    pause = None
    if row["state"] == "paused":
        pause = {
            "reason": row["pause_reason"] or "",
            "since": row["pause_since"],
            "next_probe_at": row["pause_next_probe_at"],
        }
    return {
        "id": row["id"],
        "name": row["name"],
        "state": row["state"],
        "pause": pause,
        "queued": row["queued"],
        "oldest_waiting_s": row["oldest_waiting_s"],
        "dead": row["dead"],
        "findings": {severity: int(n) for severity, n in row["findings"].items()},
        "last_success": {"in": row["last_success_in"], "out": row["last_success_out"]},
        "budgets": {
            "autotask": _shown(row["autotask_budget"]),
            "field_nation": _shown(row["field_nation_budget"]),
        },
        "counters": _counters(row["received"], row["outcomes"]),
        "identity": _identity(row["received"], row["outcomes"]),
    }


def _counters(received: int, outcomes: Mapping[str, Any]) -> dict[str, int]:
    counted = {name: int(outcomes.get(name, 0)) for name in (*Result, "waiting")}
    done = counted[Result.WRITTEN] + counted[Result.UNCHANGED]
    return {"received": received, "done": done, **{str(name): n for name, n in counted.items()}}


def _identity(received: int, outcomes: Mapping[str, Any]) -> dict[str, int | bool]:
    """Left was counted at the door; right is every receipt that is there or was pruned, whatever became of it."""
    right = sum(int(n) for n in outcomes.values())
    return {"left": received, "right": right, "holds": received == right}


def _shown(budget: Mapping[str, Any] | None) -> dict[str, Any]:
    """A budget without what only its own gate understands."""
    return {name: value for name, value in (budget or {}).items() if not name.startswith("_")}
