"""Applying outbound: a work order, and the element that is mapped, in; values for one Autotask record out."""

from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo

from app.core.mapping.actions import NOTHING, Lost, Nothing, make, told
from app.core.mapping.engine import Mapped, MappedValue
from app.core.mapping.item_paths import read_order_source
from app.core.mapping.outbound import CompiledPart, OutboundRule, TargetField
from app.core.mapping.outbound_values import Blank, Unfit, fit
from app.core.mapping.reading import Found
from app.core.mapping.rules import Custom, SetStatic, Sync
from app.core.mapping.scripted import NOT_RUN, script_inputs
from app.core.model.document import Document, Json
from app.core.model.finding import Finding
from app.core.model.script import Ran, ScriptOutcome


def apply_outbound(
    part: CompiledPart,
    order: Document,
    item: Document | None = None,
    record: str = "",
    zone: tzinfo = UTC,
    outcomes: Mapping[int, ScriptOutcome] = NOT_RUN,
) -> Mapped:
    """Applies the rules of one kind to a work order's document and, for a collection, to one of its elements.

    `record` names the source in findings (`time_log:312`); `zone` is the connection's, for days and for local times;
    `outcomes` are what the scripts of custom actions gave for this element, by the index of the rule.
    Targets are REST names (`userDefinedFields.X`), values of the fields' types, not cut to length. Deterministic,
    changes nothing it is given, never raises on any JSON. Where two rules have one field, the last with a value wins.
    """
    values: dict[str, MappedValue] = {}
    findings: list[Finding] = []
    inputs: dict[str, Json] = {}
    broken: list[str] = []
    for rule in part.rules:
        readings = tuple((source, read_order_source(order, item, source)) for source in rule.sources)
        read = tuple((source.text, got.value if isinstance(got, Found) else None) for source, got in readings)
        outcome = outcomes.get(rule.rule.index)
        if isinstance(rule.rule, Custom):
            read = script_inputs(rule.rule, outcome)
        inputs.update(read)
        made, lost = make(rule.rule, readings, outcome)
        shown = ", ".join(field.text for field in rule.fields)
        if isinstance(rule.rule, Custom) and not isinstance(outcome, Ran):
            broken += [field.text for field in rule.fields]
        for field in rule.fields:
            value, more = _value(rule, made, field, zone)
            lost = (*lost, *(one for one in more if one not in lost))
            if not isinstance(value, Nothing):
                values.pop(field.text, None)
                values[field.text] = _mapped(rule, field, value, read)
        findings += [told(one, shown, record) for one in lost if one.always_told or rule.rule.default is None]
    unmade = tuple(target for target in broken if target not in values)
    return Mapped(tuple(values.values()), tuple(findings), tuple(inputs.items()), unmade)


def _value(
    rule: OutboundRule, made: Json | Nothing, field: TargetField, zone: tzinfo
) -> tuple[Json | Nothing, Sequence[Lost]]:
    """What was made, in the field's type, else the rule's default; a null that the author wrote asks for nothing."""
    if made is None:
        return NOTHING, ()
    lost: Sequence[Lost] = ()
    if not isinstance(made, Nothing):
        fitted = fit(made, field, zone, is_copied=isinstance(rule.rule, Sync))
        if isinstance(fitted, Unfit):
            path = rule.sources[0].text if rule.sources else field.text
            lost = (Lost("mapping_wrong_type", path, fitted.reason, fitted.mend, always_told=True),)
        elif not isinstance(fitted, Blank):
            return fitted, ()
    return (NOTHING if rule.rule.default is None else rule.rule.default), lost


def _mapped(rule: OutboundRule, field: TargetField, value: Json, read: tuple[tuple[str, Json], ...]) -> MappedValue:
    always = isinstance(rule.rule, SetStatic) and rule.rule.always
    return MappedValue(field.text, value, read, rule.rule.index, always, rule.rule.owner)
