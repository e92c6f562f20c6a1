"""The site of one connection: everything that a story needs to work for it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from app.core.model.connection import Connection
from app.core.model.document import Document
from app.core.model.finding import Finding
from app.core.model.ids import AccountId, Epoch, WorkerId, WorkOrderId
from app.ports.clock import Clock
from app.ports.hosting import Hosted
from app.ports.ledger import Ledger, Links
from app.ports.milestones import Milestones
from app.ports.parts import Listing
from app.ports.scripts import Scripts
from app.ports.vendors import VendorPair
from app.services.fields import Fields
from app.services.file_check import check_live
from app.services.inbound import InboundMapping, inbound_mapping
from app.services.outbound import OutboundMapping, outbound_mapping
from app.services.places import Places
from app.services.related import RelatedRecords
from app.services.rights import KnownRights

_RELATED_KEPT = timedelta(minutes=5)
_SECOND_LOOK = timedelta(minutes=1)

NOBODY = Hosted(AccountId(0), Epoch(0), WorkerId(""), deadline_s=0.0, lost=True)
"""The host of a site that is for reading only: under this epoch the ledger opens nothing."""


@dataclass(frozen=True, slots=True)
class SeenFiles:
    """The files of a work order as a push has just read them, for the job that sends them."""

    at_s: float
    order: Document
    listing: Listing


@dataclass(slots=True)
class Site:
    """`internal_field_id` is learnt from the first work order that shows the company's field for ticket numbers;
    `pin_company` is told the company of the first one, when the connection is not pinned yet. `seen_files` saves the
    files' job a read that was made a moment ago; `mapping_findings` is what is wrong or doubtful about the file against
    the fields as they are."""

    connection: Connection
    hosted: Hosted
    vendors: VendorPair
    ledger: Ledger
    links: Links
    clock: Clock
    milestones: Milestones
    horizon: timedelta
    mapping: InboundMapping
    outbound: OutboundMapping
    fields: Fields
    scripts: Scripts
    places: Places
    rights: KnownRights
    related: RelatedRecords
    pin_company: Callable[[int], Awaitable[None]]
    mapping_findings: tuple[Finding, ...] = ()
    internal_field_id: str | None = None
    seen_files: dict[WorkOrderId, SeenFiles] = field(default_factory=dict)
    _turns: dict[str, asyncio.Lock] = field(default_factory=dict)

    @property
    def second_look(self) -> timedelta:
        """How far apart two reads are that believe that something is gone."""
        return min(self.horizon, _SECOND_LOOK)

    def turn(self, name: str) -> asyncio.Lock:
        """One at a time for what several work orders share, such as an expense report."""
        return self._turns.setdefault(name, asyncio.Lock())


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
    fields: Fields,
    scripts: Scripts,
) -> Site:
    """The site with its mappings compiled against the systems' own fields."""
    mapping = await inbound_mapping(connection.file, fields)
    outbound = await outbound_mapping(connection.file, mapping, fields)
    return Site(
        connection=connection,
        hosted=hosted or NOBODY,
        vendors=vendors,
        ledger=ledger,
        links=links,
        clock=clock,
        milestones=milestones,
        horizon=horizon,
        mapping=replace(mapping, owners={both.target: both.owner for both in outbound.two_way.values()}),
        outbound=outbound,
        fields=fields,
        scripts=scripts,
        places=Places(vendors.tickets, connection.file),
        rights=KnownRights(vendors.catalog),
        related=RelatedRecords(vendors.tickets, clock, _RELATED_KEPT),
        pin_company=pin_company,
        mapping_findings=(await check_live(connection.file, fields, None)).findings,
    )
