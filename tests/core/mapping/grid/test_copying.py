"""Sync: a copy of the value, in both directions, over every kind of input and path."""

from decimal import Decimal
from typing import Any

import pytest

from tests.core.mapping.grid import inbound_ways, outbound_ways
from tests.core.mapping.grid.grid_kit import (
    ALONE,
    DEFAULT,
    INPUTS,
    MISSING,
    TAKEN,
    TOLD,
    UNUSED,
    WRONG_TYPE,
    Row,
    expected,
    named,
    sync,
    whole,
)

IN = whole(
    Row("missing", ALONE, MISSING, TAKEN, "a field that the ticket lacks is a mistake somewhere, so it is told"),
    Row("null", ALONE, "", TAKEN, "null says nothing; the work order keeps what it has"),
    Row("empty text", ALONE, "", TAKEN, "Autotask answers null or an empty text for a field without text"),
    Row("empty list", ALONE, "", TAKEN, "an empty container says nothing"),
    Row("empty object", ALONE, "", TAKEN, "an empty container says nothing"),
    Row("empty date", ALONE, "", TAKEN, "a date object with empty halves is how a missing date is sent"),
    Row("blank text", "  ", "", UNUSED, "a copy trims nothing, so a blank is a text like any other"),
    Row("text", "Rack 7", "", UNUSED, "copied"),
    Row("number", 7, "", UNUSED, "a work order's fields have no types to turn it into"),
    Row("fraction", Decimal("7.50"), "", UNUSED, "exact, with its last digit"),
    Row("zero", 0, "", UNUSED, "zero is a value: Autotask's own company has the id 0"),
    Row("number as text", "7", "", UNUSED, "a text stays a text"),
    Row("number in blanks", " 7 ", "", UNUSED, "a copy trims nothing"),
    Row("true", True, "", UNUSED, "copied"),
    Row("false", False, "", UNUSED, "false is a value and not the lack of one"),
    Row("date", "2026-03-02T15:02:00Z", "", UNUSED, "a copy is no conversion"),
    Row("object", INPUTS["object"], "", UNUSED, "whole sections may be copied"),
    Row("list", ["Rack 7"], "", UNUSED, "lists may be copied"),
    Row("list of objects", [{"id": 7}], "", UNUSED, "lists may be copied"),
    Row("unicode", "Zürich 漢字 🔧", "", UNUSED, "copied sign for sign"),
    Row("wide digit", "７", "", UNUSED, "copied sign for sign"),
    Row("very long", "x" * 100_000, "", UNUSED, "lengths are cut where it is written, with a word saying so"),
    Row("very long number", "9" * 5_000, "", UNUSED, "a text like any other"),
    Row("huge number", Decimal("1E+999999"), "", UNUSED, "exact, and never spelled out"),
)

OUT = whole(
    Row("missing", ALONE, MISSING, TAKEN, "a place that the work order lacks is a mistake somewhere, so it is told"),
    Row("null", ALONE, "", TAKEN, "null says nothing; the ticket keeps what it has"),
    Row("empty text", ALONE, "", TAKEN, "Field Nation sends empty texts for what nobody filled in"),
    Row("empty list", ALONE, "", TAKEN, "Field Nation may send an empty object as a list"),
    Row("empty object", ALONE, "", TAKEN, "an empty container says nothing"),
    Row("empty date", ALONE, "", TAKEN, "a missing date is an object with empty texts"),
    Row("blank text", "  ", "", UNUSED, "a text field takes blanks, and a copy trims nothing"),
    Row("text", "Rack 7", "", UNUSED, "copied"),
    Row("number", "7", "", UNUSED, "a text field gets the number's digits"),
    Row("fraction", "7.5", "", UNUSED, "a number reads without zeros at its end"),
    Row("zero", "0", "", UNUSED, "zero is a value"),
    Row("number as text", "7", "", UNUSED, "copied"),
    Row("number in blanks", " 7 ", "", UNUSED, "a copy trims nothing"),
    Row("true", "true", "", UNUSED, "a text field gets JSON's word"),
    Row("false", "false", "", UNUSED, "false is a value and not the lack of one"),
    Row("date", "2026-03-02T15:02:00Z", "", UNUSED, "a text field keeps the text"),
    Row("object", ALONE, WRONG_TYPE, TOLD, "no part of it is named, and an object is no text"),
    Row("list", ALONE, WRONG_TYPE, TOLD, "no element is named, and a list is no text"),
    Row("list of objects", ALONE, WRONG_TYPE, TOLD, "no element is named, and a list is no text"),
    Row("unicode", "Zürich 漢字 🔧", "", UNUSED, "copied sign for sign"),
    Row("wide digit", "７", "", UNUSED, "copied sign for sign"),
    Row("very long", "x" * 100_000, "", UNUSED, "lengths are cut where it is written, with a word saying so"),
    Row("very long number", "9" * 5_000, "", UNUSED, "a text like any other"),
    Row("huge number", "1E+999999", "", UNUSED, "never spelled out: that would be a megabyte of zeros"),
)
OUT_WAYS = (*outbound_ways.WAYS, outbound_ways.STATUS_NAME)


@pytest.mark.parametrize("default", [None, DEFAULT])
@pytest.mark.parametrize(**named(IN))
def test_a_ticket_field_is_copied_whatever_it_holds(row: Row, default: Any) -> None:
    promised = expected(row, inbound_ways.WAYS, default, IN)
    assert inbound_ways.seen(sync, row.input, default) == promised, row.because


@pytest.mark.parametrize("default", [None, DEFAULT])
@pytest.mark.parametrize(**named(OUT))
def test_a_work_order_field_is_copied_whatever_it_holds(row: Row, default: Any) -> None:
    promised = expected(row, OUT_WAYS, default, OUT)
    assert outbound_ways.seen(sync, row.input, default, OUT_WAYS) == promised, row.because
