"""What a company defined for its work orders."""

from typing import Protocol

from app.core.model.catalog import EntityCatalog


class Definitions(Protocol):
    """The work order side's answer to what `TicketCatalog.catalog` is on the ticket side."""

    async def definitions(self) -> EntityCatalog:
        """The fields of a work order by canonical path, with the values of the company's own lists where it shows
        them, and the custom fields by their number. Reads anew at every call."""
