"""REST v2: who does the work, and whether it is done."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.simulators.field_nation import operations
from app.simulators.field_nation.asking import actor_of, json_body, order_of, require_old_call, world_of
from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.part_routes import ONE, answer
from app.simulators.field_nation.records import WorkOrder
from app.simulators.field_nation.world import Actor, World


def _begun(request: Request) -> tuple[World, Actor, WorkOrder]:
    actor = actor_of(request)
    return world_of(request), actor, order_of(request, actor)


async def assign(request: Request) -> Response:
    """POST `{"user": {"id"}}`: give the work to a provider."""
    world, actor, order = _begun(request)
    user = (await json_body(request)).get("user")
    if not isinstance(user, dict) or "id" not in user:
        raise Refusal(400, "user.id is required.")
    operations.act(world, actor, order, "assign", {"provider_id": user["id"]})
    return answer(world, order)


async def unassign(request: Request) -> Response:
    """DELETE assignee, or POST provider/cancel: take the provider away."""
    world, actor, order = _begun(request)
    operations.act(world, actor, order, "unassign")
    return answer(world, order)


async def acknowledge_delay(request: Request) -> Response:
    """POST: the buyer knows that the provider is late."""
    world, _, order = _begun(request)
    order.change("delay_s", 0)
    return answer(world, order)


async def providers(request: Request) -> Response:
    """GET: who asks for the work, a bare list."""
    world, _, order = _begun(request)
    view = world.view(order)
    return JSONResponse([{"user": view.person(one), "status": "requested"} for one in order.requests])


async def mark_incomplete(request: Request) -> Response:
    """DELETE with `reason` and `reason_id` in the query: send finished work back."""
    world, actor, order = _begun(request)
    query = request.query_params
    if not query.get("reason") or not query.get("reason_id", "").isdigit():
        raise Refusal(400, "reason and reason_id are required.")
    operations.act(world, actor, order, "incomplete")
    return answer(world, order)


async def complete(request: Request) -> Response:
    """POST: mark the work done."""
    world, actor, order = _begun(request)
    require_old_call(request, "complete")
    operations.complete(world, actor, order)
    return answer(world, order)


async def unapprove(request: Request) -> Response:
    """DELETE: take the approval back."""
    world, actor, order = _begun(request)
    require_old_call(request, "unapprove")
    operations.act(world, actor, order, "unapprove")
    return answer(world, order)


def routes() -> list[Route]:
    """Every route of this module."""
    return [
        Route(f"{ONE}/assignee", assign, methods=["POST"]),
        Route(f"{ONE}/assignee", unassign, methods=["DELETE"]),
        Route(f"{ONE}/provider/cancel", unassign, methods=["POST"]),
        Route(f"{ONE}/provider/delay", acknowledge_delay, methods=["POST"]),
        Route(f"{ONE}/providers", providers, methods=["GET"]),
        Route(f"{ONE}/complete", mark_incomplete, methods=["DELETE"]),
        Route(f"{ONE}/complete", complete, methods=["POST"]),
        Route(f"{ONE}/approve", unapprove, methods=["DELETE"]),
    ]
