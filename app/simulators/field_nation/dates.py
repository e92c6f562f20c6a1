"""Date objects of the wire: `{"utc": "2026-03-02 15:02:00", "local": {"date": ..., "time": ...}}`."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from app.simulators.field_nation.zones import in_utc, tz

SPACED = "%Y-%m-%d %H:%M:%S"


# Years outside are refused: they are typing mistakes, and reckoning with zones cannot leave the calendar.
YEARS = range(1970, 3000)


class WrongDate(ValueError):
    """A date that the vendor would not read."""


def date_object(at: datetime | None, zone: str, *, microseconds: bool = False) -> dict[str, Any]:
    """`at` (aware) as a wire object with local time of `zone`.

    A missing date is an object of empty strings, never null (Field Nation REST v2, date objects).
    """
    if at is None:
        return {"utc": "", "local": {"date": "", "time": ""}}
    utc, date, time = _texts(at.astimezone(UTC).replace(microsecond=0), zone)
    return {"utc": utc + ".000000" if microseconds else utc, "local": {"date": date, "time": time}}


@lru_cache(maxsize=4096)
def _texts(at: datetime, zone: str) -> tuple[str, str, str]:
    local = at.astimezone(tz(zone))
    return at.strftime(SPACED), local.strftime("%Y-%m-%d"), local.strftime("%H:%M:%S")


def read_date(raw: Any, zone: str) -> datetime | None:
    """A date object to an aware UTC instant; None when it is an object of empty strings.

    Accepts `utc` spaced or ISO with a zone, else `local` date and time reckoned in `zone`. Raises WrongDate on
    anything else; a bare string is refused (Field Nation REST guide, troubleshooting).
    """
    if not isinstance(raw, dict):
        raise WrongDate("A date must be an object with utc or local.")
    if isinstance(raw.get("utc"), str) and raw["utc"]:
        return _sensible(_read_utc(raw["utc"])).astimezone(UTC)
    local = raw.get("local")
    if isinstance(local, dict) and local.get("date"):
        return in_utc(_sensible(_read_local(local.get("date"), local.get("time"))), zone)
    if "utc" in raw or isinstance(local, dict):
        return None
    raise WrongDate("A date must be an object with utc or local.")


def _sensible(at: datetime) -> datetime:
    if at.year not in YEARS:
        raise WrongDate(f"The year {at.year} is out of range.")
    return at


def _read_utc(text: str) -> datetime:
    for layout in (SPACED, SPACED + ".%f"):
        try:
            return datetime.strptime(text, layout).replace(tzinfo=UTC)
        except ValueError:
            continue
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise WrongDate(f"{text!r} is not a date.") from None
    if "T" not in text or at.tzinfo is None:
        raise WrongDate(f"{text!r} is not a date and time with a zone.")
    return at


def _read_local(date: Any, time: Any) -> datetime:
    for layout in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"):
        try:
            return datetime.strptime(f"{date} {time}", layout)
        except ValueError:
            continue
    raise WrongDate(f"{date!r} {time!r} is not a local date and time.")
