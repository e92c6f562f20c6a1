"""Actions: what each kind of rule makes of the values that its sources hold, for either direction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeAlias, assert_never

from app.core.mapping.compiled import Source
from app.core.mapping.dates import BadDate, print_instant, read_instant, read_zone
from app.core.mapping.item_paths import ItemPath
from app.core.mapping.picklists import shown_with_label
from app.core.mapping.reading import Missing, Reading
from app.core.mapping.relations import SourcePath
from app.core.mapping.rules import (
    ArrayMap,
    Concat,
    Custom,
    DateConvert,
    RangeMap,
    Rule,
    SetStatic,
    StatusMap,
    Sync,
)
from app.core.mapping.values import as_number, as_text, is_empty, same, show
from app.core.mapping.work_order_names import STATUS_FIELD, STATUS_TARGET
from app.core.model.document import Json
from app.core.model.finding import Finding, Severity
from app.core.model.script import Broke, Ran, ScriptOutcome

AnySource: TypeAlias = Source | ItemPath


@dataclass(frozen=True, slots=True)
class Lost:
    """A value that could not be mapped, and why. The rule's default may stand in for it, and then tells of the loss
    only what was `always_told`."""

    code: str
    path: str
    reason: str
    mend: str
    severity: Severity = Severity.WARNING
    always_told: bool = False


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is no value and nothing was lost."""


NOTHING: Final = Nothing()
Made: TypeAlias = tuple[Json | Nothing, tuple[Lost, ...]]
Readings: TypeAlias = Sequence[tuple[AnySource, Reading]]


def make(rule: Rule, readings: Readings, outcome: ScriptOutcome | None = None) -> Made:
    """The value that the rule makes of what was read, in the order of its sources; its default is not looked at.

    `outcome` is what the script of a custom action gave."""
    if isinstance(rule, SetStatic):
        return rule.value, ()
    if isinstance(rule, Custom):
        return _of_script(rule, outcome)
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
        return NOTHING, ()
    if isinstance(rule, Sync):
        return value, ()
    if isinstance(rule, RangeMap):
        return _find_range(rule, source, value)
    if isinstance(rule, DateConvert):
        return _convert_date(rule, source, value)
    assert_never(rule)


def _of_script(rule: Custom, outcome: ScriptOutcome | None) -> Made:
    """A script that gives null or an empty text has nothing to say, which is no loss."""
    if isinstance(outcome, Ran):
        return (NOTHING if is_empty(outcome.value) else outcome.value), ()
    broke = outcome or Broke("script_crashed", "it was not run", "Report this to the broker's maintainers.")
    severity = Severity.WARNING if broke.code == "script_failed" else Severity.ERROR
    return NOTHING, (Lost(broke.code, f"{rule.place}.script", broke.reason, broke.mend, severity, always_told=True),)


def _look_up(rule: ArrayMap | StatusMap, source: AnySource, value: Json) -> Made:
    """An entry may be for the empty value; without one, empty is nothing to look up."""
    for pair in rule.pairs:
        if same(value, pair.compare):
            return pair.value, ()
    if is_empty(value):
        return NOTHING, ()
    shown = _shown(source, value)
    severity = Severity.INFO if isinstance(rule, StatusMap) else Severity.WARNING
    return _lost(source, "mapping_no_match", f"{shown} has no entry", "Add an entry for it, or a default.", severity)


def _shown(source: AnySource, value: Json) -> str:
    if isinstance(source, SourcePath):
        return shown_with_label(value, source.meta)
    return shown_with_label(value, STATUS_FIELD) if source.text == STATUS_TARGET else show(value)


def _find_range(rule: RangeMap, source: AnySource, value: Json) -> Made:
    number = as_number(value)
    if number is None:
        mend = "Map a number, or give a default."
        return _lost(source, "mapping_not_a_number", f"{show(value)} is not a number", mend)
    for bound in rule.bounds:
        if number <= bound.upper:
            return bound.value, ()
    return _lost(source, "mapping_no_match", f"{show(value)} is above all ranges", "Add a range, or a default.")


def _convert_date(rule: DateConvert, source: AnySource, value: Json) -> Made:
    zone_in, zone_out = read_zone(rule.zone_in) or UTC, read_zone(rule.zone_out) or UTC
    at = read_instant(value, rule.input_format, zone_in)
    text = print_instant(at, rule.output_format, zone_out) if isinstance(at, datetime) else at
    if text is None:
        return NOTHING, ()
    if isinstance(text, BadDate):
        mend = "Correct the input format, or leave it out: what both systems send is understood."
        return _lost(source, "mapping_bad_date", text.reason, mend, always_told=True)
    return text, ()


def _join(rule: Concat, readings: Readings) -> Made:
    """A part that leads nowhere is empty and said; the text is written with what there is."""
    rest = iter(readings)
    texts: list[str] = []
    lost: list[Lost] = []
    for part in rule.parts:
        text, more = (part.text, ()) if part.is_static else _part_text(*next(rest))
        texts.append(text)
        lost += more
    joined = "".join(texts)
    return joined or NOTHING, tuple(lost)


def _part_text(source: AnySource, reading: Reading) -> tuple[str, tuple[Lost, ...]]:
    mend = "Correct the part, or remove it."
    if isinstance(reading, Missing):
        return "", _lost(source, "mapping_source_missing", reading.reason, mend, always_told=True)[1]
    text = "" if is_empty(reading.value) else as_text(reading.value)
    if text is None:
        return "", _lost(source, "mapping_not_text", f"{show(reading.value)} is not a text", mend, always_told=True)[1]
    return text, ()


def _lost(
    source: AnySource,
    code: str,
    reason: str,
    mend: str,
    severity: Severity = Severity.WARNING,
    always_told: bool = False,
) -> tuple[Nothing, tuple[Lost, ...]]:
    return NOTHING, (Lost(code, source.text, reason, mend, severity, always_told),)


def told(lost: Lost, target: str, record: str) -> Finding:
    """The loss as a finding about the record."""
    text = f"{lost.path} was not mapped to {target}: {lost.reason}."
    return Finding(lost.code, lost.severity, record, text, lost.mend, lost.path)
