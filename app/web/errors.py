"""Errors on the wire: `application/problem+json`, and a shield that lets no exception out of the application."""

import asyncio
import json
import traceback
from dataclasses import dataclass
from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.model.failure import Failure

log = structlog.get_logger("web")

PROBLEM_TYPE = "application/problem+json"
RETRY_AFTER_S = 5
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One error as its receiver sees it: `code` is stable, `detail` says what to change."""

    status: int
    code: str
    title: str
    detail: str
    headers: Headers = ()

    def body(self) -> bytes:
        """The problem document (RFC 9457)."""
        members = {
            "type": f"urn:broker:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }
        return json.dumps(members, separators=(",", ":")).encode()

    def response(self) -> Response:
        """The same as a framework response."""
        return Response(self.body(), self.status, dict(self.headers), media_type=PROBLEM_TYPE)


def our_trouble(code: str, detail: str) -> Problem:
    """503 with `Retry-After`: senders drop an event on a 4xx, and try again after this."""
    return Problem(503, code, "Service unavailable", detail, (("Retry-After", str(RETRY_AFTER_S)),))


def unauthorized(detail: str) -> Problem:
    """401, the same for every reason."""
    return Problem(401, "unauthorized", "Unauthorized", detail, (("WWW-Authenticate", "Bearer"),))


def of_exception(error: BaseException) -> Problem:
    """What the receiver is told of an exception: a failure's own sentence, and nothing at all of any other."""
    if isinstance(error, Failure):
        return our_trouble("temporarily_unavailable", f"{error.text} Send the request again.")
    return our_trouble("internal_trouble", "The broker could not handle this request now; send it again later.")


def where_of(error: BaseException) -> list[str]:
    """The places an exception passed, innermost last, without any value: fit for a log line."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames[-8:]]


class Shield:
    """Outermost middleware: every exception becomes a 503, logged in one line without values of the request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_started = False

        async def watched(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        # A cancelled request (a shutdown that ran out of patience) would be a 500 of the server's, so it is ours too.
        except (Exception, asyncio.CancelledError) as error:
            _log_failed(scope, error)
            if not has_started:
                await send_problem(send, of_exception(error))


class HeadAsGet:
    """Answers HEAD as GET is answered; the server leaves out the body, since it goes by the scope of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_head = scope["type"] == "http" and scope["method"] == "HEAD"
        await self._app({**scope, "method": "GET"} if is_head else scope, receive, send)


def _log_failed(scope: Scope, error: BaseException) -> None:
    text = error.text if isinstance(error, Failure) else ""
    detail = error.detail if isinstance(error, Failure) else ""
    log.error(
        "request_failed",
        method=scope["method"],
        path=scope["path"][:200],
        error=type(error).__name__,
        text=text,
        # A database driver's words may go on with the whole statement.
        detail=detail[:300],
        where=where_of(error),
    )


async def send_problem(send: Send, problem: Problem) -> None:
    """Sends the whole problem as the response."""
    await send_bytes(send, problem.status, problem.body(), PROBLEM_TYPE, problem.headers)


async def send_bytes(
    send: Send, status: int, body: bytes, media_type: str, headers: Headers = (), *, is_last: bool = True
) -> None:
    """Sends one whole answer; with `is_last` false the exchange stays open, so that the rest can still be read."""
    raw = [(b"content-type", media_type.encode()), (b"content-length", b"%d" % len(body))]
    raw += [(name.lower().encode(), value.encode()) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body, "more_body": not is_last})


def install_problems(app: FastAPI) -> None:
    """Makes the framework's own refusals (404, 405, validation) problems too."""

    async def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return _of_http(error).response()

    async def invalid(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return _of_validation(error).response()

    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(RequestValidationError, invalid)


_SENTENCES = {
    "Not Found": "There is nothing at this address; `/docs` lists what there is.",
    "Method Not Allowed": "This address does not know that method; the header `Allow` names those it knows.",
}
"""What the framework says in two words, as a sentence that helps."""


def _of_http(error: HTTPException) -> Problem:
    title = HTTPStatus(error.status_code).phrase
    code = title.lower().replace(" ", "_").replace("-", "_").replace("'", "")
    headers = tuple((error.headers or {}).items())
    detail = str(error.detail or title)
    return Problem(error.status_code, code, title, _SENTENCES.get(detail, detail), headers)


def _of_validation(error: RequestValidationError) -> Problem:
    complaints = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:5])
    return Problem(422, "invalid_request", "Invalid request", "; ".join(complaints))
