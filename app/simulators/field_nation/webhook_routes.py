"""The management API of webhooks v3, with its envelope."""

import uuid
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.simulators.field_nation.asking import actor_of, json_body, world_of
from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.events import catalogue
from app.simulators.field_nation.webhooks import Webhook, iso
from app.simulators.field_nation.world import World

Json = dict[str, Any]
ROOT = "/api/v1/webhooks"
ONE = ROOT + "/{webhook_id}"


def _answer(world: World, result: Any, **about: Any) -> Response:
    return JSONResponse({"metadata": {"timestamp": iso(world.clock.now()), **about}, "result": result})


async def events(request: Request) -> Response:
    """GET: the catalogue of event names."""
    actor_of(request, "webhooks")
    return _answer(world_of(request), catalogue(), query=dict(request.query_params))


async def create_webhook(request: Request) -> Response:
    """POST: a new webhook; answers 200."""
    actor, world = actor_of(request, "webhooks"), world_of(request)
    body = await json_body(request, "webhooks")
    made = world.registry.create(body, actor.company.id, actor.user_id, world.settings, world.clock.now())
    return _answer(world, made.as_json())


async def list_webhooks(request: Request) -> Response:
    """GET: the company's webhooks, newest first unless asked otherwise."""
    actor, world = actor_of(request, "webhooks"), world_of(request)
    query = request.query_params
    rows = [one.as_json() for one in world.registry.of_company(actor.company.id)]
    for name in ("status", "webhookId"):
        rows = [row for row in rows if row[name] == query[name]] if name in query else rows
    rows = [row for row in rows if query.get("search", "") in row["url"]]
    return _page(world, request, rows, 25, 100, _picked)


def _picked(row: Json, fields: str) -> Json:
    names = {name for name in fields.split(",") if name}
    return {name: value for name, value in row.items() if name in names} if names else row


def _page(
    world: World, request: Request, rows: list[Json], size: int, cap: int, pick: Callable[[Json, str], Json]
) -> Response:
    query = request.query_params
    key = query.get("sortBy", "id")
    newest_first = query.get("sortDirection", "DESC").upper() != "ASC"
    if rows and key in rows[0]:
        rows = sorted(rows, key=lambda row: str(row[key]) if key != "id" else row[key], reverse=newest_first)
    per_page = min(cap, _number(query.get("perPage"), size))
    first = (_number(query.get("page"), 1) - 1) * per_page
    shown = [pick(row, ",".join(query.getlist("fields"))) for row in rows[first : first + per_page]]
    return _answer(world, shown, count=len(shown), total=len(rows))


def _number(text: str | None, otherwise: int) -> int:
    return max(1, int(text)) if text is not None and text.isascii() and text.isdigit() else otherwise


def _found(request: Request) -> tuple[World, Webhook, int]:
    actor, world = actor_of(request, "webhooks"), world_of(request)
    return world, world.registry.find(actor.company.id, request.path_params["webhook_id"]), actor.user_id


async def read_webhook(request: Request) -> Response:
    """GET: one webhook, with its own headers when `webhookAttribute=header` asks for them."""
    world, webhook, _ = _found(request)
    shown = _picked(webhook.as_json(), request.query_params.get("fields", ""))
    if "header" in request.query_params.get("webhookAttribute", "").split(","):
        shown["webhookAttribute"] = {"header": dict(webhook.headers)}
    return _answer(world, shown)


async def update_webhook(request: Request) -> Response:
    """PUT: a partial update; `events` replaces the list."""
    world, webhook, user_id = _found(request)
    body = await json_body(request, "webhooks")
    world.registry.update(webhook, body, user_id, world.settings, world.clock.now())
    return _answer(world, webhook.as_json())


async def delete_webhook(request: Request) -> Response:
    """DELETE: for good; answers what was deleted."""
    world, webhook, _ = _found(request)
    del world.registry.webhooks[webhook.webhook_id]
    shown = webhook.as_json()
    # What is on its way to a deleted webhook stops.
    webhook.status = "archived"
    return _answer(world, shown)


async def webhook_history(request: Request) -> Response:
    """GET: the audit lines of one webhook."""
    world, webhook, _ = _found(request)
    return _page(world, request, list(webhook.history), 25, 100, _picked)


async def delete_attribute(request: Request) -> Response:
    """DELETE: take one own header away."""
    world, webhook, _ = _found(request)
    if request.path_params["kind"] not in ("header", "legacy_field"):
        raise Refusal(400, "attributeType must be header or legacy_field", "webhooks")
    webhook.headers.pop(request.path_params["name"], None)
    return _answer(world, {})


async def delivery_logs(request: Request) -> Response:
    """GET: attempts to deliver, newest first."""
    actor, world = actor_of(request, "webhooks"), world_of(request)
    query = request.query_params
    rows = [one.as_json() for one in world.registry.attempts if one.company_id == actor.company.id]
    for name in ("webhookId", "workOrderId", "eventName", "deliveryStatus", "deliveryId"):
        rows = [row for row in rows if str(row[name]) == query[name]] if name in query else rows
    if "sortBy" not in query and query.get("sortDirection", "DESC").upper() != "ASC":
        rows.reverse()
    return _page(world, request, rows, 50, 500, _picked)


async def delivery_log(request: Request) -> Response:
    """GET: one attempt, with a link to the whole request."""
    actor, world = actor_of(request, "webhooks"), world_of(request)
    found = world.registry.attempt(actor.company.id, request.path_params["delivery_id"])
    link = f"{request.base_url}_sim/deliveries/{found.delivery_id}"
    return _answer(world, {**found.as_json(), "delivery_log": link})


async def retry_delivery(request: Request) -> Response:
    """PATCH: send the stored payload again, to the webhook's present address."""
    actor, world = actor_of(request, "webhooks"), world_of(request)
    found = world.registry.attempt(actor.company.id, request.path_params["delivery_id"])
    world.courier.resend(found, world.registry.find(actor.company.id, found.webhook_id))
    return _answer(world, {"job_id": str(uuid.uuid4())})


def routes() -> list[Route]:
    """Every route of this module; the logs come before the webhook ids, which would take their name for one."""
    return [
        Route(f"{ROOT}/events", events, methods=["GET"]),
        Route(ROOT, list_webhooks, methods=["GET"]),
        Route(ROOT, create_webhook, methods=["POST"]),
        Route(f"{ROOT}/delivery-logs", delivery_logs, methods=["GET"]),
        Route(f"{ROOT}/delivery-logs/{{delivery_id}}", delivery_log, methods=["GET"]),
        Route(f"{ROOT}/delivery-logs/{{delivery_id}}/retry", retry_delivery, methods=["PATCH"]),
        Route(ONE, read_webhook, methods=["GET"]),
        Route(ONE, update_webhook, methods=["PUT"]),
        Route(ONE, delete_webhook, methods=["DELETE"]),
        Route(f"{ONE}/history", webhook_history, methods=["GET"]),
        Route(f"{ONE}/{{kind}}/{{name}}", delete_attribute, methods=["DELETE"]),
    ]
