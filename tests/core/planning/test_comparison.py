"""What differs between the results of two mappings, counted by field."""

from decimal import Decimal
from typing import Any

from app.core.model.document import Json
from app.core.model.finding import Finding, Severity
from app.core.planning.comparison import Comparison, Example, FieldGroup, Made, MappingResult


def of(*findings: Finding, **values: Json) -> MappingResult:
    """What a mapping made of a ticket's work order."""
    return MappingResult({"work_order": Made("work_order", values)}, findings)


def with_items(**hours: Any) -> MappingResult:
    """Time entries by the id of their log, each with its hours."""
    items = {f"time_entry/{key}": Made("TimeEntries", {"hours": value}, f"log {key}") for key, value in hours.items()}
    return MappingResult(items)


def finding(code: str = "mapping_gap", field: str = "title", severity: Severity = Severity.WARNING) -> Finding:
    return Finding(code, severity, "ticket:1", f"{code} at {field}", "Mend it.", field)


def test_results_that_are_the_same_make_no_group() -> None:
    comparison = Comparison()
    comparison.add("in", "ticket 1", of(title="A", empty=None), of(title="A", empty=""))
    assert (comparison.fields, comparison.new_findings, comparison.ended_findings) == ((), (), ())
    assert (comparison.compared["in"], comparison.differing["in"]) == (1, 0)


def test_values_gained_lost_and_changed_are_counted_by_field() -> None:
    comparison = Comparison()
    comparison.add("in", "ticket 1", of(city="Austin"), of(city="Dallas"))
    comparison.add("in", "ticket 2", of(), of(city="Dallas"))
    comparison.add("in", "ticket 3", of(city="Austin"), of(city=""))
    comparison.add("in", "ticket 4", of(city="Austin"), of(city="Austin"))
    examples = (
        Example("ticket 1", "Austin", "Dallas"),
        Example("ticket 2", None, "Dallas"),
        Example("ticket 3", "Austin", ""),
    )
    assert comparison.fields == (FieldGroup("in", "work_order", "city", 3, 1, 1, 1, examples),)
    assert (comparison.compared["in"], comparison.differing["in"]) == (4, 3)


def test_numbers_are_compared_by_value_and_texts_by_letter() -> None:
    comparison = Comparison()
    comparison.add("in", "ticket 1", of(hours=Decimal("3.50"), zip="01234"), of(hours=3.5, zip="1234"))
    (group,) = comparison.fields
    assert (group.field, group.changed) == ("zip", 1)


def test_a_field_has_three_examples_at_most_and_counts_every_record() -> None:
    comparison = Comparison()
    for number in range(10):
        comparison.add("in", f"ticket {number}", of(title="A"), of(title="B"))
    (group,) = comparison.fields
    assert (group.records, group.changed, len(group.examples)) == (10, 10, 3)


def test_a_work_order_with_several_items_counts_once_beside_its_values() -> None:
    comparison = Comparison()
    comparison.add("out", "work order 9", with_items(a=1, b=2, c=3), with_items(a=1, b=4, c=5))
    (group,) = comparison.fields
    assert (group.way, group.entity, group.field, group.records, group.changed) == ("out", "TimeEntries", "hours", 1, 2)
    assert [example.record for example in group.examples] == ["work order 9, log b", "work order 9, log c"]


def test_an_item_that_only_one_mapping_sends_is_one_difference_and_not_one_for_each_field() -> None:
    comparison = Comparison()
    comparison.add("out", "work order 9", with_items(a=1), with_items(b=2))
    (group,) = comparison.fields
    assert (group.entity, group.field, group.gained, group.lost, group.changed) == ("TimeEntries", "", 1, 1, 0)
    assert group.examples == (
        Example("work order 9, log a", "sent", None),
        Example("work order 9, log b", None, "sent"),
    )


def test_the_fields_of_most_records_come_first() -> None:
    comparison = Comparison()
    comparison.add("in", "ticket 1", of(a=1, b=1), of(a=2, b=2))
    comparison.add("in", "ticket 2", of(b=1), of(b=2))
    assert [group.field for group in comparison.fields] == ["b", "a"]


def test_findings_that_come_and_go_are_told_apart() -> None:
    comparison = Comparison()
    kept, comes, goes = finding("kept"), finding("comes", severity=Severity.ERROR), finding("goes")
    for number in (1, 2):
        comparison.add("in", f"ticket {number}", of(kept, goes), of(kept, comes))
    (new,), (ended,) = comparison.new_findings, comparison.ended_findings
    assert (new.code, new.field, new.severity, new.records, new.record) == ("comes", "title", "error", 2, "ticket 1")
    assert (ended.code, ended.records, ended.text) == ("goes", 2, "goes at title")
    assert comparison.fields == ()


def test_findings_of_items_are_grouped_by_the_kind_of_item() -> None:
    comparison = Comparison()
    before = [finding("item_incomplete", "time_entry/1")]
    after = [finding("item_incomplete", f"time_entry/{number}") for number in (1, 2, 3)]
    comparison.add("out", "work order 9", of(*before), of(*after))
    (group,) = comparison.new_findings
    assert (group.field, group.records) == ("time_entry", 1)
    assert comparison.ended_findings == ()
