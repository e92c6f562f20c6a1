"""The pay section: what a job is worth. Bonuses and penalties are shown empty, expenses come from elsewhere."""

from datetime import datetime
from typing import Any

from app.simulators.field_nation.dates import date_object
from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.records import Pay, WorkOrder

Json = dict[str, Any]
TYPES = ("fixed", "hourly", "device", "blended")


def read_pay(raw: Any) -> Pay:
    """The pay that `raw` asks for; raises a 400 refusal on a shape the vendor does not read.

    Field Nation sandbox, seen: the nested key must be `base`, other names leave the pay empty.
    """
    if not isinstance(raw, dict) or raw.get("type") not in TYPES:
        raise Refusal(400, f"pay.type is required: one of {', '.join(TYPES)}.")
    amount, units = _pair(raw.get("base"), "base")
    more_amount, more_units = _pair(raw["additional"], "additional") if raw.get("additional") else (0.0, 0.0)
    if raw["type"] == "blended" and not raw.get("additional"):
        raise Refusal(400, "pay.additional is required for blended pay.")
    return Pay(raw["type"], amount, 1.0 if raw["type"] == "fixed" else units, more_amount, more_units)


def _pair(raw: Any, name: str) -> tuple[float, float]:
    if not isinstance(raw, dict):
        raise Refusal(400, f"pay.{name} is required.")
    amount, units = _number(raw.get("amount")), _number(raw.get("units", 1))
    if amount is None or units is None:
        raise Refusal(400, f"pay.{name} needs a numeric amount and units.")
    return amount, units


def _number(value: Any) -> float | None:
    fits = isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0
    return float(value) if fits else None


def pay_object(order: WorkOrder, zone: str, expenses: Json, approved: float) -> Json:
    """The pay as the wire shows it; type "" when nothing is set. `approved` is the money of approved expenses."""
    pay = order.pay
    total = round(pay.total + approved, 2)
    return {
        "work_order_id": order.id,
        "type": pay.type,
        "base": {"units": pay.units, "amount": pay.amount},
        "additional": {"units": pay.additional_units, "amount": pay.additional_amount},
        "fees": [],
        "hold": {"id": 0, "amount": 0, "charged": False},
        "hours": pay.units if pay.type == "hourly" else 0,
        "reported_hours": 0,
        "number_of_devices": pay.units if pay.type == "device" else 0,
        "minimum_payment": 0,
        "range": {"min": 0, "max": pay.total},
        "labor_sum": 0,
        "funding": [],
        "invoice": {"id": 0, "sent": date_object(None, zone), "paid": date_object(_paid_at(order), zone)},
        "bonuses": {"metadata": metadata(0), "sum": _sums(), "results": [], "actions": []},
        "penalties": {"metadata": metadata(0), "sum": _sums(), "results": [], "actions": []},
        "expenses": expenses,
        "discounts": {"metadata": metadata(0), "sum": {"all": 0}, "results": [], "actions": []},
        "increases": {"metadata": metadata(0), "sum": {"all": 0}, "results": [], "actions": []},
        "max_pay": pay.total,
        "total": total,
        "calculated_total": {"total": {"min": 0, "max": total}},
        "correlation_id": order.digest("pay"),
    }


def _paid_at(order: WorkOrder) -> datetime | None:
    return order.milestones.get("paid")


def _sums() -> Json:
    return {"all": 0, "charged": 0, "uncharged": 0}


def metadata(total: int, page: int = 1, per_page: int = 0) -> Json:
    """`metadata` of a collection; collections shown whole say 0 rows per page."""
    pages = -(-total // per_page) if per_page else 1
    return {"total": total, "page": page, "pages": pages, "per_page": per_page}
