"""Pairs of a whole file, brought from another connector: both sides of every row are read before they are joined."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.core.intake.naming import read_value
from app.core.model.connection import Connection
from app.core.model.document import Document, Json
from app.core.model.failure import Gone, Rejected
from app.core.model.ids import WorkOrderId
from app.core.model.job import JobKind
from app.core.model.link import Link
from app.core.planning.paired import TICKETS, fields_of_number, noun_of, number_of
from app.ports.desk import PersonsLinks
from app.ports.tickets import TicketSystem
from app.ports.vendors import VendorPair
from app.ports.work_orders import WorkOrderSystem
from app.services.pair_file import PairRow
from app.services.related import whole_number

_KEYS_PER_QUERY = 500
_FEW = 50
"""So many work orders are read one by one; for more of them the list is read first."""


@dataclass(frozen=True, slots=True)
class PairResult:
    """What became of one row: `linked`, `already` a pair, `ready` (in a dry run) or `failed`, which `text` explains."""

    row: PairRow
    state: str
    text: str = ""
    ticket_id: int | None = None
    ticket_number: str = ""


@dataclass(frozen=True, slots=True)
class PairImport:
    """The rows of one connection. `standing` are its active pairs."""

    connection: Connection
    vendors: VendorPair
    links: PersonsLinks
    standing: Sequence[Link]

    async def run(self, rows: Sequence[PairRow], *, dry_run: bool) -> list[PairResult]:
        """Joins the rows that can be joined; what became of each, in order."""
        results = await self._checked(rows)
        ready = [place for place, result in enumerate(results) if result.state == "ready"]
        if dry_run or not ready:
            return results
        chosen = [results[place] for place in ready]
        pairs = [(one.ticket_id or 0, one.ticket_number, int(one.row.work_order)) for one in chosen]
        reasons = await self.links.add_many(self.connection.id, pairs)
        for place, one, reason in zip(ready, chosen, reasons, strict=True):
            results[place] = replace(one, state="failed" if reason else "linked", text=reason)
        return results

    async def _checked(self, rows: Sequence[PairRow]) -> list[PairResult]:
        sound, entity = [row for row in rows if not row.fault], self.connection.file.autotask.entity
        tickets = await _tickets(self.vendors.tickets, entity, {row.ticket for row in sound})
        orders = await _orders(self.vendors.work_orders, {int(row.work_order) for row in sound})
        taken = _Taken(self.connection.name)
        for link in self.standing:
            taken.add(int(link.ticket_id), int(link.work_order_id), 0)
        return [_check(row, noun_of(entity), tickets, orders, taken) for row in rows]


@dataclass(slots=True)
class _Taken:
    """Both sides of every pair so far, with the line of the file that names it (0 for one that is active)."""

    connection: str
    by_ticket: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    by_order: dict[int, tuple[int, int, int]] = field(default_factory=dict)

    def add(self, ticket: int, order: int, line: int) -> None:
        self.by_ticket[ticket] = self.by_order[order] = (ticket, order, line)

    def against(self, ticket: int, order: int) -> tuple[int, int, int] | None:
        """The pair that one of the sides is in already."""
        return self.by_ticket.get(ticket) or self.by_order.get(order)

    def sentence(self, ticket: int, order: int, line: int) -> str:
        """What stands in the way, and what to do about it."""
        if line:
            return f"Line {line} pairs ticket {ticket} with work order {order}. Keep one of the two lines."
        mend = f"`broker link remove {self.connection} {ticket}` ends that."
        return f"Ticket {ticket} and work order {order} are a pair already; {mend}"


def _check(
    row: PairRow, noun: str, tickets: Mapping[str, tuple[int, str]], orders: frozenset[int], taken: _Taken
) -> PairResult:
    """The row as `ready`, `already` or `failed`; one that is ready stands in the way of those after it."""
    if row.fault:
        return PairResult(row, "failed", row.fault)
    if _key(row.ticket) not in tickets:
        text = f"Autotask shows no {noun} {row.ticket} to the API user. Correct it, or leave the line out."
        return PairResult(row, "failed", text)
    (id, number), order = tickets[_key(row.ticket)], int(row.work_order)
    checked = PairResult(row, "ready", "", id, number)
    if order not in orders:
        text = f"Field Nation shows no work order {order}. Correct it, or leave the line out."
        return replace(checked, state="failed", text=text)
    other = taken.against(id, order)
    if other is None:
        taken.add(id, order, row.line)
        return checked
    if other[:2] == (id, order):
        return replace(checked, state="already", text=f"Line {other[2]} names it too." if other[2] else "")
    return replace(checked, state="failed", text=taken.sentence(*other))


def _key(named: str) -> str:
    return read_value(named).key


async def _tickets(tickets: TicketSystem, entity: str, named: set[str]) -> dict[str, tuple[int, str]]:
    """Id and number of the tickets that exist, by id as text and by number; of another `entity` by id alone."""
    read = [read_value(one) for one in named]
    ids = sorted({int(one.key) for one in read if one.kind is JobKind.IMPORT_TICKET})
    numbers = sorted({one.key for one in read if one.kind is JobKind.RESOLVE_NUMBER})
    found: dict[str, tuple[int, str]] = {}
    keyed: Mapping[str, Sequence[Json]] = {"id": ids, "ticketNumber": numbers if entity == TICKETS else []}
    for name, keys in keyed.items():
        for start in range(0, len(keys), _KEYS_PER_QUERY):
            asked: Document = {"op": "in", "field": name, "value": keys[start : start + _KEYS_PER_QUERY]}
            async for record in tickets.query(entity, [asked], fields_of_number(entity)):
                id, number = whole_number(record.get("id")), number_of(entity, record)
                if id is not None:
                    found[str(id)] = found[number.upper()] = (id, number)
    return found


async def _orders(work_orders: WorkOrderSystem, ids: set[int]) -> frozenset[int]:
    """Those of the work orders that exist. What the list does not show is asked for by its id."""
    seen: set[int] = set()
    if len(ids) > _FEW:
        async for row in work_orders.list(("id",)):
            seen.add(whole_number(row.get("id")) or 0)
            if ids <= seen:
                break
    for id in sorted(ids - seen):
        try:
            await work_orders.read(WorkOrderId(id))
        except (Gone, Rejected):
            continue
        seen.add(id)
    return frozenset(seen & ids)
