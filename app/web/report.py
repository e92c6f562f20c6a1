"""The health report: what the desk tells, in the published shape, with one verdict over it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from app.ports.desk import HealthDesk, Row


class Status(StrEnum):
    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"


class _View(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class PauseView(_View):
    reason: str
    since: datetime
    next_probe_at: datetime | None


class LastSuccess(_View):
    """When a pass last ended well, by direction; null when none has yet."""

    inward: datetime | None = Field(default=None, alias="in")
    outward: datetime | None = Field(default=None, alias="out")


class Counters(_View):
    """Receipts by what became of them; `waiting` are those whose pass has not ended."""

    received: int = 0
    done: int = 0
    written: int = 0
    unchanged: int = 0
    skipped: int = 0
    waiting: int = 0
    planned: int = 0
    dead: int = 0
    cancelled: int = 0


class Identity(_View):
    """The accounting identity: receipts taken in, and receipts with an outcome or waiting, counted apart."""

    left: int
    right: int
    holds: bool


class ConnectionView(_View):
    name: str
    state: str
    pause: PauseView | None
    queued: int
    oldest_waiting_s: float | None
    dead: int
    findings: Mapping[str, int]
    last_success: LastSuccess
    budgets: Mapping[str, Any]
    counters: Counters
    identity: Identity

    @field_validator("budgets", mode="before")
    @classmethod
    def _as_json(cls, value: Any) -> Any:
        return _floats(value)

    @property
    def status(self) -> Status:
        """Fails when receipts are missing; warns of a vendor's pause, dead jobs and findings of the worst kind."""
        if not self.identity.holds:
            return Status.FAIL
        # A pause that a person made has no probe, and is as that person wants it.
        is_paused_by_vendor = self.pause is not None and self.pause.next_probe_at is not None
        return Status.WARN if is_paused_by_vendor or self.dead or self.findings.get("error") else Status.PASS


def _floats(value: Any) -> Any:
    """The same with every Decimal as a float: dashboards want numbers, not texts."""
    if isinstance(value, Mapping):
        return {name: _floats(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_floats(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value


class WorkerView(_View):
    id: str
    last_heartbeat_at: datetime
    accounts: Sequence[int | str]


class HealthReport(_View):
    """The body of `/health`."""

    status: Status
    version: str
    connections: tuple[ConnectionView, ...]
    workers: tuple[WorkerView, ...]


def report_of(version: str, connections: Sequence[Row], workers: Sequence[Row]) -> HealthReport:
    """The report, with the worst status of any connection."""
    views = tuple(ConnectionView.model_validate(row) for row in connections)
    statuses = {view.status for view in views}
    worst = next((status for status in (Status.FAIL, Status.WARN) if status in statuses), Status.PASS)
    told = tuple(WorkerView.model_validate(row) for row in workers)
    return HealthReport(status=worst, version=version, connections=views, workers=told)


async def read_report(desk: HealthDesk, version: str) -> HealthReport:
    """Asks the desk. Raises `DatabaseAway` when the database is away."""
    return report_of(version, await desk.connections(), await desk.workers())
