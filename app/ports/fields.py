"""Fields: what the systems of a connection said about themselves when they were asked last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.core.model.catalog import EntityCatalog
from app.core.model.ids import ConnectionId


@dataclass(frozen=True, slots=True)
class KeptCatalog:
    """A catalogue as it was read at `read_at`, with or without user-defined fields."""

    catalog: EntityCatalog
    has_user_fields: bool
    read_at: datetime


class FieldSource(Protocol):
    async def catalog(self, entity: str, *, user_fields: bool = False) -> EntityCatalog:
        """Fields and picklists of an entity, with user-defined fields on request; `work_orders` are Field Nation's."""


class KeptFields(Protocol):
    async def load(self, connection: ConnectionId) -> Sequence[KeptCatalog]:
        """Every catalogue that is kept for the connection, by entity."""

    async def keep(self, connection: ConnectionId, catalogs: Sequence[KeptCatalog], *, changed: bool) -> None:
        """Keeps them in the place of those before. `changed` raises the connection's `fields_version`, so that what
        was compiled against the old ones is compiled again."""
