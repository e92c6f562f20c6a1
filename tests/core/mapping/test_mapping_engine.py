"""The engine: every action over every kind of input, and what is said of what was lost."""

import copy
from decimal import Decimal
from typing import Any

import pytest

from app.core.mapping.compiled import CompiledMapping, CompiledRule
from app.core.mapping.engine import apply
from app.core.mapping.paths import Path, System, parse_path
from app.core.mapping.rules import Sync
from app.core.model.finding import Severity
from tests.core.mapping.mapping_kit import TICKET, compiled, mapped, only_value

EMPTY: list[Any] = [None, "", [], {}, {"utc": "", "local": {"date": "", "time": ""}}]


def rule(action: str, source: str = "Title", target: str = "title", **more: Any) -> dict[str, Any]:
    return {"action": action, "source": source, "target": target, **more}


def ticket(**fields: Any) -> dict[str, Any]:
    return {**TICKET, **fields}


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("Title", "Replace UPS"),
        ("EstimatedHours", Decimal("3.5000")),
        ("ServiceLevelAgreementHasBeenMet", False),
        ("Ticket:AccountID", 0),
        ("Account.AccountName", "Acme"),
        ("Account.ParentAccount.AccountName", "Acme Holding"),
        ("company.parentCompany.country.countryCode", "US"),
        ("Account.UserDefinedField.Region", "North"),
        ("UserDefinedField.Site Code", "S-1"),
    ],
)
def test_sync_copies_and_keeps_zero_and_false(source: str, value: Any) -> None:
    got = mapped(rule("sync", source))
    assert (only_value(got), got.findings) == (value, ())


@pytest.mark.parametrize("action", ["sync", "array_map", "range_map", "date_convert"])
@pytest.mark.parametrize("empty", EMPTY)
def test_an_empty_source_takes_the_default_or_leaves_the_target_alone(action: str, empty: Any) -> None:
    more: dict[str, Any] = {}
    if action in ("array_map", "range_map"):
        more["mappings"] = [{"compare": "5", "value": "five"}]
    got = mapped(rule(action, **more), ticket(title=empty))
    assert (got.values, got.findings) == ((), ())
    got = mapped(rule(action, default=0, **more), ticket(title=empty))
    assert (only_value(got), got.findings) == (0, ())


def test_an_empty_reference_is_an_empty_value_and_an_unread_one_a_loss() -> None:
    assert mapped(rule("sync", "AssignedResource.Email")).findings == ()
    got = mapped(rule("sync", "AccountPhysicalLocation.City"))
    assert got.values == ()
    assert got.findings[0].code == "mapping_source_missing"
    assert "companyLocationID is 77" in got.findings[0].text


def test_a_field_that_the_ticket_lacks_is_a_loss_unless_there_is_a_default() -> None:
    got = mapped(rule("sync"), {})
    assert got.values == ()
    (finding,) = got.findings
    assert (finding.code, finding.field, finding.record) == ("mapping_source_missing", "title", "ticket:4711")
    got = mapped(rule("sync", default="x"), {})
    assert (only_value(got), got.findings) == ("x", ())


def test_a_static_value_is_written_whatever_the_ticket() -> None:
    got = mapped({"action": "set_static", "target": "client.id", "value": 0, "always": True}, {})
    assert (got.values[0].value, got.values[0].inputs, got.values[0].always) == (0, (), True)


@pytest.mark.parametrize(
    ("value", "made"),
    [
        ("High", "P1"),
        ("high", None),
        (" High", None),
        ("1", "one"),
        ("x" * 100_000, None),
        ("Ünï", "uni"),
    ],
)
def test_array_map_is_exact_on_text(value: str, made: Any) -> None:
    entries = [{"compare": a, "value": b} for a, b in (("High", "P1"), ("1", "one"), ("Ünï", "uni"))]
    got = mapped(rule("array_map", mappings=entries), ticket(title=value))
    assert [one.value for one in got.values] == ([made] if made else [])
    assert len(got.findings) == (0 if made else 1)


@pytest.mark.parametrize(
    ("value", "made"),
    [(1, "P1"), (Decimal("1.0"), "P1"), (1.0, "P1"), ("1", None), (True, None), ([1], None), ({"id": 1}, None)],
)
def test_array_map_tells_numbers_from_texts_and_truths(value: Any, made: Any) -> None:
    mapping = compiled(rule("array_map", "Priority", mappings=[{"compare": "1", "value": "P1"}]))
    got = apply(mapping, ticket(priority=value))
    assert [one.value for one in got.values] == ([made] if made else [])
    assert len(got.findings) == (0 if made else 1)


def test_an_entry_may_be_for_the_empty_value() -> None:
    entries = [{"compare": "", "value": "none"}, {"compare": "a", "value": "b"}]
    assert only_value(mapped(rule("array_map", mappings=entries), ticket(title=None))) == "none"


def test_an_entry_may_write_nothing_at_all() -> None:
    entries = [{"compare": "Replace UPS", "value": None}]
    assert only_value(mapped(rule("array_map", mappings=entries, default="x"))) is None


def test_a_value_without_an_entry_is_a_finding_with_its_label() -> None:
    mapping = compiled(rule("array_map", "Priority", mappings=[{"compare": 1, "value": "P1"}]))
    (finding,) = apply(mapping, TICKET, "ticket:4711").findings
    assert finding.text == "priority was not mapped to title: Medium (2) has no entry."
    assert (finding.field, finding.severity) == ("priority", Severity.WARNING)


@pytest.mark.parametrize(
    ("hours", "made"),
    [
        (Decimal("0.4"), "short"),
        (1, "short"),
        (Decimal("1.0000"), "short"),
        (2.5, "medium"),
        ("2.5", "medium"),
        (Decimal("3.01"), "long"),
        (-5, "short"),
        ("soon", "long"),
        (True, "long"),
        ([1], "long"),
        (float("nan"), "long"),
        (Decimal("1E+999999"), "long"),
        ("1_0", "long"),
    ],
)
def test_range_map_takes_the_smallest_bound_that_is_not_below(hours: Any, made: str) -> None:
    ranges = [{"compare": 3, "value": "medium"}, {"compare": 1, "value": "short"}]
    got = mapped(rule("range_map", "EstimatedHours", ranges=ranges, default="long"), ticket(estimatedHours=hours))
    assert only_value(got) == made


@pytest.mark.parametrize(("hours", "code"), [(4, "mapping_no_match"), ("soon", "mapping_not_a_number")])
def test_range_map_without_a_default_tells_what_it_lost(hours: Any, code: str) -> None:
    mapping = rule("range_map", "EstimatedHours", ranges=[{"compare": 3, "value": "m"}])
    got = mapped(mapping, ticket(estimatedHours=hours))
    assert (got.values, [finding.code for finding in got.findings]) == ((), [code])
    assert str(hours) in got.findings[0].text


def test_date_convert_reads_and_prints_in_zones() -> None:
    raw = rule("date_convert", "DueDateTime", "time_window.end", output_format="YYYY-MM-DD HH:mm:ss")
    assert only_value(mapped(raw)) == "2026-03-08 14:00:00"
    assert only_value(mapped({**raw, "timezone_out": "America/Chicago"})) == "2026-03-08 09:00:00"


@pytest.mark.parametrize("default", [None, "2026-01-01 00:00:00"])
def test_a_bad_date_is_a_finding_even_where_a_default_stands_in(default: Any) -> None:
    got = mapped(rule("date_convert", default=default))
    assert [one.value for one in got.values] == ([default] if default else [])
    (finding,) = got.findings
    assert (finding.code, finding.field) == ("mapping_bad_date", "title")
    assert "Replace UPS" in finding.text


def concat(*parts: tuple[str, str], **more: Any) -> dict[str, Any]:
    return {"target": "title", "action": "concat", "parts": [{"type": t, "value": v} for t, v in parts], **more}


def test_concat_joins_numbers_and_truths_as_text_and_nothing_as_nothing() -> None:
    got = mapped(
        concat(
            ("static", "FN "),
            ("field", "id"),
            ("static", " - "),
            ("field", "EstimatedHours"),
            ("field", "Description"),
            ("field", "AssignedResource.Email"),
            ("static", " "),
            ("field", "ServiceLevelAgreementHasBeenMet"),
        )
    )
    assert (only_value(got), got.findings) == ("FN 4711 - 3.5 false", ())
    assert [path for path, _ in got.values[0].inputs][:2] == ["id", "estimatedHours"]


def test_concat_says_which_parts_it_lost_and_joins_the_rest() -> None:
    got = mapped(concat(("static", "a"), ("field", "DueDateTime"), ("field", "Title")), {"title": {"x": 1}})
    assert only_value(got) == "a"
    assert [(f.code, f.field) for f in got.findings] == [
        ("mapping_source_missing", "dueDateTime"),
        ("mapping_not_text", "title"),
    ]


def test_concat_of_nothing_takes_the_default() -> None:
    assert mapped(concat(("field", "Description"))).values == ()
    assert only_value(mapped(concat(("field", "Description"), default="-"))) == "-"


def status(**more: Any) -> dict[str, Any]:
    entries = [{"compare": "Dispatch to Field", "value": "Published"}]
    return {"source": "Status", "target": "status_id", "action": "status", "mappings": entries, **more}


def test_a_status_becomes_the_id_at_field_nation() -> None:
    assert only_value(mapped(status())) == 2
    assert only_value(mapped(status(default="Draft"), ticket(status=1))) == 1


def test_a_status_that_is_not_mapped_is_told_and_changes_nothing() -> None:
    got = mapped(status(), ticket(status=5))
    assert got.values == ()
    assert got.findings[0].severity is Severity.INFO
    assert "Complete (5)" in got.findings[0].text


@pytest.mark.parametrize(("copied", "made"), [(2, 2), ("Work Done", 4), (29682833, None), (True, None), ([], None)])
def test_what_is_copied_as_a_status_must_be_one(copied: Any, made: int | None) -> None:
    got = mapped(rule("sync", "Status", "status_id"), ticket(status=copied))
    assert [one.value for one in got.values] == ([made] if made else [])
    assert bool(got.findings) == (made is None and copied != [])


def test_a_mapped_value_names_its_inputs_owner_and_rule() -> None:
    mapping = compiled(rule("sync", target="incident_id"), rule("sync", "Account.AccountName", owner="autotask"))
    value = apply(mapping, TICKET).values[1]
    assert value.inputs == (("company.companyName", "Acme"),)
    assert (value.rule_index, value.owner, value.target) == (1, "autotask", "title")


def test_of_two_rules_for_one_target_the_last_that_has_a_value_wins() -> None:
    mapping = compiled(rule("sync", "Title"), rule("sync", "UserDefinedField.Site Code"), rule("sync", "Description"))
    (value,) = apply(mapping, TICKET).values
    assert (value.value, value.rule_index) == ("S-1", 1)


def test_the_document_and_the_mapping_stay_as_they_were() -> None:
    before = copy.deepcopy(TICKET)
    mapping = compiled(rule("sync"), concat(("field", "Title")), status())
    assert apply(mapping, TICKET) == apply(mapping, TICKET)
    assert before == TICKET


def test_a_value_nested_a_hundred_thousand_deep_is_no_danger() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    raws = [
        rule("sync"),
        concat(("field", "Title")),
        rule("date_convert"),
        rule("array_map", mappings=[{"cmp": 1, "val": 1}]),
    ]
    for raw in raws:
        apply(compiled(raw), ticket(title=deep))


def test_a_rule_may_read_a_place_in_the_document_itself() -> None:
    place = parse_path("workorder.contacts[0].email", System.FIELD_NATION)
    assert isinstance(place, Path)
    one = Sync(direction="outbound", index=0, target="Ticket:Title", source="workorder.contacts[0].email")
    mapping = CompiledMapping("outbound", (CompiledRule(one, (place,), "title"),))
    assert only_value(apply(mapping, {"contacts": [{"email": "a@x.test"}]})) == "a@x.test"
