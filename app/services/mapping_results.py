"""Mapping results: what the mapping of a site makes of one ticket or one work order, writes aside."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from app.core.mapping.labels import WORK_ORDER
from app.core.mapping.relations import Hop
from app.core.mapping.work_order_names import STATUS_TARGET
from app.core.model.document import Document, Json
from app.core.model.ids import TicketId
from app.core.model.link import Link
from app.core.planning.comparison import Made, MappingResult
from app.core.planning.paired import number_of
from app.core.planning.rules import owner_of
from app.core.planning.ticket.context import Context, owner_of_order
from app.core.planning.ticket.item_facts import item_facts, values_of
from app.core.planning.ticket.items import Ask
from app.core.planning.ticket.wishes import fit, mapped_wishes
from app.services.push_facts import Reading
from app.services.scripting import run_in_context, run_on_ticket
from app.services.site import Site

Chains = Collection[tuple[str, ...]]


async def inbound_result(site: Site, id: TicketId, ticket: Document, now: datetime) -> MappingResult:
    """The wishes for the ticket's work order, by shown target, the status among them."""
    entity = site.connection.file.autotask.entity
    ran = await run_on_ticket(site.scripts, site.mapping.compiled, ticket, entity)
    desired = site.mapping.desired(ticket, owner_of(id), number_of(entity, ticket), now, ran.outcomes)
    values: dict[str, Json] = dict(desired.values)
    if desired.status is not None:
        values[STATUS_TARGET] = desired.status.value
    return MappingResult({WORK_ORDER: Made(WORK_ORDER, values)}, desired.findings)


async def outbound_result(site: Site, link: Link, reading: Reading) -> MappingResult:
    """The wishes for the fields of the ticket, and for each of the items, as if nothing had been sent yet."""
    outbound, owner = site.outbound, owner_of_order(link.work_order_id)
    context = Context(
        id=int(link.work_order_id),
        order=reading.document,
        file=site.connection.file,
        place=await site.places.of(link.ticket_id),
        apply=lambda kind, item: outbound.apply(kind, reading.document, item, owner),
        lengths=outbound.lengths,
        entries=(),
    )
    ran = await run_in_context(site.scripts, outbound, context, Ask(owner, site.second_look))
    mapped = outbound.apply("ticket", reading.document, None, owner, ran.outcomes)
    lengths = outbound.lengths.get(outbound.entity, {})
    wishes, cuts = fit(mapped_wishes(mapped), lengths, owner, "the work order")
    made = {outbound.entity: Made(outbound.entity, {wish.field: wish.value for wish in wishes})}
    items = item_facts(context)
    for kind, fact in items.sent:
        made[f"{kind.name}/{fact.key}"] = Made(kind.entity, values_of(kind, fact, context), fact.name)
    return MappingResult(made, (*mapped.findings, *cuts, *items.findings))


def with_related(ticket: Document, wanted: Sequence[Sequence[Hop]], read: Sequence[Sequence[Hop]]) -> Document:
    """The ticket with those of the related records that were read which a mapping asks for: it sees no others."""
    return _only(ticket, _relations(wanted), _relations(read))


def _relations(chains: Sequence[Sequence[Hop]]) -> Chains:
    return [tuple(hop.relation for hop in chain) for chain in chains]


def _only(record: Mapping[str, Any], wanted: Chains, read: Chains) -> dict[str, Any]:
    own, known = {chain[0] for chain in wanted}, {chain[0] for chain in read}
    kept = {key: value for key, value in record.items() if key not in known - own}
    for key in own:
        if isinstance(kept.get(key), Mapping):
            kept[key] = _only(kept[key], _below(key, wanted), _below(key, read))
    return kept


def _below(key: str, chains: Chains) -> Chains:
    return [chain[1:] for chain in chains if chain[0] == key and len(chain) > 1]
