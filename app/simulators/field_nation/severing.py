"""Cutting a connection, so that a client sees a transport error and not a status.

uvicorn hands an application the bound method `send` of its request cycle, which holds the transport. Where another
server hides it, an answer is begun and left unfinished: the server then closes the connection itself.
"""

import socket
import struct
from typing import Any

from starlette.types import Receive, Send

_LINGER_OFF = struct.pack("ii", 1, 0)


async def sever(receive: Receive, send: Send, *, abruptly: bool = False) -> None:
    """Close the connection without an answer; `abruptly` makes it a TCP reset. Returns when it is closed."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        await _leave_unfinished(send)
        return
    if abruptly:
        _reset_on_close(transport)
        transport.abort()
    else:
        transport.close()
    # The server logs an error for a missing answer unless it has noticed the disconnect first.
    while (await receive())["type"] != "http.disconnect":
        continue


def _reset_on_close(transport: Any) -> None:
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_OFF)


async def _leave_unfinished(send: Send) -> None:
    headers = [(b"content-length", b"1048576"), (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"{", "more_body": True})
