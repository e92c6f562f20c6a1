"""Paths: the texts by which a mapping names a place in a document, of either vendor.

Read here are dots, `[n]` and `.[n].`, the roots `workorder.` and `Ticket:`, user-defined fields with any name, custom
fields by their number, and Field Nation's short names for longer places. What a place holds is `reading`'s business.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

MAX_PATH_CHARS: Final = 500
MAX_SEGMENTS: Final = 32

USER_FIELDS: Final = "userDefinedFields"
"""The key under which Autotask keeps user-defined fields (Autotask developer help, REST user-defined fields)."""

CUSTOM_FIELDS: Final = "custom_fields"
"""The key under which Field Nation keeps custom fields, in groups (Field Nation API v2, custom fields)."""

Segment: TypeAlias = str | int


class System(StrEnum):
    """Whose document a path points into; keys ignore capitals on the Autotask side only."""

    AUTOTASK = "autotask"
    FIELD_NATION = "field_nation"


@dataclass(frozen=True, slots=True)
class Path:
    """A place in a document: keys (text) and indexes into arrays (0-based).

    `root` is the entity that the text named before its colon (`Ticket` in `Ticket:Title`), or empty.
    """

    system: System
    segments: tuple[Segment, ...]
    root: str = ""

    @property
    def text(self) -> str:
        """The canonical spelling, such as `schedule.service_window.start` or `contacts[0].email`."""
        return spell(self.segments)

    @property
    def user_field(self) -> str:
        """The name of the user-defined field the path ends on, or empty."""
        return _field_below(self.segments, USER_FIELDS) if self.system is System.AUTOTASK else ""

    @property
    def custom_field(self) -> str:
        """The number of the Field Nation custom field the path is about, or empty."""
        name = _field_below(self.segments, CUSTOM_FIELDS) if len(self.segments) == 2 else ""
        return name if self.system is System.FIELD_NATION and name.isdecimal() else ""


@dataclass(frozen=True, slots=True)
class BadPath:
    """Why a text is no path."""

    reason: str


def spell(segments: tuple[Segment, ...]) -> str:
    """Keys joined by dots, indexes in brackets."""
    text = "".join(f"[{segment}]" if isinstance(segment, int) else f".{segment}" for segment in segments)
    return text.removeprefix(".")


def parse_path(text: str, system: System) -> Path | BadPath:
    """The path that a person wrote, in its canonical form, or why it is none. Never raises."""
    bare = text.strip()
    if not bare:
        return BadPath("it is empty")
    if len(bare) > MAX_PATH_CHARS:
        return BadPath(f"it is longer than {MAX_PATH_CHARS} characters")
    root, bare = _split_root(bare)
    if root and system is System.FIELD_NATION:
        return BadPath(f"`{root}:` belongs to Autotask and this side is Field Nation's")
    if not bare:
        return BadPath(f"no field follows `{root}:`")
    segments = _autotask(bare) if system is System.AUTOTASK else _field_nation(bare)
    return segments if isinstance(segments, BadPath) else Path(system, segments, root)


_ROOT = re.compile(r"([A-Za-z]+):\s*")
_USER_FIELD = re.compile(r"(?:^|\.)UserDefinedFields?\.", re.IGNORECASE)
_PIECE = re.compile(r"\.?\[(\d{1,6})\]|\.?([^.\[\]]+)", re.ASCII)


def _split_root(text: str) -> tuple[str, str]:
    found = _ROOT.match(text)
    return (found[1], text[found.end() :]) if found else ("", text)


def _autotask(text: str) -> tuple[Segment, ...] | BadPath:
    """User-defined fields are named by people: everything after the key is the name, dots and brackets included."""
    found = _USER_FIELD.search(text)
    if found is None:
        return _split(text)
    name = text[found.end() :].strip()
    head = _split(text[: found.start()]) if found.start() else ()
    if isinstance(head, BadPath):
        return head
    return (*head, USER_FIELDS, name) if name else BadPath("the user-defined field has no name")


def _split(text: str) -> tuple[Segment, ...] | BadPath:
    segments: list[Segment] = []
    position = 0
    while position < len(text):
        found = _PIECE.match(text, position)
        if found is None or (position == 0 and found[0].startswith(".")):
            return BadPath(f"it cannot be read from `{text[position : position + 20]}` on")
        if position and found[2] is not None and not found[0].startswith("."):
            return BadPath(f"a dot is missing before `{found[2][:20]}`")
        segments.append(int(found[1]) if found[1] is not None else found[2].strip())
        position = found.end()
    if "" in segments:
        return BadPath("a name in it is blank")
    if len(segments) > MAX_SEGMENTS:
        return BadPath(f"it has more than {MAX_SEGMENTS} parts")
    return tuple(segments) if isinstance(segments[0], str) else BadPath("it starts with an index")


# The mapping screens of the reference connector offer short names for places inside the schedule, and its examples
# spell the collection of expenses both ways (Field Nation help, Autotask connector field mappings; custom actions).
# Texts for people are objects with `html` (Field Nation API v2, work orders); a mapping means the text.
_ALIASES: Final[tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]] = (
    (("time_window",), ("schedule", "service_window")),
    (("pay", "expense"), ("pay", "expenses")),
)
_WHOLE_ALIASES: Final[dict[tuple[Segment, ...], tuple[str, ...]]] = {
    ("location", "name"): ("location", "display_name"),
    ("status", "id"): ("status_id",),
    ("description",): ("description", "html"),
    ("confidential",): ("confidential", "html"),
    ("custom_fields", "internal"): ("custom_fields", "internal", "value"),
}


def _field_nation(text: str) -> tuple[Segment, ...] | BadPath:
    segments = _split(text)
    if isinstance(segments, BadPath):
        return segments
    if len(segments) > 1 and str(segments[0]).lower() == "workorder" and isinstance(segments[1], str):
        segments = segments[1:]
    for short, long in _ALIASES:
        if segments[: len(short)] == short:
            segments = (*long, *segments[len(short) :])
    return _WHOLE_ALIASES.get(segments, segments)


def _field_below(segments: tuple[Segment, ...], key: str) -> str:
    """The text that follows `key` at the end of the path, or empty."""
    if len(segments) < 2 or not isinstance(segments[-1], str):
        return ""
    before = segments[-2]
    return segments[-1] if isinstance(before, str) and before == key else ""
