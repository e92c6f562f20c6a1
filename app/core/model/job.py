"""Jobs: the standing work for one thing, and the legal moves between their states."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.core.model.ids import ConnectionId, Epoch, JobId


class JobKind(StrEnum):
    RESOLVE_NUMBER = "resolve_number"
    IMPORT_TICKET = "import_ticket"
    PUSH_WORK_ORDER = "push_work_order"
    PUSH_FILES = "push_files"
    SWEEP = "sweep"


MAIN_KINDS = (JobKind.RESOLVE_NUMBER, JobKind.IMPORT_TICKET, JobKind.PUSH_WORK_ORDER)
"""Kinds of which a connection runs one batch at a time: import and push of one pair never run together."""

ASIDE_KINDS = (JobKind.PUSH_FILES, JobKind.SWEEP)
"""Kinds that take long and hold nobody up: they run beside the others, one job at a time."""


class Option(StrEnum):
    """What somebody asked of a pass beyond looking."""

    NEW = "new"
    AUDIT = "audit"
    RETRY = "retry"
    DELETE = "delete"
    BASELINE = "baseline"
    RESYNC = "resync"


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    IDLE = "idle"
    DEAD = "dead"


MOVES: dict[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset({JobState.RUNNING, JobState.IDLE}),
    JobState.RUNNING: frozenset({JobState.QUEUED, JobState.IDLE, JobState.DEAD}),
    JobState.IDLE: frozenset({JobState.QUEUED}),
    JobState.DEAD: frozenset({JobState.QUEUED, JobState.IDLE}),
}
"""From each state, the states a job may go to. `idle` is settled work that waits to be pruned or raised again."""


@dataclass(frozen=True, slots=True)
class Job:
    """One row of standing work, as taken by a host.

    `wanted` is raised by every trigger; `observed` is what the present pass saw; `attempts` counts passes that
    failed for reasons of this job.
    """

    id: JobId
    connection_id: ConnectionId
    kind: JobKind
    key: str
    wanted: int
    observed: int
    attempts: int
    epoch: Epoch
    options: tuple[str, ...] = ()
    due_at: datetime | None = None
