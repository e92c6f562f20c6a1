"""The life of a work order: its states, their numbers, and the only legal moves between them."""

from dataclasses import dataclass
from enum import StrEnum

from app.simulators.field_nation.errors import Refusal


class Status(StrEnum):
    """Primary status, as the simulator names it inside."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ROUTED = "routed"
    ASSIGNED = "assigned"
    WORK_DONE = "work_done"
    APPROVED = "approved"
    PAID = "paid"
    CANCELLED = "cancelled"
    DELETED = "deleted"
    POSTPONED = "postponed"


# Field Nation developer portal, work order statuses. 1, 2, 3, 7 and 9 are shown there; 4, 5, 6 follow the order of its
# table; no number of a deleted or postponed work order is public.
DEFAULT_IDS: dict[Status, int] = {
    Status.DRAFT: 1,
    Status.PUBLISHED: 2,
    Status.ASSIGNED: 3,
    Status.WORK_DONE: 4,
    Status.APPROVED: 5,
    Status.PAID: 6,
    Status.CANCELLED: 7,
    Status.ROUTED: 9,
    Status.DELETED: 0,
    Status.POSTPONED: 0,
}

NAMES: dict[Status, str] = {
    Status.DRAFT: "Draft",
    Status.PUBLISHED: "Published",
    Status.ROUTED: "Routed",
    Status.ASSIGNED: "Assigned",
    Status.WORK_DONE: "Work Done",
    Status.APPROVED: "Approved",
    Status.PAID: "Paid",
    Status.CANCELLED: "Cancelled",
    Status.DELETED: "Deleted",
    Status.POSTPONED: "Postponed",
}

FINISHED = frozenset({Status.PAID, Status.CANCELLED, Status.DELETED})
UNDER_WAY = frozenset({Status.DRAFT, Status.PUBLISHED, Status.ROUTED, Status.ASSIGNED, Status.WORK_DONE})
BEFORE_APPROVAL = UNDER_WAY | {Status.POSTPONED}


@dataclass(frozen=True)
class Move:
    """One action: from where it may start, where it leads, which milestone it sets and which events it causes."""

    origins: frozenset[Status]
    target: Status
    milestone: str
    events: tuple[str, ...]
    verb: str


def _move(origins: frozenset[Status] | set[Status], target: Status, milestone: str, verb: str, *events: str) -> Move:
    return Move(frozenset(origins), target, milestone, events, verb)


# Field Nation developer portal, work order statuses and webhook events.
MOVES: dict[str, Move] = {
    "publish": _move({Status.DRAFT}, Status.PUBLISHED, "published", "published", "workorder.status.published"),
    "unpublish": _move({Status.PUBLISHED}, Status.DRAFT, "", "unpublished", "workorder.status.draft"),
    "draft": _move({Status.PUBLISHED, Status.ROUTED}, Status.DRAFT, "", "set to draft", "workorder.status.draft"),
    "route": _move(
        {Status.DRAFT, Status.PUBLISHED},
        Status.ROUTED,
        "routed",
        "routed",
        "workorder.routed",
        "workorder.status.routed",
    ),
    "unroute": _move({Status.ROUTED}, Status.DRAFT, "", "unrouted", "workorder.status.draft"),
    "assign": _move(
        {Status.PUBLISHED, Status.ROUTED}, Status.ASSIGNED, "assigned", "assigned", "workorder.status.assigned"
    ),
    "unassign": _move({Status.ASSIGNED}, Status.PUBLISHED, "", "unassigned", "workorder.status.published"),
    "work_done": _move({Status.ASSIGNED}, Status.WORK_DONE, "workdone", "completed", "workorder.status.work_done"),
    "incomplete": _move({Status.WORK_DONE}, Status.ASSIGNED, "", "marked incomplete", "workorder.status.assigned"),
    "unapprove": _move({Status.APPROVED}, Status.WORK_DONE, "", "unapproved", "workorder.status.work_done"),
    "approve": _move({Status.WORK_DONE}, Status.APPROVED, "approved", "approved", "workorder.status.approved"),
    "pay": _move({Status.APPROVED}, Status.PAID, "paid", "paid", "workorder.status.paid"),
    "cancel": _move(BEFORE_APPROVAL, Status.CANCELLED, "canceled", "cancelled", "workorder.status.cancelled"),
    "delete": _move(BEFORE_APPROVAL, Status.DELETED, "", "deleted", "workorder.status.deleted"),
    "postpone": _move(UNDER_WAY, Status.POSTPONED, "", "postponed", "workorder.status.postponed"),
    "resume": _move({Status.POSTPONED}, Status.DRAFT, "", "resumed", "workorder.status.draft"),
}

# Field Nation developer portal, sub-statuses of Assigned. The codes delayed and checked_out were seen, the others are
# assumed; `cancelled` is the provider's, the work order stays assigned until the buyer takes the provider away.
SUB_STATUSES: dict[str, tuple[str, str]] = {
    "confirmed": ("Confirmed", "workorder.status.confirmed"),
    "at_risk": ("At risk", "workorder.status.at_risk"),
    "on_my_way": ("On my way", "workorder.status.on_my_way"),
    "delayed": ("Delayed", "workorder.status.delayed"),
    "on_hold": ("On hold", "workorder.status.delayed"),
    "checked_in": ("Checked in", "workorder.status.checked_in"),
    "checked_out": ("Checked out", "workorder.status.checked_out"),
    "cancelled": ("Cancelled", "workorder.status.assigned_cancelled"),
}

MILESTONES = ("created", "published", "routed", "assigned", "workdone", "approved", "paid", "canceled")


def legal_move(action: str, present: Status) -> Move:
    """The move that `action` makes from `present`; raises a 400 refusal when it is not allowed from there."""
    move = MOVES[action]
    if present not in move.origins:
        raise Refusal(400, f"A work order with the status {NAMES[present]} cannot be {move.verb}.")
    return move


def allowed_actions(present: Status) -> list[str]:
    """The names of every move that may start at `present`, in the table's order."""
    return [name for name, move in MOVES.items() if present in move.origins]


def status_id(status: Status, overrides: dict[str, int]) -> int:
    """The number of a status; `overrides` (by inside name) lets a test change the table."""
    return overrides.get(status.value, DEFAULT_IDS[status])
