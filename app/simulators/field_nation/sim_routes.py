"""`/_sim/`: the truth, the record of calls, faults and switches. No token, no limit, no fault applies here."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.simulators.field_nation.asking import json_body, world_of
from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.records import truth
from app.simulators.field_nation.seeded import plant
from app.simulators.field_nation.webhooks import STATES
from app.simulators.field_nation.world import World

Json = dict[str, Any]


async def state(request: Request) -> Response:
    """GET: everything about one company, or about all of them by id."""
    world = world_of(request)
    asked = request.query_params.get("company")
    if asked is not None:
        return JSONResponse(_truth(world, _int(asked, "company")))
    return JSONResponse({"companies": {str(number): _truth(world, number) for number in world.companies}})


def _truth(world: World, company_id: int) -> Json:
    company = world.company(company_id)
    return {
        "company_id": company.id,
        "name": company.name,
        "work_orders": [truth(order) for order in world.orders_of(company_id)],
        "webhooks": [one.as_json() for one in world.registry.of_company(company_id)],
        "deliveries": [one.as_json() for one in world.registry.attempts if one.company_id == company_id],
        "deliveries_under_way": world.courier.under_way,
        "deliveries_held": world.courier.held(company_id),
        "deliveries_dropped": world.courier.dropped,
    }


def _int(text: str, name: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise Refusal(400, f"{name}: a number is needed")
    return int(text)


async def calls(request: Request) -> Response:
    """GET: counts per endpoint, company and client, and calls in flight."""
    return JSONResponse(world_of(request).calls.report())


async def writes(request: Request) -> Response:
    """GET: every write that arrived by the API, in order; `by` ui or all, and any attribute, narrow it."""
    return JSONResponse(world_of(request).calls.journal(**dict(request.query_params)))


async def reset(request: Request) -> Response:
    """POST: back to the seeds."""
    world = world_of(request)
    await world.reset()
    for sown in world.seeds:
        plant(world, sown)
    return JSONResponse({"ok": True})


async def reset_calls(request: Request) -> Response:
    """POST: forget counts and journal only."""
    world_of(request).reset_calls()
    return JSONResponse({"ok": True})


async def seed(request: Request) -> Response:
    """POST: add companies, switches and work orders."""
    world = world_of(request)
    body = await json_body(request)
    try:
        world.sow(body)
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise Refusal(400, f"seed: {type(wrong).__name__}: {wrong}") from None
    made = plant(world, body)
    return JSONResponse({"companies": sorted(world.companies), "work_orders": made})


async def settings(request: Request) -> Response:
    """GET or PATCH: the switches; a PATCH with anything wrong changes nothing."""
    world = world_of(request)
    if request.method == "PATCH":
        wrong = world.settings.patch(await json_body(request))
        if wrong:
            raise Refusal(400, "; ".join(wrong))
    return JSONResponse(world.settings.as_dict())


async def faults(request: Request) -> Response:
    """GET, POST or DELETE (`?id=` for one): standing faults, and how many calls are held."""
    world = world_of(request)
    if request.method == "POST":
        return JSONResponse(world.faults.add(await json_body(request)).as_json())
    if request.method == "DELETE":
        asked = request.query_params.get("id")
        world.faults.clear(None if asked is None else _int(asked, "id"))
    standing = [one.as_json() for one in world.faults.standing]
    return JSONResponse({"faults": standing, "held": len(world.faults.held)})


async def release(request: Request) -> Response:
    """POST: let every held call go on."""
    return JSONResponse({"released": world_of(request).faults.release()})


async def clock(request: Request) -> Response:
    """POST `{"advance_s": n}`: let time pass for tokens, limits and the patience with dead webhooks."""
    world = world_of(request)
    seconds = (await json_body(request)).get("advance_s", 0)
    if not isinstance(seconds, (int, float)):
        raise Refusal(400, "advance_s: a number is needed")
    world.clock.advance(seconds)
    return JSONResponse({"now": world.clock.now().isoformat()})


async def revoke_tokens(request: Request) -> Response:
    """POST: make every token unknown."""
    return JSONResponse({"revoked": world_of(request).tokens.revoke_all()})


async def emit(request: Request) -> Response:
    """POST `{company, work_order, event, params?, user_id?}`: an event of any name, with another or no user."""
    world = world_of(request)
    body = await json_body(request)
    order = world.order(world.company(body.get("company", 0)), body.get("work_order", 0))
    name = body.get("event", "")
    listening = [one for one in world.registry.of_company(order.company_id) if one.status == "active"]
    for webhook in listening:
        # An unknown name cannot be subscribed to, so it goes to everybody.
        webhook.events.append(name)
    world.announce(order, name, body.get("user_id"), body.get("params"))
    for webhook in listening:
        webhook.events.remove(name)
    return JSONResponse({"sent_to": len(listening)})


async def release_deliveries(request: Request) -> Response:
    """POST `{order?: kept|reversed|shuffled, seed?, count?}`: let held deliveries go, one after the other."""
    world = world_of(request)
    body = await json_body(request)
    how = body.get("order", "kept")
    if how not in ("kept", "reversed", "shuffled"):
        raise Refusal(400, "order: one of kept, reversed, shuffled")
    return JSONResponse({"released": world.courier.release(how, body.get("seed", 1), body.get("count"))})


async def discard_deliveries(request: Request) -> Response:
    """POST: lose every held delivery."""
    return JSONResponse({"discarded": world_of(request).courier.discard()})


async def webhook_state(request: Request) -> Response:
    """POST `{"status"}`: the vendor itself switches a webhook, as after a week of failures."""
    world, status = world_of(request), (await json_body(request)).get("status")
    webhook = world.registry.webhooks.get(request.path_params["webhook_id"])
    if webhook is None or status not in STATES:
        raise Refusal(400, f"a known webhook and a status of {', '.join(STATES)} are needed")
    world.registry.set_status(webhook, status, world.clock.now())
    return JSONResponse(webhook.as_json())


async def delivery(request: Request) -> Response:
    """GET: what was sent in one attempt, headers and body."""
    wanted = request.path_params["delivery_id"]
    for one in world_of(request).registry.attempts:
        if one.delivery_id == wanted:
            sent = {"headers": one.request_headers, "body": one.body.decode()}
            return JSONResponse({"request": sent, "response": {"status": one.status}})
    raise Refusal(404, "No such delivery.")


def routes() -> list[Route]:
    """Every route of this module."""
    return [
        Route("/_sim/state", state, methods=["GET"]),
        Route("/_sim/calls", calls, methods=["GET"]),
        Route("/_sim/writes", writes, methods=["GET"]),
        Route("/_sim/reset", reset, methods=["POST"]),
        Route("/_sim/reset-calls", reset_calls, methods=["POST"]),
        Route("/_sim/seed", seed, methods=["POST"]),
        Route("/_sim/settings", settings, methods=["GET", "PATCH"]),
        Route("/_sim/faults", faults, methods=["GET", "POST", "DELETE"]),
        Route("/_sim/release", release, methods=["POST"]),
        Route("/_sim/clock", clock, methods=["POST"]),
        Route("/_sim/revoke-tokens", revoke_tokens, methods=["POST"]),
        Route("/_sim/events", emit, methods=["POST"]),
        Route("/_sim/webhooks/{webhook_id}", webhook_state, methods=["POST"]),
        Route("/_sim/deliveries/release", release_deliveries, methods=["POST"]),
        Route("/_sim/deliveries/discard", discard_deliveries, methods=["POST"]),
        Route("/_sim/deliveries/{delivery_id}", delivery, methods=["GET"]),
    ]
