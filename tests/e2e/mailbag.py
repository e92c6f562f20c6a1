"""A receiver in Field Nation's eyes that keeps every delivery, so that a test can deliver it as it likes."""

import asyncio
import contextlib
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.e2e.fast_client import status_of

CONNECTIONS, BUSY = 8, 503
_ID = "x-fn-delivery-id"


@dataclass(frozen=True, slots=True)
class Letter:
    """One delivery as it was signed: where to, the bytes, and the headers by name in lower case."""

    target: str
    body: bytes = field(repr=False)
    headers: dict[str, str]

    @property
    def key(self) -> str:
        """What all attempts of the delivery have in common."""
        return self.headers[_ID].partition(":")[0]

    def request(self, host: str, attempt: int) -> bytes:
        """The whole request of that attempt."""
        kept = {name: value for name, value in self.headers.items() if name.startswith("x-fn-")}
        kept |= {_ID: f"{self.key}:{attempt}", "host": host, "content-type": "application/json"}
        lines = "".join(f"{name}: {value}\r\n" for name, value in kept.items())
        return f"POST {self.target} HTTP/1.1\r\n{lines}content-length: {len(self.body)}\r\n\r\n".encode() + self.body


@dataclass(slots=True)
class Mailbag:
    """`address` it listens on, the letters that nobody has taken out yet, and the ids of messages they tell of."""

    address: str = ""
    letters: list[Letter] = field(default_factory=list)
    messages: set[str] = field(default_factory=set)
    _open: dict[asyncio.StreamWriter, "asyncio.Task[None] | None"] = field(default_factory=dict)

    def take(self, target: str) -> list[Letter]:
        """Everything that came to that target since the last time."""
        taken = [letter for letter in self.letters if letter.target == target]
        self.letters = [letter for letter in self.letters if letter.target != target]
        return taken

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of the sender, kept as long as it likes."""
        self._open[writer] = asyncio.current_task()
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                self._keep(await _read(reader))
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        writer.close()

    async def close(self) -> None:
        """Ends every connection."""
        for writer in self._open:
            writer.close()
        await asyncio.gather(*(task for task in self._open.values() if task is not None))

    def _keep(self, letter: Letter) -> None:
        self.letters.append(letter)
        params: dict[str, Any] = json.loads(letter.body)["event"]["params"]
        if "message" in params:
            self.messages.add(str(params["message"]["msg_id"]))


@contextlib.asynccontextmanager
async def mailbag() -> AsyncIterator[Mailbag]:
    """An open mailbag."""
    bag = Mailbag()
    server = await asyncio.start_server(bag.serve, "127.0.0.1", 0)
    bag.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield bag
    finally:
        server.close()
        await bag.close()


async def _read(reader: asyncio.StreamReader) -> Letter:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")[:-2]
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return Letter(first.split()[1], await reader.readexactly(int(headers["content-length"])), headers)


def plan(letters: Sequence[Letter], most: int, chance: random.Random) -> list[tuple[Letter, int]]:
    """Each letter 1 to `most` times, few of them often: attempts with rising numbers and exact duplicates, shuffled."""
    found: list[tuple[Letter, int]] = []
    for letter in letters:
        times = chance.choice((1, 1, 1, 2, 2, 3, chance.randint(1, most)))
        numbers = [1]
        for _ in range(times - 1):
            numbers.append(numbers[-1] + (chance.random() < 0.7))
        found += [(letter, number) for number in numbers]
    chance.shuffle(found)
    return found


async def post(web: str, letters: Iterable[tuple[Letter, int]], connections: int = CONNECTIONS) -> Counter[int]:
    """Posts the attempts to that server over several connections at once, and again while it is too busy; how often
    each other status was answered."""
    place = urlsplit(web)
    requests = (letter.request(place.netloc, number) for letter, number in letters)
    parts = await asyncio.gather(*(_post_some(place.hostname, place.port, requests) for _ in range(connections)))
    return sum(parts, Counter[int]())


async def _post_some(host: str | None, port: int | None, requests: Iterator[bytes]) -> Counter[int]:
    reader, writer = await asyncio.open_connection(host, port)
    answered: Counter[int] = Counter()
    try:
        for request in requests:
            status = BUSY
            while status == BUSY:
                writer.write(request)
                status = await status_of(reader)
            answered[status] += 1
    finally:
        writer.close()
        await writer.wait_closed()
    return answered
