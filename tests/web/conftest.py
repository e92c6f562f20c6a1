"""The web application on a real socket, with fakes of ten lines behind its ports."""

import asyncio
import hashlib
import hmac
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio
import uvicorn
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.health import PostgresHealthDesk
from app.adapters.postgres.inbox import PostgresInbox
from app.core.intake.tokens import token_hash
from app.core.model.ids import ConnectionId, JobId
from app.core.model.intake import Accepted, Caller, Delivery
from app.web.app import create_app

TOKEN = "tok-Zf3kQ8sW1xYb7LmN"
SIGNED_TOKEN = "tok-signed-Pq9vT2rE5uHd"
WEBHOOK_SECRET = "hook-secret-6Jc4"
EVENT_SECRET = "0199c1e2-event-secret"
VIEWER = "viewer-Rk2m"
ADMIN = "admin-Xw8n"


EVENT_PATH = "/v1/field-nation/events"


def sign_event(body: bytes, secret: str = EVENT_SECRET) -> str:
    """`X-FN-Signature` of the body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class FakeInbox:
    """Keeps deliveries; `trouble` is raised instead of answering; `gate` holds answers back."""

    def __init__(self) -> None:
        self.tokens = {TOKEN: ("acme", None), SIGNED_TOKEN: ("signed", f"sealed:{WEBHOOK_SECRET}")}
        self.event_secrets = {"acme": f"sealed:{EVENT_SECRET}"}
        self.deliveries: list[Delivery] = []
        self.look_ups = 0
        self.trouble: Exception | None = None
        self.gate: asyncio.Event | None = None

    async def callers(self, wanted: bytes) -> list[Caller]:
        self.look_ups += 1
        await self._answer()
        hashes = {token_hash(token): owner for token, owner in self.tokens.items()}
        owner = hashes.get(wanted)
        if owner is None:
            return []
        return [Caller(ConnectionId(len(owner[0])), owner[0], wanted, owner[1], self.event_secrets.get(owner[0]))]

    async def accept(self, delivery: Delivery) -> list[Accepted]:
        await self._answer()
        if delivery.key and delivery.key in {old.key for old in self.deliveries}:
            return []
        seen = {wanted.key for old in self.deliveries for wanted in old.wanted}
        self.deliveries.append(delivery)
        return [Accepted(w.named, JobId(900 + n), n, w.key in seen) for n, w in enumerate(delivery.wanted)]

    async def outcome(self, connection_id: ConnectionId, receipt_ids: Any) -> dict[int, tuple[str, str, str]]:
        return {}

    async def _answer(self) -> None:
        if self.trouble:
            raise self.trouble
        if self.gate:
            await self.gate.wait()

    @property
    def keys(self) -> list[str]:
        return [wanted.key for delivery in self.deliveries for wanted in delivery.wanted]


class FakeDesk:
    """Health facts as a test sets them."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.told_workers: list[dict[str, Any]] = []
        self.not_ready = ""
        self.trouble: Exception | None = None

    async def connections(self) -> list[dict[str, Any]]:
        if self.trouble:
            raise self.trouble
        return self.rows

    async def workers(self) -> list[dict[str, Any]]:
        return self.told_workers

    async def ready(self) -> str:
        if self.trouble:
            raise self.trouble
        return self.not_ready

    async def set_paused(self, connection: ConnectionId, paused: bool, by: str) -> None:
        return None


class FakeSealer:
    def seal(self, connection: str, field: str, text: str) -> str:
        return f"sealed:{text}"

    def open(self, connection: str, field: str, sealed: str) -> str:
        if not sealed.startswith("sealed:"):
            raise ValueError("no key opens it")
        return sealed.removeprefix("sealed:")


@dataclass
class FakeClock:
    boot: float = 1000.0

    def now(self) -> datetime:
        return datetime(2026, 5, 27, 12, tzinfo=UTC)

    def boot_s(self) -> float:
        return self.boot

    async def sleep(self, seconds: float) -> None:
        self.boot += max(seconds, 0)


@dataclass
class Broker:
    """What a test holds: the parts behind the application, and a client before it."""

    inbox: Any = field(default_factory=FakeInbox)
    desk: Any = field(default_factory=FakeDesk)
    clock: FakeClock = field(default_factory=FakeClock)
    is_draining: bool = False
    port: int = 0
    client: Any = None
    app: Any = None

    def make_app(self) -> Any:
        self.app = create_app(
            inbox=self.inbox,
            health=self.desk,
            sealer=FakeSealer(),
            viewer_token=VIEWER,
            admin_token=ADMIN,
            clock=self.clock,
            version="9.9.9",
            draining=lambda: self.is_draining,
        )
        return self.app

    async def trigger(self, content: bytes = b"", token: str = TOKEN, **more: Any) -> httpx.Response:
        method = more.pop("method", "POST")
        params = more.pop("params", {"client_token": token} if token else {})
        return await self.client.request(method, "/v1/broker/inbound", content=content, params=params, **more)

    async def event(self, content: bytes, token: str = TOKEN, **more: Any) -> httpx.Response:
        """A delivery as Field Nation makes it: `signature` None leaves it unsigned, `sending` are further headers."""
        signature = more.pop("signature", sign_event(content))
        headers = {"Content-Type": "application/json", **more.pop("sending", {})}
        headers |= {} if signature is None else {"X-FN-Signature": signature}
        params = {"client_token": token} if token else {}
        method = more.pop("method", "POST")
        return await self.client.request(method, EVENT_PATH, content=content, params=params, headers=headers, **more)

    async def raw(self, data: bytes, *, finish: bool = False, timeout_s: float = 5.0) -> bytes:
        """Bytes as they are, on a connection of their own; what came back until the other side closed."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(data)
            if finish:
                writer.write_eof()
            return await asyncio.wait_for(reader.read(1 << 20), timeout_s)
        except ConnectionError:
            return b""
        finally:
            writer.close()


class Server(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.is_up.set()


@asynccontextmanager
async def _serve(app: Any) -> AsyncIterator[int]:
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", ws="none", timeout_graceful_shutdown=1
    )
    server = Server(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    await server.is_up.wait()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        await task
        listening.close()


@pytest.fixture
def serve() -> Callable[[Any], Any]:
    """`async with serve(app) as port`."""
    return _serve


@pytest_asyncio.fixture
async def start() -> AsyncIterator[Callable[..., Awaitable[Broker]]]:
    """`await start(inbox=...)` gives a broker that runs until the test ends."""
    async with AsyncExitStack() as stack:

        async def started(**parts: Any) -> Broker:
            made = Broker(**parts)
            made.port = await stack.enter_async_context(_serve(made.make_app()))
            client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{made.port}", trust_env=False)
            made.client = await stack.enter_async_context(client)
            return made

        yield started


@pytest_asyncio.fixture
async def broker(start: Callable[..., Awaitable[Broker]]) -> Broker:
    return await start()


@pytest_asyncio.fixture
async def stored(engine: AsyncEngine, start: Callable[..., Awaitable[Broker]]) -> AsyncIterator[Broker]:
    """A broker on a fresh database with one connection, which has `TOKEN` and `EVENT_SECRET`."""
    async with engine.begin() as sql:
        await sql.execute(text("INSERT INTO accounts (ci, integration_code_hash) VALUES (1, 'code')"))
        await sql.execute(text("INSERT INTO connections (account_id, name, ci) SELECT id, 'acme', 1 FROM accounts"))
        await sql.execute(
            text("INSERT INTO trigger_tokens (connection_id, token_hash) SELECT id, :hash FROM connections"),
            {"hash": token_hash(TOKEN)},
        )
        await sql.execute(
            text("INSERT INTO secrets (connection_id, field, sealed) SELECT id, :field, :sealed FROM connections"),
            {"field": "field_nation.webhook_secret", "sealed": f"sealed:{EVENT_SECRET}"},
        )
    inbox = PostgresInbox(engine)
    yield await start(inbox=inbox, desk=PostgresHealthDesk(engine))
    await inbox.drain()
