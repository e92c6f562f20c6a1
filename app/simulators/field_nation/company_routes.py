"""The token endpoint and the small company calls of REST v2."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.simulators.field_nation.asking import actor_of, json_or_form, world_of
from app.simulators.field_nation.companies import Company, known
from app.simulators.field_nation.custom_fields import definition_object
from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.expenses import category_object
from app.simulators.field_nation.lists import whole_number
from app.simulators.field_nation.operations import INCOMPLETE_REASONS
from app.simulators.field_nation.pay import metadata

Json = dict[str, Any]
Handler = Callable[[Request], Awaitable[Response]]


async def token(request: Request) -> Response:
    """POST: a token for JSON or form credentials."""
    world = world_of(request)
    body = await json_or_form(request, "token")
    companies = list(world.companies.values())
    return JSONResponse(world.tokens.grant(body, companies, world.settings, world.clock.now()))


async def managers(request: Request) -> Response:
    """GET: the users who may manage work orders, a bare list."""
    company = actor_of(request).company
    people = [one for one in company.users if company.is_manager(one.id)]
    rows = [{"id": one.id, "first_name": one.first_name, "last_name": one.last_name} for one in people]
    return JSONResponse(rows)


def _collection(rows: list[Json], **more: Any) -> Response:
    about = metadata(len(rows), 1, max(25, len(rows)))
    return JSONResponse({"metadata": about, "params": [], "results": rows, "actions": [], **more})


def _listing(attribute: str) -> Handler:
    async def handle(request: Request) -> Response:
        return _collection(list(getattr(actor_of(request).company, attribute)))

    return handle


async def expenses(request: Request) -> Response:
    """GET: the categories that an expense may have."""
    company = actor_of(request).company
    return _collection([category_object(company, one["id"]) for one in company.expenses])


async def incomplete_reasons(request: Request) -> Response:
    """GET: why finished work may be sent back, a bare list."""
    actor_of(request)
    return JSONResponse([{"id": number, "reason": text} for number, text in INCOMPLETE_REASONS.items()])


def _paged(request: Request, rows: list[Json]) -> Response:
    """One page: 25 rows unless `per_page` says otherwise, up to the cap. That `page` counts everywhere is assumed."""
    cap = world_of(request).settings.per_page_cap
    page = max(1, whole_number(request.query_params.get("page"), 1))
    per_page = min(cap, max(1, whole_number(request.query_params.get("per_page"), 25)))
    first = (page - 1) * per_page
    about = metadata(len(rows), page, per_page)
    shown = rows[first : first + per_page]
    return JSONResponse({"metadata": about, "params": [], "lists": [], "results": shown, "actions": []})


async def clients(request: Request) -> Response:
    """GET: ids only (seen in the sandbox); names come from reading one."""
    return _paged(request, [{"id": one["id"]} for one in actor_of(request).company.clients])


async def projects(request: Request) -> Response:
    """GET: as the schema has it, ids and finance without names; those come from reading one."""
    return _paged(request, [{"id": one["id"], "finance": {}} for one in actor_of(request).company.projects])


async def templates(request: Request) -> Response:
    """GET: as the schema has it, ids without names; those come from reading one."""
    return _collection([{"id": one["id"], "actions": []} for one in actor_of(request).company.templates], lists=[])


async def locations(request: Request) -> Response:
    """GET: the saved locations, a page of them."""
    return _paged(request, list(actor_of(request).company.locations))


def _one_of(attribute: str, what: str) -> Handler:
    async def handle(request: Request) -> Response:
        row = known(getattr(actor_of(request).company, attribute), request.path_params["number"])
        if row is None:
            raise Refusal(404, f"The {what} was not found.")
        return JSONResponse(row)

    return handle


async def custom_fields(request: Request) -> Response:
    """GET: the definitions of the company's custom fields."""
    company, shown = actor_of(request).company, world_of(request).settings.definitions_show_options
    rows = [definition_object(one, with_options=shown) for one in company.fields.values()]
    return _collection(rows, lists=[])


async def user(request: Request) -> Response:
    """GET: one user of the company, or a provider."""
    company, number = actor_of(request).company, request.path_params["number"]
    shown = _person(company, number)
    if shown is None:
        raise Refusal(404, f"User {number} was not found.")
    return JSONResponse({"w2": False, "thumbnail": "", "zip": "", "custom_fields": {"results": []}, **shown})


def _person(company: Company, number: int) -> Json | None:
    own = company.user(number)
    if own is not None:
        return {"id": own.id, "first_name": own.first_name, "last_name": own.last_name, "email": own.username}
    row = known(company.providers, number)
    names = ("id", "first_name", "last_name", "email")
    return None if row is None else {name: row.get(name, "") for name in names}


def routes() -> list[Route]:
    """Every route of this module."""
    rest = "/api/rest/v2"
    return [
        Route("/authentication/api/oauth/token", token, methods=["POST"]),
        Route(f"{rest}/company/managers", managers, methods=["GET"]),
        Route(f"{rest}/company/tags", _listing("tags"), methods=["GET"]),
        Route(f"{rest}/company/expenses", expenses, methods=["GET"]),
        Route(f"{rest}/company/incomplete-reasons", incomplete_reasons, methods=["GET"]),
        Route(f"{rest}/types-of-work", _listing("types_of_work"), methods=["GET"]),
        Route(f"{rest}/projects", projects, methods=["GET"]),
        Route(f"{rest}/projects/{{number:int}}", _one_of("projects", "project"), methods=["GET"]),
        Route(f"{rest}/templates", templates, methods=["GET"]),
        Route(f"{rest}/templates/{{number:int}}", _one_of("templates", "template"), methods=["GET"]),
        Route(f"{rest}/locations", locations, methods=["GET"]),
        Route(f"{rest}/clients", clients, methods=["GET"]),
        Route(f"{rest}/clients/{{number:int}}", _one_of("clients", "client"), methods=["GET"]),
        Route(f"{rest}/custom-fields", custom_fields, methods=["GET"]),
        Route(f"{rest}/users/{{number:int}}", user, methods=["GET"]),
    ]
