"""Field Nation's objects as the rest of the house sees them: the vendor's own, less its known whims.

Missing dates are empty objects, dates have one spelling, ids are integers. Unknown keys stay as they came.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.core.model.document import Document, Json

_SPACED = "%Y-%m-%d %H:%M:%S"
_UTC_TEXT = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?\s*(Z|[+-]\d\d:?\d\d)?", re.ASCII)
# A text with a leading zero is no number: what it says would be lost.
_ID_TEXT = re.compile(r"0|-?[1-9][0-9]{0,17}")
_ID_KEYS = frozenset({"id", "work_order_id", "status_id", "company_id", "user_id"})
_DATE_KEYS = frozenset({"utc", "local"})


def tidy(value: Json) -> Json:
    """The value with dates and ids in one spelling, at any depth. Gives a new value, never raises."""
    if isinstance(value, Mapping):
        if "utc" in value or (value.keys() <= _DATE_KEYS and "local" in value):
            return _tidy_date(value)
        return {key: _tidy_id(item) if key in _ID_KEYS else tidy(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [tidy(item) for item in value]
    return value


def tidy_document(document: Document) -> Document:
    """The same for a whole object."""
    tidied = tidy(document)
    return tidied if isinstance(tidied, Mapping) else {}


def id_of(document: Document) -> int:
    """The id of a work order, or 0 when the object has none."""
    for key in ("id", "work_order_id"):
        id_ = _tidy_id(document.get(key))
        if isinstance(id_, int) and not isinstance(id_, bool) and id_ > 0:
            return id_
    return 0


def rows_of(collection: Document, key: str = "results") -> Sequence[Document] | None:
    """The rows of a collection, or None when the object is none. `[]` stands for an empty object here and there."""
    rows = collection.get(key)
    if not isinstance(rows, list | tuple):
        return None
    return [row for row in rows if isinstance(row, Mapping)]


def count_of(collection: Document, key: str) -> int | None:
    """A number of the collection's metadata (`total`, `pages`, ...), or None when it says nothing usable."""
    metadata = collection.get("metadata")
    value = _tidy_id(metadata.get(key)) if isinstance(metadata, Mapping) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def read_date(value: Json, zone: str = "") -> datetime | None:
    """The instant of a date object, or of a date text, as aware UTC; None when it is missing or not a date.

    Field Nation REST guide, dates: `utc` is spaced, now and then with microseconds or in ISO form; a date may come
    with `local` alone, which is the time of the work site, so it needs the site's IANA `zone`. Fractions of a second
    are dropped.
    """
    if isinstance(value, str):
        return _read_utc(value)
    if not isinstance(value, Mapping):
        return None
    utc = value.get("utc")
    at = _read_utc(utc) if isinstance(utc, str) else None
    return at or _read_local(value.get("local"), zone)


def write_date(at: datetime) -> Document:
    """The date object of an aware instant, in the spelling that every answer has."""
    return {"utc": at.astimezone(UTC).strftime(_SPACED)}


def write_local_date(at: datetime, zone: str) -> Document:
    """The date object that gives the wall time of the work site and leaves `utc` to Field Nation."""
    local = at.astimezone(ZoneInfo(zone))
    return {"local": {"date": local.strftime("%Y-%m-%d"), "time": local.strftime("%H:%M:%S")}}


def _tidy_date(value: Mapping[str, Json]) -> Json:
    if not any(_has_text(value.get(key)) for key in _DATE_KEYS):
        return {key: tidy(item) for key, item in value.items() if key not in _DATE_KEYS}
    utc = value.get("utc")
    at = _read_utc(utc) if isinstance(utc, str) else None
    tidied = {key: tidy(item) for key, item in value.items()}
    return {**tidied, "utc": at.strftime(_SPACED)} if at else tidied


def _has_text(value: Json) -> bool:
    if isinstance(value, Mapping):
        return any(_has_text(item) for item in value.values())
    return bool(value)


def _tidy_id(value: Json) -> Json:
    if isinstance(value, str):
        return int(value) if _ID_TEXT.fullmatch(value) else value
    return tidy(value)


def _read_utc(text: str) -> datetime | None:
    match = _UTC_TEXT.fullmatch(text.strip())
    if match is None:
        return None
    day, clock, offset = match.groups()
    try:
        return datetime.fromisoformat(f"{day}T{clock}{offset or '+00:00'}".replace("Z", "+00:00")).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _read_local(local: Json, zone: str) -> datetime | None:
    if not isinstance(local, Mapping) or not zone:
        return None
    try:
        at = datetime.fromisoformat(f"{local.get('date')}T{local.get('time') or '00:00:00'}")
        return at.replace(tzinfo=ZoneInfo(zone), microsecond=0).astimezone(UTC)
    except (ValueError, OverflowError, ZoneInfoNotFoundError):
        return None
