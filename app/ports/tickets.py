"""The ticket side, as the stories need it: any entity of the Autotask contract by its REST name."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.core.model.catalog import EntityCatalog, EntityRights
from app.core.model.document import Document, Json
from app.core.model.permit import Opening

Filter = Sequence[Mapping[str, Json]]
"""Conditions of the vendor's filter grammar; the list is an AND."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What the vendor says about the hourly limit of the whole database."""

    limit: int
    used: int
    window_minutes: int
    read_at: datetime


class TicketSystem(Protocol):
    """Reads and writes of records. Every write wants a permit; `parent` is `(entity, id)` for child paths."""

    def query(self, entity: str, conditions: Filter, fields: Sequence[str] = ()) -> AsyncIterator[Document]:
        """All matching records, page after page, ascending by id."""

    async def get(self, entity: str, id: int) -> Document | None:
        """One record, or None when there is none."""

    async def create(
        self,
        entity: str,
        body: Document,
        permit: Opening,
        parent: tuple[str, int] | None = None,
        *,
        as_resource: int | None = None,
    ) -> int:
        """The new record's id. With `as_resource` it shows that person as its creator, where the vendor allows it."""

    async def patch(self, entity: str, body: Document, permit: Opening, parent: tuple[str, int] | None = None) -> int:
        """Changes the fields in `body`, which carries `id`."""

    async def delete(self, entity: str, id: int, permit: Opening, parent: tuple[str, int] | None = None) -> None:
        """Deletes one record; `Gone` when it is not there."""


class TicketCatalog(Protocol):
    """What the database says about itself."""

    async def catalog(self, entity: str, *, user_fields: bool = False) -> EntityCatalog:
        """Fields and picklists as they are now, with user-defined fields on request."""

    async def rights(self, entity: str) -> EntityRights:
        """What the API user may do with the entity."""

    async def usage(self) -> Usage:
        """The hourly limit and its use by everybody."""

    async def probe(self) -> None:
        """The cheapest call that needs working credentials; raises what is wrong with them or with the vendor."""

    async def database(self) -> int:
        """The `ci` of the database that the credentials belong to."""
