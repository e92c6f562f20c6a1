"""Dates by format and zone: tokens, days on which clocks move, times that do not exist, the ends of the calendar."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.core.mapping.date_formats import DateFormat, parse_format
from app.core.mapping.dates import BadDate, print_instant, read_instant, read_zone


def made(text: str, *, for_reading: bool) -> DateFormat:
    got = parse_format(text, for_reading=for_reading)
    assert isinstance(got, DateFormat), got
    return got


def zone_of(name: str) -> Any:
    zone = read_zone(name)
    assert zone is not None
    return zone


def read(value: Any, format: str = "", zone: str = "UTC") -> str:
    """The instant as ISO text, `empty`, or `bad`."""
    got = read_instant(value, made(format, for_reading=True) if format else None, zone_of(zone))
    if isinstance(got, datetime):
        return got.isoformat().replace("+00:00", "Z")
    return "empty" if got is None else "bad"


@pytest.mark.parametrize(
    ("value", "format", "instant", "because"),
    [
        ("1969-12-31 23:59", "YYYY-MM-DD HH:mm", "1969-12-31T23:59:00Z", "years before 1970 are years"),
        ("3/2/2026", "M/D/YYYY", "2026-03-02T00:00:00Z", "M and D take one digit or two"),
        ("12/31/2026", "M/D/YYYY", "2026-12-31T00:00:00Z", "M and D take one digit or two"),
        ("3/2/2026", "MM/DD/YYYY", "bad", "MM and DD take two digits"),
        ("31/12/2026", "MM/DD/YYYY", "bad", "there is no month 31: never guessed the other way round"),
        ("2026-03-02 3:02 PM", "YYYY-MM-DD h:mm A", "2026-03-02T15:02:00Z", "h of the afternoon"),
        ("2026-03-02 03:02 am", "YYYY-MM-DD hh:mm A", "2026-03-02T03:02:00Z", "A takes small letters too"),
        ("2026-03-02 3:02 Pm", "YYYY-MM-DD h:mm a", "2026-03-02T15:02:00Z", "a takes capitals too"),
        (
            "2026-03-02 12:00 am",
            "YYYY-MM-DD hh:mm a",
            "2026-03-02T00:00:00Z",
            "twelve at night is the day's first hour",
        ),
        ("2026-03-02 12:59 PM", "YYYY-MM-DD h:mm A", "2026-03-02T12:59:00Z", "twelve at noon is the thirteenth"),
        ("2026-03-02 0:30 AM", "YYYY-MM-DD h:mm A", "bad", "a clock of twelve hours shows no 0"),
        ("2026-03-02 15:02", "YYYY-MM-DD hh:mm", "2026-03-02T15:02:00Z", "without A, hh can only be an hour of 24"),
        ("2026-03-02 3:02", "YYYY-MM-DD h:mm A", "bad", "the format asks for AM or PM"),
        ("26-03-02", "YY-MM-DD", "2026-03-02T00:00:00Z", "two digits of this century"),
        ("68-03-02", "YY-MM-DD", "2068-03-02T00:00:00Z", "up to 68, as moment.js has it"),
        ("2026-03-02T15:02:00+05:45", "YYYY-MM-DDTHH:mm:ssZ", "2026-03-02T09:17:00Z", "Z takes an offset"),
        ("2026-03-02T15:02:00-0600", "YYYY-MM-DDTHH:mm:ssZ", "2026-03-02T21:02:00Z", "with a colon or without"),
        ("2026-03-02T15:02:00z", "YYYY-MM-DDTHH:mm:ssZ", "2026-03-02T15:02:00Z", "or the letter"),
        ("2026-03-02T15:02:00 CST", "YYYY-MM-DDTHH:mm:ss Z", "bad", "letters of zones are shared by several"),
        ("2026-03-02T15:02:00+6", "YYYY-MM-DDTHH:mm:ssZ", "bad", "an offset has four digits"),
        ("2026-03-02 15:02:00.5", "YYYY-MM-DD HH:mm:ss.SSS", "2026-03-02T15:02:00.500000Z", "a fraction of any length"),
        ("1772463720.25", "X", "2026-03-02T15:02:00.250000Z", "X counts seconds, with their fraction"),
        ("-1", "X", "1969-12-31T23:59:59Z", "X goes back before 1970"),
        ("0", "X", "1970-01-01T00:00:00Z", "0 is an instant once the format says so"),
        (1772463720.5, "X", "2026-03-02T15:02:00.500000Z", "a number and not its text"),
        ("-1", "x", "1969-12-31T23:59:59.999000Z", "x counts milliseconds"),
        ("1772463720000.5", "x", "bad", "x has no fraction"),
        ("1e9", "X", "bad", "digits only"),
        ("  2026-03-02 ", "YYYY-MM-DD", "2026-03-02T00:00:00Z", "blanks around a date say nothing"),
        ("2026-03-02 at 15", "YYYY-MM-DD [at] HH", "2026-03-02T15:00:00Z", "letters in brackets stand for themselves"),
        ("2026.03.02", "YYYY-MM-DD", "bad", "other marks are another format"),
    ],
)
def test_a_token_reads_what_moment_writes_with_it(value: Any, format: str, instant: str, because: str) -> None:
    assert read(value, format) == instant, because


@pytest.mark.parametrize(
    ("instant", "format", "zone", "text", "because"),
    [
        ("2026-03-02T00:05:00", "h:mm A", "UTC", "12:05 AM", "a clock of twelve hours shows no 0"),
        ("2026-03-02T12:05:00", "hh:mm a", "UTC", "12:05 pm", "noon is pm"),
        ("2026-03-02T15:02:00", "D.M.YYYY H:mm", "UTC", "2.3.2026 15:02", "without zeros before"),
        (
            "2026-03-02T15:02:00",
            "YYYY-MM-DDTHH:mm:ssZ",
            "UTC",
            "2026-03-02T15:02:00+00:00",
            "Z is an offset, never the letter",
        ),
        ("2026-03-02T15:02:00", "HH:mm Z", "Asia/Kathmandu", "20:47 +05:45", "three quarters of an hour"),
        ("2026-03-02T15:02:00", "HH:mm ZZ", "America/St_Johns", "11:32 -0330", "half an hour, west"),
        ("2026-03-02T15:02:00", "HH:mm Z", "Australia/Lord_Howe", "02:02 +11:00", "its summer"),
        ("2026-07-02T15:02:00", "HH:mm Z", "Australia/Lord_Howe", "01:32 +10:30", "its winter is half an hour away"),
        (
            "2026-03-02T10:00:00",
            "YYYY-MM-DD HH:mm",
            "Pacific/Kiritimati",
            "2026-03-03 00:00",
            "the first to have a day",
        ),
        (
            "2026-03-02T10:00:00",
            "YYYY-MM-DD HH:mm",
            "Pacific/Pago_Pago",
            "2026-03-01 23:00",
            "the last: 25 hours apart",
        ),
        ("2026-03-08T07:59:59", "HH:mm:ss Z", "America/Chicago", "01:59:59 -06:00", "the last second of winter"),
        ("2026-03-08T08:00:00", "HH:mm:ss Z", "America/Chicago", "03:00:00 -05:00", "the first of summer"),
        ("2026-11-01T06:30:00", "HH:mm Z", "America/Chicago", "01:30 -05:00", "half past one, the first time"),
        ("2026-11-01T07:30:00", "HH:mm Z", "America/Chicago", "01:30 -06:00", "and once more"),
        ("1969-12-31T23:59:59.750", "X x", "UTC", "-1 -250", "counted down to the second that has begun"),
        ("0001-01-01T00:00:00", "YYYY-MM-DD", "UTC", "0001-01-01", "the first day there is, with its zeros"),
        ("9999-12-31T23:59:59", "YYYY-MM-DDTHH:mm:ss", "UTC", "9999-12-31T23:59:59", "the last second there is"),
        ("0001-01-01T00:00:00", "YYYY", "America/Chicago", "bad", "before the first day there is no other"),
        ("9999-12-31T23:00:00", "YYYY", "Europe/Berlin", "bad", "nor one after the last"),
    ],
)
def test_an_instant_is_printed_as_a_clock_there_shows_it(
    instant: str, format: str, zone: str, text: str, because: str
) -> None:
    at = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    got = print_instant(at, made(format, for_reading=False), zone_of(zone))
    assert ("bad" if isinstance(got, BadDate) else got) == text, because


@pytest.mark.parametrize(
    ("local", "zone", "instant", "because"),
    [
        ("2026-03-08 01:59:59", "America/Chicago", "2026-03-08T07:59:59Z", "the last second before the gap"),
        ("2026-03-08 02:00:00", "America/Chicago", "2026-03-08T08:00:00Z", "skipped: it is three by then"),
        ("2026-03-08 02:59:59", "America/Chicago", "2026-03-08T08:59:59Z", "skipped: an hour later on the clock"),
        ("2026-03-08 03:00:00", "America/Chicago", "2026-03-08T08:00:00Z", "the first second after the gap"),
        ("2026-11-01 00:59:59", "America/Chicago", "2026-11-01T05:59:59Z", "the last second that comes once"),
        ("2026-11-01 01:00:00", "America/Chicago", "2026-11-01T06:00:00Z", "comes twice: the first is meant"),
        ("2026-11-01 01:59:59", "America/Chicago", "2026-11-01T06:59:59Z", "comes twice: the first is meant"),
        ("2026-11-01 02:00:00", "America/Chicago", "2026-11-01T08:00:00Z", "comes once, two hours later"),
        ("2026-11-01 01:30:00-06:00", "America/Chicago", "2026-11-01T07:30:00Z", "an offset names the second one"),
        ("2026-03-29 01:59:59", "Europe/Berlin", "2026-03-29T00:59:59Z", "the last second before the gap"),
        ("2026-03-29 02:00:00", "Europe/Berlin", "2026-03-29T01:00:00Z", "skipped: it is three by then"),
        ("2026-03-29 03:00:00", "Europe/Berlin", "2026-03-29T01:00:00Z", "the first second after the gap"),
        ("2026-10-25 02:00:00", "Europe/Berlin", "2026-10-25T00:00:00Z", "comes twice: the first is meant"),
        ("2026-10-25 03:00:00", "Europe/Berlin", "2026-10-25T02:00:00Z", "comes once"),
        ("2026-10-04 02:15:00", "Australia/Lord_Howe", "2026-10-03T15:45:00Z", "skipped by half an hour: 02:45 there"),
        ("2026-10-04 02:30:00", "Australia/Lord_Howe", "2026-10-03T15:30:00Z", "the first minute after that gap"),
        ("2026-04-05 01:29:00", "Australia/Lord_Howe", "2026-04-04T14:29:00Z", "before the half hour that repeats"),
        ("2026-04-05 01:45:00", "Australia/Lord_Howe", "2026-04-04T14:45:00Z", "comes twice: the first is meant"),
        ("2026-04-05 02:00:00", "Australia/Lord_Howe", "2026-04-04T15:30:00Z", "comes once"),
        ("2026-03-02 00:00:00", "Asia/Kathmandu", "2026-03-01T18:15:00Z", "a quarter past six, the day before"),
        ("1985-12-31 12:00:00", "Asia/Kathmandu", "1985-12-31T06:30:00Z", "its clocks were otherwise until 1986"),
        ("2011-12-30 12:00:00", "Pacific/Apia", "2011-12-30T22:00:00Z", "a whole day skipped: it is the 31st there"),
        ("2026-01-01 00:00:00", "Pacific/Kiritimati", "2025-12-31T10:00:00Z", "fourteen hours ahead"),
        ("0001-01-01 00:00:00", "Asia/Tokyo", "bad", "before the first day there is no other"),
        ("9999-12-31 23:00:00", "America/Chicago", "bad", "nor one after the last"),
    ],
)
def test_a_local_time_means_one_instant_on_any_day(local: str, zone: str, instant: str, because: str) -> None:
    assert read(local, zone=zone) == instant, because
    if instant != "bad" and "-06:00" not in local:
        day, time = local.split()
        assert read({"utc": "", "local": {"date": day, "time": time}}, zone=zone) == instant
        assert read(local, "YYYY-MM-DD HH:mm:ss", zone) == instant


@pytest.mark.parametrize(
    ("value", "because"),
    [
        ("2026-02-30", "February has no 30th"),
        ("2026-02-29T00:00:00Z", "2026 is no leap year"),
        ("1900-02-29", "nor was 1900"),
        ("2026-04-31T10:00:00Z", "April has no 31st"),
        ("2026-00-10", "there is no month 0"),
        ("2026-03-00", "there is no day 0"),
        ("0000-01-01T00:00:00Z", "there is no year 0"),
        ("0000-00-00 00:00:00", "how some databases write no date; it is told rather than taken for one"),
        ("10000-01-01", "a year has four digits"),
        ("2026-03-02T25:00:00Z", "there is no hour 25"),
        ("2026-03-02T24:00:00Z", "midnight is 00:00 of the next day"),
        ("2026-03-02T10:60:00Z", "there is no minute 60"),
        ("2016-12-31T23:59:60Z", "a leap second: no clock of ours has it, so it is told and not moved"),
        ("2026-03-02T10:00:00+24:00", "no zone is a day away"),
        ("2026-03-02T10:00:00.12345678Z", "more digits than .NET prints"),
        ("2026-03-02T10", "an hour without minutes"),
        ("2026-3-2", "ISO 8601 has two digits"),
        ("20260302", "without a format only the dashed form is read"),
        ("2026-W10-1", "weeks are not read"),
        ("-2026-03-02", "nor years before the first"),
    ],
)
def test_a_date_that_cannot_be_is_told_and_never_guessed(value: str, because: str) -> None:
    got = read_instant(value)
    assert isinstance(got, BadDate), because
    assert value in got.reason


@pytest.mark.parametrize("value", ["2024-02-29", "2000-02-29T00:00:00Z", "0001-01-01", "9999-12-31T23:59:59.9999999Z"])
def test_rare_days_that_do_exist_are_read(value: str) -> None:
    assert read(value).startswith(value[:10])
