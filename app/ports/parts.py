"""Lists that belong to a work order: time logs, expenses, messages, files."""

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from app.core.model.document import Document
from app.core.model.ids import WorkOrderId

PartName: TypeAlias = Literal["time_logs", "expenses", "messages", "attachments"]


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows of one list. Replies stand inside their message, files inside their folder, as the vendor nests them.

    `is_complete` says that every page was read and that there are as many rows as the vendor counts; only then does
    a row that is missing mean anything.
    """

    rows: tuple[Document, ...]
    is_complete: bool


class WorkOrderParts(Protocol):
    """What half of the facts have no event for."""

    async def part(self, id: WorkOrderId, name: PartName) -> Listing:
        """Every page of the list; `Gone` when the work order does not exist (any more)."""

    def embedded(self, order: Document, name: PartName) -> Listing | None:
        """The list as the work order carries it when that is known to be all of it, else None: ask for the part."""
