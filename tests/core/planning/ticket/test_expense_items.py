"""Expenses as items of an expense report."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.core.model.connection import ConnectionFile
from app.core.planning.ticket.money import week_ending
from app.core.planning.ticket.wishes import CUT
from tests.core.mapping.outbound_kit import compiled, rule, static
from tests.core.planning.ticket.ticket_kit import Desk, codes, expense, the_file, verbs


def items(*expenses: Any, **desk: Any) -> Desk:
    """After a push of these expenses to the expense module."""
    world = Desk(expenses=list(expenses), **desk)
    world.push()
    return world


def money(**settings: Any) -> ConnectionFile:
    return the_file(expenses=settings)


def test_an_approved_expense_becomes_an_item_with_what_nobody_mapped() -> None:
    assert items(expense()).row("ExpenseItems") == {
        "id": 1001,
        "ticketID": 7,
        "description": "Taxi",
        "expenseCategory": 2,
        "paymentType": 1,
        "isBillableToCompany": True,
        "haveReceipt": False,
        "expenseCurrencyExpenseAmount": Decimal("50.00"),
        "internalCurrencyExpenseAmount": Decimal("50.00"),
        "expenseDate": "2026-03-01T00:00:00",
        "purchaseOrderNumber": "(#9001)",
    }


def test_a_mapped_amount_fills_both_amount_fields() -> None:
    rules = compiled(rule("expenses[0].quantity", "expense.items[0].ExpenseAmount"))
    row = items(expense(quantity="7.5"), rules=rules).row("ExpenseItems")
    assert row["expenseCurrencyExpenseAmount"] == row["internalCurrencyExpenseAmount"] == Decimal("7.5")


def test_a_changed_amount_changes_both_amount_fields_in_the_report_that_holds_the_item() -> None:
    world = items(expense())
    world.expenses = [expense(amount="55.25")]
    (intent,) = world.push().intents
    amounts = {"expenseCurrencyExpenseAmount": Decimal("55.25"), "internalCurrencyExpenseAmount": Decimal("55.25")}
    assert (intent.body, intent.parent) == ({"id": 1001, **amounts}, ("Expenses", 900))
    assert world.push().intents == []


def test_a_mapped_category_is_written_as_its_id() -> None:
    rules = compiled(rule("expenses[0].category", "expense.items[0].ExpenseCategory"))
    assert items(expense(), rules=rules).row("ExpenseItems")["expenseCategory"] == 2


def test_a_long_description_is_cut_with_a_word_and_a_finding() -> None:
    world = Desk(expenses=[expense(description="d" * 200)])
    assert codes(world.push().findings) == ["text_cut"]
    text = world.row("ExpenseItems")["description"]
    assert (len(text), text[-len(CUT) :]) == (128, CUT)


@pytest.mark.parametrize(
    ("receipt", "has"),
    [
        ({"id": 4, "name": "taxi.pdf"}, True),
        ({"id": None, "link": ""}, False),
        ({}, False),
        ([], False),
        (None, False),
        ("https://files.example/4", True),
    ],
)
def test_whether_there_is_a_receipt_is_a_fact_of_the_expense_unless_the_file_says(receipt: Any, has: bool) -> None:
    paid = expense(receipt=receipt)
    assert items(paid).row("ExpenseItems")["haveReceipt"] is has
    for setting in (True, False):
        assert items(paid, file=money(have_receipt=setting)).row("ExpenseItems")["haveReceipt"] is setting


def test_a_receipt_that_was_added_later_is_told() -> None:
    world = items(expense())
    world.expenses = [expense(receipt={"id": 4})]
    assert world.push().intents[0].body == {"id": 1001, "haveReceipt": True}


@pytest.mark.parametrize("setting", ["submitter_id", "expense_category", "payment_type"])
def test_what_autotask_demands_and_nobody_gives_is_named(setting: str) -> None:
    plan = items(file=money(**{setting: None})).push()
    assert plan.findings == []
    plan = Desk(money(**{setting: None}), expenses=[expense()]).push()
    named = {"submitter_id": "submitter_id", "expense_category": "expenseCategory", "payment_type": "paymentType"}
    assert (plan.intents, codes(plan.findings), plan.is_failing) == ([], ["item_incomplete"], True)
    assert named[setting] in plan.findings[0].text


def test_an_expense_without_a_day_needs_a_mapped_one() -> None:
    undated = expense(added=None)
    assert "expenseDate" in Desk(expenses=[undated]).push().findings[0].text
    rules = compiled(static("expense.items[0].ExpenseDate", "2026-03-05"))
    assert items(undated, rules=rules).row("ExpenseItems")["expenseDate"].startswith("2026-03-05T00:00:00")


@pytest.mark.parametrize("gone", [[], [expense(status="disapproved")]], ids=["removed", "denied"])
def test_an_item_cannot_be_deleted_so_a_lost_expense_is_set_to_nothing_and_says_so(gone: list[Any]) -> None:
    world = items(expense())
    world.expenses = gone
    world.push_twice()
    row = world.row("ExpenseItems")
    assert row["expenseCurrencyExpenseAmount"] == row["internalCurrencyExpenseAmount"] == 0
    assert row["description"] == "Removed at Field Nation; the amount was set to 0."
    assert (world.made[-1].verb, world.made[-1].parent) == ("zero", ("Expenses", 900))
    assert world.push_twice().intents == []


def test_an_item_that_was_set_to_nothing_is_restored_when_the_expense_is_back() -> None:
    world = items(expense())
    before = dict(world.row("ExpenseItems"))
    world.expenses = [expense(status="disapproved")]
    world.push()
    world.expenses, world.file = [expense()], money(billable=False, expense_category=4)
    (intent,) = world.push().intents
    assert sorted(intent.after) == ["description", "expenseCurrencyExpenseAmount", "internalCurrencyExpenseAmount"]
    assert world.row("ExpenseItems") == before
    assert world.push().intents == []


def test_an_item_that_comes_back_with_another_amount_gets_that_one() -> None:
    world = items(expense())
    world.expenses = [expense(status="disapproved")]
    world.push()
    world.expenses = [expense(amount="61.00")]
    world.push()
    assert world.row("ExpenseItems")["expenseCurrencyExpenseAmount"] == Decimal("61.00")


@pytest.mark.parametrize(
    "later",
    [
        money(have_receipt=True),
        money(amount="unit"),
        money(expense_category=4, payment_type=9, billable=False),
        money(submitter_id=1),
        money(week_ends_on="monday"),
        money(additional_charges="charge"),
    ],
    ids=["receipt", "unit", "codes", "submitter", "week", "charges"],
)
def test_a_setting_that_is_changed_later_rewrites_nothing_and_doubles_nothing(later: ConnectionFile) -> None:
    world = items(expense(quantity=3))
    world.file = later
    assert world.push_twice().intents == []


def test_a_quantity_counts_from_the_change_of_the_setting_on() -> None:
    world = items(expense(quantity=3))
    world.file = money(amount="unit")
    world.push()
    world.expenses = [expense(quantity=4)]
    assert world.push().intents[0].body["expenseCurrencyExpenseAmount"] == Decimal("200.00")


@pytest.mark.parametrize("offset", range(7))
@pytest.mark.parametrize(
    ("last_day", "ends"),
    [
        ("monday", date(2026, 3, 9)),
        ("tuesday", date(2026, 3, 10)),
        ("wednesday", date(2026, 3, 11)),
        ("thursday", date(2026, 3, 12)),
        ("friday", date(2026, 3, 13)),
        ("saturday", date(2026, 3, 14)),
        ("sunday", date(2026, 3, 15)),
    ],
)
def test_the_seven_days_up_to_the_last_one_are_one_week(last_day: str, ends: date, offset: int) -> None:
    assert week_ending(ends - timedelta(days=offset), last_day) == ends
    assert week_ending(ends + timedelta(days=1), last_day) == ends + timedelta(days=7)


def test_an_expense_that_is_both_edited_and_moved_back_to_new_waits_for_its_approval() -> None:
    world = items(expense())
    world.expenses = [expense(amount="70.00", status="new")]
    assert world.push_twice().intents == []
    world.expenses = [expense(amount="70.00")]
    assert verbs(world.push()) == [("update", "9001")]
