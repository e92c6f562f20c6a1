"""Request bodies, read with a limit that holds while reading, whatever the sender declared."""

import asyncio
from collections.abc import Mapping
from enum import Enum

from starlette.types import Receive, Send

READ_TIMEOUT_S = 15.0
LINGER_S = 2.0
LINGER_BYTES = 8 * 1024 * 1024


class Unread(Enum):
    """Why there is no body."""

    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    GONE = "gone"


def declares_body(headers: Mapping[str, str]) -> bool:
    """Whether the sender announced a body at all."""
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


async def read_body(receive: Receive, headers: Mapping[str, str], limit_bytes: int) -> bytes | Unread:
    """The whole body, or why not. Never holds more than the limit and one chunk of the server's."""
    declared = headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:18]) > limit_bytes:
        return Unread.TOO_LARGE
    try:
        async with asyncio.timeout(READ_TIMEOUT_S):
            return await _read(receive, limit_bytes)
    except TimeoutError:
        return Unread.TOO_SLOW


async def _read(receive: Receive, limit_bytes: int) -> bytes | Unread:
    parts: list[bytes] = []
    size_bytes = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return Unread.GONE
        parts.append(message.get("body", b""))
        size_bytes += len(parts[-1])
        if size_bytes > limit_bytes:
            return Unread.TOO_LARGE
        if not message.get("more_body", False):
            return b"".join(parts)


async def linger(receive: Receive, send: Send) -> None:
    """Reads away a bounded rest of the body after the answer was sent, then ends the exchange.

    Closing at once would reset the connection under a sender that is still sending, and the answer, which tells it
    what is wrong, would be lost.
    """
    left_bytes = LINGER_BYTES
    try:
        async with asyncio.timeout(LINGER_S):
            while left_bytes > 0:
                message = await receive()
                if message["type"] != "http.request" or not message.get("more_body", False):
                    break
                left_bytes -= len(message.get("body", b""))
    except TimeoutError:
        pass
    await send({"type": "http.response.body", "body": b"", "more_body": False})
