"""A vendor of a few lines behind a real socket, and clients of it."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import uvicorn

from app.adapters.autotask.client import AccountCaches, AutotaskAccess, AutotaskGates, AutotaskTickets
from app.adapters.http.gates import ThreadGates, open_bytes_gate, open_hour_gate
from app.adapters.http.sender import Sender
from app.core.model.ids import LedgerId
from app.core.model.permit import Opening, WritePermit
from app.ports.hosting import Hosted
from app.simulators.autotask.app import create_app
from tests.adapters.autotask.running_simulator import SEED, Simulator

SECRET = "right"


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


class NoBudgets:
    """Nothing is remembered."""

    async def load(self, scope: str) -> Mapping[str, Any]:
        return {}

    async def save(self, hosted: Hosted, scope: str, state: Mapping[str, Any]) -> None:
        return None


@dataclass
class Seen:
    """One request, as it came."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: Any


Answer = tuple[int, Any]


@dataclass
class Vendor:
    """Answers from a table of `METHOD path`; a path is relative to the API's root. Remembers everything.

    A table entry is an answer, a list of answers to be given in turn, or a function of the request.
    """

    table: dict[str, Any] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    secret: str = SECRET
    zone: str = "/atservicesrest/"
    url: str = ""
    in_flight: int = 0
    peak: int = 0
    hold: asyncio.Event | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        request = await _seen(scope, receive)
        self.seen.append(request)
        status, body = await self._counted(request)
        raw = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(raw)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": raw})

    @property
    def authenticated(self) -> list[str]:
        """The calls that carried credentials."""
        return [f"{one.method} {one.path}" for one in self.seen if "secret" in one.headers]

    async def _counted(self, request: Seen) -> Answer:
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        try:
            if self.hold is not None and "secret" in request.headers:
                await self.hold.wait()
            return self._answer(request)
        finally:
            self.in_flight -= 1

    def _answer(self, request: Seen) -> Answer:
        if request.path == "zoneInformation":
            return self.table.get("zone") or (200, {"url": self.url + self.zone, "webUrl": "https://ww5/", "ci": 101})
        if request.headers.get("secret") != self.secret or not request.headers["at"].startswith(self.zone):
            return 401, None
        found = self.table.get(f"{request.method} {request.path}", (404, {"Message": "No HTTP resource was found"}))
        if isinstance(found, list):
            found = found.pop(0)
        return found(request) if callable(found) else found


async def _seen(scope: Any, receive: Any) -> Seen:
    raw = b""
    while True:
        message = await receive()
        raw += message.get("body", b"")
        if not message.get("more_body"):
            break
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    at = scope["path"]
    path = at.split("v1.0/", 1)[-1]
    body = json.loads(raw) if raw else None
    return Seen(scope["method"], path, scope["query_string"].decode(), {**headers, "at": at}, body)


@asynccontextmanager
async def serving_at(app: Any, *, needs_lifespan: bool = False) -> AsyncIterator[str]:
    """The application behind a real socket; gives its address."""
    # asyncio sends small answers at once only on sockets that say they are TCP.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(100)
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="error", ws="none", lifespan="on" if needs_lifespan else "off")
    )
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        listener.close()


@pytest.fixture
def serving() -> Callable[..., Any]:
    """Serves an ASGI application behind a real socket: `async with serving(app) as url`."""
    return serving_at


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with serving_at(create_app(SEED), needs_lifespan=True) as url:
        running = Simulator(url)
        yield running
        await running.sim.aclose()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    vendor = Vendor()
    async with serving_at(vendor) as url:
        vendor.url = url
        yield vendor


@pytest.fixture
async def client_of(clock: HandClock) -> AsyncIterator[Callable[..., Awaitable[AutotaskTickets]]]:
    """Makes clients for the root of an API; they share one sender."""
    senders: list[Sender] = []

    async def make(
        root: str, username: str = "api@acme.example", secret: str = SECRET, code: str = "code", asked: Any = "auto"
    ) -> AutotaskTickets:
        sender = Sender(clock, frozenset({root.removeprefix("http://")}), "broker/test")
        senders.append(sender)
        hour = await open_hour_gate(clock, NoBudgets(), "account:7", None, asked)
        files = await open_bytes_gate(clock, NoBudgets(), "account:7:bytes", None)
        gates = AutotaskGates(ThreadGates(2), hour, files)
        access = AutotaskAccess(f"{root}/atservicesrest", username, secret, code)
        return AutotaskTickets(sender, clock, access, gates, AccountCaches(clock))

    yield make
    for sender in senders:
        await sender.aclose()


@pytest.fixture
async def client(vendor: Vendor, client_of: Callable[..., Awaitable[AutotaskTickets]]) -> AutotaskTickets:
    return await client_of(vendor.url)


@pytest.fixture
def opening(clock: HandClock) -> Opening:
    async def open() -> WritePermit:
        return WritePermit(LedgerId(1), clock.boot_s() + 30, clock.boot_s() + 60)

    return open
