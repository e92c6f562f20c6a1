"""One pass over one ticket: decide from fresh facts, write through the ledger, read back, repair, settle."""

from dataclasses import dataclass, replace

from app.core.mapping.engine import unknown_values
from app.core.model.document import Document
from app.core.model.failure import Gone, Rejected
from app.core.model.finding import Finding, Severity
from app.core.model.ids import TicketId, WorkOrderId
from app.core.model.intent import Plan
from app.core.model.job import Option
from app.core.model.ledger import EntryKey, LedgerEntry, LedgerState
from app.core.model.link import Link
from app.core.model.outcome import Moved, Postponed, Result, Settled, Settlement
from app.core.planning.desired import Desired
from app.core.planning.guards import is_held
from app.core.planning.paired import noun_of, number_of
from app.core.planning.retry import rejected
from app.core.planning.rules import create_key, owner_of
from app.core.planning.statuses import CANCELLED
from app.core.planning.targets import status_id
from app.core.planning.ticket.context import owner_of_order
from app.core.planning.ticket.creates import create_key as order_key
from app.core.planning.ticket.creates import work_order_of
from app.core.planning.ticket.values import is_same, value_of
from app.core.planning.to_work_order import known_after_update, plan_create, plan_update
from app.services.audit import quarantine
from app.services.look import Sightings, id_of
from app.services.lost import adopt_lost_create, settle_lost_updates
from app.services.scripting import run_on_ticket
from app.services.site import Site
from app.services.work_order_writes import WorkOrderWrites


@dataclass(frozen=True, slots=True)
class Facts:
    """What was gathered about one ticket, or whatever record of `entity` the connection pairs."""

    ticket_id: TicketId
    entity: str
    ticket: Document | None
    link: Link | None
    entries: tuple[LedgerEntry, ...]
    sightings: Sightings | None
    options: frozenset[str] = frozenset()

    @property
    def is_new_wanted(self) -> bool:
        """Whether a new work order is wanted where the old one is cancelled."""
        return Option.NEW in self.options

    @property
    def owner(self) -> str:
        return owner_of(self.ticket_id)

    @property
    def number(self) -> str:
        return number_of(self.entity, self.ticket or {})

    def entry(self, key: EntryKey) -> LedgerEntry | None:
        """The ledger entry of that business key."""
        return next((entry for entry in self.entries if entry.key == key), None)


class ImportPass:
    """Every early return is an outcome that a person can read.

    A dry run is the same pass stopped after the guards: it reads, and neither writes nor touches our own records.
    `plan` is what was decided, once it was.
    """

    def __init__(self, site: Site, facts: Facts, *, dry_run: bool = False) -> None:
        self.plan: Plan | None = None
        self._dry_run = dry_run
        self._site = site
        self._facts = facts
        self._findings: list[Finding] = []
        self._trace = ""
        self._writes = WorkOrderWrites(site, facts.owner, self._findings)

    async def run(self) -> Settlement:
        """The settlement of the pass. What the vendor refuses is said beside what was found on the way to it."""
        try:
            settlement = await self._run()
        except Rejected as failure:
            settled = rejected(failure, self._facts.owner)
            settlement = replace(settled, findings=(*self._findings, *settled.findings))
        return settlement if isinstance(settlement, Moved) else replace(settlement, trace=self._trace)

    async def _run(self) -> Settlement:
        facts, waiting = self._facts, self._within_horizon()
        if waiting:
            return waiting
        if facts.ticket is None:
            noun = noun_of(facts.entity)
            text = f"Autotask has no such {noun}, or the API user may not see it."
            return self._left_out("ticket_not_found", text, f"Check the id, and the API user's rights to that {noun}.")
        doubtful = next((e for e in facts.entries if e.state is LedgerState.QUARANTINED), None)
        if doubtful:
            return self._left_out("quarantined", doubtful.note, "Decide with `broker ledger resolve`.", Severity.ERROR)
        await self._audited()
        foreign = await self._from_work_order(facts.ticket)
        if foreign:
            return foreign
        renewed = await self._renewed_fields(facts.ticket)
        if renewed:
            return renewed
        desired = await self._desired(facts.ticket)
        found = await self._lost_create()
        if isinstance(found, Settled):
            return found
        link = facts.link or found
        return await self._linked(link, desired) if link else await self._unlinked(desired)

    async def _renewed_fields(self, ticket: Document) -> Postponed | None:
        """A value that the ticket's field did not have when its values were read last: they are read again, and the
        pass begins anew with what the mapping means then."""
        site = self._site
        if self._dry_run:
            return None
        changes = [await site.fields.doubt(entity) for entity in unknown_values(site.mapping.compiled, ticket)]
        if not any(changes):
            return None
        return Postponed(site.clock.now(), "fields_changed", "Autotask's fields have changed; they were read again.")

    async def _desired(self, ticket: Document) -> Desired:
        site, facts = self._site, self._facts
        ran = await run_on_ticket(site.scripts, site.mapping.compiled, ticket, facts.entity)
        self._trace = ran.trace
        return site.mapping.desired(ticket, facts.owner, facts.number, site.clock.now(), ran.outcomes)

    async def _audited(self) -> None:
        """A create that was looked for and not found may have been carried out later: then the ticket has two."""
        facts, entry = self._facts, self._facts.entry(create_key(self._facts.ticket_id))
        if Option.AUDIT not in facts.options or facts.sightings is None or entry is None or not entry.was_lost:
            return
        if entry.state is LedgerState.OPEN:
            return
        mark = str(entry.attempted.get("mark") or "")
        orders = [str(id_of(order)) for order in facts.sightings.by_mark.get(mark, ()) if not _is_over(order)]
        strangers = [id for id in orders if id != entry.remote_id]
        if strangers and len(orders) > 1:
            self._findings.append(await quarantine(self._site, facts.owner, entry, strangers))

    async def _from_work_order(self, ticket: Document) -> Settlement | None:
        """A ticket that was made from a work order makes none; while that create has no answer, it waits."""
        order = work_order_of(ticket)
        if order is None or self._facts.link is not None:
            return None
        site, owner = self._site, owner_of_order(order)
        entries = (await site.ledger.entries(site.connection.id, [owner])).get(owner, ())
        create = next((entry for entry in entries if entry.key == order_key(order)), None)
        if create is not None and create.state is LedgerState.OPEN:
            until = site.clock.now() + max(site.horizon - create.age, site.second_look)
            return Postponed(until, "answer_lost", f"It is being made from work order {order}; that is resolved first.")
        text = f"This ticket was made from work order {order}; it makes no other one."
        return self._left_out("from_work_order", text, "`broker link add` joins the two again.", Severity.INFO)

    def _within_horizon(self) -> Postponed | None:
        """A write whose answer was lost may still be carried out: nothing else is sent for this ticket before."""
        ages = [e.age for e in self._facts.entries if e.state is LedgerState.OPEN]
        if not ages or min(ages) >= self._site.horizon:
            return None
        until = self._site.clock.now() + self._site.horizon - min(ages)
        return Postponed(until, "answer_lost", "An earlier write has no known outcome yet; it is looked up then.")

    async def _lost_create(self) -> Link | Settled | None:
        entry = self._facts.entry(create_key(self._facts.ticket_id))
        if entry is None or entry.state is not LedgerState.OPEN:
            return None
        if self._dry_run:
            text = "A create has no known outcome; the next pass looks for its work order first."
            return self._left_out("answer_lost", text, "Nothing: it resolves itself.")
        sightings = self._facts.sightings or Sightings()
        return await self._adopt(entry, sightings)

    async def _adopt(self, entry: LedgerEntry, sightings: Sightings) -> Link | Settled | None:
        facts = self._facts
        link, doubt = await adopt_lost_create(
            self._site, entry, sightings, facts.ticket_id, facts.number, is_paired=facts.link is not None
        )
        if doubt:
            return self._left_out("quarantined", doubt, "Decide with `broker ledger resolve`.", Severity.ERROR)
        if link:
            self._writes.count += 1
        return link

    async def _linked(self, link: Link, desired: Desired) -> Settlement:
        try:
            order = await self._site.vendors.work_orders.read(link.work_order_id)
        except Gone:
            text = f"Work order {link.work_order_id} cannot be read any more."
            mend = "If it was deleted, `broker link remove`; then `broker import --new` makes another."
            return self._left_out("work_order_gone", text, mend, Severity.ERROR)
        if status_id(order) == CANCELLED:
            if not self._dry_run:
                await self._site.links.retire(self._site.hosted, link, "cancelled")
            return await self._after_cancelled(desired, link.work_order_id)
        if not self._dry_run:
            self._findings.extend(await settle_lost_updates(self._site, self._facts.entries, order, self._facts.owner))
        again, rules = Option.RESYNC in self._facts.options, self._site.mapping.rules
        plan = plan_update(self._facts.owner, link, desired, order, rules, resync=again)
        self._findings.extend(plan.findings)
        if self._is_held(plan):
            return self._planned(plan)
        order = await self._writes.update(link.work_order_id, plan, desired, order)
        known = known_after_update(link.known, desired, order, plan)
        if known != link.known and not self._writes.refused:
            await self._site.links.know(self._site.hosted, link, known)
        await self._note_ticket(link)
        return self._done()

    async def _note_ticket(self, link: Link) -> None:
        """What the ticket holds in fields that the push writes: no push writes what stands there already."""
        ticket, out = self._facts.ticket or {}, link.out
        standing = {name: value_of(ticket, name) for name in self._site.outbound.ticket_fields}
        if all(name in out.targets and is_same(out.targets[name], value) for name, value in standing.items()):
            return
        known = replace(out, targets={**out.targets, **standing})
        await self._site.links.know_out(self._site.hosted, link, known, link.examined, is_adopted=link.is_adopted)

    async def _unlinked(self, desired: Desired) -> Settlement:
        facts, site = self._facts, self._site
        if not self._dry_run:
            await settle_lost_updates(site, facts.entries, None, facts.owner)
        earlier = facts.entry(create_key(facts.ticket_id))
        if earlier and earlier.state is LedgerState.WRITTEN and not facts.is_new_wanted:
            return await self._after_earlier(desired, WorkOrderId(int(earlier.remote_id)))
        return await self._create(desired)

    async def _after_earlier(self, desired: Desired, earlier: WorkOrderId) -> Settlement:
        """We made a work order for this ticket before and they are no pair any more."""
        try:
            order = await self._site.vendors.work_orders.read(earlier)
        except Gone:
            order = {}
        if status_id(order) == CANCELLED:
            return await self._after_cancelled(desired, earlier)
        text = f"Work order {earlier} was made for this ticket before; the pair was taken apart."
        return self._left_out(
            "unlinked", text, "`broker link add` joins them again, `broker import --new` makes another."
        )

    async def _after_cancelled(self, desired: Desired, earlier: WorkOrderId) -> Settlement:
        if self._facts.is_new_wanted or self._site.connection.file.settings.redispatch:
            return await self._create(desired)
        text = f"Work order {earlier} of this ticket is cancelled."
        mend = "`broker import --new` makes another; `settings.redispatch` does so at every trigger."
        return self._left_out("work_order_cancelled", text, mend)

    async def _create(self, desired: Desired) -> Settlement:
        facts, site = self._facts, self._site
        status = site.mapping.excluded_status(facts.ticket or {})
        if status:
            text = f"The ticket's status is {status}, which `settings.excluded_statuses` leaves out."
            return self._left_out("status_excluded", text, "Reopen the ticket, or change the setting.", Severity.INFO)
        found = await self._existing()
        if found is not None:
            return found if isinstance(found, Settled) else await self._linked(found, desired)
        plan = plan_create(facts.owner, desired, site.mapping.rules, site.internal_field_id)
        self._findings.extend(plan.findings)
        if plan.skipped:
            return Settled(Result.DEAD, plan.skipped, plan.findings[-1].text, tuple(self._findings))
        if self._is_held(plan):
            return self._planned(plan)
        await self._note_ticket(await self._writes.create(facts.ticket_id, facts.number, plan, desired))
        return self._done()

    async def _existing(self) -> Link | Settled | None:
        """While moving from another connector: the one work order that carries this ticket's number."""
        facts, site = self._facts, self._site
        if not site.connection.file.settings.look_for_existing or facts.entries or facts.sightings is None:
            return None
        hits = facts.sightings.free(facts.number)
        if not hits:
            return None
        if self._dry_run:
            text = f"{len(hits)} work orders carry this ticket's number; the next pass links the only one or asks."
            return self._left_out("found_existing", text, "Nothing, if that is right.", Severity.INFO)
        link, doubt = await self._writes.link_found(facts.ticket_id, facts.number, hits)
        if link is None:
            return self._left_out("quarantined", doubt, "Decide with `broker ledger resolve`.", Severity.ERROR)
        text = f"Work order {id_of(hits[0])} carries this ticket's number and was linked; nothing was written."
        self._findings.append(
            Finding("found_existing", Severity.INFO, facts.owner, text, "Nothing, if it is the right one.")
        )
        return link

    def _is_held(self, plan: Plan) -> bool:
        self.plan = plan
        return self._dry_run or is_held(plan, self._site.connection.file.settings.mode)

    def _planned(self, plan: Plan) -> Settled:
        what = "; ".join(f"{intent.verb} {intent.kind}: {', '.join(intent.after)}" for intent in plan.intents)
        return Settled(Result.PLANNED, "held_by_mode", f"Not written in this mode: {what}", tuple(self._findings))

    def _done(self) -> Settled:
        refused = self._writes.refused
        if refused:
            return Settled(Result.DEAD, refused.code, refused.text, tuple(self._findings))
        result = Result.WRITTEN if self._writes.count else Result.UNCHANGED
        return Settled(result, findings=tuple(self._findings))

    def _left_out(self, code: str, text: str, mend: str, severity: Severity = Severity.WARNING) -> Settled:
        finding = Finding(code, severity, self._facts.owner, text, mend)
        return Settled(Result.SKIPPED, code, text, (*self._findings, finding))


def _is_over(order: Document) -> bool:
    return status_id(order) == CANCELLED
