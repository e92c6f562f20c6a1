"""What happens on the work order reaches the ticket: hours, money, words, files and status, each once."""

from decimal import Decimal

from tests.e2e.kit import COMPLETE, Kit
from tests.e2e.push_kit import on_site


async def test_a_day_on_site_stands_at_the_ticket_once(kit: Kit) -> None:
    async with kit.worker():
        site = await on_site(kit)
        await site.act("check_in", at="2026-11-03T15:02:00")
        await site.act("check_out", at="2026-11-03T16:57:00")
        expense = await site.act("add_expense", amount="48.25", description="Parking")
        await site.act("post_message", message="The switch is in.")
        await site.act("upload", name="rack.jpg", text="photo bytes")
        await site.act("complete", closing_notes="Replaced the switch.")
        await site.act("approve_expense", expense=expense["expense"])
        await site.act("approve")
        await site.settled()
    (entry,) = await site.records("TimeEntries")
    assert Decimal(str(entry["hoursWorked"])) == Decimal("1.9167")
    (charge,) = await site.records("TicketCharges")
    assert Decimal(str(charge["unitPrice"])) == Decimal("48.25")
    assert [note["description"] for note in await site.records("TicketNotes")] == ["The switch is in."]
    (file,) = await site.records("TicketAttachments")
    assert file["fullPath"] == "rack.jpg"
    ticket = await site.ticket_row()
    assert (ticket["status"], ticket["resolution"]) == (COMPLETE, "Replaced the switch.")
    assert [finding for finding in await site.findings() if finding["severity"] != "info"] == []
