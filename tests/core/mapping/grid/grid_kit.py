"""The grid's kinds of input and rows, and how one row is run over every kind of path.

A table has one row for each kind of input: what the action makes of it, the codes of the findings, what a default
does, and why. One row is one test; it runs over every way that a rule can name the place where the input stands.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto
from typing import Any, Final, TypeAlias

from app.core.mapping.engine import Mapped


class Mark(Enum):
    ABSENT = "there is no such key"
    ALONE = "the target is left alone"


ABSENT, ALONE = Mark.ABSENT, Mark.ALONE

INPUTS: Final[dict[str, Any]] = {
    "missing": ABSENT,
    "null": None,
    "empty text": "",
    "empty list": [],
    "empty object": {},
    "empty date": {"utc": "", "local": {"date": "", "time": ""}},
    "blank text": "  ",
    "text": "Rack 7",
    "number": 7,
    "fraction": Decimal("7.50"),
    "zero": 0,
    "number as text": "7",
    "number in blanks": " 7 ",
    "true": True,
    "false": False,
    "date": "2026-03-02T15:02:00Z",
    "object": {"id": 7, "name": {"first": "Ada"}},
    "list": ["Rack 7"],
    "list of objects": [{"id": 7}],
    "unicode": "Zürich 漢字 🔧",
    "wide digit": "７",
    "very long": "x" * 100_000,
    "very long number": "9" * 5_000,
    "huge number": Decimal("1E+999999"),
}
"""Every kind of value that a source can hold, by the name that the rows give it."""


class Default(Enum):
    """What a default, if the rule has one, does to the row."""

    TAKEN = auto()  # the default is written, and nothing is said
    TOLD = auto()  # the default is written, and the findings stay
    UNUSED = auto()  # value and findings are those of a rule without a default


TAKEN, TOLD, UNUSED = Default.TAKEN, Default.TOLD, Default.UNUSED
DEFAULT: Final = "the default"

MISSING: Final = "mapping_source_missing"
NO_MATCH: Final = "mapping_no_match"
NOT_A_NUMBER: Final = "mapping_not_a_number"
BAD_DATE: Final = "mapping_bad_date"
NOT_TEXT: Final = "mapping_not_text"
WRONG_TYPE: Final = "mapping_wrong_type"


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of input: the value made of it or ALONE, the finding's code or empty, the default's part, the reason.

    `value` is the input of a row whose kind is not one of INPUTS.
    """

    given: str
    makes: Any
    code: str
    default: Default
    because: str
    value: Any = None

    @property
    def input(self) -> Any:
        return INPUTS.get(self.given, self.value)

    def result(self, default: Any) -> "Result":
        """What the row promises of a rule with that default (None: of one that has none)."""
        codes = (self.code,) if self.code else ()
        if default is None or self.default is UNUSED:
            return outcome(self.makes, codes)
        return outcome(default, codes if self.default is TOLD else ())


Result: TypeAlias = tuple[Any, str, tuple[str, ...]]
"""The value, the name of its type (7 is not "7", nor is true 1), and the codes of the findings."""

Action: TypeAlias = Callable[[str], Mapping[str, Any]]
"""The raw rule, but for its target, that reads the source of that text."""


@dataclass(frozen=True, slots=True)
class Way:
    """A kind of path: how a rule writes it, and the vendor's document that holds an input at that place.

    `text` is how findings spell the place; `target` is a text field that such a rule may write. `missing_is_empty`:
    our document has the name whether or not the vendor sends it, so that missing is the same as null.
    """

    name: str
    source: str
    place: Callable[[Any], Any]
    text: str
    target: str = "title"
    missing_is_empty: bool = False


def whole(*rows: Row) -> tuple[Row, ...]:
    """The table, once it is sure that it has a row for every kind of input and none twice."""
    names = [row.given for row in rows]
    assert len(names) == len(set(names)), f"twice: {sorted(name for name in names if names.count(name) > 1)}"
    assert set(INPUTS) <= set(names), f"no row for {sorted(set(INPUTS) - set(names))}"
    return rows


def named(rows: Sequence[Row]) -> dict[str, Any]:
    """The arguments of `parametrize` for a table."""
    return {"argnames": "row", "argvalues": rows, "ids": [row.given for row in rows]}


def held(key: str, value: Any, **beside: Any) -> dict[str, Any]:
    """An object that holds the value under the key, or has no such key when it is ABSENT."""
    return beside if value is ABSENT else {**beside, key: value}


def outcome(value: Any, codes: tuple[str, ...]) -> Result:
    return value, type(value).__name__, codes


def result_of(got: Mapped, record: str, way: Way, target: str) -> Result:
    """The one value and the codes; every finding must name the record, the place, the target and what to do."""
    assert len(got.values) <= 1
    for finding in got.findings:
        assert (finding.record, finding.field, bool(finding.mend)) == (record, way.text, True)
        assert target in finding.text
        assert len(finding.text) < 400
    return outcome(got.values[0].value if got.values else ALONE, tuple(finding.code for finding in got.findings))


def expected(row: Row, ways: Sequence[Way], default: Any, table: Sequence[Row]) -> dict[str, Result]:
    """What the row promises, by way."""
    null = next(one for one in table if one.given == "null")
    return {
        way.name: (null if row.given == "missing" and way.missing_is_empty else row).result(default) for way in ways
    }


def sync(source: str) -> Mapping[str, Any]:
    return {"action": "sync", "source": source}


def concat(source: str) -> Mapping[str, Any]:
    """The source between two brackets."""
    parts = [("static", "<"), ("field", source), ("static", ">")]
    return {"action": "concat", "parts": [{"type": type, "value": value} for type, value in parts]}


def concat_alone(source: str) -> Mapping[str, Any]:
    return {"action": "concat", "parts": [{"type": "field", "value": source}]}


def array_map(*entries: tuple[Any, Any]) -> Action:
    return lambda source: {
        "action": "array_map",
        "source": source,
        "mappings": [{"compare": compare, "value": value} for compare, value in entries],
    }


def range_map(*ranges: tuple[Any, Any]) -> Action:
    return lambda source: {
        "action": "range_map",
        "source": source,
        "ranges": [{"compare": upper, "value": value} for upper, value in ranges],
    }


def date_convert(**more: Any) -> Action:
    return lambda source: {"action": "date_convert", "source": source, **more}
