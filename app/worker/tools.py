"""What a worker is given: the ports it drives and the few functions that the composition root makes for it."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

from app.core.model.connection import Connection, ConnectionState
from app.core.model.failure import Failure
from app.core.model.job import JobKind
from app.ports.clock import Clock
from app.ports.connections import Connections
from app.ports.hosting import Hosted, Hosting
from app.ports.jobs import JobQueue
from app.ports.upkeep import Upkeep
from app.services.alert import Alerts
from app.services.site import Site
from app.services.stories import Story
from app.worker.signal import Signal

OpenSite = Callable[[AsyncExitStack, Connection, Hosted], Awaitable[Site]]
Probe = Callable[[Connection, Hosted], Awaitable[Failure | None]]


@dataclass(slots=True)
class Tools:
    """`open_site` opens both vendors of a connection into the stack it is given; `probe` asks both whether they are
    there and take our credentials, and gives what is wrong or None. `linger_s`: how long an idle account is kept;
    `grace_s`: how long writes in flight are awaited before the account goes back; `sweep_every`: how long after the
    beginning of a connection's sweep the next one is due."""

    clock: Clock
    hosting: Hosting
    queue: JobQueue
    connections: Connections
    upkeep: Upkeep
    alerts: Alerts
    stories: Mapping[JobKind, Story]
    open_site: OpenSite
    probe: Probe
    horizon: timedelta
    wake: Signal
    is_stopping: Callable[[], bool]
    linger_s: float = 20.0
    grace_s: float = 20.0
    sweep_every: timedelta = timedelta(minutes=15)

    async def connection_now(self, connection: Connection) -> Connection | None:
        """The connection as it stands now, or None when it was archived."""
        return await self.connections.named(connection.name)

    async def connection_changed(self, connection: Connection) -> bool:
        """Whether somebody applied a new version of it, paused or archived it, or its systems' fields changed."""
        now = await self.connection_now(connection)
        return now is None or _reading(now) != _reading(connection)


def _reading(connection: Connection) -> tuple[int, int, ConnectionState]:
    """What a shift works with: when any of it changes, the next shift begins."""
    return connection.version, connection.fields_version, connection.state
