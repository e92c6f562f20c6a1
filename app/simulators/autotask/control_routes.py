"""What the handlers under `/_sim/` have in common: their form, their bodies, and how a wrong request is answered."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.simulators.autotask.contract import operations
from app.simulators.autotask.errors import ApiError

Handler = Callable[[Request], Awaitable[Response]]


def routes_of(table: list[tuple[str, str, Handler]]) -> list[Route]:
    """Routes from method, path and handler."""
    return [Route(path, _guarded(handler), methods=[method]) for method, path, handler in table]


def _guarded(handler: Handler) -> Handler:
    async def guarded(request: Request) -> Response:
        try:
            return await handler(request)
        except ApiError as error:
            return Response(error.body(), error.status, media_type="application/json")
        except (KeyError, ValueError, TypeError) as error:
            return JSONResponse({"errors": [f"bad control request: {error!r}"]}, 400)

    return guarded


async def body_of(request: Request) -> Any:
    """The JSON body; an empty object without one."""
    raw = await request.body()
    return json.loads(raw) if raw else {}


def ci_of(request: Request) -> int | None:
    """The database that `?database=` names."""
    value = request.query_params.get("database")
    return int(value) if value is not None else None


def entity_of(name: str) -> str:
    """The vendor's spelling of an entity name, whatever its case. `Timesheets` is the simulator's own table."""
    known = {entity.lower(): entity for entity in operations()} | {"timesheets": "Timesheets"}
    return known.get(name.lower(), name)
