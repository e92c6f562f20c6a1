"""The trigger's door: `/v1/broker/inbound`, answered before the framework's routing, for a storm of webhooks."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import parse_qsl

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.intake.tokens import tokens_of
from app.core.intake.trigger import BadTrigger
from app.core.model.failure import DatabaseAway
from app.core.model.intake import Accepted, Source
from app.services.intake import Intake, RawTrigger, Stranger
from app.web.bodies import Unread, declares_body, linger, read_body
from app.web.errors import PROBLEM_TYPE, Problem, send_bytes, send_problem, unauthorized

log = structlog.get_logger("web")

TRIGGER_PATH = "/v1/broker/inbound"
BODY_LIMIT_BYTES = 64 * 1024
# Autotask developer help, webhooks: the sender gives up after 10 seconds and counts that as a failure.
ANSWER_TIMEOUT_S = 8.0
ALLOWED = "GET, POST, PUT, OPTIONS"
_CLOSE = ("Connection", "close")
_STRANGER = unauthorized("The trigger token is missing, unknown or revoked, or the signature does not match.")
_NOT_ALLOWED = Problem(
    405, "method_not_allowed", "Method not allowed", f"Use one of {ALLOWED} here.", (("Allow", ALLOWED),)
)
_TOO_LARGE = Problem(
    413, "too_large", "Request too large", f"Send at most {BODY_LIMIT_BYTES} bytes; an id or a ticket number will do."
)
_TOO_SLOW = Problem(408, "too_slow", "Request timeout", "The body did not arrive in time; send it in one go.")


@dataclass(frozen=True, slots=True)
class _Head:
    """A request without its body."""

    method: str
    query: Sequence[tuple[str, str]]
    headers: Sequence[tuple[str, str]]
    fields: dict[str, str]


class TriggerDoor:
    """Answers the trigger's path and passes on everything else."""

    def __init__(self, app: ASGIApp, intake: Intake) -> None:
        self._app = app
        self._intake = intake

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != TRIGGER_PATH:
            await self._app(scope, receive, send)
            return
        head = _head_of(scope)
        # The server logs what stands here, should somebody switch its access log on; the token must not.
        scope["query_string"] = b""
        if head.method == "OPTIONS":
            await send_bytes(send, 200, b"", "text/plain", (("Allow", ALLOWED),))
        elif head.method not in ("GET", "POST", "PUT"):
            await self._refuse_unread(_NOT_ALLOWED, head, receive, send)
        else:
            await self._admit(head, receive, send)

    async def _admit(self, head: _Head, receive: Receive, send: Send) -> None:
        caller = await self._intake.identify(tokens_of(head.query, head.headers))
        if isinstance(caller, Stranger):
            await self._refuse_unread(_STRANGER, head, receive, send)
            return
        body = await read_body(receive, head.fields, BODY_LIMIT_BYTES)
        if isinstance(body, Unread):
            log.info("trigger_refused", code=str(body.value), connection=caller.connection)
            await self._refuse_body(body, head, receive, send)
            return
        async with _answer_in_time():
            answer = await self._intake.accept(caller, _raw_of(head, body))
        await _send_answer(send, answer)

    async def _refuse_body(self, why: Unread, head: _Head, receive: Receive, send: Send) -> None:
        if why is Unread.GONE:
            return
        await self._refuse_unread(_TOO_LARGE if why is Unread.TOO_LARGE else _TOO_SLOW, head, receive, send)

    async def _refuse_unread(self, problem: Problem, head: _Head, receive: Receive, send: Send) -> None:
        """Refuses a request whose body was not read, or not wholly: the connection is of no more use then."""
        if not declares_body(head.fields):
            await send_problem(send, problem)
            return
        headers = (*problem.headers, _CLOSE)
        await send_bytes(send, problem.status, problem.body(), PROBLEM_TYPE, headers, is_last=False)
        await linger(receive, send)


@asynccontextmanager
async def _answer_in_time() -> AsyncIterator[None]:
    """Turns an answer that does not come while the sender still waits into a `DatabaseAway`."""
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            yield
    except TimeoutError:
        raise DatabaseAway("The database did not answer in time.") from None


def _head_of(scope: Scope) -> _Head:
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True, errors="replace")
    return _Head(scope["method"], query, headers, dict(headers))


def _raw_of(head: _Head, body: bytes) -> RawTrigger:
    source = Source.PERSON if head.method == "GET" else Source.CALLOUT
    content_type = head.fields.get("content-type", "")[:200]
    # Autotask developer help, securing webhook payloads: the signature comes in this header.
    return RawTrigger(source, content_type, body, head.query, head.fields.get("x-hook-signature"))


async def _send_answer(send: Send, answer: Sequence[Accepted] | BadTrigger | Stranger) -> None:
    if isinstance(answer, Stranger):
        await send_problem(send, _STRANGER)
    elif isinstance(answer, BadTrigger):
        await send_problem(send, Problem(answer.status, answer.code, answer.title, answer.detail))
    else:
        await send_bytes(send, 202, _accepted_body(answer), "application/json")


def _accepted_body(accepted: Sequence[Accepted]) -> bytes:
    rows = [
        {"ticket": one.named, "job": str(one.job_id), "state": "merged" if one.merged else "queued"} for one in accepted
    ]
    return json.dumps({"accepted": rows}, separators=(",", ":")).encode()
