"""JSON values: what counts as empty, as equal, as a number, as text, and how a person is shown one."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from app.core.model.document import Json

MAX_DIGITS = 300
"""Longer numbers are not spelled out: a decimal of a few characters can stand for a gigabyte of zeros."""


def is_list(value: object) -> bool:
    """Whether the value is a JSON array."""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def is_scalar(value: object) -> bool:
    """Whether the value is a JSON scalar; false for containers and for everything that JSON cannot say."""
    return value is None or isinstance(value, bool | int | float | Decimal | str)


def is_json(value: object) -> bool:
    """Whether the value is, at its top, something that JSON can say (a YAML date is not)."""
    return is_scalar(value) or is_list(value) or isinstance(value, Mapping)


def is_empty(value: object) -> bool:
    """Null, the empty text, an empty container, or a date object that holds nothing.

    A missing date is an object with empty strings, and an empty object may come as a list (Field Nation API v2).
    """
    if isinstance(value, Mapping):
        return not value or is_empty_date(value)
    return value is None or value == "" or (is_list(value) and not value)


def is_empty_date(value: Mapping[str, Json]) -> bool:
    """Whether the object has the shape of Field Nation's date and neither half of it says anything."""
    if "utc" not in value and "local" not in value:
        return False
    local = value.get("local")
    halves = (local.get("date"), local.get("time")) if isinstance(local, Mapping) else (local,)
    return all(half is None or half == "" or half == [] for half in (value.get("utc"), *halves))


def same(left: Json, right: Json) -> bool:
    """Exact equality of two scalars: text is case-sensitive and untrimmed, `1`, `"1"` and `true` all differ.

    Numbers are equal when their values are; null equals the empty text, because Autotask answers either for a
    field without text (Autotask developer help, REST conventions).
    """
    if left in (None, "") or right in (None, ""):
        return left in (None, "") and right in (None, "")
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, str) or isinstance(right, str):
        return isinstance(left, str) and isinstance(right, str) and left == right
    a, b = as_number(left), as_number(right)
    return a is not None and b is not None and a == b


def as_number(value: object) -> Decimal | None:
    """The exact number a value is, or spells as text; None for everything else and for NaN and infinities."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    if isinstance(value, str) and (not value.isascii() or "_" in value):
        return None
    try:
        number = Decimal(repr(value) if isinstance(value, float) else value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def as_text(value: Json) -> str | None:
    """How a scalar reads inside a text: `true`, `5`, `3.5` (for 3.5000); null is empty; None for containers."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        number = as_number(value)
        return _number_text(number) if number is not None else str(value)
    return None


def _number_text(number: Decimal) -> str:
    _, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int) or len(digits) + abs(exponent) > MAX_DIGITS:
        return str(number)
    text = format(number, "f")
    plain = text.rstrip("0").rstrip(".") if "." in text else text
    return plain if plain != "-0" else "0"


def show(value: object, limit: int = 80) -> str:
    """The value as a person is shown it, on one line and cut to about `limit` characters; safe for any depth."""
    if isinstance(value, Mapping):
        return f"an object with {len(value)} keys"
    if is_list(value):
        return f"a list of {len(value)}"  # type: ignore[arg-type]  # `is_list` said that it has a length
    if value is None:
        return "null"
    if isinstance(value, str):
        text = repr(value[: limit + 1])[1:-1]
        return f'"{text[:limit]}…"' if len(text) > limit else f'"{text}"'
    if isinstance(value, bool | int | float | Decimal):
        return (as_text(value) or "")[:limit]
    return f"a {type(value).__name__}"


def nearest(word: object, options: Iterable[str]) -> str:
    """The option that is spelled most like the word, whatever the capitals; empty when none comes near."""
    by_fold = {option.casefold(): option for option in options}
    found = difflib.get_close_matches(str(word)[:100].casefold(), by_fold, n=1, cutoff=0.6)
    return by_fold[found[0]] if found else ""


def suggestion(word: object, options: Iterable[str], otherwise: str) -> str:
    """The mend for a misspelt name: the nearest valid one, or the sentence `otherwise`."""
    hit = nearest(word, options)
    return f"Did you mean {hit}?" if hit else otherwise
