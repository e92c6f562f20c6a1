"""The job table as a host uses it."""

from collections.abc import Sequence
from typing import cast

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.documents import clean
from app.adapters.postgres.engine import begin, single
from app.adapters.postgres.fence import FENCE, fence_of, hold
from app.adapters.postgres.settling import Settling
from app.core.model.ids import ConnectionId, Epoch, JobId
from app.core.model.job import Job, JobKind
from app.core.model.outcome import Settlement
from app.ports.hosting import Hosted

# "take": closes the race of a pass with the triggers it may miss. `observed = wanted` is copied under the row's lock
# before the first read; a trigger that commits later finds the job running and raises `wanted` above it. The fence
# keeps a host of an older epoch from taking anything; SKIP LOCKED leaves a job that a trigger raises this instant.
# A kind is taken when its burst is over: quiet for a moment, or old enough, or a full batch.
TAKE = text(f"""
WITH fence AS MATERIALIZED ({FENCE}),
due AS MATERIALIZED (
    SELECT j.id, j.kind, j.first_wanted_at, j.last_wanted_at FROM jobs j
    JOIN connections c ON c.id = j.connection_id AND c.state = 'active'
    WHERE j.account_id = :fence_account AND j.connection_id = :connection
      AND j.kind = ANY(CAST(:kinds AS text[])) AND j.state = 'queued' AND j.due_at <= now()
),
ripe AS MATERIALIZED (
    SELECT kind FROM due GROUP BY kind
    HAVING max(last_wanted_at) <= now() - make_interval(secs => CAST(:quiet_s AS float8))
        OR min(first_wanted_at) <= now() - make_interval(secs => CAST(:ripen_s AS float8))
        OR count(*) >= :most
    ORDER BY min(first_wanted_at), kind LIMIT 1
),
picked AS MATERIALIZED (
    SELECT j.id FROM jobs j
    WHERE EXISTS (SELECT 1 FROM fence) AND j.state = 'queued' AND j.connection_id = :connection
      AND j.id IN (SELECT due.id FROM due JOIN ripe USING (kind)
                   ORDER BY due.first_wanted_at, due.id LIMIT :most)
    ORDER BY j.connection_id, j.kind, j.key FOR UPDATE OF j SKIP LOCKED
)
UPDATE jobs SET state = 'running', observed = wanted, epoch = :fence_epoch, last_pass_at = clock_timestamp(),
    changed_at = now(), resting = false, hastened = false, options = '{{}}', merged = wanted - observed,
    calm = CASE WHEN last_pass_at > clock_timestamp() - interval '1 minute' THEN calm ELSE 0 END,
    taken_options = ARRAY(SELECT DISTINCT o FROM unnest(options || taken_options) AS o ORDER BY o)
FROM picked WHERE jobs.id = picked.id
RETURNING jobs.id, jobs.connection_id, jobs.kind, jobs.key, jobs.wanted, jobs.observed, jobs.attempts,
    jobs.taken_options, jobs.due_at, jobs.first_wanted_at
""")

# "next_due": when `take` will next find something if nothing new comes.
NEXT_DUE = text("""
WITH waiting AS (
    SELECT j.kind, j.due_at, j.first_wanted_at, j.last_wanted_at, j.due_at <= now() AS due FROM jobs j
    JOIN connections c ON c.id = j.connection_id AND c.state = 'active'
    WHERE j.account_id = :account AND j.connection_id = :connection AND j.state = 'queued'
      AND j.kind = ANY(CAST(:kinds AS text[]))
), moments AS (
    SELECT least(max(last_wanted_at) + make_interval(secs => CAST(:quiet_s AS float8)),
                 min(first_wanted_at) + make_interval(secs => CAST(:ripen_s AS float8))) AS at
    FROM waiting WHERE due GROUP BY kind
    UNION ALL
    SELECT greatest(due_at, least(last_wanted_at + make_interval(secs => CAST(:quiet_s AS float8)),
                                  first_wanted_at + make_interval(secs => CAST(:ripen_s AS float8))))
    FROM waiting WHERE NOT due
)
SELECT CAST(greatest(extract(epoch FROM at - now()), 0) AS float8) FROM moments ORDER BY at LIMIT 1
""")

# "give_back": only what this epoch runs.
GIVE_BACK = text("""
UPDATE jobs SET state = 'queued', changed_at = now(), taken_options = '{}',
    options = ARRAY(SELECT DISTINCT o FROM unnest(jobs.options || jobs.taken_options) AS o ORDER BY o)
FROM (SELECT id FROM jobs WHERE id = ANY(CAST(:ids AS bigint[])) AND state = 'running' AND epoch = :epoch
      ORDER BY connection_id, kind, key FOR UPDATE) AS mine
WHERE jobs.id = mine.id
""")

# "pause" tells the first who pauses from those who come later by the row it changes; a person's pause is left alone.
PAUSE = text("""
UPDATE connections SET state = 'paused', pause_reason = :reason, pause_since = clock_timestamp(),
    pause_by_person = false, pause_probes = 0,
    pause_next_probe_at = clock_timestamp() + make_interval(secs => CAST(:probe_in_s AS float8))
WHERE id = :connection AND account_id = :account AND state = 'active' RETURNING id
""")
PROBE_LATER = text("""
UPDATE connections SET pause_reason = :reason, pause_probes = pause_probes + 1,
    pause_next_probe_at = clock_timestamp() + make_interval(secs => CAST(:probe_in_s AS float8))
WHERE id = :connection AND account_id = :account AND state = 'paused' AND NOT pause_by_person
""")
RESUME = text("""
UPDATE connections SET state = 'active', pause_reason = NULL, pause_since = NULL, pause_next_probe_at = NULL,
    pause_probes = 0
WHERE id = :connection AND account_id = :account AND state = 'paused' AND NOT pause_by_person
""")
DUE_PROBES = text("""
SELECT id FROM connections
WHERE account_id = :account AND state = 'paused' AND NOT pause_by_person AND pause_next_probe_at <= now() ORDER BY id
""")


class PostgresJobs:
    """The job queue on PostgreSQL.

    `spacing_s` is the least time between the starts of two passes of one job; a burst is over when no trigger came
    for `quiet_s`, or when its oldest is `ripen_s` old. All in seconds.
    """

    def __init__(
        self, engine: AsyncEngine, *, spacing_s: float = 4.0, quiet_s: float = 0.2, ripen_s: float = 2.0
    ) -> None:
        self._engine = engine
        self._spacing_s = spacing_s
        self._burst = {"quiet_s": quiet_s, "ripen_s": ripen_s}

    async def take(
        self, hosted: Hosted, connection: ConnectionId, limit: int, kinds: Sequence[JobKind]
    ) -> Sequence[Job]:
        """Due jobs of one of the kinds of that connection, longest waiting first, marked running; none under an old
        epoch."""
        asked = {**fence_of(hosted), **self._burst, **_whose(connection, kinds), "most": limit}
        async with single(self._engine) as sql:
            rows = (await sql.execute(TAKE, asked)).all()
        rows = sorted(rows, key=lambda row: (row.first_wanted_at, row.id))
        return [
            Job(
                id=JobId(row.id),
                connection_id=ConnectionId(row.connection_id),
                kind=JobKind(row.kind),
                key=row.key,
                wanted=row.wanted,
                observed=row.observed,
                attempts=row.attempts,
                epoch=Epoch(hosted.epoch),
                options=tuple(row.taken_options),
                due_at=row.due_at,
            )
            for row in rows
        ]

    async def next_due_s(self, hosted: Hosted, connection: ConnectionId, kinds: Sequence[JobKind]) -> float | None:
        """Seconds until `take` gives something of the kinds if nothing new comes (a full batch comes sooner); None when
        nothing waits."""
        async with single(self._engine) as sql:
            asked = {"account": hosted.account_id, **_whose(connection, kinds), **self._burst}
            return cast("float | None", await sql.scalar(NEXT_DUE, asked))

    async def settle(self, hosted: Hosted, job: Job, settlement: Settlement, *, version: int = 0) -> None:
        """Records how the pass ended. Raises `LeaseLost` when the epoch is over; then nothing was changed."""
        async with begin(self._engine) as connection:
            await hold(connection, hosted)
            await Settling(connection, hosted, job, self._spacing_s, version).record(settlement)

    async def give_back(self, hosted: Hosted, jobs: Sequence[Job]) -> None:
        """Running jobs whose pass was not begun go back to the queue, uncharged."""
        async with begin(self._engine) as connection:
            await hold(connection, hosted)
            await connection.execute(GIVE_BACK, {"ids": [job.id for job in jobs], "epoch": hosted.epoch})

    async def pause(self, hosted: Hosted, connection: ConnectionId, reason: str, probe_in_s: float) -> bool:
        """Pauses the connection until a probe; False when it was paused already (its probe is put off)."""
        asked = {
            "connection": connection,
            "account": hosted.account_id,
            "reason": clean(reason),
            "probe_in_s": probe_in_s,
        }
        async with begin(self._engine) as sql:
            await hold(sql, hosted)
            if await sql.scalar(PAUSE, asked) is not None:
                return True
            await sql.execute(PROBE_LATER, asked)
            return False

    async def resume(self, hosted: Hosted, connection: ConnectionId) -> None:
        """Ends a pause that no person made."""
        async with begin(self._engine) as sql:
            await hold(sql, hosted)
            await sql.execute(RESUME, {"connection": connection, "account": hosted.account_id})

    async def due_probes(self, hosted: Hosted) -> Sequence[ConnectionId]:
        """Paused connections of the account whose probe is due."""
        async with single(self._engine) as connection:
            rows = await connection.scalars(DUE_PROBES, {"account": hosted.account_id})
            return [ConnectionId(row) for row in rows]


def _whose(connection: ConnectionId, kinds: Sequence[JobKind]) -> dict[str, object]:
    return {"connection": connection, "kinds": [kind.value for kind in kinds]}
