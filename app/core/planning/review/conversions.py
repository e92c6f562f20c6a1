"""Conversions: whether what a rule reads can become what its target takes, and whether it fits."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.core.mapping.compiled import CompiledRule
from app.core.mapping.dates import read_instant
from app.core.mapping.item_paths import ItemPath
from app.core.mapping.outbound import OutboundRule
from app.core.mapping.paths import Path, System, parse_path
from app.core.mapping.relations import SourcePath
from app.core.mapping.rules import Concat, DateConvert, RangeMap, Rule, SetStatic, Sync
from app.core.mapping.values import as_number, as_text, show
from app.core.mapping.work_order_fields import field_at
from app.core.mapping.work_order_names import STATUS_TARGET
from app.core.model.catalog import EntityCatalog, Field
from app.core.model.document import Json
from app.core.model.finding import Finding
from app.core.planning.review.subject import Subject, action_of, doubt, flaw, kind_of, written
from app.core.planning.targets import read_target

_NEVER: Final = frozenset(
    {("text", "number"), ("text", "date"), ("text", "flag"), ("number", "date"), ("date", "number")}
    | {("date", "flag"), ("flag", "date"), ("flag", "number")}
)
"""Kinds of which the first cannot be read as the second. Numbers 0 and 1 are flags; everything is a text."""

_TYPED: Final = frozenset({"description", "message", "notes"})
"""Texts of items that people write."""

_A_KIND: Final = {"text": "a text", "number": "a number", "date": "a date", "flag": "true or false"}


@dataclass(frozen=True, slots=True)
class _Way:
    """One rule from one field to another. `is_free`: the source is a field of the customer's own, for anything;
    `is_typed`: it is a text of an item, into which people may have typed a number or a date by agreement."""

    rule: Rule
    source: Field | None
    target: Field
    shown: str
    is_free: bool = False
    is_copied_to_custom: bool = False
    is_typed: bool = False


def conversions(subject: Subject) -> Iterator[Finding]:
    """Types that cannot be converted, ids of one system copied into the other, texts that are too long."""
    for inbound in subject.inbound.rules:
        way = _inbound(inbound, subject.orders)
        if way is not None:
            yield from _checked(way)
            yield from _fixed_values(way)
    for part in subject.parts:
        for outbound in part.rules:
            for way in _outbound(outbound, subject.orders):
                yield from _checked(way)


def _inbound(compiled: CompiledRule, orders: EntityCatalog) -> _Way | None:
    path = parse_path(compiled.target, System.FIELD_NATION)
    place = read_target(path.segments) if isinstance(path, Path) and compiled.target != STATUS_TARGET else None
    target = field_at(orders, Path(System.FIELD_NATION, place)) if place else None
    if target is None:
        return None
    source = compiled.sources[0] if len(compiled.sources) == 1 else None
    is_custom = target.name.isdecimal()
    if isinstance(source, SourcePath):
        return _Way(compiled.rule, source.meta, target, compiled.target, source.is_user_field, is_custom)
    return _Way(compiled.rule, None, target, compiled.target, is_copied_to_custom=is_custom)


def _outbound(compiled: OutboundRule, orders: EntityCatalog) -> Iterator[_Way]:
    source = compiled.sources[0] if len(compiled.sources) == 1 else None
    meta = field_at(orders, source) if source is not None else None
    is_custom = isinstance(source, Path) and bool(source.custom_field)
    is_typed = isinstance(source, ItemPath) and source.path.text in _TYPED
    for target in compiled.fields:
        yield _Way(compiled.rule, meta, target.meta, target.text, is_custom, target.is_user_field, is_typed)


def _checked(way: _Way) -> Iterator[Finding]:
    yield from _type(way)
    yield from _copied_ids(way)
    yield from _length(way)


def _type(way: _Way) -> Iterator[Finding]:
    if way.source is None:
        return
    have, want = kind_of(way.source), kind_of(way.target)
    if way.source.type.lower() == "array":
        text = f"{way.source.name} is a list, which {way.shown} does not take."
        yield flaw("mapping_not_a_value", f"{way.rule.place}.source", text, "Name a part of it.")
    elif isinstance(way.rule, Sync) and (have, want) in _NEVER and way.is_typed and have == "text":
        words = (
            f"{way.source.name} is a text, and {way.shown} takes {_A_KIND[want]}: where people typed anything else, "
        )
        words += "it is not mapped."
        yield doubt("mapping_doubtful_type", f"{way.rule.place}.source", words, "Map a source of the right type.")
    elif isinstance(way.rule, Sync) and (have, want) in _NEVER and not _is_possible(way):
        yield _never(way, f"{way.source.name} is {_A_KIND[have]}, and {way.shown} takes {_A_KIND[want]}", have, want)
    elif isinstance(way.rule, RangeMap) and have in ("date", "flag", "text") and not way.is_free:
        yield _never(way, f"ranges are of numbers, and {way.source.name} is {_A_KIND[have]}", have, "")
    elif isinstance(way.rule, DateConvert) and have == "flag":
        yield _never(way, f"{way.source.name} is {_A_KIND[have]}, and date_convert reads dates", have, "date")


def _is_possible(way: _Way) -> bool:
    """People may type numbers and dates into fields of their own; labels are looked up in a picklist."""
    assert way.source is not None
    return kind_of(way.source) == "text" and (way.is_free or bool(way.target.values))


def _never(way: _Way, why: str, have: str, want: str) -> Finding:
    mend = "Map a source of the right type, or use array_map."
    if want == "date":
        mend = "Map a date, such as DueDateTime." if way.rule.direction == "inbound" else "Map a date."
    elif have == "date":
        mend = "Map a number." if want == "number" else "Use date_convert into a text, or map another field."
    return flaw("mapping_wrong_type", f"{way.rule.place}.source", f"It can never be mapped: {why}.", mend)


def _copied_ids(way: _Way) -> Iterator[Finding]:
    """What one system calls 8 is something else in the other, and nothing at all to people."""
    source = way.source
    if source is None or not isinstance(way.rule, Sync) or kind_of(source) != "number":
        return
    is_inbound = way.rule.direction == "inbound"
    to_number = kind_of(way.target) == "number" and not way.is_copied_to_custom
    is_list, is_reference = bool(source.values), bool(source.reference) or source.name.endswith(".id")
    if is_inbound and (is_list or (is_reference and to_number)):
        what, whose = f"the ids of {source.name}", "Field Nation"
    elif not is_inbound and (is_list or is_reference) and (way.target.values or way.target.reference):
        what, whose = f"Field Nation's ids of {source.name}", "Autotask"
    else:
        return
    text = f"{what[0].upper()}{what[1:]} are copied to {way.shown}; in {whose} they mean nothing, or something else."
    mend = "Use array_map, with an entry for each value."
    yield doubt("mapping_copied_ids", f"{way.rule.place}.action", text, mend)


def _length(way: _Way) -> Iterator[Finding]:
    most = way.target.length
    if most <= 0 or kind_of(way.target) not in ("text", ""):
        return
    for key, value in written(way.rule):
        text = as_text(value) or ""
        if len(text) > most:
            words = f"{show(value, 30)} has {len(text)} characters, and {way.shown} takes {most}."
            yield flaw("mapping_too_long", f"{way.rule.place}.{key}", words, f"Write at most {most} characters.")
    if isinstance(way.rule, Concat):
        fixed = sum(len(part.text) for part in way.rule.parts if part.is_static)
        if fixed > most:
            words = f"The fixed parts alone have {fixed} characters, and {way.shown} takes {most}."
            yield flaw("mapping_too_long", f"{way.rule.place}.parts", words, "Shorten them.")
    if isinstance(way.rule, Sync) and way.source is not None and way.source.length > most:
        words = f"{way.source.name} may have {way.source.length} characters, and {way.shown} takes {most}."
        mend = "Map a shorter field, or accept that long values do not arrive whole."
        yield doubt("mapping_may_be_cut", f"{way.rule.place}.source", words, mend)


def _fixed_values(way: _Way) -> Iterator[Finding]:
    """What a person wrote for a place of a work order, and what an action prints there, in the place's type.

    Autotask's fields are typed when the mapping is compiled.
    """
    want = kind_of(way.target)
    for key, value in written(way.rule):
        if value not in (None, "") and not way.target.values and not _fits(value, want):
            text = f"{show(value)} is not {_A_KIND[want]}, which {way.shown} takes."
            yield flaw("mapping_wrong_type", f"{way.rule.place}.{key}", text, f"Write {_A_KIND[want]}.")
    if isinstance(way.rule, DateConvert | Concat) and want in ("number", "flag"):
        text = f"{action_of(way.rule)} makes a text, and {way.shown} takes {_A_KIND[want]}."
        yield flaw("mapping_wrong_type", f"{way.rule.place}.action", text, "Map a single source of the right type.")
    if isinstance(way.rule, SetStatic) and way.rule.value in (None, ""):
        text = f"An empty value writes nothing to {way.shown}."
        yield doubt("mapping_no_effect", f"{way.rule.place}.value", text, "Write a value, or remove the rule.")


def _fits(value: Json, want: str) -> bool:
    if want == "number":
        return as_number(value) is not None
    if want == "date":
        return isinstance(read_instant(value), datetime)
    if want == "flag":
        return str(as_text(value)).lower() in ("true", "false", "0", "1")
    return as_text(value) is not None
