"""Outbound targets: what a text such as `TimeEntry.[0].StartDateTime` names, by kind of record and field.

Names of the collections: Field Nation help, Autotask connector field mappings; Autotask SOAP and REST entity names.
"""

import re
from dataclasses import dataclass
from typing import Final, TypeAlias

from app.core.mapping.outbound import Kind, TargetField
from app.core.mapping.paths import USER_FIELDS, BadPath, Segment, System, parse_path
from app.core.mapping.relations import Catalogs, NeedCatalog, catalog_for
from app.core.mapping.soap_names import entity_named, rest_names, soap_name
from app.core.mapping.values import nearest, show, suggestion
from app.core.model.catalog import EntityCatalog, Field

_KINDS: Final[dict[str, Kind]] = {
    "timeentry": "time_entries",
    "timeentries": "time_entries",
    "expenseitem": "expense_items",
    "expenseitems": "expense_items",
    "expense": "expense_items",
    "expenses": "expense_items",
    "ticketcost": "charges",
    "ticketcosts": "charges",
    "ticketcharge": "charges",
    "ticketcharges": "charges",
    "charge": "charges",
    "charges": "charges",
    "ticketnote": "notes",
    "ticketnotes": "notes",
    "tasknote": "notes",
    "tasknotes": "notes",
}
_WRITTEN: Final = ("Ticket:Title", "TimeEntry.[0].X", "expense.items[0].X", "TicketCost.[0].X", "TicketNote.[0].X")

# Names of the reference connector that are no field's, and one amount that REST keeps in two currencies (Field Nation
# help, Autotask connector: time entry and expense sync; Autotask developer help, ExpenseItems and TicketCharges).
_EXPENSE_AMOUNT: Final = ("expenseCurrencyExpenseAmount", "internalCurrencyExpenseAmount")
_ALIASES: Final[dict[tuple[Kind, str], tuple[str, ...]]] = {
    ("expense_items", "expenseamount"): _EXPENSE_AMOUNT,
    ("expense_items", "amount"): _EXPENSE_AMOUNT,
    ("charges", "chargename"): ("name",),
    ("charges", "categorycode"): ("billingCodeID",),
    ("charges", "categorycodeid"): ("billingCodeID",),
    ("charges", "amount"): ("unitPrice", "unitCost"),
    ("charges", "chargeamount"): ("unitPrice", "unitCost"),
}

_OWNED: Final[dict[Kind, frozenset[str]]] = {
    "ticket": frozenset({"id"}),
    "time_entries": frozenset({"id", "ticketid", "taskid"}),
    "expense_items": frozenset({"id", "expensereportid", "ticketid", "projectid", "taskid"}),
    "charges": frozenset({"id", "ticketid"}),
    "notes": frozenset({"id", "ticketid", "taskid"}),
}
"""Lower-cased fields that the broker sets: they tie a record to its parents."""

# Autotask does not shift these between zones; it keeps the day that was sent (Autotask developer help, REST dates).
_DAYS: Final = frozenset({"dateworked", "expensedate", "datepurchased"})


@dataclass(frozen=True, slots=True)
class Place:
    """A named field, not yet looked up in the database."""

    kind: Kind
    name: str
    is_user_field: bool = False


@dataclass(frozen=True, slots=True)
class BadTarget:
    """Why a target cannot be written: the code of the finding, the reason and the mend."""

    code: str
    reason: str
    mend: str


_HIDDEN: Final = "The database shows no such fields: check what the API user's security level may see."

Fields: TypeAlias = tuple[TargetField, ...]


def entity_of(kind: Kind, root: str) -> str:
    """REST's path name of the records of that kind when the work order belongs to a record of `root`, or empty.

    A project has tasks, which take notes and time but no charges of tickets.
    """
    on_project = root == "Projects"
    entities: dict[Kind, str] = {
        "ticket": root,
        "time_entries": "TimeEntries",
        "expense_items": "ExpenseItems",
        "charges": "" if on_project else "TicketCharges",
        "notes": "TaskNotes" if on_project else "TicketNotes",
    }
    return entities[kind]


def read_outbound_target(text: str, root: str) -> Place | BadTarget:
    """The kind of record and the field that the text names, in SOAP's, REST's or the connector's own spelling."""
    path = parse_path(text, System.AUTOTASK)
    if isinstance(path, BadPath):
        return _bad(path.reason, _choices())
    segments = path.segments if not path.root else (path.root, *path.segments)
    kind, rest = _split_kind(segments, root)
    if isinstance(rest, BadTarget):
        return rest
    if not entity_of(kind, root):
        return _bad(f"{root} have no records of that kind", "Map tickets' charges on a connection of tickets.")
    if len(rest) == 1 and isinstance(rest[0], str):
        return Place(kind, rest[0])
    if len(rest) != 2 or rest[0] != USER_FIELDS or not isinstance(rest[1], str):
        return _elsewhere(rest, root)
    if kind != "ticket":
        return _bad(f"{entity_of(kind, root)} have no user-defined fields", "Map it to a field of their own.")
    return Place(kind, rest[1], True)


def resolve_target(place: Place, catalogs: Catalogs, root: str) -> Fields | NeedCatalog | BadTarget:
    """The fields that the place means in this database; two where one old name stands for two of REST."""
    entity = entity_of(place.kind, root)
    need = NeedCatalog(entity, place.is_user_field)
    catalog = catalog_for(catalogs, need)
    if catalog is None:
        return need
    if place.is_user_field:
        return _user_field(place, catalog)
    owned = _OWNED[place.kind] - ({"taskid"} if (place.kind, root) == ("time_entries", "Projects") else set())
    alias = _ALIASES.get((place.kind, re.sub(r"[^a-z0-9]", "", place.name.lower())))
    names = alias or tuple(rest_names(entity, place.name))
    if not alias and any(name.lower() in owned for name in names):
        return BadTarget("mapping_owned_target", f"the broker sets it ({entity})", "Remove the rule.")
    known = [field for field in map(catalog.field, names) if field is not None]
    if not known:
        return _unknown(place.name, "no field", catalog, [field.name for field in catalog.fields.values()])
    return _writable(known if alias else known[:1], catalog)


def _split_kind(segments: tuple[Segment, ...], root: str) -> tuple[Kind, tuple[Segment, ...] | BadTarget]:
    """The kind that the first words name, and what follows them; `[0]` stands for every element of a collection."""
    first = str(segments[0])
    if len(segments) == 1:
        return "ticket", segments
    kind = _KINDS.get(first.lower())
    if kind is None:
        is_root = root.lower() in (first.lower(), entity_named(first).lower())
        return "ticket", segments[1:] if is_root else segments
    rest = segments[1:]
    if first.lower() in ("expense", "expenses", "charge", "charges") and str(rest[0]).lower() in ("item", "items"):
        rest = rest[1:]
    if rest and isinstance(rest[0], int):
        if rest[0]:
            return kind, _bad(f"[{rest[0]}] is one element, and a rule is for all of them", "Write [0].")
        rest = rest[1:]
    return kind, rest


def _writable(known: list[Field], catalog: EntityCatalog) -> Fields | BadTarget:
    writable = [field for field in known if not field.is_read_only]
    if not writable:
        reason = f"{known[0].name} is read-only ({catalog.entity})"
        return BadTarget("mapping_read_only_target", reason, "Map to another field, or remove the rule.")
    return tuple(TargetField(field.name, field, is_day=field.name.lower() in _DAYS) for field in writable)


def _user_field(place: Place, catalog: EntityCatalog) -> Fields | BadTarget:
    own = catalog.user_fields.get(place.name.lower())
    if own is None:
        options = [field.name for field in catalog.user_fields.values()]
        return _unknown(place.name, "no user-defined field", catalog, options)
    if own.is_read_only:
        reason = f"{own.name} is read-only ({catalog.entity})"
        return BadTarget("mapping_read_only_target", reason, "Map to another field, or remove the rule.")
    return (TargetField(own.name, own, is_user_field=True),)


def _unknown(name: str, what: str, catalog: EntityCatalog, options: list[str]) -> BadTarget:
    options = sorted(options)
    spellings = [*options, *(soap_name(catalog.entity, option) for option in options if what == "no field")]
    listed = ", ".join(options[:12]) + (", …" if len(options) > 12 else "")
    mend = suggestion(name, spellings, f"Use one of: {listed}." if options else _HIDDEN)
    return _bad(f"{show(name)} is {what} of {catalog.entity}", mend)


def _elsewhere(rest: tuple[Segment, ...], root: str) -> BadTarget:
    if not rest:
        return _bad("it names no field", _choices())
    reason = f"{show(rest[0])} is no record that a rule can write here, where {root} are kept in step"
    hit = nearest(rest[0], ("TimeEntry", "ExpenseItem", "TicketCost", "TicketCharge", "TicketNote"))
    return _bad(reason, f"Did you mean {hit}?" if hit else _choices())


def _choices() -> str:
    return f"Write it like {', '.join(_WRITTEN)}."


def _bad(reason: str, mend: str) -> BadTarget:
    return BadTarget("mapping_unknown_target", reason, mend)
