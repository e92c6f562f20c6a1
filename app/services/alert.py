"""Alerts: one finding and one mail when a connection is paused, and the finding closed when it runs again."""

from collections.abc import Sequence
from dataclasses import replace

import structlog

from app.core.model.connection import Connection
from app.core.model.failure import Failure
from app.core.model.finding import Finding, Severity
from app.ports.desk import RecordDesk
from app.ports.mail import Mail

_log = structlog.get_logger(__name__)

RECORD = "connection"
MAPPING = "mapping"

_DRIFTED = frozenset({"mapping_unknown_pick"})
"""Doubts that were none when the file was applied: a value that the mapping uses was made inactive since."""

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
        try:
            await self._mail.send(connection.file.settings.notify, subject, f"{text}\n\n{finding.mend}\n")
        except Failure as failure:
            # The finding and the log say it, too; the work of the connection does not hang on a mail server.
            _log.error("alert.not_sent", connection=connection.name, reason=failure.text)

    async def resumed(self, connection: Connection) -> None:
        """Closes the findings of the pause."""
        await self._desk.clear(connection.id, RECORD, tuple(_MENDS))
        _log.info("connection.resumed", connection=connection.name)

    async def mapping_read(self, connection: Connection, found: Sequence[Finding]) -> None:
        """Says what in the mappings cannot work with the fields as they are now, and closes what was mended."""
        drifted = [one for one in found if one.severity is Severity.ERROR or one.code in _DRIFTED]
        about = [replace(one, record=MAPPING) for one in drifted]
        await self._desk.note(connection.id, about, all_about=MAPPING)
