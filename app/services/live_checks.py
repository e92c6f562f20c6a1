"""Checks of a connection file against its live systems: whose they are, and what its mappings and settings name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from app.core.mapping.dialects import load_rules
from app.core.mapping.relations import NeedCatalog
from app.core.model.catalog import EntityCatalog, PickValue
from app.core.model.connection import ConnectionFile
from app.core.model.failure import Failure, Gone, Refused, Rejected
from app.core.model.fault import nearest
from app.core.model.finding import Finding, Severity
from app.ports.tickets import TicketCatalog
from app.ports.vendors import VendorPair, Vendors
from app.services.inbound import compiled_against
from app.services.outbound import outbound_against
from app.services.permissions import MatrixRow, matrix, needs_of

RECORD = "connection"


@dataclass(frozen=True, slots=True)
class Live:
    """What the live systems say. `ci` and `company` are 0 where they could not be learnt; `matrix` holds the rights,
    where they were asked for."""

    ci: int = 0
    company: int = 0
    findings: tuple[Finding, ...] = ()
    matrix: tuple[MatrixRow, ...] = ()


async def look(
    vendors: Vendors, file: ConnectionFile, secrets: Mapping[str, str], *, scope: str, with_rights: bool = False
) -> Live:
    """Asks both systems; never raises a `Failure`: what stands in the way is a finding.

    `scope` names the connection in budgets. `with_rights` costs one call more for each entity that is used.
    """
    try:
        async with vendors.open(file, secrets, scope=scope, hosted=None) as pair:
            return await _look(pair, file, with_rights)
    except Failure as failure:
        return Live(findings=(_trouble("autotask", failure, Severity.ERROR),))


async def _look(pair: VendorPair, file: ConnectionFile, with_rights: bool) -> Live:
    company, findings = await _company(pair)
    try:
        ci = await pair.catalog.database()
        await pair.catalog.probe()
        mapped, entities = await check_mappings(file, pair.catalog)
        tickets = await pair.catalog.catalog(file.autotask.entity)
        rights = await matrix(pair.catalog, needs_of(file, entities)) if with_rights else ()
    except Failure as failure:
        return Live(0, company, (*findings, _trouble("autotask", failure, Severity.ERROR)))
    _, named = resolve_statuses(file.settings.excluded_statuses, tickets)
    return Live(ci, company, (*findings, *mapped, *named, *_creating(file, tickets)), rights)


async def _company(pair: VendorPair) -> tuple[int, tuple[Finding, ...]]:
    """Credentials that Field Nation refuses are an error; a Field Nation that is away for the moment is not."""
    try:
        return await pair.work_orders.probe(), ()
    except (Refused, Rejected) as failure:
        return 0, (_trouble("field_nation", failure, Severity.ERROR),)
    except Failure as failure:
        return 0, (_trouble("field_nation", failure, Severity.WARNING),)


def _trouble(system: str, failure: Failure, severity: Severity) -> Finding:
    refused = isinstance(failure, Refused)
    code = f"{system}_{'refused' if refused else 'not_checked'}"
    mends = {
        "autotask": "Check autotask.username, autotask.secret and the integration code; Autotask does not say which.",
        "field_nation": "Check field_nation.client_id, client_secret, username, password and grant.",
    }
    later = "Apply the file again when the system answers."
    return Finding(code, severity, RECORD, failure.text, mends[system] if refused else later, system)


async def check_mappings(file: ConnectionFile, catalog: TicketCatalog) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Findings about both lists of rules, and the entities that the inbound sources lead to beside the ticket.

    Errors are what cannot work; warnings are what looks like a mistake. Raises `Failure` when Autotask is away.
    """
    inbound, findings = load_rules(file.mappings.inbound, "inbound")
    outbound, outbound_findings = load_rules(file.mappings.outbound, "outbound")
    fetch = partial(_catalog, catalog)
    mapping = await compiled_against(inbound, fetch, file.autotask.entity)
    way_back = await outbound_against(outbound, fetch, file.autotask.entity)
    entities = dict.fromkeys(hop.entity for chain in mapping.relations for hop in chain)
    return (*findings, *outbound_findings, *mapping.findings, *way_back.findings), tuple(entities)


async def _catalog(catalog: TicketCatalog, need: NeedCatalog) -> EntityCatalog:
    """The catalogue, empty where the database will not show it: then no name of that entity is known."""
    try:
        return await catalog.catalog(need.entity, user_fields=need.user_fields)
    except (Rejected, Gone):
        return EntityCatalog(need.entity)


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
    labels = [value.label for value in values if value.is_active]
    near = nearest(word, labels)
    mend = f"Perhaps '{near}' was meant." if near else f"Write one of: {', '.join(labels) or 'the ids in Autotask'}."
    text = f"'{word}' is neither a label nor an id of a ticket status in this database."
    return Finding("status_not_found", Severity.ERROR, RECORD, text, mend, field)


def _creating(file: ConnectionFile, tickets: EntityCatalog) -> tuple[Finding, ...]:
    if not file.settings.outbound_create:
        return ()
    status = tickets.field("status")
    values = status.values if status else ()
    word = str(file.settings.outbound_create_status)
    if any(value.value == word for value in values):
        return ()
    return (_no_status(word, values, "settings.outbound_create_status"),)
