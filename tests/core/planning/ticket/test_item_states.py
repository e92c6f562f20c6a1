"""Items that are not in place say so for as long as it is so, and come back by the ways that their finding names."""

from decimal import Decimal
from typing import Any

import pytest

from app.core.model.finding import Severity
from app.core.model.ledger import LedgerState
from tests.core.planning.ticket.ticket_kit import Desk, codes, expense, log, message, the_file, verbs

BLOCKED, REJECTED, VOID = LedgerState.BLOCKED, LedgerState.REJECTED, LedgerState.VOID
LONGER = [log(end="2026-03-02 18:02:00")]
AS_CHARGES = {"additional_charges": "charge"}


def refused(verb: str, state: LedgerState, **desk: Any) -> Desk:
    """A time log whose write of that kind Autotask refused."""
    world = Desk(time_logs=[log()], **desk)
    if verb != "create":
        world.push()
    world.refused = {(verb, "time_entry"): state}
    world.time_logs = {"create": [log()], "update": LONGER, "delete": []}[verb]
    world.push_twice()
    return world


@pytest.mark.parametrize(("state", "severity"), [(BLOCKED, Severity.WARNING), (REJECTED, Severity.ERROR)])
@pytest.mark.parametrize("verb", ["create", "update", "delete"])
def test_a_refused_write_is_said_at_every_push_and_not_tried_again(
    verb: str, state: LedgerState, severity: Severity
) -> None:
    world = refused(verb, state)
    tries = len(world.made)
    for _ in range(2):
        plan = world.push()
        assert (plan.intents, plan.is_failing) == ([], True)
        (finding,) = plan.findings
        assert (finding.code, finding.severity, finding.field) == (f"item_{state}", severity, "time_entry/312")
        assert "Autotask says no." in finding.text
    assert len(world.made) == tries


@pytest.mark.parametrize("state", [BLOCKED, REJECTED])
@pytest.mark.parametrize("verb", ["create", "update", "delete"])
def test_a_refused_write_is_tried_again_when_a_person_asks_and_then_all_is_well(verb: str, state: LedgerState) -> None:
    world = refused(verb, state)
    tries = len(world.made)
    world.refused = {}
    first = world.push(retry=True)
    assert first.looks_again is (verb == "delete")
    world.wait()
    world.push()
    assert [intent.verb for intent in world.made[tries:]] == [verb]
    plan = world.push(retry=True)
    assert (plan.intents, plan.findings, plan.is_failing) == ([], [], False)


def test_a_removal_that_is_refused_again_is_said_again_and_rests() -> None:
    world = refused("delete", BLOCKED)
    world.push_twice(retry=True)
    tries = len(world.made)
    for _ in range(2):
        world.wait()
        assert codes(world.push().findings) == ["item_blocked"]
    assert len(world.made) == tries


@pytest.mark.parametrize("state", [BLOCKED, REJECTED])
@pytest.mark.parametrize("verb", ["create", "update"])
def test_a_refused_write_is_tried_again_by_itself_when_its_fact_changes(verb: str, state: LedgerState) -> None:
    world = refused(verb, state)
    world.refused, world.time_logs = {}, [log(end="2026-03-02 19:02:00")]
    assert verbs(world.push()) == [(verb, "312")]
    assert world.row("TimeEntries")["hoursWorked"] == Decimal("4.0000")
    assert world.push().findings == []


def test_an_update_that_was_refused_is_made_up_for_when_another_fact_changes() -> None:
    world = refused("update", REJECTED)
    world.refused, world.time_logs = {}, [log(start="2026-03-02 15:00:00", end="2026-03-02 18:02:00")]
    world.push()
    row = world.row("TimeEntries")
    assert (row["startDateTime"], row["endDateTime"]) == ("2026-03-02T15:00:00Z", "2026-03-02T18:02:00Z")


@pytest.mark.parametrize("state", [BLOCKED, REJECTED])
def test_when_a_removal_was_refused_and_the_fact_is_back_all_is_well_again(state: LedgerState) -> None:
    world = refused("delete", state)
    world.time_logs = [log()]
    plan = world.push()
    assert (plan.intents, plan.findings, plan.is_failing) == ([], [], False)
    world.time_logs = LONGER
    assert verbs(world.push()) == [("update", "312")]


@pytest.mark.parametrize("state", [BLOCKED, REJECTED])
@pytest.mark.parametrize("may_delete", [True, False], ids=["delete", "zero"])
def test_an_update_that_was_refused_before_a_refused_removal_is_not_forgotten(
    state: LedgerState, may_delete: bool
) -> None:
    world = Desk(the_file(expenses=AS_CHARGES), expenses=[expense()], may_delete_charges=may_delete)
    world.push()
    world.refused = {(verb, "charge"): state for verb in ("update", "delete", "zero")}
    world.expenses = [expense(amount="70.00")]
    world.push()
    world.expenses = [expense(amount="70.00", status="disapproved")]
    world.push()
    world.refused, world.expenses = {}, [expense(amount="70.00")]
    world.push()
    assert world.row("TicketCharges")["unitPrice"] == Decimal("70.00")
    assert world.push().intents == []


def test_a_refused_write_whose_fact_is_gone_is_not_said_any_more() -> None:
    world = refused("create", REJECTED)
    world.time_logs = []
    plan = world.push_twice()
    assert (plan.intents, plan.findings, plan.is_failing) == ([], [], False)


def test_a_removal_is_tried_though_the_last_change_was_refused() -> None:
    world = refused("update", BLOCKED)
    world.time_logs = []
    assert verbs(world.push_twice()) == [("delete", "312")]


def test_one_refused_item_holds_up_no_other() -> None:
    world = refused("create", REJECTED)
    world.refused = {}
    world.time_logs.append(log(313))
    assert verbs(world.push()) == [("create", "313")]


def test_a_refused_note_fails_no_hours_and_no_money() -> None:
    world = Desk(messages=[message()], refused={("create", "note"): REJECTED})
    world.push()
    plan = world.push()
    assert (codes(plan.findings), plan.is_failing) == (["item_rejected"], False)


def test_a_lost_create_that_never_happened_is_made() -> None:
    world = Desk(time_logs=[log()])
    (intent,) = world.plan().intents
    world.write(intent, lost=VOID)
    assert verbs(world.push()) == [("create", "312")]
    assert world.push().intents == []


def test_a_lost_create_of_something_that_had_a_record_before_is_made_and_does_not_touch_that_record() -> None:
    world = Desk(time_logs=[log()])
    world.push()
    world.time_logs = []
    world.push_twice()
    world.time_logs = [log()]
    (intent,) = world.plan().intents
    for state in (VOID, REJECTED):
        world.write(intent, lost=state)
        assert verbs(world.plan(retry=True)) == [("create", "312")]
    world.time_logs = []
    assert world.push_twice(retry=True).intents == []


def test_a_lost_update_that_never_happened_is_made() -> None:
    world = Desk(time_logs=[log()])
    world.push()
    world.time_logs = LONGER
    (intent,) = world.plan().intents
    world.write(intent, lost=VOID)
    (again,) = world.push().intents
    assert again.body == intent.body
    assert world.push().intents == []


def test_a_lost_delete_that_never_happened_is_made_only_while_the_fact_is_gone() -> None:
    world = Desk(time_logs=[log()])
    world.push()
    world.time_logs = []
    world.push()
    world.wait()
    (intent,) = world.plan().intents
    world.write(intent, lost=VOID)
    world.time_logs = [log()]
    assert world.push().intents == []
    world.time_logs = []
    assert verbs(world.push_twice()) == [("delete", "312")]


def test_a_lost_removal_of_money_is_undone_when_the_expense_is_back() -> None:
    world = Desk(expenses=[expense()])
    world.push()
    world.expenses = [expense(status="disapproved")]
    (intent,) = world.plan().intents
    world.write(intent, lost=VOID)
    world.expenses = [expense()]
    assert world.push().intents[0].body["expenseCurrencyExpenseAmount"] == Decimal("50.00")
    assert world.push().intents == []


@pytest.mark.parametrize("logs", [[log()], [], LONGER, [log(end="")]], ids=["there", "gone", "changed", "open"])
def test_what_is_quarantined_says_so_and_stays_whatever_the_fact_does(logs: list[Any]) -> None:
    world = Desk(time_logs=[log()])
    world.push()
    world.set_entry("time_entry", "312", state=LedgerState.QUARANTINED, note="Records 1 and 2 carry the mark.")
    world.time_logs = logs
    plan = world.push_twice(retry=True, delete=True, resync=True)
    assert (plan.intents, codes(plan.findings), plan.is_failing) == ([], ["item_quarantined"], True)
    assert "Records 1 and 2" in plan.findings[0].text


def test_a_log_that_is_quarantined_is_not_split_beside_its_doubtful_record() -> None:
    world = Desk(time_logs=[log(start="2026-03-03 04:00:00", end="2026-03-03 08:00:00")])
    world.push()
    world.set_entry("time_entry", "312", state=LedgerState.QUARANTINED, remote_id="")
    world.file = the_file(time_entries={"split_at_midnight": True})
    assert world.push().intents == []


def test_what_counts_as_sent_without_a_record_is_left_and_a_change_of_it_is_said() -> None:
    world = Desk(time_logs=[log()])
    world.push()
    world.set_entry("time_entry", "312", verb="adopt", remote_id="")
    plan = world.push()
    assert (plan.intents, plan.findings) == ([], [])
    world.time_logs = LONGER
    plan = world.push()
    assert (plan.intents, codes(plan.findings), plan.is_failing) == ([], ["no_record_to_change"], False)


def test_a_record_of_another_connector_is_brought_up_to_date_where_it_is_behind() -> None:
    world = Desk(time_logs=[log()])
    world.push()
    standing = world.entry("time_entry", "312")
    behind = {**standing.facts, "item.out": ""}
    world.set_entry("time_entry", "312", verb="adopt", attempted={**standing.attempted, "facts": behind, "fields": []})
    (intent,) = world.push().intents
    assert sorted(intent.after) == ["endDateTime", "hoursWorked"]
