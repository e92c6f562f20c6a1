"""Related records: companies, locations and contacts of a ticket, read once for many tickets and kept for a while."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from app.core.model.document import Document, Json
from app.core.planning.targets import read_id
from app.ports.clock import Clock
from app.ports.tickets import TicketSystem

Record = dict[str, Any]

_IDS_PER_QUERY = 500
"""Autotask takes at most 500 OR conditions in one query (Autotask developer help, advanced query features)."""

_PLACE_FIELDS = ("address1", "address2", "city", "state", "postalCode", "countryID", "phone")


class RelatedRecords:
    """A cache of records by entity and id, filled with one `in` query for all that are missing."""

    def __init__(self, tickets: TicketSystem, clock: Clock, keep: timedelta) -> None:
        self._tickets = tickets
        self._clock = clock
        self._keep = keep
        self._records: dict[tuple[str, str, int], tuple[datetime, Record | None]] = {}

    async def by_id(self, entity: str, ids: Iterable[int]) -> dict[int, Record]:
        """The records that exist, by id; copies, so that each ticket may hang its own relations on them."""
        return await self._by("id", entity, ids, ())

    async def primary_locations(self, companies: Iterable[int]) -> dict[int, Record]:
        """The primary location of each company that has one, else the company's own address, by company id."""
        primary: Document = {"op": "eq", "field": "isPrimary", "value": True}
        wanted = set(companies)
        found = await self._by("companyID", "CompanyLocations", wanted, (primary,))
        for id, company in (await self.by_id("Companies", wanted - set(found))).items():
            found[id] = {"name": company.get("companyName"), **{name: company.get(name) for name in _PLACE_FIELDS}}
        return found

    async def _by(self, field: str, entity: str, keys: Iterable[int], more: Sequence[Document]) -> dict[int, Record]:
        now = self._clock.now()
        wanted = sorted(set(keys))
        missing = [key for key in wanted if not self._fresh(entity, field, key, now)]
        for start in range(0, len(missing), _IDS_PER_QUERY):
            await self._read(field, entity, missing[start : start + _IDS_PER_QUERY], more, now)
        kept = ((key, self._records[entity, field, key][1]) for key in wanted)
        return {key: dict(record) for key, record in kept if record is not None}

    def _fresh(self, entity: str, field: str, key: int, now: datetime) -> bool:
        kept = self._records.get((entity, field, key))
        return kept is not None and now - kept[0] < self._keep

    async def _read(self, field: str, entity: str, keys: list[int], more: Sequence[Document], now: datetime) -> None:
        found: dict[int, Record] = {}
        async for record in self._tickets.query(entity, [{"op": "in", "field": field, "value": keys}, *more]):
            key = whole_number(record.get(field))
            if key is not None:
                found.setdefault(key, dict(record))
        for key in keys:
            self._records[entity, field, key] = (now, found.get(key))


def whole_number(value: Json) -> int | None:
    """An id as a number, however the document spells it."""
    return read_id(value)
