"""Charges and expenses: exact amounts, rights, and reports that close at the wrong moment."""

from typing import Any

import pytest

BILLED = "This charge has been approved and posted and can no longer be changed or deleted."
CLOSED = "Expense items can be changed only while the report is In Progress or Rejected."
NO_MATCH = "No matching records found. The logged in Resource may not have the required permissions to delete the data."
CHARGE = {
    "name": "Parking", "chargeType": 1, "datePurchased": "2026-11-03", "unitQuantity": 3, "unitPrice": 0.1,
    "unitCost": 2.675, "billingCodeID": 29682801,
}  # fmt: skip
REPORT = {"name": "FN week 45", "submitterID": 29682885, "weekEnding": "2026-11-07"}
ITEM = {
    "description": "Parking", "expenseCategory": 5, "expenseDate": "2026-11-03", "haveReceipt": False,
    "isBillableToCompany": True, "paymentType": 1, "expenseCurrencyExpenseAmount": 12.5, "ticketID": 7002,
}  # fmt: skip


def _charge(sim: Any, **more: Any) -> int:
    made: int = sim.api.post("Tickets/7001/Charges", json={**CHARGE, **more}).json()["itemId"]
    return made


def _report(sim: Any) -> int:
    made: int = sim.api.post("ExpenseReports", json=REPORT).json()["itemId"]
    return made


def test_the_amounts_of_a_charge_are_exact(sim: Any) -> None:
    made = _charge(sim)
    text = sim.api.get(f"Tickets/7001/Charges/{made}").text
    assert '"billableAmount":0.3000' in text
    assert '"extendedCost":8.0250' in text
    sim.api.patch("Tickets/7001/Charges", json={"id": made, "unitPrice": 0})
    assert '"billableAmount":0.0000' in sim.api.get(f"TicketCharges/{made}").text


def test_a_billed_charge_is_out_of_reach_until_it_is_taken_back(sim: Any) -> None:
    made = _charge(sim)
    sim.sim.post(f"charges/101/{made}", json={"billed": True})
    change = {"id": made, "name": "Toll"}
    assert sim.refusal(sim.api.patch("Tickets/7001/Charges", json=change)) == BILLED
    assert sim.refusal(sim.api.delete(f"Tickets/7001/Charges/{made}")) == BILLED
    sim.sim.post(f"charges/101/{made}", json={"billed": False})
    assert sim.api.patch("Tickets/7001/Charges", json=change).status_code == 200


def test_a_delete_without_the_right_looks_like_a_missing_record(sim: Any) -> None:
    made = _charge(sim)
    rights = {"permissions": {"TicketCharges": {"delete": "None"}}}
    sim.sim.patch("users/broker@acme.example", json=rights)
    assert sim.refusal(sim.api.delete(f"Tickets/7001/Charges/{made}")) == NO_MATCH
    for path in ("TicketCharges", "Tickets/7001/Charges"):
        info = sim.api.get(f"{path}/entityInformation").json()["info"]
        assert (info["userAccessForDelete"], info["userAccessForUpdate"]) == ("None", "All")
    assert len(sim.query("TicketCharges", {"op": "eq", "field": "id", "value": made})) == 1
    sim.settings(forbidden_delete_is_no_match=False)
    assert "adequate permissions to delete" in sim.refusal(sim.api.delete(f"Tickets/7001/Charges/{made}"))


@pytest.mark.parametrize("status", ["submitted", "approved", "paid"])
def test_a_report_closes_after_the_item_it_was_told_to(sim: Any, status: str) -> None:
    report = _report(sim)
    assert sim.sim.post(f"expense-reports/101/{report}", json={"status": status, "after_items": 2}).status_code == 204
    made = sim.api.post(f"Expenses/{report}/Items", json=ITEM).json()["itemId"]
    change = {"id": made, "expenseCurrencyExpenseAmount": 0}
    assert sim.api.patch(f"Expenses/{report}/Items", json=change).status_code == 200
    assert sim.refusal(sim.api.post(f"Expenses/{report}/Items", json=ITEM)) == CLOSED
    assert sim.refusal(sim.api.patch(f"Expenses/{report}/Items", json=change)) == CLOSED
    sim.sim.post(f"expense-reports/101/{report}", json={"status": "rejected", "reason": "no receipt"})
    assert sim.api.get(f"ExpenseReports/{report}").json()["item"]["rejectionReason"] == "no receipt"
    assert sim.api.post(f"Expenses/{report}/Items", json=ITEM).status_code == 200
    assert sim.api.patch("ExpenseReports", json={"id": report, "submit": True}).status_code == 200
    assert sim.api.get(f"ExpenseReports/{report}").json()["item"]["status"] == 2


def test_a_week_keeps_the_date_that_was_sent_and_may_have_to_end_on_a_weekday(sim: Any) -> None:
    body = {**REPORT, "weekEnding": "2026-11-07T22:00:00-06:00"}
    made = sim.api.post("ExpenseReports", json=body).json()["itemId"]
    found = sim.query("ExpenseReports", {"op": "eq", "field": "weekEnding", "value": "2026-11-07"})
    assert [row["id"] for row in found] == [made]
    sim.settings(week_ends_on="sunday")
    assert sim.refusal(sim.api.post("ExpenseReports", json=body)) == "weekEnding must be a Sunday."


def test_an_item_belongs_to_the_company_of_its_ticket_or_task(sim: Any) -> None:
    report = _report(sim)
    stray = sim.api.post(f"Expenses/{report}/Items", json={**ITEM, "companyID": 29762801})
    assert "companyID does not match" in sim.refusal(stray)
    for_task = {**ITEM, "ticketID": None, "taskID": 29690301}
    made = sim.api.post(f"Expenses/{report}/Items", json=for_task).json()["itemId"]
    item = sim.api.get(f"ExpenseItems/{made}").json()["item"]
    assert (item["companyID"], item["projectID"]) == (29762801, 29690201)
    twice = [sim.api.post(f"Expenses/{report}/Items", json=ITEM).json()["itemId"] for _ in range(2)]
    moved = sim.api.patch(f"Expenses/{report}/Items", json={"id": twice[0], "ticketID": 7001})
    assert moved.status_code == 200
    assert sim.api.get(f"ExpenseReports/{report}").json()["item"]["internalCurrencyExpenseTotal"] == 37.5
