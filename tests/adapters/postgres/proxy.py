"""A line to the database that can be cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit


class Proxy:
    """Listens on loopback and passes bytes on to the server, or swallows them, or hangs up."""

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target)
        self._open = asyncio.Event()
        self._open.set()
        self._is_refusing = False
        self._lines: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()
        self.url = ""

    def swallow(self) -> None:
        self._open.clear()

    def pass_on(self) -> None:
        for line in self._lines:
            line.close()
        self._lines.clear()
        self._is_refusing = False
        self._open.set()

    def refuse(self) -> None:
        self.pass_on()
        self._is_refusing = True

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Proxy"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        user = self._target.netloc.rpartition("@")[0] or "postgres"
        self.url = f"postgresql+asyncpg://{user}@127.0.0.1:{port}{self._target.path}"
        try:
            yield self
        finally:
            self.pass_on()
            server.close()
            for pump in self._pumps:
                pump.cancel()
            await asyncio.gather(*self._pumps, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_refusing:
            writer.close()
            return
        there, to = await self._connect()
        self._lines |= {writer, to}
        pumps = {asyncio.create_task(self._pump(reader, to)), asyncio.create_task(self._pump(there, writer))}
        self._pumps |= pumps

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        folder = parse_qs(self._target.query).get("host")
        if folder:
            return await asyncio.open_unix_connection(f"{folder[0]}/.s.PGSQL.5432")
        return await asyncio.open_connection(self._target.hostname, self._target.port or 5432)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while chunk := await source.read(65536):
                await self._open.wait()
                if sink.is_closing():
                    break
                sink.write(chunk)
                await sink.drain()
        except (OSError, asyncio.CancelledError):
            pass
        sink.close()
