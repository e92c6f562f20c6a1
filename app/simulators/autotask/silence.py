"""An answer that never comes: the connection is closed, or reset, under the client."""

import os
import socket
import struct

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

SEND_KEY = "autotask.send"  # where the application leaves the server's own `send`, unwrapped


class Silence(Response):
    """Closes the connection instead of answering. With `reset`, the peer gets a TCP reset."""

    def __init__(self, *, reset: bool = False) -> None:
        super().__init__(status_code=500)
        self._reset = reset

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport = getattr(getattr(scope.get(SEND_KEY), "__self__", None), "transport", None)
        if transport is None:
            raise ConnectionResetError("no connection to close: the simulator is not served by uvicorn")
        if self._reset:
            _arm_reset(transport.get_extra_info("socket").fileno())
            transport.abort()
        else:
            transport.close()
        # The server learns of the loss in its next turn; until then it would take a missing answer for our mistake.
        while (await receive())["type"] != "http.disconnect":
            pass


def _arm_reset(descriptor: int) -> None:
    """Make closing a connection send a reset: linger for no time. A copy, because event loops hide their sockets."""
    with socket.socket(fileno=os.dup(descriptor)) as copy:
        copy.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
