"""Relations: what an Autotask source path means in this database, hop by hop along its reference fields.

Catalogues of further entities are the caller's to fetch: a resolver that lacks one answers `NeedCatalog`, the caller
fetches it and resolves again. `dict.get` of a table keyed by `NeedCatalog` serves as the look-up.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from app.core.mapping.paths import USER_FIELDS, BadPath, Path, System, parse_path
from app.core.mapping.soap_names import entity_named, plural, rest_names, soap_name
from app.core.mapping.values import show, suggestion
from app.core.model.catalog import EntityCatalog, Field
from app.core.model.finding import Finding, Severity

MAX_HOPS: Final = 3


@dataclass(frozen=True, slots=True)
class NeedCatalog:
    """A catalogue that the resolver lacks: the entity's REST path name, and whether with user-defined fields."""

    entity: str
    user_fields: bool = False


Catalogs: TypeAlias = Callable[[NeedCatalog], EntityCatalog | None]


@dataclass(frozen=True, slots=True)
class Hop:
    """One step to a related record: the key it is nested under, the field that refers to it, the entity it is of."""

    relation: str
    field: str
    entity: str


@dataclass(frozen=True, slots=True)
class SourcePath:
    """A source that exists: the hops to the record it is on, and the field's REST or user-defined name there."""

    hops: tuple[Hop, ...]
    entity: str
    name: str
    is_user_field: bool = False
    meta: Field = field(default=Field("", ""), compare=False)

    @property
    def text(self) -> str:
        """The canonical spelling, such as `company.companyName` or `userDefinedFields.Site Code`."""
        return self.path.text

    @property
    def path(self) -> Path:
        """The same place in a document whose related records are nested under the relation keys."""
        ending = (USER_FIELDS, self.name) if self.is_user_field else (self.name,)
        return Path(System.AUTOTASK, (*(hop.relation for hop in self.hops), *ending))


def catalog_for(catalogs: Catalogs, need: NeedCatalog) -> EntityCatalog | None:
    """The catalogue, if it was fetched; one with user-defined fields serves those who can do without."""
    found = catalogs(need)
    return catalogs(NeedCatalog(need.entity, True)) if found is None and not need.user_fields else found


Resolved: TypeAlias = SourcePath | NeedCatalog | Finding


def resolve_source(path_text: str, catalogs: Catalogs, root: str = "Tickets") -> Resolved:
    """The source that the text names when reading starts at a record of `root`.

    Gives a `Finding` for a name that the database does not have, with the nearest one that it has.
    """
    path = parse_path(path_text, System.AUTOTASK)
    if isinstance(path, BadPath):
        return _finding("mapping_bad_path", path_text, path.reason, "Write it like Title or Account.AccountName.")
    names = [segment for segment in path.segments if isinstance(segment, str)]
    if len(names) < len(path.segments):
        return _finding("mapping_bad_path", path_text, "a ticket side source has no lists", "Leave out the [n].")
    if path.root and entity_named(path.root) != root:
        return _finding("mapping_bad_path", path_text, f"{path.root} is not what is read here", f"Start at {root}.")
    if not path.root and len(names) > 1 and names[0] != USER_FIELDS and entity_named(names[0]) == root:
        names = names[1:]
    return _Resolver(path_text, catalogs, bool(path.user_field)).resolve(root, names)


@dataclass(frozen=True, slots=True)
class _Resolver:
    text: str
    catalogs: Catalogs
    ends_on_user_field: bool

    def resolve(self, root: str, names: list[str]) -> Resolved:
        relations, last = (names[:-2], names[-1]) if self.ends_on_user_field else (names[:-1], names[-1])
        if len(relations) > MAX_HOPS:
            return _finding("mapping_too_deep", self.text, f"it goes over {len(relations)} records", "Three at most.")
        hops: list[Hop] = []
        entity = root
        for name in relations:
            hop = self._hop(entity, name)
            if not isinstance(hop, Hop):
                return hop
            hops.append(hop)
            entity = hop.entity
        return self._field(tuple(hops), entity, last)

    def _hop(self, entity: str, name: str) -> Hop | NeedCatalog | Finding:
        catalog = self._catalog(NeedCatalog(entity))
        if isinstance(catalog, NeedCatalog):
            return catalog
        for candidate in (*rest_names(entity, f"{name}ID"), name):
            known = catalog.field(candidate)
            if known is not None and known.reference:
                return Hop(_relation(known.name), known.name, plural(known.reference))
        return self._unknown(catalog, name, "leads to no related record", _relations(catalog))

    def _field(self, hops: tuple[Hop, ...], entity: str, name: str) -> Resolved:
        catalog = self._catalog(NeedCatalog(entity, self.ends_on_user_field))
        if isinstance(catalog, NeedCatalog):
            return catalog
        if self.ends_on_user_field:
            own = catalog.user_fields.get(name.lower())
            if own is None:
                options = [known.name for known in catalog.user_fields.values()]
                return self._unknown(catalog, name, "is no user-defined field there", options)
            return SourcePath(hops, entity, own.name, True, own)
        for candidate in rest_names(entity, name):
            known = catalog.field(candidate)
            if known is not None:
                return SourcePath(hops, entity, known.name, False, known)
        options = [known.name for known in catalog.fields.values()]
        return self._unknown(catalog, name, "is no field there", [*options, *_relations(catalog)])

    def _catalog(self, need: NeedCatalog) -> EntityCatalog | NeedCatalog:
        found = catalog_for(self.catalogs, need)
        return need if found is None else found

    def _unknown(self, catalog: EntityCatalog, name: str, what: str, options: Iterable[str]) -> Finding:
        known = sorted(options)
        listed = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")
        spellings = [*known, *(soap_name(catalog.entity, option) for option in known if not self.ends_on_user_field)]
        mend = suggestion(name, spellings, f"Use one of: {listed}." if known else "Leave it out.")
        return _finding("mapping_unknown_field", self.text, f"{show(name)} {what} ({catalog.entity})", mend)


def relations_of(sources: Iterable[SourcePath]) -> tuple[tuple[Hop, ...], ...]:
    """Every chain of hops that the sources need, each once, shorter chains before those that go on from them."""
    chains = {source.hops[:length]: None for source in sources for length in range(1, len(source.hops) + 1)}
    return tuple(sorted(chains, key=len))


def _relation(field_name: str) -> str:
    """A reference field ends in ID, once in Id (`problemTicketId`); without it, it is the relation's key."""
    return field_name[:-2] if field_name.lower().endswith("id") and len(field_name) > 2 else field_name


def _relations(catalog: EntityCatalog) -> list[str]:
    return [_relation(known.name) for known in catalog.fields.values() if known.reference]


def _finding(code: str, text: str, reason: str, mend: str) -> Finding:
    return Finding(code, Severity.ERROR, "connection", f"The source {show(text)} cannot be read: {reason}.", mend, text)
