"""Downloads of files that a vendor links to: bounded, counted while they come in, and without any credentials."""

import asyncio
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from io import BytesIO

import httpx

from app.adapters.http.message import HttpRequest
from app.adapters.http.sender import Sender
from app.adapters.http.waiting import retry_at
from app.core.model.failure import Failure, Rejected, Throttled, Transient
from app.ports.clock import Clock
from app.ports.files import FileBytes

_LONGEST_S = 120.0
_MOST_REDIRECTS = 5
_DEFAULT_WAIT = timedelta(seconds=60)
# A file must not follow a broken one on the same connection, where what was left over would be taken for its start.
_HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


class Downloads:
    """`Files` over a sender, one at a time per `turn`; with a leased sender every request passes the lease.

    Failures name the host and never the address, which may carry a signature.
    """

    def __init__(self, sender: Sender, clock: Clock, turn: asyncio.Lock, longest_s: float = _LONGEST_S) -> None:
        self._sender = sender
        self._clock = clock
        self._turn = turn
        self._longest_s = longest_s

    @asynccontextmanager
    async def fetch(self, url: str, *, hosts: frozenset[str], cap_bytes: int) -> AsyncIterator[FileBytes]:
        """The file of the link, wherever up to 5 redirects lead; the next file waits until the context ends."""
        allowed = frozenset(host.lower() for host in hosts)
        async with self._turn:
            yield await self._bounded(_parsed(url), allowed, cap_bytes)

    async def _bounded(self, at: httpx.URL, hosts: frozenset[str], cap_bytes: int) -> FileBytes:
        try:
            async with asyncio.timeout(self._longest_s):
                return await self._follow(at, hosts, cap_bytes)
        except TimeoutError as error:
            raise Transient(f"A file on {at.host} did not come within {self._longest_s:g} s.") from error

    async def _follow(self, at: httpx.URL, hosts: frozenset[str], cap_bytes: int) -> FileBytes:
        for _ in range(_MOST_REDIRECTS + 1):
            _check_host(at, hosts)
            found = await self._get(at, cap_bytes)
            if isinstance(found, FileBytes):
                return found
            at = found
        raise Rejected("file_unreadable", f"A file's link leads on more than {_MOST_REDIRECTS} times, to {at.host}.")

    async def _get(self, at: httpx.URL, cap_bytes: int) -> FileBytes | httpx.URL:
        request = HttpRequest("GET", str(at), _HEADERS, timeout_s=self._longest_s, redact=True)
        try:
            return await self._sender.receive(request, partial(self._take, cap_bytes))
        except Rejected as error:
            if error.code != "address_not_allowed":
                raise
            raise _not_allowed(error.text) from error

    async def _take(self, cap_bytes: int, answer: httpx.Response) -> FileBytes | httpx.URL:
        """The file, or where the answer leads."""
        if answer.status_code in (200, 203):
            return await _read(answer, cap_bytes)
        if answer.status_code in (301, 302, 303, 307, 308) and "location" in answer.headers:
            return _parsed(answer.headers["location"], answer.request.url)
        raise self._failure(answer)

    def _failure(self, answer: httpx.Response) -> Failure:
        status, host = answer.status_code, answer.request.url.host
        if status == 429:
            now = self._clock.now()
            until = retry_at(answer.headers, now) or now + _DEFAULT_WAIT
            return Throttled(f"{host} hands out no more files now.", until=until)
        if 400 <= status < 500 and status != 408:
            return Rejected("file_not_found", f"{host} does not hand out the file: HTTP {status}.")
        return Transient(f"{host} answered the download of a file with HTTP {status}.")


async def _read(answer: httpx.Response, cap_bytes: int) -> FileBytes:
    unpack = _unpacking(answer)
    length = answer.headers.get("content-length", "")
    if unpack is None and length.isdecimal() and int(length[:18]) > cap_bytes:
        return FileBytes(b"", is_too_large=True)
    data = BytesIO()
    async for raw in answer.aiter_raw():
        # Whatever a packed piece holds, no more of it is unpacked than it takes to see that the file is too large.
        data.write(_unpacked(unpack, raw, cap_bytes + 1 - data.tell()) if unpack else raw)
        if data.tell() > cap_bytes:
            return FileBytes(b"", is_too_large=True)
    if unpack and not unpack.eof:
        raise httpx.DecodingError("the packed file was cut off")
    # A BytesIO gives its own bytes away: the file is never there twice.
    return FileBytes(data.getvalue())


def _unpacking(answer: httpx.Response) -> "zlib._Decompress | None":
    """What undoes the packing that was not asked for: storage that keeps a file packed hands it out so."""
    encoding = answer.headers.get("content-encoding", "").strip().lower()
    if encoding in ("", "identity"):
        return None
    if encoding in ("gzip", "x-gzip", "deflate"):
        return zlib.decompressobj(_GZIP_OR_ZLIB)
    raise Rejected("file_unreadable", f"{answer.request.url.host} sends a file packed in a way nobody asked for.")


def _unpacked(unpack: "zlib._Decompress", raw: bytes, most_bytes: int) -> bytes:
    try:
        return unpack.decompress(raw, most_bytes)
    except zlib.error as error:
        raise httpx.DecodingError(f"the packed file is broken: {error}") from error


def _parsed(url: str, seen_at: httpx.URL | None = None) -> httpx.URL:
    """The address as the transport will understand it; a redirect may be relative to where it was `seen_at`."""
    try:
        return seen_at.join(url) if seen_at else httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise _not_allowed("The link of a file is no address.") from error


def _check_host(at: httpx.URL, hosts: frozenset[str]) -> None:
    name = at.raw_host.decode("ascii").lower()
    port = at.port or (443 if at.scheme == "https" else 80)
    parents = name.split(".")
    above = {".".join(parents[start:]) for start in range(1, len(parents))}
    names = {name, f"{name}:{port}"} | {f".{parent}" for parent in above} | {f"*.{parent}" for parent in above}
    if at.scheme not in ("https", "http") or not hosts & names:
        raise _not_allowed(f"The broker downloads no file from {at.scheme}://{name}.")


def _not_allowed(text: str) -> Rejected:
    return Rejected("file_host_not_allowed", text)
