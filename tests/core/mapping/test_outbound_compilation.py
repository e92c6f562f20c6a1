"""Compiling outbound rules: what their authors wrote becomes ids and typed values, doubtful sources are said."""

from typing import Any

import pytest

from app.core.mapping.rules import ArrayMap, Pair, RangeMap, SetStatic, StatusMap
from app.core.model.finding import Severity
from tests.core.mapping.outbound_kit import compiled, fault, parts, rule, static


def written(*raw: Any) -> Any:
    """The one compiled rule of one raw rule that has no finding."""
    made = compiled(*raw)
    assert made.findings == ()
    ((one,),) = (part.rules for part in parts(made) if part.rules)
    return one.rule


def statuses(*entries: tuple[Any, Any], source: str = "status", action: str = "status", **more: Any) -> dict[str, Any]:
    mappings = [{"compare": compare, "value": value} for compare, value in entries]
    return rule(source, "Ticket:Status", action, mappings=mappings, **more)


@pytest.mark.parametrize(
    ("target", "value", "typed"),
    [
        ("Ticket:QueueID", 29683365, 29683365),
        ("Ticket:QueueID", "29683365", 29683365),
        ("Ticket:AccountID", 0, 0),
        ("Ticket:Priority", "High", 1),
        ("Ticket:Priority", " hIGH ", 1),
        ("Ticket:Priority", "1", 1),
        ("Ticket:Status", "Dispatch to Field", 8),
        ("Ticket:EstimatedHours", "1.50", 1.5),
        ("Ticket:isVisibleToComanaged", "true", True),
        ("Ticket:DueDateTime", "2026-03-02 15:00:00", "2026-03-02T15:00:00Z"),
        ("Title", 5, "5"),
        ("UserDefinedField.VisitBand", 7, "7"),
        ("expense.items[0].ExpenseCategory", "Travel", 2),
        ("TicketCost.[0].datePurchased", "2026-03-02T23:00:00", "2026-03-02T00:00:00Z"),
    ],
)
def test_a_static_value_gets_the_type_of_its_field_and_labels_become_ids(target: str, value: Any, typed: Any) -> None:
    got = written(static(target, value, always=True))
    assert isinstance(got, SetStatic)
    assert (got.value, type(got.value) is bool, got.always) == (typed, type(typed) is bool, True)


@pytest.mark.parametrize(
    ("target", "value", "code", "mend"),
    [
        ("Ticket:Priority", "Hihg", "mapping_unknown_pick", "High (1)"),
        ("Ticket:Priority", 77, "mapping_unknown_pick", "Medium (2)"),
        ("Ticket:Priority", True, "mapping_unknown_pick", "Medium (2)"),
        ("Ticket:Status", "Old Status", "mapping_unknown_pick", "Complete (5)"),
        ("Ticket:Status", 9, "mapping_unknown_pick", "Complete (5)"),
        ("expense.items[0].ExpenseCategory", "Meals", "mapping_unknown_pick", "Parts (4)"),
        ("Ticket:QueueID", "Field", "mapping_wrong_type", "whole number"),
        ("Ticket:QueueID", 1.5, "mapping_wrong_type", "whole number"),
        ("Ticket:QueueID", 2**31, "mapping_wrong_type", "whole number"),
        ("Ticket:EstimatedHours", "long", "mapping_wrong_type", "number"),
        ("Ticket:isVisibleToComanaged", "perhaps", "mapping_wrong_type", "true or false"),
        ("Ticket:DueDateTime", "tomorrow", "mapping_wrong_type", "date"),
        ("Title", ["a"], "mapping_wrong_type", "part"),
    ],
)
def test_a_static_value_that_its_field_cannot_hold_is_refused(target: str, value: Any, code: str, mend: str) -> None:
    got = fault(static(target, value))
    assert (got.code, got.severity, got.field) == (code, Severity.ERROR, "mappings.outbound[0].value")
    assert mend in got.mend
    assert all(not part.rules for part in parts(compiled(static(target, value))))


def test_an_inactive_value_is_called_so() -> None:
    assert "Old Status (9) is inactive" in fault(static("Ticket:Status", "Old Status")).text


def test_mapped_and_default_values_are_typed_in_both_dialects() -> None:
    concepts = {"mappings": [{"compare": "1", "value": "High"}, {"compare": "2", "value": "2"}], "default": "Low"}
    got = written(rule("custom_fields.1", "Ticket:Priority", "array_map", **concepts))
    assert isinstance(got, ArrayMap)
    assert (got.pairs, got.default) == ((Pair("1", 1), Pair("2", 2)), 3)
    old = {
        "source_field": "custom_fields.1",
        "target_field": "Ticket:Priority",
        "action": "ACTION_TYPE_ARRAY_MAP",
        "map": [{"source_value": "1", "target_value": "High"}, {"source_value": "2", "target_value": "2"}],
        "default": "Low",
    }
    assert written(old) == got


def test_the_value_in_error_is_named_by_its_place() -> None:
    entries = {"mappings": [{"compare": "1", "value": "High"}, {"compare": "2", "value": "Urgent"}]}
    got = fault(rule("custom_fields.1", "Ticket:Priority", "array_map", **entries))
    assert got.field == "mappings.outbound[0].mappings[1].value"
    assert fault(rule("title", "Ticket:Priority", default="Urgent")).field == "mappings.outbound[0].default"
    ranges = {"ranges": [{"compare": 1, "value": "Low"}, {"compare": 3, "value": "Urgent"}]}
    got = fault(rule("time_logs[0].hours", "Ticket:Priority", "range_map", **ranges))
    assert got.field == "mappings.outbound[0].ranges[1].value"


def test_ranges_are_typed_too() -> None:
    ranges = [{"compare": 1, "value": "Low"}, {"compare": 3, "value": "1"}]
    got = written(rule("time_logs[0].hours", "Ticket:Priority", "range_map", ranges=ranges))
    assert isinstance(got, RangeMap)
    assert [end.value for end in got.bounds] == [3, 1]


@pytest.mark.parametrize("source", ["status", "status_id", "status.id", "status.name", "workorder.status_id"])
@pytest.mark.parametrize("action", ["status", "array_map", "Status Mapping"])
@pytest.mark.parametrize("compare", ["Work Done", "work_done", 4, "4"])
@pytest.mark.parametrize("value", ["Complete", 5, "5"])
def test_a_status_map_takes_ids_and_labels_on_both_sides(source: str, action: str, compare: Any, value: Any) -> None:
    got = written(statuses((compare, value), source=source, action=action, default=1))
    assert isinstance(got, StatusMap)
    assert (got.pairs, got.default) == ((Pair(4, 5),), 1)


def test_unmapped_statuses_are_told() -> None:
    got = fault(statuses((4, "Complete"), (5, 5)))
    assert (got.code, got.severity) == ("mapping_gap", Severity.INFO)
    assert "Draft (1), Published (2), Assigned (3), Paid (6), Cancelled (7), Routed (9)" in got.text


def test_an_unknown_status_of_either_side_is_refused_with_the_nearest() -> None:
    got = fault(statuses(("Work Dun", "Complete")))
    assert (got.severity, got.field) == (Severity.ERROR, "mappings.outbound[0].mappings[0].compare")
    assert "Work Done" in got.mend
    got = fault(statuses(("Work Done", "Compleet"), default=1))
    assert (got.code, got.field) == ("mapping_unknown_pick", "mappings.outbound[0].mappings[0].value")
    assert "Complete (5)" in got.mend


def test_copying_a_status_is_a_warning() -> None:
    assert fault(rule("status_id", "Ticket:Status")).code == "mapping_copied_status"
    assert compiled(rule("status", "UserDefinedField.VisitBand")).findings == ()


@pytest.mark.parametrize(
    ("source", "target", "mend"),
    [
        ("time_logs.StartDateTime", "TimeEntry.[0].StartDateTime", "time_logs[0].StartDateTime"),
        ("workorder.expenses.amount", "expense.items[0].ExpenseAmount", "expenses[0].amount"),
        ("messages.message", "Resolution", "messages[0].message"),
    ],
)
def test_a_source_in_a_list_without_an_index_is_a_warning(source: str, target: str, mend: str) -> None:
    got = fault(rule(source, target))
    assert (got.code, got.severity, got.field) == ("mapping_no_index", Severity.WARNING, "mappings.outbound[0].source")
    assert mend in got.mend


def test_the_element_of_another_list_is_a_warning_in_a_collection_only() -> None:
    got = fault(rule("expenses[0].description", "TimeEntry.[0].SummaryNotes"))
    assert (got.code, got.severity) == ("mapping_other_list", Severity.WARNING)
    assert "the same expense for every time log" in got.text
    assert compiled(rule("time_logs[0].hours", "Ticket:EstimatedHours")).findings == ()
    assert compiled(rule("time_logs.hours", "Ticket:EstimatedHours")).findings == ()
    assert compiled(rule("contacts[0].email", "TimeEntry.[0].SummaryNotes")).findings == ()


def test_a_source_that_names_no_part_of_its_element_is_refused() -> None:
    got = fault(rule("messages[0]", "TicketNote.[0].Description"))
    assert (got.code, got.severity) == ("mapping_bad_path", Severity.ERROR)
    assert "messages[0].id" in got.text
    parts_of = [{"type": "static", "value": "FN "}, {"type": "field", "value": "messages[0]"}]
    got = fault({"target": "TicketNote.[0].Title", "action": "concat", "parts": parts_of})
    assert got.field == "mappings.outbound[0].parts[1].value"


@pytest.mark.parametrize(
    ("target", "format", "is_fine"),
    [
        ("Ticket:DueDateTime", "YYYY-MM-DDTHH:mm:ss", True),
        ("Ticket:DueDateTime", "DD.MM.YYYY", False),
        ("Ticket:QueueID", "X", True),
        ("Ticket:QueueID", "YYYY-MM-DD", False),
        ("Ticket:isVisibleToComanaged", "YYYY-MM-DD", False),
        ("Title", "DD.MM.YYYY", True),
    ],
)
def test_a_date_must_be_printed_as_its_field_takes_it(target: str, format: str, is_fine: bool) -> None:
    made = compiled(rule("time_window.start", target, "date_convert", output_format=format))
    assert [finding.code for finding in made.findings] == ([] if is_fine else ["mapping_wrong_type"])
    assert made.is_sound is is_fine


def test_a_local_clock_in_a_field_of_utc_is_a_warning() -> None:
    raw = rule("time_window.start", "Ticket:DueDateTime", "date_convert", timezone_out="America/Chicago")
    got = fault(raw)
    assert (got.code, got.severity) == ("mapping_local_time", Severity.WARNING)
    assert compiled({**raw, "output_format": "YYYY-MM-DDTHH:mm:ssZ"}).findings == ()
    assert compiled({**raw, "output_format": "YYYY-MM-DD"}).findings == ()


def test_a_joined_text_is_no_number() -> None:
    pieces = [{"type": "static", "value": "FN "}, {"type": "field", "value": "id"}]
    got = fault({"target": "Ticket:QueueID", "action": "concat", "parts": pieces})
    assert (got.code, got.severity) == ("mapping_wrong_type", Severity.ERROR)
    assert compiled({"target": "Ticket:QueueID", "action": "concat", "parts": pieces[1:]}).findings == ()
