"""Targets: the paths of a work order that a mapping may write, how to read them back and how to send them.

Shapes and names: Field Nation REST API v2, work order request and response objects.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any, TypeAlias

from app.core.model.document import Document, Json

Target: TypeAlias = tuple[str | int, ...]

STATUS: Target = ("status_id",)
WINDOW_START: Target = ("schedule", "service_window", "start")
WINDOW_END: Target = ("schedule", "service_window", "end")

SECTIONS = frozenset(
    {"title", "description", "confidential", "client", "project", "manager", "template", "service_contract", "team"}
    | {"incident_id", "types_of_work", "service_types", "contacts", "custom_fields", "location", "schedule", "pay"}
    | {"require_ontime", "networks", "allow_counter_offers", "require_gps", "printable"}
)
"""Keys the vendor takes in a create or an update. It drops any other key with a 200, so a mapping may not name one."""

_SCALARS = frozenset({"title", "incident_id", "require_ontime", "allow_counter_offers", "require_gps", "printable"})
"""Sections that are one value; every other one is an object or a list, and only a place inside it holds a value."""

_LISTS = frozenset({"types_of_work", "service_types", "contacts", "networks"})

_HTML = frozenset({"description", "confidential"})
_LISTS_IN_RESULTS = frozenset({"contacts"})
_NUMBERS = frozenset({"id", "amount", "units"})
_SPACED = "%Y-%m-%d %H:%M:%S"
_LAST_INDEX = 99
_LONGEST_ID_DIGITS = 18
_LONGEST_NUMBER_DIGITS = 30
_FIRST_YEAR = 1900


def read_target(segments: Sequence[str | int]) -> Target | None:
    """The canonical target of a mapping's path, or None when the vendor has no such place to write to.

    `time_window.end` becomes `schedule.service_window.end`, `location.name` the vendor's `display_name`, rich texts
    their `html`; `custom_fields.4711` stays.
    """
    path = tuple(segments)
    if path in {("status_id",), ("status", "id"), ("status",)}:
        return STATUS
    if path[:1] == ("time_window",) and path[1:] in {("start",), ("end",)}:
        return ("schedule", "service_window", path[1])
    if path[:2] == ("schedule", "service_window") and path[3:] == ("utc",):
        return path[:3]
    if path == ("location", "name"):
        return ("location", "display_name")
    if len(path) == 1 and path[0] in _HTML:
        return (path[0], "html")
    if not path or path[0] not in SECTIONS:
        return None
    if path[0] == "custom_fields":
        return _custom_field_target(path)
    return path if _is_a_place(path) else None


def _is_a_place(path: Target) -> bool:
    """Whether the vendor keeps a value there, and not an object or a whole list."""
    if (path[0] in _SCALARS) != (len(path) == 1):
        return False
    is_list = path[0] in _LISTS
    inside = path[2:3] if path[:2] == ("schedule", "service_window") else path[1:2]
    if path[0] not in _SCALARS and not is_list and not (inside and isinstance(inside[0], str)):
        return False
    return all(segment <= _LAST_INDEX for segment in path if isinstance(segment, int))


def _custom_field_target(path: Target) -> Target | None:
    number = read_id(path[1]) if len(path) == 2 else None
    return None if number is None else ("custom_fields", str(number))


def clashing(targets: Iterable[Target]) -> frozenset[Target]:
    """Those targets for which no place is left, since an earlier one needs a value, a list or an object there."""
    kinds: dict[Target, type | None] = {}
    clashes: set[Target] = set()
    for target in targets:
        needs = {target[:end]: type(target[end]) if end < len(target) else None for end in range(1, len(target) + 1)}
        if any(kinds.get(place, kind) is not kind for place, kind in needs.items()):
            clashes.add(target)
        else:
            kinds |= needs
    return frozenset(clashes)


def read_id(value: Json) -> int | None:
    """An id as a number, however a document spells it; None for anything else."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID_DIGITS else None


def show(target: Target) -> str:
    """The target as people write it: `contacts[0].name`."""
    text = ""
    for segment in target:
        text += f"[{segment}]" if isinstance(segment, int) else f".{segment}" if text else segment
    return text


def value_at(work_order: Document, target: Target) -> Json:
    """What stands at the target in a work order as the vendor sends it, in comparable form; None when nothing does."""
    if target == STATUS:
        return status_id(work_order)
    if target[0] == "custom_fields":
        return _custom_field_value(work_order, str(target[1]))
    value = _walk(work_order, target)
    if target in (WINDOW_START, WINDOW_END):
        return comparable(target, value.get("utc") if isinstance(value, Mapping) else value)
    return comparable(target, value)


def _walk(document: Json, target: Target) -> Json:
    value = document
    for segment in target:
        if isinstance(value, Mapping) and isinstance(segment, int):
            value = value.get("results")
        if isinstance(value, Mapping):
            value = value.get(str(segment))
        elif isinstance(value, list | tuple) and isinstance(segment, int) and segment < len(value):
            value = value[segment]
        else:
            return None
    return value


def custom_fields(work_order: Document) -> Mapping[str, Json]:
    """Values of all custom fields by id. Groups stand in `results`, fields in each group's `results`."""
    section = work_order.get("custom_fields")
    found: dict[str, Json] = {}
    groups = section.get("results") if isinstance(section, Mapping) else None
    for group in groups if isinstance(groups, list | tuple) else ():
        fields = group.get("results") if isinstance(group, Mapping) else None
        for field in fields if isinstance(fields, list | tuple) else ():
            if isinstance(field, Mapping) and "id" in field:
                found[str(field["id"])] = field.get("value")
    return found


def _custom_field_value(work_order: Document, field_id: str) -> Json:
    return comparable(("custom_fields", field_id), custom_fields(work_order).get(field_id))


def internal_field(work_order: Document) -> tuple[str, str] | None:
    """Id and value of the field flagged as internal ticket number, which the vendor repeats apart."""
    section = work_order.get("custom_fields")
    internal = section.get("internal") if isinstance(section, Mapping) else None
    id = read_id(internal.get("id")) if isinstance(internal, Mapping) else None
    if not id or not isinstance(internal, Mapping):
        return None
    return str(id), str(internal.get("value") or "")


def status_id(work_order: Document) -> int | None:
    """The status id as a number; some answers carry ids as text."""
    status = work_order.get("status")
    return read_id(status.get("id")) if isinstance(status, Mapping) else None


def comparable(target: Target, value: Any) -> Json:
    """One spelling for values that mean the same at that target; empty is None."""
    if value is None or value == "":
        return None
    if target in (WINDOW_START, WINDOW_END):
        moment = read_moment(value)
        return moment.strftime(_SPACED) if moment else str(value)
    if target[0] == "custom_fields":
        return _plain_text(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal):
        return _number_text(value)
    if isinstance(value, str):
        return _number_text(value) if target[-1] in _NUMBERS else _plain_text(value)
    return str(value)


def _plain_text(value: Any) -> str | None:
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return _number_text(value)
    return str(value).replace("\r\n", "\n").strip() or None


def _number_text(value: Any) -> str:
    number = _sensible_number(value)
    if number is None:
        return str(value).strip()
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) if number else "0"


def _sensible_number(value: Any) -> Decimal | None:
    """The number, when it is one and can be spelled without an exponent."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < _LONGEST_NUMBER_DIGITS else None


def read_moment(value: Any) -> datetime | None:
    """A moment from the spellings both vendors use (ISO with or without zone, spaced form); no zone means UTC.

    Year 1 is how .NET spells a date that nobody set; it is no moment.
    """
    text = str(value).strip().replace(" ", "T", 1)
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00").replace("z", "+00:00"))
        known = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return known.replace(microsecond=0) if known.year >= _FIRST_YEAR else None


def spaced(moment: datetime) -> str:
    """The vendor's own form, UTC."""
    return moment.astimezone(UTC).strftime(_SPACED)


def put_value(body: dict[str, Any], target: Target, value: Json) -> None:
    """Puts the value where the vendor's request object wants it. `body` is being built by the caller."""
    if target[0] == "custom_fields":
        group = body.setdefault("custom_fields", {"results": [{"results": []}]})
        group["results"][0]["results"].append({"id": int(target[1]), "value": str(value)})
        return
    if target in (WINDOW_START, WINDOW_END):
        value = {"utc": value}
    elif target[-1] in _NUMBERS:
        value = _as_number(value)
    node: Any = body
    path: list[str | int] = list(target)
    if path[0] in _LISTS_IN_RESULTS and len(path) > 1 and isinstance(path[1], int):
        path.insert(1, "results")
    for here, following in pairwise(path):
        node = _child(node, here, [] if isinstance(following, int) else {})
    _child(node, path[-1], value, replace=True)


def _as_number(value: Json) -> Json:
    """Ids and money travel as numbers; a text that is none stays, and the vendor says what it thinks of it."""
    number = _sensible_number(value)
    if number is None:
        return value
    return int(number) if number == number.to_integral_value() else number


def _child(node: Any, key: str | int, fresh: Any, *, replace: bool = False) -> Any:
    if isinstance(key, int):
        while len(node) <= key:
            node.append({})
        if replace or not node[key]:
            node[key] = fresh
        return node[key]
    if replace or key not in node:
        node[key] = fresh
    return node[key]
