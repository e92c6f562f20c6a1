"""The work order side, as the stories need it."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from app.core.model.document import Document, Json
from app.core.model.ids import WorkOrderId
from app.core.model.permit import Opening


class WorkOrderSystem(Protocol):
    """Every write wants a permit and answers with the work order (or the section) as it stands afterwards."""

    async def read(self, id: WorkOrderId) -> Document:
        """The whole work order; `Gone` when it does not exist (any more)."""

    def list(self, columns: Sequence[str], *, newest_first: bool = True) -> AsyncIterator[Document]:
        """All work orders of the company that the vendor lists, page after page, by id."""

    async def create(self, body: Document, permit: Opening) -> Document:
        """The created work order."""

    async def update(self, id: WorkOrderId, body: Document, permit: Opening) -> Document:
        """Writes only the sections in `body`; the work order afterwards."""

    async def set_schedule(self, id: WorkOrderId, body: Document, permit: Opening) -> Document:
        """The schedule afterwards."""

    async def set_custom_field(self, id: WorkOrderId, field_id: int, value: Json, permit: Opening) -> Document:
        """The work order afterwards."""

    async def act(self, id: WorkOrderId, action: str, permit: Opening, reason: str = "") -> None:
        """`publish`, `unpublish`, `cancel` (wants a reason) or `approve`."""

    async def probe(self) -> int:
        """The cheapest call that needs working credentials; gives the id of the company they belong to."""
