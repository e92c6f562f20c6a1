"""Candidates: a connection under a file that is not active, for looking only."""

from dataclasses import replace

from app.core.model.connection import Connection, ConnectionFile
from app.core.model.failure import Rejected
from app.core.model.finding import Finding, Severity
from app.services.file_check import check_live
from app.services.inbound import inbound_mapping
from app.services.outbound import outbound_mapping
from app.services.places import Places
from app.services.site import Site

_TAKEN = ("time_zone", "time_entries", "expenses", "notes", "attachments", "settings", "mappings")
"""The parts of a file that say what is done; the others say where, and stay those of the active file."""


def candidate(connection: Connection, file: ConnectionFile) -> Connection:
    """The connection as it would be under the file's mappings and settings, with the credentials it has.

    Raises `Rejected` for a file that pairs other records than the connection does.
    """
    active, kind = connection.file, file.autotask.service_object
    if kind != active.autotask.service_object:
        text = f"The file pairs work orders with another kind of record ({kind}) than {connection.name} does "
        text += f"({active.autotask.service_object}): none of its pairs says anything about it."
        raise Rejected("other_service_object", text, field="autotask.service_object")
    return replace(connection, file=active.model_copy(update={name: getattr(file, name) for name in _TAKEN}))


async def under(site: Site, file: ConnectionFile) -> Site:
    """The same site under another file, compiled against the same readings of the fields. Raises `Rejected`."""
    connection = candidate(site.connection, file)
    mapping = await inbound_mapping(connection.file, site.fields)
    outbound = await outbound_mapping(connection.file, mapping, site.fields)
    is_by_file = connection.file.autotask.service_object == "Project"
    return replace(
        site,
        connection=connection,
        mapping=replace(mapping, owners={both.target: both.owner for both in outbound.two_way.values()}),
        outbound=outbound,
        places=Places(site.vendors.tickets, connection.file) if is_by_file else site.places,
        mapping_findings=(await check_live(connection.file, site.fields, None)).findings,
        seen_files={},
    )


def faults_under(active: Site, new: Site) -> tuple[Finding, ...]:
    """What is wrong with the mappings of the new site's file, rules that could not be read included; what is only
    doubtful about them is told where it is not so under the active file."""
    known = {(one.code, one.text) for one in active.mapping_findings}
    return tuple(
        one for one in new.mapping_findings if one.severity is Severity.ERROR or (one.code, one.text) not in known
    )
