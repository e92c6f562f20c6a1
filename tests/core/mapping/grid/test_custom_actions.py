"""Custom: whatever a program gave, or why it gave nothing, both ways; programs themselves are run elsewhere."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from app.core.mapping.apply_outbound import apply_outbound
from app.core.mapping.engine import apply
from app.core.mapping.scripted import NOT_RUN
from app.core.model.script import Broke, Ran
from tests.core.mapping import mapping_kit, outbound_kit
from tests.core.mapping.grid import losses
from tests.core.mapping.grid.grid_kit import (
    ABSENT,
    ALONE,
    DEFAULT,
    INPUTS,
    TAKEN,
    TOLD,
    UNUSED,
    WRONG_TYPE,
    Row,
    named,
    outcome,
    whole,
)

SCRIPT = "$.input.title"
NOT_RUN_CODE = "script_crashed"
BROKEN = ("script_failed", "script_invalid", "script_over_limit", "script_crashed")

IN = whole(
    Row("missing", ALONE, NOT_RUN_CODE, TOLD, "a program that was not run is a loss, never silence"),
    Row("null", ALONE, "", TAKEN, "null says nothing, as an empty source does"),
    Row("empty text", ALONE, "", TAKEN, "likewise"),
    Row("empty list", ALONE, "", TAKEN, "likewise"),
    Row("empty object", ALONE, "", TAKEN, "likewise"),
    Row("empty date", ALONE, "", TAKEN, "a date object that holds nothing says nothing"),
    Row("blank text", "  ", "", UNUSED, "nothing is trimmed"),
    Row("text", "Rack 7", "", UNUSED, "written"),
    Row("number", 7, "", UNUSED, "a number stays a number"),
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
    Row("unicode", "Zürich 漢字 🔧", "", UNUSED, "sign for sign"),
    Row("wide digit", "７", "", UNUSED, "sign for sign"),
    Row("very long", "x" * 100_000, "", UNUSED, "lengths are cut where it is written"),
    Row("very long number", "9" * 5_000, "", UNUSED, "a text like any other"),
    Row("huge number", Decimal("1E+999999"), "", UNUSED, "exact, and never spelled out"),
)

OUT = whole(
    Row("missing", ALONE, NOT_RUN_CODE, TOLD, "a program that was not run is a loss, never silence"),
    Row("null", ALONE, "", TAKEN, "null says nothing"),
    Row("empty text", ALONE, "", TAKEN, "likewise"),
    Row("empty list", ALONE, "", TAKEN, "likewise"),
    Row("empty object", ALONE, "", TAKEN, "likewise"),
    Row("empty date", ALONE, "", TAKEN, "likewise"),
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
    Row("object", ALONE, WRONG_TYPE, TOLD, "no text"),
    Row("list", ALONE, WRONG_TYPE, TOLD, "no text"),
    Row("list of objects", ALONE, WRONG_TYPE, TOLD, "no text"),
    Row("unicode", "Zürich 漢字 🔧", "", UNUSED, "sign for sign"),
    Row("wide digit", "７", "", UNUSED, "sign for sign"),
    Row("very long", "x" * 100_000, "", UNUSED, "lengths are cut where it is written"),
    Row("very long number", "9" * 5_000, "", UNUSED, "a text like any other"),
    Row("huge number", "1E+999999", "", UNUSED, "never spelled out"),
)


def given(value: Any) -> dict[int, Any]:
    """What the program of the only rule gave; nothing where it was not run."""
    return dict(NOT_RUN) if value is ABSENT else {0: value if isinstance(value, Broke) else Ran(value)}


def inbound(value: Any, default: Any) -> Any:
    rule = {"target": "title", "action": "custom", "script": SCRIPT, "default": default}
    mapped = apply(mapping_kit.compiled(rule), {"title": "Fix"}, "ticket:1", given(value))
    return outcome(next((one.value for one in mapped.values), ALONE), tuple(one.code for one in mapped.findings))


def outbound(value: Any, default: Any) -> Any:
    rule = {"target": "Ticket:Title", "action": "custom", "script": SCRIPT, "default": default}
    part = outbound_kit.compiled(rule).ticket
    mapped = apply_outbound(part, {"title": "Fix"}, None, "work_order:1", outcomes=given(value))
    return outcome(next((one.value for one in mapped.values), ALONE), tuple(one.code for one in mapped.findings))


@pytest.mark.parametrize("default", [None, DEFAULT])
@pytest.mark.parametrize(**named(IN))
def test_what_a_program_gives_for_a_work_order(row: Row, default: Any) -> None:
    assert inbound(row.input, default) == row.result(default)


@pytest.mark.parametrize("default", [None, DEFAULT])
@pytest.mark.parametrize(**named(OUT))
def test_what_a_program_gives_for_a_ticket(row: Row, default: Any) -> None:
    assert outbound(row.input, default) == row.result(default)


@pytest.mark.parametrize("way", [inbound, outbound])
@pytest.mark.parametrize("code", BROKEN)
def test_a_program_that_broke_is_told_also_where_a_default_stands_in(code: str, way: Any) -> None:
    broke = Broke(code, "it says why", "do this")
    assert way(broke, None) == outcome(ALONE, (code,))
    assert way(broke, DEFAULT) == outcome(DEFAULT, (code,))


def test_the_source_of_a_scripted_value_is_the_value_and_another_program_is_another_source() -> None:
    def read(script: str, value: Any) -> tuple[tuple[str, Any], ...]:
        rule = {"target": "title", "action": "custom", "script": script}
        return apply(mapping_kit.compiled(rule), {}, "", given(value)).inputs

    assert read("1", "a") == read("1", "a")
    assert read("1", "a") != read("1", "b")
    assert read("1", "a")[0][0] != read("2", "a")[0][0]
    broke = read("1", Broke("script_failed", "", ""))
    assert broke[0][0] == read("1", "a")[0][0]
    assert broke != read("1", None)


def test_the_related_records_that_a_program_spells_out_are_read_and_a_misspelt_one_is_told() -> None:
    script = "$.input.Account.AccountName + $.util.lookup_field($.input, 'Account.Phone', '') + $.input.Titel"
    mapping = mapping_kit.compiled({"target": "title", "action": "custom", "script": script})
    assert [[hop.relation for hop in chain] for chain in mapping.relations] == [["company"]]
    told = [(one.code, str(one.severity)) for one in mapping.findings if "Titel" in one.text]
    assert told == [("mapping_unknown_field", "warning")]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
OUTCOMES = VALUES.map(Ran) | st.sampled_from(BROKEN).map(lambda code: Broke(code, "why", "mend"))


@settings(max_examples=200, deadline=None)
@drawn(
    outcome=OUTCOMES,
    way_in=st.sampled_from(["title", "status_id", "time_window.end", "custom_fields.4711"]),
    way_back=st.sampled_from(["Ticket:Title", "Ticket:Status", "Ticket:DueDateTime", "Ticket:QueueID"]),
)
def test_any_outcome_is_written_or_told_and_never_raises(outcome: Any, way_in: str, way_back: str) -> None:
    rule = {"action": "custom", "script": SCRIPT}
    mapping = mapping_kit.compiled({**rule, "target": way_in})
    part = outbound_kit.compiled({**rule, "target": way_back}).ticket
    for made in (
        apply(mapping, {}, "ticket:1", {0: outcome}),
        apply_outbound(part, {}, None, "work_order:1", outcomes={0: outcome}),
    ):
        says_something = isinstance(outcome, Broke) or losses.says_something(outcome.value)
        blank = isinstance(outcome, Ran) and isinstance(outcome.value, str) and not outcome.value.strip()
        assert made.values or made.findings or not says_something or blank
        assert all(one.mend and one.field for one in made.findings)
        assert not isinstance(outcome, Broke) or outcome.code in [one.code for one in made.findings]
