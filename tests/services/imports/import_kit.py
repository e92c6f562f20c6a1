"""A desk for import tests: the real stories over small fakes of everything they ask."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from app.core.model.connection import Connection, ConnectionFile, ConnectionState
from app.core.model.ids import AccountId, ConnectionId, Epoch, JobId, TicketId, WorkerId, WorkOrderId
from app.core.model.job import Job, JobKind
from app.core.model.link import Known, LinkOrigin, NewLink
from app.core.model.outcome import Settlement
from app.ports.hosting import Hosted
from app.ports.milestones import Quiet
from app.services.fields import Fields
from app.services.import_tickets import ImportTickets
from app.services.preview import Preview, preview_ticket
from app.services.resolve_numbers import ResolveNumbers
from app.services.site import Site, open_site
from tests.core.mapping.mapping_kit import CATALOGS
from tests.fakes.clock import HandClock
from tests.fakes.records import FakeLedger, FakeLinks
from tests.fakes.scripts import FakeScripts
from tests.fakes.vendors import FakeTickets, FakeWorkOrders, Fault, a_pair

HORIZON = timedelta(seconds=120)
ACME = ConnectionId(1)
HOSTED = Hosted(AccountId(1), Epoch(1), WorkerId("w1"), deadline_s=1e9)
DISPATCH, NEW, COMPLETE = 8, 1, 5

RULES: list[dict[str, Any]] = [
    {"source": "Title", "target": "title", "action": "sync"},
    {"source": "Description", "target": "description", "action": "sync"},
    {"source": "Account.AccountName", "target": "location.name", "action": "sync"},
    {"source": "AccountPhysicalLocation.City", "target": "location.city", "action": "sync"},
    {
        "source": "Status",
        "target": "status_id",
        "action": "status",
        "mappings": [{"compare": "Dispatch to Field", "value": "Published"}],
    },
]


def a_connection(settings: dict[str, Any], rules: Sequence[dict[str, Any]]) -> Connection:
    document = {
        "name": "acme",
        "autotask": {"username": "api@acme.example", "secret": "s"},
        "field_nation": {"client_id": "c", "client_secret": "f", "username": "u", "password": "p"},
        "settings": settings,
        "mappings": {"inbound": list(rules)},
    }
    file = ConnectionFile.model_validate(document)
    return Connection(ACME, AccountId(1), "acme", file, 1, ConnectionState.ACTIVE, None, 1, 1)


@dataclass
class Bench:
    """One connection; tickets and work orders are made with `ticket` and by the passes."""

    settings: dict[str, Any] = field(default_factory=dict)
    rules: Sequence[dict[str, Any]] = field(default_factory=lambda: RULES)

    def __post_init__(self) -> None:
        self.clock = HandClock()
        self.tickets: Any = FakeTickets(CATALOGS)
        self.orders: Any = FakeWorkOrders()
        self.ledger = FakeLedger(self.clock)
        self.links = FakeLinks(self.ledger)
        self.connection = a_connection(self.settings, self.rules)
        self.scripts = FakeScripts()
        self._site: Site | None = None
        self.pinned: list[int] = []
        self.company(12, "Acme")

    async def site(self) -> Site:
        if self._site is None:
            pair = a_pair(self.tickets, self.orders)
            self._site = await open_site(
                self.connection,
                HOSTED,
                pair,
                self.ledger,
                self.links,
                self.clock,
                Quiet(),
                HORIZON,
                self._pin,
                Fields(pair.catalog, pair.definitions, self.clock),
                self.scripts,
            )
        return self._site

    async def _pin(self, company: int) -> None:
        self.pinned.append(company)

    def company(self, id: int, name: str, **more: Any) -> None:
        self.tickets.records.setdefault("Companies", []).append({"id": id, "companyName": name, **more})

    def ticket(self, id: int = 7, **fields: Any) -> dict[str, Any]:
        record = {
            "id": id,
            "ticketNumber": f"T20260304.{id:04}",
            "title": "Printer",
            "description": "d",
            "status": NEW,
            "companyID": 12,
            "companyLocationID": None,
            **fields,
        }
        self.tickets.records.setdefault("Tickets", []).append(record)
        return record

    async def passes(self, *ids: int, new: bool = False) -> list[Any]:
        """The settlement of each ticket's pass, or the failure that it ended in."""
        options = ("new",) if new else ()
        jobs = [a_job(id, str(id), options=options) for id in ids]
        prepared = await ImportTickets().prepare(await self.site(), jobs)
        return [await _ended(prepared[job.id]) for job in jobs]

    async def run(self, id: int = 7, *, new: bool = False) -> Any:
        (settlement,) = await self.passes(id, new=new)
        return settlement

    async def resolved(self, *numbers: str) -> list[Settlement]:
        jobs = [a_job(index, number, JobKind.RESOLVE_NUMBER) for index, number in enumerate(numbers)]
        prepared = await ResolveNumbers().prepare(await self.site(), jobs)
        return [await prepared[job.id]() for job in jobs]

    async def preview(self, id: int = 7) -> Preview:
        return await preview_ticket(await self.site(), TicketId(id))

    def fails(self, verb: str, *faults: Fault) -> None:
        self.orders.faults[verb] = list(faults)

    def pair(self, ticket: int, order: int) -> None:
        new = NewLink(TicketId(ticket), f"T20260304.{ticket:04}", WorkOrderId(order), LinkOrigin.PERSON)
        self.ledger.add(ACME, new, Known())

    def past_horizon(self) -> None:
        self.clock.move(HORIZON.total_seconds())

    @property
    def link(self) -> Any:
        """The active link, or None."""
        return next((link for link in self.ledger.links if link.is_active), None)

    @property
    def entries(self) -> dict[str, str]:
        """States of the ledger entries of ticket 7, by kind."""
        return {kind: state.value for kind, state in self.ledger.of("ticket:7").items()}


def a_job(id: int, key: str, kind: JobKind = JobKind.IMPORT_TICKET, options: tuple[str, ...] = ()) -> Job:
    return Job(JobId(id), ACME, kind, key, 1, 1, 0, Epoch(1), options)


async def _ended(run: Any) -> Any:
    try:
        return await run()
    except Exception as failure:
        return failure


def codes(settlement: Any) -> list[str]:
    return [finding.code for finding in settlement.findings]
