"""A real worker process that kills itself once so many passes stand at the same moment of a write:
`python -m tests.e2e.crowd_worker MOMENT COUNT`. It begins to count when it is sent SIGUSR1."""

import asyncio
import os
import signal
import sys

from app import bootstrap
from app.adapters.system import logs
from app.settings import load


class Crowd:
    """Every pass that comes to the moment stays there; the last one that is waited for ends the process."""

    def __init__(self, moment: str, count: int) -> None:
        self._moment = moment
        self._awaited = count
        self._is_armed = False

    def arm(self) -> None:
        self._is_armed = True

    async def reached(self, moment: str, kind: str) -> None:
        if not self._is_armed or moment != self._moment:
            return
        self._awaited -= 1
        if self._awaited == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        await asyncio.Event().wait()


async def main(moment: str, count: int) -> None:
    crowd = Crowd(moment, count)
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, crowd.arm)
    await bootstrap.work(load(), health_host="127.0.0.1", health_port=0, milestones=crowd)


if __name__ == "__main__":
    logs.configure("json", "warning")
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
