"""Outcomes: how a pass over a job ended, and what happens to the job and its receipts because of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from app.core.model.finding import Finding
from app.core.model.job import JobKind


class Result(StrEnum):
    """What became of a receipt. `written` and `unchanged` together are `done`."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    PLANNED = "planned"
    DEAD = "dead"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Work of ours that a pass found: its job is raised without a receipt, since nobody triggered it."""

    kind: JobKind
    key: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    """The pass ended for good; the receipts it saw get `result`, the job rests (or dies).

    `again_in` asks for another pass after that long, though nobody triggers it; `then` raises other jobs. `trace` is
    what scripts traced, kept with the run.
    """

    result: Result
    code: str = ""
    text: str = ""
    findings: tuple[Finding, ...] = ()
    again_in: timedelta | None = None
    then: tuple[FollowUp, ...] = ()
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Postponed:
    """The pass could not end; the job is due again at `due_at`. `burns` says whether an attempt is charged."""

    due_at: datetime
    code: str
    text: str = ""
    burns: bool = False
    findings: tuple[Finding, ...] = ()
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """A number was resolved: the receipts go to the import job of the ticket `key`."""

    key: str
    findings: tuple[Finding, ...] = ()


Settlement: TypeAlias = Settled | Postponed | Moved
