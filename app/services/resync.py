"""Resync: what the active mapping would write again, either way, what looking for it costs, and writing it."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final, Literal

from app.core.model.calls import Calls
from app.core.model.connection import Connection
from app.core.model.failure import Rejected
from app.core.model.ids import TicketId, WorkOrderId
from app.core.model.job import Option
from app.ports.ledger import Links
from app.services.by_hand import ByHand, Ended, Pushed
from app.services.preview import Preview, preview_tickets, preview_work_orders
from app.services.prices import price_of_fields, price_of_orders, price_of_tickets, with_admission
from app.services.site import Site

Side = Literal["ticket", "work_order"]

_AT_THE_TICKET: Final = Calls(autotask=8)
"""For a work order at most: the ticket, its place, a right, and each kind of record where a pair was taken over."""
_THE_ORDER: Final = Calls(field_nation=1)
"""For a ticket, its work order."""
_TOLD: Final = frozenset({"differs_from_mapping", "both_sides_changed"})
"""What is left as it stands, though the mapping gives something else."""


@dataclass(frozen=True, slots=True)
class Again:
    """What would be written again from one ticket or one work order."""

    side: Side
    preview: Preview

    @property
    def is_telling(self) -> bool:
        """Whether a person should see it: something would be written, or is left out or left as it stands."""
        preview = self.preview
        is_left = any(finding.code in _TOLD for finding in preview.findings)
        return bool(preview.intents or preview.left_out) or is_left


@dataclass(frozen=True, slots=True)
class Resync:
    """Tickets whose work orders, and work orders whose tickets are written again. `opening` opens the site for reading
    only."""

    connection: Connection
    tickets: tuple[TicketId, ...]
    orders: tuple[WorkOrderId, ...]
    opening: Callable[[], AbstractAsyncContextManager[Site]]

    @property
    def price(self) -> Calls:
        """What looking costs at most."""
        file = self.connection.file
        if not (self.tickets or self.orders):
            return Calls()
        tickets = price_of_tickets(len(self.tickets), file) + _THE_ORDER.times(len(self.tickets))
        orders = price_of_orders(len(self.orders), file) + _AT_THE_TICKET.times(len(self.orders))
        return with_admission(price_of_fields(file) + tickets + orders)

    async def look(self) -> AsyncIterator[Again]:
        """What would be written, one by one: tickets first."""
        async with self.opening() as site:
            async for preview in preview_tickets(site, self.tickets, Option.RESYNC):
                yield Again("ticket", preview)
            async for preview in preview_work_orders(site, self.orders, Option.RESYNC):
                yield Again("work_order", preview)

    async def write(self, by_hand: ByHand, found: Sequence[Again]) -> tuple[list[Ended], list[Pushed]]:
        """Writes what was found, the work orders first, and waits for it."""
        ids = {side: [one.preview.id for one in found if one.side == side] for side in ("ticket", "work_order")}
        imported = await by_hand.imports(self.connection, ids["ticket"], Option.RESYNC)
        return imported, await by_hand.push(self.connection, ids["work_order"], Option.RESYNC)


async def paired_tickets(links: Links, connection: Connection, tickets: Sequence[int]) -> tuple[TicketId, ...]:
    """The tickets named, or those of every active pair. Raises `Rejected` for one that has no work order."""
    if not tickets:
        return tuple(link.ticket_id for link in await links.active(connection.id))
    named = [TicketId(ticket) for ticket in dict.fromkeys(tickets)]
    found = await links.of_tickets(connection.id, named)
    alone = [str(ticket) for ticket in named if ticket not in found]
    if alone:
        text = f"No work order of {connection.name} is paired with {', '.join(alone)}; `broker link add` joins them."
        raise Rejected("not_linked", text)
    return tuple(named)
