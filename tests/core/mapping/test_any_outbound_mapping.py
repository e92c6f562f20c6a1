"""Whatever the outbound rules and the work order: nothing raises, twice is the same, every value has its type, and no
loss is silent."""

import copy
from decimal import Decimal
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.core.mapping.apply_outbound import apply_outbound
from app.core.mapping.compile import NeedCatalogs
from app.core.mapping.compile_outbound import compile_outbound
from app.core.mapping.dialects import load_rules
from app.core.mapping.engine import Mapped
from app.core.mapping.item_paths import read_order_source
from app.core.mapping.outbound import COLLECTIONS, CompiledOutbound, CompiledPart, TargetField
from app.core.mapping.outbound_targets import read_outbound_target
from app.core.mapping.reading import Found
from app.core.mapping.work_order_document import work_order_document
from tests.core.mapping.grid.losses import says_something, silent_losses
from tests.core.mapping.grid.outbound_ways import STATUS_NAME, WAYS
from tests.core.mapping.outbound_kit import CHICAGO, known, parts
from tests.core.mapping.test_any_mapping import (
    ENTRIES,
    RUBBISH,
    SCALARS,
    in_either_dialect,
    nested,
    rules_of_one_place,
)

SOURCES = st.sampled_from(
    [
        "title",
        "status",
        "status_id",
        "status.name",
        "notes",
        "closing_notes",
        "time_window.start",
        "custom_fields.4711",
        "contacts[0].email",
        "time_logs[0].StartDateTime",
        "time_logs[0].in.created",
        "time_logs[0].HoursWorked",
        "time_logs[1].id",
        "time_logs.hours",
        "expenses[0].amount",
        "pay.expense.results[0].category.label",
        "expenses.amount",
        "messages[0].message",
        "messages[0]",
        "attachments[0].size",
        "workorder.pay.type",
    ]
)
TARGETS = st.sampled_from(
    [
        "Ticket:Title",
        "Status",
        "Priority",
        "DueDateTime",
        "QueueID",
        "EstimatedHours",
        "isVisibleToComanaged",
        "UserDefinedField.VisitBand",
        "TimeEntry.[0].StartDateTime",
        "TimeEntry.[0].DateWorked",
        "TimeEntry.[0].HoursWorked",
        "TimeEntry.[0].NonBillable",
        "expense.items[0].ExpenseAmount",
        "ExpenseItem.[0].ExpenseCategory",
        "TicketCost.[0].Amount",
        "TicketNote.[0].Title",
        "TimeEntry.[0].TicketID",
        "Ticket:CompletedDate",
        "Foo.[0].Bar",
    ]
)
KEYS = st.sampled_from(
    [
        "title",
        "status",
        "id",
        "name",
        "closing_notes",
        "schedule",
        "service_window",
        "start",
        "utc",
        "local",
        "date",
        "time",
        "custom_fields",
        "results",
        "contacts",
        "email",
        "time_logs",
        "in",
        "out",
        "created",
        "pay",
        "expenses",
        "expense",
        "amount",
        "category",
        "label",
        "msg_id",
        "message",
        "replies",
        "file",
        "size_bytes",
    ]
)
TEXTS = st.sampled_from(["2026-03-02 01:02:00", "High", "5", "1e999999999", "Work Done", "0001-01-01", "9999-12-31"])
BODIES = nested(KEYS, SCALARS | TEXTS)
ORDERS = st.dictionaries(KEYS, BODIES, max_size=8)
PARTS = st.lists(
    st.fixed_dictionaries({"type": st.just("field"), "value": SOURCES})
    | st.fixed_dictionaries({"type": st.just("static"), "value": st.text(max_size=5)}),
    min_size=1,
    max_size=3,
)
DEFAULT = {"default": SCALARS | TEXTS}
PLAUSIBLE = st.one_of(
    st.fixed_dictionaries({"action": st.just("sync"), "source": SOURCES, "target": TARGETS}, optional=DEFAULT),
    st.fixed_dictionaries({"action": st.just("set_static"), "target": TARGETS, "value": SCALARS | TEXTS}),
    st.fixed_dictionaries(
        {"action": st.sampled_from(["array_map", "status", "range_map"]), "source": SOURCES, "target": TARGETS}
        | {"mappings": ENTRIES},
        optional=DEFAULT,
    ),
    st.fixed_dictionaries(
        {"action": st.just("date_convert"), "source": SOURCES, "target": TARGETS},
        optional={"output_format": st.sampled_from(["YYYY-MM-DD", "X", "H:mm"]), "timezone_out": st.just("Asia/Tokyo")}
        | DEFAULT,
    ),
    st.fixed_dictionaries({"action": st.just("concat"), "target": TARGETS, "parts": PARTS}, optional=DEFAULT),
)
TYPES = {"string": str, "integer": int, "long": int, "double": Decimal, "boolean": bool, "datetime": str}


def compiled(raw: Any) -> CompiledOutbound:
    rules, findings = load_rules(raw, "outbound")
    made = compile_outbound(rules, known)
    assert not isinstance(made, NeedCatalogs)
    said = {finding.field.split("]")[0] + "]" for finding in (*findings, *made.findings)}
    running = {one.rule.place for part in parts(made) for one in part.rules}
    assert all(f"mappings.outbound[{index}]" in said | running for index in range(len(raw)))
    return made


@settings(max_examples=150, deadline=None)
@given(raw=st.lists(RUBBISH | in_either_dialect(PLAUSIBLE), max_size=4))
def test_any_rules_compile_without_raising_and_every_lost_one_is_a_finding(raw: Any) -> None:
    assert repr(compiled(raw)) == repr(compiled(copy.deepcopy(raw)))


@settings(max_examples=150, deadline=None)
@given(
    raw=st.lists(in_either_dialect(PLAUSIBLE), min_size=1, max_size=4),
    order=ORDERS,
    rows=st.lists(BODIES, max_size=2),
)
def test_any_mapping_over_any_work_order_never_raises_is_deterministic_and_loses_nothing_silently(
    raw: Any, order: Any, rows: Any
) -> None:
    made = compiled(raw)
    for document in (work_order_document(order, rows, rows, rows, rows), order):
        before = repr(document)
        for part in (part for part in parts(made) if part.rules):
            items = document.get(COLLECTIONS[part.kind])
            for item in (None, *(items if isinstance(items, tuple) else ()), *rows):
                got = apply_outbound(part, document, item, "work_order:1", CHICAGO)
                assert repr(got) == repr(apply_outbound(part, document, item, "work_order:1", CHICAGO))
                _check(part, document, item, got)
        assert repr(document) == before


def _check(part: CompiledPart, document: Any, item: Any, got: Mapped) -> None:
    """Every field once and of its type, every finding with its place, no loss in silence."""
    assert len({value.target for value in got.values}) == len(got.values)
    types = {field.text: TYPES[field.meta.type] for field in part.fields}
    assert all(type(value.value) is types[value.target] for value in got.values)
    assert all(finding.field and finding.mend and finding.record == "work_order:1" for finding in got.findings)
    for one in part.rules:
        readings = [(source.text, read_order_source(document, item, source)) for source in one.sources]
        for field in one.fields:
            assert silent_losses(one.rule, field.text, readings, got, is_text=takes_any_text(field)) == []


def takes_any_text(field: TargetField) -> bool:
    return field.meta.type == "string" and not field.meta.values


@settings(max_examples=200, deadline=None)
@given(
    raw=rules_of_one_place(st.text(max_size=2) | st.integers() | st.booleans()),
    way=st.sampled_from([*WAYS, STATUS_NAME]),
    target=st.none()
    | st.sampled_from(["QueueID", "EstimatedHours", "DueDateTime", "isVisibleToComanaged", "Priority"]),
    value=BODIES | SCALARS | TEXTS,
)
def test_what_stands_at_a_place_is_written_or_told_by_whatever_path_and_action(
    raw: Any, way: Any, target: str | None, value: Any
) -> None:
    """Unlike above, nothing of ours says what the source holds: the value was put there."""
    assume(says_something(value))
    is_running = not way.target.startswith(("Ticket:", "User"))
    made = compiled([{**raw(way.source), "target": way.target if target is None or is_running else target}])
    document = way.place(value)
    for part in (part for part in parts(made) if part.rules):
        rows = document[COLLECTIONS[part.kind]] if COLLECTIONS[part.kind] else [None, None]
        got = apply_outbound(part, document, rows[1], "work_order:1", CHICAGO)
        for one in part.rules:
            (source,) = one.sources
            for field in one.fields:
                readings = [(source.text, Found(value))]
                assert silent_losses(one.rule, field.text, readings, got, is_text=takes_any_text(field)) == []


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=30) | st.lists(TARGETS | st.just("[0]") | st.text(max_size=4), max_size=4).map(".".join))
def test_any_text_is_read_as_a_target_without_raising(text: str) -> None:
    for root in ("Tickets", "ServiceCalls", "Projects"):
        read_outbound_target(text, root)
