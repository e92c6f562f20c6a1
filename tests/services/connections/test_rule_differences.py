"""What changed between two lists of mapping rules, rule by rule."""

from typing import Any

import pytest

from app.core.mapping.paths import System
from app.services.rule_differences import IN_ANOTHER, IN_ONE_ORDER, rule_differences, rule_words

TITLE = {"source": "Title", "target": "title", "action": "sync"}
CITY = {"source": "AccountPhysicalLocation.City", "target": "location.city", "action": "sync"}
STATUS = {
    "source": "Status",
    "target": "status_id",
    "action": "status",
    "mappings": [{"compare": "Dispatch to Field", "value": "Published"}, {"compare": "New", "value": "Draft"}],
}


def found(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[tuple[str, str, Any, Any]]:
    return list(rule_differences(before, after, System.FIELD_NATION))


def test_the_same_rules_differ_in_nothing() -> None:
    assert found([TITLE, CITY, STATUS], [dict(TITLE), dict(CITY), dict(STATUS)]) == []


def test_a_rule_that_came_is_named_with_its_place_and_those_behind_it_are_not() -> None:
    assert found([TITLE, STATUS], [TITLE, CITY, STATUS]) == [("[1]", "location.city", None, CITY)]


def test_a_rule_that_went_is_named_with_the_place_it_had() -> None:
    assert found([TITLE, CITY, STATUS], [TITLE, STATUS]) == [("[1]", "location.city", CITY, None)]


def test_a_changed_rule_is_named_by_the_key_that_changed() -> None:
    assert found([CITY, TITLE], [CITY, {**TITLE, "source": "Description"}]) == [
        ("[1].source", "title", "Title", "Description")
    ]


def test_a_rule_that_only_stands_elsewhere_is_not_changed_but_the_order_is_said() -> None:
    assert found([TITLE, CITY, STATUS], [STATUS, TITLE, CITY]) == [("", "", IN_ONE_ORDER, IN_ANOTHER)]


def test_a_rule_is_known_by_its_id_whatever_it_writes_to() -> None:
    renamed = {**CITY, "target": "location.address1", "id": "a"}
    assert found([{**CITY, "id": "a"}], [renamed]) == [
        ("[0].target", "location.address1", "location.city", "location.address1")
    ]


def test_a_rule_that_writes_elsewhere_now_is_known_by_the_rest_of_it() -> None:
    assert found([TITLE, CITY], [TITLE, {**CITY, "target": "location.state"}]) == [
        ("[1].target", "location.state", "location.city", "location.state")
    ]


def test_two_spellings_of_one_target_are_one_target() -> None:
    before, after = {**TITLE, "target": "Ticket:Title"}, {**TITLE, "target": "Title", "default": "none"}
    assert list(rule_differences([before], [after], System.AUTOTASK)) == [
        ("[0].target", "Title", "Ticket:Title", "Title"),
        ("[0].default", "Title", None, "none"),
    ]


def test_entries_of_a_map_are_told_apart_by_what_they_compare_with() -> None:
    entries = [
        {"compare": "Complete", "value": "Approved"},
        {"compare": "Dispatch to Field", "value": "Draft"},
    ]
    assert found([STATUS], [{**STATUS, "mappings": entries}]) == [
        ("[0].mappings[Complete]", "status_id", None, "Approved"),
        ("[0].mappings[Dispatch to Field]", "status_id", "Published", "Draft"),
        ("[0].mappings[New]", "status_id", "Draft", None),
    ]


@pytest.mark.parametrize(("before", "after"), [(1, True), (1, "1"), ("a", None), ([1], [1, 2])])
def test_values_that_json_tells_apart_are_a_change(before: Any, after: Any) -> None:
    rules = [{"target": "title", "action": "set_static", "value": value} for value in (before, after)]
    assert [path for path, *_ in found(rules[:1], rules[1:])] == ["[0].value"]


@pytest.mark.parametrize("compare", [1, "1"])
def test_entries_that_read_alike_are_shown_whole_where_only_their_type_changed(compare: Any) -> None:
    other = "1" if compare == 1 else 1
    rules = [{**STATUS, "mappings": [{"compare": one, "value": "Draft"}]} for one in (compare, other)]
    assert [path for path, *_ in found(rules[:1], rules[1:])] == ["[0].mappings"]


def test_of_two_equal_targets_the_equal_rule_is_the_same_one() -> None:
    first, second = {**TITLE, "source": "Description"}, TITLE
    assert found([first, second], [second]) == [("[0]", "title", first, None)]


def test_a_rule_is_shown_in_one_line_with_its_entries() -> None:
    assert rule_words(TITLE) == "Title -> title, sync"
    assert rule_words(STATUS) == "Status -> status_id, status: Dispatch to Field = Published; New = Draft"
    old = {"target_field": "Ticket:QueueID", "action": "ACTION_TYPE_SET_STATIC", "value": 5, "owner": "autotask"}
    assert rule_words(old) == "Ticket:QueueID, set_static: value 5; owner autotask"


def test_a_long_map_is_cut_where_it_is_shown_in_one_line() -> None:
    entries = [{"compare": str(n), "value": n} for n in range(9)]
    assert rule_words({**STATUS, "mappings": entries}).endswith("5 = 5; 3 more")
