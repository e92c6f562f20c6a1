"""Moving over: a mapping pasted from the old connector's configuration loads unchanged, in either dialect, and means
what it meant there."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from app.core.mapping.apply_outbound import apply_outbound
from app.core.mapping.dialects import load_rules
from app.core.mapping.engine import Mapped, apply
from app.core.mapping.outbound import COLLECTIONS, CompiledOutbound
from app.core.mapping.writing import exported_mappings
from app.core.model.connection import ConnectionFile
from app.core.model.finding import Severity
from app.core.model.script import Ran
from tests.core.mapping import mapping_kit, outbound_kit
from tests.core.mapping.old_kit import (
    INBOUND_AUTOTASK_PAGE,
    INBOUND_CONCEPTS,
    INBOUND_MEANS,
    OUTBOUND_AUTOTASK_PAGE,
    OUTBOUND_CONCEPTS,
    OUTBOUND_MEANS,
    TICKET,
    Raw,
    Values,
)
from tests.core.mapping.outbound_kit import rule

EXAMPLE = Path(__file__).parents[3] / "config" / "examples" / "moved-over.yaml"


def in_custom_code(raw: Raw) -> Raw:
    """The rule as the internal names write it: `ACTION_TYPE_*`, and entries of `{cmp, val}`."""
    names = {"compare": "cmp", "value": "val"}
    made = {**raw, "action": f"ACTION_TYPE_{raw['action'].upper()}"}
    for key in ("mappings", "ranges"):
        if key in raw:
            made[key] = [{names[name]: value for name, value in entry.items()} for entry in raw[key]]
    return made


INBOUND: dict[str, Sequence[Any]] = {
    "concepts page": INBOUND_CONCEPTS,
    "Autotask page": INBOUND_AUTOTASK_PAGE,
    "internal names": [in_custom_code(one) for one in INBOUND_CONCEPTS],
    "mixed": [*INBOUND_AUTOTASK_PAGE[::2], *INBOUND_CONCEPTS[1::2]],
    "exported": exported_mappings(INBOUND_AUTOTASK_PAGE, "inbound"),
}
OUTBOUND: dict[str, Sequence[Any]] = {
    "concepts page": OUTBOUND_CONCEPTS,
    "Autotask page": OUTBOUND_AUTOTASK_PAGE,
    "internal names": [in_custom_code(one) for one in OUTBOUND_CONCEPTS],
    "mixed": [*OUTBOUND_AUTOTASK_PAGE[::2], *OUTBOUND_CONCEPTS[1::2]],
    "exported": exported_mappings(OUTBOUND_AUTOTASK_PAGE, "outbound"),
}


def import_ticket(raw: Sequence[Raw]) -> Mapped:
    """What the rules make of the ticket; a script gives a fixed text here."""
    mapping = mapping_kit.compiled(*raw)
    assert mapping.is_sound, mapping.findings
    return apply(mapping, TICKET, "ticket:4711", {one.index: Ran("from the script") for one in mapping.scripts})


def push_work_order(raw: Sequence[Raw]) -> dict[str, Values]:
    """What the rules make of the work order and the first element of each list, by kind of record."""
    mapping = outbound_kit.compiled(*raw)
    assert mapping.is_sound, mapping.findings
    return {kind: _part(mapping, kind) for kind in COLLECTIONS}


def _part(mapping: CompiledOutbound, kind: Any) -> Values:
    part, order = getattr(mapping, kind), outbound_kit.document()
    item = order[COLLECTIONS[kind]][0] if COLLECTIONS[kind] else None
    outcomes = {one.index: Ran("from the script") for one in part.scripts}
    got = apply_outbound(part, order, item, "work_order:70211", ZoneInfo("America/Chicago"), outcomes)
    assert got.findings == ()
    return {value.target: value.value for value in got.values}


@pytest.mark.parametrize("dialect", INBOUND)
def test_a_pasted_inbound_configuration_means_the_same_in_either_dialect(dialect: str) -> None:
    got = import_ticket(INBOUND[dialect])
    assert {value.target: value.value for value in got.values} == INBOUND_MEANS
    assert got.findings == ()


@pytest.mark.parametrize("dialect", OUTBOUND)
def test_a_pasted_outbound_configuration_means_the_same_in_either_dialect(dialect: str) -> None:
    assert push_work_order(OUTBOUND[dialect]) == OUTBOUND_MEANS


@pytest.mark.parametrize("direction", ["inbound", "outbound"])
def test_a_pasted_configuration_loads_without_any_finding(direction: Any) -> None:
    for raw in (INBOUND if direction == "inbound" else OUTBOUND).values():
        rules, findings = load_rules(raw, direction)
        assert (len(rules), findings) == (len(raw), ())


def test_the_example_of_a_customer_who_moved_over_is_a_connection_whose_rules_load() -> None:
    file = ConnectionFile.model_validate(yaml.safe_load(EXAMPLE.read_text()))
    for direction in ("inbound", "outbound"):
        raw = getattr(file.mappings, direction)
        rules, findings = load_rules(raw, direction)
        assert (len(rules), findings) == (len(raw), ())
        assert load_rules(exported_mappings(raw, direction), direction)[1] == ()


def test_the_related_records_that_a_pasted_script_names_are_read() -> None:
    (script,) = (one for one in INBOUND_AUTOTASK_PAGE if "script" in one)
    relations = [[hop.relation for hop in chain] for chain in mapping_kit.compiled(script).relations]
    assert relations == [["company"], ["assignedResource"]]


@pytest.mark.parametrize(
    "source",
    [
        "expenses[0].amount",
        "expenses.[0].amount",
        "expenses.results[0].amount",
        "pay.expense.results[0].amount",
        "pay.expenses.results[0].amount",
        "pay.expenses[0].amount",
        "workorder.expenses[0].amount",
        "workorder.pay.expense.results.[0].amount",
    ],
)
@pytest.mark.parametrize("target", ["expense.items[0].ExpenseAmount", "TicketCost.[0].UnitPrice"])
def test_any_spelling_of_the_expenses_stands_for_every_element(source: str, target: str) -> None:
    rows = [*outbound_kit.EXPENSES, {**outbound_kit.EXPENSES[0], "id": 9002, "amount": "70.00"}]
    order = outbound_kit.work_order_document(outbound_kit.WORK_ORDER, expenses=rows)
    made = [outbound_kit.mapped(rule(source, target), order=order, index=n).values[0].value for n in (0, 1)]
    assert made == [Decimal("50.00"), Decimal("70.00")]


@pytest.mark.parametrize(
    ("target", "canonical"),
    [
        ("workorder.title", "title"),
        ("status", "status_id"),
        ("workorder.status", "status_id"),
        ("workorder.status_id", "status_id"),
        ("status.id", "status_id"),
        ("workorder.time_window.start", "schedule.service_window.start"),
        ("workorder.location.name", "location.display_name"),
        ("workorder.custom_fields.4711", "custom_fields.4711"),
    ],
)
def test_a_target_with_the_old_root_is_the_same_place(target: str, canonical: str) -> None:
    raw = {"target": target, "action": "set_static", "value": 2}
    (made,) = mapping_kit.compiled(raw).rules
    assert made.target == canonical


@pytest.mark.parametrize(
    "leftovers",
    [
        {"mappings": [], "map": [{"source_value": 2, "target_value": "P2"}]},
        {"map": None, "mappings": [{"compare": 2, "value": "P2"}]},
        {"source_field": "", "map": [{"source_value": 2, "target_value": "P2"}], "parts": [], "ranges": []},
    ],
)
def test_keys_of_the_screen_that_were_left_empty_do_not_stand_in_the_way(leftovers: Mapping[str, Any]) -> None:
    raw = {"source": "Priority", "target": "custom_fields.1", "action": "array_map", "default": "P3", **leftovers}
    assert mapping_kit.only_value(mapping_kit.mapped(raw)) == "P2"


def test_two_spellings_that_both_say_something_are_still_refused() -> None:
    raw = {"source": "Title", "source_field": "Description", "target": "title", "action": "sync"}
    found = mapping_kit.fault(raw)
    assert (found.code, found.field) == ("mapping_two_spellings", "mappings.inbound[0].source_field")


def test_a_status_pasted_as_text_is_said_and_still_matches() -> None:
    raw = {"source": "Priority", "target": "title", "action": "Array Map", "default": "-",
           "map": [{"source_value": "2", "target_value": "Medium"}]}  # fmt: skip
    mapping = mapping_kit.compiled(raw)
    assert [(one.code, one.severity) for one in mapping.findings] == [("mapping_compare_converted", Severity.WARNING)]
    assert mapping_kit.only_value(apply(mapping, TICKET)) == "Medium"


def test_what_cannot_be_loaded_is_exported_as_it_was_written() -> None:
    wrong = {"source": "Title", "target": "title", "action": "copy", "since": date(2024, 1, 1)}
    right = {"source_field": "Title", "target_field": "workorder.title", "action": "Direct"}
    assert exported_mappings([wrong, right], "inbound") == [
        wrong,
        {"source": "Title", "target": "title", "action": "sync"},
    ]
