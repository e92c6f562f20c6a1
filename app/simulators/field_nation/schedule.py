"""The schedule section: read strictly for its own call, dropped without a word inside a bigger body."""

from datetime import datetime
from typing import Any

from app.simulators.field_nation.dates import WrongDate, date_object, read_date
from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.records import Schedule, WorkOrder
from app.simulators.field_nation.settings import Settings
from app.simulators.field_nation.statuses import status_id
from app.simulators.field_nation.zones import tz, zone_named, zone_object

Json = dict[str, Any]
MODES = ("exact", "hours", "between")


def read_schedule(raw: Any, zone: str, present: Schedule) -> Schedule:
    """The schedule that `raw` asks for; raises a 400 refusal on any shape the vendor does not read.

    Field Nation sandbox, seen: a schedule without `mode` is refused with 400; `start.local` alone is enough.
    """
    window = raw.get("service_window") if isinstance(raw, dict) else None
    if not isinstance(window, dict):
        raise Refusal(400, "service_window is required.")
    if window.get("mode") not in MODES:
        raise Refusal(400, f"service_window.mode is required: one of {', '.join(MODES)}.")
    zone = _chosen_zone(raw, zone)
    start_at = _required(window, "start", zone)
    end_at = None if window["mode"] == "exact" else _required(window, "end", zone)
    if end_at is not None and end_at < start_at:
        raise Refusal(400, "service_window.end is before service_window.start.")
    return Schedule(
        mode=window["mode"],
        start_at=start_at,
        end_at=end_at,
        note=_text(raw.get("schedule_note"), present.note),
        require_ontime=bool(raw.get("require_ontime", present.require_ontime)),
        zone=zone,
    )


def _chosen_zone(raw: Json, zone: str) -> str:
    asked = raw.get("time_zone")
    return zone or (zone_named(asked.get("id")) if isinstance(asked, dict) else "")


def _text(raw: Any, otherwise: str) -> str:
    return raw if isinstance(raw, str) else otherwise


def _required(window: Json, name: str, zone: str) -> datetime:
    try:
        at = read_date(window.get(name), zone)
    except WrongDate as wrong:
        raise Refusal(400, f"service_window.{name}: {wrong}") from None
    if at is None:
        raise Refusal(400, f"service_window.{name} is required.")
    return at


def schedule_object(order: WorkOrder, zone: str, settings: Settings, now: datetime) -> Json:
    """The schedule as the wire shows it; a missing schedule has mode "" and empty dates."""
    schedule = order.schedule
    return {
        "work_order_id": order.id,
        "service_window": {
            "mode": schedule.mode,
            "start": date_object(schedule.start_at, zone, microseconds=settings.microseconds),
            "end": date_object(schedule.end_at, zone),
        },
        "schedule_note": schedule.note,
        "require_ontime": schedule.require_ontime,
        "time_zone": zone_object(zone, schedule.start_at, now),
        "status_id": status_id(order.status, settings.status_ids),
        "company_id": order.company_id,
        "today_tomorrow": _today_tomorrow(schedule.start_at, zone, now),
        "est_labor_hours": 0,
        "correlation_id": order.digest("schedule"),
    }


def _today_tomorrow(at: datetime | None, zone: str, now: datetime) -> str:
    if at is None:
        return ""
    local = tz(zone)
    days = (at.astimezone(local).date() - now.astimezone(local).date()).days
    return {0: "today", 1: "tomorrow"}.get(days, "")
