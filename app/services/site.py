"""The site of one connection: everything that a story needs to work for it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from app.core.model.connection import Connection
from app.core.model.ids import AccountId, Epoch, WorkerId
from app.ports.clock import Clock
from app.ports.hosting import Hosted
from app.ports.ledger import Ledger, Links
from app.ports.milestones import Milestones
from app.ports.vendors import VendorPair
from app.services.inbound import InboundMapping, inbound_mapping
from app.services.related import RelatedRecords

_RELATED_KEPT = timedelta(minutes=5)

NOBODY = Hosted(AccountId(0), Epoch(0), WorkerId(""), deadline_s=0.0, lost=True)
"""The host of a site that is for reading only: under this epoch the ledger opens nothing."""


@dataclass(slots=True)
class Site:
    """`internal_field_id` is learnt from the first work order that shows the company's field for ticket numbers;
    `pin_company` is told the company of the first one, when the connection is not pinned yet."""

    connection: Connection
    hosted: Hosted
    vendors: VendorPair
    ledger: Ledger
    links: Links
    clock: Clock
    milestones: Milestones
    horizon: timedelta
    mapping: InboundMapping
    related: RelatedRecords
    pin_company: Callable[[int], Awaitable[None]]
    internal_field_id: str | None = None


async def open_site(
    connection: Connection,
    hosted: Hosted | None,
    vendors: VendorPair,
    ledger: Ledger,
    links: Links,
    clock: Clock,
    milestones: Milestones,
    horizon: timedelta,
    pin_company: Callable[[int], Awaitable[None]],
) -> Site:
    """The site with its mapping compiled against the database's own fields."""
    return Site(
        connection=connection,
        hosted=hosted or NOBODY,
        vendors=vendors,
        ledger=ledger,
        links=links,
        clock=clock,
        milestones=milestones,
        horizon=horizon,
        mapping=await inbound_mapping(connection.file, vendors.catalog),
        related=RelatedRecords(vendors.tickets, clock, _RELATED_KEPT),
        pin_company=pin_company,
    )
