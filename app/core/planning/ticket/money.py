"""Money: expenses of the work order as charges of the ticket, or as items of an expense report."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from app.core.mapping.values import as_number, show
from app.core.model.document import Document, Json
from app.core.model.intent import Phase
from app.core.planning.ticket.context import Context, at_midnight
from app.core.planning.ticket.items import Items, Kind, is_sent
from app.core.planning.ticket.wishes import Fact, FieldWish, cut, fixed, sourced

CHARGE = Kind("charge", "TicketCharges", Phase.MONEY, "expense")
CHARGE_KEPT = Kind("charge", "TicketCharges", Phase.MONEY, "expense", removal="zero")
"""Charges of a database whose API user may not delete any."""
EXPENSE_ITEM = Kind("expense_item", "ExpenseItems", Phase.MONEY, "expense", removal="zero")

_MOST_BEFORE_POINT: Final = 15
"""A double keeps so many digits exactly; what has more is no amount."""
_MOST_DIGITS: Final = 30
_DENIED: Final = "disapproved"
_APPROVED: Final = "approved"
_WEEK_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NAME_LENGTH: Final = 100


def money_kind(context: Context, *, may_delete: bool) -> Kind:
    """The kind that the connection file sends expenses as."""
    if context.file.expenses.additional_charges == "charge":
        return CHARGE if may_delete else CHARGE_KEPT
    return EXPENSE_ITEM


def money_kinds(context: Context, *, may_delete: bool) -> tuple[Kind, ...]:
    """That kind, and the other one where it was used before: what was sent stays where it is."""
    charge = CHARGE if may_delete else CHARGE_KEPT
    used = {entry.key.kind for entry in context.entries} | {money_kind(context, may_delete=may_delete).name}
    return tuple(kind for kind in (charge, EXPENSE_ITEM) if kind.name in used)


def money_items(context: Context, kind: Kind, *, is_complete: bool) -> Items:
    """What the expenses of the work order should be as records of that kind. Those that nobody approved yet wait,
    unless the file sends what is submitted; a denied one counts as gone."""
    facts: dict[str, Fact] = {}
    held: set[str] = set()
    denied: dict[str, str] = {}
    wanted = {_APPROVED, "new"} if context.file.expenses.send == "submitted" else {_APPROVED}
    for id, expense in context.items("expenses"):
        status = str(expense.get("status") or "").strip().lower()
        if not _is_of(kind, id, context):
            continue
        if status == _DENIED:
            denied[id] = "it was denied at Field Nation"
        elif status not in wanted or (money := _money(expense, id, context)) is None:
            held.add(id)
        elif kind.name == CHARGE.name:
            facts[id] = _charge(expense, id, money, context)
        else:
            facts[id] = _expense_item(expense, id, money, context)
    return Items(facts, is_complete, frozenset(held), denied, _zeroed(kind))


def _is_of(kind: Kind, id: str, context: Context) -> bool:
    """Whether the expense goes there: where it was sent before, else where the file says today."""
    kinds = (CHARGE.name, EXPENSE_ITEM.name)
    sent = {entry.key.kind for entry in context.entries if entry.key.key == id and is_sent(entry)}.intersection(kinds)
    return kind.name in (sent or {money_kind(context, may_delete=True).name})


@dataclass(frozen=True, slots=True)
class Money:
    """What an expense comes to, exactly, with the facts that say so."""

    amount: Decimal
    sources: Mapping[str, Json]


def _money(expense: Document, id: str, context: Context) -> Money | None:
    """None when the vendor gave no sensible number. In the setting `unit` the quantity counts; none given is one."""
    is_unit = context.file.expenses.amount == "unit"
    given = {name: expense.get(name) for name in (("amount", "quantity") if is_unit else ("amount",))}
    if is_unit and given["quantity"] in (None, ""):
        given["quantity"] = Decimal(1)
    numbers = {f"item.{name}": _number(value) for name, value in given.items()}
    if None in numbers.values():
        told = " and ".join(f"the {name} {show(value)}" for name, value in given.items())
        text = f"expense {id} has {told}: that is no amount, so it was not sent."
        mend = "Correct the expense in Field Nation."
        context.cannot_read("expenses", "amount_unreadable", text, mend, f"expense/{id}")
        return None
    amount = Decimal(1)
    for number in numbers.values():
        amount *= number or Decimal(0)
    return Money(amount, numbers)


def _number(value: Json) -> Decimal | None:
    number = as_number(value)
    if not number:
        return None if number is None else Decimal(0)
    is_sensible = -_MOST_DIGITS < number.adjusted() < _MOST_BEFORE_POINT
    return number if is_sensible and len(number.as_tuple().digits) <= _MOST_DIGITS else None


def _charge(expense: Document, id: str, money: Money, context: Context) -> Fact:
    settings = context.file.expenses
    label, text = _words(expense)
    name = cut(text or label or f"Field Nation expense {id}", _NAME_LENGTH)
    built_in = (
        *fixed(
            **context.place.wish, chargeType=settings.charge.charge_type, billingCodeID=settings.charge.billing_code_id
        ),
        *fixed(isBillableToCompany=settings.billable, unitQuantity=1),
        sourced("name", name, **{"item.description": text, "item.category": label}),
        sourced("unitPrice", money.amount, **money.sources),
        sourced("unitCost", money.amount, **money.sources),
        *_dated("datePurchased", expense, context),
        sourced("description", text, **{"item.description": text}),
    )
    return context.fact(
        "charges",
        CHARGE.entity,
        id,
        f"expense {id}",
        id,
        built_in,
        expense,
        lambda values: _no_charge(values, context),
        "notes",
    )


def _no_charge(values: Mapping[str, Json], context: Context) -> str:
    if context.place.is_task:
        return "a project's task takes no charges; send expenses to the expense module"
    demanded = ("name", "chargeType", "unitPrice", "datePurchased")
    missing = [field for field in demanded if values.get(field) in (None, "")]
    if values.get("billingCodeID") is None and values.get("productID") is None:
        missing.append("billingCodeID")
    if missing:
        return f"a charge needs {', '.join(missing)}; set expenses.charge or map it"
    return ""


def _expense_item(expense: Document, id: str, money: Money, context: Context) -> Fact:
    settings = context.file.expenses
    label, text = _words(expense)
    description = text or label or f"Field Nation expense {id}"
    built_in = (
        *fixed(**context.place.wish, expenseCategory=settings.expense_category, paymentType=settings.payment_type),
        *fixed(isBillableToCompany=settings.billable),
        _receipt(expense, context),
        sourced("description", description, **{"item.description": text, "item.category": label}),
        sourced("expenseCurrencyExpenseAmount", money.amount, **money.sources),
        sourced("internalCurrencyExpenseAmount", money.amount, **money.sources),
        *_dated("expenseDate", expense, context),
    )
    return context.fact(
        "expense_items",
        EXPENSE_ITEM.entity,
        id,
        f"expense {id}",
        id,
        built_in,
        expense,
        lambda values: _no_item(values, context),
        "purchaseOrderNumber",
    )


def _receipt(expense: Document, context: Context) -> FieldWish:
    """Whether there is a receipt: a fact of the expense, or a word of the file, whose change rewrites nothing."""
    setting, receipt = context.file.expenses.have_receipt, expense.get("receipt")
    if setting != "auto":
        return FieldWish("haveReceipt", setting)
    has = any(receipt.values()) if isinstance(receipt, Mapping) else bool(receipt)
    return sourced("haveReceipt", has, **{"item.receipt": has})


def _no_item(values: Mapping[str, Json], context: Context) -> str:
    demanded = ("description", "expenseCategory", "expenseDate", "paymentType")
    missing = [field for field in demanded if values.get(field) in (None, "")]
    if context.file.expenses.submitter_id is None:
        missing.append("a submitter (expenses.submitter_id)")
    return f"an expense item needs {', '.join(missing)}; set expenses or map it" if missing else ""


def _words(expense: Document) -> tuple[str, str]:
    """Label of the category, and the description."""
    return str(expense.get("category") or "").strip(), str(expense.get("description") or "").strip()


def _dated(field: str, expense: Document, context: Context) -> tuple[FieldWish, ...]:
    """The local day on which the expense was added. It stays what it was: nobody adds an expense twice."""
    day = context.day_of(expense.get("added"))
    return () if day is None else fixed(**{field: at_midnight(day)})


def _zeroed(kind: Kind) -> tuple[FieldWish, ...]:
    """What a removed expense becomes where nothing can be deleted: nothing to pay, and it says so."""
    zero = Decimal(0)
    if kind.name == EXPENSE_ITEM.name:
        return fixed(
            expenseCurrencyExpenseAmount=zero,
            internalCurrencyExpenseAmount=zero,
            description="Removed at Field Nation; the amount was set to 0.",
        )
    return fixed(
        unitPrice=zero,
        unitCost=zero,
        isBillableToCompany=False,
        description="Removed at Field Nation; set to 0 and not billable.",
    )


def week_ending(day: date, last_day: str) -> date:
    """The last day of the week that the day is in, for weeks that end on `last_day` (`saturday`)."""
    return day + timedelta(days=(_WEEK_DAYS.index(last_day) - day.weekday()) % 7)
