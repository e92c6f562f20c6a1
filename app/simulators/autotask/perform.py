"""One authenticated call against one database, without waiting: the answer, and whether something was committed."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from app.simulators.autotask import reading, writes
from app.simulators.autotask.contract import Route, operations
from app.simulators.autotask.drafts import Actor
from app.simulators.autotask.errors import NO_QUERY_BODY, NOTHING_TO_DELETE, ApiError, no_permission
from app.simulators.autotask.limits import requests_used
from app.simulators.autotask.metadata import describe_entity, describe_field, describe_udf
from app.simulators.autotask.records import ATTACHMENT_VIEWS, Database, User
from app.simulators.autotask.world import World

VERBS = {"POST": "create", "PATCH": "update", "PUT": "update", "DELETE": "delete"}


@dataclass(frozen=True)
class Call:
    """What is asked. `body` is parsed JSON, None without one."""

    method: str
    path: str
    route: Route
    db: Database
    user: User
    body: Any
    params: dict[str, str]
    base_url: str
    impersonate: str | None = None

    @property
    def is_write(self) -> bool:
        reads = self.route.kind in ("query", "next", "count")
        return self.method in VERBS and not reads and self.method in self.route.methods


@dataclass(frozen=True)
class Answer:
    status: int
    body: str
    item_id: int | None = None

    @property
    def committed(self) -> bool:
        return self.item_id is not None


def wrong_method(method: str) -> Answer:
    """A path that exists does not take this method."""
    text = f"The requested resource does not support http method '{method}'."
    return Answer(405, json.dumps({"Message": text}))


def perform(world: World, call: Call) -> Answer:
    """Do the call. Every refusal is an answer; nothing is raised."""
    if call.method not in call.route.methods:
        return wrong_method(call.method)
    try:
        if call.is_write:
            return _write(world, call)
        if call.route.segment in _SPECIAL:
            return Answer(200, json.dumps(_SPECIAL[call.route.segment](world, call)))
        return _READS[call.route.kind](call)
    except ApiError as error:
        return Answer(error.status, error.body())


def _write(world: World, call: Call) -> Answer:
    db, route, verb = call.db, call.route, VERBS[call.method]
    if call.user.access(route.entity)[verb] == "None":
        no_match = verb == "delete" and db.switches.forbidden_delete_is_no_match
        raise ApiError(NOTHING_TO_DELETE) if no_match else no_permission(verb)
    actor = writes.actor_for(db, Actor(call.user.resource_id, call.user), route.entity, verb, call.impersonate)
    parent = None
    if route.parent is not None and route.parent_field is not None and route.parent_id is not None:
        parent = writes.Parent(route.parent, route.parent_field, route.parent_id)
    if call.method == "POST":
        done = writes.create(world, db, route.entity, call.body, actor, parent)
    elif call.method == "DELETE":
        done = writes.delete(world, db, route.entity, route.record_id or 0, actor, parent)
    else:
        put = call.method == "PUT"
        done = writes.update(world, db, route.entity, call.body, actor, parent, replace=put)
    return Answer(200, json.dumps({"itemId": done}), done)


def _require_read(call: Call) -> bool:
    """Whether rows are visible. A restricted user sees none rather than an error; impersonated reads are refused."""
    access = call.user.access(call.route.entity)["query"]
    if access == "None" or call.impersonate:
        raise no_permission("query")
    return access != "Restricted"


def _query_of(call: Call) -> tuple[reading.Query, str | None]:
    visible, search, body = _require_read(call), None, call.body
    if call.method == "GET":
        search = call.params.get("search")
        body = _parsed(search)
    if body is None:
        raise ApiError(NO_QUERY_BODY)
    query = reading.read_query(call.db, call.route.entity, body)
    return (query if visible else replace(query, matches=lambda row: False)), search


def _parsed(search: str | None) -> Any:
    try:
        return json.loads(search) if search else None
    except ValueError:
        raise ApiError("Invalid query syntax. The search parameter is not valid JSON.") from None


def _query(call: Call) -> Answer:
    query, search = _query_of(call)
    return Answer(200, reading.page(call.db, query, call.base_url, None, search))


def _next(call: Call) -> Answer:
    # Seen by five independent clients: a page of a POST query is fetched by POST with the same body, GET is a 405.
    if call.method == "GET" and "search" not in call.params:
        return wrong_method("GET")
    query, search = _query_of(call)
    after_id, rows = reading.cursor_of(call.params.get("paging"))
    return Answer(200, reading.page(call.db, replace(query, page_rows=rows), call.base_url, after_id, search))


def _count(call: Call) -> Answer:
    query, _ = _query_of(call)
    return Answer(200, reading.count(call.db, query))


def _item(call: Call) -> Answer:
    row = call.db.find(call.route.entity, call.route.record_id) if _require_read(call) else None
    if row is None and not call.db.switches.missing_id_is_null:
        return Answer(404, "")
    return Answer(200, reading.item(call.db, call.route.entity, row))


def _child_item(call: Call) -> Answer:
    route = call.route
    row = call.db.find(route.entity, route.record_id) if _require_read(call) else None
    if row is not None and row.get(route.parent_field or "") != route.parent_id:
        row = None
    if row is None and not call.db.switches.missing_id_is_null:
        return Answer(404, "")
    if row is not None and route.entity in ATTACHMENT_VIEWS:
        return Answer(200, reading.attachment(route.entity, row))
    return Answer(200, reading.item(call.db, route.entity, row))


def _children(call: Call) -> Answer:
    route = call.route
    parent_id = route.parent_id if _require_read(call) and route.parent_id is not None else -1
    return Answer(200, reading.children(call.db, route.entity, route.parent_field or "", parent_id))


def _info(call: Call) -> Answer:
    info = describe_entity(call.route.entity, call.user.access(call.route.entity))
    return Answer(200, json.dumps({"info": info}))


def _fields(call: Call) -> Answer:
    name = call.route.entity
    spec = call.db.spec(name)
    fields = list(spec.fields.values()) if spec is not None else []
    rows = [describe_field(name, field, call.db.picks(name, field.name)) for field in fields]
    return Answer(200, json.dumps({"fields": rows}))


def _udfs(call: Call) -> Answer:
    rows = [describe_udf(udf) for udf in call.db.udfs.get(call.route.entity, [])]
    return Answer(200, json.dumps({"fields": rows}))


_READS: dict[str, Callable[[Call], Answer]] = {
    "query": _query,
    "next": _next,
    "count": _count,
    "item": _item,
    "child": _children,
    "child_item": _child_item,
    "info": _info,
    "fields": _fields,
    "udfs": _udfs,
}


def _version(world: World, call: Call) -> dict[str, Any]:
    return {"majorVersion": 2026, "minorVersion": 4, "build": 117, "customerType": "Production"}


def _threshold(world: World, call: Call) -> dict[str, Any]:
    return {
        "externalRequestThreshold": call.db.switches.request_threshold,
        "requestThresholdTimeframe": round(call.db.switches.request_window_s / 60),
        "currentTimeframeRequestCount": requests_used(call.db, world.clock.steady_s()),
    }


def _all_entities(world: World, call: Call) -> dict[str, Any]:
    names = [name for name, paths in operations().items() if "+info" in paths.get("", ())]
    return {"items": [describe_entity(name, call.user.access(name)) for name in names]}


def _modules(world: World, call: Call) -> dict[str, Any]:
    return {"items": [{"name": name, "isActive": True} for name in ("Service Desk", "Projects", "Timesheets")]}


def _authenticate(world: World, call: Call) -> dict[str, Any]:
    return {"resourceID": call.user.resource_id}


_SPECIAL: dict[str, Callable[[World, Call], dict[str, Any]]] = {
    "Version": _version,
    "ThresholdInformation": _threshold,
    "EntityInformation": _all_entities,
    "Modules": _modules,
    "Authenticate": _authenticate,
}
