"""Custom fields of a work order: groups on the wire, one value per definition underneath, always text."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from app.simulators.field_nation.companies import Company, FieldDefinition
from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.pay import metadata
from app.simulators.field_nation.records import WorkOrder

Json = dict[str, Any]
ROLES = {"buyer": (1, "Buyer"), "assigned_provider": (2, "Provider")}

# Field Nation REST v2 schema; `admin_edit_only` was seen in a real answer.
FLAGS = (
    "unique", "required", "internal_id", "required_during_checkin", "show_in_available", "included_in_alerts",
    "shown_in_header", "seen_by_provider", "seen_by_clients", "visible_to_clients", "client_request_required",
    "client_request_use_for", "onsite_only", "admin_edit_only",
)  # fmt: skip


def _dated(*layouts: str) -> Callable[[str], bool]:
    def reads(text: str) -> bool:
        return any(_parses(text, layout) for layout in layouts)

    return reads


def _parses(text: str, layout: str) -> bool:
    try:
        datetime.strptime(text, layout)
    except ValueError:
        return False
    return True


# The forms are not published; what a date-like field refuses is assumed, as is the 400 for it.
FORMS: dict[str, Callable[[str], bool]] = {
    "text": lambda _: True,
    "numeric": lambda text: re.fullmatch(r"-?\d+(\.\d+)?", text) is not None,
    "phone": lambda text: re.fullmatch(r"[+()\d .x-]{7,25}", text) is not None,
    "date": _dated("%Y-%m-%d"),
    "date_time": _dated("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"),
    "time": _dated("%H:%M:%S", "%H:%M"),
}


def checked_value(definition: FieldDefinition, raw: Any) -> str:
    """The text to keep; raises a 400 refusal for anything that the field does not take. "" always clears it."""
    if not isinstance(raw, str):
        raise Refusal(400, f"{definition.name}: the value must be text.")
    if raw == "":
        return raw
    if definition.type == "predefined":
        fits = raw in definition.options
    else:
        fits = FORMS.get(definition.type, FORMS["text"])(raw)
    if not fits:
        raise Refusal(400, f"{definition.name}: {raw!r} is not a valid {definition.type} value.")
    return raw


def values_in(raw: Any) -> Iterator[tuple[Any, Any]]:
    """The (id, value) pairs of a body's groups; everything that is not in a group's results is passed over."""
    for group in _rows(raw):
        for one in _rows(group):
            if isinstance(one, dict) and "value" in one:
                yield one.get("id"), one["value"]


def _rows(raw: Any) -> list[Any]:
    rows = raw.get("results") if isinstance(raw, dict) else None
    return rows if isinstance(rows, list) else []


def kept_values(raw: Any, company: Company) -> dict[int, str]:
    """What a create or update keeps of its `custom_fields`: known ids with values that fit. The rest is dropped."""
    kept: dict[int, str] = {}
    for identity, value in values_in(raw):
        definition = company.fields.get(identity) if isinstance(identity, int) else None
        if definition is None:
            continue
        try:
            kept[definition.id] = checked_value(definition, value)
        except Refusal:
            continue
    return kept


def field_object(definition: FieldDefinition, order: WorkOrder) -> Json:
    """One field with its value, "" when empty."""
    return {
        "id": definition.id,
        "name": definition.name,
        "tip": definition.tip,
        "type": definition.type,
        "role": definition.role,
        "value": order.custom_fields.get(definition.id, ""),
        "options": list(definition.options),
        "flags": list(definition.flags),
        "dependency": {"id": 0, "value": "", "operator": ""},
        "category": definition.category,
        "order": definition.order,
        "used_in_finance": False,
        "actions": ["edit"],
    }


def fields_object(order: WorkOrder, company: Company) -> Json:
    """The groups; the field flagged `internal_id` is repeated under `internal`."""
    groups = [group for role in ROLES if (group := _group(role, order, company))]
    section: Json = {
        "metadata": metadata(len(groups)),
        "results": groups,
        "actions": ["edit"],
        "correlation_id": order.digest("custom_fields"),
    }
    internal = company.internal_field
    if internal is not None:
        value = order.custom_fields.get(internal.id, "")
        section["internal"] = {"id": internal.id, "name": internal.name, "value": value, "role": internal.role}
    return section


def _group(role: str, order: WorkOrder, company: Company) -> Json | None:
    rows = [field_object(one, order) for one in company.fields.values() if one.role == role]
    number, name = ROLES[role]
    group = {"id": number, "name": name, "order": number, "role": role, "metadata": metadata(len(rows))}
    return {**group, "results": rows} if rows else None


def definition_object(definition: FieldDefinition, *, with_options: bool) -> Json:
    """A definition as the company list shows it. The schema names no options there, which is why they are a switch."""
    flags = definition.flags
    return {
        "id": definition.id,
        "name": definition.name,
        "tip": definition.tip,
        "type": definition.type,
        "required": int("required" in flags),
        "internal": int("internal_id" in flags),
        "unique": int("unique" in flags),
        "for_tech": int(definition.role == "assigned_provider"),
        "admin_edit_only": int("admin_edit_only" in flags),
        "template": 0,
        **({"options": list(definition.options)} if with_options else {}),
        "flags": list(flags),
        "dependency": {"id": 0, "value": "", "operator": "equals"},
        "actions": [],
    }
