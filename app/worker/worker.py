"""The worker process: acquires accounts that have work, hosts several at once, hands all of them back when it stops."""

import asyncio

import structlog

from app.core.model.failure import Failure
from app.core.model.ids import WorkerId
from app.ports.hosting import Hosted
from app.worker.host import Host
from app.worker.lease import Heartbeat
from app.worker.tools import Tools
from app.worker.upkeep import keep_up

_log = structlog.get_logger(__name__)

_ACQUIRED_AT_ONCE = 4
_POLL_S = 1.0
SLICE_S = 30.0


class Worker:
    """`capacity` is how many accounts this process hosts at once."""

    def __init__(self, tools: Tools, worker: WorkerId, lease_s: float, history_days: int, capacity: int = 40) -> None:
        self._tools = tools
        self._worker = worker
        self._heartbeat = Heartbeat(tools.hosting, tools.clock, worker, lease_s)
        self._history_days = history_days
        self._capacity = capacity
        self._serving: dict[asyncio.Task[None], Host] = {}

    async def run(self) -> None:
        """Works until the tools say that the process is stopping; then every account goes back."""
        beating = asyncio.create_task(self._heartbeat.run())
        tidying = asyncio.create_task(keep_up(self._tools, self._history_days))
        _log.info("worker.started", worker=self._worker)
        try:
            while not self._tools.is_stopping():
                if await self._acquire():
                    continue
                await self._tools.hosting.wait(_POLL_S)
                self._tools.wake.give()
            await self._hand_back()
        finally:
            tidying.cancel()
            beating.cancel()
            await asyncio.gather(tidying, beating, return_exceptions=True)
            await self._retire()
            _log.info("worker.stopped", worker=self._worker)

    async def _acquire(self) -> bool:
        """Takes what is free, a few accounts at a time so that others get some; whether there may be more."""
        room = min(_ACQUIRED_AT_ONCE, self._capacity - len(self._serving))
        try:
            if room <= 0:
                await self._make_room()
                return False
            acquired = await self._tools.hosting.acquire(self._worker, room)
        except Failure as failure:
            _log.warning("worker.database_away", reason=failure.text)
            await self._tools.clock.sleep(_POLL_S)
            return False
        for hosted in acquired:
            self._serve(hosted)
        return len(acquired) == room

    async def _make_room(self) -> None:
        """When accounts wait that nobody hosts, the one served longest gives way once its time slice is over."""
        longest = min(self._serving.values(), key=lambda host: host.since_s)
        if self._tools.clock.boot_s() - longest.since_s > SLICE_S and await self._tools.hosting.others_wait():
            longest.give_way()

    def _serve(self, hosted: Hosted) -> None:
        self._heartbeat.held[hosted.account_id] = hosted
        host = Host(self._tools, hosted, self._heartbeat.forget)
        task = asyncio.create_task(host.serve())
        self._serving[task] = host
        task.add_done_callback(self._served)

    def _served(self, task: asyncio.Task[None]) -> None:
        hosted = self._serving.pop(task).hosted
        self._heartbeat.forget(hosted)
        if not task.cancelled() and task.exception():
            _log.error("host.crashed", account=hosted.account_id, reason=repr(task.exception()))

    async def _hand_back(self) -> None:
        """Lanes stop taking; writes in flight are awaited, each account is released as soon as it is quiet."""
        self._tools.wake.give()
        if self._serving:
            await asyncio.gather(*self._serving, return_exceptions=True)

    async def _retire(self) -> None:
        """Takes the worker's name off, once no heartbeat can put it back."""
        try:
            await self._tools.hosting.retire(self._worker)
        except Failure as failure:
            _log.warning("worker.not_retired", reason=failure.text)
