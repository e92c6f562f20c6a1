"""Downloads over real sockets: what is followed, what is refused, and that a file is counted while it comes in."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from app.adapters.http.downloads import Downloads
from app.adapters.http.leased import LeasedSender
from app.adapters.http.sender import Sender
from app.core.model.failure import Failure, LeaseLost, Rejected, Throttled, Transient
from app.core.model.ids import AccountId, Epoch, WorkerId
from app.ports.files import FileBytes
from app.ports.hosting import Hosted

CAP = 1000
SIGNED = "/f/a.pdf?signature=hush"


class FileServer:
    """Answers each path with raw bytes and hangs up; a callable writes for itself. Keeps the requests."""

    def __init__(self) -> None:
        self.files: dict[str, bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]] = {}
        self.requests: list[str] = []
        self.where = ""

    @property
    def url(self) -> str:
        return f"http://{self.where}"

    @property
    def paths(self) -> list[str]:
        return [request.split(" ")[1] for request in self.requests]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.requests.append((await reader.readuntil(b"\r\n\r\n")).decode())
            found = self.files.get(self.paths[-1], reply(b"", "404 Not Found"))
            if callable(found):
                await found(writer)
            else:
                writer.write(found)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()


def reply(body: bytes, status: str = "200 OK", *headers: str, length: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def moved(to: str, status: str = "302 Found") -> bytes:
    return reply(b"", status, f"Location: {to}", "Set-Cookie: session=1; Path=/")


@pytest.fixture
async def server() -> AsyncIterator[FileServer]:
    files = FileServer()
    listening = await asyncio.start_server(files.serve, "127.0.0.1", 0)
    host, port = listening.sockets[0].getsockname()
    files.where = f"{host}:{port}"
    yield files
    listening.close()
    await listening.wait_closed()


@pytest.fixture
async def sender(server: FileServer, clock: Any) -> AsyncIterator[Sender]:
    sender = Sender(clock, frozenset({server.where}), "broker/test")
    yield sender
    await sender.aclose()


@pytest.fixture
def downloads(sender: Sender, clock: Any) -> Downloads:
    return Downloads(sender, clock, asyncio.Lock())


async def got(downloads: Downloads, url: str, *hosts: str, cap_bytes: int = CAP) -> FileBytes:
    async with downloads.fetch(url, hosts=frozenset(hosts or ("127.0.0.1",)), cap_bytes=cap_bytes) as file:
        return file


async def refusal(downloads: Downloads, url: str, *hosts: str) -> Rejected:
    with pytest.raises(Rejected) as caught:
        await got(downloads, url, *hosts)
    return caught.value


@pytest.mark.parametrize("size", [0, 1, CAP])
async def test_a_file_comes_back_byte_for_byte(downloads: Downloads, server: FileServer, size: int) -> None:
    server.files[SIGNED] = reply(b"x" * size)
    assert await got(downloads, server.url + SIGNED) == FileBytes(b"x" * size)
    assert server.paths == [SIGNED]


async def test_a_file_of_unknown_length_comes_back_whole(downloads: Downloads, server: FileServer) -> None:
    server.files["/f"] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n"
    assert (await got(downloads, server.url + "/f")).data == b"abcde"


async def test_no_credential_and_no_cookie_goes_to_a_file(downloads: Downloads, server: FileServer) -> None:
    server.files |= {"/a": moved("/b"), "/b": reply(b"ab")}
    await got(downloads, server.url + "/a")
    names = {line.split(":")[0].lower() for request in server.requests for line in request.splitlines()[1:] if line}
    assert names == {"host", "user-agent", "accept", "accept-encoding", "connection"}


async def test_a_file_that_says_it_is_too_large_is_not_read(downloads: Downloads, server: FileServer) -> None:
    server.files["/f"] = reply(b"", length=CAP + 1)
    assert await got(downloads, server.url + "/f") == FileBytes(b"", is_too_large=True)


async def test_a_file_without_an_end_is_given_up_at_the_cap(downloads: Downloads, server: FileServer) -> None:
    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"100\r\n" + b"x" * 256 + b"\r\n")
            await writer.drain()

    server.files["/f"] = endless
    assert await got(downloads, server.url + "/f") == FileBytes(b"", is_too_large=True)


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
async def test_a_file_that_is_kept_packed_is_unpacked_and_counted_as_it_grows(
    downloads: Downloads, server: FileServer, encoding: str, pack: Callable[[bytes], bytes]
) -> None:
    server.files["/small"] = reply(pack(b"x" * CAP), "200 OK", f"Content-Encoding: {encoding}")
    server.files["/bomb"] = reply(pack(b"0" * 50_000_000), "200 OK", f"Content-Encoding: {encoding}")
    server.files["/cut"] = reply(pack(b"x" * CAP)[:-6], "200 OK", f"Content-Encoding: {encoding}")
    server.files["/broken"] = reply(b"no such packing", "200 OK", f"Content-Encoding: {encoding}")
    assert (await got(downloads, server.url + "/small")).data == b"x" * CAP
    assert (await got(downloads, server.url + "/bomb")).is_too_large
    for path in ("/cut", "/broken"):
        with pytest.raises(Transient):
            await got(downloads, server.url + path)


async def test_a_packing_that_nobody_knows_is_said_and_not_stored(downloads: Downloads, server: FileServer) -> None:
    server.files["/f"] = reply(b"x", "200 OK", "Content-Encoding: zstd")
    assert (await refusal(downloads, server.url + "/f")).code == "file_unreadable"


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Again", "308 For Good"])
async def test_five_redirects_are_followed_and_no_more(downloads: Downloads, server: FileServer, status: str) -> None:
    for number in range(6):
        server.files[f"/{number}"] = moved(f"{server.url}/{number + 1}" if number % 2 else str(number + 1), status)
    server.files["/6"] = reply(b"ab")
    assert (await got(downloads, server.url + "/1")).data == b"ab"
    assert (await refusal(downloads, server.url + "/0")).code == "file_unreadable"


@pytest.mark.parametrize(
    "location",
    [
        "https://elsewhere.example/f",
        "//elsewhere.example/f",
        "http://169.254.169.254/latest/meta-data",
        "https://user:pass@127.0.0.1/f",
        "ftp://127.0.0.1/f",
        "file:///etc/passwd",
        "http://[::1/f",
    ],
)
async def test_a_redirect_to_anywhere_else_is_refused_before_anything_is_sent_there(
    downloads: Downloads, server: FileServer, location: str
) -> None:
    server.files["/f"] = moved(location)
    assert (await refusal(downloads, server.url + "/f")).code == "file_host_not_allowed"
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("https://files.example.com/f", ("example.com",)),
        ("https://example.com/f", (".example.com",)),
        ("https://badexample.com/f", (".example.com", "*.example.com")),
        ("https://example.com.evil.test/f", ("example.com", ".example.com")),
        ("https://example.com@evil.test/f", ("example.com",)),
        ("https://example.com\\@evil.test/f", ("example.com",)),
        ("https://example.com:8443/f", ("example.com:443",)),
        ("https://10.0.0.5/f", ("10.0.0.5",)),
        ("https://localhost/f", ("localhost",)),
        ("http://example.com/f", ("example.com",)),
        ("/f", ("example.com",)),
        ("", ("",)),
    ],
)
async def test_a_link_to_a_host_that_was_not_named_is_refused(
    downloads: Downloads, url: str, hosts: tuple[str, ...]
) -> None:
    assert (await refusal(downloads, url, *hosts)).code == "file_host_not_allowed"


@pytest.mark.parametrize("host", ["127.0.0.1", "LOCALHOST", "*.0.0.1", ".0.1"])
async def test_a_host_is_named_alone_with_its_port_or_by_what_it_is_below(
    server: FileServer, clock: Any, host: str
) -> None:
    name = "LocalHost" if host == "LOCALHOST" else "127.0.0.1"
    port = server.where.partition(":")[2]
    sender = Sender(clock, frozenset({f"{name.lower()}:{port}"}), "broker/test")
    downloads = Downloads(sender, clock, asyncio.Lock())
    server.files["/f"] = reply(b"ab")
    for named in (host, f"{name}:{port}"):
        assert (await got(downloads, f"http://{name}:{port}/f", named)).data == b"ab"
    await sender.aclose()


async def test_plain_http_is_for_loopback_addresses_that_the_sender_knows(server: FileServer, clock: Any) -> None:
    sender = Sender(clock, frozenset(), "broker/test")
    server.files["/f"] = reply(b"ab")
    caught = await refusal(Downloads(sender, clock, asyncio.Lock()), server.url + "/f")
    assert (caught.code, server.requests) == ("file_host_not_allowed", [])
    await sender.aclose()


@pytest.mark.parametrize(
    ("status", "code"),
    [("404 Not Found", 404), ("403 Forbidden", 403), ("410 Gone", 410), ("401 Unauthorized", 401), ("400 Bad", 400)],
)
async def test_a_file_that_is_not_handed_out_is_rejected(
    downloads: Downloads, server: FileServer, status: str, code: int
) -> None:
    server.files[SIGNED] = reply(b"hush", status)
    caught = await refusal(downloads, server.url + SIGNED)
    assert (caught.code, str(code) in caught.text) == ("file_not_found", True)


@pytest.mark.parametrize(
    "raw",
    [
        reply(b"", "500 Oops"),
        reply(b"", "503 Later"),
        reply(b"", "408 Slow"),
        reply(b"", "302 Found"),
        reply(b"", "204 Nothing"),
        reply(b"a", "206 Partial"),
        reply(b"abc", length=4),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
        b"NOT HTTP AT ALL\r\n\r\n",
        b"",
    ],
)
async def test_a_file_that_was_cut_off_or_met_trouble_is_transient_and_no_file(
    downloads: Downloads, server: FileServer, raw: bytes
) -> None:
    server.files[SIGNED] = raw
    with pytest.raises(Transient) as caught:
        await got(downloads, server.url + SIGNED)
    assert "hush" not in f"{caught.value} {caught.value.detail}"


async def test_what_follows_a_file_on_its_connection_is_never_taken_for_another_answer(
    downloads: Downloads, server: FileServer
) -> None:
    server.files |= {"/f": reply(b"abcdef", length=3) + reply(b"forged"), "/g": reply(b"own")}
    assert [(await got(downloads, server.url + path)).data for path in ("/f", "/g")] == [b"abc", b"own"]
    assert server.paths == ["/f", "/g"]


async def test_a_host_that_is_busy_says_when_to_come_back(downloads: Downloads, server: FileServer, clock: Any) -> None:
    server.files |= {"/f": reply(b"", "429 Slow", "Retry-After: 17"), "/g": reply(b"", "429 Slow")}
    for path, seconds in (("/f", 17), ("/g", 60)):
        with pytest.raises(Throttled) as caught:
            await got(downloads, server.url + path)
        assert caught.value.until == clock.now() + timedelta(seconds=seconds)


async def test_a_file_that_trickles_in_is_given_up_after_the_whole_time(
    sender: Sender, server: FileServer, clock: Any
) -> None:
    hung_up = asyncio.Event()

    async def silent(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab")
        await hung_up.wait()

    server.files |= {"/a": moved("/f"), "/f": silent}
    downloads = Downloads(sender, clock, asyncio.Lock(), longest_s=0.2)
    with pytest.raises(Transient):
        await got(downloads, server.url + "/a")
    hung_up.set()
    server.files["/g"] = reply(b"ab")
    assert (await got(downloads, server.url + "/g")).data == b"ab"


async def test_the_next_file_waits_until_the_one_before_is_done_with(
    sender: Sender, server: FileServer, clock: Any
) -> None:
    server.files |= {"/a": reply(b"a"), "/b": reply(b"b")}
    turn = asyncio.Lock()
    one, other = Downloads(sender, clock, turn), Downloads(sender, clock, turn)
    async with one.fetch(server.url + "/a", hosts=frozenset({"127.0.0.1"}), cap_bytes=CAP) as file:
        waiting = asyncio.create_task(got(other, server.url + "/b"))
        await asyncio.wait({waiting}, timeout=0.1)
        assert (file.data, server.paths, waiting.done()) == (b"a", ["/a"], False)
    assert (await waiting).data == b"b"


@pytest.mark.parametrize("raw", [reply(b"", "404 Not Found"), reply(b"", "503 Later"), reply(b"", length=CAP + 1)])
async def test_a_file_that_did_not_come_holds_up_none_after_it(
    downloads: Downloads, server: FileServer, raw: bytes
) -> None:
    server.files |= {"/a": raw, "/b": reply(b"b")}
    with suppress(Failure):
        await got(downloads, server.url + "/a")
    assert (await got(downloads, server.url + "/b")).data == b"b"


async def test_trouble_of_whoever_uses_the_file_is_not_taken_for_the_networks(
    downloads: Downloads, server: FileServer
) -> None:
    server.files["/f"] = reply(b"ab")
    with pytest.raises(TimeoutError):
        async with downloads.fetch(server.url + "/f", hosts=frozenset({"127.0.0.1"}), cap_bytes=CAP):
            raise TimeoutError


async def test_a_host_whose_lease_has_run_out_downloads_nothing_and_follows_nothing(
    sender: Sender, server: FileServer, clock: Any
) -> None:
    hosted = Hosted(AccountId(1), Epoch(1), WorkerId("w1"), deadline_s=clock.boot_s() + 10)

    async def slow(writer: asyncio.StreamWriter) -> None:
        clock.advance(11)
        writer.write(moved("/b"))

    server.files |= {"/a": slow, "/b": reply(b"b")}
    downloads = Downloads(LeasedSender(sender, hosted, clock), clock, asyncio.Lock())
    assert (await got(downloads, server.url + "/b")).data == b"b"
    for path in ("/a", "/b"):
        with pytest.raises(LeaseLost):
            await got(downloads, server.url + path)
    assert server.paths == ["/b", "/a"]
