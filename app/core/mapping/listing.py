"""The listing of every path that a mapping may use, in both systems and directions, and the search in it.

Pure: catalogues come from the caller. `needs_for` and `relation_needs` say which ones it has to fetch; a path of an
entity whose catalogue was not fetched is not listed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, get_args

from app.core.mapping.compile import merged
from app.core.mapping.item_paths import LISTS
from app.core.mapping.outbound import Kind
from app.core.mapping.outbound_targets import Place, entity_of, resolve_target
from app.core.mapping.paths import CUSTOM_FIELDS, USER_FIELDS, System
from app.core.mapping.picklists import label_of
from app.core.mapping.relations import MAX_HOPS, Catalogs, Hop, NeedCatalog, SourcePath, catalog_for, resolve_source
from app.core.mapping.rules import Direction
from app.core.mapping.soap_names import soap_name
from app.core.mapping.work_order_fields import SPELLINGS
from app.core.mapping.work_order_names import STATUS_TARGET
from app.core.model.catalog import EntityCatalog, Field, PickValue


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One path that a rule of that direction may name on that side: Autotask's inbound paths are sources, its
    outbound ones targets; with Field Nation it is the other way round.

    `length` 0 means unlimited or no text. `values` are picklist values as people are shown them. `spellings` are
    other texts for the same place, such as SOAP's.
    """

    system: System
    direction: Direction
    path: str
    type: str
    label: str = ""
    length: int = 0
    required: bool = False
    values: tuple[str, ...] = ()
    is_user_field: bool = False
    note: str = ""
    spellings: tuple[str, ...] = ()

    @property
    def side(self) -> str:
        """The system's name as people write it."""
        return self.system.value.replace("_", "-")

    @property
    def is_target(self) -> bool:
        """Whether rules write there; they read there otherwise."""
        return (self.system is System.AUTOTASK) == (self.direction == "outbound")


_SINGULAR: Final = {"Tickets": "Ticket", "ServiceCalls": "ServiceCall", "Projects": "Project"}
_ELEMENTS: Final[dict[Kind, str]] = {
    "time_entries": "TimeEntry.[0].",
    "expense_items": "expense.items[0].",
    "charges": "TicketCost.[0].",
    "notes": "TicketNote.[0].",
}
# Names of the reference connector that stand for two fields of REST (see `outbound_targets`).
_AMOUNTS: Final[dict[Kind, str]] = {"expense_items": "ExpenseAmount", "charges": "Amount"}
_EVERY: Final = "[0] stands for each of them"


def list_paths(
    catalogs: Catalogs, work_orders: EntityCatalog, root: str = "Tickets", search: str = ""
) -> tuple[FieldRow, ...]:
    """Every path for rules between records of `root` and work orders; each of them compiles.

    Related records are listed one hop away where their catalogue is given, and as far as `search` goes. Autotask
    fields that cannot be queried are left out, and those that the broker or Autotask alone sets are no targets.
    """
    return (
        *_sources(catalogs, root, search),
        *_targets(catalogs, root),
        *_of_order(work_orders, "inbound"),
        *_of_order(work_orders, "outbound"),
    )


def needs_for(root: str, search: str, catalogs: Catalogs) -> tuple[NeedCatalog, ...]:
    """The catalogues still missing for a listing of `root`: its own, those of the records that belong to it, and those
    on the way that a search such as `Account.ParentAccount.` takes. Empty when all are there; ask again after fetching.
    """
    entities = (entity_of(kind, root) for kind in get_args(Kind))
    needs = [NeedCatalog(entity, entity == root) for entity in entities if entity]
    needs += [NeedCatalog(hops[-1].entity, True) for hops in _chains_in(search, catalogs, root)]
    return merged(need for need in needs if catalog_for(catalogs, need) is None)


def relation_needs(root: str, catalogs: Catalogs) -> tuple[NeedCatalog, ...]:
    """The catalogues still missing for a listing of every record that is one hop away from `root`."""
    needs = (NeedCatalog(hop.entity, True) for hop in _hops(catalogs, root))
    return merged(need for need in needs if catalogs(need) is None)


def search_rows(rows: Sequence[FieldRow], text: str) -> tuple[FieldRow, ...]:
    """The rows that the text completes, by path or its last part in any spelling; then those whose label has it; then
    those that have it elsewhere. Capitals and indexes do not matter. After a dot: what is below; all for no text."""
    wanted = _folded(text)
    if wanted.endswith("."):
        below = tuple(row for row in rows if any(name.startswith(wanted) for name in _names(row)))
        if below:
            return below
    ranked = [(rank, row) for row in rows if (rank := _rank(row, wanted)) is not None]
    return tuple(row for _, row in sorted(ranked, key=lambda pair: pair[0]))


def _rank(row: FieldRow, wanted: str) -> int | None:
    names = _names(row)
    if any(name.startswith(wanted) or _ending(name).startswith(wanted) for name in names):
        return 0
    if wanted in row.label.casefold():
        return 1
    others = (*names, *(value.casefold() for value in row.values), row.note.casefold())
    return 2 if any(wanted in other for other in others) else None


def _names(row: FieldRow) -> list[str]:
    return [_folded(name) for name in (row.path, *row.spellings)]


def _ending(name: str) -> str:
    """The last part: a user-defined field's name may have dots in it, so it is what follows the key."""
    own = name.partition(f"{USER_FIELDS.casefold()}.")[2]
    return own or re.split(r"[.:]", name)[-1]


def _folded(text: str) -> str:
    bare = re.sub(r"\.?\[\d*\]", "", text.strip().casefold())
    bare = re.sub(r"\buserdefinedfields?\.", f"{USER_FIELDS.casefold()}.", bare)
    return bare.removeprefix("workorder.")


def _sources(catalogs: Catalogs, root: str, search: str) -> Iterator[FieldRow]:
    yield from _fields_below((), root, catalogs, root)
    chains = dict.fromkeys([*((hop,) for hop in _hops(catalogs, root)), *_chains_in(search, catalogs, root)])
    for hops in chains:
        yield from _fields_below(hops, hops[-1].entity, catalogs, root)


def _fields_below(hops: tuple[Hop, ...], entity: str, catalogs: Catalogs, root: str) -> Iterator[FieldRow]:
    """The sources of one record: of `root` itself, or of the one that the hops lead to."""
    catalog = catalog_for(catalogs, NeedCatalog(entity))
    with_own = catalogs(NeedCatalog(entity, True))
    prefix = "".join(f"{hop.relation}." for hop in hops)
    owners = (root, *(hop.entity for hop in hops))
    old = "".join(f"{_soap(owner, hop.relation)}." for owner, hop in zip(owners, hops, strict=False))
    leads = {hop.field: hop for hop in _hops(catalogs, entity)} if len(hops) < MAX_HOPS else {}
    for field in catalog.fields.values() if catalog else ():
        note = _lead_note(prefix, leads.get(field.name))
        row = _source(f"{prefix}{field.name}", f"{old}{_old_name(entity, field)}", field, note, catalogs, root)
        yield from (row,) if row and field.is_queryable else ()
    for field in with_own.user_fields.values() if with_own else ():
        path, also = f"{prefix}{USER_FIELDS}.{field.name}", f"{old}UserDefinedField.{field.name}"
        row = _source(path, also, field, "", catalogs, root)
        yield from (row,) if row else ()


def _source(path: str, also: str, field: Field, note: str, catalogs: Catalogs, root: str) -> FieldRow | None:
    """The row, unless the text means something else to the compiler; a spelling that does is left out."""
    found = resolve_source(path, catalogs, root)
    if not isinstance(found, SourcePath) or found.text != path:
        return None
    is_same = also.casefold() != path.casefold() and resolve_source(also, catalogs, root) == found
    return _row(System.AUTOTASK, "inbound", path, field, found.is_user_field, note, (also,) if is_same else ())


def _lead_note(prefix: str, hop: Hop | None) -> str:
    return f"refers to {hop.entity}, whose fields are below {prefix}{hop.relation}." if hop else ""


def _hops(catalogs: Catalogs, entity: str) -> list[Hop]:
    """Every step from the entity to a related record; none while its catalogue is missing."""
    catalog = catalog_for(catalogs, NeedCatalog(entity))
    fields = catalog.fields.values() if catalog else ()
    hops = [_hop(catalogs, entity, field.name) for field in fields if field.reference and field.is_queryable]
    return [hop for hop in hops if hop is not None]


def _hop(catalogs: Catalogs, entity: str, name: str) -> Hop | None:
    """The step that the name means to the compiler, found without the catalogue that it leads to."""
    catalog = catalog_for(catalogs, NeedCatalog(entity))
    if catalog is None:
        return None
    known = catalog.fields

    def with_an_id(need: NeedCatalog) -> EntityCatalog:
        return EntityCatalog(need.entity, {**(known if need.entity == entity else {}), "id": Field("id", "long")})

    found = resolve_source(f"{name}.id", with_an_id, entity)
    return found.hops[0] if isinstance(found, SourcePath) and found.hops else None


def _chains_in(search: str, catalogs: Catalogs, root: str) -> list[tuple[Hop, ...]]:
    """The hops that a search such as `Account.ParentAccount.Acc` goes through, each with those before it."""
    names = re.split(r"\.", re.sub(r"^\w+:\s*", "", search.strip()))[:-1]
    hops: list[Hop] = []
    for name in names[:MAX_HOPS]:
        hop = _hop(catalogs, hops[-1].entity if hops else root, name.strip())
        if hop is None:
            break
        hops.append(hop)
    return [tuple(hops[: length + 1]) for length in range(len(hops))]


def _targets(catalogs: Catalogs, root: str) -> Iterator[FieldRow]:
    for kind in get_args(Kind):
        entity = entity_of(kind, root)
        catalog = catalog_for(catalogs, NeedCatalog(entity)) if entity else None
        prefix = f"{_SINGULAR.get(root, root)}:" if kind == "ticket" else _ELEMENTS[kind]
        if kind == "notes" and root == "Projects":
            prefix = "TaskNote.[0]."
        for field in catalog.fields.values() if catalog else ():
            yield from _target(kind, prefix, field, catalogs, root)
        if catalog and kind in _AMOUNTS:
            yield from _amount(kind, prefix, catalogs, root)
    with_own = catalogs(NeedCatalog(root, True))
    for field in with_own.user_fields.values() if with_own else ():
        if isinstance(resolve_target(Place("ticket", field.name, True), catalogs, root), tuple):
            start = f"{_SINGULAR.get(root, root)}:"
            also = (f"{start}UserDefinedField.{field.name}",)
            yield _row(System.AUTOTASK, "outbound", f"{start}{USER_FIELDS}.{field.name}", field, True, "", also)


def _target(kind: Kind, prefix: str, field: Field, catalogs: Catalogs, root: str) -> Iterator[FieldRow]:
    found = resolve_target(Place(kind, field.name), catalogs, root)
    if not isinstance(found, tuple) or field.name == USER_FIELDS:
        return
    old = _old_name(entity_of(kind, root), field)
    is_same = old.casefold() != field.name.casefold() and resolve_target(Place(kind, old), catalogs, root) == found
    note = "" if kind == "ticket" else _EVERY
    also = (f"{prefix}{old}",) if is_same else ()
    yield _row(System.AUTOTASK, "outbound", f"{prefix}{field.name}", field, False, note, also)


def _amount(kind: Kind, prefix: str, catalogs: Catalogs, root: str) -> Iterator[FieldRow]:
    """The old connector's one amount, which fills every amount of the record."""
    found = resolve_target(Place(kind, _AMOUNTS[kind]), catalogs, root)
    if isinstance(found, tuple):
        note = f"{_EVERY}; fills {' and '.join(target.name for target in found)}"
        yield _row(System.AUTOTASK, "outbound", f"{prefix}{_AMOUNTS[kind]}", found[0].meta, False, note, ())


def _of_order(catalog: EntityCatalog, direction: Direction) -> Iterator[FieldRow]:
    for field in catalog.fields.values():
        if (not field.is_read_only) if direction == "inbound" else field.is_queryable:
            also = SPELLINGS.get(field.name, ())
            yield _row(
                System.FIELD_NATION, direction, field.name, field, False, _order_note(field.name, direction), also
            )
    for field in catalog.user_fields.values():
        if (not field.is_read_only) if direction == "inbound" else field.is_queryable:
            yield _row(System.FIELD_NATION, direction, f"{CUSTOM_FIELDS}.{field.name}", field, True, "", ())


def _order_note(path: str, direction: Direction) -> str:
    if direction == "outbound":
        return f"{_EVERY} in rules for records made of them" if path.partition("[0]")[0] in LISTS else ""
    return "reached by an action of settings.work_order_actions, never written" if path == STATUS_TARGET else ""


def _row(
    system: System, direction: Direction, path: str, field: Field, is_own: bool, note: str, also: tuple[str, ...]
) -> FieldRow:
    row = FieldRow(system, direction, path, field.type, field.label, field.length, is_user_field=is_own, spellings=also)
    notes = [note] if note else []
    notes += [f"also {', '.join(also)}"] if also else []
    return replace(
        row,
        required=row.is_target and field.is_required,
        values=tuple(_shown(pick) for pick in field.values),
        note="; ".join(notes),
    )


def _shown(pick: PickValue) -> str:
    """`Complete (5)`; a word that is its own label stands alone."""
    text = pick.label if pick.label == pick.value else label_of(pick)
    return text if pick.is_active else f"{text} [inactive]"


def _soap(entity: str, name: str) -> str:
    old = soap_name(entity, name)
    return old[:1].upper() + old[1:]


def _old_name(entity: str, field: Field) -> str:
    """As SOAP calls the field; its yes-or-no fields had no `is` (see `soap_names`)."""
    old = _soap(entity, field.name)
    return old[2:] if field.type.lower() == "boolean" and re.match(r"Is[A-Z]", old) else old
