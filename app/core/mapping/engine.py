"""The engine: a compiled mapping and a document in, values for the other side out.

Nothing is lost silently: a value that could not be mapped is a finding with its path and the value. A source that is
there but empty is no loss; it takes the default, or leaves the target alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeAlias, assert_never

from app.core.mapping.compiled import CompiledMapping, CompiledRule, Source
from app.core.mapping.dates import BadDate, print_instant, read_instant, read_zone
from app.core.mapping.paths import Path
from app.core.mapping.picklists import shown_with_label
from app.core.mapping.reading import Found, Missing, Reading, read_path
from app.core.mapping.relations import SourcePath
from app.core.mapping.rules import (
    ArrayMap,
    Concat,
    DateConvert,
    Owner,
    RangeMap,
    SetStatic,
    StatusMap,
    Sync,
)
from app.core.mapping.values import as_number, as_text, is_empty, same, show
from app.core.mapping.work_order_names import STATUS_TARGET, read_status, status_choices
from app.core.model.document import Document, Json
from app.core.model.finding import Finding, Severity


@dataclass(frozen=True, slots=True)
class MappedValue:
    """A value for one target. `inputs` are the sources it was made from, each with the value read there (null when
    there was none); `always` and `owner` are the rule's; `rule_index` is its place in the file's list."""

    target: str
    value: Json
    inputs: tuple[tuple[str, Json], ...]
    rule_index: int
    always: bool = False
    owner: Owner | None = None


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a mapping made of a document: at most one value for each target, in the order of the rules.

    `inputs` is everything that was read, also by rules that made no value of it: a fact that is empty today counts as
    changed once it is there.
    """

    values: tuple[MappedValue, ...]
    findings: tuple[Finding, ...]
    inputs: tuple[tuple[str, Json], ...] = ()


@dataclass(frozen=True, slots=True)
class _Lost:
    """A value that could not be mapped, and why. The rule's default may stand in for it, and then tells of the loss
    only what was `always_told`."""

    code: str
    path: str
    reason: str
    mend: str
    severity: Severity = Severity.WARNING
    always_told: bool = False


@dataclass(frozen=True, slots=True)
class _Nothing:
    """There is no value and nothing was lost."""


_NOTHING: Final = _Nothing()
_Made: TypeAlias = tuple[Json | _Nothing, tuple[_Lost, ...]]
_Readings: TypeAlias = Sequence[tuple[Source, Reading]]


def apply(mapping: CompiledMapping, document: Document, record: str = "") -> Mapped:
    """Applies every rule to the document; `record` names it in findings (`ticket:12345`).

    Deterministic, changes nothing it is given, never raises on any JSON. Where two rules have one target, the last
    that has a value wins.
    """
    values: dict[str, MappedValue] = {}
    findings: list[Finding] = []
    inputs: dict[str, Json] = {}
    for rule in mapping.rules:
        readings = tuple((source, read_source(document, source)) for source in rule.sources)
        read = tuple((source.text, got.value if isinstance(got, Found) else None) for source, got in readings)
        inputs.update(read)
        value, found = _run(rule, readings, read, record)
        findings += found
        if value is not None:
            values.pop(rule.target, None)
            values[rule.target] = value
    return Mapped(tuple(values.values()), tuple(findings), tuple(inputs.items()))


def read_source(document: Document, source: Source) -> Reading:
    """The value of a source. A ticket without the related record (its reference is empty) has an empty value there."""
    if isinstance(source, Path):
        return read_path(document, source)
    here: Json = document
    for hop in source.hops:
        if not isinstance(here, Mapping):
            return Missing(f"{hop.relation} is nested in {show(here)}")
        related = here.get(hop.relation)
        if not isinstance(related, Mapping):
            return _unrelated(here, hop.field, hop.relation)
        here = related
    return read_path(here, Path(source.path.system, source.path.segments[len(source.hops) :]))


def _unrelated(here: Mapping[str, Json], field: str, relation: str) -> Reading:
    reference = here.get(field)
    if field in here and is_empty(reference):
        return Found(None)
    return Missing(f"{relation} was not read ({field} is {show(reference)})")


def _run(
    compiled: CompiledRule, readings: _Readings, inputs: tuple[tuple[str, Json], ...], record: str
) -> tuple[MappedValue | None, list[Finding]]:
    rule = compiled.rule
    made, lost = _make(compiled, readings)
    if compiled.target == STATUS_TARGET and not isinstance(made, _Nothing):
        made, more = _as_status(made)
        lost = (*lost, *more)
    told = [one for one in lost if one.always_told or rule.default is None]
    findings = [_finding(one, compiled.target, record) for one in told]
    if isinstance(made, _Nothing) and rule.default is not None:
        made = rule.default
    if isinstance(made, _Nothing):
        return None, findings
    always = isinstance(rule, SetStatic) and rule.always
    return MappedValue(compiled.target, made, inputs, rule.index, always, rule.owner), findings


def _make(compiled: CompiledRule, readings: _Readings) -> _Made:
    rule = compiled.rule
    if isinstance(rule, SetStatic):
        return rule.value, ()
    if isinstance(rule, Concat):
        return _join(rule, readings)
    source, reading = readings[0]
    if isinstance(reading, Missing):
        mend = "Correct the source, or give the rule a default."
        return _lost(source, "mapping_source_missing", reading.reason, mend)
    value = reading.value
    if isinstance(rule, ArrayMap | StatusMap):
        return _look_up(rule, source, value)
    if is_empty(value):
        return _NOTHING, ()
    if isinstance(rule, Sync):
        return value, ()
    if isinstance(rule, RangeMap):
        return _find_range(rule, source, value)
    if isinstance(rule, DateConvert):
        return _convert_date(rule, source, value)
    assert_never(rule)


def _look_up(rule: ArrayMap | StatusMap, source: Source, value: Json) -> _Made:
    """An entry may be for the empty value; without one, empty is nothing to look up."""
    for pair in rule.pairs:
        if same(value, pair.compare):
            return pair.value, ()
    if is_empty(value):
        return _NOTHING, ()
    shown = shown_with_label(value, source.meta) if isinstance(source, SourcePath) else show(value)
    severity = Severity.INFO if isinstance(rule, StatusMap) else Severity.WARNING
    return _lost(source, "mapping_no_match", f"{shown} has no entry", "Add an entry for it, or a default.", severity)


def _find_range(rule: RangeMap, source: Source, value: Json) -> _Made:
    number = as_number(value)
    if number is None:
        mend = "Map a number, or give a default."
        return _lost(source, "mapping_not_a_number", f"{show(value)} is not a number", mend)
    for bound in rule.bounds:
        if number <= bound.upper:
            return bound.value, ()
    return _lost(source, "mapping_no_match", f"{show(value)} is above all ranges", "Add a range, or a default.")


def _convert_date(rule: DateConvert, source: Source, value: Json) -> _Made:
    zone_in, zone_out = read_zone(rule.zone_in) or UTC, read_zone(rule.zone_out) or UTC
    at = read_instant(value, rule.input_format, zone_in)
    text = print_instant(at, rule.output_format, zone_out) if isinstance(at, datetime) else at
    if text is None:
        return _NOTHING, ()
    if isinstance(text, BadDate):
        mend = "Correct the input format, or leave it out: what both systems send is understood."
        return _lost(source, "mapping_bad_date", text.reason, mend, always_told=True)
    return text, ()


def _join(rule: Concat, readings: _Readings) -> _Made:
    """A part that leads nowhere is empty and said; the text is written with what there is."""
    rest = iter(readings)
    texts: list[str] = []
    lost: list[_Lost] = []
    for part in rule.parts:
        text, more = (part.text, ()) if part.is_static else _part_text(*next(rest))
        texts.append(text)
        lost += more
    joined = "".join(texts)
    return joined or _NOTHING, tuple(lost)


def _part_text(source: Source, reading: Reading) -> tuple[str, tuple[_Lost, ...]]:
    mend = "Correct the part, or remove it."
    if isinstance(reading, Missing):
        return "", _lost(source, "mapping_source_missing", reading.reason, mend, always_told=True)[1]
    text = "" if is_empty(reading.value) else as_text(reading.value)
    if text is None:
        return "", _lost(source, "mapping_not_text", f"{show(reading.value)} is not a text", mend, always_told=True)[1]
    return text, ()


def _as_status(made: Json) -> _Made:
    """What a rule made for the status, as the id of one; null asks for none."""
    id = read_status(made)
    if id is not None or made is None:
        return (id if id is not None else _NOTHING), ()
    reason, mend = f"{show(made)} is no status of a work order", f"Map to one of: {status_choices()}."
    return _NOTHING, (_Lost("mapping_unknown_status", STATUS_TARGET, reason, mend, always_told=True),)


def _lost(
    source: Source,
    code: str,
    reason: str,
    mend: str,
    severity: Severity = Severity.WARNING,
    always_told: bool = False,
) -> tuple[_Nothing, tuple[_Lost, ...]]:
    return _NOTHING, (_Lost(code, source.text, reason, mend, severity, always_told),)


def _finding(lost: _Lost, target: str, record: str) -> Finding:
    text = f"{lost.path} was not mapped to {target}: {lost.reason}."
    return Finding(lost.code, lost.severity, record, text, lost.mend, lost.path)
