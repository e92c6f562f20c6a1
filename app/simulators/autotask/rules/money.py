"""Ticket charges, expense reports and expense items."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.simulators.autotask.drafts import Draft, Rule
from app.simulators.autotask.errors import ApiError, missing
from app.simulators.autotask.records import Database, Row
from app.simulators.autotask.rules.resources import require_person
from app.simulators.autotask.rules.tickets import touch_ticket

MATERIAL_CODE = 4
IN_PROGRESS, AWAITING_APPROVAL, APPROVED, REJECTED, PAID = 1, 2, 3, 4, 5


def _write_charge(draft: Draft) -> None:
    if draft.row is not None:
        _require_not_billed(draft)
    if draft.get("billingCodeID") is None and draft.get("productID") is None:
        raise ApiError("billingCodeID or productID is required")
    code = draft.db.find("BillingCodes", draft.get("billingCodeID"))
    if code is not None and code.get("useType") != MATERIAL_CODE:
        raise ApiError("The given allocation code is not an active material allocation code")
    source = code or draft.db.find("Products", draft.get("productID"))
    if source is not None:
        draft.default(unitCost=source.get("unitCost"), unitPrice=source.get("unitPrice"))
    draft.default(unitCost=0.0, unitPrice=0.0, isBillableToCompany=True, isBilled=False, status=7)
    _price(draft)


def _price(draft: Draft) -> None:
    # Both amounts are computed by the vendor (Autotask developer help, ticket charges).
    quantity = draft.get("unitQuantity") or 0.0
    draft.values["billableAmount"] = _times(quantity, draft.get("unitPrice"))
    draft.values["extendedCost"] = _times(quantity, draft.get("unitCost"))
    draft.values["internalCurrencyBillableAmount"] = draft.values["billableAmount"]
    draft.values["internalCurrencyUnitPrice"] = draft.get("unitPrice")


def _times(quantity: float, price: float) -> float:
    """The product as decimals, four places, half away from zero."""
    return float((Decimal(str(quantity)) * Decimal(str(price))).quantize(Decimal("0.0001"), ROUND_HALF_UP))


def _require_not_billed(draft: Draft) -> None:
    if draft.row is not None and draft.row.get("isBilled") and not draft.actor.is_person:
        raise ApiError("This charge has been approved and posted and can no longer be changed or deleted.")


def _create_report(draft: Draft) -> None:
    require_person(draft, "submitterID")
    _check_week(draft)
    draft.values["status"] = IN_PROGRESS
    draft.default(internalCurrencyExpenseTotal=0.0, internalCurrencyCashAdvanceAmount=0.0, quickBooksReferenceNumber="")
    draft.default(reimbursementCurrencyAmountDue=0.0, amountDue=0.0, rejectionReason="")
    _submit(draft)


def _update_report(draft: Draft) -> None:
    require_person(draft, "submitterID")
    _check_week(draft)
    _submit(draft)


def _check_week(draft: Draft) -> None:
    day = draft.switches.week_ends_on
    if day is not None and draft.get("weekEnding").strftime("%A").lower() != day.lower():
        raise ApiError(f"weekEnding must be a {day.capitalize()}.")


def _submit(draft: Draft) -> None:
    if not draft.values.get("submit"):
        return
    if draft.get("status") not in (IN_PROGRESS, REJECTED):
        raise ApiError("An expense report can be submitted only when it is In Progress or Rejected.")
    draft.values |= {"status": AWAITING_APPROVAL, "submitDate": draft.now_at}


def move_report(report: Row, status: int, now_at: datetime, person_id: int, reason: str = "") -> None:
    """What an approver does to a report: any status, with the fields that go with it."""
    changes: dict[str, Any] = {"status": status, "rejectionReason": reason if status == REJECTED else ""}
    if status == AWAITING_APPROVAL:
        changes["submitDate"] = now_at
    if status in (APPROVED, PAID):
        changes |= {"approvedDate": now_at, "approverID": person_id}
    report.write(changes)


def _write_item(draft: Draft) -> None:
    report = draft.db.find("ExpenseReports", draft.get("expenseReportID"))
    if report is not None and report.get("status") not in (IN_PROGRESS, REJECTED):
        raise ApiError("Expense items can be changed only while the report is In Progress or Rejected.")
    _require_category_fields(draft)
    _set_company(draft)
    _set_amounts(draft)
    draft.default(isReimbursable=True, isRejected=False, purchaseOrderNumber="")


def _category_label(draft: Draft) -> str:
    picks = draft.db.picks("ExpenseItems", "expenseCategory")
    return next((p["label"] for p in picks if p["value"] == str(draft.get("expenseCategory"))), "")


def _require_category_fields(draft: Draft) -> None:
    label = _category_label(draft)
    needed = {"Mileage": ("origin", "destination", "miles"), "Entertainment": ("entertainmentLocation",)}
    absent = [name for name in needed.get(label, ()) if draft.get(name) in (None, "")]
    if label == "Mileage" and draft.get("odometerStart") is not None and draft.get("odometerEnd") is not None:
        absent = [name for name in absent if name != "miles"]
    has_amount = any(
        draft.get(n) is not None for n in ("expenseCurrencyExpenseAmount", "internalCurrencyExpenseAmount")
    )
    if label != "Mileage" and not has_amount:
        absent.append("expenseCurrencyExpenseAmount")
    if absent:
        raise ApiError(*[missing(name) for name in absent])


def _set_company(draft: Draft) -> None:
    task = draft.db.find("Tasks", draft.get("taskID"))
    if task is not None:
        draft.values["projectID"] = task.get("projectID")
    owner = draft.db.find("Tickets", draft.get("ticketID")) or draft.db.find("Projects", draft.get("projectID"))
    if owner is None:
        draft.default(companyID=0)
        return
    if draft.values.get("companyID") not in (None, owner.get("companyID")):
        raise ApiError("companyID does not match the company of the ticket or project.")
    draft.values["companyID"] = owner.get("companyID")


def _set_amounts(draft: Draft) -> None:
    twins = ("expenseCurrencyExpenseAmount", "internalCurrencyExpenseAmount")
    written = [name for name in twins if draft.values.get(name) is not None]
    amount = draft.values[written[0]] if written else draft.get(twins[0])
    if amount is None:
        amount = round((draft.get("miles") or 0.0) * 0.5, 4)
    for name in (*twins, "internalCurrencyReimbursementAmount", "reimbursementCurrencyReimbursementAmount"):
        if written or draft.get(name) is None:
            draft.values[name] = amount


def _item_settled(draft: Draft, row: Row) -> None:
    report_id = row.get("expenseReportID")
    total_report(draft.db, report_id)
    left, status = draft.db.closing_reports.get(report_id, (0, 0))
    report = draft.db.find("ExpenseReports", report_id)
    if left > 0 and report is not None:
        draft.db.closing_reports[report_id] = (left - 1, status)
        if left == 1:
            move_report(report, status, draft.now_at, draft.actor.resource_id)


def total_report(db: Database, report_id: int) -> None:
    """Recompute the totals of a report from its items."""
    report = db.find("ExpenseReports", report_id)
    if report is None:
        return
    items = db.rows_with("ExpenseItems", "expenseReportID", report_id)
    total = sum(row.get("internalCurrencyExpenseAmount") or 0.0 for row in items)
    due = total - (report.get("internalCurrencyCashAdvanceAmount") or 0.0)
    report.write({"internalCurrencyExpenseTotal": total, "amountDue": due, "reimbursementCurrencyAmountDue": due})


CHARGES = Rule(create=_write_charge, update=_write_charge, delete=_require_not_billed, settled=touch_ticket)
EXPENSE_REPORTS = Rule(create=_create_report, update=_update_report)
EXPENSE_ITEMS = Rule(create=_write_item, update=_write_item, settled=_item_settled)
