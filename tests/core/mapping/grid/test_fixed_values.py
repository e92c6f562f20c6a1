"""Set static: the value that the rule's author wrote, whatever the document holds, in both directions."""

from decimal import Decimal
from typing import Any

import pytest

from app.core.mapping.apply_outbound import apply_outbound
from app.core.mapping.engine import apply
from tests.core.mapping import mapping_kit, outbound_kit
from tests.core.mapping.grid.grid_kit import ALONE, INPUTS, UNUSED, WRONG_TYPE, Row, held, named, outcome, whole
from tests.core.mapping.grid.inbound_ways import WAYS as TICKETS
from tests.core.mapping.grid.outbound_ways import WAYS as ORDERS

NO_VALUE = "mapping_missing_key"

IN = whole(
    Row("missing", ALONE, NO_VALUE, UNUSED, "a rule for a fixed value must say which"),
    Row("null", None, "", UNUSED, "null is written: so a person empties a field"),
    Row("empty text", "", "", UNUSED, "an empty text is a value that a person may want"),
    Row("empty list", [], "", UNUSED, "written as it stands"),
    Row("empty object", {}, "", UNUSED, "written as it stands"),
    Row("empty date", INPUTS["empty date"], "", UNUSED, "written as it stands"),
    Row("blank text", "  ", "", UNUSED, "nothing is trimmed"),
    Row("text", "Rack 7", "", UNUSED, "written"),
    Row("number", 7, "", UNUSED, "a work order's fields have no types to turn it into"),
    Row("fraction", Decimal("7.50"), "", UNUSED, "exact"),
    Row("zero", 0, "", UNUSED, "zero is a value"),
    Row("number as text", "7", "", UNUSED, "a text stays a text"),
    Row("number in blanks", " 7 ", "", UNUSED, "nothing is trimmed"),
    Row("true", True, "", UNUSED, "written"),
    Row("false", False, "", UNUSED, "false is a value"),
    Row("date", "2026-03-02T15:02:00Z", "", UNUSED, "written"),
    Row("object", INPUTS["object"], "", UNUSED, "a section may be written whole"),
    Row("list", ["Rack 7"], "", UNUSED, "a list may be written whole"),
    Row("list of objects", [{"id": 7}], "", UNUSED, "such as types_of_work"),
    Row("unicode", "Zürich 漢字 🔧", "", UNUSED, "written sign for sign"),
    Row("wide digit", "７", "", UNUSED, "written sign for sign"),
    Row("very long", "x" * 100_000, "", UNUSED, "lengths are cut where it is written"),
    Row("very long number", "9" * 5_000, "", UNUSED, "a text like any other"),
    Row("huge number", Decimal("1E+999999"), "", UNUSED, "exact, and never spelled out"),
)

OUT = whole(
    Row("missing", ALONE, NO_VALUE, UNUSED, "a rule for a fixed value must say which"),
    Row("null", ALONE, "", UNUSED, "null asks for nothing to be written"),
    Row("empty text", "", "", UNUSED, "a text field takes an empty text, and so a person empties it"),
    Row("empty list", ALONE, WRONG_TYPE, UNUSED, "no text"),
    Row("empty object", ALONE, WRONG_TYPE, UNUSED, "no text"),
    Row("empty date", ALONE, WRONG_TYPE, UNUSED, "no text"),
    Row("blank text", "  ", "", UNUSED, "nothing is trimmed"),
    Row("text", "Rack 7", "", UNUSED, "written"),
    Row("number", "7", "", UNUSED, "a text field gets the digits"),
    Row("fraction", "7.5", "", UNUSED, "a number reads without zeros at its end"),
    Row("zero", "0", "", UNUSED, "zero is a value"),
    Row("number as text", "7", "", UNUSED, "written"),
    Row("number in blanks", " 7 ", "", UNUSED, "nothing is trimmed"),
    Row("true", "true", "", UNUSED, "JSON's word"),
    Row("false", "false", "", UNUSED, "JSON's word"),
    Row("date", "2026-03-02T15:02:00Z", "", UNUSED, "a text field keeps the text"),
    Row("object", ALONE, WRONG_TYPE, UNUSED, "refused before it can run, since it can never be written"),
    Row("list", ALONE, WRONG_TYPE, UNUSED, "refused before it can run"),
    Row("list of objects", ALONE, WRONG_TYPE, UNUSED, "refused before it can run"),
    Row("unicode", "Zürich 漢字 🔧", "", UNUSED, "written sign for sign"),
    Row("wide digit", "７", "", UNUSED, "written sign for sign"),
    Row("very long", "x" * 100_000, "", UNUSED, "lengths are cut where it is written"),
    Row("very long number", "9" * 5_000, "", UNUSED, "a text like any other"),
    Row("huge number", "1E+999999", "", UNUSED, "never spelled out"),
)


def _static(value: Any, target: str) -> dict[str, Any]:
    return held("value", value, action="set_static", target=target)


@pytest.mark.parametrize(**named(IN))
def test_a_fixed_value_is_written_to_the_work_order_whatever_the_ticket_holds(row: Row) -> None:
    mapping = mapping_kit.compiled(_static(row.input, "title"))
    codes = tuple(finding.code for finding in mapping.findings)
    tickets: list[Any] = [{}, *(way.place(value) for way in TICKETS for value in (None, "other", [1]))]
    for ticket in tickets:
        got = apply(mapping, ticket)
        assert got.findings == ()
        assert outcome(got.values[0].value if got.values else ALONE, codes) == row.result(None), row.because


@pytest.mark.parametrize(**named(OUT))
def test_a_fixed_value_is_written_to_the_ticket_whatever_the_work_order_holds(row: Row) -> None:
    made = outbound_kit.compiled(_static(row.input, "Ticket:Title"))
    codes = tuple(finding.code for finding in made.findings)
    orders: list[Any] = [{}, *(way.place(value) for way in ORDERS for value in (None, "other", [1]))]
    for order in orders:
        got = apply_outbound(made.ticket, order)
        assert got.findings == ()
        assert outcome(got.values[0].value if got.values else ALONE, codes) == row.result(None), row.because


def test_a_fixed_value_has_no_use_for_a_default_and_its_author_is_told() -> None:
    got = mapping_kit.fault({**_static("a", "title"), "default": "b"})
    assert (got.code, got.field) == ("mapping_unused_key", "mappings.inbound[0].default")
