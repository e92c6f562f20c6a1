"""Writing: loaded rules as plain data for a connection file, in our own dialect.

What was pasted from the old connector is written with our keys, our names of the actions and one spelling for each
place of a work order. Names of Autotask's fields stay as they were written: which field one means is known only
beside the database that it is compiled against.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, TypeAlias, assert_never

from app.core.mapping.dialects import load_rules, usual_output
from app.core.mapping.item_paths import parse_order_source
from app.core.mapping.paths import BadPath, System, parse_path
from app.core.mapping.rule_reader import KEYS
from app.core.mapping.rules import (
    ArrayMap,
    Concat,
    Custom,
    DateConvert,
    Direction,
    Part,
    RangeMap,
    Rule,
    SetStatic,
    StatusMap,
    Sync,
)
from app.core.mapping.values import as_number
from app.core.mapping.work_order_fields import SPELLINGS
from app.core.mapping.work_order_names import STATUS_TARGET
from app.core.model.document import Json

Written: TypeAlias = dict[str, Json]

_SHORT: Final = {path: names[0] for path, names in SPELLINGS.items() if path != STATUS_TARGET}
"""The names that our own files use, by the longer path of the same place."""

_MOST_WHOLE: Final = 10**15


def exported_mappings(raw: Sequence[Mapping[str, Json]], direction: Direction) -> list[Mapping[str, Json]]:
    """The list of one direction in our dialect, every rule at its place.

    A rule that could not be loaded, or that is in our dialect already, is kept as it was written: nothing of a file is
    lost, and what was exported is no change when it is applied again. Takes the list as it is stored, before texts are
    escaped for a file. Never raises.
    """
    rules, _ = load_rules(raw, direction)
    by_index = {rule.index: rule for rule in rules}
    return [_exported(one, by_index.get(index)) for index, one in enumerate(raw)]


def _exported(raw: Mapping[str, Json], rule: Rule | None) -> Mapping[str, Json]:
    if rule is None:
        return raw
    ours = our_rule(rule)
    says_more = ours.keys() < raw.keys() <= KEYS.keys() and all(raw[key] == value for key, value in ours.items())
    return raw if says_more else ours


def our_rules(rules: Sequence[Rule]) -> list[Written]:
    """The rules as plain data; loading it gives rules that mean the same. Defaults are left out."""
    return [our_rule(rule) for rule in rules]


def our_rule(rule: Rule) -> Written:
    """One rule: id, source, target, action, then what the action takes, then default and owner."""
    made: Written = {"id": rule.id} if rule.id else {}
    if not isinstance(rule, SetStatic | Concat | Custom):
        made["source"] = _source(rule.source, rule.direction)
    made["target"] = _target(rule.target, rule.direction)
    made |= _details(rule)
    if rule.default is not None:
        made["default"] = rule.default
    if rule.owner is not None:
        made["owner"] = rule.owner
    return made


def _details(rule: Rule) -> Written:
    """The action and its own keys."""
    if isinstance(rule, Sync):
        return {"action": "sync"}
    if isinstance(rule, SetStatic):
        return {"action": "set_static", "value": rule.value} | ({"always": True} if rule.always else {})
    if isinstance(rule, ArrayMap | StatusMap):
        action = "array_map" if isinstance(rule, ArrayMap) else "status"
        return {"action": action, "mappings": [_entry(pair.compare, pair.value) for pair in rule.pairs]}
    if isinstance(rule, RangeMap):
        return {"action": "range_map", "ranges": [_entry(_plain(one.upper), one.value) for one in rule.bounds]}
    if isinstance(rule, DateConvert):
        return {"action": "date_convert", **_formats(rule)}
    if isinstance(rule, Concat):
        return {"action": "concat", "parts": [_part(part, rule.direction) for part in rule.parts]}
    if isinstance(rule, Custom):
        return {"action": "custom", "script": rule.script}
    assert_never(rule)


def _entry(compare: Json, value: Json) -> Written:
    return {"compare": compare, "value": value}


def _part(part: Part, direction: Direction) -> Written:
    text = part.text if part.is_static else _source(part.text, direction)
    return {"type": "static" if part.is_static else "field", "value": text}


def _formats(rule: DateConvert) -> Written:
    made: Written = {"input_format": rule.input_format.text} if rule.input_format is not None else {}
    if rule.output_format != usual_output(rule.direction):
        made["output_format"] = rule.output_format.text
    zones = {"timezone_in": rule.zone_in, "timezone_out": rule.zone_out}
    return made | {name: zone for name, zone in zones.items() if zone != "UTC"}


def _plain(number: Decimal) -> Json:
    """The number as a file writes it; one that would lose digits stays a text, which is read as the same number."""
    if number.copy_abs() < _MOST_WHOLE and number == int(number):
        return int(number)
    return float(number) if as_number(float(number)) == number else str(number)


def _source(text: str, direction: Direction) -> str:
    """The vendor's own lists are written as ours; among targets they are other places."""
    whole = parse_path(text, System.FIELD_NATION)
    if direction == "inbound" or isinstance(whole, BadPath):
        return text
    place = parse_order_source(text)
    is_plain_status = whole.text == "status"
    return whole.text if is_plain_status or isinstance(place, BadPath) else _short(place.text)


def _target(text: str, direction: Direction) -> str:
    path = parse_path(text, System.FIELD_NATION)
    return text if direction == "outbound" or isinstance(path, BadPath) else _short(path.text)


def _short(spelled: str) -> str:
    return _SHORT.get(spelled, spelled)
