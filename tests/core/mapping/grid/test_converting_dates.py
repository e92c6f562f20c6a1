"""Date convert: what the vendors send, printed in a format, in both directions, over every kind of input and path."""

from typing import Any

import pytest

from tests.core.mapping.grid import inbound_ways, outbound_ways
from tests.core.mapping.grid.grid_kit import (
    ALONE,
    BAD_DATE,
    DEFAULT,
    MISSING,
    TAKEN,
    TOLD,
    UNUSED,
    Row,
    date_convert,
    expected,
    named,
    whole,
)

CONVERT = date_convert(output_format="DD.MM.YYYY HH:mm")

ROWS = whole(
    Row("missing", ALONE, MISSING, TAKEN, "nothing was read, and that is told"),
    Row("null", ALONE, "", TAKEN, "no date is no loss"),
    Row("empty text", ALONE, "", TAKEN, "no date is no loss"),
    Row("empty list", ALONE, "", TAKEN, "an empty object may come as a list"),
    Row("empty object", ALONE, "", TAKEN, "no date is no loss"),
    Row("empty date", ALONE, "", TAKEN, "the vendor's own spelling of no date"),
    Row("blank text", ALONE, BAD_DATE, TOLD, "neither vendor writes no date as a blank, so it is told"),
    Row("text", ALONE, BAD_DATE, TOLD, "no date; a default would hide a wrong source, so it is told beside it"),
    Row("number", ALONE, BAD_DATE, TOLD, "without the format X or x a number is no date"),
    Row("fraction", ALONE, BAD_DATE, TOLD, "no date"),
    Row("zero", ALONE, BAD_DATE, TOLD, "not 1970: without the format X a number is no date"),
    Row("number as text", ALONE, BAD_DATE, TOLD, "not the seventh of anything"),
    Row("number in blanks", ALONE, BAD_DATE, TOLD, "no date"),
    Row("true", ALONE, BAD_DATE, TOLD, "no date"),
    Row("false", ALONE, BAD_DATE, TOLD, "no date, and not an empty one"),
    Row("date", "02.03.2026 15:02", "", UNUSED, "converted"),
    Row("object", ALONE, BAD_DATE, TOLD, "an object with neither a utc nor a local half is no date"),
    Row("list", ALONE, BAD_DATE, TOLD, "no element is named"),
    Row("list of objects", ALONE, BAD_DATE, TOLD, "no element is named"),
    Row("unicode", ALONE, BAD_DATE, TOLD, "no date"),
    Row("wide digit", ALONE, BAD_DATE, TOLD, "no date"),
    Row("very long", ALONE, BAD_DATE, TOLD, "no date; the finding shows the beginning only"),
    Row("very long number", ALONE, BAD_DATE, TOLD, "no date"),
    Row("huge number", ALONE, BAD_DATE, TOLD, "no date"),
    Row(
        "date object",
        "02.03.2026 15:02",
        "",
        UNUSED,
        "its utc half, whatever the local one says",
        {"utc": "2026-03-02 15:02:00", "local": {"date": "2026-03-02", "time": "09:02:00"}},
    ),
    Row("wide date", ALONE, BAD_DATE, TOLD, "other digits than JSON's are no date", "２０２６-03-02"),
    Row("list with a date", ALONE, BAD_DATE, TOLD, "no element is named", ["2026-03-02"]),
)


@pytest.mark.parametrize("default", [None, DEFAULT])
@pytest.mark.parametrize(**named(ROWS))
def test_a_ticket_field_is_converted_whatever_it_holds(row: Row, default: Any) -> None:
    promised = expected(row, inbound_ways.WAYS, default, ROWS)
    assert inbound_ways.seen(CONVERT, row.input, default) == promised, row.because


@pytest.mark.parametrize("default", [None, DEFAULT])
@pytest.mark.parametrize(**named(ROWS))
def test_a_work_order_field_is_converted_whatever_it_holds(row: Row, default: Any) -> None:
    promised = expected(row, outbound_ways.WAYS, default, ROWS)
    assert outbound_ways.seen(CONVERT, row.input, default) == promised, row.because
