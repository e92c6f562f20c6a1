"""REST v2 under one work order: time logs, expenses, messages, tasks, tags, problems."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.simulators.field_nation import activity, part_acts, visits
from app.simulators.field_nation.asking import actor_of, json_body, order_of, require_old_call, world_of
from app.simulators.field_nation.collection import page_of
from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.expenses import expense_facts, expense_rows
from app.simulators.field_nation.messages import message_facts, message_rows
from app.simulators.field_nation.operations import must_be_open
from app.simulators.field_nation.records import WorkOrder
from app.simulators.field_nation.tasks import task_row, tasks_section
from app.simulators.field_nation.time_logs import time_log_facts, time_log_rows
from app.simulators.field_nation.view import View
from app.simulators.field_nation.wire import problems_section, tags_section, whole
from app.simulators.field_nation.world import Actor, World

Json = dict[str, Any]
Handler = Callable[[Request], Awaitable[Response]]
ONE = "/api/rest/v2/workorders/{number:int}"


def listing(rows: Callable[[View], list[Json]], facts: Callable[[View], Json]) -> Handler:
    """A GET of one page of a list."""

    async def handle(request: Request) -> Response:
        order, world = order_of(request, actor_of(request)), world_of(request)
        view = world.view(order)
        return JSONResponse({**page_of(rows(view), request.query_params, world.settings), **facts(view)})

    return handle


def _section(render: Callable[[View], Json]) -> Handler:
    async def handle(request: Request) -> Response:
        return JSONResponse(render(world_of(request).view(order_of(request, actor_of(request)))))

    return handle


async def started(request: Request, old_call: str = "") -> tuple[World, Actor, WorkOrder]:
    """What every write begins with: who, which order, and whether the order can still change."""
    world, actor = world_of(request), actor_of(request)
    order = order_of(request, actor)
    if old_call:
        require_old_call(request, old_call)
    must_be_open(order)
    return world, actor, order


def answer(world: World, order: WorkOrder) -> Response:
    """Most writes answer with the whole work order; the new row has to be looked for."""
    return JSONResponse(whole(world.view(order)))


async def add_time_log(request: Request) -> Response:
    """POST: a time log by hand."""
    world, actor, order = await started(request)
    visits.must_have_a_provider(order)
    visits.add_time_log(world, actor, order, await json_body(request))
    return answer(world, order)


async def edit_time_log(request: Request) -> Response:
    """PUT: one time log; `id` in the body must be that of the path."""
    world, actor, order = await started(request)
    body, number = await json_body(request), request.path_params["log"]
    if visits.named_id(body) != number:
        raise Refusal(400, "id is not the id of the path.")
    visits.edit_time_log(actor, order, number, body)
    return answer(world, order)


async def edit_time_logs(request: Request) -> Response:
    """PUT: several time logs, all or none."""
    world, actor, order = await started(request)
    visits.edit_time_logs(actor, order, await json_body(request))
    return answer(world, order)


async def delete_time_log(request: Request) -> Response:
    """DELETE: one time log."""
    world, _, order = await started(request)
    visits.delete_time_log(order, request.path_params["log"])
    return answer(world, order)


async def verify_time_log(request: Request) -> Response:
    """PUT: take one time log for right."""
    world, _, order = await started(request, "verify_time_log")
    visits.verify_time_log(order, request.path_params["log"])
    return answer(world, order)


async def add_expense(request: Request) -> Response:
    """POST: an expense; `amount` is text."""
    world, actor, order = await started(request)
    visits.must_have_a_provider(order)
    part_acts.add_expense(world, actor, order, await json_body(request))
    return answer(world, order)


async def edit_expense(request: Request) -> Response:
    """PUT: fields and status of an expense."""
    world, actor, order = await started(request)
    part_acts.edit_expense(world, actor, order, request.path_params["expense"], await json_body(request))
    return answer(world, order)


async def remove_expense(request: Request) -> Response:
    """DELETE: an expense."""
    world, _, order = await started(request, "delete_expense")
    part_acts.remove_expense(order, request.path_params["expense"])
    return answer(world, order)


async def _messages(request: Request, world: World, order: WorkOrder) -> Response:
    view = world.view(order)
    return JSONResponse({**page_of(message_rows(view), request.query_params, world.settings), **message_facts(view)})


async def post_message(request: Request) -> Response:
    """POST: a message; answers the list of messages. A finished order can still be talked about (assumed)."""
    world, actor = world_of(request), actor_of(request)
    order = order_of(request, actor)
    part_acts.post_message(world, actor, order, await json_body(request), "ASSIGNEDTECH")
    return await _messages(request, world, order)


async def reply(request: Request) -> Response:
    """POST: an answer to a message; answers the list of messages."""
    world, actor = world_of(request), actor_of(request)
    order = order_of(request, actor)
    part_acts.reply(world, actor, order, request.path_params["message"], await json_body(request))
    return await _messages(request, world, order)


async def change_message(request: Request) -> Response:
    """PUT or DELETE: other words, or none."""
    is_edit = request.method == "PUT"
    world, _, order = await started(request, "edit_message" if is_edit else "delete_message")
    number = request.path_params["message"]
    if is_edit:
        part_acts.edit_message(order, number, await json_body(request))
    else:
        part_acts.delete_message(order, number)
    return await _messages(request, world, order)


async def read_task(request: Request) -> Response:
    """GET: one task."""
    order = order_of(request, actor_of(request))
    task = order.tasks.get(request.path_params["task"])
    if task is None:
        raise Refusal(404, f"Task {request.path_params['task']} was not found.")
    return JSONResponse(task_row(world_of(request).view(order), task))


async def tag(request: Request) -> Response:
    """POST `{"id"}` or DELETE: a tag of the company."""
    world, actor, order = await started(request)
    if request.method == "POST":
        activity.add_tag(world, actor, order, (await json_body(request)).get("id"))
    else:
        activity.remove_tag(world, actor, order, request.path_params["tag"])
    return answer(world, order)


def routes() -> list[Route]:
    """Every route of this module."""
    log, expense, message = (
        f"{ONE}/time_logs/{{log:int}}",
        f"{ONE}/expenses/{{expense:int}}",
        f"{ONE}/messages/{{message}}",
    )
    return [
        Route(f"{ONE}/time_logs", listing(time_log_rows, time_log_facts), methods=["GET"]),
        Route(f"{ONE}/time_logs", add_time_log, methods=["POST"]),
        Route(f"{ONE}/time_logs", edit_time_logs, methods=["PUT"]),
        Route(log, edit_time_log, methods=["PUT"]),
        Route(log, delete_time_log, methods=["DELETE"]),
        Route(f"{log}/verify", verify_time_log, methods=["PUT"]),
        Route(f"{ONE}/expenses", listing(expense_rows, expense_facts), methods=["GET"]),
        Route(f"{ONE}/expenses", add_expense, methods=["POST"]),
        Route(expense, edit_expense, methods=["PUT"]),
        Route(expense, remove_expense, methods=["DELETE"]),
        Route(f"{ONE}/messages", listing(message_rows, message_facts), methods=["GET"]),
        Route(f"{ONE}/messages", post_message, methods=["POST"]),
        Route(message, reply, methods=["POST"]),
        Route(message, change_message, methods=["PUT", "DELETE"]),
        Route(f"{ONE}/tasks", _section(tasks_section), methods=["GET"]),
        Route(f"{ONE}/tasks/{{task:int}}", read_task, methods=["GET"]),
        Route(f"{ONE}/tags", _section(tags_section), methods=["GET"]),
        Route(f"{ONE}/tags", tag, methods=["POST"]),
        Route(f"{ONE}/tags/{{tag:int}}", tag, methods=["DELETE"]),
        Route(f"{ONE}/problems", _section(problems_section), methods=["GET"]),
    ]
