"""The lease: one heartbeat for all accounts that this process hosts."""

import asyncio

import structlog

from app.core.model.failure import Failure
from app.core.model.ids import WorkerId
from app.ports.clock import Clock
from app.ports.hosting import Hosted, Hosting

BEATS_PER_LEASE = 6

_log = structlog.get_logger(__name__)


class Heartbeat:
    """Renews every held account six times per lease. When the database is away the deadlines simply run out."""

    def __init__(self, hosting: Hosting, clock: Clock, worker: WorkerId, lease_s: float) -> None:
        self._hosting = hosting
        self._clock = clock
        self._worker = worker
        self._pause_s = lease_s / BEATS_PER_LEASE
        self.held: dict[int, Hosted] = {}

    async def run(self) -> None:
        """Beats until it is cancelled."""
        while True:
            await self.beat()
            await self._clock.sleep(self._pause_s)

    def forget(self, hosted: Hosted) -> None:
        """Renews this one no more."""
        if self.held.get(hosted.account_id) is hosted:
            del self.held[hosted.account_id]

    async def beat(self) -> None:
        """One renewal."""
        asked = list(self.held.values())
        try:
            async with asyncio.timeout(self._pause_s * 2):
                await self._hosting.renew(self._worker, asked)
        except (Failure, TimeoutError) as failure:
            _log.warning("heartbeat.missed", worker=self._worker, held=len(self.held), reason=str(failure))
        for hosted in [one for one in self.held.values() if one.lost]:
            _log.warning("lease.lost", account=hosted.account_id, epoch=hosted.epoch)
            self.held.pop(hosted.account_id, None)
