"""A lane: the work of one connection of a hosted account, apart from all other connections.

It has two lines over one site: the main one, and one beside it for work that takes long and holds nobody up.
"""

import asyncio
from contextlib import AsyncExitStack

from app.core.model.connection import Connection, ConnectionState
from app.core.model.failure import LeaseLost
from app.core.model.job import ASIDE_KINDS, MAIN_KINDS
from app.ports.hosting import Hosted
from app.worker.line import Line
from app.worker.shift import Shift, pause_after
from app.worker.tools import Tools

_LARGEST_BATCH = 500


class Lane:
    """Works with the connection as it stands, shift after shift, until the account goes back."""

    def __init__(self, tools: Tools, hosted: Hosted, connection: Connection) -> None:
        self._tools = tools
        self._hosted = hosted
        self._connection = connection
        self._main = Line(tools, MAIN_KINDS, _LARGEST_BATCH)
        self._aside = Line(tools, ASIDE_KINDS, 1)
        self._is_stopped = False
        self._busy_at_s = tools.clock.boot_s()

    def stop(self) -> None:
        """Nothing more is taken; the passes in flight end."""
        self._is_stopped = True

    def is_idle(self) -> bool:
        """Whether nothing has waited in either line for a while, and no probe was due."""
        is_quiet = self._tools.clock.boot_s() - self._busy_at_s > self._tools.linger_s
        return is_quiet and self._main.is_idle() and self._aside.is_idle()

    async def run(self) -> None:
        """Works until it is stopped, the connection is gone or the account is lost."""
        connection = self._connection
        try:
            while self._may_go_on():
                fresh = await self._tools.connection_now(connection)
                if fresh is None or fresh.account_id != self._hosted.account_id:
                    return
                connection = fresh
                if connection.state is ConnectionState.PAUSED:
                    await self._paused_turn(connection)
                else:
                    await self._work(connection)
        except LeaseLost:
            self._hosted.lost = True

    def _may_go_on(self) -> bool:
        return not (self._hosted.lost or self._is_stopped or self._tools.is_stopping())

    async def _work(self, connection: Connection) -> None:
        """One shift: both lines beside one another until the connection changes or somebody must stop."""
        async with AsyncExitStack() as opened:
            shift = Shift(self._tools, self._hosted, connection, opened, self._may_go_on)
            main = asyncio.create_task(self._main.run(shift))
            aside = asyncio.create_task(self._aside.run(shift))
            try:
                await asyncio.wait((main, aside), return_when=asyncio.FIRST_COMPLETED)
                shift.end()
                await self._let_end(main, aside)
            finally:
                main.cancel()
                aside.cancel()
                results = await asyncio.gather(main, aside, return_exceptions=True)
            for result in results:
                if isinstance(result, Exception):
                    raise result
            await self._give_back_cut_off()

    async def _let_end(self, main: asyncio.Task[None], aside: asyncio.Task[None]) -> None:
        """Passes in flight end; the one aside is cut off when it takes longer than a write, or it would keep the main
        line from its next shift. Under a lost lease nobody is waited for."""
        for task, timeout_s in ((main, None), (aside, self._tools.grace_s)):
            if not self._hosted.lost:
                await asyncio.wait((task,), timeout=timeout_s)

    async def _give_back_cut_off(self) -> None:
        jobs = self._aside.left_over()
        if jobs and not self._hosted.lost:
            await self._tools.queue.give_back(self._hosted, jobs)

    async def _paused_turn(self, connection: Connection) -> None:
        """Waits for the probe to be due; a good probe resumes the connection, a bad one puts the next one off."""
        queue = self._tools.queue
        if connection.id not in await queue.due_probes(self._hosted):
            await self._tools.wake.wait(1.0)
            return
        failure = await self._tools.probe(connection, self._hosted)
        if failure is None:
            await queue.resume(self._hosted, connection.id)
            await self._tools.alerts.resumed(connection)
        else:
            probes = connection.pause.probes if connection.pause else 0
            reason, delay_s = pause_after(failure, probes + 1)
            await queue.pause(self._hosted, connection.id, reason, delay_s)
        self._busy_at_s = self._tools.clock.boot_s()
