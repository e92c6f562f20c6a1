"""Audits: whether a vendor carried out a call after all that was looked for and not found, and is there twice now."""

from collections.abc import Sequence
from typing import Final

from app.core.model.finding import Finding, Severity
from app.core.model.ledger import LedgerEntry, LedgerState
from app.core.planning.ticket.creates import KIND, mark_of
from app.core.planning.ticket.matching import MARKS, by_mark
from app.services.site import Site
from app.services.ticket_records import TicketRecords

_SETTLED: Final = (LedgerState.WRITTEN, LedgerState.VOID, LedgerState.DELETED)
FILES: Final = "attachment"


async def audit(
    site: Site, record: str, entries: Sequence[LedgerEntry], records: TicketRecords, *, of_files: bool
) -> list[Finding]:
    """Quarantines each entry whose mark stands in a record that the ledger does not know; one finding for each."""
    findings: list[Finding] = []
    for entry in entries:
        if not entry.was_lost or entry.state not in _SETTLED or (entry.key.kind == FILES) is not of_files:
            continue
        strangers = await _strangers(site, entry, records)
        if strangers:
            findings.append(await quarantine(site, record, entry, strangers))
    return findings


async def _strangers(site: Site, entry: LedgerEntry, records: TicketRecords) -> list[str]:
    kind = entry.key.kind
    if kind in MARKS:
        mark = str(entry.attempted.get("mark") or entry.key.key)
        hits = by_mark(kind, await records.of(kind)).get(mark, [])
    elif kind == KIND:
        wanted = mark_of(int(entry.key.owner.partition(":")[2]))
        asked = [{"op": "eq", "field": "externalID", "value": wanted}]
        hits = [row async for row in site.vendors.tickets.query("Tickets", asked, ("id",))]
    else:
        return []
    return [id for hit in hits if (id := str(hit.get("id"))) != entry.remote_id]


async def quarantine(site: Site, record: str, entry: LedgerEntry, strangers: Sequence[str]) -> Finding:
    """Sets the entry aside until a person says which record counts."""
    kind = entry.key.kind.replace("_", " ")
    ours = f" beside {entry.remote_id}" if entry.remote_id else ""
    note = f"The {kind} {', '.join(strangers)} stands{ours} with the same mark: a late answer to a call that was lost."
    permit = await site.ledger.open(
        site.hosted,
        site.connection.id,
        entry.key,
        entry.verb,
        entry.fingerprint,
        entry.attempted,
        version=entry.version,
    )
    await site.ledger.close(site.hosted, permit.entry_id, LedgerState.QUARANTINED, note=note)
    mend = "Delete one of the two, then name the other with `broker ledger resolve`."
    field = f"{entry.key.kind}/{entry.key.key}"
    return Finding("item_quarantined", Severity.ERROR, record, note, mend, field)
