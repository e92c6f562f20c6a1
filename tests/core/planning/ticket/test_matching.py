"""Which record in Autotask a lost create made, or another connector wrote."""

from typing import Any

import pytest

from app.core.model.ledger import EntryKey, LedgerEntry, LedgerState
from app.core.planning.ticket.matching import MARKS, by_mark, fields_of, made_by, mark_in, stands, strangers
from tests.core.planning.ticket.ticket_kit import Desk, a_photo, entry_of, expense, log, message, the_file

NOBODY: frozenset[str] = frozenset()


def entry(kind: str, mark: str, values: dict[str, Any], **more: Any) -> LedgerEntry:
    attempted = {"mark": mark, "values": values, "fields": sorted(values), **more}
    return entry_of(EntryKey("work_order:70211", kind, mark), "create", LedgerState.OPEN, "", attempted, "")


def ids(records: Any) -> list[Any]:
    return [record["id"] for record in records]


@pytest.mark.parametrize(
    ("kind", "record", "mark"),
    [
        ("time_entry", {"internalNotes": "(#103) Swapped the fan tray"}, "103"),
        ("time_entry", {"summaryNotes": "(#104)"}, "104"),
        ("time_entry", {"internalNotes": "", "summaryNotes": "  (#104) x"}, "104"),
        ("time_entry", {"internalNotes": "(#312/2026-03-02/2)"}, "312/2026-03-02/2"),
        ("time_entry", {"internalNotes": "see (#103)"}, ""),
        ("time_entry", {"internalNotes": "(# 103)"}, ""),
        ("time_entry", {"internalNotes": "()"}, ""),
        ("time_entry", {"internalNotes": None}, ""),
        ("time_entry", {"internalNotes": 103}, ""),
        ("charge", {"description": "(#9) Taxi"}, "9"),
        ("charge", {"notes": "(#9)", "description": "(#8) Taxi"}, "9"),
        ("expense_item", {"purchaseOrderNumber": "(#9)"}, "9"),
        ("expense_item", {"description": "(#9) Taxi"}, "9"),
        ("note", {"title": "Field Nation: Ada (#501)"}, "501"),
        ("note", {"title": "(#501) from the old connector"}, "501"),
        ("note", {"title": "Field Nation: Ada (#501)", "description": "(#12) is broken"}, "501"),
        ("attachment", {"title": "ups.jpg (#12/5)"}, "12/5"),
        ("attachment", {"title": "(#12/5) ups.jpg"}, ""),
    ],
)
def test_a_mark_is_read_where_this_connector_or_the_old_one_puts_it(kind: str, record: Any, mark: str) -> None:
    assert mark_in(kind, record) == mark


def sent() -> Desk:
    """One record of each kind, made by a push."""
    file = the_file(attachments={"enabled": True})
    world = Desk(file, time_logs=[log()], expenses=[expense()], messages=[message()], files=[a_photo()])
    world.push()
    world.push_files()
    world.file = the_file(expenses={"additional_charges": "charge"})
    world.entries, world.expenses = {}, [expense(9002)]
    world.push()
    return world


ENTITIES = {
    "time_entry": "TimeEntries",
    "expense_item": "ExpenseItems",
    "charge": "TicketCharges",
    "note": "TicketNotes",
    "attachment": "TicketAttachments",
}


@pytest.mark.parametrize("kind", sorted(ENTITIES))
def test_every_record_that_a_push_makes_is_found_by_its_mark_and_without_it_by_its_content(kind: str) -> None:
    world = sent()
    (record, *_) = world.rows(ENTITIES[kind])
    (intent, *_) = [one for one in world.made if one.kind == kind]
    lost = entry(kind, intent.key, dict(intent.body))
    assert mark_in(kind, record) == intent.key
    assert ids(made_by(lost, [record], NOBODY)) == [record["id"]]
    assert made_by(lost, [record], frozenset({str(record["id"])})) == []
    marked = {*MARKS[kind].first, *MARKS[kind].last} - {*MARKS[kind].content}
    edited = {name: value for name, value in record.items() if name not in marked}
    assert ids(made_by(lost, [edited], NOBODY)) == [record["id"]]
    assert set(fields_of(kind)) >= {"id", *MARKS[kind].first, *MARKS[kind].last, *MARKS[kind].content}


def test_a_record_with_another_mark_is_never_ours_though_the_content_is_the_same() -> None:
    values = {"description": "ok"}
    theirs = {"id": 1, "title": "Field Nation: Ada (#500)", "description": "ok"}
    assert made_by(entry("note", "501", values), [theirs], NOBODY) == []


def test_our_mark_is_found_beside_a_text_that_begins_like_another() -> None:
    lost = entry("time_entry", "312", {})
    record = {"id": 1, "internalNotes": "(#7) is the rack", "summaryNotes": "(#312) On site"}
    assert ids(made_by(lost, [record], NOBODY)) == [1]


def test_two_records_with_the_mark_are_two_candidates() -> None:
    twice = [{"id": n, "internalNotes": "(#312)"} for n in (1, 2)]
    assert ids(made_by(entry("time_entry", "312", {}), twice, NOBODY)) == [1, 2]


def test_a_marked_record_counts_before_an_unmarked_one_of_the_same_content() -> None:
    window = {"startDateTime": "2026-03-02T15:02:00Z", "endDateTime": "2026-03-02T16:57:00Z", "resourceID": 5}
    records = [{"id": 1, **window}, {"id": 2, **window, "internalNotes": "(#312)"}]
    assert ids(made_by(entry("time_entry", "312", window), records, NOBODY)) == [2]


@pytest.mark.parametrize(
    ("change", "is_same"),
    [
        ({}, True),
        ({"startDateTime": "2026-03-02T15:02:00.000Z"}, True),
        ({"resourceID": "5"}, True),
        ({"resourceID": 6}, False),
        ({"endDateTime": "2026-03-02T16:58:00Z"}, False),
        ({"startDateTime": None}, False),
    ],
)
def test_an_unmarked_time_entry_is_the_same_by_window_and_resource(change: Any, is_same: bool) -> None:
    window = {"startDateTime": "2026-03-02T15:02:00Z", "endDateTime": "2026-03-02T16:57:00Z", "resourceID": 5}
    assert bool(made_by(entry("time_entry", "312", window), [{"id": 1, **window, **change}], NOBODY)) is is_same


def test_content_that_was_not_sent_matches_nothing() -> None:
    assert made_by(entry("charge", "9", {"name": "Taxi"}), [{"id": 1, "name": "Taxi"}], NOBODY) == []


def test_records_are_gathered_by_mark_and_those_without_are_left_out() -> None:
    records = [{"id": 1, "notes": "(#9)"}, {"id": 2, "notes": "(#9) again"}, {"id": 3, "notes": "by hand"}]
    assert {mark: ids(found) for mark, found in by_mark("charge", records).items()} == {"9": [1, 2]}


@pytest.mark.parametrize(
    ("standing", "is_done"),
    [
        ({"unitPrice": 50, "description": "Taxi"}, True),
        ({"unitPrice": "50.000", "description": "Taxi\r\n"}, True),
        ({"unitPrice": 50.5, "description": "Taxi"}, False),
        ({"unitPrice": 50}, False),
    ],
)
def test_an_update_stands_when_everything_it_sent_does(standing: Any, is_done: bool) -> None:
    assert stands(entry("charge", "9", {"unitPrice": 50, "description": "Taxi"}), standing) is is_done


def test_a_stranger_is_a_value_that_is_neither_the_old_nor_the_new_one() -> None:
    world = Desk(the_file(expenses={"additional_charges": "charge"}), expenses=[expense()])
    world.push()
    world.expenses = [expense(amount="60.00", description="Bus")]
    (intent,) = world.plan().intents
    world.write(intent, lost=LedgerState.OPEN)
    lost = world.entry("charge", "9001")
    record = world.row("TicketCharges")
    assert strangers(lost, record) == ()
    assert strangers(lost, {**record, **intent.after}) == ()
    assert strangers(lost, {**record, "unitPrice": 55}) == ("unitPrice",)


def test_what_was_not_written_twice_over_is_blamed_on_nobody() -> None:
    world = Desk(the_file(expenses={"additional_charges": "charge"}), expenses=[expense()])
    world.push()
    world.expenses = [expense(amount="60.00")]
    for state in (LedgerState.VOID, LedgerState.OPEN):
        (intent,) = world.plan().intents
        assert (intent.before["unitPrice"], intent.after["unitPrice"]) == (world.row("TicketCharges")["unitPrice"], 60)
        world.write(intent, lost=state)
    assert strangers(world.entry("charge", "9001"), world.row("TicketCharges")) == ()


@pytest.mark.parametrize("text", ["sNaN", "NaN", "Infinity", "1e999999", "²"])
def test_a_text_that_looks_like_a_number_and_is_none_harms_nobody(text: str) -> None:
    assert not stands(entry("charge", "9", {"name": text}), {"name": "5"})
    assert stands(entry("charge", "9", {"name": text}), {"name": text})
