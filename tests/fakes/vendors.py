"""Both vendors in dictionaries: they keep what is written, count what is asked, and fail where they are told to."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from app.adapters.fieldnation.embedded import embedded
from app.core.mapping.work_order_fields import SHARED_FIELDS
from app.core.model.catalog import EntityCatalog
from app.core.model.document import Document, Json
from app.core.model.failure import Failure, Gone, Rejected
from app.core.model.ids import WorkOrderId
from app.core.model.permit import Opening
from app.ports.events import NewWebhook, Webhook
from app.ports.files import FileBytes
from app.ports.parts import Listing, PartName
from app.ports.vendors import VendorPair
from tests.fakes.vendor_shape import fresh, set_field, taken, with_status

_REACHED = {"publish": 2, "unpublish": 1, "cancel": 7, "approve": 5}


@dataclass
class FakeTickets:
    """`TicketSystem` and `TicketCatalog` as far as an import asks of them."""

    catalogs: Mapping[str, EntityCatalog]
    records: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    queries: list[tuple[str, str, int]] = field(default_factory=list)
    trouble: Failure | None = None

    async def query(
        self, entity: str, conditions: Sequence[Any], fields: Sequence[str] = ()
    ) -> AsyncIterator[Document]:
        if self.trouble:
            raise self.trouble
        first = conditions[0]
        self.queries.append((entity, first["field"], len(first["value"])))
        for record in sorted(self.records.get(entity, []), key=lambda one: one["id"]):
            if all(_meets(record, condition) for condition in conditions):
                yield {name: value for name, value in record.items() if not fields or name in fields}

    async def catalog(self, entity: str, *, user_fields: bool = False) -> EntityCatalog:
        return self.catalogs.get(entity, EntityCatalog(entity))


def _meets(record: Mapping[str, Any], condition: Mapping[str, Any]) -> bool:
    value, wanted = record.get(condition["field"]), condition["value"]
    return value in wanted if condition["op"] == "in" else bool(value == wanted)


@dataclass(frozen=True)
class Fault:
    """Fails one write: before its `turn` (nothing opened), once it was `sent` and not taken, or at its `answer`."""

    failure: Exception
    at: Literal["turn", "sent", "answer"] = "sent"


@dataclass
class FakeWorkOrders:
    """`WorkOrderSystem`. Faults are by verb and used up one after another; `drops` are sections that creates ignore."""

    orders: dict[int, dict[str, Any]] = field(default_factory=dict)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)
    lists: int = 0
    drops: frozenset[str] = frozenset()
    internal: str = ""

    async def read(self, id: WorkOrderId) -> Document:
        if id not in self.orders:
            raise Gone(f"work order {id} is not there")
        return self.orders[id]

    async def list(self, columns: Sequence[str], *, newest_first: bool = True) -> AsyncIterator[Document]:
        self.lists += 1
        for id in sorted(self.orders, reverse=newest_first):
            yield self.orders[id]

    async def create(self, body: Document, permit: Opening) -> Document:
        id = max(self.orders, default=69) + 1

        def made() -> Document:
            self.orders[id] = taken(fresh(id, internal=self.internal), body, drops=self.drops)
            return self.orders[id]

        return await self._write("create", made, permit)

    async def update(self, id: WorkOrderId, body: Document, permit: Opening) -> Document:
        return await self._write("update", lambda: self._put(id, taken(self.orders[id], body)), permit)

    async def set_schedule(self, id: WorkOrderId, body: Document, permit: Opening) -> Document:
        await self._write("set_schedule", lambda: self._put(id, {**self.orders[id], "schedule": body}), permit)
        return body

    async def set_custom_field(self, id: WorkOrderId, field_id: int, value: Json, permit: Opening) -> Document:
        def changed() -> Document:
            set_field(self.orders[id], field_id, value)
            return self.orders[id]

        return await self._write("set_custom_field", changed, permit)

    async def act(self, id: WorkOrderId, action: str, permit: Opening, reason: str = "") -> None:
        await self._write(action, lambda: self._put(id, with_status(self.orders[id], _REACHED[action])), permit)

    async def _write(self, verb: str, change: Callable[[], Document], permit: Callable[[], Awaitable[Any]]) -> Document:
        waiting = self.faults.get(verb)
        fault = waiting.pop(0) if waiting else None
        if fault and fault.at == "turn":
            raise fault.failure
        await permit()
        self.writes.append(verb)
        if fault and fault.at == "sent":
            raise fault.failure
        answer = change()
        if fault:
            raise fault.failure
        return answer

    def _put(self, id: int, order: dict[str, Any]) -> Document:
        self.orders[id] = order
        return order


@dataclass
class FakeParts:
    """`WorkOrderParts` of the orders of a fake: what a section holds is the list; a name in `cut` is incomplete."""

    orders: FakeWorkOrders
    cut: set[PartName] = field(default_factory=set)
    faults: dict[PartName, list[Failure]] = field(default_factory=dict)
    asked: list[tuple[int, PartName]] = field(default_factory=list)

    async def part(self, id: WorkOrderId, name: PartName) -> Listing:
        self.asked.append((id, name))
        if self.faults.get(name):
            raise self.faults[name].pop(0)
        order: Any = await self.orders.read(id)
        section = order.get("pay", {}).get("expenses", {}) if name == "expenses" else order.get(name, {})
        return Listing(tuple(section.get("results", ())), name not in self.cut)

    def embedded(self, order: Document, name: PartName) -> Listing | None:
        return embedded(order, name)


@dataclass
class FakeEvents:
    """`WorkOrderEvents`: webhooks by id, `hook-1` the first; `secrets` are what they were given."""

    kept: dict[str, Webhook] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    trouble: Failure | None = None

    async def webhooks(self) -> Sequence[Webhook]:
        if self.trouble:
            raise self.trouble
        return list(self.kept.values())

    async def add_webhook(self, new: NewWebhook, permit: Opening) -> Webhook:
        await self._write(permit)
        made = Webhook(f"hook-{len(self.secrets) + 1}", new.url, "post", "active", new.events)
        self.kept[made.id], self.secrets[made.id] = made, new.secret
        return made

    async def change_webhook(self, id: str, changes: Document, permit: Opening) -> Webhook:
        await self._write(permit, id)
        given: dict[str, Any] = dict(changes)
        self.secrets[id] = given.get("secret", self.secrets.get(id, ""))
        shown = {key: given[key] for key in ("url", "method", "status") if key in given}
        events = tuple(given.get("events", self.kept[id].events))
        self.kept[id] = replace(self.kept[id], **shown, events=events)
        return self.kept[id]

    async def remove_webhook(self, id: str, permit: Opening) -> None:
        await self._write(permit, id)
        del self.kept[id]

    async def _write(self, permit: Opening, id: str = "") -> None:
        if self.trouble:
            raise self.trouble
        await permit()
        if id and id not in self.kept:
            raise Gone(f"webhook {id} is not there")


@dataclass
class FakeFiles:
    """`Files` by address: bytes, or the failure of the download. `fetched` keeps the addresses asked for."""

    kept: dict[str, bytes | Failure] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def fetch(self, url: str, *, hosts: frozenset[str], cap_bytes: int) -> AsyncIterator[FileBytes]:
        self.fetched.append(url)
        found = self.kept.get(url, Rejected("file_not_found", f"there is no {url}"))
        if isinstance(found, Failure):
            raise found
        is_too_large = len(found) > cap_bytes
        yield FileBytes(b"" if is_too_large else found, is_too_large)


@dataclass
class FakeDefinitions:
    """`Definitions` of a company with nothing of its own, unless it is given."""

    given: EntityCatalog = SHARED_FIELDS

    async def definitions(self) -> EntityCatalog:
        return self.given


def a_pair(tickets: Any, orders: Any) -> VendorPair:
    """Both systems, with the parts of these orders, no webhooks and no files."""
    return VendorPair(tickets, tickets, orders, FakeParts(orders), FakeEvents(), FakeFiles(), FakeDefinitions())
