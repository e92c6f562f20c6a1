"""Matching: which record in Autotask an entry of the ledger, or an item of the work order, stands for.

By mark first (`(#103)` at the beginning of a text, as the old connector writes it, or at the end of a title), then by
content among the records that carry no mark.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.core.model.document import Document, Json
from app.core.model.ledger import LedgerEntry
from app.core.planning.ticket import time_entries
from app.core.planning.ticket.values import is_same, value_of

_FIRST: Final = re.compile(r"\s*\(#([^()\s]{1,80})\)")
_LAST: Final = re.compile(r"\(#([^()\s]{1,80})\)\s*$")


@dataclass(frozen=True, slots=True)
class Marks:
    """Where records of an entity carry a mark: at the beginning of these fields, or at the end of those."""

    entity: str
    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    content: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


MARKS: Final[Mapping[str, Marks]] = {
    "time_entry": Marks(
        "TimeEntries",
        first=("internalNotes", "summaryNotes"),
        fields=("resourceID", "startDateTime", "endDateTime", "hoursWorked", "dateWorked"),
    ),
    "charge": Marks(
        "TicketCharges",
        first=("notes", "description", "name"),
        content=("name", "unitPrice", "datePurchased"),
        fields=("unitPrice", "unitCost", "unitQuantity", "datePurchased", "isBilled"),
    ),
    "expense_item": Marks(
        "ExpenseItems",
        first=("purchaseOrderNumber", "description"),
        content=("description", "expenseCurrencyExpenseAmount", "expenseDate"),
        fields=("expenseReportID", "expenseCurrencyExpenseAmount", "internalCurrencyExpenseAmount", "expenseDate"),
    ),
    "note": Marks(
        "TicketNotes", first=("title", "description"), last=("title",), content=("description",), fields=("noteType",)
    ),
    "attachment": Marks(
        "TicketAttachments", last=("title",), content=("fullPath",), fields=("fileSize", "attachmentType")
    ),
}
"""By the kind of the ledger entry. `content` are the fields that make an unmarked record the same, `fields` what is
read beside those."""


def fields_of(kind: str) -> tuple[str, ...]:
    """The fields that a look at records of that kind asks for."""
    marks = MARKS[kind]
    return tuple(dict.fromkeys(("id", *marks.first, *marks.last, *marks.content, *marks.fields)))


def mark_in(kind: str, record: Document) -> str:
    """The mark that the record carries, or empty."""
    return next(_marks_in(kind, record), "")


def _marks_in(kind: str, record: Document) -> Iterator[str]:
    """Every mark of the record, the likeliest first: a text that is not ours may begin like one."""
    marks = MARKS[kind]
    for pattern, names in ((_LAST.search, marks.last), (_FIRST.match, marks.first)):
        for name in names:
            found = pattern(str(record.get(name) or ""))
            if found:
                yield found[1]


def made_by(entry: LedgerEntry, records: Iterable[Document], claimed: frozenset[str]) -> list[Document]:
    """The records that the create of that entry may have made; `claimed` are ids that other entries name."""
    kind, mark = entry.key.kind, str(entry.attempted.get("mark") or entry.key.key)
    free = [one for one in records if str(one.get("id")) not in claimed]
    marked = [one for one in free if mark in _marks_in(kind, one)]
    if marked:
        return marked
    values = _part(entry.attempted, "values")
    return [one for one in free if not mark_in(kind, one) and _has_content(kind, one, values)]


def _has_content(kind: str, record: Document, values: Mapping[str, Json]) -> bool:
    if kind == "time_entry":
        return time_entries.looks_like(record, values)
    names = MARKS[kind].content
    return bool(names) and all(name in values and is_same(record.get(name), values[name]) for name in names)


def by_mark(kind: str, records: Iterable[Document]) -> dict[str, list[Document]]:
    """Records by the mark they carry; those without one are left out."""
    found: dict[str, list[Document]] = {}
    for record in records:
        mark = mark_in(kind, record)
        if mark:
            found.setdefault(mark, []).append(record)
    return found


def stands(entry: LedgerEntry, record: Document) -> bool:
    """Whether everything that an update sent stands in the record."""
    values, names = _part(entry.attempted, "values"), entry.attempted.get("fields")
    sent = [str(name) for name in names] if isinstance(names, list | tuple) else []
    return all(is_same(value_of(record, name), values.get(name)) for name in sent)


def strangers(entry: LedgerEntry, record: Document) -> tuple[str, ...]:
    """Fields of an update that hold neither what they held before nor what was sent: somebody changed them."""
    values, before = _part(entry.attempted, "values"), _part(entry.attempted, "before")
    names = entry.attempted.get("fields")
    return tuple(
        str(name)
        for name in (names if isinstance(names, list | tuple) else ())
        if str(name) in before
        and not is_same(value_of(record, str(name)), values.get(str(name)))
        and not is_same(value_of(record, str(name)), before[str(name)])
    )


def _part(attempted: Document, name: str) -> Mapping[str, Any]:
    part = attempted.get(name)
    return part if isinstance(part, Mapping) else {}
