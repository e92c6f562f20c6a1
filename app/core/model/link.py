"""Links: the pair ticket and work order, one to one in a connection while active."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.core.model.document import Json
from app.core.model.ids import ConnectionId, LinkId, TicketId, WorkOrderId


class LinkOrigin(StrEnum):
    IMPORT = "import"
    FOUND = "found"
    PERSON = "person"


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
class Link:
    id: LinkId
    connection_id: ConnectionId
    ticket_id: TicketId
    ticket_number: str
    work_order_id: WorkOrderId
    is_active: bool
    origin: LinkOrigin
    known: Known = Known()


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link that is about to be made."""

    ticket_id: TicketId
    ticket_number: str
    work_order_id: WorkOrderId
    origin: LinkOrigin
