"""The document that outbound mappings see: stable names, and everything the vendor sent."""

import copy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.mapping.item_paths import ItemPath, parse_order_source, read_order_source
from app.core.mapping.paths import BadPath
from app.core.mapping.reading import Found
from app.core.mapping.work_order_document import work_order_document
from tests.core.mapping.outbound_kit import EXPENSES, FOLDERS, MESSAGES, TIME_LOGS, WORK_ORDER, document


def read(text: str, order: Any = None, item: Any = None, collection: str = "") -> Any:
    """What the path finds; it must lead somewhere."""
    source = parse_order_source(text, collection)
    assert not isinstance(source, BadPath), source
    got = read_order_source(document() if order is None else order, item, source)
    assert isinstance(got, Found), got
    return got.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("title", "Replace UPS"),
        ("status", "Work Done"),
        ("status.display", "Work done"),
        ("status_id", 4),
        ("notes", "Swapped the unit."),
        ("closing_notes", "Swapped the unit."),
        ("time_window.start.utc", "2026-03-02 15:00:00"),
        ("assignee.user.first_name", "Ada"),
        ("contacts[0].email", "lee@example.test"),
        ("contacts[3].email", None),
        ("custom_fields.4711", "29762802"),
        ("workorder.pay.type", "hourly"),
        ("time_logs[0].StartDateTime", "2026-03-02T01:02:00Z"),
        ("time_logs[0].EndDateTime", "2026-03-02T02:57:00Z"),
        ("time_logs[0].HoursWorked", Decimal("1.9167")),
        ("time_logs[0].hours", Decimal("1.9167")),
        ("time_logs[0].provider", "Ada Byron"),
        ("time_logs[0].notes", ""),
        ("time_logs[0].in.created.local.date", "2026-03-01"),
        ("time_logs.results[0].id", 312),
        ("time_logs[1].EndDateTime", ""),
        ("time_logs[1].HoursWorked", None),
        ("time_logs[1].provider", "Ada Byron"),
        ("time_logs.hours", Decimal("2.9167")),
        ("expenses[0].amount", Decimal("50.00")),
        ("pay.expenses.results[0].amount", Decimal("50.00")),
        ("pay.expense.results[0].amount", Decimal("50.00")),
        ("workorder.pay.expenses.results[0].description", "Taxi"),
        ("pay.expenses.sum.approved_amount", 50),
        ("expenses[0].category", "Travel"),
        ("expenses[0].category.label", "Travel"),
        ("expenses[0].category.id", 2),
        ("expenses[0].added", "2026-03-02T03:10:00Z"),
        ("expenses[0].added.local.date", "2026-03-01"),
        ("expenses[0].author", "Ada Byron"),
        ("expenses[0].author.id", 88),
        ("expenses[0].status", "approved"),
        ("messages[0].id", "501"),
        ("messages[0].author", "Ada Byron"),
        ("messages[0].from.id", 88),
        ("messages[0].role", "FROMTECH"),
        ("messages[0].created", "2026-03-02T01:05:00Z"),
        ("messages[0].created.timezone", "UTC"),
        ("messages[1].message", "Good."),
        ("messages.metadata.total", 2),
        ("attachments[0].name", "ups.jpg"),
        ("attachments[0].size", Decimal(2048)),
        ("attachments[0].folder_id", 12),
        ("attachments[0].file.name", "ups.jpg"),
    ],
)
def test_a_work_order_has_stable_names_beside_the_vendors_own(text: str, value: Any) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("status", "id"),
    [
        ({"id": 4, "name": "Approved"}, 5),
        ({"id": 4, "name": "work_done"}, 4),
        ({"id": 12, "name": "Postponed"}, 12),
        ({"name": "Canceled"}, 7),
        ({"id": 3}, 3),
        ([], None),
        (None, None),
    ],
)
def test_the_status_is_told_by_its_name_before_its_id(status: Any, id: Any) -> None:
    assert document(status=status)["status_id"] == id


def test_a_local_time_without_its_utc_half_is_one_of_the_site() -> None:
    log = {**TIME_LOGS[0], "in": {"created": {"utc": "", "local": {"date": "2026-03-01", "time": "19:02:00"}}}}
    made = work_order_document(WORK_ORDER, [log])
    assert read("time_logs[0].StartDateTime", made) == "2026-03-02T01:02:00Z"
    assert read("time_logs[0].HoursWorked", made) == Decimal("1.9167")


def test_a_time_that_cannot_be_read_is_left_to_be_told_of() -> None:
    made = work_order_document(WORK_ORDER, [{"id": 1, "in": {"created": "soon"}}])
    assert read("time_logs[0].StartDateTime", made) == "soon"


def test_each_message_is_there_once_even_when_its_replies_were_listed_too() -> None:
    made: Any = work_order_document(WORK_ORDER, messages=[*MESSAGES, *MESSAGES[0]["replies"]])
    assert [row["id"] for row in made["messages"]] == ["501", "502"]


def test_files_may_come_without_their_folders() -> None:
    made = work_order_document(WORK_ORDER, files=[{"id": 5, "folder_id": 3, "file": {"name": "a", "size_bytes": 1}}])
    assert read("attachments[0].folder_id", made) == 3


def test_an_item_path_reads_the_element_that_is_mapped() -> None:
    order = document()
    source = parse_order_source("pay.expense.results[0].amount", "expenses")
    assert isinstance(source, ItemPath)
    assert source.text == "expenses[].amount"
    assert read("time_logs[0].id", order, order["time_logs"][1], "time_logs") == 313
    assert read("time_logs[0].id", order, order["expenses"][0], "expenses") == 312
    assert read("expenses[0].category.id", order, order["expenses"][0], "expenses") == 2
    assert isinstance(parse_order_source("time_logs[0]", "time_logs"), BadPath)


def test_nothing_that_is_given_is_changed() -> None:
    given_rows = (WORK_ORDER, TIME_LOGS, EXPENSES, MESSAGES, FOLDERS)
    before = copy.deepcopy(given_rows)
    work_order_document(*given_rows)
    assert given_rows == before


KEYS = st.sampled_from(
    [
        "status",
        "id",
        "name",
        "pay",
        "expenses",
        "expense",
        "in",
        "out",
        "created",
        "utc",
        "local",
        "date",
        "time_zone",
        "logged_by",
        "first_name",
        "category",
        "label",
        "amount",
        "added",
        "replies",
        "msg_id",
        "from",
        "file",
        "results",
    ]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text(max_size=5) | st.dates()
ANY = st.recursive(
    LEAVES | st.sampled_from(["2026-03-02 01:02:00", "0001-01-01", "9999-12-31T23:59:59-12:00", "UTC", "Assigned"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(order=ANY, rows=ANY, others=ANY)
def test_any_work_order_makes_a_document_and_twice_the_same(order: Any, rows: Any, others: Any) -> None:
    made = work_order_document(order, rows, others, rows, others)
    assert repr(made) == repr(work_order_document(order, rows, others, rows, others))
    assert all(isinstance(made[name], tuple) for name in ("time_logs", "expenses", "messages", "attachments"))
