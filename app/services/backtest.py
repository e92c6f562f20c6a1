"""Back-tests: the newest pairs under a file that is not active, compared with the active one. Nothing is written."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from heapq import nlargest
from typing import Literal, TypeAlias

from app.core.mapping.labels import WORK_ORDER, Labels, labels_of
from app.core.model.calls import Calls
from app.core.model.connection import Connection, ConnectionFile
from app.core.model.document import Document
from app.core.model.failure import DatabaseAway, Failure, Refused
from app.core.model.finding import Finding
from app.core.model.ids import TicketId
from app.core.model.link import Link
from app.core.planning.comparison import Comparison, FieldGroup, FindingGroup
from app.core.planning.paired import noun_of
from app.ports.allowance import Allowance
from app.services.candidate import candidate, faults_under, under
from app.services.gather import gather_tickets
from app.services.mapping_results import inbound_result, outbound_result, with_related
from app.services.prices import (
    TICKETS_AT_ONCE,
    price_of_fields,
    price_of_orders,
    price_of_tickets,
    with_admission,
)
from app.services.push_facts import Records, read_lists
from app.services.related import RelatedRecords
from app.services.site import Site

Direction: TypeAlias = Literal["in", "out", "both"]
Tell: TypeAlias = Callable[[], None]
"""Told of each record that was dealt with."""

_NEVER = datetime.min.replace(tzinfo=UTC)
_ENDS_ALL = (Refused, DatabaseAway)
"""Failures after which no other record could be read either."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A ticket or work order that could not be compared, and why."""

    record: str
    text: str


@dataclass(frozen=True, slots=True)
class BacktestReport:
    """What would differ. `faults` is what is wrong or doubtful about the mappings of the file itself; `tickets` and
    `work_orders` are those that were compared, and how many of them differ. `labels` are those of the examples'
    values (`Complete (5)`), by entity and field, then by the value as text."""

    connection: str
    pairs: int
    tickets: int
    tickets_differing: int
    work_orders: int
    work_orders_differing: int
    faults: tuple[Finding, ...]
    fields: tuple[FieldGroup, ...]
    new_findings: tuple[FindingGroup, ...]
    ended_findings: tuple[FindingGroup, ...]
    unread: tuple[Unread, ...]
    announced: Calls
    spent: Calls
    labels: dict[str, dict[str, str]] = field(default_factory=dict)


class Backtest:
    """One comparison: priced when it is made, run when somebody agreed. `opening` opens the connection's site behind
    the allowance."""

    def __init__(
        self,
        connection: Connection,
        file: ConnectionFile,
        pairs: Sequence[Link],
        direction: Direction,
        opening: Callable[[], AbstractAsyncContextManager[Site]],
        allowance: Allowance,
    ) -> None:
        self.pairs = pairs
        self.has_tickets, self.has_orders = direction != "out", direction != "in"
        self.price = self._price(connection.file, candidate(connection, file).file)
        self._name = connection.name
        self._file = file
        self._opening = opening
        self._allowance = allowance
        self._comparison = Comparison()
        self._unread: list[Unread] = []

    @property
    def records(self) -> int:
        """How many tickets and work orders are looked at."""
        return len(self.pairs) * (self.has_tickets + self.has_orders)

    def _price(self, *files: ConnectionFile) -> Calls:
        if not self.pairs:
            return Calls()
        tickets = price_of_tickets(len(self.pairs), *files) if self.has_tickets else Calls()
        orders = price_of_orders(len(self.pairs), *files) if self.has_orders else Calls()
        return with_admission(price_of_fields(*files) + tickets + orders)

    async def run(self, tell: Tell) -> BacktestReport:
        """Reads and compares. A record that cannot be read is said in the report; raises `Refused` and
        `DatabaseAway`."""
        self._allowance.allow(self.price)
        faults: tuple[Finding, ...] = ()
        labels: dict[str, dict[str, str]] = {}
        if self.pairs:
            async with self._opening() as active:
                new = await under(active, self._file)
                faults = faults_under(active, new)
                await self._compare(active, new, tell)
                labels = await _labels(self._comparison.fields, active, new)
        return self._report(faults, labels)

    async def _compare(self, active: Site, new: Site, tell: Tell) -> None:
        if self.has_tickets:
            for start in range(0, len(self.pairs), TICKETS_AT_ONCE):
                page = self.pairs[start : start + TICKETS_AT_ONCE]
                await self._tickets(active, new, page, tell)
        if self.has_orders:
            for link in self.pairs:
                await self._order(active, new, link)
                tell()

    async def _tickets(self, active: Site, new: Site, page: Sequence[Link], tell: Tell) -> None:
        noun, now = noun_of(active.connection.file.autotask.entity), active.clock.now()
        try:
            found = await _gathered(active, new, [link.ticket_id for link in page])
        except _ENDS_ALL:
            raise
        except Failure as failure:
            self._unread += [Unread(_named(noun, link), failure.text) for link in page]
            for _ in page:
                tell()
            return
        for link in page:
            ticket = found.get(link.ticket_id)
            if ticket is None:
                text = f"Autotask has no such {noun}, or the API user may not see it."
                self._unread.append(Unread(_named(noun, link), text))
            else:
                await self._ticket(active, new, link, ticket, now)
            tell()

    async def _ticket(self, active: Site, new: Site, link: Link, ticket: Document, now: datetime) -> None:
        read, id = (*active.mapping.chains, *new.mapping.chains), link.ticket_id
        before, after = [
            await inbound_result(site, id, with_related(ticket, site.mapping.chains, read), now)
            for site in (active, new)
        ]
        record = _named(noun_of(active.connection.file.autotask.entity), link)
        self._comparison.add("in", record, before, after)

    async def _order(self, active: Site, new: Site, link: Link) -> None:
        id = link.work_order_id
        record = f"work order {id}"
        reader = new if new.connection.file.attachments.enabled else active
        try:
            order = await active.vendors.work_orders.read(id)
            reading = await read_lists(reader, Records(id, link, ()), order)
            before, after = [await outbound_result(site, link, reading) for site in (active, new)]
        except _ENDS_ALL:
            raise
        except Failure as failure:
            self._unread.append(Unread(record, failure.text))
            return
        finally:
            reader.seen_files.pop(id, None)
        self._comparison.add("out", record, before, after)

    def _report(self, faults: tuple[Finding, ...], labels: dict[str, dict[str, str]]) -> BacktestReport:
        compared, differing = self._comparison.compared, self._comparison.differing
        return BacktestReport(
            connection=self._name,
            pairs=len(self.pairs),
            tickets=compared["in"],
            tickets_differing=differing["in"],
            work_orders=compared["out"],
            work_orders_differing=differing["out"],
            faults=faults,
            fields=self._comparison.fields,
            new_findings=self._comparison.new_findings,
            ended_findings=self._comparison.ended_findings,
            unread=tuple(self._unread),
            announced=self.price,
            spent=self._allowance.spent,
            labels=labels,
        )


def newest(links: Iterable[Link], count: int) -> list[Link]:
    """That many pairs, those first that were made or looked at last."""
    return nlargest(count, links, key=lambda link: (max(link.examined.at or _NEVER, link.made_at or _NEVER), link.id))


async def _gathered(active: Site, new: Site, ids: Sequence[TicketId]) -> dict[TicketId, Document]:
    """The tickets with what either mapping names; nothing is kept from one page to the next."""
    chains = list(dict.fromkeys(tuple(chain) for site in (active, new) for chain in site.mapping.chains))
    tickets, entity = active.vendors.tickets, active.connection.file.autotask.entity
    related = RelatedRecords(tickets, active.clock, active.horizon)
    return dict(await gather_tickets(tickets, entity, related, chains, sorted(ids)))


def _named(noun: str, link: Link) -> str:
    number = f" ({link.ticket_number})" if link.ticket_number else ""
    return f"{noun} {link.ticket_id}{number}"


async def _labels(groups: Sequence[FieldGroup], active: Site, new: Site) -> dict[str, dict[str, str]]:
    """Labels of the examples' values, from fields that were read already: this costs no call."""
    entities = sorted({group.entity for group in groups} - {WORK_ORDER})
    kept = [catalog for entity in entities if (catalog := await new.fields.known(entity))]
    known = Labels({**labels_of(active.outbound.compiled).picklists, **labels_of(new.outbound.compiled).picklists})
    labels, found = known.beside(kept), dict[str, dict[str, str]]()
    for group in groups:
        values = [value for example in group.examples for value in (example.before, example.after)]
        shown = {str(value): labels.of(group.entity, group.field, value) for value in values}
        if any(shown.values()):
            found[f"{group.entity}.{group.field}"] = {value: text for value, text in shown.items() if text}
    return found
