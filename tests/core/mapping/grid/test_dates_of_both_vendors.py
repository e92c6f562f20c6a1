"""Dates through whole rules: the shapes of both vendors, in either direction, with the zones that a rule may name."""

from typing import Any

import pytest

from app.core.mapping.work_order_document import work_order_document
from tests.core.mapping.grid.grid_kit import ALONE, BAD_DATE, WRONG_TYPE, outcome
from tests.core.mapping.grid.inbound_ways import seen as seen_in
from tests.core.mapping.grid.inbound_ways import typed_way
from tests.core.mapping.outbound_kit import document, mapped

NOON = {"utc": "2026-03-02 18:00:00", "local": {"date": "2026-03-02", "time": "12:00:00"}}
LOCAL_ONLY = {"utc": "", "local": {"date": "2026-03-02", "time": "23:30:00"}}
AUTOTASK = {"input_format": "YYYY-MM-DDTHH:mm:ss"}
CHICAGO_OUT = {"timezone_out": "America/Chicago"}


@pytest.mark.parametrize(
    ("value", "more", "made", "code", "because"),
    [
        ("2026-03-02T15:02:00Z", {}, "2026-03-02 15:02:00", "", "Autotask's usual shape, in Field Nation's"),
        ("2026-03-02T15:02:00.123Z", {}, "2026-03-02 15:02:00", "", "digits of a second are not printed"),
        ("2026-03-02T15:02:59.999999Z", {}, "2026-03-02 15:02:59", "", "nor rounded up"),
        ("2026-03-02T15:02:00", {}, "2026-03-02 15:02:00", "", "without Z it is UTC all the same"),
        ("2026-03-02", {}, "2026-03-02 00:00:00", "", "a date alone is its midnight"),
        ("2026-03-02T15:02:00.123Z", AUTOTASK, "2026-03-02 15:02:00", "", "a format without fraction reads one"),
        ("2026-03-02", AUTOTASK, ALONE, BAD_DATE, "a format with a time does not read a date alone"),
        ("2026-03-02T15:02:00Z", {"input_format": "YYYY-MM-DD"}, ALONE, BAD_DATE, "nor is a time of day thrown away"),
        ("2026-03-02T00:00:00Z", {"input_format": "YYYY-MM-DD"}, "2026-03-02 00:00:00", "", "midnight is no loss"),
        ("2026-03-02T15:02:00Z", CHICAGO_OUT, "2026-03-02 09:02:00", "", "winter there"),
        ("2026-07-02T15:02:00Z", CHICAGO_OUT, "2026-07-02 10:02:00", "", "summer there"),
        ("2026-03-02T03:02:00Z", CHICAGO_OUT, "2026-03-01 21:02:00", "", "the day before, there"),
        (
            "2026-03-02T15:02:00Z",
            {"timezone_in": "America/Chicago"},
            "2026-03-02 15:02:00",
            "",
            "Z beats the rule's zone",
        ),
        (
            "2026-03-02T15:02:00",
            {"tz_in": "America/Chicago"},
            "2026-03-02 21:02:00",
            "",
            "which is for times without one",
        ),
        ("2026-03-02T15:02:00Z", {"out_fmt": "MM/DD/YYYY h:mm A"}, "03/02/2026 3:02 PM", "", "the rule's own format"),
        ("2026-03-02T15:02:00Z", {"output_format": "x"}, "1772463720000", "", "as a number's text"),
        ("2026-02-30T15:02:00Z", {}, ALONE, BAD_DATE, "February has no 30th"),
        ("0001-01-01T00:00:00Z", {}, "0001-01-01 00:00:00", "", ".NET's first date is a date like any other"),
        ("0001-01-01T00:00:00Z", CHICAGO_OUT, ALONE, BAD_DATE, "and has none before it"),
        ("9999-12-31T23:59:59Z", {"timezone_out": "Asia/Kathmandu"}, ALONE, BAD_DATE, "nor the last one after it"),
        (None, {}, ALONE, "", "no date"),
        ("", {}, ALONE, "", "no date"),
    ],
)
def test_a_ticket_date_becomes_one_of_the_work_order(value: Any, more: Any, made: Any, code: str, because: str) -> None:
    way = typed_way("DueDateTime")
    got = seen_in(lambda source: {"action": "date_convert", "source": source, **more}, value, ways=[way])
    assert got[way.name] == outcome(made, (code,) if code else ()), because


COPY: Any = {"action": "sync"}
CONVERT: Any = {"action": "date_convert"}
DUE, DAY, TEXT = "Ticket:DueDateTime", "TimeEntry.[0].DateWorked", "Ticket:Title"


@pytest.mark.parametrize(
    ("value", "rule", "target", "made", "code", "because"),
    [
        (NOON, COPY, DUE, "2026-03-02T18:00:00Z", "", "the utc half"),
        (NOON, CONVERT, DUE, "2026-03-02T18:00:00Z", "", "the utc half"),
        ("2026-03-02 18:00:00", COPY, DUE, "2026-03-02T18:00:00Z", "", "a text without a zone is UTC"),
        ("2026-03-02 18:00:00.000000", COPY, DUE, "2026-03-02T18:00:00Z", "", "microseconds in some dates"),
        ("2026-03-02T18:00:00.123456Z", CONVERT, DUE, "2026-03-02T18:00:00Z", "", "and with letters"),
        ("2026-03-02", COPY, DUE, "2026-03-02T00:00:00Z", "", "a date alone is its midnight"),
        ({**NOON, "utc": None}, COPY, DUE, "2026-03-02T18:00:00Z", "", "only local: noon in the connection's zone"),
        (LOCAL_ONLY, COPY, DUE, "2026-03-03T05:30:00Z", "", "only local: late in the connection's zone"),
        (LOCAL_ONLY, {**CONVERT, "timezone_in": "Europe/Berlin"}, DUE, "2026-03-02T22:30:00Z", "", "the rule's zone"),
        ({"utc": "2026-03-02 18:00:00"}, COPY, DUE, "2026-03-02T18:00:00Z", "", "the other half may be lacking"),
        ({"utc": "2026-03-02 18:00:00", "local": []}, COPY, DUE, "2026-03-02T18:00:00Z", "", "or be an empty list"),
        ({"utc": "", "local": {"date": "2026-03-02"}}, COPY, DUE, "2026-03-02T06:00:00Z", "", "a local day's midnight"),
        ({"utc": "", "local": {"date": "", "time": ""}}, COPY, DUE, ALONE, "", "the vendor's own missing date"),
        ({"utc": "", "local": {"date": "", "time": ""}}, CONVERT, DUE, ALONE, "", "the vendor's own missing date"),
        ({"utc": None, "local": None}, COPY, DUE, ALONE, "", "both halves null"),
        ({"utc": "", "local": []}, CONVERT, DUE, ALONE, "", "an empty object that came as a list"),
        ([], COPY, DUE, ALONE, "", "the whole date as an empty list"),
        ("", COPY, DUE, ALONE, "", "an empty text"),
        (None, CONVERT, DUE, ALONE, "", "null"),
        ({"utc": "", "local": {"date": "", "time": "12:00"}}, COPY, DUE, ALONE, WRONG_TYPE, "a time without its day"),
        ({"utc": "0000-00-00 00:00:00"}, COPY, DUE, ALONE, WRONG_TYPE, "no date, and not an empty one: told"),
        ({"utc": "2026-02-30 10:00:00"}, CONVERT, DUE, ALONE, BAD_DATE, "February has no 30th"),
        ({"utc": 1772463720}, CONVERT, DUE, ALONE, BAD_DATE, "a number is no utc half"),
        ({"start": NOON}, COPY, DUE, ALONE, WRONG_TYPE, "a section with a date in it is no date"),
        (NOON, COPY, TEXT, ALONE, WRONG_TYPE, "a text field takes no object; a conversion makes a text of it"),
        (NOON, {**CONVERT, "output_format": "D.M."}, TEXT, "2.3.", "", "such as this one"),
        (
            NOON,
            {**CONVERT, "output_format": "YYYY-MM-DDTHH:mm:ssZ", **CHICAGO_OUT},
            DUE,
            "2026-03-02T18:00:00Z",
            "",
            "an offset keeps the instant",
        ),
        (
            NOON,
            {**CONVERT, **CHICAGO_OUT},
            DUE,
            "2026-03-02T12:00:00Z",
            "",
            "a local clock read as UTC, of which loading warns",
        ),
        ({"utc": "2026-03-03 03:30:00"}, COPY, DAY, "2026-03-02T00:00:00Z", "", "the day in the connection's zone"),
        (
            {"utc": "2026-03-03 03:30:00"},
            CONVERT,
            DAY,
            "2026-03-03T00:00:00Z",
            "",
            "the day of the zone that was printed",
        ),
        ({"utc": "2026-03-03 03:30:00"}, {**CONVERT, **CHICAGO_OUT}, DAY, "2026-03-02T00:00:00Z", "", "here Chicago's"),
        (LOCAL_ONLY, COPY, DAY, "2026-03-02T00:00:00Z", "", "a local day stays that day"),
        ("2026-03-02", COPY, DAY, "2026-03-02T00:00:00Z", "", "a day stays that day in any zone"),
        (
            {"utc": "2026-03-08 05:59:59"},
            COPY,
            DAY,
            "2026-03-07T00:00:00Z",
            "",
            "one second before midnight, in winter",
        ),
        ({"utc": "2026-11-01 04:59:59"}, COPY, DAY, "2026-10-31T00:00:00Z", "", "and in summer"),
        ({"utc": "2026-11-02 05:59:59"}, COPY, DAY, "2026-11-01T00:00:00Z", "", "the last second of a day of 25 hours"),
        ({"utc": "0001-01-01 00:00:00"}, COPY, DAY, ALONE, WRONG_TYPE, "it has no day in Chicago"),
    ],
)
def test_a_work_order_date_becomes_one_of_the_ticket(
    value: Any, rule: Any, target: str, made: Any, code: str, because: str
) -> None:
    order = document(schedule={"service_window": {"mode": "exact", "start": value}})
    got = mapped({**rule, "source": "time_window.start", "target": target}, order=order)
    seen = got.values[0].value if got.values else ALONE
    codes = tuple(finding.code for finding in got.findings)
    assert outcome(seen, codes) == outcome(made, (code,) if code else ()), because


@pytest.mark.parametrize(
    ("half", "start", "because"),
    [
        (NOON, "2026-03-02T18:00:00Z", "the utc half"),
        (LOCAL_ONLY, "2026-03-03T05:30:00Z", "only local: in the zone of the site, which the log names"),
        ({"utc": "", "local": {"date": "2026-03-08", "time": "02:30:00"}}, "2026-03-08T08:30:00Z", "an hour skipped"),
        ({"utc": "", "local": {"date": "2026-11-01", "time": "01:30:00"}}, "2026-11-01T06:30:00Z", "an hour repeated"),
        (
            {"utc": "2026-11-01 07:30:00", "local": {"date": "2026-11-01", "time": "01:30:00"}},
            "2026-11-01T07:30:00Z",
            "utc says which",
        ),
    ],
)
def test_a_check_in_is_the_instant_that_its_site_had(half: Any, start: str, because: str) -> None:
    log = {"id": 312, "time_zone": {"name": "America/Chicago"}, "in": {"created": half}}
    raw = {"action": "sync", "source": "time_logs[0].StartDateTime", "target": "TimeEntry.[0].StartDateTime"}
    (value,) = mapped(raw, order=work_order_document({}, [log])).values
    assert value.value == start, because
