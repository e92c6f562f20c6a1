"""Range map: the smallest bound that is not below the number, in both directions, over every input and path."""

from decimal import Decimal
from typing import Any

import pytest

from tests.core.mapping.grid import inbound_ways, outbound_ways
from tests.core.mapping.grid.grid_kit import (
    ALONE,
    DEFAULT,
    MISSING,
    NO_MATCH,
    NOT_A_NUMBER,
    TAKEN,
    UNUSED,
    Row,
    expected,
    named,
    range_map,
    whole,
)

RANGE = range_map((0, "none"), (7, "up to seven"), (100, "more"))

ROWS = whole(
    Row("missing", ALONE, MISSING, TAKEN, "nothing was read, and that is told"),
    Row("null", ALONE, "", TAKEN, "nothing is no number, and no loss"),
    Row("empty text", ALONE, "", TAKEN, "as null"),
    Row("empty list", ALONE, "", TAKEN, "as null"),
    Row("empty object", ALONE, "", TAKEN, "as null"),
    Row("empty date", ALONE, "", TAKEN, "as null"),
    Row("blank text", ALONE, NOT_A_NUMBER, TAKEN, "a blank is a text, and spells no number"),
    Row("text", ALONE, NOT_A_NUMBER, TAKEN, "a number inside a text is not the text's value"),
    Row("number", "up to seven", "", UNUSED, "a bound belongs to its own range"),
    Row("fraction", "more", "", UNUSED, "just above a bound is the next range"),
    Row("zero", "none", "", UNUSED, "zero is a number"),
    Row("number as text", "up to seven", "", UNUSED, "unlike equality, a range asks for the number that is meant"),
    Row("number in blanks", "up to seven", "", UNUSED, "blanks do not change the number that is meant"),
    Row("true", ALONE, NOT_A_NUMBER, TAKEN, "true is not 1"),
    Row("false", ALONE, NOT_A_NUMBER, TAKEN, "false is not 0"),
    Row("date", ALONE, NOT_A_NUMBER, TAKEN, "a date is no number"),
    Row("object", ALONE, NOT_A_NUMBER, TAKEN, "an object is no number"),
    Row("list", ALONE, NOT_A_NUMBER, TAKEN, "a list is no number, not even one of a single element"),
    Row("list of objects", ALONE, NOT_A_NUMBER, TAKEN, "a list is no number"),
    Row("unicode", ALONE, NOT_A_NUMBER, TAKEN, "no number"),
    Row("wide digit", ALONE, NOT_A_NUMBER, TAKEN, "neither vendor writes numbers so; a guess could book money"),
    Row("very long", ALONE, NOT_A_NUMBER, TAKEN, "no number; the finding shows the beginning only"),
    Row("very long number", ALONE, NO_MATCH, TAKEN, "a number above all bounds"),
    Row("huge number", ALONE, NO_MATCH, TAKEN, "a number above all bounds, compared without spelling it out"),
    Row("below all", "none", "", UNUSED, "the lowest range is open below", -40),
    Row("a hair above", "more", "", UNUSED, "exact, however many digits", Decimal("7.0000000000000000000000000001")),
    Row("with an exponent", "more", "", UNUSED, "a number in JSON's other spelling", "1e1"),
    Row("with a comma", ALONE, NOT_A_NUMBER, TAKEN, "nobody says whether 1,5 is three halves or fifteen", "1,5"),
    Row("no number in JSON", ALONE, NOT_A_NUMBER, TAKEN, "NaN is on neither side of a bound", "NaN"),
    Row("infinite", ALONE, NOT_A_NUMBER, TAKEN, "the word is no number", "Infinity"),
)


@pytest.mark.parametrize("default", [None, DEFAULT])
@pytest.mark.parametrize(**named(ROWS))
def test_a_ticket_field_falls_into_a_range_whatever_it_holds(row: Row, default: Any) -> None:
    promised = expected(row, inbound_ways.WAYS, default, ROWS)
    assert inbound_ways.seen(RANGE, row.input, default) == promised, row.because


@pytest.mark.parametrize("default", [None, DEFAULT])
@pytest.mark.parametrize(**named(ROWS))
def test_a_work_order_field_falls_into_a_range_whatever_it_holds(row: Row, default: Any) -> None:
    promised = expected(row, outbound_ways.WAYS, default, ROWS)
    assert outbound_ways.seen(RANGE, row.input, default) == promised, row.because
