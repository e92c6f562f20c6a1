"""The location section and the time zone that follows from it."""

from typing import Any

from app.simulators.field_nation.companies import Company, known
from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.records import Location, WorkOrder
from app.simulators.field_nation.settings import Settings
from app.simulators.field_nation.statuses import status_id
from app.simulators.field_nation.zones import zone_of

Json = dict[str, Any]
ADDRESS = ("address1", "address2", "city", "state", "zip", "country", "display_name")
REQUIRED = ("address1", "city", "state", "zip", "country")


def read_location(raw: Any, company: Company, *, complete: bool) -> Location:
    """The site that `raw` asks for; raises a 400 refusal on a shape the vendor does not read.

    `complete` asks for every address part, as the location call does; a create keeps what it is given.
    Field Nation sandbox, seen: without `mode` "custom" an address is not kept.
    """
    mode = raw.get("mode") if isinstance(raw, dict) else None
    if mode == "custom":
        return _custom(raw, complete)
    if mode == "remote":
        return Location(mode="remote")
    if mode == "location":
        return _saved(raw.get("saved_location"), company)
    raise Refusal(400, "location.mode is required: one of custom, remote, location.")


def _custom(raw: Json, complete: bool) -> Location:
    parts = {name: raw[name] for name in ADDRESS if isinstance(raw.get(name), str)}
    missing = [name for name in REQUIRED if not parts.get(name)]
    if complete and missing:
        raise Refusal(400, f"location: {', '.join(missing)} is required.")
    kind = raw.get("type")
    type_id = kind.get("id") if isinstance(kind, dict) else None
    return Location(mode="custom", type_id=type_id if isinstance(type_id, int) else 1, **parts)


def _saved(raw: Any, company: Company) -> Location:
    identity = raw.get("id") if isinstance(raw, dict) else None
    row = known(company.locations, identity)
    if row is None:
        raise Refusal(400, "location.saved_location.id is not a location of this company.")
    parts = {name: row[name] for name in ADDRESS if isinstance(row.get(name), str)}
    return Location(mode="location", saved_id=row["id"], **parts)


def site_zone(order: WorkOrder, company: Company) -> str:
    """IANA name of the zone in which this order's local times are shown; "" when the site cannot be placed."""
    site = order.location
    if site.mode in ("custom", "location"):
        return zone_of(site.country, site.state)
    return order.schedule.zone or company.time_zone


def location_object(order: WorkOrder, settings: Settings) -> Json:
    """The location as the wire shows it; coordinates are null when the address could not be geocoded."""
    site = order.location
    placed = bool(zone_of(site.country, site.state))
    return {
        "work_order_id": order.id,
        "mode": site.mode,
        **{name: getattr(site, name) for name in ADDRESS},
        "type": {"id": site.type_id, "name": "Commercial" if site.type_id == 1 else ""},
        "coordinates": {"latitude": 44.9, "longitude": -93.2, "exact": False} if placed else None,
        "saved_location": {"id": site.saved_id, "name": site.display_name if site.saved_id else ""},
        "notes": [],
        "zoom": "",
        "map": {"url": "", "href": ""},
        "status_id": status_id(order.status, settings.status_ids),
        "actions": ["edit"],
        "correlation_id": order.digest("location"),
    }
