"""The doctor: looks at everything the broker stands on, and says what to mend."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.core.model.connection import Connection, Pause
from app.core.model.failure import Failure
from app.core.model.finding import Severity
from app.ports.clock import Clock
from app.ports.connections import Connections
from app.ports.desk import HealthDesk
from app.ports.mail import Mail
from app.ports.vendors import Sealer
from app.services.connections import ConnectionService

State = Literal["pass", "warn", "fail"]

_CLOCK_WARN_S = 2.0
_CLOCK_FAIL_S = 30.0


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the table. `mend` is empty where nothing has to be done."""

    name: str
    state: State
    text: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Doctor:
    """`database_now` asks the database's clock, which leases are measured on."""

    health: HealthDesk
    store: Connections
    connections: ConnectionService
    sealer: Sealer
    mail: Mail
    clock: Clock
    database_now: Callable[[], Awaitable[datetime]]

    async def examine(self) -> Sequence[Check]:
        """Every check, in the order in which they should be mended; a database that is away ends the list."""
        checks = [await self._database()]
        if checks[0].state == "fail":
            return [*checks, await self._mail()]
        connections = await self.store.all()
        checks += [await self._clock(), await self._keys(connections), await self._mail()]
        checks += [check async for check in self._connections(connections)]
        return checks

    async def _database(self) -> Check:
        try:
            trouble = await self.health.ready()
        except Failure as failure:
            trouble = failure.text
        if trouble:
            return Check("database", "fail", trouble, "Check BROKER_DATABASE_URL, then run: broker migrate")
        return Check("database", "pass", "a writable primary at the newest schema")

    async def _clock(self) -> Check:
        before = self.clock.now()
        theirs = await self.database_now()
        after = self.clock.now()
        apart_s = abs((theirs - (before + (after - before) / 2)).total_seconds())
        text = f"this machine and the database are {apart_s:.1f} s apart"
        mend = "Set the clock of this machine and of the database's by NTP."
        if apart_s >= _CLOCK_FAIL_S:
            return Check("clock", "fail", text, mend)
        return Check("clock", "warn", text, mend) if apart_s >= _CLOCK_WARN_S else Check("clock", "pass", text)

    async def _keys(self, connections: Sequence[Connection]) -> Check:
        opened, closed = 0, []
        for connection in connections:
            for field, sealed in (await self.store.secrets(connection.id)).items():
                try:
                    self.sealer.open(connection.name, field, sealed)
                    opened += 1
                except ValueError as error:
                    closed.append(str(error))
        if closed:
            mend = "Put the key that sealed them back into BROKER_SECRET_KEYS, or apply those connections again."
            return Check("keys", "fail", "; ".join(closed), mend)
        return Check("keys", "pass", f"{opened} sealed secrets open")

    async def _mail(self) -> Check:
        try:
            return Check("mail", "pass", await self.mail.check())
        except Failure as failure:
            return Check("mail", "fail", failure.text, "Check BROKER_SMTP_URL; alerts are not delivered until then.")

    async def _connections(self, connections: Sequence[Connection]) -> AsyncIterator[Check]:
        if not connections:
            yield Check("connections", "warn", "there is none", "Run: broker connection apply FILE")
        for connection in connections:
            yield await self._connection(connection)

    async def _connection(self, connection: Connection) -> Check:
        name = f"connection {connection.name}"
        report = await self.connections.test(connection.name)
        errors = [finding for finding in report.findings if finding.severity is Severity.ERROR]
        if errors:
            return Check(name, "fail", "; ".join(one.text for one in errors), " ".join(one.mend for one in errors))
        missing = [f"{row.entity} {row.verb}" for row in report.matrix if row.state == "fail"]
        if missing:
            mend = f"Run: broker connection test {connection.name}"
            return Check(name, "fail", f"rights are missing: {', '.join(missing)}", mend)
        if connection.pause is not None:
            return Check(
                name, "warn", f"stands still: {connection.pause.reason}", _resuming(connection, connection.pause)
            )
        warnings = [finding for finding in report.findings if finding.severity is Severity.WARNING]
        if warnings:
            return Check(name, "warn", "; ".join(one.text for one in warnings), warnings[0].mend)
        return Check(name, "pass", "both systems accept its credentials, and no needed right is missing")


def _resuming(connection: Connection, pause: Pause) -> str:
    if pause.by_person:
        return f"Run: broker connection resume {connection.name}"
    return f"A probe ends it by itself; at once: broker connection resume {connection.name}"
