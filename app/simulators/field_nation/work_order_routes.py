"""REST v2 under `/workorders`."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.simulators.field_nation import operations
from app.simulators.field_nation.asking import actor_of, json_body, order_of, world_of
from app.simulators.field_nation.custom_fields import field_object, fields_object
from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.lists import list_page, read_list_call, tab_counts
from app.simulators.field_nation.location import location_object
from app.simulators.field_nation.records import WorkOrder
from app.simulators.field_nation.schedule import schedule_object
from app.simulators.field_nation.view import View
from app.simulators.field_nation.wire import SECTIONS, columns, milestones_object, pay_section, status_object, whole
from app.simulators.field_nation.world import Actor, World

Json = dict[str, Any]
Handler = Callable[[Request], Awaitable[Response]]
ONE = "/api/rest/v2/workorders/{number:int}"


def _whole(world: World, order: WorkOrder) -> Response:
    # Field Nation REST v2: most writes, creates too, answer 200 with the whole work order.
    return JSONResponse(whole(world.view(order)))


async def list_work_orders(request: Request) -> Response:
    """GET: one page of a tab."""
    actor, world = actor_of(request), world_of(request)
    return JSONResponse(list_page(world, actor, read_list_call(world, actor, dict(request.query_params))))


async def list_tabs(request: Request) -> Response:
    """GET: the tabs with counts."""
    return JSONResponse(tab_counts(world_of(request), actor_of(request)))


async def create_work_order(request: Request) -> Response:
    """POST: a new draft."""
    actor, world = actor_of(request), world_of(request)
    return _whole(world, operations.create(world, actor, await json_body(request)))


async def read_work_order(request: Request) -> Response:
    """GET: the whole work order, or the sections that `columns` names."""
    order, world = order_of(request, actor_of(request)), world_of(request)
    names = [name for name in request.query_params.get("columns", "").split(",") if name]
    return JSONResponse(columns(world.view(order), names)) if names else _whole(world, order)


async def update_work_order(request: Request) -> Response:
    """PUT: a partial update."""
    actor, world = actor_of(request), world_of(request)
    order = order_of(request, actor)
    operations.update(world, actor, order, await json_body(request))
    return _whole(world, order)


async def cancel_work_order(request: Request) -> Response:
    """DELETE: cancel; the reason is a query parameter, third parties also send it in the body."""
    actor, world = actor_of(request), world_of(request)
    order = order_of(request, actor)
    details = {**await json_body(request), **request.query_params}
    operations.act(world, actor, order, "cancel", details)
    return _whole(world, order)


def _acting(action: str) -> Handler:
    async def handle(request: Request) -> Response:
        actor, world = actor_of(request), world_of(request)
        order = order_of(request, actor)
        operations.act(world, actor, order, action, await json_body(request))
        return _whole(world, order)

    return handle


async def route_work_order(request: Request) -> Response:
    """POST: offer the order to one provider, `{"technician": {"id"}}`."""
    actor, world = actor_of(request), world_of(request)
    order = order_of(request, actor)
    technician = (await json_body(request)).get("technician")
    identity = technician.get("id") if isinstance(technician, dict) else None
    if all(one["id"] != identity for one in actor.company.providers):
        raise Refusal(400, "technician.id is required and must be a provider.")
    operations.act(world, actor, order, "route")
    return _whole(world, order)


def _reading(render: Callable[[View], Any]) -> Handler:
    async def handle(request: Request) -> Response:
        order = order_of(request, actor_of(request))
        return JSONResponse(render(world_of(request).view(order)))

    return handle


def _writing(write: Callable[[World, Actor, WorkOrder, Json], None], render: Callable[[View], Any]) -> Handler:
    async def handle(request: Request) -> Response:
        actor, world = actor_of(request), world_of(request)
        order = order_of(request, actor)
        write(world, actor, order, await json_body(request))
        return JSONResponse(render(world.view(order)))

    return handle


def _schedule(view: View) -> Json:
    return schedule_object(view.order, view.zone, view.settings, view.now)


def _location(view: View) -> Json:
    return location_object(view.order, view.settings)


async def read_custom_field(request: Request) -> Response:
    """GET: one field with its value."""
    actor = actor_of(request)
    order = order_of(request, actor)
    definition = actor.company.fields.get(request.path_params["field"])
    if definition is None:
        raise Refusal(404, f"Custom field {request.path_params['field']} was not found.")
    return JSONResponse(field_object(definition, order))


async def write_custom_field(request: Request) -> Response:
    """PUT: `{"value": "text"}`; answers the whole work order."""
    actor, world = actor_of(request), world_of(request)
    order = order_of(request, actor)
    body = await json_body(request)
    operations.put_custom_field(world, actor, order, request.path_params["field"], body.get("value"))
    return _whole(world, order)


async def write_incident(request: Request) -> Response:
    """PUT `{"incident_id"}` or DELETE: the buyer's ticket number; answers the site revisit object."""
    actor, world = actor_of(request), world_of(request)
    order = order_of(request, actor)
    body = await json_body(request)
    operations.put_incident(order, "" if request.method == "DELETE" else body.get("incident_id"))
    return JSONResponse(_incident(world, order))


async def write_job_status(request: Request) -> Response:
    """PUT `{"status", "reason_id"?}`; answers the site revisit object."""
    actor, world = actor_of(request), world_of(request)
    order = order_of(request, actor)
    operations.put_job_status(order, (await json_body(request)).get("status"))
    return JSONResponse(_incident(world, order))


def _incident(world: World, order: WorkOrder) -> Json:
    same = [one for one in world.orders_of(order.company_id) if order.incident_id == one.incident_id != ""]
    return {
        "revisits": [],
        "job_status": {"status": order.job_status, "reason": [], "history": []},
        "incident_id": order.incident_id,
        "related_work_orders": [{"id": one.id, "title": one.title} for one in same if one is not order],
    }


def routes() -> list[Route]:
    """Every route of this module."""
    return [
        Route("/api/rest/v2/workorders", list_work_orders, methods=["GET"]),
        Route("/api/rest/v2/workorders", create_work_order, methods=["POST"]),
        Route("/api/rest/v2/workorders/lists", list_tabs, methods=["GET"]),
        Route(ONE, read_work_order, methods=["GET"]),
        Route(ONE, update_work_order, methods=["PUT"]),
        Route(ONE, cancel_work_order, methods=["DELETE"]),
        Route(f"{ONE}/publish", _acting("publish"), methods=["POST"]),
        Route(f"{ONE}/publish", _acting("unpublish"), methods=["DELETE"]),
        Route(f"{ONE}/draft", _acting("draft"), methods=["DELETE"]),
        Route(f"{ONE}/approve", _acting("approve"), methods=["POST"]),
        Route(f"{ONE}/route", route_work_order, methods=["POST"]),
        Route(f"{ONE}/route", _acting("unroute"), methods=["DELETE"]),
        Route(f"{ONE}/status", _reading(status_object), methods=["GET"]),
        Route(f"{ONE}/milestones", _reading(milestones_object), methods=["GET"]),
        Route(f"{ONE}/eta", _reading(SECTIONS["eta"]), methods=["GET"]),
        Route(f"{ONE}/schedule", _reading(_schedule), methods=["GET"]),
        Route(f"{ONE}/schedule", _writing(operations.put_schedule, _schedule), methods=["PUT"]),
        Route(f"{ONE}/location", _reading(_location), methods=["GET"]),
        Route(f"{ONE}/location", _writing(operations.put_location, _location), methods=["PUT"]),
        Route(f"{ONE}/pay", _reading(pay_section), methods=["GET"]),
        Route(f"{ONE}/pay", _writing(operations.put_pay, pay_section), methods=["PUT"]),
        Route(f"{ONE}/contacts", _reading(SECTIONS["contacts"]), methods=["GET"]),
        Route(f"{ONE}/custom_fields", _reading(lambda view: fields_object(view.order, view.company)), methods=["GET"]),
        Route(f"{ONE}/custom_fields/{{field:int}}", read_custom_field, methods=["GET"]),
        Route(f"{ONE}/custom_fields/{{field:int}}", write_custom_field, methods=["PUT"]),
        Route(f"{ONE}/job-status", write_job_status, methods=["PUT"]),
        Route(f"{ONE}/incident", write_incident, methods=["PUT", "DELETE"]),
    ]
