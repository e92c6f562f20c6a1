"""JSON and text as PostgreSQL stores them: exact decimals, nothing that the server refuses to hold."""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any


def clean(text: str) -> str:
    """The text without what UTF-8 or PostgreSQL cannot hold (NUL, half surrogates), each shown as U+FFFD."""
    # PostgreSQL manual, 8.3 Character Types: "the character with code zero cannot be stored".
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def dumps(value: object) -> str:
    """JSON text of a document; a Decimal is written digit for digit, a number that JSON lacks as its name."""
    return "".join(_parts(value))


def loads(text: str | bytes) -> Any:
    """The document of a JSON text; every fraction is a Decimal."""
    return json.loads(text, parse_float=Decimal)


def _parts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield json.dumps(clean(value), ensure_ascii=False)
    elif value is None or isinstance(value, bool):
        yield json.dumps(value)
    elif isinstance(value, int | float | Decimal):
        yield _number(value)
    elif isinstance(value, Mapping):
        yield from _listed("{", (_pair(key, item) for key, item in value.items()), "}")
    elif isinstance(value, Sequence | frozenset | set):
        yield from _listed("[", (dumps(item) for item in value), "]")
    else:
        raise TypeError(f"{type(value).__name__} has no JSON form")


def _number(value: int | float | Decimal) -> str:
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite():
        return json.dumps(str(value))
    return repr(int(value)) if isinstance(value, int) else str(exact)


def _pair(key: object, item: object) -> str:
    return f"{json.dumps(clean(str(key)), ensure_ascii=False)}:{dumps(item)}"


def _listed(head: str, items: Iterator[str], tail: str) -> Iterator[str]:
    yield head
    for index, item in enumerate(items):
        yield f",{item}" if index else item
    yield tail
