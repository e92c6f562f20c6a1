"""Status moves: which action, from where, when allowed, and what is said when nothing is done."""

from itertools import product

import pytest

from app.core.planning.rules import ImportRules
from app.core.planning.status_moves import plan_status
from app.core.planning.statuses import NAMES
from app.core.planning.to_work_order import known_after_update
from tests.core.planning.planning_kit import OWNER, RULES, carried_out, codes, made, update, wanted
from tests.fakes.vendor_shape import with_status

ACTIONS = {2: "publish", 1: "unpublish", 7: "cancel", 5: "approve"}
ALLOWED_FROM = {"publish": {1}, "unpublish": {2}, "cancel": {1, 2, 3, 4, 9}, "approve": {4}}
FURTHER_ON = {"publish": {9, 3, 4, 5, 6}, "unpublish": set(), "cancel": set(), "approve": {6}}
EVERY = [*sorted(NAMES), 8, None]


def expected(present: int | None, wanted_id: int, allowed: bool) -> str:
    """The action, or the finding's code, or nothing: written from the vendor's statuses, not from our table."""
    if present == wanted_id:
        return ""
    action = ACTIONS.get(wanted_id)
    if action is None:
        return "status_belongs_to_people"
    if present in FURTHER_ON[action]:
        return "status_further_on"
    if not allowed:
        return "action_not_allowed"
    return action if present in ALLOWED_FROM[action] else "status_blocks_action"


@pytest.mark.parametrize("allowed", [True, False])
@pytest.mark.parametrize(("present", "wanted_id"), list(product(EVERY, [*sorted(NAMES), 8])))
def test_each_status_is_reached_by_its_action_or_a_finding_says_why_not(
    present: int | None, wanted_id: int, allowed: bool
) -> None:
    rules = RULES if allowed else ImportRules(frozenset(), "reason")
    order = {"status": {"id": present}} if present else {}
    intents, findings = plan_status(wanted(status_id=wanted_id).status, order, rules, OWNER)
    done = [intent.verb for intent in intents] + codes(findings)
    assert done == [one for one in [expected(present, wanted_id, allowed)] if one]
    assert all(finding.field == "status_id" for finding in findings)


@pytest.mark.parametrize("listed", sorted(ACTIONS.values()))
def test_an_action_is_allowed_by_its_own_name_only(listed: str) -> None:
    rules = ImportRules(frozenset({listed}), "reason")
    done = {
        intent.verb
        for present, wanted_id in product(EVERY, ACTIONS)
        for intent in plan_status(wanted(status_id=wanted_id).status, {"status": {"id": present}}, rules, OWNER)[0]
    }
    assert done == {listed}


def test_a_cancel_carries_the_reason_and_without_one_is_not_done() -> None:
    status, order = wanted(status_id=7).status, {"status": {"id": 2}}
    (intent,), _ = plan_status(status, order, RULES, OWNER)
    assert intent.body == {"reason": "no longer needed"}
    intents, findings = plan_status(status, order, ImportRules(frozenset({"cancel"})), OWNER)
    assert (intents, codes(findings)) == ((), ["cancel_reason_missing"])


def test_a_status_that_nothing_maps_moves_nothing_whatever_the_work_order_is_in() -> None:
    order, known = made(wanted(status_id=1))
    for present in EVERY:
        plan = update(known, wanted(), with_status(order, present or 0))
        assert (plan.intents, plan.findings) == ((), ())


def test_a_status_whose_ticket_did_not_change_is_not_forced_back() -> None:
    desired = wanted(status_id=2)
    order, known = made(desired)
    plan = update(known, desired, with_status(order, 1))
    assert (plan.intents, plan.findings) == ((), ())


def test_a_ticket_that_changes_its_status_publishes_once() -> None:
    order, known = made(wanted(status_id=1))
    desired = wanted(status_id=2)
    plan = update(known, desired, order)
    assert [intent.verb for intent in plan.intents] == ["publish"]
    order = carried_out(order, plan)
    known = known_after_update(known, desired, order, plan)
    assert update(known, desired, order).intents == ()


def test_the_finding_of_a_status_that_could_not_be_reached_stays_until_the_ticket_asks_for_another() -> None:
    rules = ImportRules(frozenset())
    order, known = made(wanted(status_id=1))
    desired = wanted(status_id=2)
    for _ in range(3):
        plan = update(known, desired, order, rules)
        assert (plan.intents, codes(plan.findings)) == ((), ["action_not_allowed"])
        known = known_after_update(known, desired, order, plan)
    back = wanted(status_id=1)
    plan = update(known, back, order, rules)
    assert plan.findings == ()
    known = known_after_update(known, back, order, plan)
    assert update(known, back, order, rules).findings == ()


def test_a_status_that_became_possible_waits_for_a_change_of_the_ticket_and_a_finding_says_so() -> None:
    order, known = made(wanted(status_id=1))
    desired = wanted(status_id=2)
    blocked = update(known, desired, order, ImportRules(frozenset()))
    known = known_after_update(known, desired, order, blocked)
    plan = update(known, desired, order, RULES)
    assert (plan.intents, codes(plan.findings)) == ((), ["status_not_reached"])
    assert update(known, desired, with_status(order, 2), RULES).findings == ()


def test_the_status_comes_after_the_fields() -> None:
    order, known = made(wanted(status_id=1))
    plan = update(known, wanted(status_id=2, title="Other"), order)
    assert [intent.verb for intent in plan.intents] == ["update", "publish"]
    assert [intent.phase for intent in plan.intents] == sorted(intent.phase for intent in plan.intents)
