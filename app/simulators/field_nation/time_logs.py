"""Time logs: what a request may say, and how the wire shows them."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from app.simulators.field_nation.collection import embedded
from app.simulators.field_nation.dates import WrongDate, date_object, read_date
from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.part_records import TimeLog
from app.simulators.field_nation.records import Schedule
from app.simulators.field_nation.view import View
from app.simulators.field_nation.zones import zone_object

Json = dict[str, Any]
SITE = (44.9, -93.2)


def read_time_log(raw: Json, zone: str, present: TimeLog) -> TimeLog:
    """`present` with what a body of the time log calls says; raises a 400 refusal. `in` is required there."""
    entered = _side_of(raw, "in")
    came = _moment(entered, "in", zone)
    if came is None:
        raise Refusal(400, "in.created is required.")
    place = read_place(entered.get("coords")) or present.in_place
    log = replace(present, in_at=came, in_verified=entered.get("verified", present.in_verified) is True, in_place=place)
    if "out" in raw:
        left = _side_of(raw, "out")
        place = read_place(left.get("coords")) or present.out_place
        verified = left.get("verified", present.out_verified) is True
        log = replace(log, out_at=_moment(left, "out", zone), out_verified=verified, out_place=place)
    if log.out_at is not None and log.out_at < log.in_at:
        raise Refusal(400, "out.created is before in.created.")
    devices = raw.get("devices", log.devices)
    if isinstance(devices, bool) or not isinstance(devices, (int, float)):
        raise Refusal(400, "devices must be a number.")
    return replace(log, devices=devices)


def _side_of(raw: Json, name: str) -> Json:
    side = raw.get(name)
    if side in (None, []):
        return {}
    if not isinstance(side, dict):
        raise Refusal(400, f"{name} must be an object.")
    return side


def _moment(side: Json, name: str, zone: str) -> datetime | None:
    if not side:
        return None
    try:
        at = read_date(side.get("created"), zone)
    except WrongDate as wrong:
        raise Refusal(400, f"{name}.created: {wrong}") from None
    return None if at is None else at.replace(microsecond=0)


def read_place(raw: Any) -> tuple[float, float] | None:
    """Latitude and longitude of a coordinates object; None when there are none."""
    pair = (raw.get("latitude"), raw.get("longitude")) if isinstance(raw, dict) else (None, None)
    if any(isinstance(one, bool) or not isinstance(one, (int, float)) for one in pair):
        return None
    return float(pair[0]), float(pair[1])  # type: ignore[arg-type]  # both were just found to be numbers


def time_log_row(view: View, log: TimeLog) -> Json:
    """One row of the collection."""
    logs = view.order.time_logs.values()
    start = _due(view.order.schedule)
    return {
        "id": log.id,
        "devices": log.devices,
        "status": "checked_in" if log.out_at is None else "checked_out",
        "hours": log.hours,
        "verified": log.verified,
        "edited": log.edited,
        "was_late": start is not None and log.in_at > start,
        "first_check_in": log.id == min(logs, key=lambda one: (one.in_at, one.id)).id,
        "time_zone": zone_object(view.zone, log.in_at, view.now),
        **sides(view, log),
        "logged_by": view.person(log.logged_by),
        "timeliness": {"on_time": start is None or log.in_at <= start, "was_early": _early(view, log)},
        "actions": ["edit", "verify", "delete"],
    }


def _due(schedule: Schedule) -> datetime | None:
    return schedule.start_at if schedule.mode == "exact" else schedule.end_at


def _early(view: View, log: TimeLog) -> bool:
    start = view.order.schedule.start_at
    return start is not None and log.in_at < start


def sides(view: View, log: TimeLog) -> Json:
    """`in` and `out`; an open log has an empty `out`, which a switch turns into a list (seen at the vendor)."""
    odd = view.settings.microseconds and log.id % 2 == 1
    entered = _side(view, log.in_at, log.in_verified, log.in_place, odd=odd)
    left: Any = {**_side(view, log.out_at, log.out_verified, log.out_place), "distance_from_in": 0}
    if log.out_at is None and view.settings.empty_objects_as_lists:
        left = []
    return {"in": entered, "out": left}


def _side(
    view: View, at: datetime | None, verified: bool, place: tuple[float, float] | None, *, odd: bool = False
) -> Json:
    latitude, longitude = place or SITE
    return {
        "created": date_object(at, view.zone, microseconds=odd),
        "coords": {"latitude": latitude, "longitude": longitude},
        "verified": verified,
        "distance": round(abs(latitude - SITE[0]) + abs(longitude - SITE[1]), 2),
        "requires_verification": False,
        "actions": [],
    }


def time_log_rows(view: View) -> list[Json]:
    """Every row, in the order in which they were made."""
    return [time_log_row(view, one) for one in view.order.time_logs.values()]


def time_log_facts(view: View) -> Json:
    """What the collection says besides its rows: the sum of hours, and the open log while somebody is on site."""
    logs = list(view.order.time_logs.values())
    facts: Json = {"hours": round(sum(one.hours for one in logs), 4), "actions": ["add"]}
    opened = [one for one in logs if one.out_at is None]
    if opened:
        facts["open_time_log"] = time_log_row(view, opened[-1])
    return {**facts, "correlation_id": view.order.digest("time_logs")}


def embedded_time_logs(view: View) -> Json:
    """The collection inside a work order."""
    return {**embedded(time_log_rows(view), view.settings), **time_log_facts(view)}
