"""Expenses: what a request may say, how the wire shows them, and what they come to."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.simulators.field_nation.collection import embedded
from app.simulators.field_nation.companies import Company, is_provider, known
from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.files import file_url
from app.simulators.field_nation.part_records import Expense, FileBytes
from app.simulators.field_nation.view import View

Json = dict[str, Any]
STATES = ("new", "approved", "disapproved")
UNCATEGORIZED: Json = {"uid": 0, "id": 0, "company_expense_id": 0, "label": "Uncategorized", "type": "system"}


def read_expense(raw: Json, company: Company, present: Expense, now: datetime) -> Expense:
    """`present` with what a body says; raises a 400 refusal.

    Field Nation REST v2 schema: `amount` is text in requests. What else is refused is assumed.
    """
    changed = present
    if raw.get("category") is not None:
        changed = replace(changed, category=_category(raw["category"], company))
    if "description" in raw:
        changed = replace(changed, description=_text(raw["description"], "description"))
    if "status_description" in raw:
        changed = replace(changed, status_description=_text(raw["status_description"], "status_description"))
    if "amount" in raw:
        changed = replace(changed, amount=_amount(raw["amount"]))
    if "quantity" in raw:
        changed = replace(changed, quantity=_quantity(raw["quantity"]))
    return in_state(changed, raw.get("status", present.status), now)


def in_state(expense: Expense, state: Any, now: datetime) -> Expense:
    """The expense with that status; only an approved one has a time of approval."""
    if state not in STATES:
        raise Refusal(400, f"status must be one of {', '.join(STATES)}.")
    if state == expense.status:
        return expense
    reason = "" if state != "disapproved" else expense.status_description
    return replace(expense, status=state, status_description=reason, approved_at=now if state == "approved" else None)


def _category(raw: Any, company: Company) -> int:
    identity = raw.get("id") if isinstance(raw, dict) else None
    row = known(company.expenses, identity)
    if row is None or raw.get("uid") != row.get("uid", row["id"]):
        raise Refusal(400, "category.uid and category.id must name a category of the company.")
    return int(row["id"])


def _text(raw: Any, name: str) -> str:
    if not isinstance(raw, str):
        raise Refusal(400, f"{name} must be text.")
    return raw


def _amount(raw: Any) -> float:
    if not isinstance(raw, str) or not re.fullmatch(r"\d{1,9}(\.\d{1,2})?", raw):
        raise Refusal(400, "amount must be a decimal number as text.")
    return float(raw)


def _quantity(raw: Any) -> float:
    if isinstance(raw, bool) or not isinstance(raw, (int, float)) or raw <= 0:
        raise Refusal(400, "quantity must be a number.")
    return raw


def category_object(company: Company, identity: int) -> Json:
    """A category as the company list shows it; the id 0 is "Uncategorized"."""
    row = known(company.expenses, identity) or UNCATEGORIZED
    return {
        "uid": row.get("uid", row["id"]),
        "id": row["id"],
        "company_expense_id": row.get("company_expense_id", row["id"]),
        "label": row.get("label", ""),
        "description": row.get("description", ""),
        "amount": row.get("amount", 0),
        "type": row.get("type", "custom"),
        "is_travel": row.get("is_travel", False),
        "hide_pre_assign": row.get("hide_pre_assign", False),
        "actions": [],
    }


def expense_row(view: View, expense: Expense) -> Json:
    """One row; the receipt is there only when one was handed in."""
    category = category_object(view.company, expense.category)
    shown = {name: category[name] for name in ("id", "label", "type", "uid", "company_expense_id", "amount")}
    provided = int(is_provider(view.company, expense.author))
    row = {
        "id": expense.id,
        "company_id": view.company.id,
        "status": expense.status,
        "description": expense.description,
        "status_description": expense.status_description,
        "amount": expense.amount,
        "quantity": expense.quantity,
        "is_predefined": expense.category != 0,
        "author": {**view.person(expense.author), "is_provider": provided},
        "category": shown,
        "added": view.date(expense.added_at),
        "approved": view.date(expense.approved_at),
        "actions": ["edit", "delete", "reopen" if expense.status != "new" else "approve"],
    }
    return row if expense.receipt is None else {**row, "receipt": _receipt(view, expense.receipt)}


def _receipt(view: View, receipt: FileBytes) -> Json:
    link = file_url(view.files_url, receipt)
    about = {"id": receipt.id, "name": receipt.name, "type": receipt.mime, "size": receipt.size, "link": link}
    return {**about, "thumbnail": "", "slot_id": 0, "icon": ""}


def line_total(view: View, expense: Expense) -> float:
    """What one expense comes to; whether the amount is per piece is not published, so it is a switch."""
    times = expense.quantity if view.settings.expense_total == "amount_times_quantity" else 1
    return round(expense.amount * times, 2)


def approved_total(view: View) -> float:
    """Money of the approved expenses."""
    approved = (one for one in view.order.expenses.values() if one.status == "approved")
    return round(sum(line_total(view, one) for one in approved), 2)


def expense_rows(view: View) -> list[Json]:
    """Every row, oldest first."""
    return [expense_row(view, one) for one in view.order.expenses.values()]


def expense_facts(view: View) -> Json:
    """`sum` and `actions`: `all` and `approved_amount` are money, the words of states are counts (assumed)."""
    rows = list(view.order.expenses.values())
    counts = {state: sum(one.status == state for one in rows) for state in STATES}
    everything = round(sum(line_total(view, one) for one in rows), 2)
    money = {"all": everything, "charged": 0, "uncharged": everything}
    states = {"pending": counts["new"], "approved": counts["approved"], "denied": counts["disapproved"]}
    return {"sum": {**money, **states, "approved_amount": approved_total(view)}, "actions": ["add"]}


def embedded_expenses(view: View) -> Json:
    """The collection inside `pay`."""
    return {**embedded(expense_rows(view), view.settings), **expense_facts(view)}
