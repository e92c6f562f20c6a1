"""What a worker is given: sites opened for hosted connections, probes, stories."""

import secrets
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial

from app.adapters.system.jsonnet.scripts import JailedScripts
from app.bootstrap.wiring import PROCESS, Wiring
from app.core.model.connection import Connection
from app.core.model.failure import DatabaseAway, Failure, Refused
from app.core.model.finding import Finding
from app.core.model.ids import WorkerId
from app.core.model.job import JobKind
from app.ports.hosting import Hosted
from app.ports.milestones import Milestones, Quiet
from app.ports.vendors import VendorPair
from app.services.alert import Alerts
from app.services.fields import Fields
from app.services.import_tickets import ImportTickets
from app.services.push_files import PushFiles
from app.services.push_work_orders import PushWorkOrders
from app.services.resolve_numbers import ResolveNumbers
from app.services.site import Site, open_site
from app.services.sweep import Sweep, WebhookCheck
from app.services.webhook_addresses import Doors
from app.services.webhook_watch import WebhookWatch
from app.settings import Settings
from app.worker.signal import Signal
from app.worker.tools import Tools
from app.worker.worker import Worker

_WRITE_SHARE = 2 / 3
"""A write is given two thirds of a lease; a stop waits for it that long."""


class Sites:
    """Opens both vendors of stored connections, with their secrets unsealed for just that."""

    def __init__(self, wiring: Wiring, milestones: Milestones | None = None) -> None:
        self._wiring = wiring
        self._milestones = milestones or Quiet()

    async def pair(self, stack: AsyncExitStack, connection: Connection, hosted: Hosted | None) -> VendorPair:
        """Both systems, open until the stack is closed. Raises `Refused` when no key opens the secrets."""
        wiring = self._wiring
        sealed = await wiring.connections.secrets(connection.id)
        try:
            plain = {name: wiring.sealer.open(connection.name, name, text) for name, text in sealed.items()}
        except ValueError as error:
            raise Refused(f"The stored credentials cannot be opened: {error}") from error
        scope = f"connection:{connection.id}"
        opening = wiring.vendors.open(connection.file, plain, scope=scope, hosted=hosted)
        return await stack.enter_async_context(opening)

    async def open(self, stack: AsyncExitStack, connection: Connection, hosted: Hosted | None) -> Site:
        """The site of the connection; without a host, for reading only."""
        wiring = self._wiring
        pair = await self.pair(stack, connection, hosted)
        scripts = await stack.enter_async_context(JailedScripts())
        return await open_site(
            connection,
            hosted,
            pair,
            wiring.ledger,
            wiring.links,
            wiring.clock,
            self._milestones,
            wiring.horizon,
            partial(wiring.connections.pin_company, connection.id),
            self.fields(pair, connection),
            scripts,
        )

    def fields(self, pair: VendorPair, connection: Connection) -> Fields:
        """What both systems say about their fields, kept with the connection."""
        wiring = self._wiring
        return Fields(pair.catalog, pair.definitions, wiring.clock, store=wiring.fields, connection=connection.id)

    async def probe(self, connection: Connection, hosted: Hosted) -> Failure | None:
        """Asks both vendors whether they are there and take our credentials; what is wrong, or None."""
        try:
            async with AsyncExitStack() as stack:
                pair = await self.pair(stack, connection, hosted)
                await pair.catalog.probe()
                await pair.work_orders.probe()
        except DatabaseAway:
            raise
        except Failure as failure:
            return failure
        return None


def make_worker(
    wiring: Wiring, is_stopping: Callable[[], bool], wake: Signal, milestones: Milestones | None = None
) -> Worker:
    """A worker of this process."""
    sites = Sites(wiring, milestones)
    settings = wiring.settings
    tools = Tools(
        clock=wiring.clock,
        hosting=wiring.hosting,
        queue=wiring.jobs,
        connections=wiring.connections,
        upkeep=wiring.upkeep,
        alerts=Alerts(wiring.record_desk, wiring.mail),
        stories={
            JobKind.IMPORT_TICKET: ImportTickets(),
            JobKind.RESOLVE_NUMBER: ResolveNumbers(),
            JobKind.PUSH_WORK_ORDER: PushWorkOrders(),
            JobKind.PUSH_FILES: PushFiles(),
            JobKind.SWEEP: Sweep(wiring.sweeps, _webhook_watch(wiring, settings)),
        },
        open_site=sites.open,
        probe=sites.probe,
        horizon=wiring.horizon,
        wake=wake,
        is_stopping=is_stopping,
        grace_s=settings.lease_s * _WRITE_SHARE,
    )
    worker = WorkerId(f"{socket.gethostname()}-{PROCESS}-{secrets.token_hex(2)}")
    return Worker(tools, worker, settings.lease_s, settings.history_days)


def _webhook_watch(wiring: Wiring, settings: Settings) -> WebhookCheck:
    watch = WebhookWatch(wiring.connections, Doors(wiring.inbox, settings.public_url))

    async def check(pair: VendorPair, site: Site) -> tuple[Finding, ...]:
        return await watch.findings(site.connection, pair)

    return check
