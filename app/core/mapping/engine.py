"""The engine: a compiled mapping and a document in, values for the other side out.

Nothing is lost silently: a value that could not be mapped is a finding with its path and the value. A source that is
there but empty is no loss; it takes the default, or leaves the target alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.core.mapping.actions import NOTHING, Lost, Made, Nothing, Readings, make, told
from app.core.mapping.compiled import CompiledMapping, CompiledRule, Source
from app.core.mapping.paths import Path
from app.core.mapping.reading import Found, Missing, Reading, read_path
from app.core.mapping.rules import Custom, Owner, SetStatic
from app.core.mapping.scripted import NOT_RUN, script_inputs
from app.core.mapping.values import as_text, is_empty, show
from app.core.mapping.work_order_names import STATUS_TARGET, read_status, status_choices
from app.core.model.document import Document, Json
from app.core.model.finding import Finding
from app.core.model.script import ScriptOutcome


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
    changed once it is there. `unmade` are the targets whose program broke with nothing to stand in: whoever writes
    money or hours waits for them.
    """

    values: tuple[MappedValue, ...]
    findings: tuple[Finding, ...]
    inputs: tuple[tuple[str, Json], ...] = ()
    unmade: tuple[str, ...] = ()


def apply(
    mapping: CompiledMapping, document: Document, record: str = "", outcomes: Mapping[int, ScriptOutcome] = NOT_RUN
) -> Mapped:
    """Applies every rule to the document; `record` names it in findings (`ticket:12345`). `outcomes` are what the
    scripts of custom actions gave, by the index of the rule.

    Deterministic, changes nothing it is given, never raises on any JSON. Where two rules have one target, the last
    that has a value wins.
    """
    values: dict[str, MappedValue] = {}
    findings: list[Finding] = []
    inputs: dict[str, Json] = {}
    for rule in mapping.rules:
        outcome = outcomes.get(rule.rule.index)
        # What a script names is read for its input; the source fact is what it made of it.
        sources = () if isinstance(rule.rule, Custom) else rule.sources
        readings = tuple((source, read_source(document, source)) for source in sources)
        read = tuple((source.text, got.value if isinstance(got, Found) else None) for source, got in readings)
        if isinstance(rule.rule, Custom):
            read = script_inputs(rule.rule, outcome)
        inputs.update(read)
        value, found = _run(rule, readings, read, record, outcome)
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


def unknown_values(mapping: CompiledMapping, document: Document) -> tuple[str, ...]:
    """Entities whose fields must have changed since they were read: the document has values that their lists lack."""
    entities: dict[str, None] = {}
    for source in mapping.sources:
        reading = read_source(document, source) if source.meta.values else None
        if isinstance(reading, Found) and not is_empty(reading.value):
            text = as_text(reading.value)
            if all(pick.value != text for pick in source.meta.values):
                entities[source.entity] = None
    return tuple(entities)


def _unrelated(here: Mapping[str, Json], field: str, relation: str) -> Reading:
    reference = here.get(field)
    if field in here and is_empty(reference):
        return Found(None)
    return Missing(f"{relation} was not read ({field} is {show(reference)})")


def _run(
    compiled: CompiledRule,
    readings: Readings,
    inputs: tuple[tuple[str, Json], ...],
    record: str,
    outcome: ScriptOutcome | None,
) -> tuple[MappedValue | None, list[Finding]]:
    rule = compiled.rule
    made, lost = make(rule, readings, outcome)
    if compiled.target == STATUS_TARGET and made is None:
        return None, []  # the rule's author asks for no status here; a default is for what was not mapped
    if compiled.target == STATUS_TARGET and not isinstance(made, Nothing):
        made, more = _as_status(made)
        lost = (*lost, *more)
    findings = [told(one, compiled.target, record) for one in lost if one.always_told or rule.default is None]
    if isinstance(made, Nothing) and rule.default is not None:
        made = rule.default
    if isinstance(made, Nothing):
        return None, findings
    always = isinstance(rule, SetStatic) and rule.always
    return MappedValue(compiled.target, made, inputs, rule.index, always, rule.owner), findings


def _as_status(made: Json) -> Made:
    """What a rule made for the status, as the id of one."""
    id = read_status(made)
    if id is not None:
        return id, ()
    reason, mend = f"{show(made)} is no status of a work order", f"Map to one of: {status_choices()}."
    return NOTHING, (Lost("mapping_unknown_status", STATUS_TARGET, reason, mend, always_told=True),)
