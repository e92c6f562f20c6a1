"""Rules: one frozen class per mapping action. How they are written in a file is `dialects`'s business."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from app.core.mapping.date_formats import DateFormat
from app.core.model.document import Json

Direction: TypeAlias = Literal["inbound", "outbound"]
Owner: TypeAlias = Literal["autotask", "field_nation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyRule:
    """What every rule has. `index` is its place in the file's list; `default` None means that it has none."""

    direction: Direction
    index: int
    target: str
    default: Json = None
    owner: Owner | None = None
    id: str = ""

    @property
    def place(self) -> str:
        """Where the rule stands in the connection file, such as `mappings.inbound[3]`."""
        return f"mappings.{self.direction}[{self.index}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync(AnyRule):
    """Copies the value."""

    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStatic(AnyRule):
    """Writes a fixed value: at creation, or with `always` at every change."""

    value: Json
    always: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """When the source is exactly `compare`, write `value`."""

    compare: Json
    value: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayMap(AnyRule):
    """Looks the value up; the first equal entry wins."""

    source: str
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusMap(AnyRule):
    """An array map whose entries name statuses by id or by label, on both sides."""

    source: str
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """When the source is at most `upper`, write `value`."""

    upper: Decimal
    value: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeMap(AnyRule):
    """Looks a number up; the smallest bound that is not below it wins. Bounds ascend."""

    source: str
    bounds: tuple[Bound, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DateConvert(AnyRule):
    """Reads a date in one format and zone, prints it in another. Without a format, what the vendors send is read."""

    source: str
    output_format: DateFormat
    input_format: DateFormat | None = None
    zone_in: str = "UTC"
    zone_out: str = "UTC"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a joined text: a source path, or (`is_static`) the text itself."""

    text: str
    is_static: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Concat(AnyRule):
    """Joins its parts in order; a part without a value is empty."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Custom(AnyRule):
    """Runs a Jsonnet program; its value is written."""

    script: str


Rule: TypeAlias = Sync | SetStatic | ArrayMap | StatusMap | RangeMap | DateConvert | Concat | Custom


def sources_of(rule: Rule) -> Sequence[tuple[str, str]]:
    """The source paths a rule reads, each with the key of the rule it stands under."""
    if isinstance(rule, SetStatic | Custom):
        return ()
    if isinstance(rule, Concat):
        return tuple((f"parts[{n}].value", part.text) for n, part in enumerate(rule.parts) if not part.is_static)
    return (("source", rule.source),)
