"""Reading a request: who asks, which number is meant, what the body says."""

from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.records import WorkOrder
from app.simulators.field_nation.settings import Settings
from app.simulators.field_nation.strict_json import read_json
from app.simulators.field_nation.world import Actor, World

Json = dict[str, Any]


def world_of(request: Request) -> World:
    """The state behind this request's server."""
    world = request.app.state.world
    assert isinstance(world, World)
    return world


def token_text(query: dict[str, str], authorization: str, family: str, settings: Settings) -> str:
    """The token that a call carries, "" for none. The webhooks API takes it from the header only."""
    if family == "rest" and settings.accept_query_token and query.get("access_token"):
        return query["access_token"]
    kind, _, value = authorization.partition(" ")
    accepted = settings.accept_bearer or family == "webhooks"
    return value.strip() if accepted and kind.lower() == "bearer" else ""


def actor_of(request: Request, family: str = "rest") -> Actor:
    """The user whose token this is, or whom `acting_user_id` names; raises a refusal."""
    world = world_of(request)
    query = dict(request.query_params)
    value = token_text(query, request.headers.get("authorization", ""), family, world.settings)
    token = world.tokens.require(value, family, world.settings, world.clock.now())
    company = world.company(token.company_id)
    acting = query.get("acting_user_id")
    if acting is None:
        return Actor(company, token.user_id)
    if not (acting.isascii() and acting.isdigit()) or company.user(int(acting)) is None:
        raise Refusal(403, "You may not act for this user.", family)
    return Actor(company, int(acting))


def order_of(request: Request, actor: Actor) -> WorkOrder:
    """The work order of the path; raises the refusal for an unknown one."""
    return world_of(request).order(actor.company, int(request.path_params["number"]))


async def json_body(request: Request, family: str = "rest") -> Json:
    """The JSON object of the body; an empty body is an empty object. Raises a 400 refusal for anything else."""
    raw = await request.body()
    if not raw.strip():
        return {}
    try:
        body = read_json(raw)
    except ValueError:
        raise Refusal(400, "The body is not valid JSON.", family) from None
    if not isinstance(body, dict):
        raise Refusal(400, "The body must be a JSON object.", family)
    return body


async def json_or_form(request: Request, family: str) -> Json:
    """The body as JSON, or as form fields when the content type says so."""
    if "form-urlencoded" in request.headers.get("content-type", ""):
        return dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
    return await json_body(request, family)


def require_old_call(request: Request, call: str) -> None:
    """Refuse a call that only the old kit has, unless its switch is on: 405 as for a method that a path lacks."""
    if not world_of(request).settings.allows_old(call):
        raise Refusal(405, "Method Not Allowed")
