"""Dates: reading an instant out of what either vendor sends, and printing it in a format and zone.

Autotask sends ISO 8601 in UTC with 0 to 7 fraction digits (Autotask developer help, REST dates); Field Nation an
object with `utc` and `local`, `YYYY-MM-DD HH:mm:ss`, missing ones as empty strings (Field Nation API v2, conventions).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from app.core.mapping.date_formats import BadFormat, DateFormat, parse_format
from app.core.mapping.values import as_text, is_empty, nearest, show
from app.core.model.document import Json

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ISO = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})"
    r"(?:[Tt ](?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d{1,7}))?)?"
    r"\s*(?P<offset>[Zz]|[+-]\d{2}:?\d{2})?)?",
    re.ASCII,
)


def _known(text: str) -> DateFormat:
    made = parse_format(text, for_reading=True)
    if isinstance(made, BadFormat):
        raise ValueError(made.reason)
    return made


FIELD_NATION_UTC: Final = _known("YYYY-MM-DD HH:mm:ss")
AUTOTASK_UTC: Final = _known("YYYY-MM-DDTHH:mm:ss")
DAY: Final = _known("YYYY-MM-DD")


@dataclass(frozen=True, slots=True)
class BadDate:
    """Why a value is no date."""

    reason: str


def read_instant(value: Json, format: DateFormat | None = None, zone: tzinfo = UTC) -> datetime | BadDate | None:
    """The instant a value means, as aware UTC; None when it is empty. Never raises.

    Without a format: ISO 8601 with `T` or a space, a date alone (midnight), or Field Nation's date object. `zone`
    applies where the value names none. A local time that the clocks skipped moves forward by the skipped hour; one
    that happened twice means its first occurrence.
    """
    if is_empty(value):
        return None
    if isinstance(value, Mapping):
        return _read_object(value, zone)
    text = as_text(value)
    if text is None:
        return BadDate(f"{show(value)} is no date")
    if format is None:
        found = _ISO.fullmatch(text.strip())
        read = None if found is None else {key: held for key, held in found.groupdict().items() if held is not None}
    else:
        read = format.read(text)
    if read is None:
        return BadDate(f"{show(value)} is not written as {format.text if format else 'an ISO 8601 date'}")
    return _assemble(read, zone, show(value))


def print_instant(at: datetime, format: DateFormat, zone: tzinfo = UTC) -> str | BadDate:
    """The instant in the format, as a clock in the zone shows it."""
    try:
        return format.print(at.astimezone(zone))
    except (OverflowError, ValueError):
        return BadDate(f"{at.isoformat()} is outside the calendar in that zone")


def read_zone(name: str) -> tzinfo | None:
    """The IANA time zone of that name, or None when there is none."""
    if name.strip().upper() in ("UTC", "Z", "GMT"):
        return UTC
    try:
        return ZoneInfo(name.strip())
    except (KeyError, ValueError, OSError):  # a folder of the zone database is an OSError, an odd name a ValueError
        return None


def nearest_zone(name: str) -> str:
    """The zone whose name is spelled most like the given one, or empty."""
    return nearest(name, available_timezones())


def _read_object(value: Mapping[str, Json], zone: tzinfo) -> datetime | BadDate | None:
    """`utc` when it says anything, else the local halves, which the vendor accepts alone."""
    utc, local = value.get("utc"), value.get("local")
    if not is_empty(utc):
        return read_instant(utc, None, UTC) if isinstance(utc, str) else BadDate(f"utc is {show(utc)}")
    if not isinstance(local, Mapping):
        return BadDate(f"{show(value)} is no date")
    day, time = local.get("date"), local.get("time")
    if not isinstance(day, str) or not (isinstance(time, str) or time is None):
        return BadDate(f"local is date {show(day)}, time {show(time)}")
    return read_instant(f"{day} {time}" if time else day, None, zone)


def _assemble(read: Mapping[str, str], zone: tzinfo, shown: str) -> datetime | BadDate:
    try:
        if "epoch" in read or "epoch_ms" in read:
            return _from_epoch(read)
        naive = datetime(_year(read), int(read["month"]), int(read["day"]), _hour(read), *_minutes(read))
        aware = naive.replace(tzinfo=_zone(read["offset"]) if "offset" in read else zone, fold=0)
        return aware.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        return BadDate(f"{shown} is no time that exists ({error})")


def _from_epoch(read: Mapping[str, str]) -> datetime:
    seconds = Decimal(read["epoch"]) if "epoch" in read else Decimal(read["epoch_ms"]) / 1000
    return _EPOCH + timedelta(microseconds=int(seconds * 1_000_000))


def _year(read: Mapping[str, str]) -> int:
    """Two digits up to 68 belong to this century, as in moment.js."""
    if "short_year" not in read:
        return int(read["year"])
    short = int(read["short_year"])
    return short + (1900 if short > 68 else 2000)


def _hour(read: Mapping[str, str]) -> int:
    hour = int(read.get("hour", 0))
    if "meridiem" not in read:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError(f"hour {hour} with {read['meridiem']}")
    return hour % 12 + (12 if read["meridiem"].lower() == "pm" else 0)


def _minutes(read: Mapping[str, str]) -> tuple[int, int, int]:
    """Minute, second and microsecond; .NET's seventh digit is below what we keep."""
    micro = int(read.get("fraction", "0").ljust(6, "0")[:6])
    return int(read.get("minute", 0)), int(read.get("second", 0)), micro


def _zone(offset: str) -> tzinfo:
    if offset in ("Z", "z"):
        return UTC
    minutes = int(offset[1:3]) * 60 + int(offset[-2:])
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))
