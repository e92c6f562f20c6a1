"""Lost answers of a push: an entry that is still open after the horizon is looked up in Autotask first."""

from collections.abc import Sequence

from app.core.model.document import Document
from app.core.model.finding import Finding, Severity
from app.core.model.ledger import LedgerEntry, LedgerState
from app.core.planning.ticket.fields import FIELDS, STATUS
from app.core.planning.ticket.matching import MARKS, made_by, stands, strangers
from app.services.site import Site
from app.services.ticket_records import TicketRecords


class LostTicketWrites:
    """Closes each open entry by what Autotask holds. Findings about it are added to the list given."""

    def __init__(self, site: Site, owner: str, records: TicketRecords, findings: list[Finding]) -> None:
        self._site = site
        self._owner = owner
        self._records = records
        self._findings = findings

    async def settle(self, lost: Sequence[LedgerEntry], entries: Sequence[LedgerEntry]) -> bool:
        """Whether there was any; the entries (all of the owner) are then to be read again."""
        mine = [entry for entry in lost if entry.key.kind in (*MARKS, FIELDS, STATUS)]
        for entry in mine:
            await self._settle(entry, entries)
        return bool(mine)

    async def _settle(self, entry: LedgerEntry, entries: Sequence[LedgerEntry]) -> None:
        if entry.key.kind in (FIELDS, STATUS):
            ticket = await self._site.vendors.tickets.get(self._site.outbound.entity, self._ticket_of(entry))
            await self._settle_change(entry, ticket, LedgerState.WRITTEN)
        elif entry.verb == "create":
            await self._settle_create(entry, entries)
        elif entry.verb == "delete":
            record = await self._records.one(entry.key.kind, int(entry.remote_id))
            await self._close(entry, LedgerState.VOID if record else LedgerState.DELETED)
        else:
            record = await self._records.one(entry.key.kind, int(entry.remote_id))
            state = LedgerState.DELETED if entry.verb == "zero" else LedgerState.WRITTEN
            await self._settle_change(entry, record, state)

    async def _settle_create(self, entry: LedgerEntry, entries: Sequence[LedgerEntry]) -> None:
        claimed = frozenset(
            one.remote_id for one in entries if one.key.kind == entry.key.kind and one.id != entry.id and one.remote_id
        )
        # A record that this entry wrote before stands no more for the create that is looked for.
        known = claimed | ({entry.remote_id} if entry.remote_id else frozenset())
        hits = made_by(entry, await self._records.of(entry.key.kind), known)
        if len(hits) > 1:
            ids = ", ".join(str(hit.get("id")) for hit in hits)
            note = f"{entry.key.kind.replace('_', ' ')} records {ids} could each be the one that was sent."
            await self._close(entry, LedgerState.QUARANTINED, note=note)
        elif hits:
            await self._close(
                entry, LedgerState.WRITTEN, remote=str(hits[0].get("id")), note="found after a lost answer"
            )
        else:
            await self._close(entry, LedgerState.VOID, note="looked for and not found")

    async def _settle_change(self, entry: LedgerEntry, record: Document | None, done: LedgerState) -> None:
        if record is None:
            note = "The record was deleted in Autotask while the answer to its change was lost."
            await self._close(entry, LedgerState.QUARANTINED, note=note)
        elif stands(entry, record):
            await self._close(entry, done, note="read after a lost answer")
        else:
            self._findings.extend(self._changed(entry, record))
            await self._close(entry, LedgerState.VOID, note="read after a lost answer: it was not written")

    def _changed(self, entry: LedgerEntry, record: Document) -> list[Finding]:
        text = "While the answer to a write was lost, somebody changed {} in Autotask; it is written again."
        return [
            Finding("changed_meanwhile", Severity.WARNING, self._owner, text.format(name),
                    "Check the field in Autotask.", f"{entry.key.kind}/{name}")
            for name in strangers(entry, record)
        ]  # fmt: skip

    def _ticket_of(self, entry: LedgerEntry) -> int:
        return int(str(entry.remote_id or entry.attempted.get("record") or 0))

    async def _close(self, entry: LedgerEntry, state: LedgerState, *, remote: str = "", note: str = "") -> None:
        site = self._site
        await site.ledger.close(site.hosted, entry.id, state, remote_id=remote, note=note, was_lost=True)
