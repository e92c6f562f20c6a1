"""Expenses as charges of the ticket."""

from decimal import Decimal
from typing import Any

import pytest

from app.core.model.connection import ConnectionFile
from app.core.planning.ticket.place import Place
from app.core.planning.ticket.wishes import CUT
from tests.core.mapping.outbound_kit import compiled, rule, static
from tests.core.planning.ticket.ticket_kit import Desk, codes, expense, the_file, verbs


def as_charges(**settings: Any) -> ConnectionFile:
    return the_file(expenses={"additional_charges": "charge", **settings})


def charges(*expenses: Any, **desk: Any) -> Desk:
    """After a push of these expenses as charges."""
    desk.setdefault("file", as_charges())
    world = Desk(expenses=list(expenses), **desk)
    world.push()
    return world


def test_an_approved_expense_becomes_a_charge_with_what_nobody_mapped() -> None:
    assert charges(expense()).row("TicketCharges") == {
        "id": 1001,
        "ticketID": 7,
        "name": "Taxi",
        "description": "Taxi",
        "chargeType": 1,
        "billingCodeID": 29682801,
        "isBillableToCompany": True,
        "unitQuantity": 1,
        "unitPrice": Decimal("50.00"),
        "unitCost": Decimal("50.00"),
        "datePurchased": "2026-03-01T00:00:00",
        "notes": "(#9001)",
    }


def test_a_charge_stands_under_its_ticket() -> None:
    world = charges(expense())
    assert world.made[0].parent == ("Tickets", 7)
    world.place = Place("Tickets", 8)
    world.expenses = [expense(amount="60.00")]
    (change,) = world.push().intents
    assert (change.parent, change.body["unitPrice"]) == (("Tickets", 7), Decimal("60.00"))


@pytest.mark.parametrize(
    ("setting", "amount", "quantity", "price"),
    [
        ("line", "12.10", 3, "12.10"),
        ("unit", "12.10", 3, "36.30"),
        ("unit", "0.1", "0.3", "0.03"),
        ("unit", 19.99, 7, "139.93"),
        ("unit", "12.10", None, "12.10"),
        ("unit", "12.10", "", "12.10"),
        ("unit", "12.10", 0, "0"),
        ("line", 1e-05, 1, "0.00001"),
        ("line", "-5.00", 1, "-5"),
    ],
)
def test_amounts_are_exact(setting: str, amount: Any, quantity: Any, price: str) -> None:
    row = charges(expense(amount=amount, quantity=quantity), file=as_charges(amount=setting)).row("TicketCharges")
    assert row["unitPrice"] == row["unitCost"] == Decimal(price)


@pytest.mark.parametrize(
    ("amount", "quantity"),
    [("free", 1), (None, 1), ("", 1), (True, 1), ("NaN", 1), ("1e999999", 1), ({"sum": 5}, 1), ("5", "two")],
)
def test_an_amount_that_is_no_number_is_said_and_nothing_is_written(amount: Any, quantity: Any) -> None:
    plan = Desk(as_charges(amount="unit"), expenses=[expense(amount=amount, quantity=quantity)]).push()
    assert (plan.intents, codes(plan.findings), plan.is_failing) == ([], ["amount_unreadable"], True)


def test_an_expense_that_nobody_approved_is_not_judged_yet() -> None:
    plan = charges().push()
    assert plan.findings == []
    plan = Desk(as_charges(), expenses=[expense(amount="?", status="new"), expense(2, "?", "disapproved")]).push()
    assert (plan.intents, plan.findings, plan.is_failing) == ([], [], False)


@pytest.mark.parametrize(("send", "sent"), [("approved", ["9002"]), ("submitted", ["9001", "9002"])])
def test_which_expenses_are_sent_is_said_by_the_file(send: str, sent: list[str]) -> None:
    rows = [expense(9001, status="new"), expense(9002), expense(9003, status="disapproved")]
    assert [key for _, key in verbs(Desk(as_charges(send=send), expenses=rows).plan())] == sent


@pytest.mark.parametrize("status", ["new", "pending", "", None])
def test_an_expense_that_was_opened_again_keeps_its_charge_and_waits(status: Any) -> None:
    world = charges(expense())
    world.expenses = [expense(amount="70.00", status=status)]
    assert world.push_twice().intents == []
    world.expenses = [expense(amount="70.00")]
    assert verbs(world.push()) == [("update", "9001")]


def test_a_denied_expense_loses_its_charge_at_once() -> None:
    world = charges(expense())
    world.expenses = [expense(status="disapproved")]
    (intent,) = world.push().intents
    assert (intent.verb, intent.reason) == ("delete", "expense 9001: it was denied at Field Nation")
    assert world.rows("TicketCharges") == []


def test_an_expense_that_was_denied_and_approved_again_is_charged_again_once() -> None:
    world = charges(expense())
    world.expenses = [expense(status="disapproved")]
    world.push()
    world.expenses = [expense()]
    assert verbs(world.push()) == [("create", "9001")]
    assert world.push().intents == []
    assert len(world.rows("TicketCharges")) == 1


def test_a_changed_amount_changes_price_and_cost_only() -> None:
    world = charges(expense())
    world.expenses = [expense(amount="55.25")]
    (intent,) = world.push().intents
    assert intent.body == {"id": 1001, "unitPrice": Decimal("55.25"), "unitCost": Decimal("55.25")}


def test_the_same_amount_spelled_otherwise_is_no_change() -> None:
    world = charges(expense(amount="50.00"))
    for spelled in (50, 50.0, "50"):
        world.expenses = [expense(amount=spelled)]
        assert world.push().intents == []


def test_the_name_is_the_description_or_the_category_or_the_number() -> None:
    rows = [expense(1), expense(2, description=""), expense(3, description=None, category=None)]
    assert [row["name"] for row in charges(*rows).rows("TicketCharges")] == ["Taxi", "Travel", "Field Nation expense 3"]


def test_a_long_description_is_cut_in_the_name_and_whole_beside_it() -> None:
    row = charges(expense(description="d" * 150)).row("TicketCharges")
    assert (len(row["name"]), row["name"][-len(CUT) :], len(row["description"])) == (100, CUT, 150)


def test_the_mark_stays_where_a_long_text_is_mapped_to_its_field() -> None:
    row = charges(expense(), rules=compiled(rule("title", "TicketCost.[0].Name"))).row("TicketCharges")
    assert (row["name"], row["notes"]) == ("Replace UPS", "(#9001)")


def test_mapped_values_beat_built_in_ones() -> None:
    rules = compiled(static("TicketCost.[0].ChargeName", "Travel cost"), static("TicketCost.[0].Amount", 9))
    row = charges(expense(), rules=rules).row("TicketCharges")
    assert (row["name"], row["unitPrice"], row["unitCost"]) == ("Travel cost", Decimal(9), Decimal(9))


@pytest.mark.parametrize(
    ("file", "more", "named"),
    [
        (as_charges(charge={"charge_type": 1}), {}, "billingCodeID"),
        (as_charges(), {"added": None}, "datePurchased"),
        (as_charges(), {"added": {"utc": "9999-12-31 23:00:00"}}, "datePurchased"),
    ],
)
def test_what_autotask_demands_and_nobody_gives_is_named(file: ConnectionFile, more: Any, named: str) -> None:
    plan = Desk(file, expenses=[expense(**more)]).push()
    assert (plan.intents, codes(plan.findings), plan.is_failing) == ([], ["item_incomplete"], True)
    assert named in plan.findings[0].text


def test_a_task_takes_no_charges_and_that_is_said() -> None:
    plan = Desk(as_charges(), place=Place("Tasks", 55), expenses=[expense()]).push()
    assert (plan.intents, "takes no charges" in plan.findings[0].text) == ([], True)


def test_without_the_right_to_delete_a_removed_charge_is_set_to_nothing_and_says_so() -> None:
    world = charges(expense(), may_delete_charges=False)
    world.expenses = []
    (intent,) = world.push_twice().intents
    assert intent.verb == "zero"
    row = world.row("TicketCharges")
    assert (row["unitPrice"], row["unitCost"], row["isBillableToCompany"]) == (0, 0, False)
    assert row["description"] == "Removed at Field Nation; set to 0 and not billable."
    assert world.push_twice().intents == []


@pytest.mark.parametrize("text", ["Taxi", ""])
def test_a_charge_that_was_set_to_nothing_is_restored_when_the_expense_is_back(text: str) -> None:
    world = charges(expense(description=text), may_delete_charges=False)
    before = dict(world.row("TicketCharges"))
    world.expenses = [expense(description=text, status="disapproved")]
    world.push()
    world.expenses = [expense(description=text)]
    assert verbs(world.push()) == [("update", "9001")]
    assert world.row("TicketCharges") == before
    assert world.push().intents == []


@pytest.mark.parametrize(
    "later",
    [
        as_charges(amount="unit"),
        as_charges(billable=False),
        as_charges(charge={"billing_code_id": 5, "charge_type": 2}),
        as_charges(send="submitted"),
        the_file(),
        the_file(time_zone="Asia/Kolkata", expenses={"additional_charges": "charge"}),
    ],
    ids=["unit", "billable", "code", "send", "expense module", "zone"],
)
def test_a_setting_that_is_changed_later_rewrites_nothing_and_doubles_nothing(later: ConnectionFile) -> None:
    world = charges(expense(quantity=3))
    world.file = later
    assert world.push_twice().intents == []
    assert world.rows("ExpenseItems") == []


def test_what_was_sent_as_a_charge_is_kept_in_step_as_one_when_the_file_says_otherwise() -> None:
    world = charges(expense(1), expense(2))
    world.file = the_file()
    world.expenses = [expense(1, "70.00"), expense(2, status="disapproved"), expense(3)]
    assert [(intent.kind, intent.verb, intent.key) for intent in world.push().intents] == [
        ("charge", "update", "1"),
        ("charge", "delete", "2"),
        ("expense_item", "create", "3"),
    ]
    assert world.push().intents == []
