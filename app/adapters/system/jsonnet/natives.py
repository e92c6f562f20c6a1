"""What the helpers ask Python for: dates that behave as the date_convert action does, and exact sums.

Jsonnet's numbers are binary: 10.1 + 20.2 is not 30.3 there. Sums of money are taken over the decimals that the
numbers were written as.
"""

import os
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from app.core.mapping.date_formats import BadFormat, DateFormat, parse_format
from app.core.mapping.dates import (
    AUTOTASK_UTC,
    DAY,
    FIELD_NATION_UTC,
    BadDate,
    print_instant,
    read_instant,
    read_zone,
)
from app.core.mapping.values import as_number, is_list, show
from app.core.model.document import Json

_STDERR: Final = 2
_ISO_SHAPE: Final = re.compile(r"\d{4}-\d\d-\d\d(?:(?P<t>[Tt ])[\d:]+(?P<fraction>\.\d+)?(?P<zone>.+)?)?")


def natives() -> dict[str, tuple[tuple[str, ...], Callable[..., Any]]]:
    """By name: the parameters and the function, as the binding wants them."""
    return {
        "date_convert": (("value", "in_fmt", "out_fmt", "tz_in", "tz_out"), date_convert),
        "date_add": (("value", "in_fmt"), date_add),
        "sum": (("values",), exact_sum),
        "number": (("value",), plain_number),
    }


def date_convert(value: Json, in_fmt: Json, out_fmt: Json, tz_in: Json, tz_out: Json) -> str:
    """The date in the other format; empty when there is none, and with a line in the trace when it cannot be read."""
    made = _convert(value, in_fmt, out_fmt, tz_in, tz_out)
    return made if isinstance(made, str) else _lost("date_convert", made)


def date_add(value: Json, in_fmt: Json) -> str:
    """A day later, on the same clock (UTC where the date names no zone), written as the date was."""
    read = _format(in_fmt, "in_fmt", for_reading=True) if in_fmt else None
    if isinstance(read, BadDate):
        return _lost("date_add", read)
    at = read_instant(value, read)
    if at is None:
        return ""
    later = at if isinstance(at, BadDate) else _day_later(at)
    text = print_instant(later, read or _shape(value)) if isinstance(later, datetime) else later
    return text if isinstance(text, str) else _lost("date_add", text)


def exact_sum(values: Json) -> int | float:
    """Of numbers and numbers in texts; nulls and empty texts count nothing. ValueError for anything else: a wrong
    sum would be worse than none."""
    if values is None:
        return 0
    if not isinstance(values, list | tuple):
        raise ValueError(f"{show(values)} is not a list of numbers")
    total = sum((_summand(value, place) for place, value in enumerate(values)), Decimal())
    return int(total) if total == total.to_integral_value() else float(total)


def plain_number(value: Json) -> int | float | None:
    """The number that a value is or spells, or None."""
    number = as_number(value)
    return None if number is None else float(number)


def _convert(value: Json, in_fmt: Json, out_fmt: Json, tz_in: Json, tz_out: Json) -> str | BadDate:
    read = _format(in_fmt, "in_fmt", for_reading=True) if in_fmt else None
    printed = _format(out_fmt, "out_fmt", for_reading=False)
    zone_in, zone_out = read_zone(str(tz_in)), read_zone(str(tz_out))
    if isinstance(read, BadDate):
        return read
    if isinstance(printed, BadDate):
        return printed
    if zone_in is None or zone_out is None:
        return BadDate(f"{show(tz_in if zone_in is None else tz_out)} is not an IANA time zone")
    at = read_instant(value, read, zone_in)
    if at is None:
        return ""
    return at if isinstance(at, BadDate) else print_instant(at, printed, zone_out)


def _format(text: Json, name: str, *, for_reading: bool) -> DateFormat | BadDate:
    made = parse_format(text, for_reading=for_reading) if isinstance(text, str) else BadFormat("it is not a text")
    return BadDate(f"{name} {show(text)} cannot be used: {made.reason}") if isinstance(made, BadFormat) else made


def _day_later(at: datetime) -> datetime | BadDate:
    try:
        return at + timedelta(days=1)
    except OverflowError:
        return BadDate(f"{at.isoformat()} is the end of the calendar")


def _shape(value: Json) -> DateFormat:
    """The format of a date that was read without one; Field Nation's own for its date objects."""
    found = _ISO_SHAPE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return FIELD_NATION_UTC
    if found["t"] is None:
        return DAY
    usual = FIELD_NATION_UTC if found["t"] == " " else AUTOTASK_UTC
    made = parse_format(
        usual.text + (".SSS" if found["fraction"] else "") + ("[Z]" if found["zone"] else ""), for_reading=False
    )
    return usual if isinstance(made, BadFormat) else made


def _summand(value: Json, place: int) -> Decimal:
    if value is None or value == "":
        return Decimal()
    number = None if is_list(value) else as_number(value)
    if number is None:
        raise ValueError(f"element {place} is {show(value)}, not a number")
    return number


def _lost(helper: str, why: BadDate) -> str:
    """Says in the trace why the result is empty; a trace that is full stays as it is."""
    try:
        os.write(_STDERR, f"{helper}: {why.reason}\n".encode("utf-8", "replace"))
    except OSError:
        return ""
    return ""
