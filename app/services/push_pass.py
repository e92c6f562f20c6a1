"""One pass over one work order: decide from fresh facts, write to Autotask through the ledger, settle."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from app.core.mapping.labels import labels_of
from app.core.model.document import Document
from app.core.model.failure import Gone
from app.core.model.finding import Finding, Severity
from app.core.model.intent import Intent
from app.core.model.job import JobKind, Option
from app.core.model.ledger import LedgerEntry
from app.core.model.link import Examined, Link
from app.core.model.outcome import FollowUp, Postponed, Result, Settled, Settlement
from app.core.planning.guards import mode_of
from app.core.planning.targets import status_id
from app.core.planning.ticket.context import Context
from app.core.planning.ticket.fields import FieldsNow, needs_ticket
from app.core.planning.ticket.items import Ask
from app.core.planning.ticket.to_ticket import Complete, TicketPlan, file_keys_due, plan_items, with_fields
from app.core.planning.ticket.wishes import digests_of, fit, mapped_wishes
from app.services.adoption import Adoption, as_entry
from app.services.audit import audit
from app.services.left_open import settle_left_open
from app.services.outbound_create import OutboundCreate, may_create
from app.services.push_facts import Reading, Records, read_lists
from app.services.scripting import OrderRun, run_in_context
from app.services.site import Site
from app.services.ticket_records import TicketRecords
from app.services.ticket_writes import TicketWrites

FAMILIES = {
    "time_entry": "time_entries",
    "charge": "charges",
    "expense_item": "expenses",
    "note": "notes",
    "attachment": "files",
    "ticket": "tickets",
    "ticket_fields": "tickets",
    "ticket_status": "tickets",
}
"""The names under which a map of modes speaks of the writes of a push, by ledger kind."""


@dataclass(slots=True)
class _Work:
    """What one pass has in its hands once the work order was read and its pair is known."""

    reading: Reading
    link: Link
    entries: tuple[LedgerEntry, ...]
    context: Context
    records: TicketRecords
    ran: OrderRun
    plan: TicketPlan | None = None


class PushPass:
    """Every early return is an outcome that a person can read.

    A dry run is the same pass stopped after the guards: it reads, and neither writes nor touches our own records.
    `intents` is what was decided, once it was.
    """

    def __init__(self, site: Site, records: Records, *, dry_run: bool = False) -> None:
        self.intents: tuple[Intent, ...] | None = None
        self._site = site
        self._records = records
        self._dry_run = dry_run
        self._findings: list[Finding] = []
        self._trace = ""
        self._ask = Ask(
            owner=records.owner,
            second_look=site.second_look,
            retry=Option.RETRY in records.options,
            delete=Option.DELETE in records.options,
            resync=Option.RESYNC in records.options,
        )

    async def run(self) -> Settlement:
        """The settlement of the pass."""
        waiting = within_horizon(self._site, self._records.open_entries(of_files=False))
        if waiting:
            return waiting
        if not self._dry_run:
            entries = await settle_left_open(
                self._site, self._records.owner, self._records, self._findings, of_files=False
            )
            self._records = replace(self._records, entries=tuple(entries))
        link = self._records.link
        is_baseline = Option.BASELINE in self._records.options
        if not self._has_pair() and (is_baseline or not may_create(self._site, self._records)):
            return self._not_linked(f"Work order {self._records.id} belongs to no ticket of this connection.")
        try:
            order = await self._site.vendors.work_orders.read(self._records.id)
            if link is None or not link.is_active:
                made = await self._without_pair(order, link)
                if not isinstance(made, Link):
                    return made
                link = made
            reading = await read_lists(self._site, self._records, order)
        except Gone as gone:
            return await self._gone(gone)
        return await self._paired(reading, link)

    def _has_pair(self) -> bool:
        return self._records.link is not None and self._records.link.is_active

    def _not_linked(self, text: str) -> Settled:
        mend = "Nothing, if that is so; `broker link add` joins it, `settings.outbound_create` makes tickets."
        return self._left_out("not_linked", text, mend)

    async def _gone(self, gone: Gone) -> Settlement:
        """A work order that cannot be read deletes nothing. One without a pair is nobody's business."""
        if not self._has_pair():
            create = OutboundCreate(self._site, self._records, {}, self._findings, dry_run=self._dry_run)
            lost = await create.settle_lost()
            if not isinstance(lost, Link):
                return lost or self._not_linked(gone.text)
        if self._records.link is not None and not self._dry_run:
            await self._know(self._records.link, {"status": {"id": self._records.link.examined.status}})
        text = f"Work order {self._records.id} cannot be read any more; its records in Autotask stay as they are."
        mend = "If it was deleted, `broker link remove` ends the pair."
        return self._left_out("work_order_gone", text, mend, Severity.ERROR)

    async def _without_pair(self, order: Document, ended: Link | None) -> Link | Settlement:
        create = OutboundCreate(self._site, self._records, order, self._findings, dry_run=self._dry_run)
        made = await create.run(ended)
        self.intents = create.intents
        self._trace = create.trace
        if isinstance(made, Link | Postponed):
            return made
        return replace(made, findings=(*self._findings, *made.findings), trace=self._trace)

    async def _paired(self, reading: Reading, link: Link) -> Settlement:
        work = await self._prepared(reading, link)
        if Option.BASELINE in self._records.options:
            return await self._baseline(work)
        plan = await self._decided(work)
        self.intents = tuple(plan.intents)
        self._findings.extend(plan.findings)
        allowed, held = self._guarded(plan)
        if self._dry_run:
            return self._settled(Result.PLANNED if plan.intents else Result.UNCHANGED, "")
        if plan.observed:
            await self._site.ledger.observe(self._site.hosted, plan.observed)
        writes = TicketWrites(self._site, self._records.owner, self._findings, is_failing=plan.is_failing)
        await writes.carry_out(allowed)
        await self._remember(work, plan, writes.unwritten, held)
        ended = self._ended(work, plan, writes.count, held)
        # With other fields the mapping may mean something else: the next pass finds out at once.
        renewed = [await self._site.fields.doubt(entity) for entity in sorted(writes.doubtful)]
        return replace(ended, again_in=timedelta()) if any(renewed) else ended

    async def _prepared(self, reading: Reading, link: Link) -> _Work:
        site = self._site
        place = await site.places.of(link.ticket_id)
        records = TicketRecords(site.vendors.tickets, place)
        entries = self._records.entries
        if Option.AUDIT in self._records.options and not self._dry_run:
            self._findings.extend(await audit(site, self._records.owner, entries, records, of_files=False))
            entries = await self._entries_again()
        context = Context(
            id=int(self._records.id),
            order=reading.document,
            file=site.connection.file,
            place=place,
            apply=lambda kind, item: site.outbound.apply(kind, reading.document, item, self._records.owner),
            lengths=site.outbound.lengths,
            entries=entries,
        )
        ran = await run_in_context(site.scripts, site.outbound, context, self._ask)
        self._trace += ran.trace
        work = _Work(reading, link, entries, context, records, ran)
        if not link.is_adopted and Option.BASELINE not in self._records.options:
            await self._adopt(work, is_baseline=False)
        return work

    async def _adopt(self, work: _Work, *, is_baseline: bool) -> None:
        adoption = Adoption(self._site, work.context, work.records, self._findings, work.link.made_at)
        adopted = await adoption.find(is_baseline=is_baseline)
        if self._dry_run:
            work.entries = (*work.entries, *(as_entry(one, self._site) for one in adopted))
        else:
            await self._site.ledger.adopt(self._site.hosted, self._site.connection.id, adopted)
            work.entries = await self._entries_again()
        work.context.entries = work.entries
        work.link = replace(work.link, is_adopted=True)

    async def _baseline(self, work: _Work) -> Settlement:
        """What stands in Field Nation today counts as sent; nothing is written."""
        await self._adopt(work, is_baseline=True)
        now = self._fields(work)
        known = replace(work.link.out, sources={**work.link.out.sources, **now.read}, pending=())
        await self._know(replace(work.link, out=known, is_adopted=True), work.reading.order)
        return self._settled(Result.UNCHANGED, "")

    async def _entries_again(self) -> tuple[LedgerEntry, ...]:
        found = await self._site.ledger.entries(self._site.connection.id, [self._records.owner])
        return tuple(found.get(self._records.owner, ()))

    async def _decided(self, work: _Work) -> TicketPlan:
        complete = Complete(work.reading.time_logs.is_complete, work.reading.expenses.is_complete)
        may_delete = await self._may_delete_charges(work)
        plan = plan_items(work.context, self._ask, complete, may_delete_charges=may_delete)
        now = self._fields(work, is_failing=plan.is_failing)
        if needs_ticket(now):
            ticket = await self._site.vendors.tickets.get(now.entity, work.link.ticket_id)
            now = replace(now, ticket=ticket)
        return with_fields(plan, now, self._ask)

    async def _may_delete_charges(self, work: _Work) -> bool:
        """Asked for only when charges stand: the right decides whether one that is gone is deleted or set to zero."""
        has_charges = any(entry.key.kind == "charge" and entry.remote_id for entry in work.entries)
        return not has_charges or (await self._site.rights.of("TicketCharges")).can_delete

    def _fields(self, work: _Work, *, is_failing: bool = False) -> FieldsNow:
        outbound, owner = self._site.outbound, self._records.owner
        mapped = outbound.apply("ticket", work.reading.document, None, owner, work.ran.outcomes)
        wishes, cuts = fit(mapped_wishes(mapped), outbound.lengths.get(outbound.entity, {}), owner, "the work order")
        self._findings.extend((*mapped.findings, *cuts))
        return FieldsNow(
            entity=outbound.entity,
            link=work.link,
            order=work.reading.order,
            wishes=wishes,
            read=digests_of(mapped),
            two_way=outbound.two_way,
            completing=outbound.completing,
            entries=work.entries,
            is_failing=is_failing,
            labels=labels_of(outbound.compiled),
        )

    def _guarded(self, plan: TicketPlan) -> tuple[list[Intent], list[Intent]]:
        """The intents that may be carried out, and those that the connection's mode holds."""
        modes = self._site.connection.file.settings.mode
        held = [one for one in plan.intents if mode_of(modes, FAMILIES[one.kind]) != "automatic"]
        return [one for one in plan.intents if one not in held], held

    async def _remember(self, work: _Work, plan: TicketPlan, unwritten: set[str], held: Sequence[Intent]) -> None:
        """What was held by a mode, or not taken, is still to be written."""
        kept = {name for intent in held if FAMILIES[intent.kind] == "tickets" for name in intent.after}
        out = plan.known
        status = "status" in unwritten and "status" not in plan.known.pending
        pending = (*out.pending, *(("status",) if status and self._is_withheld() else ()), *sorted(kept))
        targets = {name: value for name, value in out.targets.items() if name not in kept | unwritten}
        await self._know(replace(work.link, out=replace(out, targets=targets, pending=pending)), work.reading.order)

    def _is_withheld(self) -> bool:
        return any(finding.code == "status_withheld" for finding in self._findings)

    async def _know(self, link: Link, order: Document) -> None:
        site = self._site
        examined = Examined(site.clock.now(), status_id(order) or 0, link.examined.row)
        await site.links.know_out(site.hosted, link, link.out, examined, is_adopted=link.is_adopted)

    def _ended(self, work: _Work, plan: TicketPlan, count: int, held: Sequence[Intent]) -> Settled:
        again = self._site.second_look + timedelta(seconds=1) if plan.looks_again else None
        then = self._follow_ups(work)
        worst = next((one for one in self._findings if one.severity is Severity.ERROR), None)
        if worst is not None:
            return self._settled(Result.DEAD, worst.code, worst.text, again, then)
        if held:
            what = "; ".join(f"{intent.verb} {intent.kind} {intent.key}" for intent in held)
            return self._settled(Result.PLANNED, "held_by_mode", f"Not written in this mode: {what}", again, then)
        return self._settled(Result.WRITTEN if count else Result.UNCHANGED, "", "", again, then)

    def _follow_ups(self, work: _Work) -> tuple[FollowUp, ...]:
        """The files have a job of their own, which never holds up the rest."""
        if not self._site.connection.file.attachments.enabled:
            return ()
        if not file_keys_due(work.context, self._ask, is_complete=work.reading.files.is_complete):
            return ()
        options = tuple(one.value for one in (Option.DELETE, Option.RETRY) if one in self._records.options)
        return (FollowUp(JobKind.PUSH_FILES, str(self._records.id), options),)

    def _settled(
        self,
        result: Result,
        code: str,
        text: str = "",
        again: timedelta | None = None,
        then: tuple[FollowUp, ...] = (),
    ) -> Settled:
        return Settled(result, code, text, tuple(self._findings), again, then, self._trace)

    def _left_out(self, code: str, text: str, mend: str, severity: Severity = Severity.INFO) -> Settled:
        self._findings.append(Finding(code, severity, self._records.owner, text, mend))
        return self._settled(Result.SKIPPED, code, text)


def within_horizon(site: Site, open_entries: Sequence[LedgerEntry]) -> Postponed | None:
    """A write whose answer was lost may still be carried out: nothing else is sent for this work order before."""
    ages = [entry.age for entry in open_entries]
    if not ages or min(ages) >= site.horizon:
        return None
    until = site.clock.now() + site.horizon - min(ages)
    return Postponed(until, "answer_lost", "An earlier write has no known outcome yet; it is looked up then.")
