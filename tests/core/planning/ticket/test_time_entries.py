"""Hours: a closed time log becomes one time entry, and stays what the log says."""

from decimal import Decimal
from typing import Any

import pytest

from app.core.model.connection import ConnectionFile
from app.core.planning.ticket.place import Place
from app.core.planning.ticket.wishes import CUT
from tests.core.mapping.outbound_kit import compiled, rule, static
from tests.core.planning.ticket.ticket_kit import Desk, codes, log, the_file, verbs


def entry(file: ConnectionFile | None = None, *rules: Any, logged: Any = None, **desk: Any) -> dict[str, Any]:
    """The one time entry after a push of one log."""
    world = Desk(file or the_file(), compiled(*rules), time_logs=[logged or log()], **desk)
    assert codes(world.push().findings) == []
    return world.row("TimeEntries")


def with_time(**settings: Any) -> ConnectionFile:
    return the_file(time_entries=settings)


def test_a_closed_log_is_sent_whole_with_what_nobody_mapped() -> None:
    assert entry() == {
        "id": 1001,
        "ticketID": 7,
        "resourceID": 29682885,
        "roleID": 29683354,
        "startDateTime": "2026-03-02T15:02:00Z",
        "endDateTime": "2026-03-02T16:57:00Z",
        "hoursWorked": Decimal("1.9167"),
        "dateWorked": "2026-03-02T00:00:00",
        "summaryNotes": "Field Nation work order 70211: time on site, Ada Byron",
        "internalNotes": "(#312)",
    }


def test_the_work_type_of_the_file_is_sent_and_none_leaves_it_to_the_ticket() -> None:
    assert entry(with_time(work_type=7))["billingCodeID"] == 7
    assert "billingCodeID" not in entry()


def test_an_evening_is_booked_on_the_day_of_the_connections_zone() -> None:
    evening = log(start="2026-03-03 01:00:00", end="2026-03-03 02:30:00")
    assert entry(logged=evening)["dateWorked"] == "2026-03-02T00:00:00"
    assert entry(the_file(time_zone="UTC"), logged=evening)["dateWorked"] == "2026-03-03T00:00:00"


def test_a_mapped_value_beats_a_built_in_one_and_leaves_the_others() -> None:
    mapped = entry(
        None,
        static("TimeEntry.[0].RoleID", 5),
        rule("closing_notes", "TimeEntry.[0].SummaryNotes"),
        rule("time_logs[0].HoursWorked", "TimeEntry.[0].HoursWorked"),
    )
    assert mapped["summaryNotes"] == "Swapped the unit."
    assert mapped["hoursWorked"] == Decimal("1.9167")
    assert mapped["dateWorked"] == "2026-03-02T00:00:00"


@pytest.mark.parametrize("field", ["internalNotes", "summaryNotes"])
def test_the_mark_stands_before_the_text_of_the_field_that_the_file_names(field: str) -> None:
    text = rule("closing_notes", f"TimeEntry.[0].{field[0].upper()}{field[1:]}")
    marked = entry(with_time(id_field=field), text)
    assert marked[field] == "(#312) Swapped the unit."
    other = "summaryNotes" if field == "internalNotes" else "internalNotes"
    assert "(#312)" not in marked.get(other, "")


def test_a_text_that_carries_the_mark_already_is_not_marked_twice() -> None:
    text = static("TimeEntry.[0].InternalNotes", "(#312) by hand")
    assert entry(None, text)["internalNotes"] == "(#312) by hand"


def test_a_text_that_is_too_long_is_cut_behind_its_mark_and_says_so() -> None:
    file = with_time(id_field="summaryNotes")
    world = Desk(file, compiled(static("TimeEntry.[0].SummaryNotes", "x" * 31_999)), time_logs=[log()])
    assert codes(world.push().findings) == ["text_cut"]
    text = world.row("TimeEntries")["summaryNotes"]
    assert (len(text), text[:9], text[-len(CUT) :]) == (32_000, "(#312) xx", CUT)


def test_the_provider_who_logged_is_looked_up_in_the_table_and_else_who_is_assigned() -> None:
    table = {
        "88": {"resource_id": 11, "role_id": 12},
        "89": {"resource_id": 21, "role_id": 22},
    }
    assert (entry(with_time(providers=table))["resourceID"], entry(with_time(providers=table))["roleID"]) == (11, 12)
    unknown = log(logged_by={"id": 5, "name": "Somebody"})
    assert entry(with_time(providers=table), logged=unknown)["resourceID"] == 21
    only = {"88": table["88"]}
    assert entry(with_time(providers=only), logged=unknown)["resourceID"] == 29682885


def test_a_log_without_an_author_names_the_assigned_provider() -> None:
    assert entry(logged=log(logged_by=None))["summaryNotes"].endswith("time on site, Max Born")


@pytest.mark.parametrize(
    ("send", "first"), [("closed", 3), ("work_done", 4), ("approved", 5)], ids=["closed", "work done", "approved"]
)
def test_time_is_sent_from_the_status_on_that_the_file_names(send: str, first: int) -> None:
    world = Desk(with_time(send=send), time_logs=[log()])
    for status in (3, 4, 5, 6):
        world.status = status
        assert bool(world.plan().intents) is (status >= first), status


def test_an_open_log_waits_and_is_sent_once_it_is_closed() -> None:
    world = Desk(time_logs=[log(end="")])
    plan = world.push()
    assert (plan.intents, plan.findings, plan.is_failing) == ([], [], False)
    world.time_logs = [log()]
    assert verbs(world.push()) == [("create", "312")]


def test_a_log_that_was_opened_again_keeps_its_entry_until_it_is_closed() -> None:
    world = Desk(time_logs=[log()])
    world.push()
    world.time_logs = [log(end="")]
    assert world.push_twice().intents == []
    world.time_logs = [log(end="2026-03-02 18:00:00")]
    assert verbs(world.push()) == [("update", "312")]


def test_an_edited_log_changes_window_and_hours_and_nothing_else() -> None:
    world = Desk(time_logs=[log()])
    world.push()
    world.time_logs = [log(end="2026-03-02 17:02:00")]
    (intent,) = world.push().intents
    assert intent.body == {"id": 1001, "endDateTime": "2026-03-02T17:02:00Z", "hoursWorked": Decimal("2.0000")}
    assert intent.before == {"endDateTime": "2026-03-02T16:57:00Z", "hoursWorked": Decimal("1.9167")}
    assert world.push().intents == []


def test_a_log_that_moved_to_another_day_is_booked_on_that_day() -> None:
    world = Desk(time_logs=[log()])
    world.push()
    world.time_logs = [log(start="2026-03-03 15:02:00", end="2026-03-03 16:57:00")]
    world.push()
    assert world.row("TimeEntries")["dateWorked"] == "2026-03-03T00:00:00"


@pytest.mark.parametrize(
    "later",
    [
        with_time(resource_id=1, role_id=2),
        with_time(providers={"88": {"resource_id": 11, "role_id": 12}}),
        with_time(work_type=9),
        with_time(id_field="summaryNotes"),
        with_time(split_at_midnight=True),
        with_time(send="approved"),
        the_file(time_zone="Asia/Kolkata"),
    ],
    ids=["resource", "providers", "work type", "place of the mark", "split", "send", "zone"],
)
def test_a_setting_that_is_changed_later_rewrites_nothing(later: ConnectionFile) -> None:
    world = Desk(time_logs=[log(start="2026-03-02 23:00:00", end="2026-03-03 08:00:00")])
    world.push()
    world.file = later
    plan = world.push_twice()
    assert (plan.intents, plan.findings) == ([], [])


def test_a_mapping_that_is_changed_later_rewrites_nothing_and_its_sources_count_from_then_on() -> None:
    world = Desk(time_logs=[log()])
    world.push()
    world.rules = compiled(rule("time_logs[0].provider", "TimeEntry.[0].SummaryNotes"))
    plan = world.push()
    assert (plan.intents, [seen.facts is not None for seen in plan.observed]) == ([], [True])
    assert world.push().observed == []
    world.time_logs = [log(logged_by={"id": 5, "name": "Bo"})]
    assert world.push().intents[0].body == {"id": 1001, "summaryNotes": "Bo"}


def test_an_edit_is_seen_though_the_field_was_mapped_anew_since_the_last_push() -> None:
    world = Desk(time_logs=[log()])
    world.push()
    world.rules = compiled(rule("time_logs[0].EndDateTime", "TimeEntry.[0].EndDateTime"))
    world.time_logs = [log(end="2026-03-02 18:00:00")]
    world.push()
    assert world.row("TimeEntries")["endDateTime"] == "2026-03-02T18:00:00Z"
    world.rules, world.time_logs = compiled(), [log(end="2026-03-02 19:00:00")]
    world.push()
    assert world.row("TimeEntries")["endDateTime"] == "2026-03-02T19:00:00Z"


def test_resync_writes_what_a_mapping_says_today_and_then_nothing_more() -> None:
    world = Desk(time_logs=[log()])
    world.push()
    assert world.push(resync=True).intents == []
    world.rules = compiled(static("TimeEntry.[0].SummaryNotes", "On site"))
    (intent,) = world.push(resync=True).intents
    assert intent.body == {"id": 1001, "summaryNotes": "On site"}
    assert world.push(resync=True).intents == []


def test_a_static_value_with_always_is_written_at_every_change() -> None:
    world = Desk(rules=compiled(static("TimeEntry.[0].SummaryNotes", "On site", always=True)), time_logs=[log()])
    world.push()
    assert world.push().intents == []
    world.time_logs = [log(end="2026-03-02 17:02:00")]
    assert world.push().intents[0].body["summaryNotes"] == "On site"


@pytest.mark.parametrize("missing", ["resource_id", "role_id"])
def test_without_somebody_to_book_it_on_nothing_is_sent_and_the_finding_says_what_to_set(missing: str) -> None:
    world = Desk(with_time(**{missing: None}), time_logs=[log()])
    plan = world.push()
    assert (plan.intents, plan.is_failing) == ([], True)
    assert (codes(plan.findings), "time_entries.resource_id" in plan.findings[0].text) == (["item_incomplete"], True)
    world.file = the_file()
    assert verbs(world.push()) == [("create", "312")]


def test_where_there_is_no_place_nothing_is_sent_and_the_finding_says_why() -> None:
    world = Desk(place=Place("Tickets", 0, "service call 3 has no ticket"), time_logs=[log()])
    plan = world.push()
    assert plan.intents == []
    assert "service call 3 has no ticket" in plan.findings[0].text


def test_time_of_a_project_goes_to_its_task() -> None:
    sent = entry(place=Place("Tasks", 55))
    assert (sent["taskID"], "ticketID" in sent) == (55, False)


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        ("2026-03-02 15:00:00", "2026-03-02 15:00:59", "time_log_empty"),
        ("2026-03-02 15:00:00", "2026-03-02 14:00:00", "time_log_empty"),
        ("2026-03-02 15:00:00", "2036-03-02 15:00:00", "time_log_unreadable"),
        ("2026-03-02 15:00:00", "9999-12-31 23:00:00", "time_log_unreadable"),
        ("soon", "2026-03-02 15:00:00", "time_log_unreadable"),
        ("2026-03-02 15:00:00", "later", "time_log_unreadable"),
        ("", "2026-03-02 15:00:00", "time_log_unreadable"),
    ],
)
def test_a_log_that_makes_no_sense_is_said_and_not_sent(start: str, end: str, code: str) -> None:
    plan = Desk(time_logs=[log(start=start, end=end)]).push()
    assert (plan.intents, codes(plan.findings)) == ([], [code])
    assert plan.is_failing is (code == "time_log_unreadable")


def test_a_log_without_an_id_is_said_and_holds_up_no_other() -> None:
    plan = Desk(time_logs=[log(None), log(313)]).push()
    assert (verbs(plan), codes(plan.findings), plan.is_failing) == ([("create", "313")], ["item_without_id"], True)


def test_an_id_is_the_same_as_a_number_and_as_text() -> None:
    world = Desk(time_logs=[log(312)])
    world.push()
    world.time_logs = [log("312")]
    assert world.push().intents == []
