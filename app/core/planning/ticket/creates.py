"""Creates: a ticket for a work order that did not come from one."""

import re
from collections.abc import Mapping
from typing import Final

from app.core.mapping.digests import digest
from app.core.model.document import Document, Json
from app.core.model.finding import Finding, Severity
from app.core.model.intent import Intent, Phase
from app.core.model.ledger import EntryKey
from app.core.planning.ticket.context import owner_of_order
from app.core.planning.ticket.wishes import FieldWish, as_body, fixed, merged

KIND: Final = "ticket"
_MARK: Final = "FN-WO-"
_DEMANDED: Final = ("title", "status", "priority", "companyID", "dueDateTime")
_RESOURCE: Final = ("assignedResourceID", "assignedResourceRoleID")


def mark_of(work_order: int) -> str:
    """The external id by which the ticket of a work order is found again."""
    return f"{_MARK}{work_order}"


def work_order_of(ticket: Document) -> int | None:
    """The work order that a ticket was made from, by its external id."""
    found = re.fullmatch(rf"{_MARK}(\d{{1,18}})", str(ticket.get("externalID") or "").strip(), re.ASCII)
    return int(found[1]) if found else None


def create_key(work_order: int) -> EntryKey:
    """The business key of the one ticket of a work order."""
    return EntryKey(owner_of_order(work_order), KIND, "create")


def plan_ticket(
    work_order: int, wishes: tuple[FieldWish, ...], read: Mapping[str, str], default_status: int
) -> Intent | Finding:
    """The create, or what is missing for it."""
    complete = merged(fixed(status=default_status), (*wishes, *fixed(externalID=mark_of(work_order))))
    after: dict[str, Json] = {wish.field: wish.value for wish in complete}
    missing = [name for name in _DEMANDED if after.get(name) in (None, "")]
    if after.get("queueID") in (None, "") and any(after.get(name) in (None, "") for name in _RESOURCE):
        missing.append("queueID (or assignedResourceID with assignedResourceRoleID)")
    if missing:
        return _incomplete(work_order, missing)
    facts = {**read, **{path: value for wish in complete for path, value in wish.sources.items()}}
    return Intent(
        kind=KIND,
        key="create",
        verb="create",
        entity="Tickets",
        target="",
        body=as_body(complete),
        before={},
        after=after,
        reason="the work order has no ticket",
        fingerprint=digest(facts),
        phase=Phase.CREATE,
        attempted={"facts": facts, "values": after, "fields": sorted(after), "mark": mark_of(work_order)},
    )


def _incomplete(work_order: int, missing: list[str]) -> Finding:
    return Finding(
        "create_field_missing",
        Severity.ERROR,
        owner_of_order(work_order),
        f"No ticket was made: Autotask needs {', '.join(missing)}, and no mapping gives it.",
        "Map those fields (or give the mapping a default), apply the file, then `broker jobs retry`.",
        missing[0].partition(" ")[0],
    )
