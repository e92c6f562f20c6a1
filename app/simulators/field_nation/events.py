"""The event names of webhooks v3 and the body of a delivery."""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.simulators.field_nation.settings import Settings

Json = dict[str, Any]

# Field Nation webhooks v3, event catalogue.
NAMES: tuple[str, ...] = (
    "workorder.created",
    "workorder.routed",
    "workorder.requested",
    "workorder.declined",
    "workorder.undeclined",
    "workorder.task_completed",
    "workorder.task_incomplete",
    "workorder.provider_upload",
    "workorder.message_posted",
    "workorder.custom_field_value_updated",
    "workorder.schedule_updated",
    "workorder.tag_added",
    "workorder.tag_removed",
    "workorder.part_updated",
    "workorder.problem_reported",
    "workorder.problem_resolved",
    "workorder.status.draft",
    "workorder.status.published",
    "workorder.status.routed",
    "workorder.status.assigned",
    "workorder.status.assigned_cancelled",
    "workorder.status.confirmed",
    "workorder.status.at_risk",
    "workorder.status.delayed",
    "workorder.status.on_my_way",
    "workorder.status.checked_in",
    "workorder.status.checked_out",
    "workorder.status.work_done",
    "workorder.status.approved",
    "workorder.status.paid",
    "workorder.status.cancelled",
    "workorder.status.deleted",
    "workorder.status.postponed",
)
VENDOR_ZONE = ZoneInfo("America/Chicago")


def catalogue() -> list[Json]:
    """The answer of the events call."""
    return [{"name": name, "label": _label(name), "description": _label(name), "model": "WorkOrder"} for name in NAMES]


def _label(name: str) -> str:
    return name.removeprefix("workorder.").replace(".", " ").replace("_", " ").capitalize()


def event_body(
    name: str, params: Json, work_order: Json, user_id: int | None, at: datetime, settings: Settings
) -> bytes:
    """The four keys of a delivery as the raw bytes that are signed. `at` is shown with the vendor's own offset."""
    number: int | str = work_order["id"]
    shown = str(number) if settings.webhook_work_order_id_as_text else number
    body = {
        "event": {"name": name, "params": {"work_order_id": shown, **params}},
        "timestamp": at.astimezone(VENDOR_ZONE).isoformat(timespec="seconds"),
        "triggered_by_user": None if user_id is None else {"id": user_id},
        "workorder": work_order,
    }
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
