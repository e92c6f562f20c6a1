"""A mail server of a few lines: takes every message and keeps its text."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class PostOffice:
    """`port` it listens on, and the messages taken so far, headers included; a closed one sends everybody away."""

    port: int = 0
    is_open: bool = True
    messages: list[str] = field(default_factory=list)

    def about(self, words: str) -> list[str]:
        """Those whose subject has these words."""
        return [text for text in self.messages if words in text.partition("Subject: ")[2].partition("\n")[0]]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client (RFC 5321, the least that a server must know)."""
        writer.write(b"220 post office\r\n" if self.is_open else b"421 closed\r\n")
        while self.is_open and (line := await reader.readline()):
            verb = line.split()[0].upper() if line.split() else b""
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                text = (await reader.readuntil(b"\r\n.\r\n")).decode()
                self.messages.append(text.replace("\r\n", "\n"))
            writer.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 fine\r\n")
            if verb == b"QUIT":
                break
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


@contextlib.asynccontextmanager
async def post_office() -> AsyncIterator[PostOffice]:
    """An open post office."""
    office = PostOffice()
    server = await asyncio.start_server(office.serve, "127.0.0.1", 0)
    office.port = server.sockets[0].getsockname()[1]
    async with server:
        yield office
