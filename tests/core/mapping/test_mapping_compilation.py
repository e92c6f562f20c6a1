"""Compiling rules against a database: names, types of compare values, gaps, statuses."""

from typing import Any

import pytest

from app.core.mapping.compile import NeedCatalogs, compile_inbound
from app.core.mapping.dialects import load_rules
from app.core.mapping.relations import NeedCatalog
from app.core.mapping.rules import Pair
from app.core.model.catalog import EntityCatalog
from app.core.model.finding import Severity
from tests.core.mapping.mapping_kit import CATALOGS, compiled, fault


def array(source: str, *compares: Any, default: Any = "x", **more: Any) -> dict[str, Any]:
    entries = [{"compare": compare, "value": f"v{n}"} for n, compare in enumerate(compares)]
    return {"source": source, "target": "title", "action": "array_map", "mappings": entries, "default": default, **more}


def status(*entries: tuple[Any, Any], **more: Any) -> dict[str, Any]:
    mappings = [{"compare": compare, "value": value} for compare, value in entries]
    return {"source": "Status", "target": "status_id", "action": "status", "mappings": mappings, **more}


def pairs(raw: dict[str, Any]) -> tuple[Pair, ...]:
    made = compiled(raw)
    assert made.is_sound, made.findings
    return made.rules[0].rule.pairs  # type: ignore[union-attr]  # a status map by construction


@pytest.mark.parametrize(
    ("source", "compare", "typed"),
    [
        ("Priority", "1", 1),
        ("Priority", " 1 ", 1),
        ("Priority", 1.0, 1),
        ("EstimatedHours", "3.50", 3.5),
        ("ServiceLevelAgreementHasBeenMet", "true", True),
        ("ServiceLevelAgreementHasBeenMet", 0, False),
        ("Title", 5, "5"),
        ("UserDefinedField.Site Code", 7, "7"),
        ("UserDefinedField.Site Code", True, "true"),
    ],
)
def test_a_compare_value_is_turned_into_the_fields_type(source: str, compare: Any, typed: Any) -> None:
    (pair,) = pairs(array(source, compare))
    assert (pair.compare, isinstance(pair.compare, bool)) == (typed, isinstance(typed, bool))


def test_a_turned_compare_value_is_a_warning() -> None:
    got = fault(array("Priority", "1"))
    assert (got.code, got.severity) == ("mapping_compare_converted", Severity.WARNING)
    assert got.field == "mappings.inbound[0].mappings[0].compare"
    assert '"1" is compared as 1' in got.text


@pytest.mark.parametrize("compare", [1, None, ""])
def test_a_compare_value_of_the_right_type_or_empty_is_no_warning(compare: Any) -> None:
    assert compiled(array("Priority", compare)).findings == ()


def test_a_label_in_an_array_map_can_never_match_and_is_refused() -> None:
    got = fault(array("Priority", "Hihg"))
    assert (got.code, got.severity) == ("mapping_compare_impossible", Severity.ERROR)
    assert "High (1)" in got.mend
    assert "action status" in got.mend
    assert compiled(array("Priority", "Hihg")).rules == ()


@pytest.mark.parametrize(("compare", "words"), [(9, "Old Status (9) is inactive"), (77, "77 is not in the list")])
def test_a_picklist_value_that_cannot_be_met_is_a_warning(compare: int, words: str) -> None:
    got = fault(array("Status", compare))
    assert got.severity is Severity.WARNING
    assert words in got.text
    assert "Complete (5)" in got.mend


def test_gaps_without_a_default_are_a_warning_naming_the_active_values() -> None:
    got = fault(array("Status", 1, default=None))
    assert (got.code, got.severity) == ("mapping_gap", Severity.WARNING)
    assert "Complete (5), Dispatch to Field (8)" in got.text
    assert "Old" not in got.text


def test_a_map_that_covers_the_picklist_has_no_gap() -> None:
    assert compiled(array("Priority", 1, 2, 3, default=None)).findings == ()


@pytest.mark.parametrize(
    ("compare", "value"),
    [
        ("Dispatch to Field", "Published"),
        ("  dispatch TO field ", " published"),
        (8, 2),
        ("8", "2"),
        ("Dispatch to Field", "2"),
    ],
)
def test_a_status_map_takes_ids_and_labels_on_both_sides(compare: Any, value: Any) -> None:
    assert pairs(status((compare, value), default="Draft")) == (Pair(8, 2),)


def test_an_array_map_on_the_status_is_a_status_map() -> None:
    raw = status(("Dispatch to Field", "Published"), default=1, action="array_map", target="status")
    assert pairs(raw) == (Pair(8, 2),)


@pytest.mark.parametrize(
    ("value", "id"),
    [("Draft", 1), ("Assigned", 3), ("work_done", 4), ("Work Done", 4), ("Canceled", 7), ("Cancelled", 7), ("9", 9)],
)
def test_a_status_of_field_nation_is_known_by_name(value: str, id: int) -> None:
    assert pairs(status((8, value), default=1)) == (Pair(8, id),)


def test_an_unknown_status_is_refused_with_the_nearest_one() -> None:
    got = fault(status((8, "Publishd"), default=1))
    assert got.field == "mappings.inbound[0].mappings[0].value"
    assert "Published" in got.mend
    assert "Draft (1)" in fault(status((8, 8), default=1)).mend
    assert fault(status((8, 2), default="Nope")).field == "mappings.inbound[0].default"
    static = {"target": "status_id", "action": "set_static", "value": "Drafted"}
    assert "Draft" in fault(static).mend


def test_an_unknown_status_label_of_the_ticket_is_refused_with_the_nearest_one() -> None:
    got = fault(status(("Dispatch to Feld", "Published"), default=1))
    assert got.severity is Severity.ERROR
    assert "Dispatch to Field (8)" in got.mend


def test_gaps_of_a_status_map_are_only_told() -> None:
    assert fault(status((8, 2))).severity is Severity.INFO


def test_copying_a_status_is_a_warning() -> None:
    got = fault({"source": "Status", "target": "status_id", "action": "sync"})
    assert (got.code, got.severity) == ("mapping_copied_status", Severity.WARNING)


@pytest.mark.parametrize(
    ("target", "mend"),
    [
        ("titel", "title"),
        ("scheduling", "schedule"),
        ("time_windw.end", "time_window.end"),
        ("custom_fields.Ticket No", "custom_fields.<id>"),
        ("status.name", "status_id"),
        ("notes", "schedule.schedule_note"),
        ("zzz", "title or schedule"),
    ],
)
def test_a_target_that_a_work_order_lacks_is_refused(target: str, mend: str) -> None:
    got = fault({"source": "Title", "target": target, "action": "sync"})
    assert (got.severity, got.field) == (Severity.ERROR, "mappings.inbound[0].target")
    assert mend in got.mend


@pytest.mark.parametrize(
    ("target", "canonical"),
    [
        ("title", "title"),
        ("workorder.title", "title"),
        ("time_window.end", "schedule.service_window.end"),
        ("location.name", "location.display_name"),
        ("description", "description.html"),
        ("custom_fields.4711", "custom_fields.4711"),
        ("types_of_work[0].id", "types_of_work[0].id"),
    ],
)
def test_a_target_gets_its_canonical_spelling(target: str, canonical: str) -> None:
    assert compiled({"source": "Title", "target": target, "action": "sync"}).rules[0].target == canonical


def test_two_rules_for_one_target_are_a_warning_at_the_second() -> None:
    first = {"source": "DueDateTime", "target": "time_window.end", "action": "sync"}
    got = fault(first, {**first, "target": "schedule.service_window.end"})
    assert (got.code, got.severity) == ("mapping_two_rules", Severity.WARNING)
    assert got.field == "mappings.inbound[1].target"
    assert "mappings.inbound[0]" in got.text


def test_an_unknown_source_is_placed_in_the_file_and_leaves_the_other_rules() -> None:
    joined = {"target": "title", "action": "concat", "parts": [{"type": "field", "value": "Account.AccountNam"}]}
    made = compiled(joined, {"source": "Title", "target": "incident_id", "action": "sync"})
    assert [finding.field for finding in made.findings] == ["mappings.inbound[0].parts[0].value"]
    assert [rule.target for rule in made.rules] == ["incident_id"]
    assert not made.is_sound


def test_all_lacking_catalogues_are_asked_for_at_once_and_once() -> None:
    rules, _ = load_rules(
        [
            {"source": text, "target": "title", "action": "sync"}
            for text in ("Title", "Account.AccountName", "UserDefinedField.Site Code", "Contact.FirstName")
        ],
        "inbound",
    )
    table: dict[NeedCatalog, EntityCatalog] = {}
    rounds = []
    while isinstance(got := compile_inbound(rules, table.get), NeedCatalogs):
        rounds.append(got.needs)
        table |= {need: CATALOGS[need.entity] for need in got.needs}
    assert rounds == [(NeedCatalog("Tickets", True),), (NeedCatalog("Companies"), NeedCatalog("Contacts"))]
    assert [[hop.relation for hop in chain] for chain in got.relations] == [["company"], ["contact"]]
    assert [source.text for source in got.sources][:2] == ["title", "company.companyName"]
