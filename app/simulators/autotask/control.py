"""The simulator's truth and its switches, under `/_sim/`. Nothing of this exists at the vendor."""

import copy
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.simulators.autotask import reading, writes
from app.simulators.autotask.control_desk import Desk
from app.simulators.autotask.control_metadata import MetadataDesk
from app.simulators.autotask.control_routes import Handler, body_of, ci_of, entity_of, routes_of
from app.simulators.autotask.delivery import Delivery
from app.simulators.autotask.drafts import Actor
from app.simulators.autotask.errors import ApiError
from app.simulators.autotask.faults import KINDS
from app.simulators.autotask.limits import requests_used
from app.simulators.autotask.records import Database
from app.simulators.autotask.world import World


class Control:
    """Handlers over one world."""

    def __init__(self, world: World, delivery: Delivery, initial: dict[str, Any]) -> None:
        self._world = world
        self._delivery = delivery
        self._initial = initial

    def routes(self) -> list[Route]:
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/_sim/state", self.state),
            ("GET", "/_sim/calls", self.calls),
            ("GET", "/_sim/counts", self.counts),
            ("GET", "/_sim/writes", self.writes),
            ("DELETE", "/_sim/writes", self.forget_writes),
            ("GET", "/_sim/deliveries", self.deliveries),
            ("GET", "/_sim/faults", self.list_faults),
            ("POST", "/_sim/faults", self.add_fault),
            ("DELETE", "/_sim/faults", self.clear_faults),
            ("DELETE", "/_sim/faults/{id:int}", self.clear_faults),
            ("POST", "/_sim/release", self.release),
            ("POST", "/_sim/reset", self.reset),
            ("POST", "/_sim/reset-calls", self.reset_calls),
            ("POST", "/_sim/seed", self.seed),
            ("POST", "/_sim/requests", self.spend_requests),
            ("PATCH", "/_sim/settings", self.settings),
            ("PATCH", "/_sim/users/{username}", self.change_user),
            ("POST", "/_sim/ui/{ci:int}/{entity}", self.ui_create),
            ("PATCH", "/_sim/ui/{ci:int}/{entity}/{id:int}", self.ui_update),
            ("DELETE", "/_sim/ui/{ci:int}/{entity}/{id:int}", self.ui_delete),
        ]
        desks = (*Desk(self._world, self._delivery).table(), *MetadataDesk(self._world).table())
        return routes_of([*table, *desks])

    async def state(self, request: Request) -> Response:
        """The rows of an entity of a database, as a JSON array."""
        db = self._world.database(ci_of(request) or 0)
        entity = entity_of(request.query_params["entity"])
        return Response(reading.visible_rows(db, entity), media_type="application/json")

    async def calls(self, request: Request) -> Response:
        calls = self._world.calls
        now_s = self._world.clock.steady_s()
        return JSONResponse({
            "total": calls.total,
            "by_endpoint": dict(calls.by_endpoint),
            "by_database": dict(calls.by_database),
            "by_status": dict(calls.by_status),
            "max_in_flight": calls.peak,
            "max_in_flight_by_database": calls.peak_by_database,
            "max_clients_in_flight_by_database": calls.peak_clients_by_database,
            "requests_in_window": {str(ci): requests_used(db, now_s) for ci, db in self._world.databases.items()},
            "clients": dict(calls.clients),
            "held": self._world.held,
        })  # fmt: skip

    async def writes(self, request: Request) -> Response:
        """The journal, narrowed by `database`, `entity`, `verb`, `client` (its beginning) and `committed` (0 or 1)."""
        ci, asked = ci_of(request), request.query_params
        entries = [
            entry
            for entry in self._world.journal
            if (ci is None or entry["database"] == ci)
            and entry["entity"].lower() == asked.get("entity", entry["entity"]).lower()
            and entry["verb"] == asked.get("verb", entry["verb"])
            and entry["client"].startswith(asked.get("client", ""))
            and str(int(entry["committed"])) == asked.get("committed", str(int(entry["committed"])))
        ]
        return Response(json.dumps(entries), media_type="application/json")

    async def counts(self, request: Request) -> Response:
        """Reads, metadata reads and committed writes since the last `reset-calls`, by entity and kind."""
        ci = ci_of(request)
        return JSONResponse(self._world.calls.counted(None if ci is None else str(ci)))

    async def forget_writes(self, request: Request) -> Response:
        self._world.journal.clear()
        return Response(status_code=204)

    async def deliveries(self, request: Request) -> Response:
        return JSONResponse(self._world.deliveries)

    async def list_faults(self, request: Request) -> Response:
        return JSONResponse({"faults": self._world.faults.listing(), "kinds": KINDS})

    async def add_fault(self, request: Request) -> Response:
        fault = self._world.faults.add(await body_of(request))
        return JSONResponse({"id": fault.id}, 201)

    async def clear_faults(self, request: Request) -> Response:
        self._world.faults.clear(request.path_params.get("id"))
        return Response(status_code=204)

    async def release(self, request: Request) -> Response:
        held = self._world.held
        self._world.let_go()
        return JSONResponse({"released": held})

    async def reset(self, request: Request) -> Response:
        """Back to the seed the simulator was started with."""
        self._world.reset()
        self._delivery.forget()
        self._world.load(copy.deepcopy(self._initial))
        return Response(status_code=204)

    async def reset_calls(self, request: Request) -> Response:
        self._world.reset_calls()
        return Response(status_code=204)

    async def seed(self, request: Request) -> Response:
        self._world.load(await body_of(request))
        return JSONResponse({"databases": sorted(self._world.databases)})

    async def spend_requests(self, request: Request) -> Response:
        """Calls of other integrations: they use up the same hourly threshold."""
        body = await body_of(request)
        db = self._world.database(int(body["database"]))
        db.requests.extend([self._world.clock.steady_s()] * int(body["requests"]))
        return Response(status_code=204)

    async def settings(self, request: Request) -> Response:
        self._world.change_switches(await body_of(request), ci_of(request))
        return Response(status_code=204)

    async def change_user(self, request: Request) -> Response:
        """Change secret, integration_code, permissions or may_impersonate of an API user, and unlock it."""
        known = self._world.user(request.path_params["username"])
        if known is None:
            raise ApiError("no such user", status=404)
        for name, value in (await body_of(request)).items():
            if name not in ("secret", "integration_code", "permissions", "may_impersonate"):
                raise ApiError(f"not changeable: {name}", status=400)
            setattr(known[1], name, value)
        known[1].failures = 0
        return Response(status_code=204)

    async def ui_create(self, request: Request) -> Response:
        db, entity, actor = self._ui(request)
        return _item_id(writes.create(self._world, db, entity, await body_of(request), actor, None))

    async def ui_update(self, request: Request) -> Response:
        db, entity, actor = self._ui(request)
        body = {**await body_of(request), "id": request.path_params["id"]}
        return _item_id(writes.update(self._world, db, entity, body, actor, None))

    async def ui_delete(self, request: Request) -> Response:
        db, entity, actor = self._ui(request)
        return _item_id(writes.delete(self._world, db, entity, request.path_params["id"], actor, None))

    def _ui(self, request: Request) -> tuple[Database, str, Actor]:
        """A person's edit; `?person=` names the resource, else the first who is no API user."""
        db = self._world.database(request.path_params["ci"])
        people = [row.id for row in db.rows("Resources") if row.get("licenseType") != 7]
        person = request.query_params.get("person")
        person_id = int(person) if person is not None else next(iter(people), 4)
        return db, entity_of(request.path_params["entity"]), Actor(person_id)


def _item_id(record_id: int) -> Response:
    return JSONResponse({"itemId": record_id})
