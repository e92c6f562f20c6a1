"""Facts of a push: the work order with its lists, read in as few calls as that takes, and our own records of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.core.mapping.work_order_document import work_order_document
from app.core.model.document import Document
from app.core.model.ids import WorkOrderId
from app.core.model.ledger import LedgerEntry, LedgerState
from app.core.model.link import Link
from app.core.planning.ticket.context import owner_of_order
from app.ports.parts import Listing, PartName
from app.services.site import SeenFiles, Site

NOT_READ = Listing((), is_complete=False)
_LISTS: Mapping[str, PartName] = {
    "time_entry": "time_logs",
    "charge": "expenses",
    "expense_item": "expenses",
    "attachment": "attachments",
}
"""The list in which the source fact of a ledger kind stands."""


@dataclass(frozen=True, slots=True)
class Records:
    """Our own records of one work order. `link` may have ended; `lost_reports` are expense reports of the connection
    that were sent without an answer."""

    id: WorkOrderId
    link: Link | None
    entries: tuple[LedgerEntry, ...]
    options: frozenset[str] = field(default_factory=frozenset)
    lost_reports: tuple[LedgerEntry, ...] = ()

    @property
    def owner(self) -> str:
        return owner_of_order(self.id)

    def open_entries(self, *, of_files: bool) -> list[LedgerEntry]:
        """Writes whose outcome is not known: those of the files' job, or those of the push itself."""
        return open_entries(self.entries, of_files=of_files)


@dataclass(frozen=True, slots=True)
class Reading:
    """The work order as the vendor shows it, and as mappings see it."""

    order: Document
    document: Document
    time_logs: Listing
    expenses: Listing
    files: Listing


def open_entries(entries: Sequence[LedgerEntry], *, of_files: bool) -> list[LedgerEntry]:
    """The open ones that a job of files, or a push, has to resolve. The two run beside one another."""
    return [e for e in entries if e.state is LedgerState.OPEN and (e.key.kind == "attachment") is of_files]


async def read_records(site: Site, ids: Sequence[WorkOrderId]) -> dict[WorkOrderId, Records]:
    """Two queries of our own database for the whole batch."""
    links = await site.links.of_work_orders(site.connection.id, ids)
    entries = await site.ledger.entries(site.connection.id, [owner_of_order(id) for id in ids])
    return {id: Records(id, links.get(id), tuple(entries.get(owner_of_order(id), ()))) for id in ids}


async def read_lists(site: Site, records: Records, order: Document) -> Reading:
    """The lists of a work order that was just read: those that it does not carry whole are asked for. Raises `Gone`.

    A list in which something was missing before is asked for by its own call: the second look does not believe what
    the first one believed.
    """
    id = records.id
    doubtful = {_LISTS[e.key.kind] for e in records.entries if e.missing_for is not None and e.key.kind in _LISTS}
    time_logs = await read_list(site, id, order, "time_logs", is_doubtful="time_logs" in doubtful)
    expenses = await read_list(site, id, order, "expenses", is_doubtful="expenses" in doubtful)
    messages = await read_list(site, id, order, "messages")
    files = NOT_READ
    is_wanted = site.connection.file.attachments.enabled
    if is_wanted:
        files = await read_list(site, id, order, "attachments", is_doubtful="attachments" in doubtful)
    if is_wanted:
        site.seen_files[id] = SeenFiles(site.clock.boot_s(), order, files)
    document = work_order_document(order, time_logs.rows, expenses.rows, messages.rows, files.rows)
    return Reading(order, document, time_logs, expenses, files)


async def read_list(
    site: Site, id: WorkOrderId, order: Document, name: PartName, *, is_doubtful: bool = False
) -> Listing:
    """The embedded list when it is all there is, else (or when in doubt) the list's own call."""
    carried = None if is_doubtful else site.vendors.parts.embedded(order, name)
    return carried if carried is not None else await site.vendors.parts.part(id, name)
