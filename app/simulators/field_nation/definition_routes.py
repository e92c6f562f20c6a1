"""`/_sim/custom-fields/`: what an administrator does to the company's custom fields. The API itself cannot do it."""

from dataclasses import asdict, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.simulators.field_nation.asking import json_body, world_of
from app.simulators.field_nation.companies import Company, FieldDefinition, read_definition
from app.simulators.field_nation.custom_fields import FLAGS, FORMS, ROLES
from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.world import World

Json = dict[str, Any]
TYPES = (*FORMS, "predefined")
TEXTS = ("name", "type", "role", "tip", "category")
LISTS = ("flags", "options")


async def definitions(request: Request) -> Response:
    """GET: all of them, as they are kept."""
    _, company = _place(request)
    return JSONResponse([asdict(one) for one in company.fields.values()])


async def add(request: Request) -> Response:
    """POST `{name, id?, type?, role?, flags?, options?, tip?, category?}`: one more, in old work orders too."""
    world, company = _place(request)
    body = await json_body(request)
    _require_fit(body, ("id", *TEXTS, *LISTS))
    if "name" not in body:
        raise Refusal(400, "name: text is needed")
    number = body.get("id", max([company.id * 100, *company.fields]) + 1)
    if type(number) is not int or number in company.fields:
        raise Refusal(400, "id: a number that no other field has is needed")
    order = max((one.order for one in company.fields.values()), default=-1) + 1
    return _stand(world, company, read_definition({**body, "id": number}, order))


async def change(request: Request) -> Response:
    """PATCH: any part but the id. Values stay as they are, even those that no longer fit."""
    world, company = _place(request)
    known = _known(request, company)
    body = await json_body(request)
    _require_fit(body, (*TEXTS, *LISTS))
    parts: Json = {key: tuple(value) if key in LISTS else value for key, value in body.items()}
    return _stand(world, company, replace(known, **parts))


async def remove(request: Request) -> Response:
    """DELETE: the field and its values are gone from every work order; no event tells of it."""
    world, company = _place(request)
    removed = company.fields.pop(_known(request, company).id)
    for order in world.orders_of(company.id):
        kept = {key: value for key, value in order.custom_fields.items() if key != removed.id}
        order.change("custom_fields", kept)
    _renew(world, company)
    return JSONResponse(asdict(removed))


def _place(request: Request) -> tuple[World, Company]:
    world = world_of(request)
    return world, world.company(request.path_params["company"])


def _known(request: Request, company: Company) -> FieldDefinition:
    definition = company.fields.get(request.path_params["field"])
    if definition is None:
        raise Refusal(404, f"Company {company.id} has no custom field {request.path_params['field']}.")
    return definition


def _require_fit(body: Json, names: tuple[str, ...]) -> None:
    for key, value in body.items():
        if key not in names:
            raise Refusal(400, f"{key}: one of {', '.join(names)} is needed")
        if key in TEXTS and not isinstance(value, str):
            raise Refusal(400, f"{key}: text is needed")
        if key in LISTS and not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
            raise Refusal(400, f"{key}: a list of texts is needed")
    closed = (("type", TYPES), ("role", tuple(ROLES)))
    wrong = [f"{key}: one of {', '.join(texts)}" for key, texts in closed if body.get(key, texts[0]) not in texts]
    if any(one not in FLAGS for one in body.get("flags", [])):
        wrong.append(f"flags: any of {', '.join(FLAGS)}")
    if wrong:
        raise Refusal(400, "; ".join(wrong))


def _stand(world: World, company: Company, definition: FieldDefinition) -> Response:
    company.fields[definition.id] = definition
    _renew(world, company)
    return JSONResponse(asdict(definition))


def _renew(world: World, company: Company) -> None:
    """Every work order shows its fields anew, so the digest of that section changes."""
    for order in world.orders_of(company.id):
        order.touch("custom_fields")


def routes() -> list[Route]:
    """Every route of this module."""
    place = "/_sim/custom-fields/{company:int}"
    return [
        Route(place, definitions, methods=["GET"]),
        Route(place, add, methods=["POST"]),
        Route(place + "/{field:int}", change, methods=["PATCH"]),
        Route(place + "/{field:int}", remove, methods=["DELETE"]),
    ]
