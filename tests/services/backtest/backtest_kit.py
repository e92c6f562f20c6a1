"""One connection with pairs, over small fakes of both vendors, and files that may take the place of its own."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from app.core.model.calls import Calls
from app.core.model.catalog import EntityCatalog
from app.core.model.connection import Connection, ConnectionFile, ConnectionState
from app.core.model.failure import Failure
from app.core.model.ids import AccountId, ConnectionId, LinkId, TicketId, WorkOrderId
from app.core.model.link import Examined, Link, LinkOrigin
from app.ports.milestones import Quiet
from app.services.backtest import Backtest, BacktestReport, Direction
from app.services.fields import Fields
from app.services.site import Site, open_site
from app.services.trials import Trying
from tests.core.mapping.mapping_kit import CATALOGS as INBOUND
from tests.core.mapping.outbound_kit import CATALOGS as OUTBOUND
from tests.fakes.clock import HandClock
from tests.fakes.connections import a_file
from tests.fakes.records import FakeLedger, FakeLinks
from tests.fakes.scripts import FakeScripts
from tests.fakes.vendor_shape import collection, fresh
from tests.fakes.vendors import FakeTickets, FakeWorkOrders, a_pair

ACME = ConnectionId(1)

TITLE = {"source": "Title", "target": "title", "action": "sync"}
STATUS = {
    "source": "Status",
    "target": "status_id",
    "action": "status",
    "mappings": [{"compare": "Dispatch to Field", "value": "Published"}],
}
NOTES = {"source": "closing_notes", "target": "Resolution", "action": "sync"}

CATALOGS = {
    **INBOUND,
    **OUTBOUND,
    "Tickets": EntityCatalog(
        "Tickets",
        {**INBOUND["Tickets"].fields, **OUTBOUND["Tickets"].fields},
        {**INBOUND["Tickets"].user_fields, **OUTBOUND["Tickets"].user_fields},
    ),
}


def the_file(inbound: Sequence[Any] = (TITLE,), outbound: Sequence[Any] = (NOTES,), **parts: Any) -> ConnectionFile:
    """A file with these rules; further parts are laid over a plain one."""
    return a_file(**{"mappings": {"inbound": list(inbound), "outbound": list(outbound)}, **parts})


@dataclass
class Purse:
    """`Allowance` that remembers what it was given."""

    allowed: list[Calls] = field(default_factory=list)
    spent: Calls = field(default_factory=lambda: Calls(3, 4))

    def allow(self, calls: Calls) -> None:
        self.allowed.append(calls)


class BrokenOrders(FakeWorkOrders):
    """Work orders, some of which fail when they are read."""

    def __init__(self) -> None:
        super().__init__()
        self.failing: dict[int, Failure] = {}

    async def read(self, id: WorkOrderId) -> Any:
        if id in self.failing:
            raise self.failing[id]
        return await super().read(id)


class Shop:
    """Everything a back-test asks. Tickets and work orders are paired one to one by `pair`."""

    def __init__(self, file: ConnectionFile | None = None) -> None:
        self.clock = HandClock()
        self.tickets: Any = FakeTickets(CATALOGS)
        self.orders: Any = BrokenOrders()
        self.ledger = FakeLedger(self.clock)
        self.scripts = FakeScripts()
        self.links: list[Link] = []
        self.purse = Purse()
        self.opened = 0
        own = file or the_file()
        self.connection = Connection(ACME, AccountId(1), "acme", own, 1, ConnectionState.ACTIVE, None, 1, 1)

    def pair(self, ticket: int, order: int, *, hours_ago: int = 0, **fields: Any) -> Link:
        """A pair that was last looked at so long ago; `fields` are the ticket's."""
        record = {"id": ticket, "ticketNumber": f"T{ticket}", "title": f"Printer {ticket}", "status": 8, **fields}
        self.tickets.records.setdefault("Tickets", []).append({"companyID": None, "companyLocationID": None, **record})
        self.orders.orders[order] = {**fresh(order), "closing_notes": "Swapped."}
        seen = Examined(self.clock.now() - timedelta(hours=hours_ago))
        ids = (LinkId(len(self.links) + 1), ACME, TicketId(ticket), f"T{ticket}", WorkOrderId(order))
        link = Link(*ids, is_active=True, origin=LinkOrigin.IMPORT, examined=seen, is_adopted=True)
        self.links.append(link)
        self.ledger.links.append(link)
        return link

    def holds(self, order: int, **lists: Sequence[Any]) -> None:
        """Rows of the lists of a work order, all of them embedded; `status_id` is given beside them."""
        document = self.orders.orders[order]
        for name, rows in lists.items():
            if name == "expenses":
                document["pay"] = {"expenses": collection(rows)}
            else:
                document[name] = collection(rows)

    @asynccontextmanager
    async def opening(self) -> AsyncIterator[Site]:
        self.opened += 1
        pair = a_pair(self.tickets, self.orders)
        yield await open_site(
            self.connection,
            None,
            pair,
            self.ledger,
            FakeLinks(self.ledger),
            self.clock,
            Quiet(),
            timedelta(seconds=120),
            self._pin,
            Fields(pair.catalog, pair.definitions, self.clock),
            self.scripts,
        )

    async def _pin(self, company: int) -> None:
        raise AssertionError(f"nothing is pinned while looking: {company}")

    def prepared(self, file: ConnectionFile, direction: Direction = "both", pairs: Sequence[Link] = ()) -> Backtest:
        chosen = pairs or self.links
        return Backtest(self.connection, file, chosen, direction, self.opening, self.purse)

    async def tested(self, file: ConnectionFile, direction: Direction = "both") -> BacktestReport:
        """The report of a back-test over all pairs."""
        return await self.prepared(file, direction).run(lambda: None)

    def trying(self, file: ConnectionFile) -> Trying:
        return Trying(self.connection, file, self.opening, self.purse)
