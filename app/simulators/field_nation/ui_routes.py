"""`/_sim/ui/`: what a person does with the mouse. It fires the same events as the vendor's own screens do."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.simulators.field_nation import operations
from app.simulators.field_nation.asking import json_body, world_of
from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.records import WorkOrder, truth
from app.simulators.field_nation.seeded import person
from app.simulators.field_nation.statuses import MOVES
from app.simulators.field_nation.ui_actions import ACTIONS
from app.simulators.field_nation.webhooks import iso
from app.simulators.field_nation.world import Actor, World

Json = dict[str, Any]
ORDERS = "/_sim/ui/{company:int}/workorders"


async def _person_and_body(request: Request) -> tuple[World, Actor, Json]:
    world = world_of(request)
    body = await json_body(request)
    return world, person(world, request.path_params["company"], body.pop("user_id", None)), body


def _order(request: Request, world: World, actor: Actor) -> WorkOrder:
    return world.order(actor.company, request.path_params["number"])


def _done(world: World, order: WorkOrder, action: str, body: Json, made: Json) -> Response:
    world.calls.noted(iso(world.clock.now()), order.company_id, order.id, action, body)
    return JSONResponse({**truth(order), "made": made})


async def create(request: Request) -> Response:
    """POST: a new draft from the API's create body (and `user_id`); no switch makes it lose anything."""
    world, actor, body = await _person_and_body(request)
    order = operations.create(world, actor, body, by_api=False)
    return _done(world, order, "create", body, {"work_order": order.id})


async def edit(request: Request) -> Response:
    """PATCH: the API's update body; custom fields as `{id: value}`, and a wrong schedule is refused, not dropped."""
    world, actor, body = await _person_and_body(request)
    order, asked = _order(request, world, actor), dict(body)
    values = body.pop("custom_fields", {})
    if not isinstance(values, dict) or not all(key.isascii() and key.isdigit() for key in values):
        raise Refusal(400, "custom_fields: an object of values by id is needed")
    if "schedule" in body:
        operations.put_schedule(world, actor, order, body.pop("schedule"))
    operations.update(world, actor, order, body)
    for field_id, value in values.items():
        operations.put_custom_field(world, actor, order, int(field_id), value)
    return _done(world, order, "edit", asked, {})


async def act(request: Request) -> Response:
    """POST: a move of the status table (`provider_id` and `cancel_reason` where it needs them) or one of ACTIONS.

    Who does it: `user_id` (a user or provider), else `by`: buyer, provider or api.
    """
    world = world_of(request)
    body, name = await json_body(request), request.path_params["action"]
    if name not in MOVES and name not in ACTIONS:
        raise Refusal(404, f"action: one of {', '.join([*MOVES, *ACTIONS])}")
    company = request.path_params["company"]
    order = world.order(world.company(company), request.path_params["number"])
    by = body.get("by", ACTIONS[name].by if name in ACTIONS else "buyer")
    actor = person(world, company, body.get("user_id", _who(world, order, by, body)))
    if name in ACTIONS:
        made = ACTIONS[name].run(world, actor, order, body)
    else:
        operations.act(world, actor, order, name, {"cancel_reason": "Cancelled on the screen", **body})
        made = {}
    return _done(world, order, name, body, made)


def _who(world: World, order: WorkOrder, by: Any, body: Json) -> int | None:
    company = world.company(order.company_id)
    if by == "api":
        return company.users[0].id
    if by != "provider":
        return None
    known = [one["id"] for one in company.providers]
    if not known:
        raise Refusal(400, "The company has no providers.")
    return int(body.get("provider_id", order.assignee or known[0]))


def routes() -> list[Route]:
    """Every route of this module."""
    return [
        Route(ORDERS, create, methods=["POST"]),
        Route(ORDERS + "/{number:int}", edit, methods=["PATCH"]),
        Route(ORDERS + "/{number:int}/{action}", act, methods=["POST"]),
    ]
