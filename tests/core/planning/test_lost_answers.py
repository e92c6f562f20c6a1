"""Lost answers: what a fresh read says about a write that nobody heard back from."""

from typing import Any

import pytest

from app.core.planning.lost_answers import changed_by_others, known_from_attempt, reached, stands
from tests.core.planning.planning_kit import OWNER, codes, create, create_body, update, wanted
from tests.fakes.vendor_shape import fresh, taken, with_status

DESIRED = wanted(
    location__city="Edina",
    time_window__start="2026-03-05 14:00:00",
    time_window__end="2026-03-05 18:00:00",
    custom_fields__7="a",
    status_id=2,
)
STANDING = taken(fresh(), create_body(DESIRED))
AFTER = create(DESIRED).intents[0].after


def test_a_write_that_stands_was_carried_out() -> None:
    assert stands(AFTER, STANDING)
    assert not stands(AFTER, {**STANDING, "title": "Other"})


def test_a_field_that_is_neither_the_old_nor_the_new_value_was_changed_by_somebody() -> None:
    after, before = {"title": "new", "location.city": "Edina"}, {"title": "old", "location.city": "Mora"}
    order = taken(fresh(), {"title": "theirs", "location": {"city": "Mora"}})
    (finding,) = changed_by_others(after, before, order, OWNER)
    assert (finding.code, finding.field) == ("changed_meanwhile", "title")
    assert all(value in finding.text for value in ("'old'", "'new'", "'theirs'"))


@pytest.mark.parametrize("title", ["old", "new"])
def test_a_field_that_holds_the_old_or_the_new_value_was_changed_by_nobody(title: str) -> None:
    assert codes(changed_by_others({"title": "new"}, {"title": "old"}, {"title": title}, OWNER)) == []


@pytest.mark.parametrize(
    ("action", "statuses"),
    [("publish", {2, 3, 4, 5, 6, 9}), ("unpublish", {1}), ("cancel", {7}), ("approve", {5, 6})],
)
def test_an_action_was_carried_out_when_the_work_order_is_there_or_further_on(action: str, statuses: set[int]) -> None:
    assert {status for status in range(10) if reached(action, with_status(fresh(), status))} == statuses


def attempted() -> dict[str, Any]:
    return {"values": AFTER, "sources": DESIRED.sources, "status": True}


def test_a_link_made_of_a_lost_create_knows_the_sources_as_they_were_sent() -> None:
    known = known_from_attempt(attempted(), STANDING)
    assert known.sources == DESIRED.sources
    assert known.targets == AFTER
    assert known.pending == ("status_id",)


def test_a_lost_create_s_missing_part_and_status_come_with_the_next_plan() -> None:
    order = taken(fresh(), create_body(DESIRED), drops=frozenset({"location"}))
    plan = update(known_from_attempt(attempted(), order), DESIRED, order)
    assert [intent.verb for intent in plan.intents] == ["update", "publish"]
    assert set(plan.intents[0].after) == {"location.city"}


def test_what_the_ticket_changed_while_the_answer_was_lost_is_written_by_the_next_plan() -> None:
    newer = wanted(
        location__city="Saint Paul",
        time_window__start="2026-03-05 14:00:00",
        time_window__end="2026-03-05 18:00:00",
        custom_fields__7="a",
    )
    plan = update(known_from_attempt(attempted(), STANDING), newer, STANDING)
    assert [set(intent.after) for intent in plan.intents] == [{"location.city"}]


@pytest.mark.parametrize("attempt", [{}, {"values": None, "sources": 3}, {"values": {"": 1, "..": 2, "[0]": 3}}])
def test_an_attempt_that_cannot_be_read_is_no_error(attempt: Any) -> None:
    known_from_attempt(attempt, STANDING)
