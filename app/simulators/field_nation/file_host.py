"""`/_files/`: the storage behind `file.link`. No token is asked for; whatever a caller sends along is written down."""

from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from app.simulators.field_nation.asking import json_body, world_of
from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.file_faults import Download, FileFault
from app.simulators.field_nation.files import PLACE
from app.simulators.field_nation.severing import sever
from app.simulators.field_nation.world import World

ENDLESS_CHUNK = b"0" * 65536
STATUSES = {"404": 404, "expired": 403, "429": 429, "500": 500, "503": 503}
EXPIRED = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"


class Cut:
    """An answer that declares `declared` bytes, sends `data`, and closes the connection if that was not all."""

    def __init__(self, data: bytes, declared: int, row: Download) -> None:
        self._data, self._declared, self._row = data[:declared], declared, row

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-length", str(self._declared).encode()), (b"content-type", b"application/octet-stream")]
        self._row.status, self._row.sent = 200, len(self._data)
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        complete = len(self._data) == self._declared
        await send({"type": "http.response.body", "body": self._data, "more_body": not complete})
        if not complete:
            await sever(receive, send)


async def download(request: Request) -> Any:
    """GET: the bytes of a file, or what a fault makes of them."""
    world = world_of(request)
    number = int(request.path_params["file"])
    headers = dict(request.headers)
    row = world.file_host.arrived(number, request.method, request.url.path, request.url.query, headers)
    fault = world.file_host.next_for(number)
    data = world.store.get(number)
    if data is None:
        answer: Any = PlainTextResponse("Not Found", 404)
    elif fault is None:
        answer = Response(data, media_type="application/octet-stream")
        row.sent = len(data)
    else:
        row.fault = fault.name
        answer = _spoiled(world, request, fault, data, row)
    row.status = getattr(answer, "status_code", row.status)
    return answer


def _spoiled(world: World, request: Request, fault: FileFault, data: bytes, row: Download) -> Any:
    if fault.name in STATUSES:
        return PlainTextResponse(EXPIRED if fault.name == "expired" else "No", STATUSES[fault.name])
    if fault.name in ("redirect_same", "redirect_to"):
        return RedirectResponse(fault.location or f"{request.url.path}?moved={fault.hits}", 302)
    if fault.name == "drip":
        length = {"content-length": str(len(data))}
        return StreamingResponse(_drip(world, fault, data, row), headers=length)
    if fault.name == "endless":
        return StreamingResponse(_endless(world, row))
    declared = len(data) if fault.name == "cut" else fault.declared
    return Cut(data[: len(data) // 2] if fault.name == "cut" else data, declared, row)


async def _drip(world: World, fault: FileFault, data: bytes, row: Download) -> AsyncIterator[bytes]:
    for start in range(0, len(data), fault.chunk):
        piece = data[start : start + fault.chunk]
        row.sent += len(piece)
        yield piece
        await world.clock.sleep(fault.delay_s)


async def _endless(world: World, row: Download) -> AsyncIterator[bytes]:
    while True:
        row.sent += len(ENDLESS_CHUNK)
        yield ENDLESS_CHUNK
        await world.clock.sleep(0)


async def downloads(request: Request) -> Response:
    """GET: every request to the file host with its headers and query. DELETE: forget them."""
    host = world_of(request).file_host
    if request.method == "DELETE":
        host.journal.clear()
    return JSONResponse(host.report())


async def faults(request: Request) -> Response:
    """GET, POST or DELETE: how the file host misbehaves."""
    host = world_of(request).file_host
    if request.method == "POST":
        return JSONResponse(host.add(await json_body(request)).as_json())
    if request.method == "DELETE":
        host.standing.clear()
    return JSONResponse([one.as_json() for one in host.standing])


async def forget(request: Request) -> Response:
    """DELETE: throw the bytes of one file away, as an expired link; its row stays."""
    world, number = world_of(request), request.path_params["file"]
    if world.store.get(number) is None:
        raise Refusal(404, f"There is no file {number}.")
    world.store.drop(number)
    return JSONResponse({"dropped": number})


def routes() -> list[Route]:
    """Every route of this module."""
    return [
        Route(PLACE + "/{file:int}/{name:path}", download, methods=["GET"]),
        Route("/_sim/files", downloads, methods=["GET", "DELETE"]),
        Route("/_sim/files/faults", faults, methods=["GET", "POST", "DELETE"]),
        Route("/_sim/files/{file:int}", forget, methods=["DELETE"]),
    ]
