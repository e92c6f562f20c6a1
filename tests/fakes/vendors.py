"""Both vendors in dictionaries: they keep what is written, count what is asked, and fail where they are told to."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from app.core.model.catalog import EntityCatalog
from app.core.model.document import Document, Json
from app.core.model.failure import Failure, Gone
from app.core.model.ids import WorkOrderId
from app.core.model.permit import Opening
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
        return self.catalogs[entity]


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
