"""A Field Nation simulator and a webhook receiver on real sockets, and the few calls that every test makes."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Json = dict[str, Any]
PATIENCE_S = 10.0
TOKEN = "/authentication/api/oauth/token"
ORDERS = "/api/rest/v2/workorders"
HOOKS = "/api/v1/webhooks"
PASSWORD_GRANT: Json = {
    "grant_type": "password",
    "client_id": "fn-client",
    "client_secret": "fn-secret",
    "username": "api@northwind.example",
    "password": "correct horse battery",
}
FULL_BODY: Json = {
    "title": "Replace UPS - site 114",
    "description": {"html": "<p>Swap the unit.</p>"},
    "types_of_work": [{"id": 62, "isPrimary": True}],
    "location": {
        "mode": "custom",
        "address1": "10 Main St",
        "city": "Edina",
        "state": "MN",
        "zip": "55435",
        "country": "US",
    },
    "schedule": {
        "service_window": {
            "mode": "between",
            "start": {"utc": "2026-04-02 14:00:00"},
            "end": {"utc": "2026-04-02 18:00:00"},
        }
    },
    "pay": {
        "type": "blended",
        "base": {"amount": 60, "units": 1},
        "additional": {"amount": 40, "units": 2},
    },
    "custom_fields": {"results": [{"results": [{"id": 70015, "value": "T20260401.0007"}]}]},
    "contacts": {"results": [{"name": "R. Lee", "role": "Location Contact", "phone": "+1 555 0100"}]},
    "incident_id": "T20260401.0007",
}


class SignallingServer(uvicorn.Server):
    """A server that says when it listens, and stops when it is told instead of looking now and then."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()
        self.stopped = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    async def main_loop(self) -> None:
        await self.stopped.wait()


@asynccontextmanager
async def served(app: Starlette) -> AsyncIterator[str]:
    """The base URL of `app` on a free port, while the block lasts."""
    server = SignallingServer(uvicorn.Config(app, log_level="warning", ws="none"))
    sock = socket.create_server(("127.0.0.1", 0))
    task = asyncio.get_running_loop().create_task(server.serve(sockets=[sock]))
    await asyncio.wait_for(server.listening.wait(), PATIENCE_S)
    try:
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    finally:
        server.stopped.set()
        await task
        sock.close()


@dataclass
class Delivery:
    """One request that the receiver got."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Takes deliveries; answers `statuses` one after the other, the last one for ever."""

    url: str = ""
    statuses: list[int] = field(default_factory=lambda: [200])
    got: list[Delivery] = field(default_factory=list)
    queue: "asyncio.Queue[Delivery]" = field(default_factory=asyncio.Queue)

    async def handle(self, request: Request) -> Response:
        delivery = Delivery(request.method, request.url.path, dict(request.headers), await request.body())
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        self.got.append(delivery)
        self.queue.put_nowait(delivery)
        return Response(status_code=status)

    async def next(self) -> Delivery:
        return await asyncio.wait_for(self.queue.get(), PATIENCE_S)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["Receiver"]:
        app = Starlette(routes=[Route("/{rest:path}", self.handle, methods=["POST", "PUT"])])
        async with served(app) as url:
            self.url = url
            yield self


@dataclass
class FieldNation:
    """The simulator as a caller with a token sees it."""

    url: str
    http: httpx.AsyncClient
    token: str = ""

    async def grant(self, **changes: Any) -> httpx.Response:
        return await self.http.post(TOKEN, json={**PASSWORD_GRANT, **changes})

    async def login(self, **changes: Any) -> str:
        answer = await self.grant(**changes)
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["access_token"]
        return self.token

    async def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        """A vendor call with the token in the query, or in the header for the webhooks API."""
        if path.startswith(HOOKS):
            return await self.http.request(method, path, headers={"Authorization": f"Bearer {self.token}"}, **more)
        params = {"access_token": self.token, **more.pop("params", {})}
        return await self.http.request(method, path, params=params, **more)

    async def order(self, **changes: Any) -> Json:
        """A new work order from the full body with `changes`."""
        answer = await self.call("POST", ORDERS, json={**FULL_BODY, **changes})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def read(self, number: int) -> Json:
        return dict((await self.call("GET", f"{ORDERS}/{number}")).json())

    async def sim(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self.http.request(method, f"/_sim/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def person(self, number: int, action: str, **body: Any) -> Json:
        """What somebody does to a work order on the screen; the ids that it made."""
        return dict((await self.sim("POST", f"ui/7001/workorders/{number}/{action}", body))["made"])

    async def assigned(self, **changes: Any) -> int:
        """The number of a new work order that a provider has taken."""
        number = int((await self.order(**changes))["id"])
        await self.person(number, "publish")
        await self.person(number, "assign")
        return number

    async def part(self, number: int, name: str, **params: Any) -> Json:
        """A list of its own, as `time_logs` of one work order."""
        answer = await self.call("GET", f"{ORDERS}/{number}/{name}", params=params)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def switch(self, **settings: Any) -> None:
        await self.sim("PATCH", "settings", settings)

    async def fault(self, name: str, **more: Any) -> None:
        await self.sim("POST", "faults", {"fault": name, **more})

    async def truth(self, company: int = 7001) -> list[Json]:
        return list((await self.sim("GET", f"state?company={company}"))["work_orders"])

    async def webhook(self, url: str, events: list[str], **more: Any) -> Json:
        body = {"events": events, "url": url, "method": "post", "status": "active", **more}
        answer = await self.call("POST", HOOKS, json=body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["result"])

    async def until(self, seen: Callable[[], Awaitable[bool]]) -> None:
        """Ask again until `seen`; every question is a call, so the server moves on meanwhile."""
        async with asyncio.timeout(PATIENCE_S):
            while not await seen():
                continue
