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
        step = _step(here, segment, system, segments[:position])
        if isinstance(step, Missing):
            return replace(step, is_empty=True) if position and is_empty(here) else step
        here = step.value
    return Found(here)


def _step(here: Json, segment: Segment, system: System, way: Sequence[Segment]) -> Reading:
    """One step on; `way` are the segments before it, which are spelled out only where something is missing."""
    if isinstance(segment, int):
        return _element(here, segment, way)
    if isinstance(here, Mapping):
        key = segment if segment in here or system is System.FIELD_NATION else _any_case(here, segment)
        return Found(here[key]) if key in here else Missing(f"{_place(way)} has no {segment}")
    if isinstance(here, Sequence) and is_list(here):
        return _user_field(here, segment, way)
    return Missing(f"{_place(way)} is {show(here)}, which has no {segment}")


def _place(way: Sequence[Segment]) -> str:
    return spell(tuple(way)) or "the document"


def _any_case(here: Mapping[str, Json], name: str) -> str:
    folded = name.casefold()
    return next((key for key in here if isinstance(key, str) and key.casefold() == folded), name)


def _element(here: Json, index: int, way: Sequence[Segment]) -> Reading:
    """Field Nation wraps its collections: the elements are under `results` (Field Nation API v2, conventions)."""
    rows = here.get("results") if isinstance(here, Mapping) else here
    if not isinstance(rows, Sequence) or not is_list(rows):
        return Missing(f"{_place(way)} is {show(here)}, not a list")
    if index < len(rows):
        return Found(rows[index])
    return Missing(f"{_place(way)} has only {len(rows)} elements", is_empty=True)


def _user_field(rows: Sequence[Json], name: str, way: Sequence[Segment]) -> Reading:
    """User-defined fields come as a list of names and values (Autotask developer help, REST user-defined fields)."""
    if not way or not isinstance(way[-1], str) or way[-1].casefold() != USER_FIELDS.casefold():
        place = _place(way)
        return Missing(f"{place} is a list; say which element, as in {place}[0].{name}")
    alike: Found | None = None
    folded = name.casefold()
    for row in objects_of(rows):
        had = row.get("name")
        if had == name:
            return Found(row.get("value"))
        if alike is None and isinstance(had, str) and had.casefold() == folded:
            alike = Found(row.get("value"))
    return alike or Missing(f"{_place(way)} has no field named {show(name)}")


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
