"""The simulator as an ASGI application: the vendor's API, and its own truth under `/_sim/`."""

import contextlib
import copy
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from app.simulators.autotask.control import Control
from app.simulators.autotask.delivery import Delivery
from app.simulators.autotask.serve import Server
from app.simulators.autotask.silence import SEND_KEY
from app.simulators.autotask.world import World

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]


class Simulator(Starlette):
    """Starlette that keeps the server's own `send` in reach, so that a connection can be dropped on command."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope[SEND_KEY] = send
        await super().__call__(scope, receive, send)


def create_app(seed: dict[str, Any] | None = None) -> Starlette:
    """The simulator with the databases of a seed (see `seeding`), none without one. Usable as a uvicorn factory."""
    world = World()
    delivery = Delivery(world)
    world.listeners.append(delivery.heard)
    initial = copy.deepcopy(seed or {})
    world.load(copy.deepcopy(initial))

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await world.stop()
        await delivery.close()

    control = Control(world, delivery, initial)
    vendor = Route("/{path:path}", Server(world).__call__, methods=_METHODS)
    app = Simulator(routes=[*control.routes(), vendor], lifespan=lifespan)
    app.state.world = world
    return app
