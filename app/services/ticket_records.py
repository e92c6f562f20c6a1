"""Records in Autotask that stand at one place: read by kind, once, when a mark or a lost answer is looked for."""

from app.core.model.document import Document
from app.core.planning.ticket.matching import MARKS, fields_of
from app.core.planning.ticket.place import Place
from app.ports.tickets import Filter, TicketSystem


class TicketRecords:
    """The records of one place; each kind is queried at most once."""

    def __init__(self, tickets: TicketSystem, place: Place) -> None:
        self._tickets = tickets
        self._place = place
        self._read: dict[str, list[Document]] = {}

    async def of(self, kind: str) -> list[Document]:
        """Every record of that kind; none where there is no place."""
        if kind not in self._read:
            self._read[kind] = await self._query(kind) if self._place.id else []
        return self._read[kind]

    async def one(self, kind: str, id: int) -> Document | None:
        """The record of that id, wherever it stands, or None."""
        rows = self._tickets.query(self.entity(kind), [{"op": "eq", "field": "id", "value": id}], fields_of(kind))
        return await anext(rows, None)

    def entity(self, kind: str) -> str:
        """Autotask's name of the records of that kind at this place."""
        own = {"note": self._place.notes, "attachment": self._place.attachments}
        return own.get(kind, MARKS[kind].entity)

    async def _query(self, kind: str) -> list[Document]:
        if kind == "charge" and self._place.is_task:
            return []
        asked: Filter = [{"op": "eq", "field": self._place.field, "value": self._place.id}]
        return [row async for row in self._tickets.query(self.entity(kind), asked, fields_of(kind))]
