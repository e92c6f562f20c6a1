"""Gather: fresh tickets and only the related records that the mappings name, in as few calls as that takes.

What is said of tickets here holds for service calls and projects where a connection pairs those.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.core.mapping.relations import Hop
from app.core.model.document import Document
from app.core.model.ids import TicketId
from app.ports.tickets import TicketSystem
from app.services.related import Record, RelatedRecords, whole_number

_IDS_PER_QUERY = 500

Branches = dict[Hop, Any]


async def gather_tickets(
    tickets: TicketSystem,
    entity: str,
    related: RelatedRecords,
    chains: Sequence[Sequence[Hop]],
    ids: Sequence[TicketId],
) -> Mapping[TicketId, Document]:
    """The records of `entity` that exist, each with its related records nested under their relation's key."""
    found: dict[TicketId, Record] = {}
    for start in range(0, len(ids), _IDS_PER_QUERY):
        part = list(ids[start : start + _IDS_PER_QUERY])
        async for record in tickets.query(entity, [{"op": "in", "field": "id", "value": part}]):
            id = whole_number(record.get("id"))
            if id is not None:
                found[TicketId(id)] = dict(record)
    await _attach(related, list(found.values()), _branches(chains))
    return found


async def gather_by_number(tickets: TicketSystem, numbers: Sequence[str]) -> Mapping[str, TicketId]:
    """Ids of the tickets with those numbers, by upper-cased number."""
    found: dict[str, TicketId] = {}
    for start in range(0, len(numbers), _IDS_PER_QUERY):
        part = list(numbers[start : start + _IDS_PER_QUERY])
        condition = {"op": "in", "field": "ticketNumber", "value": part}
        async for record in tickets.query("Tickets", [condition], ["id", "ticketNumber"]):
            id = whole_number(record.get("id"))
            if id is not None:
                found[str(record.get("ticketNumber")).upper()] = TicketId(id)
    return found


def _branches(chains: Iterable[Sequence[Hop]]) -> Branches:
    tree: Branches = {}
    for chain in chains:
        node = tree
        for hop in chain:
            node = node.setdefault(hop, {})
    return tree


async def _attach(related: RelatedRecords, records: Sequence[Record], branches: Branches) -> None:
    for hop, further in branches.items():
        ids = {id for record in records if (id := whole_number(record.get(hop.field))) is not None}
        children = await related.by_id(hop.entity, ids)
        await _attach(related, list(children.values()), further)
        for record in records:
            id = whole_number(record.get(hop.field))
            record[hop.relation] = children.get(id) if id is not None else None
        if hop.entity == "CompanyLocations":
            await _fall_back_to_primary(related, records, hop)


async def _fall_back_to_primary(related: RelatedRecords, records: Sequence[Record], hop: Hop) -> None:
    """A ticket without a location is at its company's primary location, or at the company's own address."""
    without = [record for record in records if record.get(hop.field) is None and record.get("companyID") is not None]
    companies = {id for record in without if (id := whole_number(record["companyID"])) is not None}
    places = await related.primary_locations(companies) if companies else {}
    for record in without:
        record[hop.relation] = places.get(whole_number(record["companyID"]) or 0)
