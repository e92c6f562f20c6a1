"""The filter grammar: nothing that the vendor would ignore or refuse is sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.autotask.wire.filters import MATCH_ALL, checked_filter
from app.core.model.failure import Rejected

SCALARS = st.integers() | st.text(max_size=10) | st.booleans()
FIELDS = st.sampled_from(["status", "title", "ticketNumber", "createDate"])
LEAVES = st.one_of(
    st.fixed_dictionaries({"op": st.sampled_from(["eq", "noteq"]), "field": FIELDS, "value": SCALARS}),
    st.fixed_dictionaries({"op": st.sampled_from(["gt", "gte", "lt", "lte"]), "field": FIELDS, "value": st.integers()}),
    st.fixed_dictionaries({"op": st.sampled_from(["contains", "beginsWith"]), "field": FIELDS, "value": st.text()}),
    st.fixed_dictionaries({"op": st.sampled_from(["exist", "notExist"]), "field": FIELDS}),
    st.fixed_dictionaries(
        {"op": st.sampled_from(["in", "notIn"]), "field": FIELDS, "value": st.lists(SCALARS, min_size=1, max_size=5)}
    ),
)
FILTERS = st.recursive(
    LEAVES,
    lambda inner: st.fixed_dictionaries(
        {"op": st.sampled_from(["and", "or"]), "items": st.lists(inner, min_size=1, max_size=3)}
    ),
    max_leaves=8,
)
ANYTHING = st.recursive(
    st.none() | SCALARS | st.sampled_from(["eq", "op", "field", "in", "and"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["op", "field", "value", "udf", "items", "x"]), inner, max_size=5)
    ),
    max_leaves=10,
)


def refusal_of(conditions):
    try:
        checked_filter("Tickets", conditions)
    except Rejected as refusal:
        return refusal
    return None


@given(st.lists(FILTERS, min_size=1, max_size=4))
def test_a_grammatical_filter_is_sent_as_it_is(conditions):
    assert checked_filter("Tickets", conditions) == conditions


@given(st.lists(ANYTHING, max_size=3))
def test_any_json_is_accepted_or_refused_with_a_place(conditions):
    refusal = refusal_of(conditions)
    if refusal is not None:
        assert refusal.code == "autotask_filter"
        assert refusal.field.startswith("filter")


def test_keys_may_be_spelt_as_in_the_vendors_samples():
    written = [{"Op": "eq", "Field": "CompanyID", "Value": 5}]
    assert checked_filter("Tickets", written) == [{"op": "eq", "field": "CompanyID", "value": 5}]


def test_no_conditions_match_everything():
    assert checked_filter("Tickets", []) == [MATCH_ALL]


def test_an_id_given_as_text_becomes_a_number():
    asked = [{"op": "in", "field": "ID", "value": ["1", 2]}]
    assert checked_filter("Tickets", asked) == [{"op": "in", "field": "ID", "value": [1, 2]}]


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        ({"op": "equals", "field": "id", "value": 1}, "'equals' is no operator"),
        ({"op": "noteqs", "field": "id", "value": 1}, "did you mean 'noteq'"),
        ({"op": "EQ", "field": "id", "value": 1}, "is no operator"),
        ({"op": "eq", "value": 1}, "name of a field"),
        ({"op": "eq", "field": "status"}, "null is no value"),
        ({"op": "eq", "field": "status", "value": None}, "null is no value"),
        ({"op": "eq", "field": "status", "value": [1]}, "takes one value"),
        ({"op": "exist", "field": "status", "value": 1}, "takes no value"),
        ({"op": "in", "field": "status", "value": 1}, "list of 1 to 500"),
        ({"op": "in", "field": "status", "value": []}, "list of 1 to 500"),
        ({"op": "in", "field": "status", "value": list(range(501))}, "list of 1 to 500"),
        ({"op": "in", "field": "status", "value": [1, None]}, "null is no value"),
        ({"op": "gt", "field": "isActive", "value": True}, "true and false"),
        ({"op": "contains", "field": "title", "value": 5}, "takes a text"),
        ({"op": "contains", "field": "title", "value": True}, "true and false"),
        ({"op": "eq", "field": "id", "value": "T2026"}, "an id is a number"),
        ({"op": "eq", "field": "x", "value": 1, "udf": "yes"}, "udf is true or false"),
        ({"op": "eq", "field": "x", "value": 1, "sort": "id"}, "'sort' does not belong here"),
        ({"op": "and", "items": []}, "needs a list"),
        ({"op": "and", "items": [{"op": "and", "items": [5]}]}, "items[0].items[0]"),
        ({"op": "eq", "field": "creatorType", "value": 1}, "cannot filter Tickets by creatorType"),
        (5, "a condition is an object"),
    ],
)
def test_a_wrong_condition_is_refused_with_a_clear_sentence(condition, sentence):
    with pytest.raises(Rejected) as failure:
        checked_filter("Tickets", [condition])
    assert sentence in failure.value.text


def test_one_user_field_may_be_asked_for_and_two_may_not():
    one = {"op": "eq", "field": "Site", "value": "a", "udf": True}
    assert checked_filter("Tickets", [one]) == [one]
    with pytest.raises(Rejected, match="only one condition"):
        checked_filter("Tickets", [one, {"op": "or", "items": [one]}])


def test_five_hundred_ors_may_be_asked_for_and_one_more_may_not():
    each = [{"op": "eq", "field": "status", "value": n} for n in range(501)]
    checked_filter("Tickets", [{"op": "or", "items": each[:500]}])
    with pytest.raises(Rejected, match="at most 500"):
        checked_filter("Tickets", [{"op": "or", "items": each}])
    with pytest.raises(Rejected, match="at most 500"):
        checked_filter("Tickets", [{"op": "or", "items": each[:300]}, {"op": "or", "items": each[:300]}])


def test_groups_nested_without_end_are_refused():
    nested = {"op": "eq", "field": "id", "value": 1}
    for _ in range(30):
        nested = {"op": "and", "items": [nested]}
    with pytest.raises(Rejected, match="nested"):
        checked_filter("Tickets", [nested])


@pytest.mark.parametrize(
    ("entity", "field"),
    [("ExpenseReports", "amountDue"), ("ExpenseItems", "glCode"), ("TicketAttachments", "fileSize")],
)
def test_fields_that_cannot_be_filtered_by_are_known_for_each_entity(entity, field):
    with pytest.raises(Rejected, match="cannot filter"):
        checked_filter(entity, [{"op": "eq", "field": field, "value": 1}])


def test_the_history_of_a_ticket_is_asked_for_by_ticket_only():
    one = {"op": "eq", "field": "ticketID", "value": 5}
    assert checked_filter("TicketHistory", [one]) == [one]
    for wrong in ([one, one], [{"op": "gt", "field": "ticketID", "value": 5}], [{"op": "and", "items": [one]}], []):
        with pytest.raises(Rejected, match="exactly one condition"):
            checked_filter("TicketHistory", wrong)
