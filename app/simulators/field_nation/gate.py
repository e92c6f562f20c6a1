"""The gate before every vendor call: count it, let faults meet it, limit it, keep a journal, and then answer it."""

import asyncio
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.simulators.field_nation.asking import token_text
from app.simulators.field_nation.calls import WRITING, Write, kind_of, work_order_of
from app.simulators.field_nation.errors import Refusal, error_body
from app.simulators.field_nation.faults import Fault
from app.simulators.field_nation.limits import too_many
from app.simulators.field_nation.multipart import Part, read_multipart
from app.simulators.field_nation.severing import sever
from app.simulators.field_nation.strict_json import read_json
from app.simulators.field_nation.webhooks import iso
from app.simulators.field_nation.world import World

CREATE_PATH = "/api/rest/v2/workorders"
TOKEN_PATH = "/authentication/api/oauth/token"
HTML = "<html><head><title>500 Internal Server Error</title></head><body><h1>Internal Server Error</h1></body></html>"


@dataclass
class Call:
    """One request, read whole, and the answer once there is one."""

    scope: Scope
    body: bytes
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    family: str
    kind: str
    company: int | None = None
    write: Write | None = None
    answer: list[Message] = field(default_factory=list)
    gone: bool = False

    @property
    def owner(self) -> str:
        """The company as text, "" when the caller is nobody we know."""
        return "" if self.company is None else str(self.company)


class Gate:
    """Wraps the routes of the vendor's API."""

    def __init__(self, inner: ASGIApp, world: World) -> None:
        self._inner = inner
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = self._read(scope, await _whole_body(receive))
        calls = self._world.calls
        calls.arrived(call.kind, call.owner, call.headers.get("user-agent", ""))
        if call.write is not None:
            call.write.seq = len(calls.writes) + 1
            calls.writes.append(call.write)
        try:
            await self._pass(call, receive, send)
        finally:
            self._leave(call)

    def _leave(self, call: Call) -> None:
        if not call.gone:
            call.gone = True
            self._world.calls.left(call.owner)

    def _read(self, scope: Scope, body: bytes) -> Call:
        path, method = scope["path"], scope["method"]
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        family = "webhooks" if path.startswith("/api/v1/") else "token" if path == TOKEN_PATH else "rest"
        call = Call(scope, body, method, path, query, headers, family, kind_of(method, path))
        call.company = self._company(call)
        if method in WRITING and family != "token":
            call.write = self._write(call)
        return call

    def _company(self, call: Call) -> int | None:
        if call.family == "token":
            wanted = _credentials(call).get("client_id")
            return next((one.id for one in self._world.companies.values() if one.client_id == wanted), None)
        value = token_text(call.query, call.headers.get("authorization", ""), call.family, self._world.settings)
        token = self._world.tokens.look(value)
        return None if token is None else token.company_id

    def _write(self, call: Call) -> Write:
        return Write(
            seq=0,
            at=iso(self._world.clock.now()),
            company=call.company,
            method=call.method,
            kind=call.kind,
            path=call.path,
            query={name: value for name, value in call.query.items() if name != "access_token"},
            body=_shown(call.body, call.headers.get("content-type", "")),
            client=call.headers.get("user-agent", ""),
            work_order=work_order_of(call.path),
        )

    async def _pass(self, call: Call, receive: Receive, send: Send) -> None:
        fault = self._world.faults.next_for(call.method, call.path, call.company)
        if fault is None:
            await self._commit(call)
            await _send_all(call.answer, send)
            return
        if call.write is not None:
            call.write.fault = fault.name
        await self._misbehave(fault, call, receive, send)

    async def _misbehave(self, fault: Fault, call: Call, receive: Receive, send: Send) -> None:
        name = fault.name
        if name in ("429", "500_json", "500_html", "503"):
            await self._answer_with(call, self._spoiled(fault, call))
            await _send_all(call.answer, send)
            return
        if name in ("lost_before", "outage", "reset"):
            await sever(receive, send, abruptly=name == "reset")
            return
        if name == "late":
            self._world.courier.spawn(self._commit_later(call, fault.delay_s))
            await sever(receive, send)
            return
        if name in ("ghost", "never"):
            later = self._commit_later(call, fault.delay_s if name == "ghost" else 0.0)
            self._world.courier.spawn(later)
            # Nothing is said until the client has hung up.
            await self._notice_departure(call, receive)
            return
        watch = asyncio.get_running_loop().create_task(self._notice_departure(call, receive))
        try:
            await self._delayed(fault, call, send)
        finally:
            watch.cancel()
        if name == "lost_after":
            await sever(receive, send)

    async def _notice_departure(self, call: Call, receive: Receive) -> None:
        """A client that hangs up, or dies, while it waits is no longer in flight; what it asked for goes on."""
        while (await receive())["type"] != "http.disconnect":
            continue
        self._leave(call)

    async def _delayed(self, fault: Fault, call: Call, send: Send) -> None:
        if fault.name == "slow":
            await self._world.clock.sleep(fault.delay_s)
        if fault.name == "hold_before":
            await self._world.faults.hold()
        await self._commit(call)
        if fault.name == "hold":
            await self._world.faults.hold()
        if fault.name == "answer_late":
            await self._world.clock.sleep(fault.delay_s)
        if fault.name != "lost_after":
            await _send_all(call.answer, send)

    async def _commit_later(self, call: Call, delay_s: float) -> None:
        await self._world.clock.sleep(delay_s)
        await self._commit(call)

    async def _commit(self, call: Call) -> None:
        """Let the routes do it; the answer is kept in the call, not sent."""
        try:
            self._spend(call)
        except Refusal as refusal:
            await self._answer_with(call, self._refused(refusal, call))
            return
        await self._inner(call.scope, _replay(call.body), _keep_in(call.answer))
        self._note(call)

    def _spend(self, call: Call) -> None:
        if call.company is not None and call.family != "token":
            clock = self._world.clock
            epoch_s = clock.now().timestamp()
            self._world.limits.spend(call.company, call.family, self._world.settings, clock.steady_s(), epoch_s)

    async def _answer_with(self, call: Call, response: Response) -> None:
        await response(call.scope, _replay(b""), _keep_in(call.answer))
        self._note(call)

    def _note(self, call: Call) -> None:
        if call.write is not None:
            call.write.status = call.answer[0]["status"]
            call.write.committed = 200 <= call.answer[0]["status"] < 300
            if call.write.committed and call.path == CREATE_PATH:
                call.write.work_order = json.loads(call.answer[1]["body"])["id"]

    def _refused(self, refusal: Refusal, call: Call) -> Response:
        body = error_body(refusal, self._world.settings, call.path, iso(self._world.clock.now()))
        return JSONResponse(body, refusal.status, refusal.headers)

    def _spoiled(self, fault: Fault, call: Call) -> Response:
        if fault.name == "429":
            settings, epoch_s = self._world.settings, self._world.clock.now().timestamp()
            wait_s = fault.delay_s or 1.0
            return self._refused(too_many(wait_s, settings, call.family, settings.rate_per_minute, epoch_s), call)
        if fault.name == "500_html":
            return Response(HTML, 500, media_type="text/html")
        if fault.name == "503":
            return PlainTextResponse("Service Temporarily Unavailable", 503)
        return self._refused(Refusal(500, "An unexpected error occurred.", call.family), call)


async def _whole_body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return b"".join(parts)


def _replay(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _keep_in(answer: list[Message]) -> Send:
    async def send(message: Message) -> None:
        answer.append(message)

    return send


async def _send_all(answer: list[Message], send: Send) -> None:
    for message in answer:
        await send(message)


def _shown(body: bytes, content_type: str = "") -> Any:
    try:
        if content_type.startswith("multipart/"):
            return {part.name: _shown_part(part) for part in read_multipart(content_type, body)}
        return read_json(body) if body else None
    except ValueError:
        return body.decode("utf-8", "replace")


def _shown_part(part: Part) -> Any:
    if part.filename is None:
        return part.data.decode("utf-8", "replace")
    digest = hashlib.sha256(part.data).hexdigest()
    return {"filename": part.filename, "mime": part.mime, "size": len(part.data), "sha256": digest}


def _credentials(call: Call) -> dict[str, Any]:
    if "form-urlencoded" in call.headers.get("content-type", ""):
        return dict(parse_qsl(call.body.decode("utf-8", "replace")))
    shown = _shown(call.body)
    return shown if isinstance(shown, dict) else {}
