"""Loading rules: both dialects, every name of an action, and the mend for what is wrong."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.core.mapping.dialects import action_named, load_rules
from app.core.mapping.rules import ArrayMap, Bound, Concat, DateConvert, Pair, Part, RangeMap, Rule, SetStatic, Sync
from app.core.model.finding import Severity
from tests.core.mapping.mapping_kit import fault


def loaded(raw: Any, direction: Any = "inbound") -> Rule:
    rules, findings = load_rules([raw], direction)
    assert findings == ()
    return rules[0]


def test_both_dialects_load_to_the_same_rule() -> None:
    ours = {
        "source": "Priority",
        "target": "custom_fields.4711",
        "action": "array_map",
        "mappings": [{"compare": 1, "value": "P1"}],
        "default": "P3",
    }
    theirs = {
        "source_field": "Priority",
        "target_field": "custom_fields.4711",
        "action": "ACTION_TYPE_ARRAY_MAP",
        "map": [{"source_value": 1, "target_value": "P1"}],
        "default": "P3",
    }
    custom_code = {**ours, "mappings": [{"cmp": 1, "val": "P1"}]}
    wanted = ArrayMap(
        direction="inbound",
        index=0,
        target="custom_fields.4711",
        source="Priority",
        default="P3",
        pairs=(Pair(1, "P1"),),
    )
    assert loaded(ours) == loaded(theirs) == loaded(custom_code) == wanted


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("sync", "sync"),
        ("Direct", "sync"),
        ("Sync Values", "sync"),
        ("Direct / Sync Values", "sync"),
        ("ACTION_TYPE_SYNC", "sync"),
        ("Set Static Values", "set_static"),
        ("ACTION_TYPE_SET_STATIC", "set_static"),
        ("Array Map", "array_map"),
        ("Range Map", "range_map"),
        ("ACTION_TYPE_RANGE_MAP", "range_map"),
        ("Date Convert", "date_convert"),
        ("action_type_date_convert", "date_convert"),
        ("Concat Values", "concat"),
        ("Concat", "concat"),
        ("Status Mapping", "status"),
        ("status", "status"),
        ("Custom Action (Jsonnet)", "custom"),
        ("ACTION_TYPE_CUSTOM", "custom"),
        ("copy", ""),
    ],
)
def test_an_action_is_known_by_name_and_by_label(name: str, action: str) -> None:
    assert action_named(name) == action


def test_each_action_loads() -> None:
    assert isinstance(loaded({"source": "Title", "target": "title", "action": "sync", "owner": "autotask"}), Sync)
    static = loaded({"target": "Ticket:QueueID", "action": "set_static", "value": 5, "always": True}, "outbound")
    assert isinstance(static, SetStatic)
    assert (static.value, static.always) == (5, True)
    ranges = loaded(
        {
            "source": "EstimatedHours",
            "target": "title",
            "action": "range_map",
            "ranges": [{"compare": 1, "value": "short"}, {"compare": "3.5", "value": "medium"}],
        }
    )
    assert isinstance(ranges, RangeMap)
    assert ranges.bounds == (Bound(Decimal(1), "short"), Bound(Decimal("3.5"), "medium"))
    joined = loaded(
        {
            "target": "title",
            "action": "concat",
            "parts": [{"type": "static", "value": "FN "}, {"type": "field", "value": "Title"}],
        }
    )
    assert isinstance(joined, Concat)
    assert joined.parts == (Part("FN ", True), Part("Title", False))
    dated = loaded({"source": "DueDateTime", "target": "time_window.end", "action": "date_convert"})
    assert isinstance(dated, DateConvert)
    assert (dated.input_format, dated.output_format.text, dated.zone_out) == (None, "YYYY-MM-DD HH:mm:ss", "UTC")


def test_outbound_rules_of_the_old_connector_load() -> None:
    raw = [
        {"source": "workorder.title", "target": "Ticket:Title", "action": "sync", "owner": "autotask"},
        {"source": "time_logs[0].StartDateTime", "target": "TimeEntry.[0].StartDateTime", "action": "sync"},
        {"source": "expenses[0].amount", "target": "expense.items[0].ExpenseAmount", "action": "sync"},
        {"source": "pay.expense.results", "target": "TicketCost.[0].UnitPrice", "action": "Direct"},
        {"source": "closing_notes", "target": "Resolution", "action": "sync", "default": None},
    ]
    rules, findings = load_rules(raw, "outbound")
    assert len(rules) == 5
    assert findings == ()


SYNC = {"source": "Title", "target": "title", "action": "sync"}
MAP = {"source": "Priority", "target": "title", "action": "array_map", "default": "x"}
RANGE = {"source": "EstimatedHours", "target": "title", "action": "range_map", "default": "x"}
DATE = {"source": "DueDateTime", "target": "time_window.end", "action": "date_convert"}
CONCAT = {"target": "title", "action": "concat"}
ONE = [{"compare": 1, "value": "P1"}]


@pytest.mark.parametrize(
    ("raw", "field", "text", "mend"),
    [
        ("Title", "", '"Title" is not a rule', "object"),
        ({}, "action", "There is no action", "action"),
        ({**SYNC, "action": "snyc"}, "action", '"snyc"', "sync"),
        ({**SYNC, "action": 5}, "action", "5", "quotes"),
        ({"target": "title", "action": "custom"}, "script", "no script", "script"),
        ({**SYNC, "sourc": "x"}, "sourc", '"sourc"', "source"),
        ({**SYNC, "source_field": "Title"}, "source_field", "mean the same", "Keep one"),
        ({"target": "title", "action": "sync"}, "source", "no source", "Add source"),
        ({"source_field": "Title", "action": "sync"}, "target", "no target", "Add target"),
        ({**SYNC, "source": "a..b"}, "source", '"a..b"', "title"),
        ({**SYNC, "target": "Ticket:Title"}, "target", "Autotask", "title"),
        ({**SYNC, "target": ["title"]}, "target", "a list of 1", "quotes"),
        ({**SYNC, "owner": "autotsk"}, "owner", '"autotsk"', "autotask"),
        ({**SYNC, "owner": []}, "owner", "a list", "autotask, field_nation"),
        ({**SYNC, "default": date(2026, 1, 1)}, "default", "a date", "quotes"),
        ({**SYNC, "mappings": ONE}, "mappings", "does not use", "Remove"),
        ({"target": "title", "action": "set_static"}, "value", "no value", "Add value"),
        ({"target": "title", "action": "set_static", "value": 1, "always": "y"}, "always", '"y"', "true or false"),
        (MAP, "mappings", "no mappings", "compare"),
        ({**MAP, "mappings": {"1": "P1"}}, "mappings", "an object", "list"),
        ({**MAP, "mappings": []}, "mappings", "a list of 0", "list"),
        ({**MAP, "mappings": ["P1"]}, "mappings[0]", '"P1"', "compare"),
        ({**MAP, "map": [{"source_value": 1}]}, "map[0].value", "no value", "value"),
        ({**MAP, "mappings": [{**ONE[0], "valu": 1}]}, "mappings[0].valu", '"valu"', "value"),
        ({**MAP, "mappings": [{"compare": [1], "value": 2}]}, "mappings[0].compare", "a list of 1", "number"),
        ({**MAP, "mappings": ONE * 2}, "mappings[1]", "above", "Remove"),
        (
            {**RANGE, "ranges": [{"compare": 1, "value": 1}, {"compare": "x", "value": 2}]},
            "ranges[1].compare",
            '"x" is not a number',
            "number",
        ),
        ({**RANGE, "ranges": [{"compare": 3, "value": 1}, {"compare": 1, "value": 2}]}, "ranges", "ascend", "Sort"),
        ({**RANGE, "ranges": [{"cmp": 3, "val": 1}, {"cmp": 3.0, "val": 2}]}, "ranges", "same number", "Remove"),
        ({**DATE, "timezone_in": "America/Chicgo"}, "timezone_in", '"America/Chicgo"', "America/Chicago"),
        ({**DATE, "tz_out": "??"}, "tz_out", '"??"', "IANA"),
        ({**DATE, "input_format": "HH:mm"}, "input_format", "without year", "YYYY"),
        ({**DATE, "output_format": "dd/MM"}, "output_format", "dd", "YYYY"),
        ({**CONCAT, "parts": ["x"]}, "parts[0]", '"x"', "type, value"),
        ({**CONCAT, "parts": [{"type": "filed", "value": "x"}]}, "parts[0].type", '"filed"', "field"),
        ({**CONCAT, "parts": [{"type": "static", "value": 5}]}, "parts[0].value", "5", "quotes"),
        ({**CONCAT, "parts": [{"type": "field", "value": "a..b"}]}, "parts[0].value", '"a..b"', "title"),
    ],
)
def test_a_wrong_rule_is_a_finding_with_its_path_and_mend(raw: Any, field: str, text: str, mend: str) -> None:
    got = fault(raw)
    assert got.field == ("mappings.inbound[0]" + (f".{field}" if field else ""))
    assert text in got.text
    assert mend in got.mend
    assert got.record == "connection"


def test_the_path_counts_from_the_place_in_the_file() -> None:
    rules, (finding,) = load_rules([SYNC, "rubbish", SYNC], "outbound")  # type: ignore[list-item]  # rubbish on purpose
    assert finding.field == "mappings.outbound[1]"
    assert [rule.place for rule in rules] == ["mappings.outbound[0]", "mappings.outbound[2]"]


@pytest.mark.parametrize("raw", [None, "x", 5, {"a": 1}])
def test_rules_that_are_no_list_are_a_finding(raw: Any) -> None:
    rules, (finding,) = load_rules(raw, "inbound")
    assert (rules, finding.field) == ((), "mappings.inbound")


def test_the_source_of_a_static_value_and_empty_leftovers_are_no_fault() -> None:
    raw = {"source": "Title", "target": "title", "action": "set_static", "value": 1, "mappings": [], "script": ""}
    assert loaded(raw) == replace(loaded({"target": "title", "action": "set_static", "value": 1}))


def test_a_doubtful_rule_is_kept_with_a_warning() -> None:
    rules, (finding,) = load_rules([{**SYNC, "mappings": ONE}], "inbound")
    assert len(rules) == 1
    assert finding.severity is Severity.WARNING
