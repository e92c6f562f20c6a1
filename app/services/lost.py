"""Lost answers: an entry that is still open after the horizon is looked up before anything else is sent."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from app.core.model.document import Document, Json
from app.core.model.finding import Finding
from app.core.model.ids import TicketId
from app.core.model.ledger import LedgerEntry, LedgerState
from app.core.model.link import Link, LinkOrigin, NewLink
from app.core.planning.lost_answers import changed_by_others, known_from_attempt, reached, stands
from app.services.look import Sightings, id_of
from app.services.site import Site


async def adopt_lost_create(
    site: Site, entry: LedgerEntry, sightings: Sightings, ticket_id: TicketId, number: str, *, is_paired: bool
) -> tuple[Link | None, str]:
    """The link to the work order that the lost create made, or None when it never happened.

    The second value is why a person must decide: more than one work order carries the mark, or somebody paired the
    ticket with another one meanwhile (`is_paired`).
    """
    hits = sightings.like(entry)
    if len(hits) == 1 and not is_paired:
        new = NewLink(ticket_id, number, id_of(hits[0]), LinkOrigin.IMPORT)
        known = known_from_attempt(entry.attempted, hits[0])
        return await site.ledger.close_created(site.hosted, entry.id, new, known, note="found after a lost answer"), ""
    if not hits:
        await site.ledger.close(site.hosted, entry.id, LedgerState.VOID, note="looked for and not found", was_lost=True)
        return None, ""
    doubt = "Work orders " + ", ".join(str(id_of(hit)) for hit in hits) + " could each be the one made for this ticket."
    if is_paired:
        doubt = f"This ticket was paired by hand while a create had no answer. {doubt}"
    await site.ledger.close(site.hosted, entry.id, LedgerState.QUARANTINED, note=doubt)
    return None, doubt


async def settle_lost_updates(
    site: Site, entries: Sequence[LedgerEntry], order: Document | None, owner: str
) -> list[Finding]:
    """Closes open updates and actions by what the fresh work order says; the plan writes what still differs."""
    findings: list[Finding] = []
    for entry in entries:
        if entry.state is not LedgerState.OPEN or entry.key.kind == "work_order":
            continue
        happened = order is not None and _happened(entry, order)
        if order is not None and not happened:
            findings.extend(_changed(entry, order, owner))
        state = LedgerState.WRITTEN if happened else LedgerState.VOID
        await site.ledger.close(
            site.hosted, entry.id, state, remote_id=entry.remote_id, note="read after a lost answer"
        )
    return findings


def _happened(entry: LedgerEntry, order: Document) -> bool:
    if entry.key.kind == "work_order_action":
        return reached(entry.key.key, order)
    return stands(_part(entry, "values"), order)


def _changed(entry: LedgerEntry, order: Document, owner: str) -> tuple[Finding, ...]:
    if entry.key.kind == "work_order_action":
        return ()
    return changed_by_others(_part(entry, "values"), _part(entry, "before"), order, owner)


def _part(entry: LedgerEntry, name: str) -> Mapping[str, Json]:
    part: Any = entry.attempted.get(name)
    return cast(Mapping[str, Json], part) if isinstance(part, Mapping) else {}
