"""Checking: everything that is wrong with a connection's file, found out without touching anything."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from app.core.model.connection import Connection, ConnectionFile
from app.core.model.secrecy import split_secrets
from app.ports.clock import Clock
from app.ports.connections import Connections
from app.ports.scripts import Scripts
from app.ports.vendors import Sealer, Vendors
from app.services.file_check import CheckReport
from app.services.foresight import foreseen
from app.services.live_checks import look


@dataclass(frozen=True, slots=True)
class Checking:
    """`open_scripts` opens the jail in which the programs of custom actions are tried."""

    vendors: Vendors
    store: Connections
    sealer: Sealer
    clock: Clock
    open_scripts: Callable[[], AbstractAsyncContextManager[Scripts]]

    async def file(self, file: ConnectionFile) -> CheckReport:
        """A file by its own credentials; it need not be applied."""
        _, plain = split_secrets(file)
        return await self._checked(file, plain, f"file:{file.name}")

    async def stored(self, connection: Connection) -> CheckReport:
        """A connection as it is applied. Raises `ValueError` when no key opens its credentials."""
        sealed = await self.store.secrets(connection.id)
        plain = {field: self.sealer.open(connection.name, field, text) for field, text in sealed.items()}
        return await self._checked(connection.file, plain, f"connection:{connection.id}")

    async def _checked(self, file: ConnectionFile, secrets: Mapping[str, str], scope: str) -> CheckReport:
        async with self.open_scripts() as scripts:
            live = await look(self.vendors, file, secrets, self.clock, scope=scope, scripts=scripts)
        return CheckReport(tuple(dict.fromkeys((*foreseen(file), *live.findings))))
