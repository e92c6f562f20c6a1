"""The ticket side, over Autotask's REST API."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace

import structlog

from app.adapters.autotask.caches import AccountCaches
from app.adapters.autotask.session import VERSION, AutotaskAccess, AutotaskGates, Meter, Session
from app.adapters.autotask.wire import contract
from app.adapters.autotask.wire.answers import item_id, read_item
from app.adapters.autotask.wire.contract import Entity, Operation
from app.adapters.autotask.wire.filters import LONGEST_LIST, checked_filter
from app.adapters.autotask.wire.metadata import read_fields, read_rights
from app.adapters.autotask.wire.paging import query_body, read_page
from app.adapters.autotask.wire.refusals import NO_MATCH, PERMISSION
from app.adapters.http.sender import Sender
from app.core.model.catalog import EntityCatalog, EntityRights
from app.core.model.document import Document, Json
from app.core.model.failure import Failure, Gone, NotSent, Rejected, Transient
from app.core.model.permit import Opening
from app.ports.clock import Clock
from app.ports.tickets import Filter, Usage

__all__ = ["AccountCaches", "AutotaskAccess", "AutotaskGates", "AutotaskTickets"]

_log = structlog.get_logger(__name__)


class AutotaskTickets:
    """Answers `ports.tickets.TicketSystem` and `TicketCatalog` for any entity of the vendor's contract.

    Gates and caches belong to the account, and may be shared by clients of several API users. An operation that the
    contract does not have is `Rejected("autotask_no_such_operation")` before anything is sent.
    """

    def __init__(
        self, sender: Sender, clock: Clock, access: AutotaskAccess, gates: AutotaskGates, caches: AccountCaches
    ) -> None:
        self._caches = caches
        self._files = gates.files
        self._username = access.username
        self._session = Session(sender, clock, access, gates, caches)

    @property
    def meter(self) -> Meter:
        """Calls and waiting times by endpoint, since this client was made."""
        return self._session.meter

    async def query(self, entity: str, conditions: Filter, fields: Sequence[str] = ()) -> AsyncIterator[Document]:
        """All matching records, ascending by id; an empty filter matches all. `fields` limits what comes back."""
        about = contract.entity(entity)
        operation = about.query()
        body = query_body(checked_filter(about.name, conditions), fields)
        seen: frozenset[str] = frozenset()
        url = ""
        while True:
            answer = await self._found(operation, body, url)
            page = read_page(answer, (await self._session.zone()).url, seen)
            for row in page.rows:
                yield row
            if not page.next_url:
                return
            # A POST query goes on with a POST of the same body (seen by several public clients).
            url, seen = page.next_url, seen | {page.next_url}

    async def query_in(
        self, entity: str, field: str, values: Iterable[Json], fields: Sequence[str] = ()
    ) -> AsyncIterator[Document]:
        """All records whose `field` is one of the values: one query for each 500 of them, none for none."""
        wanted = list(dict.fromkeys(values))
        for start in range(0, len(wanted), LONGEST_LIST):
            part = wanted[start : start + LONGEST_LIST]
            async for row in self.query(entity, [{"op": "in", "field": field, "value": part}], fields):
                yield row

    async def get(self, entity: str, id: int) -> Document | None:
        """One record, or None when there is none."""
        about = contract.entity(entity)
        operation = about.get(id)
        if operation is None:
            rows = self.query(about.name, [{"op": "eq", "field": "id", "value": id}])
            return await anext(rows, None)
        try:
            return read_item(await self._session.call(operation))
        except Gone:
            return None

    async def create(
        self,
        entity: str,
        body: Document,
        permit: Opening,
        parent: tuple[str, int] | None = None,
        *,
        as_resource: int | None = None,
    ) -> int:
        """The new record's id. Where the vendor does not let it be created as that resource, the API user creates it.

        A file waits for the vendor's window of bytes with `Throttled`, and is `Rejected("file_too_large")` when it is
        larger than the window.
        """
        about = contract.entity(entity)
        operation = about.create(parent)
        async with self._uploading(about, body):
            answer = await self._created(about, operation, body, permit, as_resource)
        return item_id(operation, answer)

    async def patch(self, entity: str, body: Document, permit: Opening, parent: tuple[str, int] | None = None) -> int:
        """Changes the fields in `body`, which carries `id`; `Gone` when the record is not there."""
        about, id = contract.entity(entity), body.get("id")
        if isinstance(id, bool) or not isinstance(id, int):
            raise Rejected("autotask_no_id", f"An update of {about.name} needs the record's id, a number.", field="id")
        await self._changed(about, about.patch(parent), id, body, permit)
        return id

    async def delete(self, entity: str, id: int, permit: Opening, parent: tuple[str, int] | None = None) -> None:
        """Deletes one record; `Gone` when it is not there, `Rejected` when it is and may not be deleted."""
        about = contract.entity(entity)
        await self._changed(about, about.delete(id, parent), id, None, permit)

    async def catalog(self, entity: str, *, user_fields: bool = False) -> EntityCatalog:
        """Fields and picklists as they are now, with user-defined fields on request (one call more)."""
        about = contract.entity(entity)
        plain = EntityCatalog(about.name, read_fields(await self._found(about.fields())))
        return replace(plain, user_fields=read_fields(await self._user_fields(about))) if user_fields else plain

    async def rights(self, entity: str) -> EntityRights:
        """What the API user may do with the entity."""
        about = contract.entity(entity)
        return read_rights(about.name, await self._found(about.information()))

    async def usage(self) -> Usage:
        """The hourly limit and its use by everybody; the call counts itself."""
        return await self._session.usage()

    async def probe(self) -> None:
        """Asks for the API's version, which needs working credentials and no rights. Tries refused ones again."""
        self._session.retry_credentials()
        await self._session.call(VERSION)

    def retry_credentials(self) -> None:
        """Lets the next call try credentials that were refused."""
        self._session.retry_credentials()

    async def database(self) -> int:
        """The `ci` of the database that the API user belongs to, from zone discovery."""
        return (await self._session.zone()).ci

    def _uploading(self, about: Entity, body: Document) -> AbstractAsyncContextManager[None]:
        """Counts the text of a file as it is sent (base64), once, however often that is."""
        data = body.get("data")
        if not about.name.endswith("Attachments") or not isinstance(data, str):
            return nullcontext()
        return self._files.uploading(len(data))

    async def _created(
        self, about: Entity, operation: Operation, body: Document, permit: Opening, as_resource: int | None
    ) -> Document:
        name = (self._username, about.name, as_resource)
        if as_resource is None or self._caches.unwelcome_names.known(name):
            return await self._session.call(operation, body, permit)
        try:
            return await self._session.call(operation, body, permit, as_resource=as_resource)
        except Rejected as refusal:
            if refusal.code != PERMISSION:
                raise
            self._caches.unwelcome_names.put(name, True)
            _log.warning("impersonation.refused", entity=about.name, resource=as_resource, reason=refusal.text)
        # Nothing was written by the refused call, so this is the first one that writes.
        return await self._session.call(operation, body, permit)

    async def _found(self, operation: Operation, body: Document | None = None, url: str = "") -> Document:
        try:
            return await self._session.call(operation, body, url=url)
        except Gone as gone:
            raise Rejected("autotask_no_such_operation", gone.text) from None

    async def _user_fields(self, about: Entity) -> Document:
        operation = about.user_fields()
        try:
            return {"fields": []} if operation is None else await self._session.call(operation)
        except Gone:
            return {"fields": []}

    async def _changed(
        self, about: Entity, operation: Operation, id: int, body: Document | None, permit: Opening
    ) -> None:
        try:
            await self._session.call(operation, body, permit)
        except Rejected as refusal:
            if refusal.code != NO_MATCH:
                raise
            raise await self._meaning_of_no_match(about, id, refusal) from None

    async def _meaning_of_no_match(self, about: Entity, id: int, refusal: Rejected) -> Failure:
        """The vendor says the same of a record that is gone and of one that may not be touched: look."""
        try:
            record = await self.get(about.name, id)
        except Transient as trouble:
            return NotSent(f"Nothing was changed: {refusal.text}", detail=trouble.detail)
        if record is None:
            return Gone(f"{about.name} {id} does not exist any more.")
        return Rejected(PERMISSION, f"The API user may not change {about.name} {id}. {refusal.text}")
