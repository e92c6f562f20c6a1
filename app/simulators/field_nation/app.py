"""The server: `uvicorn --factory app.simulators.field_nation.app:create_app`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from app.simulators.field_nation import (
    attachment_routes,
    company_routes,
    definition_routes,
    file_host,
    part_routes,
    provider_routes,
    sim_routes,
    ui_routes,
    webhook_routes,
    work_order_routes,
)
from app.simulators.field_nation.errors import Refusal, error_body
from app.simulators.field_nation.files import PLACE
from app.simulators.field_nation.gate import Gate
from app.simulators.field_nation.seeded import plant
from app.simulators.field_nation.seeding import make_seed
from app.simulators.field_nation.webhooks import iso
from app.simulators.field_nation.world import World

BESIDES = ("/_sim/", f"{PLACE}/")


class Simulator(Starlette):
    """Starlette with the gate outermost, where the server's own `send` can still be reached."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(BESIDES):
            if scope["type"] == "http" and not self.state.world.own_url:
                self._notice_own_address(scope)
            await super().__call__(scope, receive, send)
        else:
            self._notice_own_address(scope)
            await Gate(super().__call__, self.state.world)(scope, receive, send)

    def _notice_own_address(self, scope: Scope) -> None:
        # Links to files have to work for whoever reads them, so they begin as that caller's address of this server.
        host = next((value for name, value in scope["headers"] if name == b"host"), b"")
        self.state.world.own_url = f"{scope['scheme']}://{host.decode('latin-1')}"


def create_app(seed: dict[str, Any] | None = None) -> Starlette:
    """A simulator with the companies of `seed`; without one, with the single company of `make_seed`."""
    seed = make_seed() if seed is None else seed
    app = Simulator(
        routes=[
            *work_order_routes.routes(),
            *provider_routes.routes(),
            *part_routes.routes(),
            *attachment_routes.routes(),
            *file_host.routes(),
            *company_routes.routes(),
            *webhook_routes.routes(),
            *sim_routes.routes(),
            *ui_routes.routes(),
            *definition_routes.routes(),
        ],
        exception_handlers={Refusal: _refused, HTTPException: _not_routed},
        lifespan=_lifespan,
    )
    app.router.redirect_slashes = False
    app.state.world = World(seed)
    plant(app.state.world, seed)
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
