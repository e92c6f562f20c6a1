"""Outbound create: a ticket for a work order that has none and did not come from one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from app.core.mapping.work_order_document import work_order_document
from app.core.model.document import Document, Json
from app.core.model.failure import Failure, Rejected
from app.core.model.finding import Finding, Severity
from app.core.model.ids import TicketId
from app.core.model.intent import Intent
from app.core.model.ledger import LedgerEntry, LedgerState
from app.core.model.link import Known, Link, LinkOrigin, NewLink
from app.core.model.outcome import Postponed, Result, Settled
from app.core.model.permit import Opening
from app.core.planning.guards import mode_of
from app.core.planning.statuses import CANCELLED
from app.core.planning.targets import read_moment, status_id
from app.core.planning.ticket.creates import create_key, mark_of, plan_ticket
from app.core.planning.ticket.wishes import digests_of, fit, mapped_wishes
from app.services.execute import Write
from app.services.look import Sightings, marks_of
from app.services.push_facts import Records
from app.services.related import whole_number
from app.services.scripting import run_on_order
from app.services.site import Site

_LOST_KEPT: Final = timedelta(days=1)
"""For so long a lost create may show up; by then the sweep has set its entry aside, if it did."""


def may_create(site: Site, records: Records) -> bool:
    """Whether a work order without a pair is worth a look: tickets are made of new ones, or one was sent already."""
    is_on = site.connection.file.settings.outbound_create and site.outbound.entity == "Tickets"
    return is_on or any(entry.key == create_key(records.id) for entry in records.entries)


@dataclass(slots=True)
class OutboundCreate:
    """The part of a push that ends in a pair, or says why there is none. `intents` is what was decided."""

    site: Site
    records: Records
    order: Document
    findings: list[Finding]
    dry_run: bool = False
    intents: tuple[Intent, ...] | None = None
    trace: str = ""

    async def run(self, ended: Link | None) -> Link | Settled | Postponed:
        """`ended` is a pair of the work order that is over."""
        entry = next((one for one in self.records.entries if one.key == create_key(self.records.id)), None)
        if entry is not None and entry.state is LedgerState.QUARANTINED:
            return self._left_out("quarantined", entry.note, "Decide with `broker ledger resolve`.", Severity.ERROR)
        if entry is not None and entry.state is LedgerState.OPEN and not self.dry_run:
            found = await self._lost(entry)
            if found is not None:
                return found
        elif ended is not None or (entry is not None and entry.state is LedgerState.WRITTEN):
            text = f"Work order {self.records.id} was paired with a ticket before; the pair has ended."
            return self._left_out("unlinked", text, "`broker link add` joins them again.")
        return await self._new()

    async def settle_lost(self) -> Link | Settled | None:
        """The pair with the ticket of a create that has had no answer; None when there is no such create, or it never
        happened."""
        entry = next((one for one in self.records.entries if one.key == create_key(self.records.id)), None)
        if entry is None or entry.state is not LedgerState.OPEN or self.dry_run:
            return None
        return await self._lost(entry)

    async def _new(self) -> Link | Settled | Postponed:
        waiting = await self._our_own()
        if waiting is not None:
            return waiting
        made_at, since = _made_at(self.order), self._creates_since()
        if status_id(self.order) == CANCELLED or made_at is None or since is None or made_at < since:
            text = f"Work order {self.records.id} is older than `settings.outbound_create`, or cancelled."
            return self._left_out("not_linked", text, "Nothing; `broker link add` joins it to a ticket.")
        return await self._create()

    def _creates_since(self) -> datetime | None:
        """When the setting was switched on, in whole seconds: Field Nation tells no more of when an order was made."""
        since = self.site.connection.creates_since
        return since.replace(microsecond=0) if since else None

    async def _our_own(self) -> Settled | Postponed | None:
        """A work order that an import made, or may just have made, is no new one."""
        site, id = self.site, str(self.records.id)
        if await site.ledger.claimed(site.connection.id, "work_order", [id]):
            text = f"Work order {id} was made from a ticket; it makes no ticket."
            return self._left_out("from_ticket", text, "`broker link add` joins them again.")
        marks = marks_of(self.order)
        order = self.order
        seen = Sightings({mark: [order] for mark in marks}, [] if marks else [order])
        for entry in await site.ledger.search(site.connection.id, states=[LedgerState.OPEN], kind="work_order"):
            if seen.like(entry):
                wait = max(site.horizon - entry.age, site.second_look)
                text = "A work order like this one was sent for a ticket and its answer lost; that is resolved first."
                return Postponed(site.clock.now() + wait, "answer_lost", text)
        return await self._late_answer(frozenset(marks))

    async def _late_answer(self, marks: frozenset[str]) -> Settled | None:
        """A create that was looked for, not found and made again may be carried out after all: that is no new one."""
        site = self.site
        lost = await site.ledger.search(site.connection.id, kind="work_order", lost_within=_LOST_KEPT)
        set_aside = await site.ledger.search(site.connection.id, kind="work_order", states=[LedgerState.QUARANTINED])
        of = next((e.key.owner for e in (*lost, *set_aside) if str(e.attempted.get("mark") or "") in marks), None)
        if of is None:
            return None
        text = f"Work order {self.records.id} is a late answer to a create that was made again for {of}; no ticket."
        mend = "Delete one of the two work orders, then name the other with `broker ledger resolve`."
        return self._left_out("late_answer", text, mend, Severity.WARNING)

    async def _create(self) -> Link | Settled:
        site, owner = self.site, self.records.owner
        document = work_order_document(self.order)
        ran = await run_on_order(site.scripts, site.outbound.compiled, document, [("ticket", None)])
        self.trace = ran.trace
        mapped = site.outbound.apply("ticket", document, None, owner, ran.outcomes)
        wishes, cuts = fit(mapped_wishes(mapped), site.outbound.lengths["Tickets"], owner, "the work order")
        self.findings.extend((*mapped.findings, *cuts))
        status = site.connection.file.settings.outbound_create_status
        intent = plan_ticket(int(self.records.id), wishes, digests_of(mapped), status)
        if isinstance(intent, Finding):
            return Settled(Result.DEAD, intent.code, intent.text, (intent,))
        self.intents = (intent,)
        if self.dry_run or mode_of(site.connection.file.settings.mode, "tickets") != "automatic":
            text = f"Not written in this mode: create ticket {intent.after.get('title')!r}"
            return Settled(Result.PLANNED, "held_by_mode", text)
        try:
            return await self._write(intent)
        except Rejected as failure:
            mend = "Change the value or its mapping, then `broker jobs retry`."
            finding = Finding(failure.code, Severity.ERROR, owner, failure.text, mend, failure.field)
            return Settled(Result.DEAD, failure.code, failure.text, (finding,))

    async def _write(self, intent: Intent) -> Link:
        site = self.site
        write = Write(site, self.records.owner, intent, intent.attempted)

        async def create(opening: Opening) -> int:
            return await site.vendors.tickets.create("Tickets", intent.body, opening)

        id = await write.make(create)
        link = await write.link(self._pair(id, await self._number(id)), Known())
        return self._knowing(link, intent.attempted)

    def _pair(self, ticket: int, number: str) -> NewLink:
        return NewLink(TicketId(ticket), number, self.records.id, LinkOrigin.EXPORT)

    async def _number(self, ticket: int) -> str:
        """The new ticket's number, for people; a pair without it is a pair as well."""
        try:
            record = await self.site.vendors.tickets.get("Tickets", ticket)
        except Failure:
            return ""
        return str((record or {}).get("ticketNumber") or "")

    @staticmethod
    def _knowing(link: Link, attempted: Document) -> Link:
        """The pair with what its create has written, so that the push that follows does not write it again."""
        facts, values = attempted.get("facts"), attempted.get("values")
        known = Known(_texts(facts), dict(values) if isinstance(values, Mapping) else {})
        return replace(link, out=known)

    async def _lost(self, entry: LedgerEntry) -> Link | Settled | None:
        """The pair with the ticket that a lost create made, or None when it never happened."""
        site, mark = self.site, mark_of(self.records.id)
        asked = [{"op": "eq", "field": "externalID", "value": mark}]
        rows = [row async for row in site.vendors.tickets.query("Tickets", asked, ("id", "ticketNumber"))]
        if len(rows) > 1:
            ids = ", ".join(str(row.get("id")) for row in rows)
            note = f"Tickets {ids} all carry the external id {mark}."
            await site.ledger.close(site.hosted, entry.id, LedgerState.QUARANTINED, note=note, was_lost=True)
            return self._left_out("quarantined", note, "Decide with `broker ledger resolve`.", Severity.ERROR)
        ticket = whole_number(rows[0].get("id")) if rows else None
        if ticket is None:
            note = "looked for and not found"
            await site.ledger.close(site.hosted, entry.id, LedgerState.VOID, note=note, was_lost=True)
            return None
        pair = self._pair(ticket, str(rows[0].get("ticketNumber") or ""))
        link = await site.ledger.close_created(site.hosted, entry.id, pair, Known(), note="found after a lost answer")
        return self._knowing(link, entry.attempted)

    def _left_out(self, code: str, text: str, mend: str, severity: Severity = Severity.INFO) -> Settled:
        return Settled(Result.SKIPPED, code, text, (Finding(code, severity, self.records.owner, text, mend),))


def _made_at(order: Document) -> datetime | None:
    milestones = order.get("milestones")
    made = milestones.get("created") if isinstance(milestones, Mapping) else None
    utc = made.get("utc") if isinstance(made, Mapping) else None
    return read_moment(utc) if utc else None


def _texts(facts: Json) -> dict[str, str]:
    return {str(path): str(value) for path, value in facts.items()} if isinstance(facts, Mapping) else {}
