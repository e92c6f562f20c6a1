"""Mail against a small real SMTP server on a loopback socket."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import structlog

from app.adapters.system.mail import LoggedMail, SmtpMail, SmtpServer
from app.core.model.failure import Refused, Transient

USUAL = {"EHLO": "250-postbox\r\n250 AUTH PLAIN", "QUIT": "221 bye"}


@dataclass
class Postbox:
    """Speaks enough SMTP to take a message; `answers` replaces the answer to a command."""

    answers: dict[str, str] = field(default_factory=dict)
    messages: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 postbox\r\n")
        while line := (await reader.readline()).decode().strip():
            verb = line.split()[0].upper()
            answer = self.answers.get(verb, USUAL.get(verb, "250 ok"))
            if verb == "RCPT":
                self.recipients.append(line)
            if verb == "DATA" and verb not in self.answers:
                writer.write(b"354 go on\r\n")
                self.messages.append((await reader.readuntil(b"\r\n.\r\n"))[:-3])
            writer.write(f"{answer}\r\n".encode())
            await writer.drain()
            if verb == "QUIT":
                break
        writer.close()


@asynccontextmanager
async def postbox(**answers: str) -> AsyncIterator[Postbox]:
    box = Postbox(answers)
    server = await asyncio.start_server(box.serve, "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    async with server:
        yield box


def mail_to(port: int, user: str = "") -> SmtpMail:
    return SmtpMail(SmtpServer.from_url(f"smtp://{user}127.0.0.1:{port}"), "broker@acme.example")


async def test_a_message_arrives_whole_at_everybody() -> None:
    async with postbox() as box:
        await mail_to(box.port).send(["a@acme.example", "b@acme.example"], "Paused:\n acme", "Zürich is away.\n")
    message = email.message_from_bytes(box.messages[0], policy=email.policy.default)
    assert (message["From"], message["Subject"]) == ("broker@acme.example", "Paused: acme")
    assert message.get_content().splitlines() == ["Zürich is away."]
    assert [line.split(":")[1].split(">")[0] for line in box.recipients] == ["<a@acme.example", "<b@acme.example"]


async def test_nobody_to_send_to_is_no_message() -> None:
    async with postbox() as box:
        await mail_to(box.port).send([], "x", "y")
    assert box.messages == []


async def test_a_server_that_is_away_is_transient() -> None:
    async with postbox() as box:
        port = box.port
    with pytest.raises(Transient, match=f"127.0.0.1:{port} cannot be used"):
        await mail_to(port).send(["a@acme.example"], "x", "y")


async def test_a_refused_login_is_refused_and_shows_no_password() -> None:
    async with postbox(AUTH="535 no") as box:
        with pytest.raises(Refused) as caught:
            await mail_to(box.port, "user:hunter2@").check()
    assert "hunter2" not in f"{caught.value!r} {caught.value.detail}"


async def test_a_refused_message_is_transient() -> None:
    async with postbox(RCPT="550 nobody here") as box:
        with pytest.raises(Transient, match=r"refuses the recipients a@acme\.example"):
            await mail_to(box.port).send(["a@acme.example"], "x", "y")


async def test_a_clumsy_goodbye_does_not_make_a_taken_message_fail() -> None:
    async with postbox(QUIT="500 what") as box:
        await mail_to(box.port).send(["a@acme.example"], "x", "y")
    assert len(box.messages) == 1


async def test_a_check_sends_nothing() -> None:
    async with postbox() as box:
        assert await mail_to(box.port).check() == f"127.0.0.1:{box.port} answers"
    assert box.messages == []


async def test_without_a_server_alerts_stand_in_the_log() -> None:
    with structlog.testing.capture_logs() as lines:
        await LoggedMail().send(["ops@acme.example"], "Paused: acme", "Autotask is away.")
    assert [(line["event"], line["subject"], line["text"]) for line in lines] == [
        ("alert", "Paused: acme", "Autotask is away.")
    ]
    assert "no mail server" in await LoggedMail().check()


@pytest.mark.parametrize(
    ("url", "server"),
    [
        (
            "smtp://me%40acme:p%3Ass@mail:25?starttls=true",
            SmtpServer("mail", 25, is_tls=False, starttls=True, user="me@acme", password="p:ss"),
        ),
        ("smtps://mail", SmtpServer("mail", 465, is_tls=True, starttls=False)),
        ("smtp://mail", SmtpServer("mail", 587, is_tls=False, starttls=False)),
    ],
)
def test_a_url_says_where_and_how(url: str, server: SmtpServer) -> None:
    assert SmtpServer.from_url(url) == server
    assert "p:ss" not in repr(SmtpServer.from_url(url))


@pytest.mark.parametrize("url", ["http://mail", "smtp://", "mail:25"])
def test_another_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        SmtpServer.from_url(url)
