"""Values of records in Autotask: reading them, and telling whether two mean the same."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from app.core.model.document import Document, Json
from app.core.planning.targets import read_moment

_OWN = "userDefinedFields"


def value_of(record: Document, field: str) -> Json:
    """What a field of a record holds, by its REST name; `userDefinedFields.X` for a user-defined one."""
    place, _, name = field.partition(".")
    if not name or place != _OWN:
        return record.get(field)
    rows: Any = record.get(_OWN)
    for row in rows if isinstance(rows, list | tuple) else ():
        if isinstance(row, Mapping) and row.get("name") == name:
            found: Json = row.get("value")
            return found
    return None


def is_same(one: Json, other: Json) -> bool:
    """Whether two values mean the same to Autotask: empty is empty, numbers and moments count, not their spelling."""
    if _is_empty(one) or _is_empty(other):
        return _is_empty(one) and _is_empty(other)
    if isinstance(one, bool) or isinstance(other, bool):
        return str(one).lower() == str(other).lower()
    if str(one) == str(other):
        return True
    numbers = _number(one), _number(other)
    if None not in numbers:
        return numbers[0] == numbers[1]
    moments = read_moment(one), read_moment(other)
    if None not in moments:
        return moments[0] == moments[1]
    return _lines(one) == _lines(other)


def _is_empty(value: Json) -> bool:
    return value is None or value == ""


def _number(value: Json) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _lines(value: Json) -> str:
    return str(value).replace("\r\n", "\n").strip()
