"""The sender: the only place from which a request leaves this process."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import TypeVar
from urllib.parse import urlsplit

import httpcore
import httpx

from app.adapters.http.addresses import check_url
from app.adapters.http.gates import Gate, passing
from app.adapters.http.jsontext import to_json
from app.adapters.http.message import HttpAnswer, HttpRequest
from app.adapters.http.transport import Departure, GuardedTransport
from app.core.model.failure import Failure, NotSent, Rejected, Transient, Unknown
from app.core.model.permit import Opening, WritePermit
from app.ports.clock import Clock

__all__ = ["HttpAnswer", "HttpRequest", "Sender"]

_ANSWER_CAP_BYTES = 64 * 1024 * 1024
_CONNECT_TIMEOUT_S = 30.0
_NETWORK_TROUBLE = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    httpx.DecodingError,
    TimeoutError,
    OSError,
)
_Taken = TypeVar("_Taken")


class Sender:
    """Sends requests over one pool of connections; a request in, an answer of any status or a `Failure` out.

    `allowed_hosts` are extra `host:port` beside public https hosts. There are no redirects, cookies or proxies.
    """

    def __init__(self, clock: Clock, allowed_hosts: frozenset[str], user_agent: str) -> None:
        self._clock = clock
        self._allowed_hosts = allowed_hosts
        self._user_agent = user_agent
        self._transport = GuardedTransport(allowed_hosts)

    async def send(
        self, request: HttpRequest, *, permit: Opening | None = None, gates: Sequence[Gate] = ()
    ) -> HttpAnswer:
        """The vendor's answer, whatever its status.

        `permit` makes it a write; it is asked for once every gate is passed. Without one, network trouble is
        `Transient`. With one it is `NotSent` as long as no byte of the request had left, and `Unknown` from then
        on; a write whose time to start is over is `NotSent`. A forbidden address is `Rejected`; a gate may raise
        `Throttled`, and opening the permit whatever it likes.
        """
        return await self._pass(request, _whole, permit, gates)

    async def receive(
        self, request: HttpRequest, take: Callable[[httpx.Response], Awaitable[_Taken]], *, gates: Sequence[Gate] = ()
    ) -> _Taken:
        """What `take` makes of the answer to a read, given with its body unread and closed afterwards.

        Network trouble while it reads is `Transient`, as is an `httpx.DecodingError` that it raises itself.
        """
        return await self._pass(request, take, None, gates)

    async def aclose(self) -> None:
        """Closes every connection."""
        await self._transport.aclose()

    async def _pass(
        self,
        request: HttpRequest,
        take: Callable[[httpx.Response], Awaitable[_Taken]],
        permit: Opening | None,
        gates: Sequence[Gate],
    ) -> _Taken:
        check_url(request.url, self._allowed_hosts)
        message = self._message(request)
        async with AsyncExitStack() as passed:
            for gate in gates:
                await passed.enter_async_context(passing(gate))
            allowed = await permit() if permit else None
            return await self._bounded(request, message, allowed, take)

    def _message(self, request: HttpRequest) -> httpx.Request:
        headers = httpx.Headers(
            {"User-Agent": self._user_agent, "Accept": "application/json", "Accept-Encoding": "gzip, deflate"},
            encoding="utf-8",
        )
        headers.update(httpx.Headers(dict(request.headers), encoding="utf-8"))
        content = None if request.json is None else to_json(request.json)
        if content is not None and "content-type" not in headers:
            headers["Content-Type"] = "application/json"
        timeout = httpx.Timeout(request.timeout_s, connect=min(_CONNECT_TIMEOUT_S, request.timeout_s))
        try:
            return httpx.Request(
                request.method,
                request.url,
                params=request.params,
                headers=headers,
                content=content,
                data=None if request.form is None else dict(request.form),
                extensions={"timeout": timeout.as_dict()},
            )
        except httpx.InvalidURL as error:
            raise Rejected("address_not_allowed", f"The broker may not call a malformed address: {error}.") from error

    async def _bounded(
        self,
        request: HttpRequest,
        message: httpx.Request,
        permit: WritePermit | None,
        take: Callable[[httpx.Response], Awaitable[_Taken]],
    ) -> _Taken:
        departure = Departure(self._clock, permit.start_by_s if permit else None)
        departure.check()
        try:
            async with asyncio.timeout(self._time_left_s(request, permit)):
                answer = await self._transport.depart(message, departure)
                try:
                    return await take(answer)
                finally:
                    await answer.aclose()
        except httpcore.LocalProtocolError as error:
            raise Rejected("request_not_sendable", f"This request cannot be sent: {error}.") from error
        except _NETWORK_TROUBLE as error:
            raise _failure(request, permit, departure, error) from error

    def _time_left_s(self, request: HttpRequest, permit: WritePermit | None) -> float:
        if permit is None:
            return request.timeout_s
        return min(request.timeout_s, permit.finish_by_s - self._clock.boot_s())


async def _whole(answer: httpx.Response) -> HttpAnswer:
    return HttpAnswer(answer.status_code, _lower(answer.headers), await _read(answer))


async def _read(answer: httpx.Response) -> bytes:
    parts: list[bytes] = []
    size_bytes = 0
    async for part in answer.aiter_bytes():
        size_bytes += len(part)
        if size_bytes > _ANSWER_CAP_BYTES:
            raise httpx.DecodingError(f"the answer is larger than {_ANSWER_CAP_BYTES} bytes")
        parts.append(part)
    return b"".join(parts)


def _lower(headers: httpx.Headers) -> Mapping[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _failure(request: HttpRequest, permit: WritePermit | None, departure: Departure, error: BaseException) -> Failure:
    parts = urlsplit(request.url)
    where = parts.hostname or ""
    detail = f"{request.method} {where}{'' if request.redact else parts.path}: {type(error).__name__} {error}".strip()
    if permit is None:
        return Transient(f"{where} could not be reached or did not answer in time.", detail=detail)
    if not departure.left:
        return NotSent(f"{where} could not be reached; nothing was sent.", detail=detail)
    return Unknown(f"The answer of {where} to a write was lost.", detail=detail)
