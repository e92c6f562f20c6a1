"""Hosting: leases of accounts, on the database's clock, with epochs that only grow."""

import asyncio
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.engine import Patience, begin, single
from app.adapters.postgres.fence import FENCE, fence_of
from app.adapters.postgres.kept import KeptConnection
from app.adapters.postgres.raising import WORK_CHANNEL
from app.core.model.failure import DatabaseAway
from app.core.model.ids import AccountId, Epoch, WorkerId
from app.ports.clock import Clock
from app.ports.hosting import Hosted

FREE = """
SELECT a.id FROM accounts a
WHERE (a.holder IS NULL OR a.lease_until <= clock_timestamp())
  AND (EXISTS (SELECT 1 FROM jobs j JOIN connections c ON c.id = j.connection_id AND c.state = 'active'
               WHERE j.account_id = a.id AND j.state = 'queued' AND j.due_at <= now())
    OR EXISTS (SELECT 1 FROM jobs j WHERE j.account_id = a.id AND j.state = 'running')
    OR EXISTS (SELECT 1 FROM connections p WHERE p.account_id = a.id AND p.state = 'paused'
               AND NOT p.pause_by_person AND p.pause_next_probe_at <= now()))
"""
"""Accounts that nobody hosts and that have due work, work that a dead host left running, or a due probe."""

# "acquire": closes the race of two hosts for one account. FOR UPDATE is what fences wait for; SKIP LOCKED passes by
# an account that another host takes or that an old host still settles in; the row is read again under its lock, so
# an account that was taken meanwhile drops out.
ACQUIRE = text(f"""
WITH free AS MATERIALIZED (
    {FREE} ORDER BY a.last_served_at NULLS FIRST, a.id LIMIT :most FOR UPDATE OF a SKIP LOCKED
)
UPDATE accounts SET holder = :worker, epoch = accounts.epoch + 1, last_served_at = clock_timestamp(),
    lease_until = clock_timestamp() + make_interval(secs => CAST(:lease_s AS float8))
FROM free WHERE accounts.id = free.id
RETURNING accounts.id, accounts.epoch
""")

# "thaw": closes the race of a takeover with a process that froze inside a transaction. It keeps its lock on the
# account, which "acquire" passes by, for as long as it sleeps. Once its lease is over the transaction can only fail, so
# its connection is ended by whoever finds nothing to acquire. A worker's id ends with the name that its process gives
# to its connections, and a number.
THAW = text(r"""
SELECT count(pg_terminate_backend(s.pid)) FROM accounts a
JOIN pg_stat_activity s ON s.application_name = 'broker ' || substring(a.holder from '-([0-9a-f]{12})-[0-9a-f]+$')
WHERE a.lease_until < clock_timestamp() AND s.datname = current_database() AND s.pid <> pg_backend_pid()
  AND s.xact_start < a.lease_until
""")

# "recover": what an older epoch left running is due again, uncharged and with the options it had taken. No host of an
# older epoch can settle any more, for the account changed hands in this very transaction.
RECOVER = text("""
UPDATE jobs SET state = 'queued', due_at = least(jobs.due_at, now()), changed_at = now(), taken_options = '{}',
    options = ARRAY(SELECT DISTINCT o FROM unnest(jobs.options || jobs.taken_options) AS o ORDER BY o)
FROM (SELECT id FROM jobs WHERE account_id = ANY(CAST(:accounts AS bigint[])) AND state = 'running'
      ORDER BY connection_id, kind, key FOR UPDATE) AS left_running
WHERE jobs.id = left_running.id
""")

# "beat": the worker's sign of life and all its leases in one round trip. A lease that ran out unnoticed may be renewed
# as long as the epoch is still ours: nobody had the account in between.
BEAT = """
WITH beat AS (
    INSERT INTO workers (id, last_heartbeat_at, started_at) VALUES ($1, clock_timestamp(), clock_timestamp())
    ON CONFLICT (id) DO UPDATE SET last_heartbeat_at = excluded.last_heartbeat_at
)
UPDATE accounts SET lease_until = clock_timestamp() + make_interval(secs => $4)
FROM unnest($2::bigint[], $3::bigint[]) AS held(id, epoch)
WHERE accounts.id = held.id AND accounts.epoch = held.epoch AND accounts.holder = $1
RETURNING accounts.id
"""

# "release": hands back under the fence, so that a zombie cannot give away what somebody else holds.
RELEASE = text(f"""
WITH fence AS MATERIALIZED ({FENCE})
UPDATE accounts SET holder = NULL, lease_until = NULL, last_served_at = clock_timestamp()
FROM fence WHERE accounts.id = fence.id AND accounts.epoch = :fence_epoch AND accounts.holder = :fence_worker
RETURNING accounts.id
""")

OTHERS_WAIT = text(f"SELECT EXISTS ({FREE})")
RETIRE = text("DELETE FROM workers WHERE id = :worker")
NOTIFY = text(f"SELECT pg_notify('{WORK_CHANNEL}', '')")


class PostgresHosting:
    """Hosting on PostgreSQL. `lease_s` is how long an account stays ours without a renewal.

    Renewals use a connection of their own, so that no busy pool and no slow statement keeps a lease from living.
    """

    def __init__(self, engine: AsyncEngine, url: str, clock: Clock, *, lease_s: float) -> None:
        self._engine = engine
        self._clock = clock
        self._lease_s = lease_s
        self._announced = asyncio.Event()
        beat_s = max(lease_s / 3, 1.0)
        self._heart = KeptConnection(url, Patience(beat_s, beat_s, beat_s))
        self._ear = KeptConnection(url, Patience(), self._listen)

    async def acquire(self, worker: WorkerId, limit: int) -> Sequence[Hosted]:
        """Takes up to `limit` free accounts with due work or a due probe, longest unserved first."""
        sent_s = self._clock.boot_s()
        async with begin(self._engine) as connection:
            asked = {"most": limit, "worker": worker, "lease_s": self._lease_s}
            rows = (await connection.execute(ACQUIRE, asked)).all()
            if rows:
                await connection.execute(RECOVER, {"accounts": [row.id for row in rows]})
            else:
                await connection.execute(THAW)
        deadline_s = sent_s + self._lease_s
        return [Hosted(AccountId(row.id), Epoch(row.epoch), worker, deadline_s) for row in rows]

    async def renew(self, worker: WorkerId, held: Sequence[Hosted]) -> None:
        """One heartbeat: extends the leases, updates each `Hosted` in place, marks those that are lost."""
        sent_s = self._clock.boot_s()
        asked = list(held)
        async with self._heart.use() as connection:
            accounts, epochs = [one.account_id for one in asked], [one.epoch for one in asked]
            rows = await connection.fetch(BEAT, worker, accounts, epochs, self._lease_s)
        kept = {row["id"] for row in rows}
        for hosted in asked:
            if hosted.account_id in kept:
                hosted.deadline_s = sent_s + self._lease_s
            else:
                hosted.lost = True

    async def release(self, hosted: Hosted) -> None:
        """Hands the account back at once, with what was left running; does nothing under an old epoch."""
        async with begin(self._engine) as connection:
            if await connection.scalar(RELEASE, fence_of(hosted)) is None:
                return
            await connection.execute(RECOVER, {"accounts": [hosted.account_id]})
            await connection.execute(NOTIFY)

    async def others_wait(self) -> bool:
        """Whether any account with due work is hosted by nobody."""
        async with single(self._engine) as connection:
            return bool(await connection.scalar(OTHERS_WAIT))

    async def wait(self, timeout_s: float) -> None:
        """Returns when work was announced since the last call, or after the time-out (also without a database)."""
        try:
            async with self._ear.use():
                pass
        except DatabaseAway:
            pass  # deaf until it is opened again: the time-out is the slow poll that stands behind the announcements
        try:
            async with asyncio.timeout(max(timeout_s, 0.0)):
                await self._announced.wait()
        except TimeoutError:
            return
        self._announced.clear()

    async def retire(self, worker: WorkerId) -> None:
        """Forgets the worker's heartbeat row after a clean stop."""
        async with single(self._engine) as connection:
            await connection.execute(RETIRE, {"worker": worker})

    async def close(self) -> None:
        """Closes the connections that are not of the pool."""
        await self._heart.close()
        await self._ear.close()

    async def _listen(self, connection: Any) -> None:
        await connection.add_listener(WORK_CHANNEL, lambda *_: self._announced.set())
        # What was announced while nobody listened is not told again.
        self._announced.set()
