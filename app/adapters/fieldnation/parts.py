"""Lists of a work order, each by its own call."""

from app.adapters.fieldnation import wire
from app.adapters.fieldnation.documents import id_of, tidy_document
from app.adapters.fieldnation.embedded import are_whole, embedded
from app.adapters.fieldnation.listing import RowKey, Walk, read_page
from app.adapters.fieldnation.session import FieldNationSession
from app.core.model.document import Document
from app.core.model.ids import WorkOrderId
from app.ports.parts import Listing, PartName


class FieldNationParts:
    """`WorkOrderParts` over REST v2."""

    def __init__(self, session: FieldNationSession) -> None:
        self._session = session

    async def part(self, id: WorkOrderId, name: PartName) -> Listing:
        key: RowKey = _message_key if name == "messages" else id_of
        walk, rows = Walk(key), list[Document]()
        while (number := walk.next_page) is not None:
            call = wire.read_part(id, name, number)
            page = read_page(call, await self._session.call(call), key)
            rows += [tidy_document(row) for row in walk.take(page)]
        return Listing(tuple(rows), walk.is_complete and (name != "attachments" or are_whole(rows)))

    def embedded(self, order: Document, name: PartName) -> Listing | None:
        return embedded(order, name)


def _message_key(row: Document) -> str:
    """Field Nation REST v2 schema: messages have no `id`, and the text `msg_id` is no number."""
    id = row.get("msg_id")
    return str(id) if isinstance(id, str | int) and not isinstance(id, bool) else ""
