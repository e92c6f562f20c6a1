"""Documents as the JSON that a script sees, given up as soon as they are too much for one."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from app.adapters.system.jsonnet.limits import DATA_NESTING, INPUT_BYTES, KIB
from app.core.model.document import Json

_LONE: Final = re.compile("[\ud800-\udfff]")
_MAX_EXACT: Final = 2**53
"""Jsonnet's numbers are IEEE doubles: beyond this, whole numbers are rounded (Jsonnet specification, numbers)."""

_MAX_BITS: Final = 1023
_MAX_POWER: Final = 308
_NOT_HELD: Final = "holds something that Jsonnet cannot hold, such as a number beyond 1e308"


@dataclass(frozen=True, slots=True)
class Encoded:
    """The JSON as UTF-8, and a number in it that lost digits (empty when none did)."""

    json: bytes
    rounded: str = ""


@dataclass(frozen=True, slots=True)
class TooMuch:
    """Why a script cannot have the document."""

    reason: str


def encode(value: Json, place: str) -> Encoded | TooMuch:
    """The value for a script; `place` names it in reasons, such as `$.input`. Works on 256 KiB at the most.

    Half of a surrogate pair, which is no character, becomes the replacement character.
    """
    measured = _measure(value)
    if isinstance(measured, TooMuch):
        return TooMuch(f"{place} {measured.reason}")
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_as_json)
    except (TypeError, ValueError, OverflowError):
        return TooMuch(f"{place} {_NOT_HELD}")
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        encoded = _LONE.sub("\ufffd", text).encode()
    return _too_large(f"{place} ") if len(encoded) > INPUT_BYTES else Encoded(encoded, measured)


def _measure(value: Json) -> str | TooMuch:
    """A number that a script sees rounded, or empty; level by level, until the limit is certainly crossed."""
    level: list[Json] = [value]
    size, depth, rounded = 0, 0, ""
    while level:
        inside: list[Json] = []
        for one in level:
            if isinstance(one, str):
                size += len(one)
            elif isinstance(one, int | Decimal):  # before the containers, which are slow to tell
                if not _is_held(one):
                    return TooMuch(_NOT_HELD)
                rounded = str(one)[:40] if _is_rounded(one) else rounded
            elif isinstance(one, dict | list | tuple | Mapping | Sequence):
                size += 2 * len(one)
                if size <= INPUT_BYTES:
                    size += _spread(one, inside)
        if size > INPUT_BYTES:
            return _too_large()
        if inside and depth == DATA_NESTING:
            return TooMuch(f"is nested deeper than {DATA_NESTING}")
        level, depth = inside, depth + 1
    return rounded


def _spread(container: Mapping[str, Json] | Sequence[Json], inside: list[Json]) -> int:
    """Adds what is in the container to the next level; the size of its keys."""
    if not isinstance(container, dict | Mapping):
        inside.extend(container)
        return 0
    inside.extend(container.values())
    return sum([len(key) for key in container])


def _too_large(place: str = "") -> TooMuch:
    return TooMuch(f"{place}is larger than {INPUT_BYTES // KIB} KiB")


def _is_held(number: int | Decimal) -> bool:
    if isinstance(number, int):
        return number.bit_length() < _MAX_BITS
    return number.is_finite() and abs(number.adjusted()) < _MAX_POWER


def _is_rounded(number: int | Decimal) -> bool:
    if isinstance(number, int) and -_MAX_EXACT <= number <= _MAX_EXACT:
        return False
    return Decimal(repr(float(number))) != number


def _as_json(value: object) -> object:
    """What the encoder does not know by itself."""
    if isinstance(value, Decimal):
        near = float(value)
        return int(near) if near.is_integer() and abs(near) <= _MAX_EXACT else near
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence):
        return list(value)
    raise TypeError(f"{type(value).__name__} is no JSON")
