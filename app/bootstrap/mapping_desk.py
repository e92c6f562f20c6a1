"""The mapping desk: what is asked about fields, files and versions, by commands and by the admin API."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any

from app.adapters.system import connection_file
from app.adapters.system.jsonnet.scripts import JailedScripts
from app.bootstrap.wiring import Wiring
from app.bootstrap.working import Sites
from app.core.mapping.listing import FieldRow
from app.core.model.connection import Connection, ConnectionFile
from app.core.model.failure import Rejected
from app.core.model.fault import Fault
from app.core.model.finding import Finding
from app.core.model.secrecy import placeholder
from app.ports.vendors import VendorPair
from app.services.checking import Checking
from app.services.connections import ConnectionService
from app.services.discovery import Refreshed, as_row, list_fields, refresh_fields
from app.services.fields import Fields
from app.services.file_check import CheckReport
from app.services.versions import VersionService

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MappingDesk:
    """Answers the CLI, and `web.admin`'s protocol of the same name."""

    wiring: Wiring
    connections: ConnectionService

    @property
    def versions(self) -> VersionService:
        return VersionService(self.wiring.connections, self.connections)

    @property
    def _checking(self) -> Checking:
        wiring = self.wiring
        return Checking(wiring.vendors, wiring.connections, wiring.sealer, wiring.clock, JailedScripts)

    async def fields(self, connection: Connection, search: str = "") -> Sequence[FieldRow]:
        """Every path that the connection's mappings may use."""
        async with self._open(connection) as (_, fields):
            return await list_fields(connection.file, fields, search)

    async def refresh_fields(self, connection: Connection) -> Refreshed:
        """Reads the fields of both systems again."""
        async with self._open(connection) as (_, fields):
            return await refresh_fields(connection.file, fields)

    async def check(self, file: ConnectionFile) -> CheckReport:
        """Everything that is wrong with a file, by its own credentials; nothing is stored."""
        return await self._checking.file(file)

    async def check_named(self, name: str) -> CheckReport:
        """The same for a connection as it is applied. Raises `Rejected` when its credentials cannot be opened."""
        try:
            return await self._checking.stored(await self.connections.named(name))
        except ValueError as error:
            raise Rejected("secret_not_opened", str(error)) from error

    async def check_text(self, text: bytes) -> Sequence[Row]:
        """For each connection in the text of a file: `{name, sound, faults, findings}`.

        `${NAME}` is filled in with the connection's own stored secret of that name, and with nothing else: a text that
        came over the network reads no file and no variable of this machine.
        """
        if b"${file:" in text:
            return [_refused(Fault("${file:...}", "", "is not read for a text that was sent", "Write ${NAME}"))]
        loaded = connection_file.parse(text, await self._stored_secrets(), name="connection")
        if loaded.faults:
            return [_refused(*loaded.faults)]
        return [_checked(file.name, await self.check(file)) for file in loaded.files]

    async def check_stored(self, name: str) -> Row:
        """`{name, sound, faults, findings}` of a connection as it is applied."""
        return _checked(name, await self.check_named(name))

    async def field_rows(self, name: str, system: str, search: str) -> Sequence[Row]:
        """The paths that its mappings may use."""
        rows = await self.fields(await self.connections.named(name), search)
        return [as_row(row) for row in rows if system in ("", row.side)]

    async def refreshed_fields(self, name: str) -> Row:
        """Reads the fields of both systems again: `{name, changes, broken, standing}`."""
        report = await self.refresh_fields(await self.connections.named(name))
        return {
            "name": report.name,
            "changes": [asdict(change) for change in report.changes],
            "broken": [_finding(one) for one in report.broken],
            "standing": [_finding(one) for one in report.standing],
        }

    async def version_rows(self, name: str) -> Sequence[Row]:
        """Every applied version: who, when, how much it changed."""
        return await self.versions.list(name)

    async def _stored_secrets(self) -> Mapping[str, str]:
        """Every stored secret under the name that an exported file has for it."""
        known: dict[str, str] = {}
        for connection in await self.wiring.connections.all():
            for path, sealed in (await self.wiring.connections.secrets(connection.id)).items():
                name = placeholder(connection.name, path)[2:-1]
                known[name] = self.wiring.sealer.open(connection.name, path, sealed)
        return known

    @asynccontextmanager
    async def _open(self, connection: Connection) -> AsyncIterator[tuple[VendorPair, Fields]]:
        async with AsyncExitStack() as stack:
            sites = Sites(self.wiring)
            pair = await sites.pair(stack, connection, None)
            yield pair, sites.fields(pair, connection)


def _checked(name: str, report: CheckReport) -> Row:
    findings = [_finding(one) for one in report.findings]
    return {"name": name, "sound": report.is_sound, "faults": [], "findings": findings}


def _refused(*faults: Fault) -> Row:
    return {"name": "", "sound": False, "faults": [fault.sentence for fault in faults], "findings": []}


def _finding(finding: Finding) -> Row:
    row = asdict(finding)
    return {**row, "severity": str(finding.severity)}
