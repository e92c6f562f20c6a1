"""JSON as text, exact for decimals in both directions."""

import json
import math
from collections.abc import Iterator, Mapping
from decimal import Decimal

from app.core.model.document import Json


def to_json(value: Json) -> bytes:
    """The value as compact ASCII JSON; decimals keep every digit. Raises ValueError for NaN and infinities."""
    return "".join(_pieces(value)).encode("ascii")


def from_json(body: bytes) -> Json:
    """The value of a JSON text, fractions as Decimal. Raises ValueError for anything that is not JSON."""
    try:
        value: Json = json.loads(body, parse_float=Decimal, parse_constant=_no_constant)
    except (ArithmeticError, RecursionError) as error:
        raise ValueError("a number or the nesting of this JSON is beyond bounds") from error
    return value


def _pieces(value: Json) -> Iterator[str]:
    if isinstance(value, Decimal | float):
        yield _number(value)
    elif value is None or isinstance(value, str | int):
        yield json.dumps(value)
    elif isinstance(value, Mapping):
        yield from _joined("{}", ((json.dumps(str(key)) + ":", item) for key, item in value.items()))
    else:
        yield from _joined("[]", (("", item) for item in value))


def _joined(brackets: str, items: Iterator[tuple[str, Json]]) -> Iterator[str]:
    yield brackets[0]
    for index, (prefix, item) in enumerate(items):
        yield ("," if index else "") + prefix
        yield from _pieces(item)
    yield brackets[1]


def _number(value: Decimal | float) -> str:
    if not math.isfinite(value):
        raise ValueError(f"{value} is no JSON number")
    return str(value) if isinstance(value, Decimal) else repr(float(value))


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is no JSON number")
