"""Which tickets a shape names.

An object names one thing, however many of its keys do: an id wins over a number beside it. What holds tickets is an
envelope and no ticket itself, so the id of an envelope, and those of a contact or a company beside the ticket, are
passed over.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum

from app.core.intake.shapes import Record, Shape
from app.core.model.job import JobKind


class Strength(IntEnum):
    """How plainly a value was called a ticket's."""

    PLAIN = 0
    NUMBER = 1
    TICKET = 2


@dataclass(frozen=True, slots=True)
class Named:
    """A value found where a ticket is named. `kind` is None when it is neither an id nor a ticket number."""

    text: str
    kind: JobKind | None
    key: str = ""
    strength: Strength = Strength.PLAIN


# Autotask's extension callout has no published key names; these are the ones seen with its users and in Field
# Nation's own trigger. The order is that of preference; plurals stand for lists.
_KEYS = {
    "ticketid": Strength.TICKET,
    "ticket_id": Strength.TICKET,
    "ticketids": Strength.TICKET,
    "ticket_ids": Strength.TICKET,
    "entityid": Strength.PLAIN,
    "id": Strength.PLAIN,
    "ids": Strength.PLAIN,
    "ticketnumber": Strength.NUMBER,
    "ticketno": Strength.NUMBER,
    "ticketnumbers": Strength.NUMBER,
    "number": Strength.PLAIN,
    "numbers": Strength.PLAIN,
}
_TICKET_OBJECTS = frozenset({"ticket", "tickets"})
# Autotask developer help, Tickets entity: numbers are T, the day, a counter; those of recurring tickets end in one
# more counter. The field is 50 long.
_NUMBER = re.compile(r"[Tt][0-9]{8}\.[0-9]+(?:\.[0-9]+)?")
_MAX_NUMBER_LENGTH = 50
_DIGITS = re.compile(r"0*([0-9]{1,19})")
_MAX_ID = 2**63 - 1
_SEPARATORS = re.compile(r"[\s,;]+")


def read_id(text: str) -> int | None:
    """An id of either vendor: digits, 1 to 2^63-1, leading zeros folded; None when it is none."""
    digits = _DIGITS.fullmatch(text)
    return int(digits[1]) if digits and 1 <= int(digits[1]) <= _MAX_ID else None


def read_value(text: str) -> Named:
    """One id, as `read_id` knows it, or one ticket number."""
    id_ = read_id(text)
    if id_ is not None:
        return Named(text, JobKind.IMPORT_TICKET, str(id_))
    if len(text) <= _MAX_NUMBER_LENGTH and _NUMBER.fullmatch(text):
        return Named(text, JobKind.RESOLVE_NUMBER, text.upper())
    return Named(text, None)


def read_values(text: str) -> tuple[Named, ...]:
    """Values separated by white space, commas or semicolons."""
    return tuple(read_value(part) for part in _SEPARATORS.split(text) if part)


def named_in(shape: Shape) -> tuple[Named, ...]:
    """Everything that a whole body names, in order; a bare value or list names as well."""
    return _of_value(shape, key="", is_bare=True)


def _of_value(value: Shape, *, key: str, is_bare: bool) -> tuple[Named, ...]:
    if isinstance(value, Record):
        return _of_record(value, is_ticket=key in _TICKET_OBJECTS)
    if isinstance(value, list):
        return tuple(named for item in value for named in _of_value(item, key=key, is_bare=is_bare))
    return _of_scalar(value) if is_bare else ()


def _of_scalar(value: bool | str | None) -> tuple[Named, ...]:
    if isinstance(value, str):
        return read_values(value)
    return (Named({None: "null", True: "true", False: "false"}[value], None),)


def _of_record(record: Record, *, is_ticket: bool) -> tuple[Named, ...]:
    own = _own(record, is_ticket=is_ticket)
    below = tuple(named for key, value in record.pairs for named in _of_value(value, key=key.lower(), is_bare=False))
    tickets = tuple(named for named in below if named.strength is Strength.TICKET)
    is_usable = bool(own) and all(named.kind for named in own)
    if is_usable and own[0].strength is Strength.TICKET:
        return own + tuple(named for named in tickets if named.kind is not JobKind.RESOLVE_NUMBER)
    if tickets:
        return tickets
    if own and (is_usable or not _numbers(below)):
        return own
    return _numbers(below) or below


def _numbers(below: tuple[Named, ...]) -> tuple[Named, ...]:
    """What was called a ticket's number, as opposed to the ids of whatever else stands beside it."""
    return tuple(named for named in below if named.strength is Strength.NUMBER)


def _own(record: Record, *, is_ticket: bool) -> tuple[Named, ...]:
    """What the record's own keys say: the best key whose values are all usable, else every value that is not."""
    said: dict[str, list[Shape]] = {}
    for name, value in record.pairs:
        if (key := name.lower()) in _KEYS:
            said.setdefault(key, []).append(value)
    in_order = (key for key in _KEYS if key in said)
    readings = [reading for key in in_order if (reading := _reading(said[key], key, is_ticket=is_ticket))]
    usable = [reading for reading in readings if all(named.kind for named in reading)]
    for reading in usable:
        if any(named.kind is JobKind.IMPORT_TICKET for named in reading):
            return reading
    if usable:
        return usable[0]
    return tuple(named for reading in readings for named in reading if named.kind is None)


def _reading(values: Iterable[Shape], key: str, *, is_ticket: bool) -> tuple[Named, ...]:
    strength = Strength.TICKET if is_ticket else _KEYS[key]
    return tuple(replace(named, strength=strength) for text in _scalars(values) for named in text)


def _scalars(values: Iterable[Shape]) -> list[tuple[Named, ...]]:
    """The scalars among the values and their lists. Nothing (null, an empty text) is as good as an absent key."""
    found: list[tuple[Named, ...]] = []
    for value in values:
        if isinstance(value, list):
            found.extend(_scalars(value))
        elif isinstance(value, bool | str):
            found.append(_of_scalar(value))
    return found
