"""Intake's door: a group commit. The next flush gathers while the last one commits."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.adapters.postgres.documents import clean, dumps
from app.adapters.postgres.engine import begin, single
from app.adapters.postgres.raising import MERGED_FROM, RAISE, WORK_CHANNEL
from app.core.model.failure import Failure, Gone, Transient
from app.core.model.ids import ConnectionId, JobId
from app.core.model.intake import Accepted, Caller, Delivery, Source

_FLUSH_DELIVERIES = 1000
_FLUSH_BYTES = 8 * 2**20
_WAITING_DELIVERIES = 20_000
"""Beyond this many senders are told to come back: memory is not a queue."""

# "accept_flush": receipts, jobs, counters and one wake-up in one statement, so that no reader ever sees a receipt
# whose job was not raised. Connections are locked against archiving only (KEY SHARE), so that nothing is accepted
# behind the back of an archive and a pause never waits for intake. Jobs are locked in key order (see RAISE).
ACCEPT_FLUSH = text(f"""
WITH given AS MATERIALIZED (
    SELECT * FROM unnest(
        CAST(:connection_ids AS bigint[]), CAST(:sources AS text[]), CAST(:content_types AS text[]),
        CAST(:bodies AS bytea[])
    ) WITH ORDINALITY AS g(connection_id, source, content_type, body, n)
), live AS MATERIALIZED (
    SELECT id, account_id FROM connections
    WHERE id = ANY(CAST(:connection_ids AS bigint[])) AND state <> 'archived'
    ORDER BY id FOR KEY SHARE
), numbered AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('deliveries', 'id')) AS id, given.*
    FROM given JOIN live ON live.id = given.connection_id
), stored AS (
    INSERT INTO deliveries (id, connection_id, source, content_type, body, received_at)
    SELECT id, connection_id, source, content_type, body, now() FROM numbered
), raised AS (
    INSERT INTO jobs (connection_id, account_id, kind, key, state, wanted, options, hastened,
                      due_at, first_wanted_at, last_wanted_at, changed_at)
    SELECT live.id, live.account_id, w.kind, w.key, 'queued', 1,
           ARRAY(SELECT jsonb_array_elements_text(CAST(w.options AS jsonb))), w.hastened, now(), now(), now(), now()
    FROM unnest(
        CAST(:job_connection_ids AS bigint[]), CAST(:kinds AS text[]), CAST(:keys AS text[]),
        CAST(:options AS text[]), CAST(:hastened AS boolean[])
    ) AS w(connection_id, kind, key, options, hastened)
    JOIN live ON live.id = w.connection_id
    ORDER BY live.id, w.kind, w.key
    {RAISE}
    RETURNING id, connection_id, kind, key, wanted, raised_from
), asked AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('receipts', 'id')) AS id, a.m, a.named, numbered.source,
           numbered.id AS delivery_id, raised.id AS job_id, raised.connection_id, raised.wanted, raised.raised_from
    FROM unnest(
        CAST(:delivery_numbers AS bigint[]), CAST(:named AS text[]), CAST(:asked_kinds AS text[]),
        CAST(:asked_keys AS text[])
    ) WITH ORDINALITY AS a(n, named, kind, key, m)
    JOIN numbered USING (n)
    JOIN raised ON raised.connection_id = numbered.connection_id AND raised.kind = a.kind AND raised.key = a.key
    ORDER BY a.m
), received AS (
    INSERT INTO receipts (id, connection_id, delivery_id, job_id, generation, named, source, received_at)
    SELECT id, connection_id, delivery_id, job_id, wanted, named, source, now() FROM asked
), counted AS (
    INSERT INTO counters (connection_id, received)
    SELECT connection_id, count(*) FROM asked GROUP BY connection_id ORDER BY connection_id
    ON CONFLICT (connection_id) DO UPDATE SET received = counters.received + excluded.received
), told AS MATERIALIZED (
    SELECT pg_notify('{WORK_CHANNEL}', '')
    WHERE EXISTS (SELECT 1 FROM raised WHERE raised_from NOT IN ('queued', 'running'))
)
SELECT m, id, job_id, raised_from, (SELECT count(*) FROM told) AS told FROM asked ORDER BY m
""")

# "remember_keys": closes the race of a delivery with its own repeat. The second one to insert a key waits for the first
# one's commit and then inserts nothing; if that flush fails, its keys go with it. They are locked before everything
# else and in their order, so that no two flushes wait for one another. Gives the keys that were there before.
REMEMBER_KEYS = text("""
WITH given AS MATERIALIZED (
    SELECT connection_id, key
    FROM unnest(CAST(:connection_ids AS bigint[]), CAST(:keys AS text[])) AS g(connection_id, key)
), live AS MATERIALIZED (
    SELECT id FROM connections WHERE id = ANY(CAST(:connection_ids AS bigint[])) AND state <> 'archived'
    ORDER BY id FOR KEY SHARE
), remembered AS (
    INSERT INTO delivery_keys (connection_id, key, received_at)
    SELECT given.connection_id, given.key, now() FROM given JOIN live ON live.id = given.connection_id
    ORDER BY 1, 2
    ON CONFLICT DO NOTHING RETURNING connection_id, key
)
SELECT given.connection_id, given.key FROM given JOIN live ON live.id = given.connection_id
WHERE NOT EXISTS (SELECT 1 FROM remembered r WHERE r.connection_id = given.connection_id AND r.key = given.key)
""")

CALLERS = text("""
SELECT c.id, c.name, w.sealed AS webhook, e.sealed AS event FROM trigger_tokens t
JOIN connections c ON c.id = t.connection_id AND c.state <> 'archived'
LEFT JOIN secrets w ON w.connection_id = c.id AND w.field = 'autotask.webhook_secret'
LEFT JOIN secrets e ON e.connection_id = c.id AND e.field = 'field_nation.webhook_secret'
WHERE t.token_hash = :token_hash AND t.revoked_at IS NULL
""")

OUTCOMES = text("""
SELECT id, outcome, code, text FROM receipts
WHERE connection_id = :connection_id AND id = ANY(CAST(:ids AS bigint[])) AND outcome IS NOT NULL
""")


@dataclass(slots=True)
class _Waiting:
    delivery: Delivery
    answer: "asyncio.Future[Sequence[Accepted]]"


class PostgresInbox:
    """The inbox on PostgreSQL. `spacing_s` is the least time between two passes of one job."""

    def __init__(self, engine: AsyncEngine, *, spacing_s: float = 4.0) -> None:
        self._engine = engine
        self._spacing_s = spacing_s
        self._waiting: list[_Waiting] = []
        self._flusher: asyncio.Task[None] | None = None

    async def callers(self, token_hash: bytes) -> Sequence[Caller]:
        """Connections with a live token of that SHA-256 hash (none or one)."""
        async with single(self._engine) as connection:
            rows = await connection.execute(CALLERS, {"token_hash": token_hash})
            return [Caller(ConnectionId(row.id), row.name, token_hash, row.webhook, row.event) for row in rows]

    async def accept(self, delivery: Delivery) -> Sequence[Accepted]:
        """Returns once receipts and jobs are durable; nothing for a delivery whose key is known already.

        Raises `DatabaseAway` when the database is away and `Gone` when the connection was archived meanwhile; nothing
        of the delivery was accepted then.
        """
        if len(self._waiting) >= _WAITING_DELIVERIES:
            raise Transient("Too many deliveries are waiting to be stored.")
        answer: asyncio.Future[Sequence[Accepted]] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(delivery, answer))
        if self._flusher is None or self._flusher.done():
            self._flusher = asyncio.create_task(self._flush_all())
        return await answer

    async def drain(self) -> None:
        """Returns when everything that was handed in is stored or refused."""
        if self._flusher is not None:
            await self._flusher

    async def outcome(self, connection_id: ConnectionId, receipt_ids: Sequence[int]) -> dict[int, tuple[str, str, str]]:
        """`(result, code, text)` of the receipts that are settled already; others are absent."""
        async with single(self._engine) as connection:
            rows = await connection.execute(OUTCOMES, {"connection_id": connection_id, "ids": list(receipt_ids)})
            return {row.id: (row.outcome, row.code, row.text) for row in rows}

    async def _flush_all(self) -> None:
        while self._waiting:
            batch = self._gather()
            try:
                await self._flush(batch)
            except Failure as failure:
                _refuse(batch, failure)
            except Exception as error:
                await self._flush_alone(batch, error)
            except BaseException:
                _refuse([*batch, *self._waiting], Transient("The broker is stopping."))
                self._waiting.clear()
                raise

    def _gather(self) -> list[_Waiting]:
        taken, size = 0, 0
        while taken < min(len(self._waiting), _FLUSH_DELIVERIES) and (taken == 0 or size < _FLUSH_BYTES):
            size += len(self._waiting[taken].delivery.body)
            taken += 1
        batch, self._waiting = self._waiting[:taken], self._waiting[taken:]
        return batch

    async def _flush_alone(self, batch: list[_Waiting], error: Exception) -> None:
        """One delivery that the database will not hold must not cost the others theirs."""
        if len(batch) == 1:
            _refuse(batch, error)
            return
        for waiting in batch:
            try:
                await self._flush([waiting])
            except Exception as own:
                _refuse([waiting], own)

    async def _flush(self, batch: list[_Waiting]) -> None:
        deliveries = [waiting.delivery for waiting in batch]
        if any(delivery.key for delivery in deliveries):
            async with begin(self._engine) as connection:
                repeats = await _repeats(connection, deliveries)
                answers = await self._store(connection, deliveries, repeats)
        else:
            async with single(self._engine) as connection:
                answers = await self._store(connection, deliveries, frozenset())
        for waiting, answer in zip(batch, answers, strict=True):
            if waiting.answer.done():
                continue
            if answer is None:
                waiting.answer.set_exception(Gone("The connection was archived."))
            else:
                waiting.answer.set_result(answer)

    async def _store(
        self, connection: AsyncConnection, deliveries: Sequence[Delivery], repeats: frozenset[int]
    ) -> Sequence[Sequence[Accepted] | None]:
        """Stores all but the repeats; the answers in order, None where the connection was not live."""
        fresh = [delivery for place, delivery in enumerate(deliveries) if place not in repeats]
        if not fresh:
            return [()] * len(deliveries)
        flush = _Flush.of(fresh)
        found = await connection.execute(ACCEPT_FLUSH, {**flush.parameters(), "spacing_s": self._spacing_s})
        told = iter(flush.answers(found.mappings().all()))
        return [() if place in repeats else next(told) for place in range(len(deliveries))]


async def _repeats(connection: AsyncConnection, deliveries: Sequence[Delivery]) -> frozenset[int]:
    """Places of the deliveries whose key is known or stands earlier among them; the other keys are remembered."""
    firsts: dict[tuple[int, str], int] = {}
    repeats: set[int] = set()
    for place, delivery in enumerate(deliveries):
        named = (int(delivery.connection_id), clean(delivery.key))
        if delivery.key and firsts.setdefault(named, place) != place:
            repeats.add(place)
    ids, keys = [id for id, _ in firsts], [key for _, key in firsts]
    known = await connection.execute(REMEMBER_KEYS, {"connection_ids": ids, "keys": keys})
    return frozenset(repeats | {firsts[row.connection_id, row.key] for row in known})


def _refuse(batch: Sequence[_Waiting], error: Exception) -> None:
    for waiting in batch:
        if not waiting.answer.done():
            waiting.answer.set_exception(error)


@dataclass(slots=True)
class _Flush:
    """The arrays of one statement: deliveries, the jobs they raise (each once), and every wanted thing."""

    deliveries: Sequence[Delivery]
    jobs: dict[tuple[int, str, str], tuple[set[str], bool]] = field(default_factory=dict)
    asked: list[tuple[int, str, str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, deliveries: Sequence[Delivery]) -> "_Flush":
        flush = cls(deliveries)
        for number, delivery in enumerate(deliveries, start=1):
            hastened = delivery.source is Source.PERSON
            for wanted in delivery.wanted:
                job = (int(delivery.connection_id), wanted.kind.value, clean(wanted.key))
                options, before = flush.jobs.get(job, (set(), False))
                flush.jobs[job] = (options | set(wanted.options), before or hastened)
                flush.asked.append((number, clean(wanted.named), wanted.kind.value, clean(wanted.key)))
        return flush

    def parameters(self) -> dict[str, object]:
        jobs = sorted(self.jobs.items())
        return {
            "connection_ids": [int(delivery.connection_id) for delivery in self.deliveries],
            "sources": [delivery.source.value for delivery in self.deliveries],
            "content_types": [clean(delivery.content_type) for delivery in self.deliveries],
            "bodies": [delivery.body for delivery in self.deliveries],
            "job_connection_ids": [job[0] for job, _ in jobs],
            "kinds": [job[1] for job, _ in jobs],
            "keys": [job[2] for job, _ in jobs],
            "options": [dumps(sorted(options)) for _, (options, _) in jobs],
            "hastened": [hastened for _, (_, hastened) in jobs],
            "delivery_numbers": [asked[0] for asked in self.asked],
            "named": [asked[1] for asked in self.asked],
            "asked_kinds": [asked[2] for asked in self.asked],
            "asked_keys": [asked[3] for asked in self.asked],
        }

    def answers(self, rows: Sequence[RowMapping]) -> list[Sequence[Accepted] | None]:
        """What each sender is told, in order; None where the connection was not live. The first thing to raise a
        resting job is told `queued`, whoever joins it within the flush `merged`."""
        told: list[list[Accepted]] = [[] for _ in self.deliveries]
        seen: set[int] = set()
        for row in rows:
            number, named, _, _ = self.asked[row["m"] - 1]
            merged = row["raised_from"] in MERGED_FROM or row["job_id"] in seen
            seen.add(row["job_id"])
            told[number - 1].append(Accepted(named, JobId(row["job_id"]), row["id"], merged))
        return [
            None if delivery.wanted and not answer else answer
            for delivery, answer in zip(self.deliveries, told, strict=True)
        ]
