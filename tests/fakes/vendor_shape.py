"""A work order as Field Nation answers with it: a small pure model of what its create and update calls take.

It replaces what it is given section by section and drops keys that it does not know, like the vendor does.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from app.core.planning.targets import SECTIONS

EMPTY_DATE = {"utc": "", "local": {"date": "", "time": ""}}


def fresh(id: int = 70, *, internal: str = "", fields: tuple[int, ...] = ()) -> dict[str, Any]:
    """A draft that holds nothing. `internal` is the id of the company's field for ticket numbers."""
    rows = [{"id": field, "value": ""} for field in (*fields, *([int(internal)] if internal else []))]
    custom: dict[str, Any] = {"metadata": {"total": 1}, "results": [{"id": 1, "name": "Group", "results": rows}]}
    if internal:
        custom["internal"] = {"id": int(internal), "name": "Ticket", "value": ""}
    return {
        "id": id,
        "title": "",
        "status": {"id": 1, "name": "Draft"},
        "schedule": {"service_window": {"mode": "exact", "start": EMPTY_DATE, "end": EMPTY_DATE}},
        "custom_fields": custom,
        "contacts": {"metadata": {"total": 0}, "results": []},
        "milestones": {"created": {"utc": "2026-03-04 12:00:00"}},
    }


def collection(rows: Sequence[Mapping[str, Any]], *, per_page: int = 25, total: int | None = None) -> dict[str, Any]:
    """A list as the vendor wraps it; `total` is what it counts when that is not what it shows."""
    counted = len(rows) if total is None else total
    metadata = {"total": counted, "page": 1, "pages": 1, "per_page": per_page}
    return {"metadata": metadata, "results": [dict(row) for row in rows], "actions": []}


def taken(order: Mapping[str, Any], body: Mapping[str, Any], *, drops: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The work order after a create or an update with that body; sections in `drops` are ignored with a 200."""
    after = deepcopy(dict(order))
    for section, value in deepcopy(dict(body)).items():
        if section not in SECTIONS or section in drops:
            continue
        if section == "custom_fields":
            for field in value["results"][0]["results"]:
                set_field(after, field["id"], field["value"])
        else:
            after[section] = value
    return after


def with_status(order: Mapping[str, Any], status: int) -> dict[str, Any]:
    """The work order in another status."""
    return {**deepcopy(dict(order)), "status": {"id": status, "name": "x"}}


def set_field(order: dict[str, Any], id: int, value: Any) -> None:
    """Sets a custom field in place, in its group and where the vendor repeats the internal one."""
    custom = order["custom_fields"]
    rows = custom["results"][0]["results"]
    row = next((row for row in rows if row["id"] == id), None)
    if row is None:
        row = {"id": id}
        rows.append(row)
    row["value"] = str(value)
    if custom.get("internal", {}).get("id") == id:
        custom["internal"]["value"] = str(value)
