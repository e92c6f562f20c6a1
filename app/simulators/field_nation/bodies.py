"""What a create or update keeps of its body.

Field Nation sandbox, seen: unknown or wrong-shaped keys are accepted with 200 and dropped without a word. So every
reader here answers a value or DROPPED; only the title of a create can be refused.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.simulators.field_nation.companies import Company, known
from app.simulators.field_nation.custom_fields import kept_values
from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.location import read_location, site_zone
from app.simulators.field_nation.pay import read_pay
from app.simulators.field_nation.records import WorkOrder
from app.simulators.field_nation.schedule import read_schedule
from app.simulators.field_nation.settings import Settings

Json = dict[str, Any]
DROPPED: Any = object()
CONTACT_KEYS = ("role", "name", "email", "phone", "ext", "notes")


def _text(raw: Any, _: Company) -> Any:
    return raw if isinstance(raw, str) else DROPPED


def _title(raw: Any, _: Company) -> Any:
    return raw if isinstance(raw, str) and raw.strip() else DROPPED


def _switch(raw: Any, _: Company) -> Any:
    return raw if isinstance(raw, bool) else DROPPED


def _html(raw: Any, _: Company) -> Any:
    html = raw.get("html") if isinstance(raw, dict) else None
    return html if isinstance(html, str) else DROPPED


def _identity(raw: Any) -> Any:
    return raw.get("id") if isinstance(raw, dict) else None


def _manager(raw: Any, company: Company) -> Any:
    return _identity(raw) if company.is_manager(_identity(raw)) else DROPPED


def _one_of(rows_name: str) -> Callable[[Any, Company], Any]:
    def read(raw: Any, company: Company) -> Any:
        row = known(getattr(company, rows_name), _identity(raw))
        return DROPPED if row is None else row["id"]

    return read


def _types_of_work(raw: Any, company: Company) -> Any:
    rows = raw if isinstance(raw, list) else []
    kept = tuple(
        (row["id"], row.get("isPrimary") is True)
        for row in rows
        if isinstance(row, dict) and known(company.types_of_work, row.get("id"))
    )
    return kept or DROPPED


def _contacts(raw: Any, _: Company) -> Any:
    rows = raw.get("results") if isinstance(raw, dict) else None
    if not isinstance(rows, list):
        return DROPPED
    named = [row for row in rows if isinstance(row, dict) and isinstance(row.get("name"), str)]
    return tuple({key: row[key] for key in CONTACT_KEYS if isinstance(row.get(key), str)} for row in named)


READERS: dict[str, Callable[[Any, Company], Any]] = {
    "title": _title,
    "description": _html,
    "confidential": _html,
    "incident_id": _text,
    "client": _one_of("clients"),
    "project": _one_of("projects"),
    "template": _one_of("templates"),
    "manager": _manager,
    "types_of_work": _types_of_work,
    "contacts": _contacts,
    "printable": _switch,
    "require_gps": _switch,
    "allow_counter_offers": _switch,
}


def require_title(body: Json) -> str:
    """The title of a create, the one thing it must have."""
    title = body.get("title")
    if not isinstance(title, str) or not title.strip():
        raise Refusal(400, "title is required.")
    return title


def apply_body(order: WorkOrder, body: Json, company: Company, dropped_sections: frozenset[str]) -> list[str]:
    """Write what can be read of `body` into `order`; returns the names of the sections that changed.

    `dropped_sections` are lost even when their shape is right.
    """
    wanted = {key: value for key, value in body.items() if key not in dropped_sections}
    changed = [name for name, read in READERS.items() if name in wanted and _write(order, name, wanted, read, company)]
    for name, write in STRUCTURED.items():
        if name in wanted and _kept(write, order, wanted[name], company):
            changed.append(name)
    if isinstance(wanted.get("require_ontime"), bool):
        _require_ontime(order, wanted["require_ontime"])
    return changed


def _write(order: WorkOrder, name: str, body: Json, read: Callable[[Any, Company], Any], company: Company) -> bool:
    value = read(body[name], company)
    return value is not DROPPED and order.change(name, value)


def _kept(write: Callable[[WorkOrder, Any, Company], bool], order: WorkOrder, raw: Any, company: Company) -> bool:
    try:
        return write(order, raw, company)
    except Refusal:
        return False


def _write_location(order: WorkOrder, raw: Any, company: Company) -> bool:
    return order.change("location", read_location(raw, company, complete=False))


def _write_schedule(order: WorkOrder, raw: Any, company: Company) -> bool:
    return order.change("schedule", read_schedule(raw, site_zone(order, company), order.schedule))


def _write_pay(order: WorkOrder, raw: Any, _: Company) -> bool:
    return order.change("pay", read_pay(raw))


def _write_custom_fields(order: WorkOrder, raw: Any, company: Company) -> bool:
    return order.change("custom_fields", {**order.custom_fields, **kept_values(raw, company)})


# The location comes before the schedule: its state decides the zone in which local times are read.
STRUCTURED: dict[str, Callable[[WorkOrder, Any, Company], bool]] = {
    "location": _write_location,
    "schedule": _write_schedule,
    "pay": _write_pay,
    "custom_fields": _write_custom_fields,
}


def _require_ontime(order: WorkOrder, value: bool) -> None:
    order.change("schedule", replace(order.schedule, require_ontime=value))


def lost_on_create(settings: Settings) -> frozenset[str]:
    """The sections that the switches let a create lose."""
    lost = {"schedule": settings.drop_schedule_on_create, "custom_fields": settings.drop_custom_fields_on_create}
    return frozenset(name for name, drops in lost.items() if drops)
