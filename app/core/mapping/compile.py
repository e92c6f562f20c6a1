"""Compiling: rules meet the database they are for. Names are found, values typed, doubtful things said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from app.core.mapping.compiled import CompiledMapping, CompiledRule
from app.core.mapping.paths import BadPath, System, parse_path
from app.core.mapping.picklists import find_gaps, type_pairs
from app.core.mapping.relations import Catalogs, NeedCatalog, SourcePath, resolve_source
from app.core.mapping.rules import ArrayMap, Concat, Custom, Pair, Rule, SetStatic, StatusMap, Sync, sources_of
from app.core.mapping.scripted import paths_in
from app.core.mapping.values import is_empty, show, suggestion
from app.core.mapping.work_order_names import STATUS_TARGET, STATUSES, read_status, status_choices, target_fault
from app.core.model.document import Json
from app.core.model.finding import Finding, Severity

# The mapping screens of the reference connector offer `status` beside `status_id` for the same thing.
_TARGET_ALIASES: Final = {"status": STATUS_TARGET}


@dataclass(frozen=True, slots=True)
class NeedCatalogs:
    """What a compilation lacks: fetch these, put them into the table, compile again."""

    needs: tuple[NeedCatalog, ...]


@dataclass(frozen=True, slots=True)
class _Tried:
    """What came of one rule: a compiled rule unless something is wrong or lacking."""

    rule: CompiledRule | None = None
    findings: tuple[Finding, ...] = ()
    needs: tuple[NeedCatalog, ...] = ()


def compile_inbound(rules: Sequence[Rule], catalogs: Catalogs, root: str = "Tickets") -> CompiledMapping | NeedCatalogs:
    """The rules from ticket to work order, ready to apply to records of `root`.

    `catalogs` gives the catalogue for a `NeedCatalog`, or None when the caller has to fetch it first. A rule with an
    error is left out and has its finding; the others stand.
    """
    tried = [_try(rule, catalogs, root) for rule in rules]
    needs = merged(need for one in tried for need in one.needs)
    if needs:
        return NeedCatalogs(needs)
    compiled = tuple(one.rule for one in tried if one.rule is not None)
    findings = (
        *(finding for one in tried for finding in one.findings),
        *rivals((one.target, one.rule) for one in compiled),
    )
    return CompiledMapping("inbound", compiled, findings)


def merged(needs: Iterable[NeedCatalog]) -> tuple[NeedCatalog, ...]:
    """Each entity once; its user-defined fields come with it when anything wants them."""
    wanted: dict[str, bool] = {}
    for need in needs:
        wanted[need.entity] = wanted.get(need.entity, False) or need.user_fields
    return tuple(NeedCatalog(entity, user_fields) for entity, user_fields in wanted.items())


def _try(rule: Rule, catalogs: Catalogs, root: str) -> _Tried:
    target, findings = _target(rule)
    sources: list[SourcePath] = []
    needs: list[NeedCatalog] = []
    for key, text in sources_of(rule):
        got = resolve_source(text, catalogs, root)
        if isinstance(got, SourcePath):
            sources.append(got)
        elif isinstance(got, NeedCatalog):
            needs.append(got)
        else:
            findings.append(replace(got, field=f"{rule.place}.{key}"))
    if needs or findings:
        return _Tried(findings=tuple(findings), needs=tuple(needs))
    if isinstance(rule, Custom):
        return _scripted(rule, target, catalogs, root)
    return _typed(rule, tuple(sources), target)


def _scripted(rule: Custom, target: str, catalogs: Catalogs, root: str) -> _Tried:
    """A script's sources are the related records whose paths it spells; they are what is read beside the ticket."""
    sources: list[SourcePath] = []
    needs: list[NeedCatalog] = []
    findings: list[Finding] = []
    for text in paths_in(rule.script):
        # A path may end on a related record as a whole.
        tried = [resolve_source(path, catalogs, root) for path in (text, f"{text}.id")]
        needs += [one for one in tried if isinstance(one, NeedCatalog)]
        found = next((one for one in tried if isinstance(one, SourcePath)), None)
        if found is not None:
            sources.append(found)
        elif isinstance(tried[0], Finding) and not text.lower().startswith("userdefinedfield"):
            where = f"{rule.place}.script"
            findings.append(replace(tried[0], severity=Severity.WARNING, field=where))
    if needs:
        return _Tried(needs=tuple(needs))
    compiled = CompiledRule(rule, tuple(dict.fromkeys(sources)), target)
    return _Tried(compiled, tuple(findings))


def _target(rule: Rule) -> tuple[str, list[Finding]]:
    path = parse_path(_TARGET_ALIASES.get(rule.target, rule.target), System.FIELD_NATION)
    fault = (path.reason, "Write it like title.") if isinstance(path, BadPath) else target_fault(path)
    if fault is None and not isinstance(path, BadPath):
        return path.text, []
    reason, mend = fault or ("", "")
    text = f"The target {show(rule.target)} cannot be written: {reason}."
    return "", [_finding("mapping_unknown_target", Severity.ERROR, text, mend, f"{rule.place}.target")]


def _typed(rule: Rule, sources: tuple[SourcePath, ...], target: str) -> _Tried:
    """The rule with values of the right types: compare values of the source's, statuses of the target's."""
    findings: list[Finding] = []
    if isinstance(rule, ArrayMap) and target == STATUS_TARGET:
        rule = as_status_map(rule)
    if isinstance(rule, ArrayMap | StatusMap):
        source, labels, place = sources[0], isinstance(rule, StatusMap), f"{rule.place}.mappings"
        typed = type_pairs(rule.pairs, source.meta, source.is_user_field, place, labels=labels)
        findings += typed.findings
        if rule.default is None:
            findings += find_gaps(typed.pairs, source.meta, place, Severity.INFO if labels else Severity.WARNING)
        rule = replace(rule, pairs=typed.pairs)
    if target == STATUS_TARGET:
        rule, found = _with_statuses(rule)
        findings += found
    is_sound = all(finding.severity is not Severity.ERROR for finding in findings)
    return _Tried(CompiledRule(rule, sources, target) if is_sound else None, tuple(findings))


def as_status_map(rule: ArrayMap) -> StatusMap:
    """A status mapping of the old connector is an array map on the status field."""
    return StatusMap(
        direction=rule.direction,
        index=rule.index,
        target=rule.target,
        default=rule.default,
        owner=rule.owner,
        id=rule.id,
        source=rule.source,
        pairs=rule.pairs,
    )


def _with_statuses(rule: Rule) -> tuple[Rule, list[Finding]]:
    """Field Nation's status names become ids, wherever the rule writes one of them."""
    findings: list[Finding] = []

    def status(value: Json, key: str) -> Json:
        id = read_status(value)
        if id is None and value not in (None, ""):
            text = f"{show(value)} is no status of a work order."
            mend = suggestion(value, STATUSES.values(), f"Use one of: {status_choices()}.")
            findings.append(_finding("mapping_unknown_status", Severity.ERROR, text, mend, f"{rule.place}.{key}"))
        return id

    rule = replace(rule, default=status(rule.default, "default"))
    if isinstance(rule, SetStatic):
        return replace(rule, value=status(rule.value, "value")), findings
    if isinstance(rule, StatusMap):
        pairs = (Pair(pair.compare, status(pair.value, f"mappings[{n}].value")) for n, pair in enumerate(rule.pairs))
        return replace(rule, pairs=tuple(pairs)), findings
    if isinstance(rule, Sync):
        text = f"{show(rule.source)} is copied as a status of the work order: the two systems' ids differ in meaning."
        mend = "Use the action status, which maps one system's statuses to the other's."
        findings.append(_finding("mapping_copied_status", Severity.WARNING, text, mend, f"{rule.place}.action"))
    return rule, findings


def rivals(targets: Iterable[tuple[str, Rule]]) -> list[Finding]:
    """A warning for each rule whose target an earlier one has too; the last one that has a value wins. Where the later
    one always has a value, the earlier one is without effect, and the warning is its own."""
    first: dict[str, Rule] = {}
    findings: list[Finding] = []
    for target, rule in targets:
        earlier = first.setdefault(target, rule)
        if earlier is rule:
            continue
        if always_gives(rule):
            text = f"{target} is the target of {rule.place} too, which always has a value: this rule is without effect."
            mend = f"Remove one of the two, or take the default of {rule.place} out."
            findings.append(_finding("mapping_dead_rule", Severity.WARNING, text, mend, f"{earlier.place}.target"))
            first[target] = rule
        else:
            text = f"{target} is the target of {earlier.place} too; this rule wins whenever it has a value."
            mend = "Remove one of the two."
            findings.append(_finding("mapping_two_rules", Severity.WARNING, text, mend, f"{rule.place}.target"))
    return findings


def always_gives(rule: Rule) -> bool:
    """Whether the rule has a value whatever its sources hold."""
    if isinstance(rule, SetStatic):
        return not is_empty(rule.value)
    is_written = isinstance(rule, Concat) and any(part.is_static and part.text for part in rule.parts)
    return is_written or not is_empty(rule.default)


def _finding(code: str, severity: Severity, text: str, mend: str, place: str) -> Finding:
    return Finding(code, severity, "connection", text, mend, place)
