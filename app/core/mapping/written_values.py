"""Written values: what a rule's author wrote, turned into the type of the Autotask field it goes to."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from app.core.mapping.dates import read_zone
from app.core.mapping.item_paths import ItemPath, is_status
from app.core.mapping.outbound import TargetField
from app.core.mapping.outbound_values import REAL, WHOLE, Blank, Unfit, fit, fit_written, may_hold
from app.core.mapping.paths import Path
from app.core.mapping.rules import (
    ArrayMap,
    Bound,
    Concat,
    DateConvert,
    Pair,
    RangeMap,
    Rule,
    SetStatic,
    StatusMap,
    Sync,
)
from app.core.mapping.values import show
from app.core.model.document import Json
from app.core.model.finding import Finding, Severity

_UNZONED: Final = frozenset({"UTC", "Z", "GMT"})


def type_written(
    rule: Rule, fields: Sequence[TargetField], sources: Sequence[Path | ItemPath]
) -> tuple[Rule, list[Finding]]:
    """The rule with its static, mapped and default values in the fields' type, and what cannot be written there.

    Labels of a picklist become ids; one that is unknown or inactive is an error with the nearest that is not.
    """
    target, findings = fields[0], list[Finding]()

    def typed(value: Json, key: str) -> Json:
        made = fit_written(value, target)
        if isinstance(made, Unfit):
            findings.append(_unfit(rule, target, made, key))
        return None if isinstance(made, Blank | Unfit) else made

    typed_rule = replace(rule, default=typed(rule.default, "default"))
    if isinstance(typed_rule, SetStatic):
        typed_rule = replace(typed_rule, value=typed(typed_rule.value, "value"))
    elif isinstance(typed_rule, ArrayMap | StatusMap):
        pairs = (
            Pair(pair.compare, typed(pair.value, f"mappings[{n}].value")) for n, pair in enumerate(typed_rule.pairs)
        )
        typed_rule = replace(typed_rule, pairs=tuple(pairs))
    elif isinstance(typed_rule, RangeMap):
        bounds = (Bound(end.upper, typed(end.value, f"ranges[{n}].value")) for n, end in enumerate(typed_rule.bounds))
        typed_rule = replace(typed_rule, bounds=tuple(bounds))
    findings += _doubtful(rule, target, sources)
    return typed_rule, findings


def _doubtful(rule: Rule, target: TargetField, sources: Sequence[Path | ItemPath]) -> Sequence[Finding]:
    """Actions that can never, or hardly ever, make what the field takes."""
    where, type = f"{rule.place}.action", target.meta.type
    if isinstance(rule, DateConvert):
        return _dates(rule, target)
    if isinstance(rule, Concat) and _is_never_a_number(rule, target):
        text = f"A joined text is no value of {target.text}, which is of type {type}."
        return (_finding("mapping_wrong_type", Severity.ERROR, text, "Map a single source, or another field.", where),)
    if isinstance(rule, Sync) and target.name == "status" and target.meta.values and any(map(is_status, sources)):
        text = f"{show(rule.source)} is copied as {target.text}: the two systems' statuses differ in meaning."
        mend = "Use the action status, which maps one system's statuses to the other's."
        return (_finding("mapping_copied_status", Severity.WARNING, text, mend, where),)
    return ()


def _is_never_a_number(rule: Concat, target: TargetField) -> bool:
    """Whether the fixed parts alone spoil a number; fields are taken for a digit."""
    type = target.meta.type.lower()
    if target.meta.values or (type not in WHOLE and type not in REAL and type != "boolean"):
        return False
    return isinstance(fit("".join(part.text if part.is_static else "1" for part in rule.parts), target), Unfit)


def _dates(rule: DateConvert, target: TargetField) -> Sequence[Finding]:
    if not may_hold(rule.output_format, target):
        text = f"A date printed as {rule.output_format.text} is no value of {target.text} (type {target.meta.type})."
        mend = "Leave output_format out, or map to another field."
        return (_finding("mapping_wrong_type", Severity.ERROR, text, mend, f"{rule.place}.output_format"),)
    is_instant = target.meta.type.lower() == "datetime" and not target.is_day and "hour" in rule.output_format.units
    is_local = rule.zone_out.strip().upper() not in _UNZONED and read_zone(rule.zone_out) is not None
    if is_instant and is_local and "offset" not in rule.output_format.units:
        text = f"{target.text} gets the clock time of {rule.zone_out}, and Autotask reads times as UTC."
        mend = "Leave timezone_out out, or add Z to output_format."
        return (_finding("mapping_local_time", Severity.WARNING, text, mend, f"{rule.place}.timezone_out"),)
    return ()


def _unfit(rule: Rule, target: TargetField, unfit: Unfit, key: str) -> Finding:
    code = "mapping_unknown_pick" if target.meta.values else "mapping_wrong_type"
    text = f"{unfit.reason}, so {target.text} (type {target.meta.type}) cannot be set to it."
    return _finding(code, Severity.ERROR, text, unfit.mend, f"{rule.place}.{key}")


def _finding(code: str, severity: Severity, text: str, mend: str, place: str) -> Finding:
    return Finding(code, severity, "connection", text, mend, place)
