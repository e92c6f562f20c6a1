"""The job queue and the hosting in dictionaries, for tests of the worker."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from app.core.model.connection import Connection, ConnectionState, Pause
from app.core.model.failure import Failure, LeaseLost
from app.core.model.ids import AccountId, ConnectionId, Epoch, JobId, WorkerId
from app.core.model.job import Job, JobKind
from app.core.model.outcome import Moved, Postponed, Result, Settled, Settlement
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
    job: Job
    state: str
    due_at: datetime


@dataclass
class FakeQueue:
    """`JobQueue`. `settled` keeps every settlement by the job's key, `paused` every pause in order."""

    clock: Clock
    connections: FakeConnections
    epoch: Epoch = Epoch(1)  # noqa: RUF009 - a number
    rows: dict[JobId, Row] = field(default_factory=dict)
    settled: dict[str, list[Settlement]] = field(default_factory=dict)
    paused: list[tuple[ConnectionId, str, float]] = field(default_factory=list)
    taken: list[list[str]] = field(default_factory=list)

    def put(self, connection: ConnectionId, *keys: str, kind: JobKind = JobKind.IMPORT_TICKET) -> None:
        """Raises a job for each key."""
        for key in keys:
            id = JobId(len(self.rows) + 1)
            job = Job(id, connection, kind, key, 1, 0, 0, self.epoch)
            self.rows[id] = Row(job, "queued", self.clock.now())

    async def take(self, hosted: Hosted, connection: ConnectionId, limit: int) -> Sequence[Job]:
        if hosted.epoch != self.epoch or self.connections.rows[connection].state is not ConnectionState.ACTIVE:
            return []
        due = [row for row in self._queued(connection) if row.due_at <= self.clock.now()]
        batch = [row for row in due if row.job.kind is due[0].job.kind][:limit]
        for row in batch:
            row.state, row.job = "running", replace(row.job, observed=row.job.wanted)
        if batch:
            self.taken.append([row.job.key for row in batch])
        return [row.job for row in batch]

    async def next_due_s(self, hosted: Hosted, connection: ConnectionId) -> float | None:
        if self.connections.rows[connection].state is not ConnectionState.ACTIVE:
            return None
        waits = [(row.due_at - self.clock.now()).total_seconds() for row in self._queued(connection)]
        return max(min(waits), 0.0) if waits else None

    async def settle(self, hosted: Hosted, job: Job, settlement: Settlement) -> None:
        self._fence(hosted)
        row = self.rows[job.id]
        self.settled.setdefault(job.key, []).append(settlement)
        match settlement:
            case Postponed(due_at=due_at, burns=burns):
                row.state, row.due_at = "queued", due_at
                row.job = replace(row.job, attempts=row.job.attempts + burns)
            case Settled(result=result):
                row.state = "dead" if result is Result.DEAD else "idle"
            case Moved():
                row.state = "idle"

    async def give_back(self, hosted: Hosted, jobs: Sequence[Job]) -> None:
        self._fence(hosted)
        for job in jobs:
            self.rows[job.id].state = "queued"

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

    def _queued(self, connection: ConnectionId) -> list[Row]:
        return [row for row in self.rows.values() if row.state == "queued" and row.job.connection_id == connection]

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
