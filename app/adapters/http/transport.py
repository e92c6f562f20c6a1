"""Connections that know the very moment at which a request leaves.

Sits below httpx, at httpcore's network backend: the peer is checked when a connection stands, and the first byte of
a request is the last chance to stop it. So a process that was stopped anywhere before sends nothing when it wakes.
"""

import ssl
from collections.abc import AsyncIterator, Iterable
from contextvars import ContextVar
from typing import Any, cast

import httpcore
import httpx

from app.adapters.http.addresses import check_peer
from app.core.model.failure import NotSent, Rejected
from app.ports.clock import Clock

# Shorter than the 5 s after which common servers close idle connections: a write that meets a closing connection
# would end as an unknown outcome.
_KEEP_ALIVE_S = 3.0
_MAX_CONNECTIONS = 500


class Departure:
    """One request on its way: `left` turns true when its first byte is handed over."""

    def __init__(self, clock: Clock, start_by_s: float | None) -> None:
        self._clock = clock
        self._start_by_s = start_by_s
        self.left = False

    def leave(self) -> None:
        """Called with the first byte in hand. Raises `NotSent` when it is too late to start."""
        if not self.left:
            self.check()
            self.left = True

    def check(self) -> None:
        """Raises `NotSent` when it is too late to start."""
        if self._start_by_s is not None and self._clock.boot_s() > self._start_by_s:
            raise NotSent("The write was stopped before it left: its time to start was over.")


_departure: ContextVar[Departure | None] = ContextVar("departure", default=None)


class GuardedTransport(httpx.AsyncBaseTransport):
    """A pool of HTTP/1.1 connections. No redirects, no cookies, no proxies, no logging: none of it exists here."""

    def __init__(self, allowed_hosts: frozenset[str]) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=_MAX_CONNECTIONS,
            max_keepalive_connections=_MAX_CONNECTIONS // 5,
            keepalive_expiry=_KEEP_ALIVE_S,
            network_backend=_Backend(allowed_hosts),
        )

    async def depart(self, request: httpx.Request, departure: Departure) -> httpx.Response:
        """The answer with its body unread. Raises what httpcore raises, and `NotSent` at the last moment."""
        token = _departure.set(departure)
        try:
            return await self.handle_async_request(request)
        finally:
            _departure.reset(token)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._pool.handle_async_request(
            httpcore.Request(
                request.method,
                httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer), request=request)

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._answer.aiter_stream():
            yield part

    async def aclose(self) -> None:
        await self._answer.aclose()


class _Backend(httpcore.AsyncNetworkBackend):
    def __init__(self, allowed_hosts: frozenset[str]) -> None:
        self._allowed_hosts = allowed_hosts
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        stream = await self._inner.connect_tcp(host, port, timeout, local_address, socket_options)
        return _PeerCheck(stream, host, port, self._allowed_hosts)

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


class _Stream(httpcore.AsyncNetworkStream):
    """A connection that asks the departing request before its first byte."""

    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        self._inner = inner

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._inner.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        departure = _departure.get()
        if departure is not None:
            departure.leave()
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        return _Stream(await self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _PeerCheck(_Stream):
    """A connection that has not said yet whether it will be encrypted; both ways its peer is checked first."""

    def __init__(self, inner: httpcore.AsyncNetworkStream, host: str, port: int, allowed: frozenset[str]) -> None:
        super().__init__(inner)
        self._where = (host, port)
        self._allowed = allowed

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._check(tls=False)
        await super().write(buffer, timeout)

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        await self._check(tls=True)
        return await super().start_tls(ssl_context, server_hostname, timeout)

    async def _check(self, *, tls: bool) -> None:
        peer = cast("tuple[Any, ...] | None", self.get_extra_info("server_addr"))
        try:
            check_peer(*self._where, str(peer[0]) if peer else "", self._allowed, tls=tls)
        except Rejected:
            await self.aclose()
            raise
