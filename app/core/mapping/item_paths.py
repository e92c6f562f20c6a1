"""Item paths: sources on the work order side, where `[0]` may stand for the element that is being mapped.

In a rule for one element of a collection, `[0]` on the list that the elements come from is the running index; any
other index, and `[0]` on any other list, means that very element (Field Nation help, broker concepts: field paths).
"""

from dataclasses import dataclass
from typing import Final

from app.core.mapping.paths import BadPath, Path, Segment, System, parse_path
from app.core.mapping.reading import Found, Missing, Reading, read_path
from app.core.mapping.work_order_names import STATUS_TARGET
from app.core.model.document import Document, Json

LISTS: Final = ("time_logs", "expenses", "messages", "attachments")
"""The lists of a work order's document whose elements have names of ours."""

ORIGINAL: Final = "original"
"""The key under which the document, and each element, keeps what the vendor has under a name that is ours there."""

# What the vendor's own collections hold beside their rows (Field Nation API v2, conventions, time logs, expenses).
_BESIDE_ROWS: Final = frozenset({"metadata", "results", "actions", "correlation_id", "hours", "open_time_log", "sum"})
_STATUS_NAME: Final = ("status", "name")


@dataclass(frozen=True, slots=True)
class ItemPath:
    """A place in the element that is mapped, whatever its position in `collection`."""

    collection: str
    path: Path

    @property
    def text(self) -> str:
        """The canonical spelling, such as `time_logs[].StartDateTime`."""
        return f"{self.collection}[].{self.path.text}"


def parse_order_source(text: str, collection: str = "") -> Path | ItemPath | BadPath:
    """The place in a work order's document that a person named; `collection` is the list that is mapped, or empty.

    The vendor's own spellings of the lists (`pay.expenses.results[0]`, `time_logs.results[0]`) are the same places.
    `status` is the name of the status.
    """
    path = parse_path(text, System.FIELD_NATION)
    if isinstance(path, BadPath):
        return path
    segments = _flat(path.segments)
    if segments == ("status",):
        segments = _STATUS_NAME
    if collection and segments[:2] == (collection, 0):
        rest = segments[2:]
        if not rest or not isinstance(rest[0], str):
            return BadPath(f"it names no part of the element; write it like {collection}[0].id")
        return ItemPath(collection, Path(path.system, rest))
    return Path(path.system, segments)


def is_status(source: Path | ItemPath) -> bool:
    """Whether the source is the work order's status, by name or by id."""
    return isinstance(source, Path) and source.segments in (_STATUS_NAME, (STATUS_TARGET,))


def list_without_index(source: Path | ItemPath) -> str:
    """The list that the source goes into without saying which element, or empty."""
    if isinstance(source, ItemPath) or source.segments[0] not in LISTS:
        return ""
    inside = source.segments[1] if len(source.segments) > 1 else ""
    return "" if isinstance(inside, int) or inside in _BESIDE_ROWS else str(source.segments[0])


def list_with_index(source: Path | ItemPath) -> str:
    """The list of which the source names one certain element, such as `expenses` for `expenses[0].amount`; or empty."""
    if isinstance(source, ItemPath) or source.segments[0] not in LISTS or len(source.segments) < 2:
        return ""
    return str(source.segments[0]) if isinstance(source.segments[1], int) else ""


def read_order_source(order: Document, item: Document | None, source: Path | ItemPath) -> Reading:
    """What the work order's document, or the element that is mapped, holds at the source. Never raises.

    What the vendor left empty, or a list that is shorter than the index, holds an empty value: that is no mistake.
    """
    here: Json = item if isinstance(source, ItemPath) else order
    path = source.path if isinstance(source, ItemPath) else source
    reading = read_path(here, path)
    if isinstance(reading, Missing):
        second = read_path(here, Path(path.system, _to_original(path.segments)))
        reading = second if isinstance(second, Found) else reading
    return Found(None) if isinstance(reading, Missing) and reading.is_empty else reading


def _flat(segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
    if segments[:2] == ("pay", "expenses") and any(isinstance(segment, int) for segment in segments[2:4]):
        segments = segments[1:]
    is_row = segments[1:2] == ("results",) and all(isinstance(segment, int) for segment in segments[2:3])
    if is_row and segments[0] in ("time_logs", "expenses", "messages"):
        return (segments[0], *segments[2:])
    return segments


def _to_original(segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """The same place as the vendor spells it: in the element's original, or in the document's."""
    if segments[0] in LISTS and len(segments) > 2 and isinstance(segments[1], int):
        return (*segments[:2], ORIGINAL, *segments[2:])
    return (ORIGINAL, *segments)
