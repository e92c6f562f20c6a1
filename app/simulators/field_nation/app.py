"""The server: `uvicorn --factory app.simulators.field_nation.app:create_app`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from app.simulators.field_nation import company_routes, sim_routes, ui_routes, webhook_routes, work_order_routes
from app.simulators.field_nation.errors import Refusal, error_body
from app.simulators.field_nation.gate import Gate
from app.simulators.field_nation.seeding import make_seed
from app.simulators.field_nation.webhooks import iso
from app.simulators.field_nation.world import World


class Simulator(Starlette):
    """Starlette with the gate outermost, where the server's own `send` can still be reached."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/_sim/"):
            await super().__call__(scope, receive, send)
        else:
            await Gate(super().__call__, self.state.world)(scope, receive, send)


def create_app(seed: dict[str, Any] | None = None) -> Starlette:
    """A simulator with the companies of `seed`; without one, with the single company of `make_seed`."""
    seed = make_seed() if seed is None else seed
    app = Simulator(
        routes=[
            *work_order_routes.routes(),
            *company_routes.routes(),
            *webhook_routes.routes(),
            *sim_routes.routes(),
            *ui_routes.routes(),
        ],
        exception_handlers={Refusal: _refused, HTTPException: _not_routed},
        lifespan=_lifespan,
    )
    app.router.redirect_slashes = False
    app.state.world = World(seed)
    sim_routes.plant(app.state.world, seed)
    return app


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    world: World = app.state.world
    yield
    world.faults.release()
    await world.courier.close()


async def _refused(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    world: World = request.app.state.world
    body = error_body(refusal, world.settings, request.url.path, iso(world.clock.now()))
    return JSONResponse(body, refusal.status, refusal.headers)


async def _not_routed(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    family = "webhooks" if request.url.path.startswith("/api/v1/") else "rest"
    return await _refused(request, Refusal(error.status_code, error.detail, family))
