"""Rights of the API user, asked for once for each entity."""

from app.core.model.catalog import EntityRights
from app.ports.tickets import TicketCatalog


class KnownRights:
    """What the API user may do, remembered for as long as the site is open."""

    def __init__(self, catalog: TicketCatalog) -> None:
        self._catalog = catalog
        self._known: dict[str, EntityRights] = {}

    async def of(self, entity: str) -> EntityRights:
        """The rights to that entity."""
        if entity not in self._known:
            self._known[entity] = await self._catalog.rights(entity)
        return self._known[entity]
