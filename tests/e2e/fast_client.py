"""A client fast enough for a storm: bare HTTP/1.1 over a few kept connections."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

CONNECTIONS = 100


async def post_all(url: str, bodies: Iterable[Any], connections: int = CONNECTIONS) -> Counter[int]:
    """Posts every body as JSON, each connection one after another; how often each status was answered."""
    waiting = iter(bodies)
    parts = await asyncio.gather(*(_post_some(url, waiting) for _ in range(connections)))
    return sum(parts, Counter[int]())


async def _post_some(url: str, waiting: Iterator[Any]) -> Counter[int]:
    target = urlsplit(url)
    reader, writer = await asyncio.open_connection(target.hostname, target.port)
    answered: Counter[int] = Counter()
    try:
        for body in waiting:
            content = json.dumps(body).encode()
            head = (
                f"POST {target.path}?{target.query} HTTP/1.1\r\nHost: {target.netloc}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
            )
            writer.write(head.encode() + content)
            answered[await status_of(reader)] += 1
    finally:
        writer.close()
        await writer.wait_closed()
    return answered


async def status_of(reader: asyncio.StreamReader) -> int:
    """The status of one answer, whose body is read to its end."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
    await reader.readexactly(int(fields.get("content-length", 0)))
    return int(head.split(" ", 2)[1])
