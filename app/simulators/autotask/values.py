"""Values between JSON and the store: lenient binding in, the vendor's number and date forms out."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from app.simulators.autotask.errors import ApiError
from app.simulators.autotask.metadata import DATE_ONLY, Field

_INT_RANGE = {"integer": 2**31, "long": 2**63}


def _unbindable(field: Field, value: Any) -> ApiError:
    shown = json.dumps(value)
    return ApiError(f"Unexpected character encountered while parsing value: {shown[0]}. Path '{field.name}'.")


def _whole(field: Field, value: Any) -> int:
    # Numbers in quotes are in Autotask's own samples; a JSON boolean for an integer is refused (Contacts.isActive).
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _unbindable(field, value)
    try:
        number = int(value) if not isinstance(value, float) else int(value) if value.is_integer() else None
    except ValueError:
        number = None
    if number is None:
        raise ApiError(f"Could not convert string to integer: {value}. Path '{field.name}'.")
    if not -_INT_RANGE[field.type] <= number < _INT_RANGE[field.type]:
        raise ApiError(f"JSON integer {number} is too large or small for an Int32. Path '{field.name}'.")
    return number


def _double(field: Field, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _unbindable(field, value)
    try:
        return float(value)
    except ValueError:
        raise ApiError(f"Could not convert string to double: {value}. Path '{field.name}'.") from None


def _boolean(field: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    raise ApiError(f"Could not convert string to boolean: {value}. Path '{field.name}'.")


def read_moment(value: Any) -> datetime | None:
    """A date or date-time text as aware UTC in whole milliseconds; None when it is no date."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _moment(field: Field, value: Any) -> datetime:
    moment = read_moment(value)
    if moment is None:
        raise ApiError(f"Could not convert string to DateTime: {value}. Path '{field.name}'.")
    if field.name in DATE_ONLY:
        # The date that was sent is kept, whatever its offset (Autotask developer help, date handling).
        sent = datetime.fromisoformat(value.strip())
        return datetime(sent.year, sent.month, sent.day, tzinfo=UTC)
    return moment


def bind(field: Field, value: Any) -> Any:
    """The stored form of a JSON value for a field. ApiError when it cannot be bound."""
    if value is None:
        return None
    if field.type in ("integer", "long"):
        return _whole(field, value) if value != "" else None
    if field.type == "double":
        return _double(field, value) if value != "" else None
    if field.type == "boolean":
        return _boolean(field, value)
    if field.type == "datetime":
        return _moment(field, value) if value != "" else None
    if isinstance(value, dict | list):
        raise _unbindable(field, value)
    return value if isinstance(value, str) else json.dumps(value)


def moment_text(moment: datetime) -> str:
    """UTC with none to three fraction digits, trailing zeros dropped, as production answers."""
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    milliseconds = moment.microsecond // 1000
    return text + (f".{milliseconds:03d}".rstrip("0") if milliseconds else "") + "Z"


def encode(value: Any) -> str:
    """One stored value as JSON text. Decimals carry four digits, as in `3.5000`."""
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, datetime):
        return f'"{moment_text(value)}"'
    # Half a surrogate pair has no UTF-8 form; as an escape it still passes through JSON.
    return json.dumps(value, ensure_ascii=isinstance(value, str) and not _is_whole(value))


def _is_whole(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text) if not text.isascii() else True


def folded(value: Any) -> Any:
    """Texts compare without case, as the vendor's database collation does."""
    return value.casefold() if isinstance(value, str) else value


def sunday_of(moment: datetime) -> datetime:
    """Midnight of the Sunday that starts the week of a moment."""
    day = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    return day - timedelta(days=(day.weekday() + 1) % 7)
