"""The way of a request: zone, credentials, meters, faults, then the work, and what becomes of the answer."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from app.simulators.autotask.contract import Route, resolve
from app.simulators.autotask.errors import ZONE_UNKNOWN, ApiError
from app.simulators.autotask.faults import CREDENTIALS, EARLY, REST, Asked, Fault, error_answer, records_named
from app.simulators.autotask.journal import METADATA_KINDS, READ_KINDS, describe_write
from app.simulators.autotask.limits import require_thread, spend_request
from app.simulators.autotask.perform import VERBS, Answer, Call, perform, wrong_method
from app.simulators.autotask.records import Database, User
from app.simulators.autotask.silence import Silence
from app.simulators.autotask.world import World

ROOT = "/atservicesrest/"
_VERSIONED = ROOT + "v1.0/"
_JSON = "application/json; charset=utf-8"
_REALM = 'Basic Realm="webservices1.autotask.net", charset="UTF-8"'


def _json(status: int, body: str) -> Response:
    return Response(body, status, media_type=_JSON) if body else Response(status_code=status)


def _not_found(path: str) -> Response:
    text = f"No HTTP resource was found that matches the request URI '{path}'."
    return _json(404, json.dumps({"Message": text}))


def _base_url(request: Request) -> str:
    return f"{request.url.scheme}://{request.headers.get('host', 'localhost')}/"


@dataclass(frozen=True)
class _Arrived:
    """A request whose sender is known. `body` is JSON, None, or the refusal that a broken one deserves."""

    request: Request
    path: str
    route: Route | None
    db: Database
    user: User
    body: Any
    asked: Asked

    def call(self, route: Route) -> Call:
        if isinstance(self.body, ApiError):
            raise self.body
        params = {name.lower(): value for name, value in self.request.query_params.items()}
        impersonate = self.request.headers.get("impersonationresourceid")
        base_url = _base_url(self.request)
        return Call(self.request.method, self.path, route, self.db, self.user, self.body, params, base_url, impersonate)


class Server:
    """Serves every path of the vendor's API from one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def __call__(self, request: Request) -> Response:
        path = request.url.path
        low = path.lower().rstrip("/")
        if low == ROOT + "versioninformation":
            return _json(200, '{"apiVersions":["V1.0"]}')
        if not low.startswith(_VERSIONED):
            return _not_found(path)
        parts = [part for part in path[len(_VERSIONED) :].split("/") if part]
        if [part.lower() for part in parts] == ["zoneinformation"]:
            return await self._zone(request)
        try:
            response = await self._answer(request, path, resolve(parts))
        except ClientDisconnect:
            return Response(status_code=400)  # whoever asked is gone: nobody reads it
        self._world.calls.by_status[str(response.status_code)] += 1
        return response

    async def _zone(self, request: Request) -> Response:
        """Discovery needs no credentials and is not subject to the thread limit."""
        known = self._world.user(request.query_params.get("user"))
        ci = known[0].ci if known else None
        client = request.headers.get("user-agent", "")
        self._world.calls.arrived("GET zoneInformation", str(ci) if ci is not None else None, client)
        fault = self._world.faults.take(EARLY | REST, Asked(request.method, request.url.path, ci))
        if fault is not None:
            await self._world.clock.sleep(fault.delay_s if fault.fault == "slow" else 0.0)
            if fault.fault != "slow":
                return _refusal(fault) or Silence(reset=fault.fault == "reset")
        if request.method != "GET":
            return _json(405, wrong_method(request.method).body)
        if known is None:
            return _json(500, ApiError(ZONE_UNKNOWN).body())
        base = _base_url(request)
        zone = {"zoneName": known[0].zone_name, "url": base + ROOT.lstrip("/"), "webUrl": base, "ci": ci}
        return _json(200, json.dumps(zone))

    async def _answer(self, request: Request, path: str, route: Route | None) -> Response:
        world, method = self._world, request.method
        known = world.user(request.headers.get("username"))
        db = known[0] if known else None
        client = request.headers.get("user-agent", "")
        shape = route.shape if route is not None else "unknown"
        world.calls.arrived(f"{method} {shape}", str(db.ci) if db else None, client)
        body = _parsed(await request.body())
        asked = self._asked(method, path, route, db, body)
        early = world.faults.take(EARLY, asked)
        if early is not None:
            return Silence() if early.closed else _refusal(early) or Silence()
        user = self._authenticated(request, known, asked)
        if user is None or db is None:
            return Response(status_code=401, headers={"WWW-Authenticate": _REALM})
        segment = route.segment if route is not None else "unknown"
        key = world.in_flight.enter(world.calls, db, user.integration_code, segment, client)
        try:
            return await self._metered(_Arrived(request, path, route, db, user, body, asked), key, client)
        except ApiError as refusal:
            return _json(refusal.status, refusal.body())
        finally:
            world.in_flight.leave(db, key, client)

    def _asked(self, method: str, path: str, route: Route | None, db: Database | None, body: Any) -> Asked:
        ci, entity = db.ci if db else None, route.entity if route else None
        if not self._world.faults.orders:
            return Asked(method, path, ci, entity=entity)
        ids = [i for i in (route.parent_id, route.record_id) if i is not None] if route else []
        return Asked(method, path, ci, records_named(ids, None if isinstance(body, ApiError) else body), entity)

    def _authenticated(self, request: Request, known: tuple[Database, User] | None, asked: Asked) -> User | None:
        """The user when all three headers are right. Nothing tells which was wrong; repeated failures lock."""
        if known is None:
            return None
        db, user = known
        headers = request.headers
        right = headers.get("secret") == user.secret and headers.get("apiintegrationcode") == user.integration_code
        refused = self._world.faults.take(CREDENTIALS, asked)
        locked = 0 < db.switches.lock_after_failures <= user.failures
        if refused is not None or locked or not right:
            user.failures += 0 if refused is not None else 1
            return None
        user.failures = 0
        return user

    async def _metered(self, arrived: _Arrived, key: str, client: str) -> Response:
        world, route, method = self._world, arrived.route, arrived.request.method
        latency_s = spend_request(arrived.db, world.clock.steady_s())
        require_thread(arrived.db, world.in_flight.by_thread[key])
        if latency_s:
            await world.clock.sleep(latency_s)
        if route is None:
            return _not_found(arrived.path)
        if method not in route.methods:
            return _json(405, wrong_method(method).body)
        call = arrived.call(route)
        entry = None
        if call.is_write:
            entry = world.note_write(arrived.db, describe_write(call, client))
        elif route.kind in READ_KINDS:
            counter = world.calls.metadata if route.kind in METADATA_KINDS else world.calls.reads
            counter[str(arrived.db.ci), route.entity, route.kind] += 1
        fault = world.faults.take(REST, arrived.asked)
        return await self._faulty(arrived.request, call, fault, entry)

    def _do(self, call: Call, entry: dict[str, Any] | None) -> Answer:
        answer = perform(self._world, call)
        if entry is not None:
            entry |= {"committed": answer.committed, "item_id": answer.item_id, "status": answer.status}
        if entry is not None and answer.committed:
            self._world.calls.writes[str(call.db.ci), call.route.entity, VERBS[call.method]] += 1
        return answer

    async def _faulty(
        self, request: Request, call: Call, fault: Fault | None, entry: dict[str, Any] | None
    ) -> Response:
        kind = fault.fault if fault is not None else ""
        if fault is None or kind == "slow":
            await self._world.clock.sleep(fault.delay_s) if fault is not None else None
            answer = self._do(call, entry)
            return _json(answer.status, answer.body)
        if kind in ("lost_before", "reset", "lost_after", "late"):
            return self._lose(call, fault, entry)
        if kind == "ghost":
            await self._held(request)
            return self._lose(call, fault, entry)
        if kind == "hold":
            answer = self._do(call, entry)
            return _json(answer.status, answer.body) if await self._held(request) else Silence()
        if fault.commit:
            self._do(call, entry)
        refusal = _refusal(fault) or Silence()
        if entry is not None:
            entry["status"] = refusal.status_code
        return refusal

    def _lose(self, call: Call, fault: Fault, entry: dict[str, Any] | None) -> Response:
        """The client gets no answer; whether the work is done, and when, depends on the fault."""
        if fault.fault == "lost_after":
            self._do(call, entry)
        if fault.fault in ("late", "ghost"):
            self._world.spawn(self._do_later(call, fault.delay_s, entry))
        if entry is not None:
            entry["status"] = None
        return Silence(reset=fault.fault == "reset")

    async def _do_later(self, call: Call, delay_s: float, entry: dict[str, Any] | None) -> None:
        await self._world.clock.sleep(delay_s)
        self._do(call, entry)
        if entry is not None:
            entry["status"] = None

    async def _held(self, request: Request) -> bool:
        """Wait for the release or for the client to go away; True when the answer may be sent."""
        release = asyncio.ensure_future(self._world.release.wait())
        gone = asyncio.ensure_future(_disconnected(request))
        self._world.held += 1
        try:
            await asyncio.wait({release, gone}, return_when=asyncio.FIRST_COMPLETED)
            return release.done()
        finally:
            self._world.held -= 1
            release.cancel()
            gone.cancel()


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _refusal(fault: Fault) -> Response | None:
    answer = error_answer(fault)
    return None if answer is None else Response(answer[1], answer[0], media_type=answer[2])


def _parsed(raw: bytes) -> Any:
    """The JSON of a body, None without one, or the refusal that a broken one deserves once its sender is known."""
    try:
        return json.loads(raw) if raw else None
    except (ValueError, RecursionError) as error:
        return ApiError(f"Unexpected character encountered while parsing the body: {error}")
