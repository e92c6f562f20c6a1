"""Mail by SMTP, the standard library's client in a thread; or, where no server is set, alerts in the log."""

import asyncio
import contextlib
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import localtime, make_msgid
from urllib.parse import parse_qs, unquote, urlsplit

import structlog

from app.core.model.failure import Failure, Refused, Transient

_TIMEOUT_S = 20.0
_DEFAULT_PORT = {"smtp": 587, "smtps": 465}
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail is handed over. The password does not show in the repr."""

    host: str
    port: int
    is_tls: bool
    starttls: bool
    user: str = ""
    password: str = field(default="", repr=False)

    @staticmethod
    def from_url(url: str) -> "SmtpServer":
        """From `smtp://user:pass@host:587?starttls=true` or `smtps://host`; raises `ValueError`."""
        parts = urlsplit(url)
        if parts.scheme not in _DEFAULT_PORT or not parts.hostname:
            raise ValueError("not the URL of a mail server")
        starttls = parse_qs(parts.query).get("starttls", ["false"])[0].lower() in ("true", "1", "yes")
        return SmtpServer(
            host=parts.hostname,
            port=parts.port or _DEFAULT_PORT[parts.scheme],
            is_tls=parts.scheme == "smtps",
            starttls=starttls,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )


class SmtpMail:
    """Implements `Mail` over SMTP."""

    def __init__(self, server: SmtpServer, sender: str) -> None:
        self._server = server
        self._sender = sender

    async def send(self, to: Sequence[str], subject: str, text: str) -> None:
        if to:
            await asyncio.to_thread(self._deliver, self._message(to, subject, text))

    async def check(self) -> str:
        await asyncio.to_thread(self._deliver, None)
        return f"{self._server.host}:{self._server.port} answers"

    def _message(self, to: Sequence[str], subject: str, text: str) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = ", ".join(to)
        message["Subject"] = " ".join(subject.split())
        message["Date"] = localtime()
        message["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2] or None)
        message.set_content(text)
        return message

    def _deliver(self, message: EmailMessage | None) -> None:
        try:
            client = self._connected()
            try:
                refused = client.send_message(message) if message is not None else {}
            finally:
                _leave(client)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise _failure(error, self._server) from error
        if refused:
            _log.warning("mail_refused_for_some", recipients=sorted(refused))

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        client: smtplib.SMTP
        if server.is_tls:
            context = ssl.create_default_context()
            client = smtplib.SMTP_SSL(server.host, server.port, timeout=_TIMEOUT_S, context=context)
        else:
            client = smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT_S)
        try:
            if server.starttls:
                client.starttls(context=ssl.create_default_context())
            if server.user:
                client.login(server.user, server.password)
        except BaseException:
            client.close()
            raise
        return client


class LoggedMail:
    """Implements `Mail` where no server is set: what would be sent stands in the log."""

    async def send(self, to: Sequence[str], subject: str, text: str) -> None:
        _log.warning("alert", to=list(to), subject=subject, text=text)

    async def check(self) -> str:
        return "no mail server is set: alerts are logged"


def _leave(client: smtplib.SMTP) -> None:
    """Once a message is taken, a server that says a clumsy goodbye must not make the alert be sent again."""
    with contextlib.suppress(OSError, smtplib.SMTPException):
        client.quit()
    client.close()


def _failure(error: Exception, server: SmtpServer) -> Failure:
    place = f"the mail server {server.host}:{server.port}"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Refused(f"{place} refuses the user name or password", detail=f"SMTP {error.smtp_code}")
    if isinstance(error, smtplib.SMTPResponseException):
        return Transient(f"{place} answered {error.smtp_code}", detail=str(error.smtp_error))
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return Transient(f"{place} refuses the recipients {', '.join(error.recipients)}")
    return Transient(f"{place} cannot be used: {error or type(error).__name__}", detail=type(error).__name__)
