"""Array map: exact equality, the first equal entry, in both directions, over every kind of input and path."""

from decimal import Decimal
from typing import Any

import pytest

from tests.core.mapping.grid import inbound_ways, outbound_ways
from tests.core.mapping.grid.grid_kit import (
    ALONE,
    DEFAULT,
    INPUTS,
    MISSING,
    NO_MATCH,
    TAKEN,
    UNUSED,
    Row,
    array_map,
    expected,
    named,
    whole,
)

LOOK_UP_IN = array_map(("Rack 7", "rack"), ("7", "seven"), ("Zürich 漢字 🔧", "Zurich"), ("true", "yes"))

IN = whole(
    Row("missing", ALONE, MISSING, TAKEN, "nothing was read, so nothing can be looked up, and that is told"),
    Row("null", ALONE, "", TAKEN, "there is no entry for the empty value, and nothing to look up"),
    Row("empty text", ALONE, "", TAKEN, "as null"),
    Row("empty list", ALONE, "", TAKEN, "as null"),
    Row("empty object", ALONE, "", TAKEN, "as null"),
    Row("empty date", ALONE, "", TAKEN, "as null"),
    Row("blank text", ALONE, NO_MATCH, TAKEN, "a blank is a text without an entry"),
    Row("text", "rack", "", UNUSED, "equal"),
    Row("number", ALONE, NO_MATCH, TAKEN, 'the field is a text, its entries are texts, and 7 is not "7"'),
    Row("fraction", ALONE, NO_MATCH, TAKEN, "no entry"),
    Row("zero", ALONE, NO_MATCH, TAKEN, "zero is a value, and has no entry"),
    Row("number as text", "seven", "", UNUSED, "equal as text"),
    Row("number in blanks", ALONE, NO_MATCH, TAKEN, "nothing is trimmed"),
    Row("true", ALONE, NO_MATCH, TAKEN, 'true is not "true"'),
    Row("false", ALONE, NO_MATCH, TAKEN, "false is a value, and has no entry"),
    Row("date", ALONE, NO_MATCH, TAKEN, "no entry"),
    Row("object", ALONE, NO_MATCH, TAKEN, "an object is equal to nothing"),
    Row("list", ALONE, NO_MATCH, TAKEN, "a list is not equal to the text in it"),
    Row("list of objects", ALONE, NO_MATCH, TAKEN, "a list is equal to nothing"),
    Row("unicode", "Zurich", "", UNUSED, "equal, sign for sign"),
    Row("wide digit", ALONE, NO_MATCH, TAKEN, "it looks like the 7 that has an entry, and is another sign"),
    Row("very long", ALONE, NO_MATCH, TAKEN, "no entry; the finding shows the beginning only"),
    Row("very long number", ALONE, NO_MATCH, TAKEN, "no entry"),
    Row("huge number", ALONE, NO_MATCH, TAKEN, "no entry; the finding does not spell it out"),
    Row("other capitals", ALONE, NO_MATCH, TAKEN, "capitals count", "rack 7"),
    Row("decomposed", ALONE, NO_MATCH, TAKEN, "ü as u and a mark is another text", "Zu\u0308rich 漢字 🔧"),
)

LOOK_UP_OUT = array_map(
    ("Rack 7", "rack"), ("7", "seven in words"), (7, "seven"), (True, "yes"), (0, "none"), ("Zürich 漢字 🔧", "Zurich")
)

OUT = whole(
    Row("missing", ALONE, MISSING, TAKEN, "nothing was read, so nothing can be looked up, and that is told"),
    Row("null", ALONE, "", TAKEN, "there is no entry for the empty value, and nothing to look up"),
    Row("empty text", ALONE, "", TAKEN, "as null"),
    Row("empty list", ALONE, "", TAKEN, "as null"),
    Row("empty object", ALONE, "", TAKEN, "as null"),
    Row("empty date", ALONE, "", TAKEN, "as null"),
    Row("blank text", ALONE, NO_MATCH, TAKEN, "a blank is a text without an entry"),
    Row("text", "rack", "", UNUSED, "equal"),
    Row("number", "seven", "", UNUSED, "the entry for the number, not the one above it for the text"),
    Row("fraction", ALONE, NO_MATCH, TAKEN, "7.50 is not 7"),
    Row("zero", "none", "", UNUSED, "zero has an entry of its own and is not empty"),
    Row("number as text", "seven in words", "", UNUSED, "the entry for the text"),
    Row("number in blanks", ALONE, NO_MATCH, TAKEN, "nothing is trimmed"),
    Row("true", "yes", "", UNUSED, "equal, and not the number 1"),
    Row("false", ALONE, NO_MATCH, TAKEN, "false is not zero, which has an entry"),
    Row("date", ALONE, NO_MATCH, TAKEN, "no entry"),
    Row("object", ALONE, NO_MATCH, TAKEN, "an object is equal to nothing"),
    Row("list", ALONE, NO_MATCH, TAKEN, "a list is not equal to the text in it"),
    Row("list of objects", ALONE, NO_MATCH, TAKEN, "a list is equal to nothing"),
    Row("unicode", "Zurich", "", UNUSED, "equal, sign for sign"),
    Row("wide digit", ALONE, NO_MATCH, TAKEN, "it looks like the 7 that has an entry, and is another sign"),
    Row("very long", ALONE, NO_MATCH, TAKEN, "no entry; the finding shows the beginning only"),
    Row("very long number", ALONE, NO_MATCH, TAKEN, "no entry"),
    Row("huge number", ALONE, NO_MATCH, TAKEN, "no entry; the finding does not spell it out"),
    Row("seven, written longer", "seven", "", UNUSED, "numbers are equal when their values are", Decimal("7.000")),
    Row("other capitals", ALONE, NO_MATCH, TAKEN, "capitals count", "rack 7"),
)


@pytest.mark.parametrize("default", [None, DEFAULT])
@pytest.mark.parametrize(**named(IN))
def test_a_ticket_field_is_looked_up_whatever_it_holds(row: Row, default: Any) -> None:
    promised = expected(row, inbound_ways.WAYS, default, IN)
    assert inbound_ways.seen(LOOK_UP_IN, row.input, default) == promised, row.because


@pytest.mark.parametrize("default", [None, DEFAULT])
@pytest.mark.parametrize(**named(OUT))
def test_a_work_order_field_is_looked_up_whatever_it_holds(row: Row, default: Any) -> None:
    promised = expected(row, outbound_ways.WAYS, default, OUT)
    assert outbound_ways.seen(LOOK_UP_OUT, row.input, default) == promised, row.because


EMPTY = ("null", "empty text")
NOT_A_SCALAR = ("empty list", "empty object", "empty date")


@pytest.mark.parametrize("given", [*EMPTY, *NOT_A_SCALAR])
def test_an_entry_for_the_empty_value_is_for_null_and_the_empty_text_only(given: str) -> None:
    """Autotask answers either of the two for a field without text; an empty container is neither, and is left."""
    of_null = array_map((None, "nothing there"), ("Rack 7", "rack"))
    made, codes = ("nothing there", ()) if given in EMPTY else (ALONE, ())
    for seen in (inbound_ways.seen, outbound_ways.seen):
        assert {(value, got) for value, _, got in seen(of_null, INPUTS[given]).values()} == {(made, codes)}


@pytest.mark.parametrize(
    ("source", "given", "made"),
    [
        ("EstimatedHours", 7, "seven"),
        ("EstimatedHours", Decimal("7.000"), "seven"),
        ("EstimatedHours", 7.0, "seven"),
        ("EstimatedHours", "7", ALONE),
        ("EstimatedHours", True, ALONE),
        ("Priority", 1, "one"),
        ("Priority", "1", ALONE),
        ("Priority", True, ALONE),
        ("Account.Classification", 7, "seven"),
        ("ServiceLevelAgreementHasBeenMet", True, "yes"),
        ("ServiceLevelAgreementHasBeenMet", False, "no"),
        ("ServiceLevelAgreementHasBeenMet", 1, ALONE),
        ("ServiceLevelAgreementHasBeenMet", "true", ALONE),
    ],
)
def test_an_entry_has_the_type_of_the_ticket_field_and_the_value_must_have_it_too(
    source: str, given: Any, made: Any
) -> None:
    """The entries are written as texts, as the old connector's screen did; the database says what they are."""
    yes_or_no, numbers = array_map(("true", "yes"), ("false", "no")), array_map(("7", "seven"), ("1", "one"))
    action = yes_or_no if source.startswith("Service") else numbers
    way = inbound_ways.typed_way(source)
    assert inbound_ways.seen(action, given, ways=[way])[way.name][0] == made
