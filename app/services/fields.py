"""The fields of both systems of a connection: kept ones while they are fresh, else read and kept."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from app.core.mapping.field_changes import FieldChange, field_changes
from app.core.mapping.work_order_fields import WORK_ORDERS
from app.core.model.catalog import EntityCatalog
from app.core.model.failure import Gone, Rejected
from app.core.model.ids import ConnectionId
from app.ports.clock import Clock
from app.ports.definitions import Definitions
from app.ports.fields import KeptCatalog, KeptFields
from app.ports.tickets import TicketCatalog

_log = structlog.get_logger(__name__)

KEPT_FOR: Final = timedelta(hours=24)
"""An older reading is not believed. The sweep reads them again every hour, so this is for a broker that stood still."""

_DOUBTED_AGAIN: Final = timedelta(minutes=1)
"""How often an answer that looks as if the fields had changed makes us read them again."""


NOT_STORED: Final = ConnectionId(0)
"""The connection of a file that is not applied (yet)."""


class Fields:
    """Answers `FieldSource` for one connection.

    Without a store it reads everything once and forgets it: for files that are not applied yet. `read` is what was
    read from the systems, in contrast to what was kept.
    """

    def __init__(
        self,
        catalog: TicketCatalog,
        definitions: Definitions,
        clock: Clock,
        *,
        store: KeptFields | None = None,
        connection: ConnectionId = NOT_STORED,
    ) -> None:
        self._catalog = catalog
        self._definitions = definitions
        self._clock = clock
        self._store = store
        self._connection = connection
        self._known: dict[str, KeptCatalog] | None = None
        self._turn = asyncio.Lock()
        self.read: dict[str, KeptCatalog] = {}

    async def catalog(self, entity: str, *, user_fields: bool = False) -> EntityCatalog:
        """Fields and picklists of an entity. Raises the vendor's `Failure` when they have to be read and cannot."""
        async with self._turn:
            known = await self._loaded()
            kept = known.get(entity)
            if kept is not None and self._serves(kept, user_fields=user_fields):
                return kept.catalog
            wants_user_fields = user_fields or (kept is not None and kept.has_user_fields)
            fresh = await self._read(entity, kept, user_fields=wants_user_fields)
            await self._keep([fresh], changed=kept is not None and bool(_changes(kept, fresh)))
            return fresh.catalog

    async def refresh(self) -> Sequence[FieldChange]:
        """Reads everything that is kept again; what changed since."""
        async with self._turn:
            return await self._again(list((await self._loaded()).values()))

    async def doubt(self, entity: str) -> Sequence[FieldChange]:
        """Reads one entity again, since an answer speaks of fields or values that are not known; what changed.

        At most once a minute: what is wrong in our own data stays wrong however often the fields are read.
        """
        async with self._turn:
            kept = (await self._loaded()).get(entity)
            if kept is None or self._clock.now() - kept.read_at < _DOUBTED_AGAIN:
                return ()
            return await self._again([kept])

    async def known(self, entity: str) -> EntityCatalog | None:
        """The entity's fields where they are kept and fresh; never a call."""
        kept = (await self._loaded()).get(entity)
        return kept.catalog if kept and self._serves(kept, user_fields=False) else None

    async def age(self) -> timedelta:
        """How long ago the oldest reading that is kept was made; nothing where none is."""
        read = [one.read_at for one in (await self._loaded()).values()]
        return self._clock.now() - min(read) if read else timedelta()

    async def _again(self, before: Sequence[KeptCatalog]) -> Sequence[FieldChange]:
        fresh = [await self._read(one.catalog.entity, one, user_fields=one.has_user_fields) for one in before]
        changes = [change for old, new in zip(before, fresh, strict=True) for change in _changes(old, new)]
        await self._keep(fresh, changed=bool(changes))
        return changes

    async def _loaded(self) -> dict[str, KeptCatalog]:
        if self._known is None:
            kept = await self._store.load(self._connection) if self._store else ()
            self._known = {one.catalog.entity: one for one in kept}
        return self._known

    def _serves(self, kept: KeptCatalog, *, user_fields: bool) -> bool:
        is_fresh = self._clock.now() - kept.read_at < KEPT_FOR
        return is_fresh and (kept.has_user_fields or not user_fields)

    async def _read(self, entity: str, before: KeptCatalog | None, *, user_fields: bool) -> KeptCatalog:
        """What the system says now. Where it will not show the entity, what it showed before stays, since a refusal is
        no news about fields; else nothing of it is known."""
        read_at: datetime = self._clock.now()
        has_user_fields = user_fields or entity == WORK_ORDERS
        try:
            return KeptCatalog(await self._from_vendor(entity, user_fields=user_fields), has_user_fields, read_at)
        except (Rejected, Gone) as failure:
            _log.warning("fields.refused", entity=entity, reason=failure.text)
            if before is not None and before.catalog.fields:
                return replace(before, read_at=read_at)
            return KeptCatalog(EntityCatalog(entity), has_user_fields, read_at)

    async def _from_vendor(self, entity: str, *, user_fields: bool) -> EntityCatalog:
        if entity == WORK_ORDERS:
            return await self._definitions.definitions()
        return await self._catalog.catalog(entity, user_fields=user_fields)

    async def _keep(self, fresh: Sequence[KeptCatalog], *, changed: bool) -> None:
        for one in fresh:
            self.read[one.catalog.entity] = one
            (await self._loaded())[one.catalog.entity] = one
        if self._store is not None:
            await self._store.keep(self._connection, fresh, changed=changed)


def _changes(before: KeptCatalog, after: KeptCatalog) -> tuple[FieldChange, ...]:
    both = before.has_user_fields and after.has_user_fields
    return field_changes(before.catalog, after.catalog, user_fields=both)
