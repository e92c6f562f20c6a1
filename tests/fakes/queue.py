"""The job queue and the hosting in dictionaries, for tests of the worker."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from app.core.model.connection import Connection, ConnectionState, Pause
from app.core.model.failure import Failure, LeaseLost
from app.core.model.ids import AccountId, ConnectionId, Epoch, JobId, WorkerId
from app.core.model.job import Job, JobKind
from app.core.model.outcome import FollowUp, Moved, Postponed, Result, Settled, Settlement
from app.ports.clock import Clock
from app.ports.hosting import Hosted
from app.worker.signal import Signal


class FakeConnections:
    """`Connections` as far as a worker asks of them."""

    def __init__(self, *rows: Connection) -> None:
        self.rows = {row.id: row for row in rows}

    async def named(self, name: str) -> Connection | None:
        return next((row for row in self.rows.values() if row.name == name), None)

    async def of_account(self, account: AccountId) -> Sequence[Connection]:
        return [row for row in self.rows.values() if row.account_id == account]

    def change(self, id: ConnectionId, **fields: Any) -> None:
        self.rows[id] = replace(self.rows[id], **fields)


@dataclass
class Row:
    """A job, and whether it waits for nothing but its next turn (`resting`)."""

    job: Job
    state: str
    due_at: datetime
    resting: bool = False


@dataclass
class FakeQueue:
    """`JobQueue`. `settled` keeps every settlement by the job's key, `versions` the version of its last pass, `paused`
    every pause in order."""

    clock: Clock
    connections: FakeConnections
    epoch: Epoch = Epoch(1)  # noqa: RUF009 - a number
    rows: dict[JobId, Row] = field(default_factory=dict)
    settled: dict[str, list[Settlement]] = field(default_factory=dict)
    paused: list[tuple[ConnectionId, str, float]] = field(default_factory=list)
    taken: list[list[str]] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)

    def put(
        self,
        connection: ConnectionId,
        *keys: str,
        kind: JobKind = JobKind.IMPORT_TICKET,
        options: tuple[str, ...] = (),
    ) -> None:
        """Raises the job of each key, as a trigger does."""
        for key in keys:
            same = [row for row in self.rows.values() if _thing(row.job) == (connection, kind, key)]
            if same:
                self._raise(same[0], options)
                continue
            id = JobId(len(self.rows) + 1)
            job = Job(id, connection, kind, key, 1, 0, 0, self.epoch, options)
            self.rows[id] = Row(job, "queued", self.clock.now())

    async def take(
        self, hosted: Hosted, connection: ConnectionId, limit: int, kinds: Sequence[JobKind]
    ) -> Sequence[Job]:
        if hosted.epoch != self.epoch or self.connections.rows[connection].state is not ConnectionState.ACTIVE:
            return []
        due = [row for row in self._queued(connection, kinds) if row.due_at <= self.clock.now()]
        batch = [row for row in due if row.job.kind is due[0].job.kind][:limit]
        for row in batch:
            row.state, row.resting, row.job = "running", False, replace(row.job, observed=row.job.wanted)
        if batch:
            self.taken.append([row.job.key for row in batch])
        taken = [row.job for row in batch]
        for row in batch:
            row.job = replace(row.job, options=())
        return taken

    async def next_due_s(self, hosted: Hosted, connection: ConnectionId, kinds: Sequence[JobKind]) -> float | None:
        if self.connections.rows[connection].state is not ConnectionState.ACTIVE:
            return None
        waits = [(row.due_at - self.clock.now()).total_seconds() for row in self._queued(connection, kinds)]
        return max(min(waits), 0.0) if waits else None

    async def settle(self, hosted: Hosted, job: Job, settlement: Settlement, *, version: int = 0) -> None:
        self._fence(hosted)
        self.versions[job.key] = version
        row = self.rows[job.id]
        self.settled.setdefault(job.key, []).append(settlement)
        match settlement:
            case Postponed(due_at=due_at, burns=burns):
                row.state, row.due_at = "queued", due_at
                options = _merged(row.job.options, job.options)
                row.job = replace(row.job, attempts=row.job.attempts + burns, options=options)
            case Settled():
                self._end(row, settlement)
                for follow_up in settlement.then:
                    self._follow(job, follow_up)
            case Moved():
                row.state = "idle"

    async def give_back(self, hosted: Hosted, jobs: Sequence[Job]) -> None:
        self._fence(hosted)
        for job in jobs:
            row = self.rows[job.id]
            row.state = "queued"
            row.job = replace(row.job, options=_merged(row.job.options, job.options))

    async def pause(self, hosted: Hosted, connection: ConnectionId, reason: str, probe_in_s: float) -> bool:
        self._fence(hosted)
        old = self.connections.rows[connection].pause
        if old and old.by_person:
            return False
        self.paused.append((connection, reason, probe_in_s))
        now = self.clock.now()
        probes = old.probes + 1 if old else 0
        pause = Pause(reason, old.since if old else now, False, now + timedelta(seconds=probe_in_s), probes)
        self.connections.change(connection, state=ConnectionState.PAUSED, pause=pause)
        return old is None

    async def resume(self, hosted: Hosted, connection: ConnectionId) -> None:
        self._fence(hosted)
        pause = self.connections.rows[connection].pause
        if pause and not pause.by_person:
            self.connections.change(connection, state=ConnectionState.ACTIVE, pause=None)

    async def due_probes(self, hosted: Hosted) -> Sequence[ConnectionId]:
        now, rows = self.clock.now(), self.connections.rows.values()
        waiting = [row for row in rows if row.pause and not row.pause.by_person and row.pause.next_probe_at]
        return [row.id for row in waiting if row.pause and row.pause.next_probe_at and row.pause.next_probe_at <= now]

    def states(self) -> dict[str, str]:
        """States by key."""
        return {row.job.key: row.state for row in self.rows.values()}

    def _end(self, row: Row, settled: Settled) -> None:
        now = self.clock.now()
        is_dead = settled.result is Result.DEAD and row.job.wanted == row.job.observed
        row.job = replace(row.job, attempts=row.job.attempts if is_dead else 0)
        if row.job.wanted > row.job.observed:
            row.state, row.due_at = "queued", now
        elif settled.again_in is not None:
            row.state, row.due_at, row.resting = "queued", now + settled.again_in, True
        elif is_dead:
            row.state = "dead"
        else:
            row.state = "idle"

    def _follow(self, job: Job, follow_up: FollowUp) -> None:
        self.put(job.connection_id, follow_up.key, kind=follow_up.kind, options=follow_up.options)

    def _raise(self, row: Row, options: tuple[str, ...]) -> None:
        row.job = replace(row.job, wanted=row.job.wanted + 1, options=_merged(row.job.options, options))
        if row.state in ("idle", "dead") or row.resting:
            row.state, row.due_at, row.resting = "queued", self.clock.now(), False
            row.job = replace(row.job, attempts=0)

    def _queued(self, connection: ConnectionId, kinds: Sequence[JobKind]) -> list[Row]:
        waiting = [row for row in self.rows.values() if row.state == "queued" and row.job.kind in kinds]
        return [row for row in waiting if row.job.connection_id == connection]

    def _fence(self, hosted: Hosted) -> None:
        if hosted.epoch != self.epoch:
            raise LeaseLost("Another worker serves this account now.")


@dataclass
class FakeHosting:
    """`Hosting` with the given accounts, each free once. `trouble` is raised by every question."""

    free: list[AccountId]
    trouble: Failure | None = None
    renewals: int = 0
    released: list[AccountId] = field(default_factory=list)
    retired: list[WorkerId] = field(default_factory=list)
    lose: set[AccountId] = field(default_factory=set)
    asked_for: list[int] = field(default_factory=list)

    async def acquire(self, worker: WorkerId, limit: int) -> Sequence[Hosted]:
        self._fail()
        self.asked_for.append(limit)
        now, self.free = self.free[:limit], self.free[limit:]
        return [Hosted(account, Epoch(1), worker, deadline_s=1e9) for account in now]

    async def renew(self, worker: WorkerId, held: Sequence[Hosted]) -> None:
        self._fail()
        self.renewals += 1
        for hosted in held:
            hosted.lost = hosted.lost or hosted.account_id in self.lose

    async def release(self, hosted: Hosted) -> None:
        self._fail()
        self.released.append(hosted.account_id)

    async def others_wait(self) -> bool:
        return bool(self.free)

    async def wait(self, timeout_s: float) -> None:
        await Signal().wait(0.001)

    async def retire(self, worker: WorkerId) -> None:
        self._fail()
        self.retired.append(worker)

    def _fail(self) -> None:
        if self.trouble:
            raise self.trouble


def _merged(some: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({*some, *more}))


def _thing(job: Job) -> tuple[ConnectionId, JobKind, str]:
    return job.connection_id, job.kind, job.key
