"""Field Nation as the work order side."""

from collections.abc import AsyncIterator, Mapping, Sequence

from app.adapters.fieldnation import wire
from app.adapters.fieldnation.answers import unclear
from app.adapters.fieldnation.documents import id_of, tidy_document
from app.adapters.fieldnation.listing import Walk, read_page
from app.adapters.fieldnation.session import FieldNationSession
from app.core.model.document import Document, Json
from app.core.model.failure import Gone, Transient
from app.core.model.ids import WorkOrderId
from app.core.model.permit import Opening


class FieldNationWorkOrders:
    """`WorkOrderSystem` over REST v2."""

    def __init__(self, session: FieldNationSession) -> None:
        self._session = session

    async def read(self, id: WorkOrderId) -> Document:
        order = tidy_document(await self._session.call(wire.read_order(id)))
        if not id_of(order):
            raise Transient(f"Field Nation answered the read of work order {id} without one.")
        # Not confirmed how a deleted work order is answered; where it is shown, its status says so.
        if _status_name(order) == "deleted":
            raise Gone(f"Work order {id} was deleted at Field Nation.")
        return order

    async def list(self, columns: Sequence[str], *, newest_first: bool = True) -> AsyncIterator[Document]:
        """Rows that appear or leave while pages are read neither double nor hide another one."""
        walk = Walk()
        while (number := walk.next_page) is not None:
            call = wire.list_orders(columns, number, newest_first=newest_first)
            for row in walk.take(read_page(call, await self._session.call(call))):
                yield tidy_document(row)

    async def create(self, body: Document, permit: Opening) -> Document:
        call = wire.create_order(body)
        order = tidy_document(await self._session.call(call, permit))
        if not id_of(order):
            raise unclear(call, "Field Nation answered a create without the work order.")
        return order

    async def update(self, id: WorkOrderId, body: Document, permit: Opening) -> Document:
        return tidy_document(await self._session.call(wire.update_order(id, body), permit))

    async def set_schedule(self, id: WorkOrderId, body: Document, permit: Opening) -> Document:
        return tidy_document(await self._session.call(wire.put_schedule(id, body), permit))

    async def set_custom_field(self, id: WorkOrderId, field_id: int, value: Json, permit: Opening) -> Document:
        return tidy_document(await self._session.call(wire.put_custom_field(id, field_id, value), permit))

    async def act(self, id: WorkOrderId, action: str, permit: Opening, reason: str = "") -> None:
        await self._session.call(wire.action(id, action, reason), permit)

    async def probe(self) -> int:
        return await self._session.probe()


def _status_name(order: Document) -> str:
    status = order.get("status")
    name = status.get("name") if isinstance(status, Mapping) else ""
    return name.lower() if isinstance(name, str) else ""
