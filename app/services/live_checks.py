"""Checks of a connection file against its live systems: whose they are, and what its mappings and settings name."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.core.model.connection import ConnectionFile
from app.core.model.failure import Failure, Refused, Rejected
from app.core.model.finding import Finding, Severity
from app.ports.clock import Clock
from app.ports.fields import KeptCatalog
from app.ports.scripts import Scripts
from app.ports.vendors import VendorPair, Vendors
from app.services.fields import Fields
from app.services.file_check import ORDERS_UNCHECKED, CheckReport, check_live
from app.services.permissions import MatrixRow, matrix, needs_of

RECORD = "connection"


@dataclass(frozen=True, slots=True)
class Live:
    """What the live systems say. `ci` and `company` are 0 where they could not be learnt; `matrix` holds the rights,
    where they were asked for, `catalogs` the fields that were read."""

    ci: int = 0
    company: int = 0
    findings: tuple[Finding, ...] = ()
    matrix: tuple[MatrixRow, ...] = ()
    catalogs: tuple[KeptCatalog, ...] = ()


async def look(
    vendors: Vendors,
    file: ConnectionFile,
    secrets: Mapping[str, str],
    clock: Clock,
    *,
    scope: str,
    with_rights: bool = False,
    scripts: Scripts | None = None,
) -> Live:
    """Asks both systems; never raises a `Failure`: what stands in the way is a finding.

    `scope` names the connection in budgets. `with_rights` costs one call more for each entity that is used. Without
    `scripts` the programs of custom actions are not tried.
    """
    try:
        async with vendors.open(file, secrets, scope=scope, hosted=None) as pair:
            return await _look(pair, file, clock, with_rights, scripts)
    except Failure as failure:
        return Live(findings=(_trouble("autotask", failure, Severity.ERROR),))


async def _look(
    pair: VendorPair, file: ConnectionFile, clock: Clock, with_rights: bool, scripts: Scripts | None
) -> Live:
    company, findings = await _company(pair)
    try:
        ci = await pair.catalog.database()
        await pair.catalog.probe()
        fields = Fields(pair.catalog, pair.definitions, clock)
        report = await check_live(file, fields, pair.tickets, scripts)
        rights = await matrix(pair.catalog, needs_of(file, report.entities)) if with_rights else ()
    except Failure as failure:
        return Live(0, company, (*findings, _trouble("autotask", failure, Severity.ERROR)))
    return Live(ci, company, _together(findings, report), rights, tuple(fields.read.values()))


def _together(findings: tuple[Finding, ...], report: CheckReport) -> tuple[Finding, ...]:
    """That Field Nation is away is said once."""
    more = (one for one in report.findings if not findings or one.code != ORDERS_UNCHECKED)
    return (*findings, *more)


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
