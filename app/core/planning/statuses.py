"""Statuses of a work order: which can be reached by an action, from where, and what belongs to people.

Ids and moves: Field Nation status objects and work order actions (REST API v2). 4, 5 and 6 follow from the order of
the vendor's table.
"""

from dataclasses import dataclass

DRAFT, PUBLISHED, ASSIGNED, WORK_DONE, APPROVED, PAID, CANCELLED, ROUTED = 1, 2, 3, 4, 5, 6, 7, 9

NAMES = {
    DRAFT: "Draft",
    PUBLISHED: "Published",
    ASSIGNED: "Assigned",
    WORK_DONE: "Work Done",
    APPROVED: "Approved",
    PAID: "Paid",
    CANCELLED: "Cancelled",
    ROUTED: "Routed",
}


@dataclass(frozen=True, slots=True)
class Move:
    """An action that reaches `wanted`: allowed from the statuses in `frm`, pointless once in one of `reached`."""

    action: str
    frm: frozenset[int]
    reached: frozenset[int]


MOVES = {
    PUBLISHED: Move("publish", frozenset({DRAFT}), frozenset({PUBLISHED, ROUTED, ASSIGNED, WORK_DONE, APPROVED, PAID})),
    DRAFT: Move("unpublish", frozenset({PUBLISHED}), frozenset({DRAFT})),
    CANCELLED: Move("cancel", frozenset({DRAFT, PUBLISHED, ROUTED, ASSIGNED, WORK_DONE}), frozenset({CANCELLED})),
    APPROVED: Move("approve", frozenset({WORK_DONE}), frozenset({APPROVED, PAID})),
}


def by_action(action: str) -> Move:
    """The move an action makes."""
    return next(move for move in MOVES.values() if move.action == action)


def label(status: int | None) -> str:
    """The status as people read it: `Published (2)`."""
    return f"{NAMES.get(status or 0, 'unknown')} ({status})"
