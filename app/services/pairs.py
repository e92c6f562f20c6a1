"""Pairs made by hand: both sides are read before they are joined."""

from dataclasses import dataclass

from app.core.intake.naming import read_value
from app.core.model.connection import Connection
from app.core.model.failure import Rejected
from app.core.model.ids import TicketId, WorkOrderId
from app.core.model.job import JobKind
from app.core.planning.paired import TICKETS, noun_of, number_of, title_of
from app.ports.desk import PersonsLinks
from app.ports.tickets import TicketSystem
from app.ports.vendors import VendorPair
from app.services.gather import gather_by_number


@dataclass(frozen=True, slots=True)
class Pairs:
    links: PersonsLinks

    async def add(self, connection: Connection, vendors: VendorPair, ticket: str, work_order: int) -> str:
        """Joins them; says what was joined. Raises `Rejected` or `Gone` for a side that is not there."""
        entity = connection.file.autotask.entity
        id, noun = await ticket_id(vendors.tickets, entity, ticket), noun_of(entity)
        record = await vendors.tickets.get(entity, id)
        if record is None:
            raise Rejected("ticket_not_found", f"Autotask shows no {noun} {id} to the API user.")
        order = await vendors.work_orders.read(WorkOrderId(work_order))
        number = number_of(entity, record)
        await self.links.add(connection.id, id, number, work_order)
        titles = f"{title_of(record)!r} and {order.get('title')!r}"
        return f"{noun.capitalize()} {number or id} and work order {work_order} are a pair: {titles}."


async def ticket_id(tickets: TicketSystem, entity: str, named: str) -> TicketId:
    """The id of a ticket named by id or number; of another `entity`, by id. Raises `Rejected` when it is neither or
    nobody's."""
    found = read_value(named.strip())
    if found.kind is JobKind.IMPORT_TICKET:
        return TicketId(int(found.key))
    if entity != TICKETS:
        raise Rejected("not_a_ticket", f"{named!r} is not the id of a {noun_of(entity)}.")
    if found.kind is None:
        raise Rejected("not_a_ticket", f"{named!r} is neither a ticket id nor a number such as T20261101.0001.")
    known = await gather_by_number(tickets, [found.key])
    if found.key not in known:
        raise Rejected("ticket_not_found", f"Autotask shows no ticket {found.key} to the API user.")
    return known[found.key]
