"""A shift: the time in which a lane works with one reading of its connection, over one open site."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

from app.core.model.connection import Connection
from app.core.model.failure import Failure, Refused, Transient
from app.core.planning.retry import REFUSED_PROBE_DELAY, probe_delay
from app.ports.hosting import Hosted
from app.services.site import Site
from app.worker.tools import Tools


class Shift:
    """What both lines of a lane share: the connection as it stood, its site, and whether its vendors are there.

    `opened` closes the site; `may_go_on` is the lane's own word. A shift that ended never goes on again.
    """

    def __init__(
        self,
        tools: Tools,
        hosted: Hosted,
        connection: Connection,
        opened: AsyncExitStack,
        may_go_on: Callable[[], bool],
    ) -> None:
        self._tools = tools
        self._opened = opened
        self._lane_may_go_on = may_go_on
        self._site: Site | None = None
        self._site_lock = asyncio.Lock()
        self._verdict_lock = asyncio.Lock()
        self._is_paused = False
        self._is_over = False
        self.hosted = hosted
        self.connection = connection

    def may_go_on(self) -> bool:
        """Whether anything new may be begun."""
        return self._lane_may_go_on() and not (self._is_over or self._is_paused)

    def end(self) -> None:
        """Nothing more is begun; the passes in flight end."""
        self._is_over = True

    async def end_if_changed(self) -> None:
        """Ends the shift when somebody applied, paused or archived the connection."""
        if await self._tools.connection_changed(self.connection):
            self.end()

    async def site(self) -> Site | None:
        """The one site, opened for whoever asks first; None when the shift ended while this one waited for it."""
        async with self._site_lock:
            if not self.may_go_on():
                return None
            if self._site is None:
                self._site = await self._tools.open_site(self._opened, self.connection, self.hosted)
                await self._tools.alerts.mapping_read(self.connection, self._site.mapping_findings)
            return self._site

    async def is_vendor_down(self, failure: Exception) -> bool:
        """Whether the failure is not this record's own: a neutral probe fails too. Asked once for many failures; a
        vendor that is down pauses the connection."""
        if not isinstance(failure, Transient | Refused):
            return False
        async with self._verdict_lock:
            if self._is_paused:
                return True
            found = failure if isinstance(failure, Refused) else await self._tools.probe(self.connection, self.hosted)
            if found is None:
                return False
            self._is_paused = True
            reason, delay_s = pause_after(found, 0)
            if await self._tools.queue.pause(self.hosted, self.connection.id, reason, delay_s):
                await self._tools.alerts.paused(self.connection, reason, found.text)
            return True


def pause_after(failure: Failure, probes: int) -> tuple[str, float]:
    """Why a connection is paused, and in how many seconds it is probed after that many bad probes."""
    if isinstance(failure, Refused):
        return "credentials_refused", REFUSED_PROBE_DELAY.total_seconds()
    return "vendor_down", probe_delay(probes).total_seconds()
