"""Reading a document at a path: what is there, or the reason why nothing is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from app.core.mapping.paths import CUSTOM_FIELDS, USER_FIELDS, Path, Segment, System, spell
from app.core.mapping.values import is_empty, is_list, show
from app.core.model.document import Json


@dataclass(frozen=True, slots=True)
class Found:
    """The value at the path; it may be null or empty."""

    value: Json


@dataclass(frozen=True, slots=True)
class Missing:
    """Why the path leads nowhere in this document; `is_empty` when the way ends in something that is there but empty,
    or behind the end of a list."""

    reason: str
    is_empty: bool = False


Reading: TypeAlias = Found | Missing

# Names that a work order spells elsewhere: the place to look when the name itself is not there. The second spelling
# of the expenses is that of the connector's own examples (Field Nation help, custom actions).
_ELSEWHERE: Final[tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]] = (
    (("status_id",), ("status", "id")),
    (("pay", "expenses"), ("pay", "expense")),
    (("description", "html"), ("description",)),
    (("confidential", "html"), ("confidential",)),
    (("location", "display_name"), ("location", "name")),
)


def read_path(document: Json, path: Path) -> Reading:
    """The value at the path. Never raises, whatever the document holds.

    A path into an array without an index does not resolve. Keys ignore capitals on the Autotask side.
    """
    if path.custom_field:
        return _custom_field(document, path.custom_field)
    first = _walk(document, path.segments, path.system)
    if isinstance(first, Found) or path.system is System.AUTOTASK:
        return first
    for name, elsewhere in _ELSEWHERE:
        if path.segments[: len(name)] == name:
            second = _walk(document, (*elsewhere, *path.segments[len(name) :]), path.system)
            return second if isinstance(second, Found) and not isinstance(second.value, Mapping) else first
    return first


def _walk(document: Json, segments: Sequence[Segment], system: System) -> Reading:
    here: Json = document
    for position, segment in enumerate(segments):
        step = _step(here, segment, system, spell(tuple(segments[:position])) or "the document")
        if isinstance(step, Missing):
            return replace(step, is_empty=True) if position and is_empty(here) else step
        here = step.value
    return Found(here)


def _step(here: Json, segment: Segment, system: System, place: str) -> Reading:
    if isinstance(segment, int):
        return _element(here, segment, place)
    if isinstance(here, Mapping):
        key = segment if segment in here or system is System.FIELD_NATION else _any_case(here, segment)
        return Found(here[key]) if key in here else Missing(f"{place} has no {segment}")
    if isinstance(here, Sequence) and is_list(here):
        return _user_field(here, segment, place)
    return Missing(f"{place} is {show(here)}, which has no {segment}")


def _any_case(here: Mapping[str, Json], name: str) -> str:
    folded = name.casefold()
    return next((key for key in here if isinstance(key, str) and key.casefold() == folded), name)


def _element(here: Json, index: int, place: str) -> Reading:
    """Field Nation wraps its collections: the elements are under `results` (Field Nation API v2, conventions)."""
    rows = here.get("results") if isinstance(here, Mapping) else here
    if not isinstance(rows, Sequence) or not is_list(rows):
        return Missing(f"{place} is {show(here)}, not a list")
    return Found(rows[index]) if index < len(rows) else Missing(f"{place} has only {len(rows)} elements", is_empty=True)


def _user_field(rows: Sequence[Json], name: str, place: str) -> Reading:
    """User-defined fields come as a list of names and values (Autotask developer help, REST user-defined fields)."""
    if not place.casefold().endswith(USER_FIELDS.casefold()):
        return Missing(f"{place} is a list; say which element, as in {place}[0].{name}")
    named = [(str(row.get("name")), row.get("value")) for row in objects_of(rows) if isinstance(row.get("name"), str)]
    exact = [value for had, value in named if had == name]
    alike = [value for had, value in named if had.casefold() == name.casefold()]
    hits = exact or alike
    return Found(hits[0]) if hits else Missing(f"{place} has no field named {show(name)}")


def _custom_field(document: Json, number: str) -> Reading:
    """Custom fields are found by number, since names are not unique (Field Nation help, custom actions)."""
    holder = document.get(CUSTOM_FIELDS) if isinstance(document, Mapping) else None
    if not isinstance(holder, Mapping):
        return Missing(f"the document has no {CUSTOM_FIELDS}")
    for row in _custom_rows(holder):
        if _is_number(row.get("id"), number):
            return Found(row.get("value"))
    return Missing(f"{CUSTOM_FIELDS} has no field with the id {number}")


def _custom_rows(holder: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    """The fields of every group, then the one that is repeated outside the groups as `internal`."""
    for group in objects_of(holder.get("results")):
        yield from objects_of(group.get("results"))
    yield from objects_of([holder.get("internal")])


def objects_of(rows: Json) -> Iterator[Mapping[str, Json]]:
    """The objects of a list, in order; none when it is no list."""
    if isinstance(rows, Sequence) and is_list(rows):
        yield from (row for row in rows if isinstance(row, Mapping))


def _is_number(id: Json, number: str) -> bool:
    """Some ids come as text (Field Nation API v2, conventions)."""
    if isinstance(id, str):
        return id.isdecimal() and id.lstrip("0") == number.lstrip("0")
    return isinstance(id, int) and not isinstance(id, bool) and id == int(number)
