"""The processes: web, worker, migrate. Each runs until it is told to stop, then hands everything back."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import structlog
import uvicorn
from fastapi import FastAPI

from app import __version__
from app.adapters.postgres.migrate import upgrade
from app.bootstrap.connecting import connection_service
from app.bootstrap.mapping_desk import MappingDesk
from app.bootstrap.wiring import Wiring, wired
from app.bootstrap.working import make_worker
from app.ports.milestones import Milestones
from app.settings import Settings
from app.web.access import AccessTokens
from app.web.admin import admin_router
from app.web.app import create_app, create_health_app
from app.worker.signal import Signal

_log = structlog.get_logger(__name__)


class Stop:
    """Whether the process was told to stop; by SIGTERM, SIGINT, or its owner."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.wake = Signal()

    def __call__(self) -> bool:
        return self._event.is_set()

    def request(self) -> None:
        """Asks for a clean stop."""
        self._event.set()
        self.wake.give()

    async def requested(self) -> None:
        """Returns once a stop was asked for."""
        await self._event.wait()

    def listen(self) -> None:
        """From now on SIGTERM and SIGINT ask for a stop."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self.request)


async def serve(settings: Settings, *, host: str, port: int, with_worker: bool) -> None:
    """Web, and a worker beside it unless told otherwise, until a signal stops them."""
    stop = Stop()
    stop.listen()
    async with wired(settings) as wiring:
        _show_generated(wiring)
        async with listening(web_app(wiring, stop), host, port) as bound:
            _log.info("web.started", address=f"http://{host}:{bound}")
            await _until_stopped(stop, make_worker(wiring, stop, stop.wake).run() if with_worker else None)


async def work(settings: Settings, *, health_host: str, health_port: int, milestones: Milestones | None = None) -> None:
    """A worker until a signal stops it, with its health endpoints when a port is given."""
    stop = Stop()
    stop.listen()
    async with wired(settings) as wiring:
        worker = make_worker(wiring, stop, stop.wake, milestones)
        if not health_port:
            await _until_stopped(stop, worker.run())
            return
        async with listening(health_app(wiring, stop), health_host, health_port):
            await _until_stopped(stop, worker.run())


async def migrate(settings: Settings) -> str:
    """Brings the database to the newest schema; says so."""
    if settings.database_url is None:
        async with wired(settings):
            return "The embedded database is at the newest schema."
    await upgrade(settings.database_url.get_secret_value())
    return "The database is at the newest schema."


def web_app(wiring: Wiring, draining: Callable[[], bool]) -> FastAPI:
    """The web side over the wired adapters."""
    viewer, admin = _tokens(wiring)
    return create_app(
        inbox=wiring.inbox,
        health=wiring.health,
        sealer=wiring.sealer,
        viewer_token=viewer,
        admin_token=admin,
        clock=wiring.clock,
        version=__version__,
        draining=draining,
        extras=(admin_router(MappingDesk(wiring, connection_service(wiring)), AccessTokens(viewer, admin)),),
    )


def health_app(wiring: Wiring, draining: Callable[[], bool]) -> FastAPI:
    """The health side alone, for workers."""
    viewer, admin = _tokens(wiring)
    return create_health_app(
        health=wiring.health, viewer_token=viewer, admin_token=admin, version=__version__, draining=draining
    )


def _tokens(wiring: Wiring) -> tuple[str, str]:
    settings = wiring.settings
    viewer = settings.viewer_token.get_secret_value() if settings.viewer_token else ""
    return viewer, settings.admin_token.get_secret_value() if settings.admin_token else ""


@asynccontextmanager
async def listening(app: FastAPI, host: str, port: int) -> AsyncIterator[int]:
    """The app on a socket, until the block is left; gives the port that was bound."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        ws="none",
        proxy_headers=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    server.capture_signals = suppress  # type: ignore[method-assign, assignment]  # signals are `Stop`'s
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started and not serving.done():
            await asyncio.wait({serving}, timeout=0.01)
        if serving.done():
            await serving
            raise RuntimeError(f"nothing could listen on {host}:{port}")
        yield int(server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        await serving


async def _until_stopped(stop: Stop, running: Awaitable[None] | None) -> None:
    if running is None:
        await stop.requested()
    else:
        await running


def _show_generated(wiring: Wiring) -> None:
    for name, value in wiring.shown.items():
        _log.warning("settings.generated", setting=name, value_shown_once=value)
