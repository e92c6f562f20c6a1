"""The statements by which a pass ends. All run inside one transaction that holds the fence."""

from datetime import datetime, timedelta
from typing import Any, assert_never

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.documents import clean
from app.adapters.postgres.findings import close_unseen, record
from app.adapters.postgres.following import Following
from app.adapters.postgres.raising import RAISE, STORM, spaced_from
from app.core.model.job import Job, JobKind
from app.core.model.outcome import Moved, Postponed, Result, Settled, Settlement
from app.ports.hosting import Hosted

# "end_pass": closes the race of a settle with a trigger. Under the row's lock, `wanted` above `observed` means that
# somebody asked after the pass had begun to read: the job is due again, spaced from the start of this pass.
# A storm whose passes find nothing to do is looked at ever less often (`calm`). A pass that asked for another one of
# itself leaves the job `resting`; its next turn counts as wanted from the moment it is due.
_CALM = f"CASE WHEN CAST(:unchanged AS boolean) AND merged >= {STORM} THEN calm + 1 ELSE 0 END"
_SPACED = spaced_from("last_pass_at", _CALM)
_IS_DEAD = "CAST(:dead AS boolean)"
_AGAIN = "CAST(:again_s AS float8)"
_IS_AGAIN = f"wanted = observed AND {_AGAIN} IS NOT NULL"
_TURN = f"greatest(now() + make_interval(secs => {_AGAIN}), {_SPACED})"
END_PASS = text(f"""
UPDATE jobs SET
    state = CASE WHEN wanted > observed OR {_IS_AGAIN} THEN 'queued' WHEN {_IS_DEAD} THEN 'dead' ELSE 'idle' END,
    resting = {_IS_AGAIN},
    due_at = CASE WHEN wanted > observed THEN greatest(now(), {_SPACED}) WHEN {_IS_AGAIN} THEN {_TURN} ELSE now() END,
    first_wanted_at = CASE WHEN {_IS_AGAIN} THEN {_TURN} ELSE first_wanted_at END,
    calm = {_CALM},
    attempts = CASE WHEN {_IS_DEAD} AND wanted = observed THEN attempts ELSE 0 END,
    taken_options = '{{}}', code = :code, text = :text, changed_at = now()
WHERE id = :id AND state = 'running' AND epoch = :epoch
RETURNING observed, attempts, last_pass_at
""")

# "postpone": the receipts stay waiting, the options that the pass had taken come back.
POSTPONE = text("""
UPDATE jobs SET state = 'queued', due_at = :due_at, attempts = attempts + CAST(:charge AS int),
    options = ARRAY(SELECT DISTINCT o FROM unnest(options || taken_options) AS o ORDER BY o),
    taken_options = '{}', code = :code, text = :text, changed_at = now()
WHERE id = :id AND state = 'running' AND epoch = :epoch
RETURNING observed, attempts, last_pass_at
""")

# "settle_receipts": those the pass saw, and no later one.
SETTLE_RECEIPTS = text("""
UPDATE receipts SET outcome = :outcome, code = :code, text = :text, settled_at = clock_timestamp()
WHERE job_id = :id AND generation <= :observed AND outcome IS NULL
""")

# "raise_moved": the import job of a resolved number, raised like by a trigger. It is locked before the number's own
# job, in the order that intake locks them (import_ticket before resolve_number).
RAISE_MOVED = text(f"""
INSERT INTO jobs (connection_id, account_id, kind, key, state, wanted, options, hastened,
                  due_at, first_wanted_at, last_wanted_at, changed_at)
SELECT j.connection_id, j.account_id, 'import_ticket', :key, 'queued', 1, j.taken_options, j.hastened,
       now(), now(), now(), now()
FROM jobs j WHERE j.id = :id AND j.state = 'running' AND j.epoch = :epoch
{RAISE}
RETURNING id, wanted
""")

MOVE_RECEIPTS = text("""
UPDATE receipts SET job_id = :to_id, generation = :to_generation
WHERE job_id = :id AND generation <= :observed AND outcome IS NULL
""")

RECORD_RUN = text("""
INSERT INTO runs (job_id, connection_id, kind, key, started_at, ended_at, outcome, code, text, attempts, worker,
                  version, trace)
VALUES (:id, :connection_id, :kind, :key, :started_at, greatest(clock_timestamp(), :started_at),
        :outcome, :code, :text, :attempts, :worker, :version, :trace)
""")

TRACE_LIMIT = 16 * 1024
"""Bytes that are kept of what the scripts of one pass traced."""
_CUT = "\n[cut: more was traced than is kept]"

RECORD_NAMES = {
    JobKind.IMPORT_TICKET: "ticket",
    JobKind.RESOLVE_NUMBER: "ticket_number",
    JobKind.PUSH_WORK_ORDER: "work_order",
    # Apart from the work order's own: the end of either pass must not close what the other one found.
    JobKind.PUSH_FILES: "work_order_files",
    JobKind.SWEEP: "sweep",
}


def about(job: Job) -> str:
    """The record that a job's findings are about."""
    return f"{RECORD_NAMES[job.kind]}:{job.key}"


def clipped(trace: str) -> str:
    """As much of the trace as is kept, saying so where it was cut."""
    whole = clean(trace)
    raw = whole.encode()
    return whole if len(raw) <= TRACE_LIMIT else raw[: TRACE_LIMIT - len(_CUT)].decode(errors="ignore") + _CUT


class Settling:
    """One settlement within the transaction `connection`, of a pass under that version of its connection."""

    def __init__(self, connection: AsyncConnection, hosted: Hosted, job: Job, spacing_s: float, version: int) -> None:
        self._connection = connection
        self._hosted = hosted
        self._job = job
        self._spacing_s = spacing_s
        self._version = version
        self._which = {"id": job.id, "epoch": hosted.epoch}

    async def record(self, settlement: Settlement) -> None:
        """Writes everything that the settlement means; nothing when the job was cancelled under the pass."""
        match settlement:
            case Settled():
                ended = await self._settle(settlement)
            case Postponed():
                ended = await self._postpone(settlement)
            case Moved():
                ended = await self._move(settlement)
            case _:
                assert_never(settlement)
        if not ended:
            return
        job = self._job
        if not isinstance(settlement, Postponed):
            await close_unseen(self._connection, job.connection_id, about(job), settlement.findings)
        await record(self._connection, job.connection_id, settlement.findings)

    async def _settle(self, settled: Settled) -> bool:
        said = {"code": settled.code, "text": clean(settled.text)}
        following = await Following.of(self._connection, self._job, self._hosted.epoch, settled.then, self._spacing_s)
        await following.raise_before()
        row = await self._end(said, settled.result, settled.again_in)
        if row is None:
            return False
        await following.raise_after()
        receipts = {"id": self._job.id, "observed": row.observed, "outcome": settled.result.value, **said}
        await self._connection.execute(SETTLE_RECEIPTS, receipts)
        await self._run(row, settled.result.value, said, settled.trace)
        return True

    async def _postpone(self, postponed: Postponed) -> bool:
        said = {"code": postponed.code, "text": clean(postponed.text)}
        when: dict[str, datetime | int] = {"due_at": postponed.due_at, "charge": int(postponed.burns)}
        row = (await self._connection.execute(POSTPONE, {**self._which, **said, **when})).one_or_none()
        if row is None:
            return False
        await self._run(row, "postponed", said, postponed.trace)
        return True

    async def _move(self, moved: Moved) -> bool:
        asked = {**self._which, "key": clean(moved.key), "spacing_s": self._spacing_s}
        target = (await self._connection.execute(RAISE_MOVED, asked)).one_or_none()
        if target is None:
            return False
        said = {"code": "", "text": f"The number belongs to ticket {moved.key}."}
        row = await self._end(said, None)
        receipts = {"id": self._job.id, "observed": row.observed, "to_id": target.id, "to_generation": target.wanted}
        await self._connection.execute(MOVE_RECEIPTS, receipts)
        await self._run(row, "moved", said)
        return True

    async def _end(self, said: dict[str, str], result: Result | None, again_in: timedelta | None = None) -> Any:
        ended: dict[str, bool | float | None] = {
            "dead": result is Result.DEAD,
            "unchanged": result is Result.UNCHANGED,
            "again_s": None if again_in is None else again_in.total_seconds(),
        }
        asked = {**self._which, **said, **ended, "spacing_s": self._spacing_s}
        return (await self._connection.execute(END_PASS, asked)).one_or_none()

    async def _run(self, row: Any, outcome: str, said: dict[str, str], trace: str = "") -> None:
        job = self._job
        facts = {"id": job.id, "connection_id": job.connection_id, "kind": job.kind.value, "key": job.key}
        ended = {"started_at": row.last_pass_at, "attempts": row.attempts, "worker": self._hosted.worker_id}
        under = {"version": self._version, "trace": clipped(trace)}
        await self._connection.execute(RECORD_RUN, {**facts, **ended, **under, "outcome": outcome, **said})
