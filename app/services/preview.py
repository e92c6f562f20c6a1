"""Previews: what a pass would write, by the very path that writes, stopped after the guards."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

from app.core.mapping.labels import Labels
from app.core.mapping.work_order_document import work_order_document
from app.core.model.finding import Finding
from app.core.model.ids import TicketId, WorkOrderId
from app.core.model.intent import Intent
from app.core.model.job import Option
from app.core.model.link import Link
from app.core.model.outcome import Settled
from app.core.planning.ticket.context import Context
from app.core.planning.ticket.items import Ask
from app.core.planning.ticket.to_ticket import TicketPlan, plan_files
from app.services.import_pass import Facts, ImportPass
from app.services.import_tickets import gather_facts
from app.services.labelling import labels_for
from app.services.push_facts import Records, open_entries, read_records
from app.services.push_pass import PushPass
from app.services.site import SeenFiles, Site

_TICKETS_TOGETHER = 200
"""So many tickets are read with one query: what is shown first should not be hours old when the last one is."""


@dataclass(frozen=True, slots=True)
class Preview:
    """`id` is the ticket's or the work order's; `left_out` is why nothing would be written although there is something
    to look at, or empty. `labels` is how ids of picklists in the intents are shown."""

    id: int
    intents: tuple[Intent, ...]
    findings: tuple[Finding, ...]
    left_out: str
    labels: Labels = field(default_factory=Labels)

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be written."""
        return not self.intents

    @property
    def calls(self) -> int:
        """The price in vendor calls."""
        return sum(intent.calls for intent in self.intents)


async def preview_ticket(site: Site, ticket_id: TicketId, *options: Option) -> Preview:
    """The writes that a trigger for this ticket would cause now."""
    (preview,) = [one async for one in preview_tickets(site, [ticket_id], *options)]
    return preview


async def preview_tickets(site: Site, ids: Sequence[TicketId], *options: Option) -> AsyncIterator[Preview]:
    """The writes that a trigger for each ticket would cause now; many tickets are read together."""
    asked = frozenset(option.value for option in options)
    for start in range(0, len(ids), _TICKETS_TOGETHER):
        facts = await gather_facts(site, dict.fromkeys(ids[start : start + _TICKETS_TOGETHER], asked))
        for id in ids[start : start + _TICKETS_TOGETHER]:
            yield await _of_ticket(site, facts[id])


async def _of_ticket(site: Site, facts: Facts) -> Preview:
    one = ImportPass(site, facts, dry_run=True)
    settlement = await one.run()
    intents = one.plan.intents if one.plan else ()
    if not isinstance(settlement, Settled):
        return Preview(facts.ticket_id, (), settlement.findings, getattr(settlement, "text", ""))
    labels, left_out = await labels_for(site, intents), "" if one.plan else settlement.text
    return Preview(facts.ticket_id, intents, settlement.findings, left_out, labels)


async def preview_work_orders(site: Site, ids: Sequence[WorkOrderId], *options: Option) -> AsyncIterator[Preview]:
    """The writes that a push of each work order would cause now, with those of its files."""
    for id in ids:
        records = (await read_records(site, [id]))[id]
        yield await _of_work_order(site, replace(records, options=frozenset(option.value for option in options)))


async def _of_work_order(site: Site, records: Records) -> Preview:
    one = PushPass(site, records, dry_run=True)
    settlement = await one.run()
    if not isinstance(settlement, Settled):
        return Preview(records.id, (), settlement.findings, getattr(settlement, "text", ""))
    if one.intents is None:
        return Preview(records.id, (), settlement.findings, settlement.text)
    link, seen = records.link, site.seen_files.pop(records.id, None)
    if link is None or not link.is_active or seen is None:
        return Preview(records.id, one.intents, settlement.findings, "", await labels_for(site, one.intents))
    files = await _files(site, records, link, seen)
    intents, findings = (*one.intents, *files.intents), (*settlement.findings, *files.findings)
    return Preview(records.id, intents, findings, "", await labels_for(site, intents))


async def _files(site: Site, records: Records, link: Link, seen: SeenFiles) -> TicketPlan:
    """What the job of the files would do after the push, from the same reading."""
    document = work_order_document(seen.order, files=seen.listing.rows)
    unsettled = open_entries(records.entries, of_files=True)
    context = Context(
        id=int(records.id),
        order=document,
        file=site.connection.file,
        place=await site.places.of(link.ticket_id),
        apply=lambda kind, item: site.outbound.apply(kind, document, item, records.owner),
        lengths=site.outbound.lengths,
        entries=[entry for entry in records.entries if entry not in unsettled],
    )
    return plan_files(context, Ask(records.owner, site.second_look), is_complete=seen.listing.is_complete)
