"""The door of everybody who tells us to look: answered before the framework's routing, for a storm of webhooks."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import parse_qsl

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.intake.tokens import Credentials, tokens_of
from app.core.intake.trigger import BadTrigger
from app.core.model.failure import DatabaseAway
from app.core.model.intake import Accepted, Caller
from app.services.callers import Answer, Stranger
from app.web.bodies import Unread, declares_body, linger, read_body
from app.web.errors import PROBLEM_TYPE, Problem, send_bytes, send_problem, unauthorized

log = structlog.get_logger("web")

_CLOSE = ("Connection", "close")
_STRANGER = unauthorized("The trigger token is missing, unknown or revoked, or the signature does not match.")
_TOO_SLOW = Problem(408, "too_slow", "Request timeout", "The body did not arrive in time; send it in one go.")


@dataclass(frozen=True, slots=True)
class Head:
    """A request without its body. The names of `fields`, the headers, are in lower case."""

    method: str
    query: Sequence[tuple[str, str]]
    headers: Sequence[tuple[str, str]]
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Entrance:
    """One path of the door, and the story behind it: `identify` sees no body, `accept` has a known caller.

    `thing` is what is brought, for the log; `named` is the word for what it names, in answers.
    """

    path: str
    methods: tuple[str, ...]
    thing: str
    named: str
    limit_bytes: int
    answer_timeout_s: float
    identify: Callable[[Credentials], Awaitable[Caller | Stranger]]
    accept: Callable[[Caller, Head, bytes], Awaitable[Answer]]

    @property
    def allow(self) -> str:
        return ", ".join((*self.methods, "OPTIONS"))


class Door:
    """Answers the paths of its entrances and passes on everything else."""

    def __init__(self, app: ASGIApp, entrances: Sequence[Entrance]) -> None:
        self._app = app
        self._entrances = {entrance.path: entrance for entrance in entrances}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        entrance = self._entrances.get(scope["path"]) if scope["type"] == "http" else None
        if entrance is None:
            await self._app(scope, receive, send)
            return
        head = _head_of(scope)
        # The server logs what stands here, should somebody switch its access log on; the token must not.
        scope["query_string"] = b""
        if head.method == "OPTIONS":
            await send_bytes(send, 200, b"", "text/plain", (("Allow", entrance.allow),))
        elif head.method not in entrance.methods:
            await _refuse_unread(_not_allowed(entrance), head, receive, send)
        else:
            await _admit(entrance, head, receive, send)


async def _admit(entrance: Entrance, head: Head, receive: Receive, send: Send) -> None:
    caller = await entrance.identify(tokens_of(head.query, head.headers))
    if isinstance(caller, Stranger):
        await _refuse_unread(_STRANGER, head, receive, send)
        return
    body = await read_body(receive, head.fields, entrance.limit_bytes)
    if isinstance(body, Unread):
        log.info(f"{entrance.thing}_refused", code=str(body.value), connection=caller.connection)
        if body is not Unread.GONE:
            problem = _too_large(entrance) if body is Unread.TOO_LARGE else _TOO_SLOW
            await _refuse_unread(problem, head, receive, send)
        return
    async with _answer_within(entrance.answer_timeout_s):
        answer = await entrance.accept(caller, head, body)
    await _send_answer(send, entrance, answer)


async def _refuse_unread(problem: Problem, head: Head, receive: Receive, send: Send) -> None:
    """Refuses a request whose body was not read, or not wholly: the connection is of no more use then."""
    if not declares_body(head.fields):
        await send_problem(send, problem)
        return
    headers = (*problem.headers, _CLOSE)
    await send_bytes(send, problem.status, problem.body(), PROBLEM_TYPE, headers, is_last=False)
    await linger(receive, send)


@asynccontextmanager
async def _answer_within(timeout_s: float) -> AsyncIterator[None]:
    """Turns an answer that does not come while the sender still waits into a `DatabaseAway`."""
    try:
        async with asyncio.timeout(timeout_s):
            yield
    except TimeoutError:
        raise DatabaseAway("The database did not answer in time.") from None


def _head_of(scope: Scope) -> Head:
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True, errors="replace")
    return Head(scope["method"], query, headers, dict(headers))


def _not_allowed(entrance: Entrance) -> Problem:
    detail = f"Use one of {entrance.allow} here."
    return Problem(405, "method_not_allowed", "Method not allowed", detail, (("Allow", entrance.allow),))


def _too_large(entrance: Entrance) -> Problem:
    detail = f"The body of {entrance.thing}s is read up to {entrance.limit_bytes} bytes; send less."
    return Problem(413, "too_large", "Request too large", detail)


async def _send_answer(send: Send, entrance: Entrance, answer: Answer) -> None:
    if isinstance(answer, Stranger):
        await send_problem(send, _STRANGER)
    elif isinstance(answer, BadTrigger):
        await send_problem(send, Problem(answer.status, answer.code, answer.title, answer.detail))
    else:
        await send_bytes(send, 202, _accepted_body(entrance.named, answer), "application/json")


def _accepted_body(named: str, accepted: Sequence[Accepted]) -> bytes:
    rows = [
        {named: one.named, "job": str(one.job_id), "state": "merged" if one.merged else "queued"} for one in accepted
    ]
    return json.dumps({"accepted": rows}, separators=(",", ":")).encode()
