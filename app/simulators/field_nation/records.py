"""The truth about a work order, apart from how the wire shows it."""

import hashlib
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from typing import Any

from app.simulators.field_nation.part_records import (
    Attachment,
    Expense,
    Folder,
    Message,
    Problem,
    Task,
    TimeLog,
    standard_folders,
)
from app.simulators.field_nation.statuses import Status

Json = dict[str, Any]


@dataclass(frozen=True)
class Schedule:
    """When somebody must be on site. `mode` is exact, hours, between or "" when nothing is set."""

    mode: str = ""
    start_at: datetime | None = None
    end_at: datetime | None = None
    note: str = ""
    require_ontime: bool = False
    zone: str = ""


@dataclass(frozen=True)
class Location:
    """The work site. `mode` is custom, remote, location or "" when the vendor kept nothing."""

    mode: str = ""
    address1: str = ""
    address2: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    country: str = ""
    display_name: str = ""
    type_id: int = 1
    saved_id: int = 0


@dataclass(frozen=True)
class Pay:
    """What the job pays; amounts are money as decimal numbers, units hours, devices or 1."""

    type: str = ""
    amount: float = 0.0
    units: float = 0.0
    additional_amount: float = 0.0
    additional_units: float = 0.0

    @property
    def total(self) -> float:
        """The most that labour may come to."""
        if self.type == "fixed":
            return self.amount
        if self.type == "blended":
            return self.amount + self.additional_amount * self.additional_units
        return self.amount * self.units


@dataclass
class WorkOrder:
    """One work order in full. Attributes named like a section of the wire are changed through `change` only.

    What hangs on it is kept by id, oldest first; whoever changes that says so by `touch`.
    """

    id: int
    company_id: int
    title: str
    created_at: datetime
    created_by: int
    manager: int
    status: Status = Status.DRAFT
    routed_from: Status = Status.DRAFT
    postponed_from: Status = Status.DRAFT
    sub_status: str = ""
    delay_s: int = 0
    description: str = ""
    confidential: str = ""
    client: int = 0
    project: int = 0
    template: int = 0
    types_of_work: tuple[tuple[int, bool], ...] = ()
    location: Location = field(default_factory=Location)
    schedule: Schedule = field(default_factory=Schedule)
    pay: Pay = field(default_factory=Pay)
    custom_fields: dict[int, str] = field(default_factory=dict)
    contacts: tuple[Json, ...] = ()
    incident_id: str = ""
    printable: bool = True
    require_gps: bool = False
    allow_counter_offers: bool = False
    assignee: int = 0
    cancel_reason: str = ""
    closing_notes: str = ""
    job_status: str = "pending"
    time_logs: dict[int, TimeLog] = field(default_factory=dict)
    expenses: dict[int, Expense] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    folders: dict[int, Folder] = field(default_factory=standard_folders)
    attachments: dict[int, Attachment] = field(default_factory=dict)
    tasks: dict[int, Task] = field(default_factory=dict)
    tags: tuple[int, ...] = ()
    problems: dict[int, Problem] = field(default_factory=dict)
    requests: tuple[int, ...] = ()
    declines: tuple[int, ...] = ()
    milestones: dict[str, datetime] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)

    def change(self, section: str, value: Any) -> bool:
        """Set a section; returns whether that made a difference. A difference renews the section's digest."""
        if getattr(self, section) == value:
            return False
        setattr(self, section, value)
        self.touch(section)
        return True

    def touch(self, section: str) -> None:
        """Renew the digest of a section whose content was changed in place."""
        self.versions[section] = self.versions.get(section, 0) + 1

    def digest(self, section: str) -> str:
        """The `correlation_id` of a section: 40 hex digits that change when the section changes."""
        text = f"{self.id}:{section}:{self.versions.get(section, 0)}"
        return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def truth(order: WorkOrder) -> Json:
    """Everything known about a work order as JSON, times as ISO text, for `/_sim/state`."""
    return {one.name: _plain(getattr(order, one.name)) for one in fields(order)}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(one) for one in value]
    return value
