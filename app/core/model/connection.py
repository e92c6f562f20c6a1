"""Connections: one customer, one Autotask database joined to one Field Nation company.

`ConnectionFile` is the file a person writes, checked key by key; `Connection` is what the broker stored of it.
Secrets never stand in either once stored: they are sealed apart, by field name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, field_validator

from app.core.model.ids import AccountId, ConnectionId

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
WorkOrderAction = Literal["publish", "unpublish", "cancel", "approve"]
Mode = Literal["automatic", "approve", "shadow"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AutotaskPart(_Part):
    username: str
    secret: SecretStr
    integration_code: str = ""
    service_object: Literal["ticket", "ServiceCall", "Project"] = "ticket"
    impersonate: int | None = None
    webhook_secret: SecretStr | None = None
    calls_per_hour: Literal["auto"] | Annotated[int, Field(ge=1)] = "auto"

    @property
    def entity(self) -> str:
        """Autotask's name of the records that are paired with work orders."""
        return {"ticket": "Tickets", "ServiceCall": "ServiceCalls", "Project": "Projects"}[self.service_object]


class FieldNationPart(_Part):
    base_url: str = "https://api.fieldnation.com"
    web_url: str = "https://app.fieldnation.com/workorders/{id}"
    grant: Literal["password", "client_credentials"] = "password"
    client_id: str
    client_secret: SecretStr
    username: str = ""
    password: SecretStr | None = None
    webhook_secret: SecretStr | None = None
    calls_per_minute: Annotated[int, Field(ge=1)] = 60


class Provider(_Part):
    resource_id: int
    role_id: int


class TimeEntriesPart(_Part):
    send: Literal["closed", "work_done", "approved"] = "closed"
    resource_id: int | None = None
    role_id: int | None = None
    work_type: int | None = None
    providers: Mapping[str, Provider] = {}
    id_field: Literal["internalNotes", "summaryNotes"] = "internalNotes"
    split_at_midnight: bool = False
    task_id: int | None = None


class ChargePart(_Part):
    billing_code_id: int | None = None
    charge_type: int = 1


class ExpensesPart(_Part):
    send: Literal["approved", "submitted"] = "approved"
    additional_charges: Literal["", "charge"] = ""
    amount: Literal["line", "unit"] = "line"
    submitter_id: int | None = None
    expense_category: int | None = None
    payment_type: int | None = None
    week_ends_on: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = "saturday"
    billable: bool = True
    have_receipt: Literal["auto"] | bool = "auto"
    charge: ChargePart = ChargePart()


class NotesPart(_Part):
    send: tuple[str, ...] = ("FROMTECH", "TECHTOMANAGER", "REPLY", "REPLYTOTHREAD")
    note_type: int = 3
    publish: int = 2


class AttachmentsPart(_Part):
    enabled: bool = False
    publish: int = 2
    delete: bool = True
    hosts: tuple[str, ...] = ()


class SettingsPart(_Part):
    import_when: Sequence[Mapping[str, Any]] | None = None
    excluded_statuses: tuple[str | int, ...] = ("Complete",)
    outbound_create: bool = False
    outbound_create_status: int = 1
    work_order_actions: tuple[WorkOrderAction, ...] = ("publish",)
    cancel_reason: str = ""
    look_for_existing: bool = False
    redispatch: bool = False
    notify: tuple[str, ...] = ()
    mode: Mode | Mapping[str, Mode] = "automatic"


class MappingsPart(_Part):
    """The rules as the person wrote them; `core.mapping` reads them."""

    inbound: tuple[Mapping[str, Any], ...] = ()
    outbound: tuple[Mapping[str, Any], ...] = ()


class ConnectionFile(_Part):
    """The connection file of one customer. Unknown keys are errors."""

    name: Name
    client_token: SecretStr | None = None
    time_zone: str = "UTC"
    autotask: AutotaskPart
    field_nation: FieldNationPart
    time_entries: TimeEntriesPart = TimeEntriesPart()
    expenses: ExpensesPart = ExpensesPart()
    notes: NotesPart = NotesPart()
    attachments: AttachmentsPart = AttachmentsPart()
    settings: SettingsPart = SettingsPart()
    mappings: MappingsPart = MappingsPart()

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{value!r} is not an IANA time zone such as America/Chicago") from error
        return value


PAUSE_CODES = ("credentials_refused", "vendor_down")
"""Reasons for which a connection pauses by itself; each is the code of a finding while it lasts, too."""


class ConnectionState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class Pause:
    """Why a connection stands still. `by_person` pauses are ended by a person only; others by a probe."""

    reason: str
    since: datetime
    by_person: bool
    next_probe_at: datetime | None
    probes: int = 0


@dataclass(frozen=True, slots=True)
class Connection:
    """A stored connection: the file without its secrets, and what it is pinned to.

    `fields_version` is raised whenever the fields of either system changed. `creates_since` is when
    `settings.outbound_create` was last switched on, None while it is off.
    """

    id: ConnectionId
    account_id: AccountId
    name: str
    file: ConnectionFile
    version: int
    state: ConnectionState
    pause: Pause | None
    autotask_ci: int
    field_nation_company: int
    creates_since: datetime | None = None
    fields_version: int = 0


SECRET_FIELDS = (
    "autotask.secret",
    "autotask.webhook_secret",
    "field_nation.client_secret",
    "field_nation.password",
    "field_nation.webhook_secret",
    "client_token",
)
"""Paths of the file that hold secrets."""
