"""What is gone at Field Nation is taken away in Autotask, but never because it was only not seen."""

from datetime import timedelta
from typing import Any

import pytest

from app.core.planning.statuses import CANCELLED
from app.core.planning.ticket.to_ticket import Complete
from tests.core.planning.ticket.ticket_kit import SECOND_LOOK, Desk, codes, expense, log, the_file, verbs

UNREAD = Complete(time_logs=False, expenses=False)


def sent(count: int = 1, **desk: Any) -> Desk:
    """So many time logs, all at the ticket."""
    world = Desk(time_logs=[log(300 + number) for number in range(count)], **desk)
    world.push()
    return world


def test_a_removed_log_is_deleted_at_the_second_look_and_not_at_the_first() -> None:
    world = sent()
    world.time_logs = []
    first = world.push()
    assert (first.intents, first.looks_again, len(first.observed)) == ([], True, 1)
    world.wait(SECOND_LOOK - timedelta(seconds=1))
    early = world.push()
    assert (early.intents, early.looks_again) == ([], True)
    world.wait(timedelta(seconds=1))
    (intent,) = world.push().intents
    assert (intent.verb, intent.record, intent.reason) == (
        "delete",
        1001,
        "time log 300: it was removed at Field Nation",
    )
    last = world.push()
    assert (last.intents, last.looks_again, world.rows("TimeEntries")) == ([], False, [])


def test_a_log_that_is_seen_again_is_not_missing_any_more() -> None:
    world = sent()
    logs, world.time_logs = world.time_logs, []
    world.push()
    world.wait()
    world.time_logs = logs
    assert world.push().intents == []
    world.time_logs = []
    assert world.push().intents == []
    assert world.entry("time_entry", "300").missing_for == timedelta()


def test_a_list_that_was_not_read_to_its_end_deletes_nothing() -> None:
    world = sent()
    world.time_logs = []
    for _ in range(3):
        plan = world.push(UNREAD)
        world.wait()
    assert (plan.intents, plan.observed, plan.looks_again) == ([], [], False)


def test_the_second_look_is_made_again_when_the_list_was_cut_short_at_it() -> None:
    world = sent()
    world.time_logs = []
    world.push()
    world.wait()
    plan = world.push(UNREAD)
    assert (plan.intents, plan.looks_again) == ([], True)
    assert verbs(world.push()) == [("delete", "300")]


def test_each_list_answers_for_itself() -> None:
    world = sent(expenses=[expense()])
    world.time_logs, world.expenses = [], []
    half = Complete(time_logs=True, expenses=False)
    world.push(half)
    world.wait()
    assert verbs(world.push(half)) == [("delete", "300")]


@pytest.mark.parametrize(
    ("standing", "gone", "is_done"),
    [(1, 1, True), (2, 2, True), (3, 3, False), (4, 3, False), (5, 3, False), (6, 3, True), (8, 4, True)],
)
def test_many_removals_at_once_wait_for_a_person(standing: int, gone: int, is_done: bool) -> None:
    world = sent(standing)
    world.time_logs = world.time_logs[gone:]
    plan = world.push_twice()
    assert (len(world.rows("TimeEntries")) == standing - gone) is is_done
    assert (codes(plan.findings), plan.is_failing) == (([], False) if is_done else (["many_deletions"], True))
    assert codes(world.push().findings) == ([] if is_done else ["many_deletions"])


def test_a_person_who_asks_for_it_gets_many_removals() -> None:
    world = sent(4)
    world.time_logs = []
    world.push_twice()
    assert len(world.push(delete=True).intents) == 4
    assert world.rows("TimeEntries") == []


def test_even_a_person_who_asks_waits_for_the_second_look() -> None:
    world = sent(4)
    world.time_logs = []
    assert world.push(delete=True).intents == []


def test_records_of_all_kinds_count_and_what_waits_holds_up_nothing_else() -> None:
    world = sent(2, expenses=[expense(1), expense(2)])
    world.time_logs, world.expenses = [log(400)], []
    world.push()
    world.wait()
    plan = world.push()
    assert codes(plan.findings) == ["many_deletions"]
    assert "4 of the 5 records" in plan.findings[0].text
    assert len(world.rows("TimeEntries")) == 3


def test_denied_expenses_are_believed_at_once_however_many() -> None:
    world = Desk(the_file(expenses={"additional_charges": "charge"}), expenses=[expense(n) for n in range(1, 6)])
    world.push()
    world.expenses = [expense(n, status="disapproved") for n in range(1, 6)]
    assert len(world.push().intents) == 5


def test_a_cancelled_work_order_deletes_nothing_and_asks_for_no_more_looks() -> None:
    world = sent(expenses=[expense()])
    world.time_logs = []
    world.push()
    world.status, world.expenses = CANCELLED, [expense(status="disapproved")]
    for _ in range(2):
        world.wait()
        plan = world.push(delete=True)
        assert (plan.intents, plan.looks_again) == ([], False)
    world.status = 4
    assert verbs(world.push()) == [("delete", "300"), ("zero", "9001")]


def test_a_cancelled_work_order_still_sends_what_was_worked() -> None:
    assert verbs(Desk(time_logs=[log()], status=CANCELLED).push()) == [("create", "312")]


def test_a_log_that_was_removed_and_came_back_is_sent_again_once() -> None:
    world = sent()
    logs, world.time_logs = world.time_logs, []
    world.push_twice()
    world.time_logs = logs
    assert verbs(world.push()) == [("create", "300")]
    assert world.push().intents == []
    assert len(world.rows("TimeEntries")) == 1


def test_what_was_never_written_is_not_missed() -> None:
    world = Desk(the_file(time_entries={"resource_id": None}), time_logs=[log()])
    world.push()
    world.time_logs = []
    plan = world.push_twice(delete=True)
    assert (plan.intents, plan.findings, plan.looks_again) == ([], [], False)
