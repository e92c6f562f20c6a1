"""Dialects: rules as people and the old connector write them, loaded into our own.

Both published spellings of the keys, the internal names of the actions and their labels on the screen are read
(Field Nation help, broker concepts: mapping actions; Autotask connector: field mappings).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypedDict

from app.core.mapping.date_formats import DateFormat
from app.core.mapping.dates import AUTOTASK_UTC, FIELD_NATION_UTC
from app.core.mapping.paths import Path, System, parse_path
from app.core.mapping.rule_reader import RuleReader
from app.core.mapping.rules import (
    ArrayMap,
    Concat,
    Custom,
    DateConvert,
    Direction,
    Owner,
    RangeMap,
    Rule,
    SetStatic,
    StatusMap,
    Sync,
)
from app.core.mapping.values import as_text, is_list, show, suggestion
from app.core.mapping.work_order_names import STATUS_TARGET
from app.core.model.document import Json
from app.core.model.finding import Finding, Severity

# Folded name or label -> our action. Folding takes off the `ACTION_TYPE_` prefix, capitals and punctuation.
ACTIONS: Final[dict[str, str]] = {
    "sync": "sync",
    "direct": "sync",
    "sync_values": "sync",
    "direct_sync_values": "sync",
    "set_static": "set_static",
    "set_static_value": "set_static",
    "set_static_values": "set_static",
    "array_map": "array_map",
    "range_map": "range_map",
    "date_convert": "date_convert",
    "concat": "concat",
    "concat_values": "concat",
    "status": "status",
    "status_map": "status",
    "status_mapping": "status",
    "custom": "custom",
    "custom_action": "custom",
    "custom_action_jsonnet": "custom",
}
_OURS: Final = ("sync", "set_static", "array_map", "range_map", "date_convert", "concat", "status", "custom")

MAX_RULES: Final = 1000


def load_rules(raw: Sequence[Mapping[str, Json]], direction: Direction) -> tuple[tuple[Rule, ...], tuple[Finding, ...]]:
    """The rules of one direction, and what is wrong with those that were left out or are doubtful.

    Takes the list as it stands in the file, in either dialect. Never raises; each finding's `field` is the path of
    the bad key, such as `mappings.inbound[3].ranges[1].compare`. A rule with an error is not among the rules.
    """
    place = f"mappings.{direction}"
    if not is_list(raw) or len(raw) > MAX_RULES:
        text = f"{show(raw)} is not a list of rules." if not is_list(raw) else f"There are more than {MAX_RULES} rules."
        return (), (_error("mapping_not_a_rule", text, "Write a list of {source, target, action}.", place),)
    rules: list[Rule] = []
    findings: list[Finding] = []
    for index, one in enumerate(raw):
        rule, found = _load_rule(one, direction, index)
        findings += found
        rules += [rule] if rule is not None else []
    return tuple(rules), tuple(findings)


def action_named(name: str) -> str:
    """Our action for a name or label of either dialect, or empty."""
    folded = re.sub(r"[^a-z0-9]+", "_", name.lower().strip()).strip("_")
    return ACTIONS.get(folded.removeprefix("action_type_"), "")


def usual_output(direction: Direction) -> DateFormat:
    """How a date is printed for the side that is written, where a rule does not say."""
    return FIELD_NATION_UTC if direction == "inbound" else AUTOTASK_UTC


class _Shared(TypedDict):
    direction: Direction
    index: int
    target: str
    default: Json
    owner: Owner | None
    id: str


def _load_rule(raw: object, direction: Direction, index: int) -> tuple[Rule | None, list[Finding]]:
    place = f"mappings.{direction}[{index}]"
    if not isinstance(raw, Mapping):
        return None, [_error("mapping_not_a_rule", f"{show(raw)} is not a rule.", "Write an object.", place)]
    reader = RuleReader(raw, place)
    reader.refuse_unknown()
    action = _action(reader)
    if not action:
        return None, reader.findings
    source, target = _sides(direction)
    shared = _Shared(
        direction=direction,
        index=index,
        target=_target(reader, target),
        default=reader.json("default"),
        owner=_owner(reader),
        id=as_text(reader.json("id")) or "",
    )
    load, used = _LOADERS[action]
    rule = load(reader, source, shared)
    reader.warn_unused(("action", "target", "owner", "id", *used), action)
    return (rule if reader.is_sound else None), reader.findings


def _sides(direction: Direction) -> tuple[System, System]:
    if direction == "inbound":
        return System.AUTOTASK, System.FIELD_NATION
    return System.FIELD_NATION, System.AUTOTASK


def _target(reader: RuleReader, side: System) -> str:
    """The text of the target; the old connector's screens offer `status`, with or without its root, for the id."""
    text = reader.path("target", side)
    path = parse_path(text, side) if side is System.FIELD_NATION else None
    return STATUS_TARGET if isinstance(path, Path) and path.text == "status" else text


def _action(reader: RuleReader) -> str:
    name = reader.text("action", required=True)
    action = action_named(name)
    if name and not action:
        mend = suggestion(name, _OURS, f"Use one of: {', '.join(_OURS)}.")
        reader.fault("action", "mapping_unknown_action", f"{show(name)} is no action.", mend)
    return action


def _owner(reader: RuleReader) -> Owner | None:
    chosen = reader.choice("owner", ("autotask", "field_nation"))
    return "autotask" if chosen == "autotask" else "field_nation" if chosen == "field_nation" else None


def _sync(reader: RuleReader, side: System, shared: _Shared) -> Rule:
    return Sync(source=reader.path("source", side), **shared)


def _set_static(reader: RuleReader, side: System, shared: _Shared) -> Rule:
    return SetStatic(value=reader.json("value", required=True), always=reader.flag("always"), **shared)


def _array_map(reader: RuleReader, side: System, shared: _Shared) -> Rule:
    return ArrayMap(source=reader.path("source", side), pairs=reader.pairs(), **shared)


def _status(reader: RuleReader, side: System, shared: _Shared) -> Rule:
    return StatusMap(source=reader.path("source", side), pairs=reader.pairs(), **shared)


def _range_map(reader: RuleReader, side: System, shared: _Shared) -> Rule:
    return RangeMap(source=reader.path("source", side), bounds=reader.bounds(), **shared)


def _date_convert(reader: RuleReader, side: System, shared: _Shared) -> Rule:
    return DateConvert(
        source=reader.path("source", side),
        input_format=reader.format("input_format", for_reading=True),
        output_format=reader.format("output_format", for_reading=False) or usual_output(shared["direction"]),
        zone_in=reader.zone("timezone_in"),
        zone_out=reader.zone("timezone_out"),
        **shared,
    )


def _concat(reader: RuleReader, side: System, shared: _Shared) -> Rule:
    return Concat(parts=reader.parts(side), **shared)


def _custom(reader: RuleReader, side: System, shared: _Shared) -> Rule:
    return Custom(script=reader.text("script", required=True), **shared)


_Loader = Callable[[RuleReader, System, _Shared], Rule]
_LOADERS: Final[dict[str, tuple[_Loader, tuple[str, ...]]]] = {
    "sync": (_sync, ("source", "default")),
    # The old connector ignores the source of a static value; pasted rules often still carry one.
    "set_static": (_set_static, ("value", "always", "source")),
    "array_map": (_array_map, ("source", "default", "mappings")),
    "status": (_status, ("source", "default", "mappings")),
    "range_map": (_range_map, ("source", "default", "ranges", "mappings")),
    "date_convert": (
        _date_convert,
        ("source", "default", "input_format", "output_format", "timezone_in", "timezone_out"),
    ),
    "concat": (_concat, ("default", "parts")),
    # A pasted rule may name a source, which the old connector's scripts do not look at either.
    "custom": (_custom, ("default", "script", "source")),
}


def _error(code: str, text: str, mend: str, place: str) -> Finding:
    return Finding(code, Severity.ERROR, "connection", text, mend, place)
