"""Creates in somebody's name, and files within the vendor's window of bytes."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from structlog.testing import capture_logs

from app.core.model.failure import LeaseLost, NotSent, Rejected, Throttled, Unknown
from app.core.model.ids import LedgerId
from app.core.model.permit import WritePermit

NO_RIGHT = "The logged in Resource does not have the adequate permissions to create this entity type."
WINDOW_FULL = "The attachment upload limit of 10000000 bytes in 5 minutes has been exceeded."
TICKET = ("Tickets", 5)
NOTES, FILES = "POST Tickets/5/Notes", "POST Tickets/5/Attachments"


def names(vendor) -> list[str | None]:
    return [one.headers.get("impersonationresourceid") for one in vendor.seen if one.method == "POST"]


def file(size: int) -> dict:
    return {"attachmentType": "FILE_ATTACHMENT", "title": "a", "fullPath": "a.jpg", "publish": 1, "data": "A" * size}


def unless_named(request):
    named = "impersonationresourceid" in request.headers
    return (500, {"errors": [NO_RIGHT]}) if named else (200, {"itemId": 77})


@pytest.fixture
def counted(clock):
    """An opening that counts how often it was asked for."""
    asked: list[WritePermit] = []

    async def open() -> WritePermit:
        asked.append(WritePermit(LedgerId(1), clock.boot_s() + 30, clock.boot_s() + 60))
        return asked[-1]

    return open, asked


async def test_a_create_carries_the_name_of_a_resource(vendor, client, opening):
    vendor.table[NOTES] = (200, {"itemId": 77})
    assert await client.create("TicketNotes", {"title": "a"}, opening, TICKET, as_resource=29682885) == 77
    assert names(vendor) == ["29682885"]


async def test_a_refused_name_is_left_out_once_and_from_then_on(vendor, client, counted):
    opening, asked = counted
    vendor.table[NOTES] = unless_named
    with capture_logs() as logs:
        for _ in range(3):
            assert await client.create("TicketNotes", {"title": "a"}, opening, TICKET, as_resource=8) == 77
    assert names(vendor) == ["8", None, None, None]
    assert len(asked) == 4
    assert [(one["event"], one["entity"], one["resource"]) for one in logs] == [
        ("impersonation.refused", "TicketNotes", 8)
    ]


async def test_a_refused_name_is_tried_again_after_an_hour_and_elsewhere_at_once(vendor, client, opening, clock):
    vendor.table[NOTES] = unless_named
    vendor.table["POST TimeEntries"] = (200, {"itemId": 78})
    await client.create("TicketNotes", {}, opening, TICKET, as_resource=8)
    await client.create("TimeEntries", {}, opening, as_resource=8)
    await client.create("TicketNotes", {}, opening, TICKET, as_resource=9)
    clock.advance(3601)
    await client.create("TicketNotes", {}, opening, TICKET, as_resource=8)
    assert names(vendor) == ["8", None, "8", "9", None, "8", None]


async def test_a_create_that_nobody_may_make_is_refused_after_both_tries(vendor, client, opening):
    vendor.table[NOTES] = (500, {"errors": [NO_RIGHT]})
    with pytest.raises(Rejected) as failure:
        await client.create("TicketNotes", {}, opening, TICKET, as_resource=8)
    assert failure.value.code == "autotask_permission"
    assert names(vendor) == ["8", None]


@pytest.mark.parametrize(
    ("answer", "failure"),
    [((500, {"errors": ["Queue ID is required"]}), Rejected), ((500, b"<html>"), Unknown), ((429, None), Throttled)],
)
async def test_any_other_failure_is_not_sent_again_without_the_name(vendor, client, opening, answer, failure):
    vendor.table[NOTES] = answer
    with pytest.raises(failure):
        await client.create("TicketNotes", {}, opening, TICKET, as_resource=8)
    assert names(vendor) == ["8"]


async def test_files_wait_once_ten_million_bytes_as_sent_are_under_way_within_five_minutes(
    vendor, client, counted, clock
):
    opening, asked = counted
    vendor.table[FILES] = (200, {"itemId": 77})
    for size in (6_000_000, 4_000_000):
        assert await client.create("TicketAttachments", file(size), opening, TICKET) == 77
    with pytest.raises(Throttled) as failure:
        await client.create("TicketAttachments", file(1), opening, TICKET)
    assert (len(asked), len(names(vendor))) == (2, 2)
    assert 300 <= (failure.value.until - clock.now()).total_seconds() <= 310
    clock.advance((failure.value.until - clock.now()).total_seconds())
    assert await client.create("TicketAttachments", file(6_000_000), opening, TICKET) == 77


async def test_other_records_go_on_while_files_wait(vendor, client, opening):
    vendor.table |= {FILES: (200, {"itemId": 77}), NOTES: (200, {"itemId": 78})}
    await client.create("TicketAttachments", file(9_999_999), opening, TICKET)
    link = {"attachmentType": "URL", "title": "a", "fullPath": "https://x.example", "publish": 1, "data": None}
    assert await client.create("TicketAttachments", link, opening, TICKET) == 77
    assert await client.create("TicketNotes", {"description": "data"}, opening, TICKET) == 78


async def test_a_file_larger_than_the_window_is_never_sent(vendor, client, counted):
    opening, asked = counted
    with pytest.raises(Rejected) as failure:
        await client.create("TicketAttachments", file(10_000_001), opening, TICKET)
    assert failure.value.code == "file_too_large"
    assert (asked, vendor.seen) == ([], [])


async def test_a_window_that_the_vendor_calls_full_closes_for_five_minutes_and_for_files_only(
    vendor, client, opening, clock
):
    vendor.table[FILES] = [(500, {"errors": [WINDOW_FULL]}), (200, {"itemId": 77})]
    vendor.table["GET Tickets/5"] = (200, {"item": {"id": 5}})
    for _ in range(2):
        with pytest.raises(Throttled) as failure:
            await client.create("TicketAttachments", file(10), opening, TICKET)
        assert failure.value.until == clock.now() + timedelta(minutes=5)
    assert len(names(vendor)) == 1
    assert await client.get("Tickets", 5)
    clock.advance(300)
    assert await client.create("TicketAttachments", file(10), opening, TICKET) == 77


async def test_a_file_counts_once_though_it_is_sent_again_without_a_name(vendor, client, opening):
    vendor.table[FILES] = unless_named
    assert await client.create("TicketAttachments", file(8_000_000), opening, TICKET, as_resource=8) == 77
    assert await client.create("TicketAttachments", file(2_000_000), opening, TICKET, as_resource=8) == 77


async def test_a_file_that_did_not_leave_does_not_count(vendor, client, opening, clock):
    async def late() -> WritePermit:
        return WritePermit(LedgerId(1), clock.boot_s() - 1, clock.boot_s() + 30)

    async def lost() -> WritePermit:
        raise LeaseLost("another host")

    vendor.table[FILES] = (200, {"itemId": 77})
    for never, failure in ((late, NotSent), (lost, LeaseLost)):
        with pytest.raises(failure):
            await client.create("TicketAttachments", file(8_000_000), never, TICKET)
    assert await client.create("TicketAttachments", file(8_000_000), opening, TICKET) == 77


async def test_a_file_whose_answer_was_lost_counts(vendor, client, opening):
    vendor.table[FILES] = (503, None)
    with pytest.raises(Unknown):
        await client.create("TicketAttachments", file(8_000_000), opening, TICKET)
    with pytest.raises(Throttled):
        await client.create("TicketAttachments", file(8_000_000), opening, TICKET)


async def test_amounts_are_sent_and_read_with_every_digit(vendor, client, opening):
    raw: list[str] = []

    def keep(request):
        raw.append(json.dumps(request.body))
        return 200, {"itemId": 77}

    vendor.table["POST Tickets/5/Charges"] = keep
    vendor.table["GET TicketCharges/77"] = (200, b'{"item":{"id":77,"unitPrice":0.1000,"unitCost":12345678901234.55}}')
    body = {"unitPrice": Decimal("19.99"), "unitQuantity": Decimal("1.250")}
    await client.create("TicketCharges", body, opening, TICKET)
    assert raw == ['{"unitPrice": 19.99, "unitQuantity": 1.25}']
    record = await client.get("TicketCharges", 77)
    assert (record["unitPrice"], record["unitCost"]) == (Decimal("0.1000"), Decimal("12345678901234.55"))
