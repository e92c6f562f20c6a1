"""The sender over real sockets: what it says about trouble, and when it is certain that nothing left."""

import asyncio
import gzip
import logging
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest

from app.adapters.http.sender import HttpRequest, Sender
from app.adapters.http.transport import Departure, GuardedTransport
from app.core.model.failure import LeaseLost, NotSent, Rejected, Throttled, Transient, Unknown
from app.core.model.ids import LedgerId
from app.core.model.permit import Opening, WritePermit


def permit(start_by_s: float = 1010.0, finish_by_s: float = 1020.0) -> Opening:
    async def open_entry() -> WritePermit:
        return WritePermit(LedgerId(1), start_by_s, finish_by_s)

    return open_entry


async def silent(_: bytes) -> bytes | None:
    await asyncio.Event().wait()
    return None


class Refusing:
    async def enter(self) -> None:
        raise Throttled("later", until=datetime(2026, 1, 1, tzinfo=UTC))

    def leave(self) -> None:
        raise AssertionError("never entered")


class Counting:
    def __init__(self) -> None:
        self.inside = 0

    async def enter(self) -> None:
        self.inside += 1

    def leave(self) -> None:
        self.inside -= 1


async def test_an_answer_comes_back_as_a_value_whatever_its_status(serve, sender_to, answer):
    server = await serve(answer(b'{"price":3.5000}', "500 Oops", "X-Thing: a"))
    got = await sender_to(server).send(HttpRequest("GET", server.url + "/x"))
    assert (got.status, got.headers["x-thing"], got.json()) == (500, "a", {"price": Decimal("3.5000")})


async def test_a_body_leaves_as_ascii_json_with_every_digit(serve, sender_to, answer):
    server = await serve(answer())
    await sender_to(server).send(HttpRequest("POST", server.url, json={"a": Decimal("1.10"), "b": "ü", "c": [True]}))
    head, body = server.requests[0].split(b"\r\n\r\n")
    assert body == b'{"a":1.10,"b":"\\u00fc","c":[true]}'
    assert b"content-type: application/json" in head.lower()
    assert b"user-agent: broker/test" in head.lower()


async def test_a_form_leaves_as_a_form_and_params_as_a_query(serve, sender_to, answer):
    server = await serve(answer())
    await sender_to(server).send(HttpRequest("POST", server.url + "/t", form={"a": "b c"}, params={"q": "x&y"}))
    assert server.requests[0].startswith(b"POST /t?q=x%26y HTTP/1.1")
    assert server.requests[0].endswith(b"a=b+c")


async def test_cookies_of_one_answer_never_go_into_another_request(serve, sender_to, answer):
    server = await serve(answer(b"{}", "200 OK", "Set-Cookie: session=1; Path=/"))
    sender = sender_to(server)
    await sender.send(HttpRequest("GET", server.url))
    await sender.send(HttpRequest("GET", server.url))
    assert b"cookie" not in server.requests[1].lower()


async def test_a_redirect_is_an_answer_and_is_not_followed(serve, sender_to, answer):
    server = await serve(answer(b"", "302 Found", "Location: http://elsewhere.example/"))
    assert (await sender_to(server).send(HttpRequest("GET", server.url))).status == 302
    assert len(server.requests) == 1


async def test_a_read_that_finds_nobody_is_transient(serve, sender_to):
    server = await serve(None)
    await server.stop()
    with pytest.raises(Transient):
        await sender_to(server).send(HttpRequest("GET", server.url))


async def test_a_write_that_finds_nobody_was_not_sent(serve, sender_to):
    server = await serve(None)
    await server.stop()
    with pytest.raises(NotSent):
        await sender_to(server).send(HttpRequest("POST", server.url, json={}), permit=permit())


async def test_a_reset_is_transient_for_a_read_and_unknown_for_a_write(serve, sender_to):
    server = await serve(None)
    sender = sender_to(server)
    with pytest.raises(Transient):
        await sender.send(HttpRequest("GET", server.url))
    with pytest.raises(Unknown):
        await sender.send(HttpRequest("POST", server.url, json={}), permit=permit())


async def test_a_read_without_an_answer_is_transient_after_its_timeout(serve, sender_to):
    server = await serve(silent)
    with pytest.raises(Transient):
        await sender_to(server).send(HttpRequest("GET", server.url, timeout_s=0.05))


async def test_a_write_without_an_answer_at_its_deadline_is_unknown(serve, sender_to):
    server = await serve(silent)
    with pytest.raises(Unknown):
        await sender_to(server).send(HttpRequest("POST", server.url, json={}), permit=permit(1000.04, 1000.1))
    assert len(server.requests) == 1


async def test_a_write_whose_time_to_start_is_over_is_not_sent(serve, sender_to, answer):
    server = await serve(answer())
    with pytest.raises(NotSent):
        await sender_to(server).send(HttpRequest("POST", server.url, json={}), permit=permit(999.0, 1020.0))
    assert server.requests == []


async def test_a_process_that_stood_still_just_before_the_first_byte_sends_nothing(serve, clock, answer):
    server = await serve(answer())

    class Stopping(type(clock)):
        """Every look at the clock is one second later than the last."""

        def boot_s(self) -> float:
            self.boot += 1
            return self.boot

    stopping = Stopping()
    looks_before_the_first_byte = 2
    sender = Sender(stopping, frozenset({server.where}), "broker/test")
    late = permit(stopping.boot + looks_before_the_first_byte + 0.5, stopping.boot + 100)
    with pytest.raises(NotSent):
        await sender.send(HttpRequest("POST", server.url, json={}), permit=late)
    assert stopping.boot == 1000.0 + looks_before_the_first_byte + 1
    assert server.requests == []
    on_time = permit(stopping.boot + looks_before_the_first_byte + 1.5, stopping.boot + 100)
    assert (await sender.send(HttpRequest("POST", server.url, json={}), permit=on_time)).status == 200
    await sender.aclose()


async def test_a_permit_is_asked_for_when_every_gate_is_passed_and_before_anything_leaves(serve, sender_to, answer):
    server = await serve(answer())
    gate, seen = Counting(), []

    async def opening() -> WritePermit:
        seen.append((gate.inside, len(server.requests)))
        return await permit()()

    await sender_to(server).send(HttpRequest("POST", server.url), permit=opening, gates=(gate,))
    assert (seen, len(server.requests)) == ([(1, 0)], 1)


async def test_a_permit_that_is_refused_sends_nothing(serve, sender_to, answer):
    server = await serve(answer())
    gate = Counting()

    async def opening() -> WritePermit:
        raise LeaseLost("another host has the account")

    with pytest.raises(LeaseLost):
        await sender_to(server).send(HttpRequest("POST", server.url), permit=opening, gates=(gate,))
    assert (gate.inside, server.requests) == (0, [])


async def test_gates_are_left_after_an_answer_a_failure_and_a_refusal(serve, sender_to, answer):
    good, bad = await serve(answer()), await serve(None)
    gate = Counting()
    await sender_to(good).send(HttpRequest("GET", good.url), gates=(gate,))
    with pytest.raises(Transient):
        await sender_to(bad).send(HttpRequest("GET", bad.url), gates=(gate,))
    with pytest.raises(Throttled):
        await sender_to(good).send(HttpRequest("GET", good.url), gates=(gate, Refusing()))
    assert gate.inside == 0


async def test_a_broken_answer_is_transient_for_a_read_and_unknown_for_a_write(serve, sender_to):
    server = await serve(b"NOT HTTP AT ALL\r\n\r\n")
    with pytest.raises(Transient):
        await sender_to(server).send(HttpRequest("GET", server.url))
    with pytest.raises(Unknown):
        await sender_to(server).send(HttpRequest("POST", server.url), permit=permit())


async def test_an_answer_beyond_the_cap_is_given_up_while_reading(serve, sender_to, answer):
    bomb = gzip.compress(b"0" * (64 * 1024 * 1024 + 1), 1)
    server = await serve(answer(bomb, "200 OK", "Content-Encoding: gzip"))
    with pytest.raises(Transient) as failure:
        await sender_to(server).send(HttpRequest("GET", server.url))
    assert "larger than" in failure.value.detail


async def test_plain_http_to_an_unnamed_loopback_address_is_refused_before_anything_is_sent(serve, clock, answer):
    server = await serve(answer())
    sender = Sender(clock, frozenset(), "broker/test")
    with pytest.raises(Rejected) as failure:
        await sender.send(HttpRequest("GET", server.url))
    assert (failure.value.code, server.requests) == ("address_not_allowed", [])


async def test_the_peer_of_a_connection_is_checked_before_the_first_byte(serve, clock, answer):
    server = await serve(answer())
    transport = GuardedTransport(frozenset())
    with pytest.raises(Rejected):
        await transport.depart(httpx.Request("GET", server.url), Departure(clock, None))
    assert server.requests == []
    await transport.aclose()


async def test_a_header_that_would_break_the_request_is_rejected(serve, sender_to, answer):
    server = await serve(answer())
    with pytest.raises(Rejected) as failure:
        await sender_to(server).send(HttpRequest("GET", server.url, headers={"Secret": "a\r\nX: b"}))
    assert (failure.value.code, server.requests) == ("request_not_sendable", [])


async def test_a_header_beyond_ascii_goes_out_as_utf8(serve, sender_to, answer):
    server = await serve(answer())
    await sender_to(server).send(HttpRequest("GET", server.url, headers={"Secret": "pässword"}))
    assert "pässword".encode() in server.requests[0]


async def test_neither_a_failure_nor_a_log_shows_the_query(serve, sender_to, answer, caplog):
    caplog.set_level(logging.DEBUG)
    good, bad = await serve(answer()), await serve(None)
    await sender_to(good).send(HttpRequest("GET", good.url + "/a?access_token=hush"))
    request = HttpRequest("GET", bad.url + "/b", params={"access_token": "hush"})
    with pytest.raises(Transient) as failure:
        await sender_to(bad).send(request)
    assert "hush" not in f"{failure.value} {failure.value.detail} {request!r} {caplog.text}"


async def test_a_redacted_failure_names_the_host_only(serve, sender_to):
    server = await serve(None)
    with pytest.raises(Transient) as failure:
        await sender_to(server).send(HttpRequest("GET", server.url + "/private", redact=True))
    assert "private" not in failure.value.detail
