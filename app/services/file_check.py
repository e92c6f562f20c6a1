"""The check of a connection file: everything that can be known about it before a single record is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.core.mapping.compiled import CompiledMapping
from app.core.mapping.dialects import load_rules
from app.core.mapping.outbound import CompiledOutbound
from app.core.mapping.relations import NeedCatalog
from app.core.mapping.rules import Custom, Rule
from app.core.mapping.work_order_fields import WORK_ORDERS
from app.core.model.catalog import EntityCatalog, PickValue
from app.core.model.connection import ConnectionFile
from app.core.model.failure import Failure, Gone, Rejected
from app.core.model.fault import nearest
from app.core.model.finding import Finding, Severity
from app.core.model.script import Broke
from app.core.planning.review.file_picks import file_picks, picked_wrongly
from app.core.planning.review.import_filter import asks_user_fields
from app.core.planning.review.references import CODES, references_of
from app.core.planning.review.reviewing import review
from app.core.planning.review.subject import RECORD, Subject, doubt, flaw
from app.ports.fields import FieldSource
from app.ports.scripts import Scripts
from app.ports.tickets import TicketSystem
from app.services.foresight import foreseen
from app.services.inbound import compiled_against
from app.services.outbound import outbound_against
from app.services.references import LookedUp, calls_for, look_up

ORDERS_UNCHECKED: Final = "field_nation_not_checked"


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What is wrong or doubtful about a file; `entities` are those that the inbound sources lead to beside the ticket,
    `calls` what looking up records by their ids cost (reading fields is not counted: they are kept)."""

    findings: tuple[Finding, ...]
    entities: tuple[str, ...] = ()
    calls: int = 0

    @property
    def is_sound(self) -> bool:
        """No error among the findings: the file may be applied."""
        return all(finding.severity is not Severity.ERROR for finding in self.findings)


@dataclass(frozen=True, slots=True)
class _Compiled:
    rules: Sequence[Rule]
    subject: Subject
    findings: tuple[Finding, ...]

    @property
    def entities(self) -> tuple[str, ...]:
        chains = self.subject.inbound.relations
        return tuple(dict.fromkeys(hop.entity for chain in chains for hop in chain))


async def check_file(
    file: ConnectionFile, fields: FieldSource, tickets: TicketSystem | None, scripts: Scripts | None = None
) -> CheckReport:
    """Everything: what the file says by itself, against the fields of both systems, and against the records it names.

    Without `tickets` no record is looked up, without `scripts` no program is tried. Bad data is a finding; raises a
    `Failure` only when a system is away.
    """
    report = await check_live(file, fields, tickets, scripts)
    return CheckReport(_once((*foreseen(file), *report.findings)), report.entities, report.calls)


def by_itself(file: ConnectionFile) -> tuple[Finding, ...]:
    """What can be said without asking anybody: what the file leaves out, and rules that cannot be read."""
    _, inbound = load_rules(file.mappings.inbound, "inbound")
    _, outbound = load_rules(file.mappings.outbound, "outbound")
    return _once((*foreseen(file), *inbound, *outbound))


async def check_live(
    file: ConnectionFile, fields: FieldSource, tickets: TicketSystem | None, scripts: Scripts | None = None
) -> CheckReport:
    """As `check_file`, without what the file says by itself (`foresight`)."""
    made = await _compiled(file, fields)
    subject = made.subject
    named = (*resolve_statuses(file.settings.excluded_statuses, subject.tickets)[1], *_creating(subject))
    picks = file_picks(file)
    catalogs = {entity: await shown(fields, entity) for entity in dict.fromkeys(pick.entity for pick in picks)}
    looked = await _look_up(subject, fields, tickets)
    found = (
        *made.findings,
        *named,
        *review(subject),
        *picked_wrongly(picks, catalogs),
        *looked.findings,
        *(await _scripts(made.rules, scripts)),
    )
    return CheckReport(_once(found), made.entities, looked.calls)


async def check_references(file: ConnectionFile, fields: FieldSource, tickets: TicketSystem) -> CheckReport:
    """Only the ids that the file and its rules name: whether the records are (still) what they have to be."""
    made = await _compiled(file, fields)
    looked = await _look_up(made.subject, fields, tickets)
    return CheckReport(looked.findings, made.entities, looked.calls)


async def reference_calls(file: ConnectionFile, fields: FieldSource) -> int:
    """The calls that `check_references` takes at least."""
    return calls_for(references_of((await _compiled(file, fields)).subject))


async def _look_up(subject: Subject, fields: FieldSource, tickets: TicketSystem | None) -> LookedUp:
    wanted = references_of(subject)
    if tickets is None or not (wanted.ids or wanted.pairs):
        return LookedUp((), 0)
    uses: Sequence[PickValue] = ()
    if any(use.entity == CODES for use in wanted.ids):
        use_type = (await shown(fields, CODES)).field("useType")
        uses = use_type.values if use_type else ()
    return await look_up(wanted, tickets, uses)


async def _compiled(file: ConnectionFile, fields: FieldSource) -> _Compiled:
    inbound, inbound_findings = load_rules(file.mappings.inbound, "inbound")
    outbound, outbound_findings = load_rules(file.mappings.outbound, "outbound")

    async def fetch(need: NeedCatalog) -> EntityCatalog:
        return await shown(fields, need.entity, user_fields=need.user_fields)

    entity = file.autotask.entity
    mapping: CompiledMapping = await compiled_against(inbound, fetch, entity)
    way_back: CompiledOutbound = await outbound_against(outbound, fetch, entity)
    has_rules = bool(inbound or outbound)
    orders, away = await _orders(fields) if has_rules else (EntityCatalog(WORK_ORDERS), ())
    tickets = await shown(fields, entity, user_fields=asks_user_fields(file.settings.import_when))
    is_whole = not any(one.severity is Severity.ERROR for one in (*outbound_findings, *way_back.findings))
    subject = Subject(file, mapping, way_back, orders, tickets, is_whole)
    findings = (*inbound_findings, *outbound_findings, *mapping.findings, *way_back.findings, *away)
    return _Compiled((*inbound, *outbound), subject, findings)


async def _orders(fields: FieldSource) -> tuple[EntityCatalog, tuple[Finding, ...]]:
    """The fields of work orders; without any, and with a word about it, while Field Nation does not tell them."""
    try:
        orders = await fields.catalog(WORK_ORDERS, user_fields=True)
        why = "Field Nation does not show its fields."
    except Failure as failure:
        orders, why = EntityCatalog(WORK_ORDERS), failure.text
    if orders.fields:
        return orders, ()
    text = f"What the rules read from and write to a work order was not checked: {why}"
    mend = "Check the file again when Field Nation answers."
    return orders, (doubt(ORDERS_UNCHECKED, "field_nation", text, mend),)


async def shown(fields: FieldSource, entity: str, *, user_fields: bool = False) -> EntityCatalog:
    """The catalogue, empty where the system will not show it: then no name of that entity is known."""
    try:
        return await fields.catalog(entity, user_fields=user_fields)
    except (Rejected, Gone):
        return EntityCatalog(entity)


async def _scripts(rules: Sequence[Rule], scripts: Scripts | None) -> list[Finding]:
    """Each program once; what it is used for again has the same fault."""
    findings: list[Finding] = []
    known: dict[str, Broke | None] = {}
    for rule in rules if scripts else ():
        if isinstance(rule, Custom) and scripts is not None:
            if rule.script not in known:
                known[rule.script] = await scripts.check(rule.script)
            broke = known[rule.script]
            if broke is not None:
                text = f"The script cannot be used: {broke.reason}."
                findings.append(Finding(broke.code, Severity.ERROR, RECORD, text, broke.mend, f"{rule.place}.script"))
    return findings


def resolve_statuses(wanted: Sequence[str | int], tickets: EntityCatalog) -> tuple[frozenset[int], tuple[Finding, ...]]:
    """Ids of the statuses that labels or ids name in the customer's own picklist, and a finding for each that is not
    there. Labels are compared without regard to case."""
    status = tickets.field("status")
    values = status.values if status else ()
    ids: set[int] = set()
    findings = []
    for position, word in enumerate(wanted):
        found = _status_id(str(word).strip(), values)
        if found is None:
            findings.append(_no_status(str(word), values, f"settings.excluded_statuses[{position}]"))
        else:
            ids.add(found)
    return frozenset(ids), tuple(findings)


def _status_id(word: str, values: Sequence[PickValue]) -> int | None:
    exact = [value for value in values if value.label.strip().lower() == word.lower()]
    # A label that stands twice is the active one's; the picklist keeps retired values.
    by_label = sorted(exact, key=lambda value: not value.is_active)
    chosen = by_label or [value for value in values if value.value == word]
    return int(chosen[0].value) if chosen and chosen[0].value.lstrip("-").isdigit() else None


def _no_status(word: str, values: Sequence[PickValue], field: str) -> Finding:
    active = {value.label: value for value in values if value.is_active}
    near = nearest(word, active)
    mend = f"Perhaps '{near}' was meant." if near else f"Write one of: {', '.join(active) or 'the ids in Autotask'}."
    text = f"'{word}' is neither a label nor an id of a ticket status in this database."
    return flaw("status_not_found", field, text, mend)


def _creating(subject: Subject) -> tuple[Finding, ...]:
    """The status of new tickets has to be one that tickets can be given today."""
    settings, field = subject.file.settings, "settings.outbound_create_status"
    values = subject.statuses
    word = str(settings.outbound_create_status)
    known = next((value for value in values if value.value == word), None)
    if not settings.outbound_create or (known is not None and known.is_active):
        return ()
    if known is None:
        return (_no_status(word, values, field),)
    active = [f"{value.label} ({value.value})" for value in values if value.is_active]
    text = f"The status {known.label} ({word}) is inactive, and Autotask takes no ticket with it."
    return (flaw("status_not_found", field, text, f"Write one of: {', '.join(active)}."),)


def _once(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(dict.fromkeys(findings))
