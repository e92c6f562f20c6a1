"""An update: only what the ticket changed, never what only the mapping or the work order changed."""

from dataclasses import replace
from typing import Any

import pytest

from app.core.model.link import Known
from app.core.planning.to_work_order import known_after_update
from tests.core.planning.planning_kit import (
    NUMBER,
    OWNER,
    RULES,
    carried_out,
    codes,
    made,
    sources_of,
    static,
    synced,
    update,
    wanted,
)
from tests.fakes.vendor_shape import fresh, taken

BOTH = {"time_window__start": "2026-03-05 14:00:00", "time_window__end": "2026-03-05 18:00:00"}


def test_when_nothing_changed_nothing_is_planned() -> None:
    desired = wanted(location__city="Edina", **BOTH)
    order, known = made(desired)
    plan = update(known, desired, order)
    assert (plan.intents, plan.findings) == ((), ())


def test_only_the_changed_field_is_written_with_what_it_was_before() -> None:
    order, known = made(wanted(description="old"))
    (intent,) = update(known, wanted(description="new"), order).intents
    assert (intent.verb, intent.target, intent.body) == ("update", "work_order:70", {"description": {"html": "new"}})
    assert (intent.before, intent.after) == ({"description.html": "old"}, {"description.html": "new"})


def test_a_field_that_the_ticket_emptied_is_emptied_there() -> None:
    order, known = made(wanted(description="old"))
    (intent,) = update(known, wanted(description=""), order).intents
    assert intent.body == {"description": {"html": ""}}


def test_a_change_that_stands_at_the_work_order_already_is_not_written() -> None:
    order, known = made(wanted(description="old"))
    order = taken(order, {"description": {"html": "new"}})
    assert update(known, wanted(description="new"), order).intents == ()


def test_a_change_at_the_work_order_alone_is_left_to_it() -> None:
    desired = wanted(description="ours")
    order, known = made(desired)
    plan = update(known, desired, taken(order, {"description": {"html": "theirs"}}))
    assert (plan.intents, plan.findings) == ((), ())


def test_when_both_sides_changed_the_ticket_wins_unless_told_otherwise_with_a_finding() -> None:
    order, known = made(wanted(description="old"))
    plan = update(known, wanted(description="ours"), taken(order, {"description": {"html": "theirs"}}))
    assert plan.intents[0].body == {"description": {"html": "ours"}}
    (finding,) = plan.findings
    assert (finding.code, finding.field) == ("both_sides_changed", "description.html")
    assert all(value in finding.text for value in ("'old'", "'ours'", "'theirs'"))


def test_when_both_sides_changed_and_field_nation_owns_the_field_it_stands_with_a_finding() -> None:
    order, known = made(wanted(description="old"))
    desired = wanted(*synced({"description": "ours"}, owner="field_nation"))
    order = taken(order, {"description": {"html": "theirs"}})
    plan = update(known, desired, order)
    assert plan.intents == ()
    assert codes(plan.findings) == ["both_sides_changed"]
    again = update(known_after_update(known, desired, order, plan), desired, order)
    assert (again.intents, codes(again.findings)) == ((), ["differs_from_mapping"])


def test_a_new_mapping_rule_rewrites_nothing() -> None:
    order, known = made(wanted(description="d"))
    plan = update(known, wanted(description="d", location__city="Edina"), order)
    assert plan.intents == ()


def test_a_mapping_that_now_gives_another_value_rewrites_nothing_and_says_so() -> None:
    order, known = made(wanted(description="d"))
    other = replace(synced({"description": "d"})[0], value="d, in other words")
    plan = update(known, wanted(other), order)
    assert plan.intents == ()
    assert codes(plan.findings) == ["differs_from_mapping"]


def test_a_rule_that_was_added_writes_once_its_source_changes() -> None:
    order, known = made(wanted())
    desired = wanted(location__city="Edina")
    known = known_after_update(known, desired, order, update(known, desired, order))
    (intent,) = update(known, wanted(location__city="Saint Paul"), order).intents
    assert intent.body["location"]["city"] == "Saint Paul"


def test_a_link_that_knows_nothing_yet_writes_nothing() -> None:
    assert update(Known(), wanted(description="d"), fresh()).intents == ()


def test_a_field_that_a_create_asked_for_and_nobody_saw_arrive_is_written() -> None:
    desired = wanted(description="d")
    known = Known(sources_of(title="Printer", description="d"), {"title": "Printer"}, ("description.html",))
    order = taken(fresh(), {"title": "Printer", "incident_id": NUMBER})
    (intent,) = update(known, desired, order).intents
    assert intent.body == {"description": {"html": "d"}}


def test_a_static_value_is_not_written_again_after_creation() -> None:
    desired = wanted(static("pay.type", "fixed"))
    order, known = made(desired)
    order = taken(order, {"pay": {"type": "hourly"}})
    assert update(known, desired, order).intents == ()


def test_a_static_value_with_always_is_written_whenever_it_does_not_stand() -> None:
    desired = wanted(static("pay.type", "fixed", always=True))
    order, known = made(desired)
    assert update(known, desired, order).intents == ()
    (intent,) = update(known, desired, taken(order, {"pay": {"type": "hourly"}})).intents
    assert intent.body == {"pay": {"type": "fixed"}}


def test_siblings_in_a_section_are_sent_as_they_stand_there() -> None:
    order, known = made(wanted(location__city="Edina", location__zip="55435"))
    order = taken(order, {"location": {**order["location"], "zip": "55436"}})
    (intent,) = update(known, wanted(location__city="Saint Paul", location__zip="55435"), order).intents
    assert intent.body["location"] == {"city": "Saint Paul", "zip": "55436", "mode": "custom", "country": "US"}
    assert set(intent.after) == {"location.city"}


def test_one_contact_s_change_keeps_the_other_contact() -> None:
    people = {"contacts[0].name": "R. Lee", "contacts[1].name": "S. Poe"}
    order, known = made(wanted(*synced(people)))
    (intent,) = update(known, wanted(*synced({**people, "contacts[1].name": "S. Po"})), order).intents
    assert intent.body["contacts"] == {"results": [{"name": "R. Lee"}, {"name": "S. Po"}]}


def test_an_end_that_moved_takes_the_mapped_start_along() -> None:
    order, known = made(wanted(**BOTH))
    (intent,) = update(known, wanted(**{**BOTH, "time_window__end": "2026-03-05 20:00:00"}), order).intents
    window = intent.body["schedule"]["service_window"]
    assert (window["start"], window["end"]) == ({"utc": "2026-03-05 14:00:00"}, {"utc": "2026-03-05 20:00:00"})


def test_a_due_date_that_moved_sends_a_start_derived_anew() -> None:
    order, known = made(wanted(time_window__end="2026-03-05 18:00:00"))
    (intent,) = update(known, wanted(time_window__end="2026-03-06 18:00:00"), order).intents
    window = intent.body["schedule"]["service_window"]
    assert (window["start"], window["end"]) == ({"utc": "2026-03-06 14:00:00"}, {"utc": "2026-03-06 18:00:00"})


def test_a_time_that_only_stands_there_never_makes_a_visit_end_before_it_starts() -> None:
    order, known = made(wanted(**BOTH))
    moved = {"mode": "between", "start": {"utc": "2026-03-05 17:00:00"}, "end": {"utc": "2026-03-05 18:00:00"}}
    order = taken(order, {"schedule": {"service_window": moved}})
    (intent,) = update(known, wanted(**{**BOTH, "time_window__end": "2026-03-05 16:00:00"}), order).intents
    window = intent.body["schedule"]["service_window"]
    assert (window["start"], window["end"]) == ({"utc": "2026-03-05 14:00:00"}, {"utc": "2026-03-05 16:00:00"})


def test_a_ticket_whose_times_end_before_they_start_leaves_the_schedule_alone_with_a_finding() -> None:
    order, known = made(wanted(**BOTH))
    plan = update(known, wanted(**{**BOTH, "time_window__end": "2026-03-05 10:00:00"}), order)
    assert (plan.intents, codes(plan.findings)) == ((), ["schedule_backwards"])
    (intent,) = update(known, wanted(**{**BOTH, "time_window__end": "2026-03-05 20:00:00"}), order).intents
    assert intent.body["schedule"]["service_window"]["end"] == {"utc": "2026-03-05 20:00:00"}


def test_the_same_moment_in_another_spelling_is_no_change_at_the_work_order() -> None:
    desired = wanted(**BOTH)
    order, known = made(desired)
    order["schedule"]["service_window"]["start"] = {"utc": "2026-03-05 14:00:00.000000"}
    assert update(known, desired, order).intents == ()


@pytest.mark.parametrize("standing", [60, 60.0, "60.00", "60"])
def test_money_in_another_spelling_is_no_change(standing: Any) -> None:
    desired = wanted(pay__base__amount="60")
    order, known = made(desired)
    order["pay"]["base"]["amount"] = standing
    assert update(known, desired, order).intents == ()


def test_after_an_update_what_was_read_back_is_known_and_nothing_is_pending() -> None:
    order, known = made(wanted(description="old"))
    desired = wanted(description="new")
    plan = update(known, desired, order)
    after = carried_out(order, plan)
    known = known_after_update(known, desired, after, plan)
    assert known.targets["description.html"] == "new"
    assert known.pending == ()
    assert update(known, desired, after).intents == ()


def test_every_intent_of_an_update_names_its_work_order() -> None:
    order, known = made(wanted(status_id=1))
    plan = update(known, wanted(description="d", status_id=2, title="T"), order, RULES)
    assert [intent.target for intent in plan.intents] == ["work_order:70"] * 2
    assert plan.owner == OWNER
