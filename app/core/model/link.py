"""Links: the pair ticket and work order, one to one in a connection while active."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.core.model.document import Json
from app.core.model.ids import ConnectionId, LinkId, TicketId, WorkOrderId


class LinkOrigin(StrEnum):
    IMPORT = "import"
    FOUND = "found"
    PERSON = "person"
    EXPORT = "export"


@dataclass(frozen=True, slots=True)
class Known:
    """What both sides held when they were last seen in step.

    `sources` maps a canonical source path to a digest of the value read there; `targets` maps a target path to the
    value that was read back at the other side. Both advance only when a value was read back. `pending` names the
    targets that a create asked for and that nobody has seen at the other side yet.
    """

    sources: Mapping[str, str] = field(default_factory=dict)
    targets: Mapping[str, Json] = field(default_factory=dict)
    pending: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Examined:
    """When a work order was last looked at in full, its status then, and a digest of its row in the vendor's list."""

    at: datetime | None = None
    status: int = 0
    row: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """`known` is what the import knows (sources: the ticket), `out` what the push knows (sources: the work order).

    `is_adopted` says that records of an earlier connector were looked for, or that there can be none.
    """

    id: LinkId
    connection_id: ConnectionId
    ticket_id: TicketId
    ticket_number: str
    work_order_id: WorkOrderId
    is_active: bool
    origin: LinkOrigin
    known: Known = Known()
    out: Known = Known()
    examined: Examined = Examined()
    is_adopted: bool = False
    made_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link that is about to be made."""

    ticket_id: TicketId
    ticket_number: str
    work_order_id: WorkOrderId
    origin: LinkOrigin
