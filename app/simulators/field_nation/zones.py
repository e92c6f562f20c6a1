"""The time zone of a work site, found from its state as the vendor's geocoding finds it."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

_US: dict[str, str] = {
    "America/New_York": "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV",
    "America/Chicago": "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI",
    "America/Denver": "CO ID MT NM UT WY",
    "America/Phoenix": "AZ",
    "America/Los_Angeles": "CA NV OR WA",
    "America/Anchorage": "AK",
    "Pacific/Honolulu": "HI",
    "America/Puerto_Rico": "PR",
}
_CA: dict[str, str] = {
    "America/Toronto": "ON QC",
    "America/Winnipeg": "MB",
    "America/Regina": "SK",
    "America/Edmonton": "AB NT",
    "America/Vancouver": "BC YT",
    "America/Halifax": "NB NS PE",
    "America/St_Johns": "NL",
}


def _by_region(country: str, table: dict[str, str]) -> dict[tuple[str, str], str]:
    return {(country, state): zone for zone, states in table.items() for state in states.split()}


_ZONES = {**_by_region("US", _US), **_by_region("CA", _CA)}
_IDS = {name: number for number, name in enumerate(dict.fromkeys(_ZONES.values()), start=5)}
NO_ZONE: dict[str, Any] = {"id": 0, "name": "", "short": "", "offset": 0}


def zone_of(country: str, state: str) -> str:
    """IANA name for a site, or "" when it cannot be placed.

    Seen in the sandbox: only the country code `US` (not `USA`) and the two-letter state can be geocoded.
    """
    return _ZONES.get((country, state), "")


def zone_named(number: Any) -> str:
    """IANA name of a time zone id, or "" for an id that does not exist."""
    return next((name for name, own in _IDS.items() if own == number), "")


def tz(name: str) -> ZoneInfo:
    """The zone to reckon local time in; a site without a zone is reckoned in UTC."""
    return ZoneInfo(name or "UTC")


def zone_object(name: str, at: datetime | None, now: datetime) -> dict[str, Any]:
    """The wire object `{id, name, short, offset}`; offset in minutes, as it stands at `at` (or now)."""
    if not name:
        return dict(NO_ZONE)
    local = (at or now).astimezone(tz(name))
    offset = local.utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset is not None else 0
    return {"id": _IDS.get(name, 0), "name": name, "short": local.tzname() or "", "offset": minutes}


def in_utc(naive: datetime, zone: str) -> datetime:
    """The instant at which clocks in `zone` showed `naive`."""
    return naive.replace(tzinfo=tz(zone)).astimezone(UTC)
