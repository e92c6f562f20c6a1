"""Dates: formats, zones, the days on which clocks move, and the shapes both vendors send."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.core.mapping.date_formats import BadFormat, DateFormat, parse_format
from app.core.mapping.dates import BadDate, print_instant, read_instant, read_zone


def made(text: str, *, for_reading: bool = True) -> DateFormat:
    got = parse_format(text, for_reading=for_reading)
    assert isinstance(got, DateFormat), got
    return got


def read(value: Any, format: str = "", zone: str = "UTC") -> str:
    """The instant as ISO text, `empty`, or `bad`."""
    got = read_instant(value, made(format) if format else None, read_zone(zone) or UTC)
    if isinstance(got, datetime):
        assert got.tzinfo is UTC
        return got.isoformat().replace("+00:00", "Z")
    return "empty" if got is None else "bad"


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        ("2022-12-07T09:15:45Z", "2022-12-07T09:15:45Z"),
        ("2022-12-07T09:15:45.2Z", "2022-12-07T09:15:45.200000Z"),
        ("2022-12-07T09:15:45.113Z", "2022-12-07T09:15:45.113000Z"),
        ("2022-12-07T09:15:45.1234567Z", "2022-12-07T09:15:45.123456Z"),
        ("2022-12-07T09:15:45", "2022-12-07T09:15:45Z"),
        ("2022-12-07T09:15", "2022-12-07T09:15:00Z"),
        ("2022-12-07T09:15:45+02:00", "2022-12-07T07:15:45Z"),
        ("2022-12-07T09:15:45-0530", "2022-12-07T14:45:45Z"),
        ("2022-12-07", "2022-12-07T00:00:00Z"),
        ("2024-12-10 18:00:00", "2024-12-10T18:00:00Z"),
        ("2024-12-10 18:00:00.000000", "2024-12-10T18:00:00Z"),
        ({"utc": "2024-12-10 18:00:00", "local": {"date": "", "time": ""}}, "2024-12-10T18:00:00Z"),
        ({"local": {"date": "2024-12-10", "time": "18:00:00"}, "utc": ""}, "2024-12-10T18:00:00Z"),
        ({"local": {"date": "2024-12-10", "time": ""}}, "2024-12-10T00:00:00Z"),
        ("", "empty"),
        (None, "empty"),
        ([], "empty"),
        ({}, "empty"),
        ({"utc": "", "local": {"date": "", "time": ""}}, "empty"),
        ({"utc": None, "local": None}, "empty"),
        ("tomorrow", "bad"),
        ("2022-13-07T09:15:45Z", "bad"),
        ("2023-02-29", "bad"),
        ("2022-12-07T24:15:45Z", "bad"),
        ("0001-01-01T00:00:00+14:00", "bad"),
        ("2022-12-07T09:15:45+99:99", "bad"),
        ("２０２２-12-07", "bad"),
        (True, "bad"),
        (17, "bad"),
        ([1], "bad"),
        ({"a": 1}, "bad"),
        ({"utc": 5}, "bad"),
        ({"utc": "", "local": {"date": 5, "time": "x"}}, "bad"),
    ],
)
def test_without_a_format_what_both_vendors_send_is_read(value: Any, instant: str) -> None:
    assert read(value) == instant


@pytest.mark.parametrize(
    ("value", "format", "instant"),
    [
        ("03/09/2026 2:05 pm", "MM/DD/YYYY h:mm a", "2026-03-09T14:05:00Z"),
        ("03/09/2026 12:05 AM", "MM/DD/YYYY hh:mm A", "2026-03-09T00:05:00Z"),
        ("03/09/2026 12:05 PM", "MM/DD/YYYY hh:mm A", "2026-03-09T12:05:00Z"),
        ("03/09/2026 13:05 PM", "MM/DD/YYYY hh:mm A", "bad"),
        ("9.3.26 7:5", "D.M.YY H:m", "2026-03-09T07:05:00Z"),
        ("9.3.69 7:5", "D.M.YY H:m", "1969-03-09T07:05:00Z"),
        ("20260309T140506", "YYYYMMDDTHHmmss", "2026-03-09T14:05:06Z"),
        (20260309, "YYYYMMDD", "2026-03-09T00:00:00Z"),
        ("2026-03-09 14:05:06.25", "YYYY-MM-DD HH:mm:ss.SSS", "2026-03-09T14:05:06.250000Z"),
        ("2026-03-09 14:05:06 +0100", "YYYY-MM-DD HH:mm:ss ZZ", "2026-03-09T13:05:06Z"),
        ("2026-03-09 14:05:06Z", "YYYY-MM-DD HH:mm:ssZ", "2026-03-09T14:05:06Z"),
        ("on 2026-03-09 at 14 h", "[on] YYYY-MM-DD [at] HH [h]", "2026-03-09T14:00:00Z"),
        ("1773065106", "X", "2026-03-09T14:05:06Z"),
        (1773065106, "X", "2026-03-09T14:05:06Z"),
        (1773065106250, "x", "2026-03-09T14:05:06.250000Z"),
        ("99999999999999", "X", "bad"),
        ("2026-03-09T14:05:06.2Z", "YYYY-MM-DDTHH:mm:ss", "2026-03-09T14:05:06.200000Z"),
        ("2026-03-09T00:00:00", "YYYY-MM-DD", "2026-03-09T00:00:00Z"),
        ("2026-03-09T07:00:00", "YYYY-MM-DD", "bad"),
        ("2026-3-9", "YYYY-MM-DD", "bad"),
        ("09/03/2026", "YYYY-MM-DD", "bad"),
        ({"utc": "2024-12-10 18:00:00"}, "MM/DD/YYYY", "2024-12-10T18:00:00Z"),
    ],
)
def test_a_format_reads_exactly_its_own(value: Any, format: str, instant: str) -> None:
    assert read(value, format) == instant


@pytest.mark.parametrize(
    ("value", "zone", "instant"),
    [
        ("2026-01-15 09:00:00", "America/Chicago", "2026-01-15T15:00:00Z"),
        ("2026-07-15 09:00:00", "America/Chicago", "2026-07-15T14:00:00Z"),
        ("2026-07-15 09:00:00", "Asia/Kolkata", "2026-07-15T03:30:00Z"),
        ("2026-07-15 09:00:00Z", "Asia/Kolkata", "2026-07-15T09:00:00Z"),
        # The clocks skip 02:00 to 03:00: the time moves forward by that hour, to 03:30 summer time.
        ("2026-03-08 02:30:00", "America/Chicago", "2026-03-08T08:30:00Z"),
        ("2026-03-29 02:30:00", "Europe/Berlin", "2026-03-29T01:30:00Z"),
        # 01:30 happens twice: the first one, still in summer time.
        ("2026-11-01 01:30:00", "America/Chicago", "2026-11-01T06:30:00Z"),
        ("2026-10-25 02:30:00", "Europe/Berlin", "2026-10-25T00:30:00Z"),
        ({"local": {"date": "2026-11-01", "time": "01:30:00"}}, "America/Chicago", "2026-11-01T06:30:00Z"),
        ({"utc": "2026-11-01 01:30:00"}, "America/Chicago", "2026-11-01T01:30:00Z"),
    ],
)
def test_a_zone_applies_where_the_value_names_none(value: Any, zone: str, instant: str) -> None:
    assert read(value, zone=zone) == instant


@pytest.mark.parametrize(
    ("format", "zone", "text"),
    [
        ("YYYY-MM-DD HH:mm:ss", "UTC", "2026-03-08 07:05:09"),
        ("YYYY-MM-DD HH:mm:ss", "America/Chicago", "2026-03-08 01:05:09"),
        ("YYYY-MM-DDTHH:mm:ssZ", "America/Chicago", "2026-03-08T01:05:09-06:00"),
        ("YYYY-MM-DDTHH:mm:ss[Z]", "UTC", "2026-03-08T07:05:09Z"),
        ("YYYYMMDDTHHmmssZZ", "Asia/Kolkata", "20260308T123509+0530"),
        ("D/M/YY h:mm a", "UTC", "8/3/26 7:05 am"),
        ("hh A", "Asia/Kolkata", "12 PM"),
        ("H:m:s.SSS", "UTC", "7:5:9.250"),
        ("X", "UTC", "1772953509"),
        ("x", "America/Chicago", "1772953509250"),
        ("[at] HH[h]", "UTC", "at 07h"),
    ],
)
def test_an_instant_is_printed_in_a_format_and_zone(format: str, zone: str, text: str) -> None:
    at = datetime(2026, 3, 8, 7, 5, 9, 250_000, tzinfo=UTC)
    assert print_instant(at, made(format, for_reading=False), read_zone(zone) or UTC) == text


def test_an_instant_at_the_end_of_the_calendar_is_no_error() -> None:
    at = datetime(9999, 12, 31, 23, tzinfo=UTC)
    assert isinstance(print_instant(at, made("YYYY", for_reading=False), read_zone("Asia/Tokyo") or UTC), BadDate)


@pytest.mark.parametrize(
    ("format", "words"),
    [
        ("", "empty"),
        ("--", "no token"),
        ("YYYY-MM-DD [at", "bracket"),
        ("YYYY-MMM-DD", "MMM"),
        ("dd.MM.YYYY", "[dd]"),
        ("HH:mm", "year"),
        ("YYYY-MM-DD YYYY", "twice"),
        ("YYYY-MM-DD h:mm H", "twice"),
        ("Y" * 200, "longer"),
    ],
)
def test_a_format_that_cannot_be_read_with_says_why(format: str, words: str) -> None:
    got = parse_format(format, for_reading=True)
    assert isinstance(got, BadFormat)
    assert words in got.reason


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "America", "../etc/passwd", "a\0b", "x" * 5000, "/"])
def test_a_name_that_is_no_zone_is_none(name: str) -> None:
    assert read_zone(name) is None
