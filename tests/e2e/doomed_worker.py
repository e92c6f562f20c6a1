"""A real worker process that ends itself at a named moment: `python -m tests.e2e.doomed_worker MOMENT KIND SIGNAL`."""

import asyncio
import os
import signal
import sys

from app import bootstrap
from app.adapters.system import logs
from app.settings import load


class Doom:
    """Sends this process the signal when the moment comes, once."""

    def __init__(self, moment: str, kind: str, name: str) -> None:
        self._doomed = (moment, kind)
        self._signal = signal.Signals[name]

    async def reached(self, moment: str, kind: str) -> None:
        if (moment, kind) == self._doomed:
            self._doomed = ("", "")
            os.kill(os.getpid(), self._signal)


if __name__ == "__main__":
    settings = load()
    logs.configure("json", "warning")
    doom = Doom(*sys.argv[1:4])
    asyncio.run(bootstrap.work(settings, health_host="127.0.0.1", health_port=0, milestones=doom))
