"""Alerts: one finding and one mail when a connection is paused, and the finding closed when it runs again."""

import structlog

from app.core.model.connection import Connection
from app.core.model.finding import Finding, Severity
from app.ports.desk import RecordDesk
from app.ports.mail import Mail

_log = structlog.get_logger(__name__)

RECORD = "connection"

_MENDS = {
    "credentials_refused": "Correct the credentials with `broker connection apply`, then `broker connection resume`.",
    "vendor_down": "Nothing: a probe resumes the connection as soon as the vendor answers again.",
}


class Alerts:
    """Called once per pause, not once per failure."""

    def __init__(self, desk: RecordDesk, mail: Mail) -> None:
        self._desk = desk
        self._mail = mail

    async def paused(self, connection: Connection, reason: str, text: str) -> None:
        """Records why the connection stands still and tells the people it names."""
        finding = Finding(reason, Severity.ERROR, RECORD, text, _MENDS[reason])
        await self._desk.note(connection.id, [finding])
        _log.error("connection.paused", connection=connection.name, reason=reason, text=text)
        subject = f"broker: connection {connection.name} is paused"
        await self._mail.send(connection.file.settings.notify, subject, f"{text}\n\n{finding.mend}\n")

    async def resumed(self, connection: Connection) -> None:
        """Closes the findings of the pause."""
        await self._desk.clear(connection.id, RECORD, tuple(_MENDS))
        _log.info("connection.resumed", connection=connection.name)
