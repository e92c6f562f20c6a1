"""Fields of the ticket side that are no texts: what each type takes of every kind of input, and of every action."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

import pytest

from tests.core.mapping.grid.grid_kit import (
    ABSENT,
    ALONE,
    INPUTS,
    MISSING,
    WRONG_TYPE,
    Action,
    array_map,
    concat_alone,
    date_convert,
    outcome,
    range_map,
    sync,
)
from tests.core.mapping.grid.outbound_ways import PLAIN, seen

SAYS_NOTHING: Final = ("null", "empty text", "empty list", "empty object", "empty date", "blank text")
"""A blank is a text, but says nothing where a number, a date or a choice is asked for."""

WHOLE_NUMBERS: Final = {"number": 7, "zero": 0, "number as text": 7, "number in blanks": 7}
EXACT_NUMBERS: Final = {given: Decimal(number) for given, number in WHOLE_NUMBERS.items()}
FITS: Final[dict[str, dict[str, Any]]] = {
    # A whole number, or a text that spells one; 7.50 would have to be rounded, which nobody asked for.
    "Ticket:QueueID": WHOLE_NUMBERS,
    # Exact numbers; one of a million digits is no amount and no number of hours.
    "Ticket:EstimatedHours": {**EXACT_NUMBERS, "fraction": Decimal("7.50")},
    # true and false, and 0 and 1, as which some of the vendors' fields come.
    "Ticket:isVisibleToComanaged": {"true": True, "false": False, "zero": False},
    # An instant, in UTC; a number alone is no date.
    "Ticket:DueDateTime": {"date": "2026-03-02T15:02:00Z"},
    # The day that the instant has in the connection's zone, at midnight.
    "TimeEntry.[0].DateWorked": {"date": "2026-03-02T00:00:00Z"},
    # An id, or a label; an id that the list lacks is given on, since the list may have grown.
    "Ticket:Priority": WHOLE_NUMBERS,
    # Like the integer that it is; what it refers to is another check's business.
    "Ticket:AccountID": WHOLE_NUMBERS,
}
"""By target, the kinds of input that fit and what is made of them. Nothing else does."""


@pytest.mark.parametrize("given", list(INPUTS))
@pytest.mark.parametrize("target", list(FITS))
def test_a_copy_fits_the_type_of_its_field_or_is_told(target: str, given: str) -> None:
    way = replace(PLAIN, target=target)
    default, standing_in = _default(target)
    (without,) = seen(sync, INPUTS[given], ways=[way]).values()
    (beside,) = seen(sync, INPUTS[given], default, ways=[way]).values()
    if given in FITS[target]:
        assert without == beside == outcome(FITS[target][given], ())
    elif given in SAYS_NOTHING:
        assert (without, beside) == (outcome(ALONE, ()), outcome(standing_in, ()))
    elif INPUTS[given] is ABSENT:
        assert (without, beside) == (outcome(ALONE, (MISSING,)), outcome(standing_in, ()))
    else:
        assert (without, beside) == (outcome(ALONE, (WRONG_TYPE,)), outcome(standing_in, (WRONG_TYPE,)))


def _default(target: str) -> tuple[Any, Any]:
    """A default as its author writes it, and in the field's type."""
    if target.endswith(("DateTime", "DateWorked")):
        return "2026-01-01", "2026-01-01T00:00:00Z"
    if target.endswith("Hours"):
        return "2.5", Decimal("2.5")
    if target.endswith("Comanaged"):
        return "true", True
    return ("Medium", 2) if target.endswith("Priority") else ("3", 3)


@pytest.mark.parametrize(
    ("action", "given", "target", "made", "code"),
    [
        (concat_alone, 7, "Ticket:QueueID", 7, ""),
        (concat_alone, "Rack 7", "Ticket:QueueID", ALONE, WRONG_TYPE),
        (concat_alone, " ", "Ticket:QueueID", ALONE, ""),
        (concat_alone, "2026-03-02 15:02:00", "Ticket:DueDateTime", "2026-03-02T15:02:00Z", ""),
        (concat_alone, "medium", "Ticket:Priority", 2, ""),
        (concat_alone, True, "Ticket:isVisibleToComanaged", True, ""),
        (array_map(("a", "7")), "a", "Ticket:QueueID", 7, ""),
        (array_map(("a", "Medium")), "a", "Ticket:Priority", 2, ""),
        (array_map(("a", "TRUE")), "a", "Ticket:isVisibleToComanaged", True, ""),
        (array_map(("a", "2026-03-02")), "a", "Ticket:DueDateTime", "2026-03-02T00:00:00Z", ""),
        (array_map(("a", 7)), "a", "UserDefinedField.VisitBand", "7", ""),
        (array_map(("a", " ")), "a", "Ticket:QueueID", ALONE, ""),
        (range_map((8, "7.5")), "3", "Ticket:EstimatedHours", Decimal("7.5"), ""),
        (range_map((8, "High")), "3", "Ticket:Priority", 1, ""),
        (date_convert(), "2026-03-02 15:02:00", "Ticket:DueDateTime", "2026-03-02T15:02:00Z", ""),
        (
            date_convert(output_format="YYYY-MM-DD"),
            "2026-03-02 23:02:00",
            "TimeEntry.[0].DateWorked",
            "2026-03-02T00:00:00Z",
            "",
        ),
        (date_convert(output_format="X"), "2026-03-02 15:02:00", "Ticket:QueueID", 1772463720, ""),
        (date_convert(output_format="X"), "2126-03-02 15:02:00", "Ticket:QueueID", ALONE, WRONG_TYPE),
        (date_convert(output_format="H"), "2026-03-02 15:02:00", "Ticket:EstimatedHours", Decimal(15), ""),
    ],
)
def test_what_an_action_makes_gets_the_type_of_its_field(
    action: Action, given: Any, target: str, made: Any, code: str
) -> None:
    (got,) = seen(action, given, ways=[replace(PLAIN, target=target)]).values()
    assert got == outcome(made, (code,) if code else ())
