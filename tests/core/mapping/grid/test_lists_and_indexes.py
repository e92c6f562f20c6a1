"""Lists of a work order: with an index and without one, nested, behind their end, and where no list is."""

from typing import Any

import pytest

from app.core.mapping.apply_outbound import apply_outbound
from app.core.mapping.work_order_document import work_order_document
from tests.core.mapping import mapping_kit
from tests.core.mapping.grid.grid_kit import ALONE, MISSING, WRONG_TYPE, outcome
from tests.core.mapping.grid.outbound_ways import order
from tests.core.mapping.outbound_kit import compiled

LEE, ANN = {"email": "lee@example.test", "phones": [["1", "2"], ["3"]]}, {"email": "ann@example.test"}
TWO = {"metadata": {"total": 2}, "results": [LEE, ANN]}
GROUPS = {
    "internal": {"id": 900, "value": "T1"},
    "results": [
        {"id": 1, "results": [{"id": 835, "value": "first"}, {"id": "0836", "value": "by text"}]},
        {"id": 2, "results": [{"id": 835, "value": "second"}, {"id": 837}, {"id": True, "value": "odd"}, "row"]},
        "group",
    ],
}


@pytest.mark.parametrize(
    ("source", "fields", "made", "codes", "because"),
    [
        ("contacts[0].email", {"contacts": TWO}, LEE["email"], (), "the first element of the vendor's collection"),
        ("contacts[1].email", {"contacts": TWO}, ANN["email"], (), "0-based"),
        ("contacts.[1].email", {"contacts": TWO}, ANN["email"], (), "the connector's dot before the bracket"),
        ("contacts.results[1].email", {"contacts": TWO}, ANN["email"], (), "the vendor's own spelling"),
        ("workorder.contacts[0].email", {"contacts": [LEE]}, LEE["email"], (), "a plain list, below a root"),
        ("contacts[0].phones[0][1]", {"contacts": TWO}, "2", (), "a list in a list"),
        ("contacts[0].phones[1][0]", {"contacts": TWO}, "3", (), "a list in a list"),
        ("contacts[2].email", {"contacts": TWO}, ALONE, (), "a list that is shorter today is no mistake"),
        ("contacts[0].email", {"contacts": []}, ALONE, (), "an empty object that came as a list"),
        ("contacts[0].email", {"contacts": {"results": []}}, ALONE, (), "a collection without rows"),
        ("contacts[0].email", {"contacts": None}, ALONE, (), "what the vendor left empty is no mistake"),
        ("contacts[0].email", {"contacts": {}}, ALONE, (), "what the vendor left empty is no mistake"),
        ("contacts[0].email", {"contacts": [None]}, ALONE, (), "an empty element"),
        ("contacts[0].email", {"contacts": [{}]}, ALONE, (), "an empty element"),
        ("contacts[0].email", {}, ALONE, (MISSING,), "the work order has no such section"),
        ("contacts[0].email", {"contacts": "lee"}, ALONE, (MISSING,), "a text has no elements"),
        ("contacts[0].email", {"contacts": 7}, ALONE, (MISSING,), "a number has no elements"),
        ("contacts[0].email", {"contacts": {"metadata": {}}}, ALONE, (MISSING,), "an object without rows is no list"),
        ("contacts[0].email", {"contacts": [["lee"]]}, ALONE, (MISSING,), "the element is a list without an index"),
        ("contacts[0].emial", {"contacts": TWO}, ALONE, (MISSING,), "the element has no such name"),
        ("contacts.email", {"contacts": TWO}, ALONE, (MISSING,), "a list without an index does not resolve"),
        ("contacts.email", {"contacts": [LEE]}, ALONE, (MISSING,), "nor does one of a single element"),
        ("contacts.email", {"contacts": []}, ALONE, (), "nor does an empty one, but there is nothing to lose"),
        ("contacts", {"contacts": [LEE]}, ALONE, (WRONG_TYPE,), "the list itself is no text"),
        ("contacts[0]", {"contacts": [LEE]}, ALONE, (WRONG_TYPE,), "an element itself is no text"),
        ("contacts[0]", {"contacts": ["lee"]}, "lee", (), "unless it is one"),
        ("title.first", {"title": "Job"}, ALONE, (MISSING,), "a text has no names in it"),
        ("title[0]", {"title": "Job"}, ALONE, (MISSING,), "and no elements: a sign of a text is not meant"),
        ("custom_fields.835", {"custom_fields": GROUPS}, "first", (), "the first field of that number, in any group"),
        ("custom_fields.836", {"custom_fields": GROUPS}, "by text", (), "some ids come as text, zeros before them"),
        ("custom_fields.837", {"custom_fields": GROUPS}, ALONE, (), "a field without a value is there and empty"),
        ("custom_fields.900", {"custom_fields": GROUPS}, "T1", (), "the one repeated beside the groups"),
        ("custom_fields.internal", {"custom_fields": GROUPS}, "T1", (), "the same, by its place"),
        ("custom_fields.1", {"custom_fields": GROUPS}, ALONE, (MISSING,), "a group's id is no field's, nor is true"),
        ("custom_fields.835", {"custom_fields": []}, ALONE, (MISSING,), "no group at all, so the field is not there"),
        ("custom_fields.835", {}, ALONE, (MISSING,), "no custom fields at all"),
        ("custom_fields.results[0].results[0].value", {"custom_fields": GROUPS}, "first", (), "by its place"),
        ("expenses[0].amount", {"expenses": [{"amount": "5.00"}]}, "5", (), "that very expense, on the ticket"),
        ("expenses[1].amount", {"expenses": [{"amount": "5.00"}]}, ALONE, (), "there is no second one today"),
        ("expenses[0].category.id", {"expenses": [{"category": {"id": 2}}]}, "2", (), "behind our plain category"),
        ("pay.expense.sum.approved", {"pay": {"expenses": {"sum": {"approved": 3}}}}, "3", (), "beside the rows"),
        ("pay.expenses.sum.approved", {"pay": {"expense": {"sum": {"approved": 3}}}}, "3", (), "other way round"),
    ],
)
def test_an_element_is_read_by_its_index_or_the_loss_is_told(
    source: str, fields: Any, made: Any, codes: tuple[str, ...], because: str
) -> None:
    mapping = compiled({"action": "sync", "source": source, "target": "Ticket:Title"})
    assert mapping.findings == ()
    got = apply_outbound(mapping.ticket, order(**fields))
    value = got.values[0].value if got.values else ALONE
    assert outcome(value, tuple(finding.code for finding in got.findings)) == outcome(made, codes), because


@pytest.mark.parametrize("source", ["time_logs.StartDateTime", "expenses.amount", "workorder.messages.message"])
def test_a_list_with_names_of_ours_needs_an_index_and_says_so_before_it_runs(source: str) -> None:
    made = compiled({"action": "sync", "source": source, "target": "Ticket:Title"})
    assert [finding.code for finding in made.findings] == ["mapping_no_index"]
    rows = order(time_logs=[{"id": 1}], expenses=[{"id": 1, "amount": "5"}], messages=[{"msg_id": "1"}])
    assert [finding.code for finding in apply_outbound(made.ticket, rows).findings] == [MISSING]


@pytest.mark.parametrize(
    "source", ["time_logs.results.hours", "pay.expense.results.amount", "expenses.results.sum", "messages.results.id"]
)
def test_the_rows_of_a_collection_need_an_index_and_are_not_taken_for_what_stands_beside_them(source: str) -> None:
    """`time_logs.hours` is the sum of all of them; `time_logs.results.hours` names a list without an index."""
    made = compiled({"action": "sync", "source": source, "target": "Ticket:Title"})
    logs, expenses, messages = [{"id": 1, "hours": 2}], [{"id": 1, "amount": "5"}], [{"msg_id": "1"}]
    vendors = {
        "time_logs": {"hours": 3, "results": logs},
        "pay": {"expenses": {"sum": {"all": 1}, "results": expenses}},
        "messages": {"results": messages},
    }
    got = apply_outbound(made.ticket, work_order_document(vendors, logs, expenses, messages))
    assert (got.values, [finding.code for finding in got.findings]) == ((), [MISSING])


@pytest.mark.parametrize("source", ["Title[0]", "Account[0].AccountName", "contacts.[0].FirstName"])
def test_a_ticket_has_no_lists_and_an_index_is_refused(source: str) -> None:
    got = mapping_kit.fault({"action": "sync", "source": source, "target": "title"})
    assert (got.code, got.field) == ("mapping_bad_path", "mappings.inbound[0].source")
    assert "[n]" in got.mend
