"""A clock that moves by hand, and a raw server on a real socket."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from app.adapters.http.sender import Sender


class HandClock:
    """Time passes only in `sleep` and `advance`."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
        self.boot = 1000.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.at

    def boot_s(self) -> float:
        return self.boot

    async def sleep(self, seconds: float) -> None:
        if seconds > 0:
            self.slept.append(seconds)
            self.advance(seconds)

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.boot += seconds


class RawServer:
    """Answers each connection with what its `answer` gives for the bytes of one request; None resets."""

    def __init__(self, answer: Callable[[bytes], Awaitable[bytes | None]]) -> None:
        self._answer = answer
        self.requests: list[bytes] = []
        self.url = ""
        self.where = ""

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        self.where = f"{host}:{port}"
        self.url = f"http://{self.where}"

    async def stop(self) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await _read_request(reader):
                self.requests.append(request)
                answer = await self._answer(request)
                if answer is None:
                    writer.transport.abort()
                    return
                writer.write(answer)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()


async def _read_request(reader: asyncio.StreamReader) -> bytes:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    length = next((int(h[15:]) for h in head.lower().split(b"\r\n") if h.startswith(b"content-length:")), 0)
    return head + await reader.readexactly(length)


def http(body: bytes = b"{}", status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Awaitable[RawServer]]]:
    servers: list[RawServer] = []

    async def start(answer: bytes | Callable[[bytes], Awaitable[bytes | None]] | None) -> RawServer:
        async def fixed(_: bytes) -> bytes | None:
            return answer if not callable(answer) else None

        servers.append(RawServer(answer if callable(answer) else fixed))
        await servers[-1].start()
        return servers[-1]

    yield start
    for server in servers:
        await server.stop()


@pytest.fixture
async def sender_to(clock: HandClock) -> AsyncIterator[Callable[[RawServer], Sender]]:
    senders: list[Sender] = []

    def make(server: RawServer) -> Sender:
        senders.append(Sender(clock, frozenset({server.where}), "broker/test"))
        return senders[-1]

    yield make
    for sender in senders:
        await sender.aclose()


@pytest.fixture
def answer() -> Callable[..., bytes]:
    return http
