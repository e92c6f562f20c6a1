"""Concat: parts in order, a part without a value is empty, in both directions, over every input and path."""

from typing import Any

import pytest

from tests.core.mapping.grid import inbound_ways, outbound_ways
from tests.core.mapping.grid.grid_kit import (
    ALONE,
    DEFAULT,
    MISSING,
    NOT_TEXT,
    TAKEN,
    TOLD,
    UNUSED,
    Row,
    concat,
    concat_alone,
    expected,
    named,
    whole,
)

BETWEEN = whole(
    Row("missing", "<>", MISSING, UNUSED, "the fixed parts are written; what is lacking is told, default or not"),
    Row("null", "<>", "", UNUSED, "nothing joins as nothing"),
    Row("empty text", "<>", "", UNUSED, "as null"),
    Row("empty list", "<>", "", UNUSED, "as null"),
    Row("empty object", "<>", "", UNUSED, "as null"),
    Row("empty date", "<>", "", UNUSED, "as null"),
    Row("blank text", "<  >", "", UNUSED, "nothing is trimmed"),
    Row("text", "<Rack 7>", "", UNUSED, "joined"),
    Row("number", "<7>", "", UNUSED, "a number reads as its digits"),
    Row("fraction", "<7.5>", "", UNUSED, "without zeros at its end, whichever vendor sent them"),
    Row("zero", "<0>", "", UNUSED, "zero is a value"),
    Row("number as text", "<7>", "", UNUSED, "joined"),
    Row("number in blanks", "< 7 >", "", UNUSED, "nothing is trimmed"),
    Row("true", "<true>", "", UNUSED, "JSON's word"),
    Row("false", "<false>", "", UNUSED, "false is a value"),
    Row("date", "<2026-03-02T15:02:00Z>", "", UNUSED, "as it was sent"),
    Row("object", "<>", NOT_TEXT, UNUSED, "no part of the object is named"),
    Row("list", "<>", NOT_TEXT, UNUSED, "no element of the list is named"),
    Row("list of objects", "<>", NOT_TEXT, UNUSED, "no element of the list is named"),
    Row("unicode", "<Zürich 漢字 🔧>", "", UNUSED, "joined sign for sign"),
    Row("wide digit", "<７>", "", UNUSED, "joined sign for sign"),
    Row("very long", f"<{'x' * 100_000}>", "", UNUSED, "lengths are cut where it is written"),
    Row("very long number", f"<{'9' * 5_000}>", "", UNUSED, "a text like any other"),
    Row("huge number", "<1E+999999>", "", UNUSED, "never spelled out"),
)

ALONE_IN_THE_TEXT = (
    Row("missing", ALONE, MISSING, TOLD, "no text comes of it; concat tells what it lost even beside a default"),
    Row("null", ALONE, "", TAKEN, "an empty join says nothing"),
    Row("empty text", ALONE, "", TAKEN, "an empty join says nothing"),
    Row("empty list", ALONE, "", TAKEN, "an empty join says nothing"),
    Row("empty object", ALONE, "", TAKEN, "an empty join says nothing"),
    Row("empty date", ALONE, "", TAKEN, "an empty join says nothing"),
    Row("blank text", "  ", "", UNUSED, "a blank is a text"),
    Row("zero", "0", "", UNUSED, "zero is a value"),
    Row("false", "false", "", UNUSED, "false is a value"),
    Row("object", ALONE, NOT_TEXT, TOLD, "told, and the default stands in"),
    Row("list", ALONE, NOT_TEXT, TOLD, "told, and the default stands in"),
)
OUT_WAYS = (*outbound_ways.WAYS, outbound_ways.STATUS_NAME)


@pytest.mark.parametrize("default", [None, DEFAULT])
@pytest.mark.parametrize(**named(BETWEEN))
def test_a_ticket_field_is_joined_between_texts_whatever_it_holds(row: Row, default: Any) -> None:
    promised = expected(row, inbound_ways.WAYS, default, BETWEEN)
    assert inbound_ways.seen(concat, row.input, default) == promised, row.because


@pytest.mark.parametrize("default", [None, DEFAULT])
@pytest.mark.parametrize(**named(BETWEEN))
def test_a_work_order_field_is_joined_between_texts_whatever_it_holds(row: Row, default: Any) -> None:
    promised = expected(row, OUT_WAYS, default, BETWEEN)
    assert outbound_ways.seen(concat, row.input, default, OUT_WAYS) == promised, row.because


@pytest.mark.parametrize("default", [None, DEFAULT])
@pytest.mark.parametrize(**named(ALONE_IN_THE_TEXT))
def test_a_join_of_one_field_takes_the_default_when_nothing_comes_of_it(row: Row, default: Any) -> None:
    promised = expected(row, inbound_ways.WAYS, default, ALONE_IN_THE_TEXT)
    assert inbound_ways.seen(concat_alone, row.input, default) == promised, row.because
    promised = expected(row, OUT_WAYS, default, ALONE_IN_THE_TEXT)
    assert outbound_ways.seen(concat_alone, row.input, default, OUT_WAYS) == promised, row.because
