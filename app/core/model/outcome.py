"""Outcomes: how a pass over a job ended, and what happens to the job and its receipts because of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from app.core.model.finding import Finding


class Result(StrEnum):
    """What became of a receipt. `written` and `unchanged` together are `done`."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    PLANNED = "planned"
    DEAD = "dead"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Settled:
    """The pass ended for good; the receipts it saw get `result`, the job rests (or dies)."""

    result: Result
    code: str = ""
    text: str = ""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Postponed:
    """The pass could not end; the job is due again at `due_at`. `burns` says whether an attempt is charged."""

    due_at: datetime
    code: str
    text: str = ""
    burns: bool = False
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Moved:
    """A number was resolved: the receipts go to the import job of the ticket `key`."""

    key: str
    findings: tuple[Finding, ...] = ()


Settlement: TypeAlias = Settled | Postponed | Moved
