"""JSON that can be read and also be written again: no NaN, no infinity, no half of a character."""

import json
import math
from typing import Any


def read_json(raw: bytes) -> Any:
    """The value of `raw`; raises ValueError for anything that is not JSON in UTF-8."""
    value = json.loads(raw, parse_constant=_refuse, parse_float=_finite)
    if b"\\u" in raw:
        # A lone surrogate is legal in an escape and cannot be encoded: UnicodeEncodeError is a ValueError.
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)
