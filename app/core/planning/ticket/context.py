"""The context of a push: what every kind of item is decided with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import MAXYEAR, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.core.mapping.engine import Mapped
from app.core.mapping.values import as_text
from app.core.model.connection import ConnectionFile
from app.core.model.document import Document, Json
from app.core.model.finding import Finding, Severity
from app.core.model.ledger import LedgerEntry
from app.core.planning.statuses import APPROVED, PAID, WORK_DONE
from app.core.planning.targets import read_moment, status_id
from app.core.planning.ticket.place import Place
from app.core.planning.ticket.wishes import Fact, FieldWish, digests_of, fit, mapped_wishes, merged, with_mark

DONE = frozenset({WORK_DONE, APPROVED, PAID})
ACCEPTED = frozenset({APPROVED, PAID})

Apply = Callable[[str, Document], Mapped]
"""The mapping of one kind's rules (`time_entries`, `expense_items`, `charges`, `notes`) over one item."""


@dataclass(slots=True)
class Context:
    """`order` is the work order as mappings see it, with its items in plain lists; `lengths` are those of text fields
    by entity and field. `findings` gathers what is found on the way; `unread` are the lists in which something stands
    that nobody can make sense of."""

    id: int
    order: Document
    file: ConnectionFile
    place: Place
    apply: Apply
    lengths: Mapping[str, Mapping[str, int]]
    entries: Sequence[LedgerEntry]
    findings: list[Finding] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)

    @property
    def owner(self) -> str:
        """Whose the ledger entries and findings are."""
        return owner_of_order(self.id)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.file.time_zone)

    @property
    def status(self) -> int | None:
        return status_id(self.order)

    def rows(self, name: str) -> list[Document]:
        """The items of a list of the work order."""
        found: Any = self.order.get(name)
        return [row for row in found if isinstance(row, Mapping)] if isinstance(found, list | tuple) else []

    def items(self, name: str) -> list[tuple[str, Document]]:
        """The items of a list with their ids, in the order of those; of a repeated one the later reading."""
        found: dict[str, Document] = {}
        for row in self.rows(name):
            if id := id_of(row):
                found[id] = row
            else:
                self.without_id(name)
        return sorted(found.items())

    def without_id(self, name: str) -> None:
        """Says that an item of that list cannot be told from the others."""
        text = f"An item of {name} came without an id, so nothing can be kept in step with it."
        self.cannot_read(name, "item_without_id", text, "Ask Field Nation for it; `broker sync` looks again.")

    def cannot_read(self, name: str, code: str, text: str, mend: str, field: str = "") -> None:
        """Says that an item of that list makes no sense, so that it is not in place."""
        self.unread.add(name)
        self.findings.append(Finding(code, Severity.ERROR, self.owner, text, mend, field or name))

    def fact(
        self,
        rules: str,
        entity: str,
        key: str,
        name: str,
        mark: str,
        built_in: Sequence[FieldWish],
        item: Document,
        lacking: Callable[[Mapping[str, Json]], str] = lambda values: "",
        mark_field: str = "",
    ) -> Fact:
        """A fact from what is built in and what the mapping makes of the item; `lacking` looks at the values. The mark
        goes to the beginning of `mark_field`, where no cut takes it away."""
        mapped = self.apply(rules, item)
        self.findings.extend(mapped.findings)
        wished = merged(built_in, mapped_wishes(mapped))
        wished = with_mark(wished, mark_field, mark) if mark_field else wished
        wishes, cuts = fit(wished, self.lengths.get(entity, {}), self.owner, name)
        self.findings.extend(cuts)
        # What a program should have made is left as it stands: a built-in value is not what somebody meant.
        wishes = tuple(wish for wish in wishes if wish.field not in mapped.unmade)
        values = {wish.field: wish.value for wish in wishes}
        reason = ("" if values.get(self.place.field) else self.place.lacking) or lacking(values) or _unmade(mapped)
        return Fact(key, name, wishes, mark, digests_of(mapped), reason)

    def day_of(self, text: Json) -> date | None:
        """The calendar day of a moment in the connection's zone."""
        moment = moment_of(text)
        return moment.astimezone(self.zone).date() if moment else None


def _unmade(mapped: Mapped) -> str:
    """Why an item is not made: somebody meant another value than the built-in one, and its program broke."""
    return f"the program for {', '.join(mapped.unmade)} gave no value" if mapped.unmade else ""


def id_of(row: Document) -> str:
    """The id of an item as text, however the vendor spells it; empty where it has none."""
    id = row.get("id")
    return "" if isinstance(id, bool) else (as_text(id) or "").strip()


def moment_of(value: Json) -> datetime | None:
    """The moment that a text names; None for none, and for one so late that no zone can shift it."""
    moment = read_moment(value) if value else None
    return moment if moment and moment.year < MAXYEAR else None


def owner_of_order(id: int) -> str:
    """Whose the ledger entries of a push are."""
    return f"work_order:{id}"


def at_midnight(day: date) -> str:
    """A calendar day as Autotask takes it: fields that are dates are not shifted (its developer help, dates)."""
    return f"{day.isoformat()}T00:00:00"


def utc_text(moment: datetime) -> str:
    """A moment as Autotask takes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def mapping_of(value: Any) -> Mapping[str, Any]:
    """The value when it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}
