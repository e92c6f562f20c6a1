"""Digests: fingerprints of source facts, equal whenever the facts are."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256

from app.core.mapping.values import is_list
from app.core.model.document import Json


@dataclass(frozen=True, slots=True)
class _Mark:
    """A piece of punctuation waiting on the stack between values."""

    text: str


def digest(value: Json) -> str:
    """SHA-256 (hex) of the value in one canonical spelling.

    The order of keys does not count, nor how a number is written: 3.5, 3.5000 and Decimal("3.5") are one fact.
    Any depth is safe: the value is walked with a stack of its own.
    """
    hasher = sha256()
    stack: list[object] = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, Mapping):
            stack.extend(reversed(_object(item)))
        elif isinstance(item, Sequence) and is_list(item):
            stack.extend(reversed(_array(item)))
        else:
            hasher.update(_scalar(item).encode())
    return hasher.hexdigest()


def _object(item: Mapping[object, object]) -> list[object]:
    parts: list[object] = [_Mark("{")]
    for key, value in sorted(item.items(), key=lambda pair: str(pair[0])):
        parts += [_Mark(json.dumps(str(key)) + ":"), value, _Mark(",")]
    return [*parts, _Mark("}")]


def _array(item: Sequence[object]) -> list[object]:
    parts: list[object] = [_Mark("[")]
    for value in item:
        parts += [value, _Mark(",")]
    return [*parts, _Mark("]")]


def _scalar(item: object) -> str:
    if isinstance(item, _Mark):
        return item.text
    if item is None or isinstance(item, bool | str):
        return json.dumps(item)
    if isinstance(item, int | float | Decimal):
        return _number(item)
    return f"<{type(item).__name__} {json.dumps(str(item))}>"


def _number(item: int | float | Decimal) -> str:
    number = Decimal(repr(item)) if isinstance(item, float) else Decimal(item)
    sign, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int):
        return f"<number {number}>"
    significant = "".join(map(str, digits)).lstrip("0")
    if not significant:
        return "0"
    bare = significant.rstrip("0")
    return f"{'-' if sign else ''}{bare}e{exponent + len(significant) - len(bare)}"
