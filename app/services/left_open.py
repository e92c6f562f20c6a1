"""Left open: writes without an answer are looked up before anything else is done about a work order.

That holds whatever became of it meanwhile: its pair may have ended, its fact may be gone, it may be gone itself.
"""

from collections.abc import Sequence

from app.core.model.finding import Finding
from app.core.model.ledger import LedgerEntry
from app.services.expense_reports import ExpenseReports
from app.services.lost_ticket_writes import LostTicketWrites
from app.services.push_facts import Records
from app.services.site import Site
from app.services.ticket_records import TicketRecords


async def settle_left_open(
    site: Site, record: str, records: Records, findings: list[Finding], *, of_files: bool
) -> Sequence[LedgerEntry]:
    """The entries of the work order as they stand afterwards. `record` is what findings are filed under."""
    if not of_files:
        await ExpenseReports(site).settle_lost(records.lost_reports)
    lost = records.open_entries(of_files=of_files)
    if not lost or records.link is None:
        return records.entries
    standing = TicketRecords(site.vendors.tickets, await site.places.of(records.link.ticket_id))
    if not await LostTicketWrites(site, record, standing, findings).settle(lost, records.entries):
        return records.entries
    found = await site.ledger.entries(site.connection.id, [records.owner])
    return found.get(records.owner, ())
