"""Names on the work order side: the statuses, and the sections that a mapping may write.

Source: Field Nation API v2, work order status; work order create and update bodies.
"""

import re
from typing import Final

from app.core.mapping.paths import CUSTOM_FIELDS, Path
from app.core.mapping.values import nearest
from app.core.model.catalog import Field, PickValue
from app.core.model.document import Json

STATUS_TARGET: Final = "status_id"

STATUSES: Final[dict[int, str]] = {
    1: "Draft",
    2: "Published",
    3: "Assigned",
    4: "Work Done",
    5: "Approved",
    6: "Paid",
    7: "Cancelled",
    9: "Routed",
}
STATUS_FIELD: Final = Field(
    STATUS_TARGET, "integer", values=tuple(PickValue(str(id), name) for id, name in STATUSES.items()), is_picklist=True
)
"""The status as a picklist field, for gaps and labels."""

_BY_NAME: Final = {name.lower().replace(" ", ""): id for id, name in STATUSES.items()} | {"canceled": 7}

SECTIONS: Final = (
    "allow_counter_offers",
    "auto_dispatch_rule",
    "client",
    "confidential",
    "contacts",
    CUSTOM_FIELDS,
    "defaultTemplateId",
    "description",
    "equipments",
    "ignore_template",
    "incident_id",
    "isUniversalTemplate",
    "location",
    "manager",
    "networks",
    "pay",
    "printable",
    "project",
    "qualificationsEnabled",
    "require_gps",
    "require_ontime",
    "schedule",
    "service_contract",
    "service_types",
    "shipments",
    "site_revisit",
    "smart_audit_rule_id",
    "tasks",
    "team",
    "template",
    "title",
    "types_of_work",
)
"""The keys of a work order's body; others are answered with 200 and dropped."""

_SHORT = ("time_window.start", "time_window.end", STATUS_TARGET, "location.name")


def read_status(value: Json) -> int | None:
    """The status id that a number, its text, or a name in any capitals and spacing stands for; None for none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if value in STATUSES else None
    if not isinstance(value, str):
        return None
    text = re.sub(r"[\s_-]", "", value).lower()
    return _BY_NAME.get(text) or next((id for id in STATUSES if str(id) == text), None)


def status_choices() -> str:
    """The statuses as a person is shown them."""
    return ", ".join(f"{name} ({id})" for id, name in STATUSES.items())


def target_fault(path: Path) -> tuple[str, str] | None:
    """Why a work order has no such writable place, and the mend; None when it has."""
    first = str(path.segments[0])
    if first == CUSTOM_FIELDS and not path.custom_field:
        return (
            "custom fields are found by their number, names are not unique",
            "Write custom_fields.<id>, as in custom_fields.4711.",
        )
    if first in SECTIONS or path.text == STATUS_TARGET:
        return None
    if first == "status":
        return "a status is not written, only reached", f"Use {STATUS_TARGET}."
    if first == "notes":
        return "a work order has no notes of its own", "Use schedule.schedule_note or location.notes."
    hit = nearest(path.text, _SHORT) or nearest(first, SECTIONS)
    return "a work order has no such section", f"Did you mean {hit}?" if hit else "Use one such as title or schedule."
