"""Resync: what an older mapping wrote is written again, though the ticket did not change."""

from typing import Any

from app.core.model.intent import Plan
from app.core.model.link import Known
from app.core.planning.desired import Desired
from app.core.planning.to_work_order import plan_update
from tests.core.planning.planning_kit import OWNER, RULES, Value, codes, linked, made, static, synced, wanted
from tests.fakes.vendor_shape import taken


def again(known: Known, desired: Desired, order: Any) -> Plan:
    return plan_update(OWNER, linked(known), desired, order, RULES, resync=True)


def remapped(value: str, owner: str | None = None) -> Desired:
    """Another value from the source that the older mapping made `old` of."""
    return wanted(Value("description", value, (("from description", "old"),), owner=owner))


def test_a_value_that_the_mapping_makes_anew_of_an_unchanged_ticket_is_written() -> None:
    order, known = made(wanted(description="old"))
    assert plan_update(OWNER, linked(known), remapped("new"), order, RULES).intents == ()
    (intent,) = again(known, remapped("new"), order).intents
    assert (intent.before, intent.after) == ({"description.html": "old"}, {"description.html": "new"})
    assert intent.reason == "written again under the active mapping: description.html"


def test_a_value_that_stands_already_is_not_written_again() -> None:
    order, known = made(wanted(description="old"))
    plan = again(known, wanted(description="old"), order)
    assert (plan.intents, plan.findings) == ((), ())


def test_a_field_and_a_static_value_that_no_version_wrote_before_are_written() -> None:
    order, known = made(wanted())
    (intent,) = again(known, wanted(static("location.state", "MN"), location__city="Edina"), order).intents
    assert intent.after == {"location.city": "Edina", "location.state": "MN"}


def test_a_field_that_the_work_order_owns_is_left_and_said() -> None:
    order, known = made(wanted(description="old"))
    plan = again(known, remapped("new", "field_nation"), order)
    assert (plan.intents, codes(plan.findings)) == ((), ["differs_from_mapping"])
    order = taken(order, {"description": {"html": "theirs"}})
    plan = again(known, remapped("new", "field_nation"), order)
    assert (plan.intents, codes(plan.findings)) == ((), ["differs_from_mapping"])


def test_a_field_that_the_work_order_owns_is_written_when_the_ticket_changed_as_without_a_resync() -> None:
    order, known = made(wanted(description="old"))
    changed = wanted(*synced({"description": "new"}, owner="field_nation"))
    (intent,) = again(known, changed, order).intents
    assert intent.after == {"description.html": "new"}


def test_what_somebody_changed_at_the_work_order_is_written_over_and_said() -> None:
    order, known = made(wanted(description="old"))
    plan = again(known, remapped("new"), taken(order, {"description": {"html": "theirs"}}))
    assert (plan.intents[0].after, codes(plan.findings)) == ({"description.html": "new"}, ["both_sides_changed"])


def test_a_status_that_the_mapping_makes_anew_is_reached_again_and_never_backwards() -> None:
    order, known = made(wanted())
    desired = wanted(Value("status_id", 2, (("Status", 8),)))
    known = Known({**known.sources, **desired.sources}, known.targets, ())
    (move,) = again(known, desired, {**order, "status": {"id": 1}}).intents
    assert (move.verb, move.after) == ("publish", {"status": "Published (2)"})
    plan = again(known, desired, {**order, "status": {"id": 3}})
    assert (plan.intents, codes(plan.findings)) == ((), ["status_further_on"])
