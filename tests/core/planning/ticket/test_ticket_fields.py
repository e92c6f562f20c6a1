"""Fields of the ticket: what changed at the work order, once, and the status last."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.core.model.intent import Phase
from app.core.model.ledger import LedgerState
from app.core.model.link import Known, LinkOrigin
from app.core.planning.ticket.matching import strangers
from tests.core.mapping.outbound_kit import compiled, rule, static
from tests.core.planning.ticket.fields_kit import RESOLUTION, STATUSES, TITLE, a_link, pair, written
from tests.core.planning.ticket.ticket_kit import NOW, codes

WORK_DONE, APPROVED = {"id": 4, "name": "Work Done"}, {"id": 5, "name": "Approved"}
DISPATCHED, COMPLETE = 8, 5


def test_at_the_first_look_all_mapped_fields_are_written_the_status_last_in_a_write_of_its_own() -> None:
    one = pair(STATUSES, RESOLUTION, TITLE, order={"status": WORK_DONE, "closing_notes": "Swapped."})
    plan = one.push()
    assert written(plan) == [{"resolution": "Swapped.", "title": "Replace UPS"}, {"status": DISPATCHED}]
    assert [(intent.phase, intent.verb, intent.record) for intent in plan.intents] == [
        (Phase.UPDATE, "update", 7),
        (Phase.STATUS, "update", 7),
    ]
    assert written(one.push()) == []


def test_afterwards_only_a_field_whose_source_changed_is_written() -> None:
    one = pair(RESOLUTION, TITLE)
    one.push()
    one.order["closing_notes"] = "Swapped."
    plan = one.push()
    assert written(plan) == [{"resolution": "Swapped."}]
    assert (plan.intents[0].before, plan.intents[0].after) == ({"resolution": None}, {"resolution": "Swapped."})
    assert written(one.push()) == []


def test_a_person_who_changes_the_ticket_is_not_written_over() -> None:
    one = pair(RESOLUTION, order={"closing_notes": "Swapped."})
    one.push()
    one.ticket["resolution"] = "By hand."
    assert written(one.push()) == []


def test_a_field_that_the_work_order_emptied_leaves_the_ticket_alone_unless_the_mapping_has_a_default() -> None:
    one = pair(RESOLUTION, rule("title", "Ticket:Title", default="None"), order={"closing_notes": "Swapped."})
    one.push()
    one.order = {"closing_notes": "", "title": ""}
    assert written(one.push()) == [{"title": "None"}]
    one.order = {"closing_notes": "Swapped.", "title": ""}
    assert written(one.push()) == []


def test_a_source_that_was_empty_at_first_is_written_once_it_is_there() -> None:
    one = pair(rule("assignee.user.first_name", "Resolution"))
    assert written(one.push()) == []
    one.order["assignee"] = {"user": {"first_name": "Ada"}}
    assert written(one.push()) == [{"resolution": "Ada"}]


def test_a_status_that_no_mapping_names_leaves_the_ticket_alone() -> None:
    one = pair(STATUSES, order={"status": WORK_DONE})
    one.push()
    one.order["status"] = {"id": 3, "name": "Assigned"}
    assert written(one.push()) == []
    one.order["status"] = WORK_DONE
    assert written(one.push()) == []


def test_a_status_that_closes_the_ticket_waits_while_time_or_money_is_not_in_place() -> None:
    one = pair(STATUSES, RESOLUTION, order={"status": WORK_DONE, "closing_notes": "Swapped."})
    one.push()
    one.order, one.is_failing = {"status": APPROVED, "closing_notes": "All done."}, True
    for expected in ([{"resolution": "All done."}], []):
        plan = one.push()
        assert (written(plan), codes(plan.findings)) == (expected, ["status_withheld"])
        assert "The status Complete (5) would close" in plan.findings[0].text
    one.is_failing = False
    plan = one.push()
    assert (written(plan), plan.findings) == ([{"status": COMPLETE}], [])
    assert written(one.push()) == []


def test_a_withheld_status_is_dropped_when_the_work_order_moves_on_to_another() -> None:
    one = pair(STATUSES, order={"status": APPROVED}, is_failing=True)
    one.push()
    one.order["status"] = WORK_DONE
    assert written(one.push()) == [{"status": DISPATCHED}]
    one.is_failing = False
    assert written(one.push()) == []


def test_a_withheld_status_is_dropped_when_the_work_order_goes_back_to_what_the_ticket_says() -> None:
    one = pair(STATUSES, order={"status": WORK_DONE})
    one.push()
    one.order, one.is_failing = {"status": APPROVED}, True
    one.push()
    one.order, one.is_failing = {"status": WORK_DONE}, False
    assert written(one.push()) == []
    one.order = {"status": APPROVED}
    assert written(one.push()) == [{"status": COMPLETE}]


def test_another_status_is_written_though_something_failed() -> None:
    assert written(pair(STATUSES, order={"status": WORK_DONE}, is_failing=True).push()) == [{"status": DISPATCHED}]


@pytest.mark.parametrize(
    "later",
    [
        rule("closing_notes", "Resolution", "concat", format="Said: {{closing_notes}}"),
        static("Resolution", "always the same"),
        rule("closing_notes", "Resolution", default="none"),
    ],
    ids=["another action", "static", "default"],
)
def test_a_mapping_that_is_changed_afterwards_rewrites_nothing(later: Any) -> None:
    one = pair(RESOLUTION, TITLE)
    one.push()
    one.rules = compiled(later, TITLE)
    assert written(one.push()) == []


def test_a_new_rule_writes_nothing_until_its_source_changes() -> None:
    one = pair(TITLE, order={"closing_notes": "Swapped."})
    one.push()
    one.rules = compiled(TITLE, RESOLUTION)
    assert written(one.push()) == []
    one.order["closing_notes"] = "Swapped twice."
    assert written(one.push()) == [{"resolution": "Swapped twice."}]


def test_resync_writes_what_the_mapping_says_today() -> None:
    one = pair(RESOLUTION, TITLE, order={"closing_notes": "Swapped."})
    one.push()
    assert written(one.push(resync=True)) == []
    one.rules = compiled(static("Resolution", "Done"), TITLE, static("EstimatedHours", 2))
    assert written(one.push(resync=True)) == [{"resolution": "Done", "estimatedHours": 2}]
    assert written(one.push(resync=True)) == []


def test_a_static_value_is_for_tickets_that_are_made_here_and_with_always_for_every_change() -> None:
    one = pair(static("QueueID", 3), static("EstimatedHours", 2, always=True), TITLE)
    assert written(one.push()) == [{"estimatedHours": 2, "title": "Replace UPS"}]
    assert written(one.push()) == []
    one.order["title"] = "Replace both"
    assert written(one.push()) == [{"estimatedHours": 2, "title": "Replace both"}]
    assert written(one.push()) == []


def test_a_ticket_that_was_made_from_the_work_order_is_not_written_again_at_the_first_push() -> None:
    one = pair(RESOLUTION, TITLE, static("QueueID", 3, always=True), order={"closing_notes": "Swapped."})
    now = one.now()
    made = Known({**now.read}, {wish.field: wish.value for wish in now.wishes})
    one.link = a_link(out=made)
    assert written(one.push()) == []


@pytest.mark.parametrize("verb", ["retry", "source"])
def test_a_field_that_autotask_refused_is_said_and_tried_again_when_asked_or_changed(verb: str) -> None:
    one = pair(RESOLUTION, TITLE, order={"closing_notes": "Swapped."}, refused=frozenset({"resolution"}))
    one.push()
    plan = one.push()
    assert (written(plan), codes(plan.findings)) == ([], ["item_rejected"])
    assert "Autotask says no." in plan.findings[0].text
    one.refused = frozenset()
    if verb == "retry":
        plan = one.push(retry=True)
    else:
        one.order["closing_notes"] = "Swapped it."
        plan = one.push()
    assert (one.ticket["resolution"], plan.findings == [] or verb == "source") == (one.order["closing_notes"], True)


def test_a_refused_field_is_not_forgotten_when_another_one_is_written() -> None:
    one = pair(RESOLUTION, order={"closing_notes": "Swapped."}, refused=frozenset({"resolution"}))
    one.push()
    one.rules = compiled(RESOLUTION, TITLE)
    one.push()
    one.order["title"] = "Replace both"
    for _ in range(2):
        assert codes(one.push().findings) == ["item_rejected"]
    assert one.ticket["title"] == "Replace both"
    one.refused = frozenset()
    assert written(one.push(retry=True)) == [{"resolution": "Swapped."}]
    plan = one.push(retry=True)
    assert (written(plan), plan.findings) == ([], [])


def test_a_write_that_was_lost_and_never_happened_is_made() -> None:
    one = pair(RESOLUTION, STATUSES, order={"closing_notes": "Swapped.", "status": WORK_DONE})
    plan = one.push()
    for intent in plan.intents:
        one.write(intent, lost=LedgerState.VOID)
    assert written(one.push()) == written(plan)
    assert written(one.push()) == []


def test_what_a_pass_wrote_before_it_died_is_not_written_again_nor_taken_for_older_than_it_is() -> None:
    one = pair(RESOLUTION, STATUSES, order={"closing_notes": "Swapped."})
    one.push()
    one.order = {"closing_notes": "Swapped twice.", "status": WORK_DONE}
    for intent in one.plan().intents:
        one.write(intent)
    one.entries = {kind: replace(entry, opened_at=NOW + timedelta(seconds=9)) for kind, entry in one.entries.items()}
    assert written(one.plan()) == []
    one.order["closing_notes"] = "Swapped."
    assert written(one.push()) == [{"resolution": "Swapped."}]


def test_a_first_look_that_died_half_way_writes_the_rest_and_nothing_twice() -> None:
    one = pair(RESOLUTION, STATUSES, order={"closing_notes": "Swapped.", "status": WORK_DONE})
    one.link = a_link(made_at=NOW - timedelta(hours=1))
    (fields, _) = one.plan().intents
    one.write(fields)
    assert written(one.push()) == [{"status": DISPATCHED}]
    assert written(one.push()) == []


def test_a_first_write_of_a_field_that_did_not_happen_is_blamed_on_nobody() -> None:
    one = pair(STATUSES, order={"status": WORK_DONE})
    (intent,) = one.plan().intents
    one.write(intent, lost=LedgerState.OPEN)
    assert strangers(one.entries[intent.kind], {"id": 7, "status": COMPLETE}) == ()


def test_at_the_first_look_at_a_pair_that_a_person_made_only_what_differs_is_written() -> None:
    one = pair(RESOLUTION, TITLE, order={"closing_notes": "Swapped."}, link=a_link(origin=LinkOrigin.PERSON))
    one.ticket = {"resolution": "Swapped.\r\n", "title": "By hand"}
    assert written(one.push()) == [{"title": "Replace UPS"}]
    assert written(one.push()) == []


def test_fields_and_status_of_a_plan_are_its_first_and_its_last_writes() -> None:
    one = pair(STATUSES, TITLE, order={"status": WORK_DONE})
    assert [intent.phase for intent in one.plan().intents] == [Phase.UPDATE, Phase.STATUS]
    assert Phase.UPDATE < Phase.NOTES < Phase.TIME < Phase.MONEY < Phase.STATUS


def test_a_user_defined_field_goes_where_autotask_keeps_those() -> None:
    (intent,) = pair(rule("closing_notes", "UserDefinedField.VisitBand"), order={"closing_notes": "b"}).push().intents
    assert intent.body == {"id": 7, "userDefinedFields": [{"name": "VisitBand", "value": "b"}]}
