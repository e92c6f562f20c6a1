"""Subject: everything that a review looks at, and how it says what it found."""

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from app.core.mapping.compiled import CompiledMapping
from app.core.mapping.outbound import CompiledOutbound, CompiledPart
from app.core.mapping.rules import (
    ArrayMap,
    Concat,
    Custom,
    DateConvert,
    RangeMap,
    Rule,
    SetStatic,
    StatusMap,
    Sync,
)
from app.core.model.catalog import EntityCatalog, Field, PickValue
from app.core.model.connection import ConnectionFile
from app.core.model.document import Json
from app.core.model.finding import Finding, Severity

RECORD: Final = "connection"

Written: TypeAlias = tuple[str, Json]
"""A value that the author of a rule wrote, with the key of the rule it stands under."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A file with its rules as they were compiled. `orders` are the fields of a work order, without any where Field
    Nation was not asked; `tickets` are those of the paired record. `is_whole`: no outbound rule was left out because it
    is wrong in itself."""

    file: ConnectionFile
    inbound: CompiledMapping
    outbound: CompiledOutbound
    orders: EntityCatalog
    tickets: EntityCatalog
    is_whole: bool = True

    @property
    def parts(self) -> Sequence[CompiledPart]:
        """The outbound rules by the kind of record that they write."""
        made = self.outbound
        return made.ticket, made.time_entries, made.expense_items, made.charges, made.notes

    @property
    def statuses(self) -> Sequence[PickValue]:
        """The statuses of the paired record."""
        status = self.tickets.field("status")
        return status.values if status else ()


def written(rule: Rule) -> Iterator[Written]:
    """Every value that the rule's author wrote and that may be sent."""
    if isinstance(rule, SetStatic):
        yield "value", rule.value
    elif isinstance(rule, ArrayMap | StatusMap):
        yield from ((f"mappings[{n}].value", pair.value) for n, pair in enumerate(rule.pairs))
    elif isinstance(rule, RangeMap):
        yield from ((f"ranges[{n}].value", bound.value) for n, bound in enumerate(rule.bounds))
    if rule.default is not None:
        yield "default", rule.default


def action_of(rule: Rule) -> str:
    """The action as it is written in the file."""
    return _ACTIONS[type(rule)]


_ACTIONS: Final[dict[type, str]] = {
    Sync: "sync",
    SetStatic: "set_static",
    ArrayMap: "array_map",
    StatusMap: "status",
    RangeMap: "range_map",
    DateConvert: "date_convert",
    Concat: "concat",
    Custom: "custom",
}


def kind_of(field: Field) -> str:
    """`text`, `number`, `date` or `flag`; empty for a type that nobody knows."""
    return _KINDS.get(field.type.lower(), "")


_KINDS: Final = {
    **dict.fromkeys(("string", "phone", "time"), "text"),
    **dict.fromkeys(("byte", "short", "integer", "long", "double", "decimal"), "number"),
    **dict.fromkeys(("datetime", "date"), "date"),
    "boolean": "flag",
}


def nearest_number(number: object, options: Iterable[str]) -> str:
    """The number whose digits are most like the given one's, of two the closer; empty for none."""
    text = str(number)
    hits = difflib.get_close_matches(text, list(options), n=3, cutoff=0.6)
    if not text.isdecimal() or not all(hit.isdecimal() for hit in hits):
        return next(iter(hits), "")
    likeness = {hit: difflib.SequenceMatcher(None, hit, text).ratio() for hit in hits}
    return min(hits, key=lambda hit: (-likeness[hit], abs(int(hit) - int(text))), default="")


def flaw(code: str, field: str, text: str, mend: str) -> Finding:
    """What cannot work: it refuses the file."""
    return Finding(code, Severity.ERROR, RECORD, text, mend, field)


def doubt(code: str, field: str, text: str, mend: str) -> Finding:
    """What looks like a mistake: it is shown."""
    return Finding(code, Severity.WARNING, RECORD, text, mend, field)
