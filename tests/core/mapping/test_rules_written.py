"""Rules written as data for a file: in one order, without defaults, and loading them again gives the same rules."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.mapping.dialects import load_rules
from app.core.mapping.item_paths import parse_order_source
from app.core.mapping.outbound import COLLECTIONS
from app.core.mapping.paths import System, parse_path
from app.core.mapping.rule_reader import KEYS
from app.core.mapping.rules import Rule
from app.core.mapping.writing import exported_mappings, our_rules

NAMES = st.text("abcXYZ_ 9", min_size=1, max_size=8).map(str.strip).filter(lambda text: text not in ("", "status"))
FIXED_SOURCES = {
    "inbound": ["Title", "Ticket:Title", "Account.AccountName", "UserDefinedField.Rack no. [A.1]"],
    "outbound": ["title", "status", "status_id", "time_window.start", "location.name", "expenses[0].amount", "notes"],
}
FIXED_TARGETS = {
    "inbound": ["title", "status_id", "description", "time_window.end", "custom_fields.4711", "location.name"],
    "outbound": ["Ticket:Title", "Resolution", "TimeEntry.[0].StartDateTime", "expense.items[0].ExpenseAmount"],
}
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.decimals(allow_nan=False)
TEXTS = st.text(max_size=20)
VALUES = st.recursive(
    SCALARS | TEXTS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2), max_leaves=4
)
NUMBERS = st.integers() | st.decimals(allow_nan=False, allow_infinity=False)
ZONES = st.sampled_from(["UTC", "utc", "America/Chicago", "Asia/Tokyo"])
FORMATS = st.sampled_from(["YYYY-MM-DD", "YYYY-MM-DD HH:mm:ss", "MM/DD/YYYY hh:mm A", "X", "[at] YYYY-MM-DDTHH:mm:ss"])
DIRECTIONS = st.sampled_from(["inbound", "outbound"])


@st.composite
def raw_rules(draw: Any) -> tuple[str, dict[str, Any]]:
    """A direction, and a rule of any class with any of the keys that its action takes."""
    direction = draw(DIRECTIONS)
    sources = st.sampled_from(FIXED_SOURCES[direction]) | NAMES
    entries = st.lists(st.fixed_dictionaries({"compare": SCALARS | TEXTS, "value": VALUES}), min_size=1, max_size=3)
    bounds = st.lists(st.fixed_dictionaries({"compare": NUMBERS, "value": VALUES}), min_size=1, max_size=3)
    static = st.fixed_dictionaries({"type": st.just("static"), "value": TEXTS})
    field = st.fixed_dictionaries({"type": st.just("field"), "value": sources})
    defaulted = {"default": VALUES}
    kinds: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "sync": ({"source": sources}, defaulted),
        "set_static": ({"value": VALUES}, {"always": st.booleans()}),
        "array_map": ({"source": sources, "mappings": entries}, defaulted),
        "status": ({"source": sources, "mappings": entries}, defaulted),
        "range_map": ({"source": sources, "ranges": bounds}, defaulted),
        "date_convert": (
            {"source": sources},
            {
                "input_format": FORMATS,
                "output_format": FORMATS,
                "timezone_in": ZONES,
                "timezone_out": ZONES,
                **defaulted,
            },
        ),
        "concat": ({"parts": st.lists(static | field, min_size=1, max_size=3)}, defaulted),
        "custom": ({"script": st.text(min_size=1, max_size=40).filter(str.strip)}, defaulted),
    }
    action = draw(st.sampled_from(sorted(kinds)))
    needed, further = kinds[action]
    shared = {"id": TEXTS, "owner": st.sampled_from(["autotask", "field_nation"])}
    targets = st.sampled_from(FIXED_TARGETS[direction]) | NAMES
    more = draw(st.fixed_dictionaries({"target": targets, **needed}, optional={**shared, **further}))
    return direction, {"action": action, **more}


def loaded(raw: Any, direction: Any) -> tuple[Rule, ...]:
    return load_rules(raw, direction)[0]


@settings(max_examples=400, deadline=None)
@given(raw_rules())
def test_what_is_written_loads_as_the_same_rule(drawn: tuple[Any, dict[str, Any]]) -> None:
    direction, raw = drawn
    rules = loaded([raw], direction)
    assert len(rules) == 1
    assert loaded(our_rules(rules), direction) == rules


@settings(max_examples=200, deadline=None)
@given(raw_rules())
def test_written_twice_is_the_same_and_says_nothing_new(drawn: tuple[Any, dict[str, Any]]) -> None:
    direction, raw = drawn
    written = exported_mappings([raw], direction)
    assert json.dumps(exported_mappings(written, direction), default=str) == json.dumps(written, default=str)
    assert set(load_rules(written, direction)[1]) <= set(load_rules([raw], direction)[1])


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ("workorder.title", "title"),
        ("workorder.description", "description"),
        ("description.html", "description"),
        ("status.id", "status_id"),
        ("workorder.status", "status"),
        ("status.name", "status.name"),
        ("schedule.service_window.start", "time_window.start"),
        ("workorder.time_window.end", "time_window.end"),
        ("time_window.end.utc", "schedule.service_window.end.utc"),
        ("location.display_name", "location.name"),
        ("custom_fields.4711", "custom_fields.4711"),
        ("workorder.pay.expense.results.[0].amount", "expenses[0].amount"),
        ("pay.expenses.results[0].category.id", "expenses[0].category.id"),
        ("pay.expenses.sum.all", "pay.expenses.sum.all"),
        ("time_logs.results[0].id", "time_logs[0].id"),
        ("contacts.results[0].email", "contacts.results[0].email"),
    ],
)
def test_a_place_of_the_work_order_is_written_in_one_spelling_and_stays_the_same_place(text: str, ours: str) -> None:
    rules = loaded([{"source": text, "target": "Title", "action": "sync"}], "outbound")
    assert our_rules(rules) == [{"source": ours, "target": "Title", "action": "sync"}]
    for collection in COLLECTIONS.values():
        assert parse_order_source(ours, collection) == parse_order_source(text, collection)


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ("workorder.title", "title"),
        ("workorder.status", "status_id"),
        ("status", "status_id"),
        ("workorder.description", "description"),
        ("schedule.service_window.start", "time_window.start"),
        ("location.display_name", "location.name"),
        ("pay.expense.results[0].amount", "pay.expenses.results[0].amount"),
        ("types_of_work.[0].id", "types_of_work[0].id"),
    ],
)
def test_a_target_is_written_in_one_spelling_and_stays_the_same_place(text: str, ours: str) -> None:
    raw = {"target": text, "action": "set_static", "value": 1}
    assert exported_mappings([raw], "inbound") == [{**raw, "target": ours}]
    if "status" not in text:
        assert parse_path(ours, System.FIELD_NATION) == parse_path(text, System.FIELD_NATION)


@pytest.mark.parametrize("text", ["Ticket:Title", "TimeEntry.[0].StartDateTime", "UserDefinedField.Site Code"])
def test_names_of_autotask_stay_as_they_were_written(text: str) -> None:
    raw = {"source": "title", "target": text, "action": "sync"}
    assert exported_mappings([raw], "outbound") == [raw]


def test_the_old_keys_labels_and_leftovers_become_ours_in_one_order() -> None:
    old = {
        "default": "P3",
        "map": [{"target_value": "P1", "source_value": 1}],
        "owner": "autotask",
        "action": "Array Map",
        "target_field": "workorder.custom_fields.4711",
        "source_field": "Priority",
        "id": 7,
        "mappings": [],
    }
    (written,) = exported_mappings([old], "inbound")
    assert list(written.items()) == [
        ("id", "7"),
        ("source", "Priority"),
        ("target", "custom_fields.4711"),
        ("action", "array_map"),
        ("mappings", [{"compare": 1, "value": "P1"}]),
        ("default", "P3"),
        ("owner", "autotask"),
    ]


def test_formats_and_zones_are_written_only_where_they_are_not_the_usual() -> None:
    plain = {"source": "DueDateTime", "target": "time_window.end", "action": "date_convert"}
    usual = {"out_fmt": "YYYY-MM-DD HH:mm:ss", "tz_in": "UTC", "tz_out": "UTC"}
    assert exported_mappings([plain | usual], "inbound") == [plain]
    other = {"input_format": "X", "output_format": "YYYY", "timezone_in": "Asia/Tokyo", "timezone_out": "Asia/Tokyo"}
    assert exported_mappings([plain | other], "inbound") == [plain | other]


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (1, 1),
        ("3.50", 3.5),
        (Decimal("0.1"), 0.1),
        ("1.00000000000000000001", "1.00000000000000000001"),
        (1e300, 1e300),
    ],
)
def test_the_end_of_a_range_is_written_as_a_number_unless_that_loses_digits(number: Any, written: Any) -> None:
    raw = {"source": "Title", "target": "title", "action": "range_map", "ranges": [{"compare": number, "value": 1}]}
    (made,) = our_rules(loaded([raw], "inbound"))
    assert made["ranges"] == [{"compare": written, "value": 1}]


def test_a_rule_in_our_own_dialect_is_exported_as_it_was_written() -> None:
    usual = {"output_format": "YYYY-MM-DD HH:mm:ss", "timezone_in": "UTC", "default": ""}
    raw = {"action": "date_convert", "target": "time_window.end", "source": "DueDateTime", **usual}
    (written,) = exported_mappings([raw], "inbound")
    assert list(written.items()) == list(raw.items())


def test_a_script_is_kept_letter_by_letter() -> None:
    script = "local x = $.input;\n\n  x.Title + '${not a variable}'"
    raw = {"target": "title", "action": "custom", "script": f"\n{script}\n"}
    assert exported_mappings([raw], "inbound") == [{"target": "title", "action": "custom", "script": script}]


def test_rules_that_could_not_be_loaded_stand_where_they_stood() -> None:
    right = {"source": "Title", "target": "title", "action": "sync"}
    wrong = {"source_field": "a..b", "target_field": "title", "action": "Direct", "note": "old"}
    assert exported_mappings([right, wrong, right], "inbound") == [right, wrong, right]
    assert exported_mappings([wrong] * 1001, "inbound") == [wrong] * 1001


def test_only_our_own_spellings_are_written() -> None:
    ours = {names[0] for names in KEYS.values()}
    old = [
        {"source_field": "Title", "target_field": "title", "action": "Direct"},
        {"target_field": "title", "action": "Set Static Values", "value": None},
        {"source_field": "Priority", "target_field": "title", "action": "Range Map", "map": [{"cmp": 1, "val": 2}]},
        {"source_field": "Status", "target_field": "status", "action": "Status Mapping", "map": [{"cmp": 1, "val": 2}]},
    ]
    written = exported_mappings(old, "inbound")
    assert all(set(rule) <= ours for rule in written)
    assert [rule["action"] for rule in written] == ["sync", "set_static", "range_map", "status"]
    assert all(set(entry) == {"compare", "value"} for entry in (*written[2]["ranges"], *written[3]["mappings"]))
