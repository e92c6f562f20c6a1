"""A clock that moves by hand, a real server that answers as a test says, and clients that talk to it."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
import uvicorn

from app.adapters.fieldnation.auth import Grant
from app.adapters.fieldnation.client import FieldNationWorkOrders
from app.adapters.fieldnation.session import FieldNationSession
from app.adapters.http.sender import Sender
from app.core.model.ids import LedgerId
from app.core.model.permit import Opening, WritePermit

TOKEN_PATH = "/authentication/api/oauth/token"
GRANT = Grant("password", "client-1", "client-secret-1", "api@example.test", "correct horse")


class HandClock:
    """Time passes only in `sleep` and `advance`."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
        self.boot = 1000.0

    def now(self) -> datetime:
        return self.at

    def boot_s(self) -> float:
        return self.boot

    async def sleep(self, seconds: float) -> None:
        self.advance(max(seconds, 0.0))

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.boot += seconds


@dataclass
class Seen:
    """A request as the server saw it."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def token(self) -> str:
        return self.query.get("access_token") or self.headers.get("authorization", "")


@dataclass
class Vendor:
    """An ASGI application: `answer` says what a request gets: `(status, body)`, or with a third part, headers.

    `grant` does the same for the nth call of the token endpoint; by default it hands out `token-1`, `token-2`, ...
    """

    answer: Callable[[Seen], tuple[Any, ...]] = lambda _: (200, {})
    grant: Callable[[int], tuple[Any, ...]] = lambda nth: (200, {"access_token": f"token-{nth}", "expires_in": 3600})
    seen: list[Seen] = field(default_factory=list)
    url: str = ""
    where: str = ""

    @property
    def token_calls(self) -> list[Seen]:
        return [seen for seen in self.seen if seen.path == TOKEN_PATH]

    @property
    def calls(self) -> list[Seen]:
        return [seen for seen in self.seen if seen.path != TOKEN_PATH]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        seen = await _read(scope, receive)
        self.seen.append(seen)
        reply = self.grant(len(self.token_calls)) if seen.path == TOKEN_PATH else self.answer(seen)
        status, body, headers = reply if len(reply) == 3 else (*reply, {})
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": named})
        await send({"type": "http.response.body", "body": raw})


async def _read(scope: Any, receive: Any) -> Seen:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    return Seen(scope["method"], scope["path"], dict(parse_qsl(scope["query_string"].decode())), headers, body)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()


@asynccontextmanager
async def serving(app: Any, lifespan: str = "off") -> AsyncIterator[str]:
    """Gives `host:port` of the application on a real socket."""
    listener = socket.create_server(("127.0.0.1", 0))
    host, port = listener.getsockname()
    config = uvicorn.Config(app, lifespan=lifespan, ws="none", log_level="critical", timeout_graceful_shutdown=1)
    server = _Server(config)
    running = asyncio.create_task(server.serve([listener]))
    await server.is_up.wait()
    try:
        yield f"{host}:{port}"
    finally:
        server.should_exit = True
        await running


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def permit(clock: HandClock) -> Opening:
    return opening(WritePermit(LedgerId(1), clock.boot_s() + 30, clock.boot_s() + 60))


def opening(permit: WritePermit) -> Opening:
    """Gives the permit to whoever asks."""

    async def give() -> WritePermit:
        return permit

    return give


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    vendor = Vendor()
    async with serving(vendor) as where:
        vendor.where, vendor.url = where, f"http://{where}"
        yield vendor


@pytest.fixture
async def sender(clock: HandClock, vendor: Vendor) -> AsyncIterator[Sender]:
    sender = Sender(clock, frozenset({vendor.where}), "broker/test")
    yield sender
    await sender.aclose()


@pytest.fixture
def session(sender: Sender, clock: HandClock, vendor: Vendor) -> FieldNationSession:
    return FieldNationSession(sender, clock, vendor.url + "/", GRANT)


@pytest.fixture
def client(session: FieldNationSession) -> FieldNationWorkOrders:
    return FieldNationWorkOrders(session)


@pytest.fixture
def grant() -> Grant:
    return GRANT


@pytest.fixture
def serve_app() -> Callable[[Any], AbstractAsyncContextManager[str]]:
    """Serves an ASGI application; as a context manager it gives its `host:port`."""
    return lambda app: serving(app, lifespan="on")
