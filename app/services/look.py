"""Looks: finding a work order again by its mark, in a paged list compared locally, once for a whole batch.

Nothing confirms that Field Nation's search covers a mark, so the list is read and compared here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.core.model.document import Document
from app.core.model.ids import WorkOrderId
from app.core.model.ledger import LedgerEntry
from app.core.planning.targets import custom_fields, internal_field, read_moment, value_at
from app.services.related import whole_number
from app.services.site import Site

COLUMNS = ("id", "title", "incident_id", "status", "custom_fields", "schedule", "location", "milestones", "description")

_MARGIN = timedelta(days=1)
_CLOCK_SKEW = timedelta(minutes=10)


@dataclass(slots=True)
class Sightings:
    """Work orders seen at the vendor, by every mark they carry. `claimed` are linked or in the ledger already."""

    by_mark: dict[str, list[Document]] = field(default_factory=dict)
    unmarked: list[Document] = field(default_factory=list)
    claimed: set[str] = field(default_factory=set)

    def free(self, mark: str) -> list[Document]:
        """Those with that mark that nothing else claims."""
        return [one for one in self.by_mark.get(mark, []) if str(one.get("id")) not in self.claimed]

    def like(self, entry: LedgerEntry) -> list[Document]:
        """What the create of that entry may have made: by its mark, else by its content among the unmarked."""
        marked = self.free(str(entry.attempted.get("mark") or ""))
        if marked:
            return marked
        values = entry.attempted.get("values")
        title = values.get("title") if isinstance(values, Mapping) else None
        return [
            one
            for one in self.unmarked
            if title
            and value_at(one, ("title",)) == title
            and str(one.get("id")) not in self.claimed
            and not _made_before(one, entry.opened_at - _CLOCK_SKEW)
        ]


async def look(site: Site, since: datetime | None) -> Sightings:
    """One paged list, newest first. With `since`, pages end at work orders made well before it."""
    seen = Sightings()
    async for order in site.vendors.work_orders.list(COLUMNS):
        if since is not None and _made_before(order, since - _MARGIN):
            break
        marks = marks_of(order)
        for mark in marks:
            seen.by_mark.setdefault(mark, []).append(order)
        if not marks:
            seen.unmarked.append(order)
    ids = {str(one.get("id")) for orders in (*seen.by_mark.values(), seen.unmarked) for one in orders}
    seen.claimed = set(await site.ledger.claimed(site.connection.id, "work_order", sorted(ids)))
    return seen


def marks_of(order: Document) -> list[str]:
    """The texts by which a work order may name its ticket."""
    marks = {str(order.get("incident_id") or "").strip()}
    internal = internal_field(order)
    if internal:
        marks.add(internal[1].strip())
        marks.add(str(custom_fields(order).get(internal[0]) or "").strip())
    return sorted(marks - {""})


def id_of(order: Document) -> WorkOrderId:
    """The work order's id. Raises `ValueError` when the answer carries none."""
    found = whole_number(order.get("id")) or whole_number(order.get("work_order_id"))
    if found is None:
        raise ValueError("the work order that Field Nation answered with has no id")
    return WorkOrderId(found)


def company_of(order: Document) -> int | None:
    """The id of the company that owns the work order."""
    company = order.get("company")
    return whole_number(company.get("id")) if isinstance(company, Mapping) else None


def _made_before(order: Document, moment: datetime) -> bool:
    milestones = order.get("milestones")
    made = milestones.get("created") if isinstance(milestones, dict) else None
    made_at = read_moment(made.get("utc")) if isinstance(made, dict) and made.get("utc") else None
    return made_at is not None and made_at < moment
