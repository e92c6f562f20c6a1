"""Hours and money that a program makes: what it gave is written, and where it broke nothing else stands in for it."""

from decimal import Decimal
from typing import Any

from app.core.model.script import Broke, Ran
from tests.core.mapping.outbound_kit import compiled
from tests.core.planning.ticket.ticket_kit import Desk, expense, log, verbs

BROKE = Broke("script_over_limit", "it took longer than 1 s", "Let it do less.")


def scripted(target: str, **more: Any) -> Any:
    return compiled({"target": target, "action": "custom", "script": "1", **more})


def test_hours_whose_program_broke_are_not_sent_and_are_sent_right_once_it_runs() -> None:
    world = Desk(rules=scripted("TimeEntry.[0].HoursWorked"), time_logs=[log()], outcome=BROKE)
    plan = world.push()
    assert (plan.intents, plan.is_failing) == ([], True)
    assert {one.code for one in plan.findings} == {"script_over_limit", "item_incomplete"}
    world.outcome = Ran(Decimal("2.5"))
    assert verbs(world.push()) == [("create", "312")]
    assert world.made[-1].body["hoursWorked"] == Decimal("2.5")


def test_a_default_that_its_author_gave_stands_in() -> None:
    world = Desk(rules=scripted("TimeEntry.[0].HoursWorked", default=1), time_logs=[log()], outcome=BROKE)
    assert verbs(world.push()) == [("create", "312")]
    assert world.made[-1].body["hoursWorked"] == 1


def test_an_amount_that_stands_is_left_alone_while_its_program_is_broken() -> None:
    world = Desk(rules=scripted("expense.items[0].ExpenseAmount"), expenses=[expense()], outcome=Ran(40))
    world.push()
    written = len(world.made)
    world.outcome = BROKE
    world.expenses = [expense(amount="60.00")]
    world.push()
    amounts = [one.body for one in world.made[written:] if any("Amount" in name for name in one.after)]
    assert amounts == []
    world.outcome = Ran(48)
    world.push()
    assert world.made[-1].after["expenseCurrencyExpenseAmount"] == 48
    assert world.push().intents == []
