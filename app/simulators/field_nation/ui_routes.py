"""`/_sim/ui/`: what a person does with the mouse. It fires the same events as the vendor's own screens do."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.simulators.field_nation import operations
from app.simulators.field_nation.asking import json_body, world_of
from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.records import WorkOrder, truth
from app.simulators.field_nation.sim_routes import person
from app.simulators.field_nation.statuses import MOVES
from app.simulators.field_nation.world import Actor, World

Json = dict[str, Any]
ORDERS = "/_sim/ui/{company:int}/workorders"


async def _person_and_body(request: Request) -> tuple[World, Actor, Json]:
    world = world_of(request)
    body = await json_body(request)
    return world, person(world, request.path_params["company"], body.pop("user_id", None)), body


def _order(request: Request, world: World, actor: Actor) -> WorkOrder:
    return world.order(actor.company, request.path_params["number"])


async def create(request: Request) -> Response:
    """POST: a new draft from the API's create body (and `user_id`); no switch makes it lose anything."""
    world, actor, body = await _person_and_body(request)
    return JSONResponse(truth(operations.create(world, actor, body, by_api=False)))


async def edit(request: Request) -> Response:
    """PATCH: the API's update body; custom fields as `{id: value}`, and a wrong schedule is refused, not dropped."""
    world, actor, body = await _person_and_body(request)
    order = _order(request, world, actor)
    values = body.pop("custom_fields", {})
    if not isinstance(values, dict) or not all(key.isascii() and key.isdigit() for key in values):
        raise Refusal(400, "custom_fields: an object of values by id is needed")
    if "schedule" in body:
        operations.put_schedule(world, actor, order, body.pop("schedule"))
    operations.update(world, actor, order, body)
    for field_id, value in values.items():
        operations.put_custom_field(world, actor, order, int(field_id), value)
    return JSONResponse(truth(order))


async def act(request: Request) -> Response:
    """POST: one move of the status table; `provider_id` and `cancel_reason` where it needs them."""
    world, actor, body = await _person_and_body(request)
    action = request.path_params["action"]
    if action not in MOVES:
        raise Refusal(404, f"action: one of {', '.join(MOVES)}")
    order = _order(request, world, actor)
    operations.act(world, actor, order, action, {"cancel_reason": "Cancelled on the screen", **body})
    return JSONResponse(truth(order))


def routes() -> list[Route]:
    """Every route of this module."""
    return [
        Route(ORDERS, create, methods=["POST"]),
        Route(ORDERS + "/{number:int}", edit, methods=["PATCH"]),
        Route(ORDERS + "/{number:int}/{action}", act, methods=["POST"]),
    ]
