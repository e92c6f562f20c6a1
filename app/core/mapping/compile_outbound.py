"""Compiling outbound: rules from a work order meet the database that they write to.

Fields are found by any of their names, what a person wrote becomes ids and typed values, doubtful sources are said.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, get_args

from app.core.mapping.compile import NeedCatalogs, as_status_map, merged, rivals
from app.core.mapping.item_paths import ItemPath, is_status, list_with_index, list_without_index, parse_order_source
from app.core.mapping.outbound import COLLECTIONS, CompiledOutbound, CompiledPart, Kind, OutboundRule
from app.core.mapping.outbound_targets import BadTarget, Place, entity_of, read_outbound_target, resolve_target
from app.core.mapping.paths import BadPath, Path, System
from app.core.mapping.picklists import find_gaps
from app.core.mapping.relations import Catalogs, NeedCatalog
from app.core.mapping.rules import ArrayMap, Pair, Rule, StatusMap, sources_of
from app.core.mapping.values import show, suggestion
from app.core.mapping.work_order_names import STATUS_FIELD, STATUS_TARGET, STATUSES, read_status, status_choices
from app.core.mapping.written_values import type_written
from app.core.model.finding import Finding, Severity

_STATUS: Final = Path(System.FIELD_NATION, (STATUS_TARGET,))
_ELEMENT: Final = {"time_logs": "time log", "expenses": "expense", "messages": "message", "attachments": "file"}


@dataclass(frozen=True, slots=True)
class _Tried:
    """What came of one rule: the rule and the kind it is for, unless something is wrong or lacking."""

    kind: Kind = "ticket"
    rule: OutboundRule | None = None
    findings: tuple[Finding, ...] = ()
    need: NeedCatalog | None = None


def compile_outbound(
    rules: Sequence[Rule], catalogs: Catalogs, root: str = "Tickets"
) -> CompiledOutbound | NeedCatalogs:
    """The rules from work order to `root` (Tickets, ServiceCalls or Projects) and to the records that belong to it.

    `catalogs` gives the catalogue for a `NeedCatalog`, or None when the caller has to fetch it first; only those that
    some rule writes to are asked for. A rule with an error is left out and has its finding; the others stand.
    """
    tried = [_try(rule, catalogs, root) for rule in rules]
    needs = merged(one.need for one in tried if one.need is not None)
    if needs:
        return NeedCatalogs(needs)
    parts = {kind: CompiledPart(kind, entity_of(kind, root), _of_kind(kind, tried)) for kind in get_args(Kind)}
    findings = [finding for one in tried for finding in one.findings]
    for part in parts.values():
        prefix = "" if part.kind == "ticket" else f"{part.entity}."
        findings += _once(rivals((prefix + field.text, one.rule) for one in part.rules for field in one.fields))
    return CompiledOutbound(**parts, findings=tuple(findings))


def _of_kind(kind: Kind, tried: Sequence[_Tried]) -> tuple[OutboundRule, ...]:
    return tuple(one.rule for one in tried if one.rule is not None and one.kind == kind)


def _once(findings: Sequence[Finding]) -> list[Finding]:
    """One for each rule: two fields of one rule may have the same rival."""
    return list({finding.field: finding for finding in reversed(findings)}.values())[::-1]


def _try(rule: Rule, catalogs: Catalogs, root: str) -> _Tried:
    place = read_outbound_target(rule.target, root)
    if isinstance(place, BadTarget):
        return _Tried(findings=(_bad_target(rule, place),))
    fields = resolve_target(place, catalogs, root)
    if isinstance(fields, NeedCatalog):
        return _Tried(need=fields)
    if isinstance(fields, BadTarget):
        return _Tried(findings=(_bad_target(rule, fields),))
    sources, findings = _sources(rule, place)
    rule, sources, found = _with_statuses(rule, sources)
    findings += found
    rule, found = type_written(rule, fields, sources)
    findings += found
    is_sound = all(finding.severity is not Severity.ERROR for finding in findings)
    return _Tried(place.kind, OutboundRule(rule, sources, fields) if is_sound else None, tuple(findings))


def _sources(rule: Rule, place: Place) -> tuple[tuple[Path | ItemPath, ...], list[Finding]]:
    """The places that the rule reads, and what is wrong or doubtful about them."""
    sources: list[Path | ItemPath] = []
    findings: list[Finding] = []
    collection = COLLECTIONS[place.kind]
    for key, text in sources_of(rule):
        source = parse_order_source(text, collection)
        where = f"{rule.place}.{key}"
        if isinstance(source, BadPath):
            words = f"The source {show(text)} cannot be read: {source.reason}."
            findings.append(_finding("mapping_bad_path", Severity.ERROR, words, "Write it like title.", where))
            continue
        sources.append(source)
        findings += _doubtful(source, text, collection, where)
    return tuple(sources), findings


def _doubtful(source: Path | ItemPath, text: str, collection: str, where: str) -> Sequence[Finding]:
    bare = list_without_index(source)
    if bare:
        words = f"{show(text)} does not say which {_ELEMENT[bare]} is meant, so it finds nothing."
        rest = text.partition(f"{bare}.")[2] or "id"
        return (_finding("mapping_no_index", Severity.WARNING, words, f"Write {bare}[0].{rest}.", where),)
    other = list_with_index(source)
    if collection and other and other != collection:
        words = f"{show(text)} is the same {_ELEMENT[other]} for every {_ELEMENT[collection]} of the work order."
        mend = f"Use a source such as {collection}[0].id, whose [0] stands for each of them."
        return (_finding("mapping_other_list", Severity.WARNING, words, mend, where),)
    return ()


def _with_statuses(
    rule: Rule, sources: tuple[Path | ItemPath, ...]
) -> tuple[Rule, tuple[Path | ItemPath, ...], list[Finding]]:
    """A map of the work order's status compares ids, however its author spelled source and statuses."""
    if not isinstance(rule, ArrayMap | StatusMap) or not sources or not is_status(sources[0]):
        return rule, sources, []
    rule = as_status_map(rule) if isinstance(rule, ArrayMap) else rule
    findings: list[Finding] = []
    pairs: list[Pair] = []
    for n, pair in enumerate(rule.pairs):
        id = read_status(pair.compare)
        pairs.append(Pair(id, pair.value))
        if id is None and pair.compare not in (None, ""):
            words = f"{show(pair.compare)} is no status of a work order."
            mend = suggestion(pair.compare, STATUSES.values(), f"Use one of: {status_choices()}.")
            where = f"{rule.place}.mappings[{n}].compare"
            findings.append(_finding("mapping_unknown_status", Severity.ERROR, words, mend, where))
    if rule.default is None and not findings:
        findings += find_gaps(pairs, STATUS_FIELD, f"{rule.place}.mappings", Severity.INFO)
    return replace(rule, pairs=tuple(pairs)), (_STATUS,), findings


def _bad_target(rule: Rule, bad: BadTarget) -> Finding:
    text = f"The target {show(rule.target)} cannot be written: {bad.reason}."
    return _finding(bad.code, Severity.ERROR, text, bad.mend, f"{rule.place}.target")


def _finding(code: str, severity: Severity, text: str, mend: str, place: str) -> Finding:
    return Finding(code, severity, "connection", text, mend, place)
