"""A host: one account held by this process, a lane for each of its connections."""

import asyncio
from collections.abc import Callable

import structlog

from app.core.model.failure import Failure
from app.core.model.ids import ConnectionId
from app.ports.hosting import Hosted
from app.worker.lane import Lane
from app.worker.tools import Tools

_log = structlog.get_logger(__name__)

_LOOK_FOR_LANES_S = 2.0


class Host:
    """Serves the account until all its lanes are idle, the worker stops, or it is asked to yield.

    `forget` is told right before the account goes back, so that nobody renews its lease any more.
    """

    def __init__(self, tools: Tools, hosted: Hosted, forget: Callable[[Hosted], None]) -> None:
        self._tools = tools
        self._forget = forget
        self._lanes: dict[ConnectionId, Lane] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._must_yield = False
        self.hosted = hosted
        self.since_s = tools.clock.boot_s()

    def give_way(self) -> None:
        """Asks for the account back: writes in flight are awaited, nothing new is taken."""
        self._must_yield = True

    async def serve(self) -> None:
        """Runs a lane for every connection; one lane's trouble ends this hosting, and the next one starts afresh."""
        try:
            while self._may_go_on():
                await self._start_lanes()
                await self._tools.wake.wait(_LOOK_FOR_LANES_S)
        except Failure as failure:
            _log.error("host.failed", account=self.hosted.account_id, reason=failure.text)
        finally:
            await self._close()

    def _may_go_on(self) -> bool:
        if self.hosted.lost or self._must_yield or self._tools.is_stopping():
            return False
        if self._running and any(task.done() for task in self._running):
            return False
        return not self._lanes or not all(lane.is_idle() for lane in self._lanes.values())

    async def _start_lanes(self) -> None:
        for connection in await self._tools.connections.of_account(self.hosted.account_id):
            if connection.id not in self._lanes:
                lane = self._lanes[connection.id] = Lane(self._tools, self.hosted, connection)
                self._running.add(asyncio.create_task(lane.run()))

    async def _close(self) -> None:
        for lane in self._lanes.values():
            lane.stop()
        if self._running:
            await asyncio.wait(self._running, timeout=0 if self.hosted.lost else self._tools.grace_s)
        for task in self._running:
            task.cancel()
        for result in await asyncio.gather(*self._running, return_exceptions=True):
            if isinstance(result, Exception):
                _log.error("lane.failed", account=self.hosted.account_id, reason=repr(result))
        self._forget(self.hosted)
        try:
            await self._tools.hosting.release(self.hosted)
        except Failure as failure:
            _log.warning("host.not_released", account=self.hosted.account_id, reason=failure.text)
