"""Hours that are too long for one entry, or cross a midnight: exact, by local day, and stable when they are edited."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.core.model.connection import ConnectionFile
from app.core.model.ledger import LedgerState
from tests.core.mapping.outbound_kit import compiled, rule
from tests.core.planning.ticket.ticket_kit import Desk, codes, log, the_file, verbs


def split(zone: str = "America/Chicago", *, at_midnight: bool = True) -> ConnectionFile:
    return the_file(time_zone=zone, time_entries={"split_at_midnight": at_midnight})


def entries(world: Desk) -> list[tuple[str, str, str, str]]:
    """Mark, start, day and hours of every time entry, by start."""
    rows = sorted(world.rows("TimeEntries"), key=lambda row: row["startDateTime"])
    return [
        (row["internalNotes"], row["startDateTime"], row["dateWorked"][:10], str(row["hoursWorked"])) for row in rows
    ]


@pytest.mark.parametrize(
    ("zone", "start", "end", "parts"),
    [
        (
            "America/Chicago",
            "2026-03-03 04:00:00",
            "2026-03-03 08:20:00",
            [
                ("(#312/2026-03-02)", "2026-03-03T04:00:00Z", "2026-03-02", "2.0000"),
                ("(#312/2026-03-03)", "2026-03-03T06:00:00Z", "2026-03-03", "2.3333"),
            ],
        ),
        (  # the clocks go forward within the night: five hours, though the clock moves on by six
            "America/Chicago",
            "2026-03-08 04:00:00",
            "2026-03-08 09:00:00",
            [
                ("(#312/2026-03-07)", "2026-03-08T04:00:00Z", "2026-03-07", "2.0000"),
                ("(#312/2026-03-08)", "2026-03-08T06:00:00Z", "2026-03-08", "3.0000"),
            ],
        ),
        (  # the clocks go back within the night: eight hours, though the clock moves on by seven
            "Europe/Berlin",
            "2026-10-24 21:00:00",
            "2026-10-25 05:00:00",
            [
                ("(#312/2026-10-24)", "2026-10-24T21:00:00Z", "2026-10-24", "1.0000"),
                ("(#312/2026-10-25)", "2026-10-24T22:00:00Z", "2026-10-25", "7.0000"),
            ],
        ),
        (
            "Asia/Kolkata",
            "2026-03-02 17:00:00",
            "2026-03-02 19:00:01",
            [
                ("(#312/2026-03-02)", "2026-03-02T17:00:00Z", "2026-03-02", "1.5000"),
                ("(#312/2026-03-03)", "2026-03-02T18:30:00Z", "2026-03-03", "0.5003"),
            ],
        ),
        (  # a midnight that does not exist: at 24:00 the clock shows 01:00
            "Africa/Cairo",
            "2026-04-23 20:00:00",
            "2026-04-24 00:00:00",
            [
                ("(#312/2026-04-23)", "2026-04-23T20:00:00Z", "2026-04-23", "2.0000"),
                ("(#312/2026-04-24)", "2026-04-23T22:00:00Z", "2026-04-24", "2.0000"),
            ],
        ),
    ],
    ids=["an ordinary night", "spring forward", "fall back", "half an hour off", "no midnight"],
)
def test_a_log_across_midnight_is_split_by_local_day(zone: str, start: str, end: str, parts: list[Any]) -> None:
    world = Desk(split(zone), time_logs=[log(start=start, end=end)])
    world.push()
    assert entries(world) == parts
    assert world.push().intents == []


def test_without_the_setting_a_log_across_midnight_is_one_entry_of_the_day_it_began() -> None:
    world = Desk(split(at_midnight=False), time_logs=[log(start="2026-03-03 04:00:00", end="2026-03-03 08:00:00")])
    world.push()
    assert entries(world) == [("(#312)", "2026-03-03T04:00:00Z", "2026-03-02", "4.0000")]


def test_a_log_that_ends_at_midnight_is_not_split() -> None:
    world = Desk(split(), time_logs=[log(start="2026-03-03 04:00:00", end="2026-03-03 06:00:00")])
    assert verbs(world.push()) == [("create", "312")]


@pytest.mark.parametrize(
    ("zone", "start", "hours"),
    [
        ("America/Chicago", datetime(2026, 3, 2, 15, tzinfo=UTC), 24),
        ("America/Chicago", datetime(2026, 3, 2, 6, tzinfo=UTC), 24),
        ("America/Chicago", datetime(2026, 3, 2, 15, tzinfo=UTC), 30),
        ("America/Chicago", datetime(2026, 10, 31, 5, tzinfo=UTC), 97),
        ("Europe/Berlin", datetime(2026, 3, 28, 11, tzinfo=UTC), 71),
        ("Asia/Kolkata", datetime(2026, 3, 2, 18, 30, tzinfo=UTC), 240),
    ],
    ids=["a day", "a local day", "thirty hours", "over a day of 25 hours", "over a day of 23 hours", "ten days"],
)
def test_a_log_too_long_for_one_entry_is_split_into_pieces_that_autotask_takes(
    zone: str, start: datetime, hours: int
) -> None:
    end = start + timedelta(hours=hours, minutes=6)
    stamp = "%Y-%m-%d %H:%M:%S"
    world = Desk(split(zone, at_midnight=False), time_logs=[log(start=start.strftime(stamp), end=end.strftime(stamp))])
    world.push()
    rows = sorted(world.rows("TimeEntries"), key=lambda row: row["startDateTime"])
    assert rows[0]["startDateTime"] == start.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert rows[-1]["endDateTime"] == end.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert [row["startDateTime"] for row in rows[1:]] == [row["endDateTime"] for row in rows[:-1]]
    assert all(row["hoursWorked"] < 24 for row in rows)
    assert sum(row["hoursWorked"] for row in rows) == Decimal(hours) + Decimal("0.1")
    assert len({row["internalNotes"] for row in rows}) == len(rows)
    assert world.push().intents == []


def test_mapped_times_of_a_split_log_are_those_of_its_pieces() -> None:
    rules = compiled(
        rule("time_logs[0].StartDateTime", "TimeEntry.[0].StartDateTime"),
        rule("time_logs[0].EndDateTime", "TimeEntry.[0].EndDateTime"),
        rule("time_logs[0].HoursWorked", "TimeEntry.[0].HoursWorked"),
    )
    logs = [log(start="2026-03-03 04:00:00", end="2026-03-03 08:00:00")]
    mapped, built_in = Desk(split(), rules, time_logs=logs), Desk(split(), time_logs=logs)
    mapped.push(), built_in.push()
    assert entries(mapped) == entries(built_in)


def test_a_split_log_that_is_edited_changes_the_piece_concerned() -> None:
    world = Desk(split(), time_logs=[log(start="2026-03-03 04:00:00", end="2026-03-03 08:00:00")])
    world.push()
    world.time_logs = [log(start="2026-03-03 04:00:00", end="2026-03-03 09:00:00")]
    (intent,) = world.push().intents
    assert (intent.verb, intent.key) == ("update", "312/2026-03-03")
    assert intent.body == {"id": 1002, "endDateTime": "2026-03-03T09:00:00Z", "hoursWorked": Decimal("3.0000")}


def test_a_split_log_that_was_shortened_to_one_day_loses_the_other_piece_at_once() -> None:
    world = Desk(split(), time_logs=[log(start="2026-03-03 04:00:00", end="2026-03-03 08:00:00")])
    world.push()
    world.time_logs = [log(start="2026-03-03 04:00:00", end="2026-03-03 05:00:00")]
    assert verbs(world.push()) == [("update", "312/2026-03-02"), ("delete", "312/2026-03-03")]
    assert [row[3] for row in entries(world)] == ["1.0000"]


def test_a_split_log_stays_split_though_the_setting_is_switched_off() -> None:
    world = Desk(split(), time_logs=[log(start="2026-03-03 04:00:00", end="2026-03-03 08:00:00")])
    world.push()
    world.file = split(at_midnight=False)
    assert world.push_twice().intents == []
    world.time_logs = [log(start="2026-03-03 04:00:00", end="2026-03-03 09:00:00")]
    assert verbs(world.push()) == [("update", "312/2026-03-03")]


def test_a_whole_log_that_grew_too_long_is_replaced_by_its_days() -> None:
    world = Desk(time_logs=[log(start="2026-03-02 15:00:00", end="2026-03-02 17:00:00")])
    world.push()
    world.time_logs = [log(start="2026-03-02 15:00:00", end="2026-03-03 19:00:00")]
    world.push()
    assert [(row[0], row[3]) for row in entries(world)] == [
        ("(#312/2026-03-02)", "15.0000"),
        ("(#312/2026-03-03)", "13.0000"),
    ]
    assert world.push().intents == []


def test_a_log_that_autotask_refused_whole_is_split_once_the_file_says_so() -> None:
    world = Desk(time_logs=[log(start="2026-03-03 04:00:00", end="2026-03-03 08:00:00")])
    world.refused = {("create", "time_entry"): LedgerState.REJECTED}
    world.push()
    world.refused, world.file = {}, split()
    assert verbs(world.push()) == [("create", "312/2026-03-02"), ("create", "312/2026-03-03")]
    assert world.push().findings == []


def test_a_removed_split_log_takes_all_its_pieces_along() -> None:
    world = Desk(split(), time_logs=[log(start="2026-03-03 04:00:00", end="2026-03-03 08:00:00")])
    world.push()
    world.time_logs = []
    world.push_twice()
    assert world.rows("TimeEntries") == []


def test_a_piece_of_less_than_a_minute_is_said_and_left_out() -> None:
    world = Desk(split(), time_logs=[log(start="2026-03-03 05:59:30", end="2026-03-03 08:00:00")])
    plan = world.push()
    assert (verbs(plan), codes(plan.findings)) == ([("create", "312/2026-03-03")], ["time_log_empty"])
