"""The admin API on mappings: what they may name, whether a file is right, what its versions are.

Looking wants the viewer's token, everything that asks the vendors or changes something the admin's.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Protocol, TypeVar

from fastapi import APIRouter, Query, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse

from app.core.model.failure import Rejected
from app.web.access import AccessTokens, Role
from app.web.errors import PROBLEM_TYPE, Problem, unauthorized

MAX_FILE_BYTES = 1024 * 1024

T = TypeVar("T")
Row = dict[str, Any]


class MappingDesk(Protocol):
    """What an operator asks about mappings. All of it raises `Rejected` for what is not there or cannot be."""

    async def check_text(self, text: bytes) -> Sequence[Row]:
        """For each connection in the text of a file: `{name, sound, faults, findings}`. Nothing is stored."""

    async def check_stored(self, name: str) -> Row:
        """The same for a connection as it is applied."""

    async def field_rows(self, name: str, system: str, search: str) -> Sequence[Row]:
        """The paths that its mappings may use."""

    async def refreshed_fields(self, name: str) -> Row:
        """Reads the fields of both systems again: `{name, changes, broken, standing}`."""

    async def version_rows(self, name: str) -> Sequence[Row]:
        """Every applied version: who, when, how much it changed."""


_BEARER: Row = {"security": [{"AccessToken": []}]}
_PROBLEM = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_REFUSALS: dict[int | str, Row] = {
    401: {"description": "No token, a wrong one, or the viewer's where the admin's is needed.", "content": _PROBLEM},
    404: {"description": "There is no such connection.", "content": _PROBLEM},
    422: {"description": "It cannot be; `detail` says why.", "content": _PROBLEM},
    503: {"description": "The broker's own trouble, or a vendor that is away.", "content": _PROBLEM},
}
_FILE_BODY: Row = {
    "requestBody": {
        "required": True,
        "description": "The text of a connection file. `${NAME}` stands for a stored secret where the connection is "
        "applied already, as `broker connection export` writes it.",
        "content": {"application/yaml": {"schema": {"type": "string"}}},
    }
}
_TOO_LARGE = Problem(
    413, "file_too_large", "Payload too large", f"A connection file has at most {MAX_FILE_BYTES} bytes."
)
_NOT_FOUND = frozenset({"no_such_connection", "unknown_connection"})

Search = Annotated[str, Query(max_length=200, description="Completes a path, or looks for a label.")]
System = Annotated[str, Query(pattern="^(autotask|field-nation)?$", description="Only this side's paths.")]


def admin_router(desk: MappingDesk, tokens: AccessTokens) -> APIRouter:
    """The routes under `/v1/admin`."""
    router = APIRouter(prefix="/v1/admin", tags=["admin"], responses=_REFUSALS)
    connections = "/connections/{name}"

    @router.post("/check", summary="Is this connection file right?", openapi_extra={**_BEARER, **_FILE_BODY})
    async def check(request: Request) -> Response:
        text = await _body(request)
        if text is None:
            return _TOO_LARGE.response()
        return await _answered(request, tokens, Role.ADMIN, lambda: desk.check_text(text))

    @router.post(f"{connections}/check", summary="Is it right as it is applied?", openapi_extra=_BEARER)
    async def check_stored(name: str, request: Request) -> Response:
        return await _answered(request, tokens, Role.ADMIN, lambda: desk.check_stored(name))

    @router.get(f"{connections}/fields", summary="The paths that a mapping may use", openapi_extra=_BEARER)
    async def fields(name: str, request: Request, search: Search = "", system: System = "") -> Response:
        return await _answered(request, tokens, Role.ADMIN, lambda: desk.field_rows(name, system, search))

    @router.post(f"{connections}/refresh-fields", summary="Read the fields again", openapi_extra=_BEARER)
    async def refresh(name: str, request: Request) -> Response:
        return await _answered(request, tokens, Role.ADMIN, lambda: desk.refreshed_fields(name))

    @router.get(f"{connections}/versions", summary="Every applied version", openapi_extra=_BEARER)
    async def versions(name: str, request: Request) -> Response:
        return await _answered(request, tokens, Role.VIEWER, lambda: desk.version_rows(name))

    return router


async def _answered(
    request: Request, tokens: AccessTokens, needed: Role, ask: Callable[[], Awaitable[object]]
) -> Response:
    role = tokens.role_of(request)
    if role is None or (needed is Role.ADMIN and role is not Role.ADMIN):
        return unauthorized(f"Send the {needed}'s token as `Authorization: Bearer TOKEN`.").response()
    try:
        return JSONResponse(jsonable_encoder(await ask()))
    except Rejected as failure:
        status, title = (404, "Not found") if failure.code in _NOT_FOUND else (422, "It cannot be done")
        return Problem(status, failure.code, title, failure.text).response()


async def _body(request: Request) -> bytes | None:
    """The whole body, or None when it is larger than a connection file may be."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_FILE_BYTES:
            return None
        parts.append(part)
    return b"".join(parts)
