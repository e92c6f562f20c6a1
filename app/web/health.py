"""Signs of life for orchestrators, dashboards and Prometheus; the same for a web and for a worker process."""

import asyncio
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST

from app.core.model.failure import DatabaseAway, Failure
from app.ports.desk import HealthDesk
from app.web.access import AccessTokens, is_local
from app.web.errors import PROBLEM_TYPE, our_trouble, unauthorized
from app.web.metrics import exposition
from app.web.report import HealthReport, read_report

DESK_TIMEOUT_S = 5.0
Responses = dict[int | str, dict[str, Any]]
_STRANGER = unauthorized("Send the viewer's or the admin's token as `Authorization: Bearer TOKEN`.")


def _problems(**texts: str) -> Responses:
    """OpenAPI's description of problem answers, from `s503="why"`."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        key[1:]: {"description": text, "content": {PROBLEM_TYPE: {"schema": schema}}} for key, text in texts.items()
    }


_BEARER: dict[str, Any] = {"security": [{"AccessToken": []}]}
_SIGN = {"type": "object", "required": ["status"], "properties": {"status": {"type": "string"}}}
_SIGN_OK: Responses = {200: {"description": "Yes.", "content": {"application/json": {"schema": _SIGN}}}}
_REFUSALS = _problems(s401="No token, or a wrong one.", s503="The database is away.")
_REPORT: Responses = {200: {"model": HealthReport}}
_METRICS: Responses = {200: {"description": "Series.", "content": {"text/plain": {"schema": {"type": "string"}}}}}


def health_router(desk: HealthDesk, tokens: AccessTokens, version: str, draining: Callable[[], bool]) -> APIRouter:
    """The four routes. `draining` says whether the process takes no new work any more."""
    router = APIRouter(tags=["health"])

    @router.get("/livez", summary="Alive?", responses=_SIGN_OK)
    async def livez() -> Response:
        return JSONResponse({"status": "alive"})

    @router.get("/readyz", summary="Ready for work?", responses=_SIGN_OK | _problems(s503="Not ready; why."))
    async def readyz() -> Response:
        trouble = "The process is shutting down." if draining() else await _trouble(desk)
        if trouble:
            return our_trouble("not_ready", trouble).response()
        return JSONResponse({"status": "ready"})

    @router.get(
        "/health", summary="Health of everything", response_model=None, openapi_extra=_BEARER,
        responses=_REPORT | _REFUSALS,
    )  # fmt: skip
    async def health(request: Request) -> Response:
        if tokens.role_of(request) is None:
            return _STRANGER.response()
        report = await _report(desk, version)
        return JSONResponse(report.model_dump(mode="json", by_alias=True))

    @router.get("/metrics", summary="The same as series", openapi_extra=_BEARER, responses=_METRICS | _REFUSALS)
    async def metrics(request: Request) -> Response:
        if not is_local(request) and tokens.role_of(request) is None:
            return _STRANGER.response()
        return Response(exposition(await _report(desk, version)), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return router


async def _trouble(desk: HealthDesk) -> str:
    """Empty when the database can be worked with, else a sentence."""
    try:
        async with asyncio.timeout(DESK_TIMEOUT_S):
            return await desk.ready()
    except TimeoutError:
        return "The database did not answer in time."
    except Failure as failure:
        return failure.text


async def _report(desk: HealthDesk, version: str) -> HealthReport:
    try:
        async with asyncio.timeout(DESK_TIMEOUT_S):
            return await read_report(desk, version)
    except TimeoutError:
        raise DatabaseAway("The database did not answer in time.") from None
