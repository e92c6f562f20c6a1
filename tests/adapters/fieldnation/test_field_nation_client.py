"""The client against a server that answers as each test says."""

import asyncio
import logging
from typing import Any

import pytest

from app.adapters.fieldnation.auth import Grant
from app.adapters.fieldnation.client import FieldNationWorkOrders
from app.adapters.fieldnation.session import FieldNationSession
from app.adapters.http.sender import Sender
from app.core.model.failure import Failure, Gone, NotSent, Refused, Rejected, Throttled, Transient, Unknown
from app.core.model.ids import LedgerId, WorkOrderId
from app.core.model.permit import Opening, WritePermit
from tests.adapters.fieldnation.conftest import opening

ORDER = WorkOrderId(7)
OAUTH_TEXT = "You must provide a valid OAuth token to make a request"
COMPANY = {"metadata": {"total": 1, "pages": 1}, "results": [{"id": 7, "company": {"id": "7001", "name": "N"}}]}


def is_probe(seen: Any) -> bool:
    return seen.query.get("columns") == "id,company"


def denying(status: int, *, but_probe: Any = (200, COMPANY), text: str = "No.") -> Any:
    """Answers everything with the status, and the neutral probe with `but_probe`."""
    return lambda seen: but_probe if is_probe(seen) else (status, {"message": text})


async def test_the_token_is_a_query_parameter_and_no_header(client: FieldNationWorkOrders, vendor: Any) -> None:
    vendor.answer = lambda _: (200, {"id": 7})
    await client.read(ORDER)
    assert vendor.calls[0].path == "/api/rest/v2/workorders/7"
    assert vendor.calls[0].query == {"access_token": "token-1"}
    assert "authorization" not in vendor.calls[0].headers


async def test_the_token_can_be_a_header(sender: Sender, clock: Any, vendor: Any, grant: Grant) -> None:
    vendor.answer = lambda _: (200, {"id": 7})
    session = FieldNationSession(sender, clock, vendor.url, grant, token_in="header")
    await FieldNationWorkOrders(session).read(ORDER)
    assert vendor.calls[0].query == {}
    assert vendor.calls[0].headers["authorization"] == "Bearer token-1"


@pytest.mark.parametrize(
    "refusal", [(401, {"message": "no"}), (400, {"message": OAUTH_TEXT}), (401, {"error": "invalid_token"})]
)
async def test_a_refused_token_is_renewed_once_and_the_call_made_again(
    client: FieldNationWorkOrders, session: FieldNationSession, vendor: Any, permit: Opening, refusal: Any
) -> None:
    vendor.answer = lambda seen: refusal if seen.token == "token-1" else (200, {"id": 7})
    assert await client.create({"title": "x"}, permit) == {"id": 7}
    assert [seen.token for seen in vendor.calls] == ["token-1", "token-2"]
    assert session.calls == {"POST /workorders": 2, "token": 2}


async def test_many_calls_with_a_refused_token_share_one_renewal(
    client: FieldNationWorkOrders, session: FieldNationSession, vendor: Any
) -> None:
    vendor.answer = lambda seen: (401, {}) if seen.token == "token-1" else (200, {"id": 7})
    await asyncio.gather(*(client.read(ORDER) for _ in range(10)))
    assert session.calls["token"] == 2


async def test_tokens_that_are_never_accepted_end_in_a_refusal_that_lasts(
    client: FieldNationWorkOrders, session: FieldNationSession, vendor: Any, permit: Opening
) -> None:
    vendor.answer = lambda _: (401, {"message": "no"})
    for _ in range(2):
        with pytest.raises(Refused):
            await client.read(ORDER)
    with pytest.raises(Refused):
        await client.create({"title": "x"}, permit)
    sent = dict(session.calls)
    assert sent["token"] == 2
    session.retry_credentials()
    vendor.answer = lambda _: (200, COMPANY)
    assert await client.probe() == 7001


async def test_a_probe_with_tokens_that_are_never_accepted_is_refused(
    client: FieldNationWorkOrders, session: FieldNationSession, vendor: Any
) -> None:
    vendor.answer = lambda _: (401, {"message": "no"})
    with pytest.raises(Refused):
        await client.probe()
    assert session.calls == {"GET /workorders": 2, "token": 2}


async def test_wrong_credentials_cost_one_call(client: FieldNationWorkOrders, vendor: Any, permit: Opening) -> None:
    vendor.grant = lambda _: (401, {"message": "The user credentials were incorrect."})
    for call in (client.read(ORDER), client.probe(), client.create({"title": "x"}, permit)):
        with pytest.raises(Refused):
            await call
    assert len(vendor.seen) == 1


@pytest.mark.parametrize("status", [401, 404, 410])
async def test_an_order_denied_while_the_probe_is_fine_is_gone(
    client: FieldNationWorkOrders, vendor: Any, permit: Opening, status: int
) -> None:
    vendor.answer = denying(status)
    for call in (client.read(ORDER), client.update(ORDER, {}, permit), client.set_schedule(ORDER, {}, permit)):
        with pytest.raises(Gone, match="7"):
            await call


@pytest.mark.parametrize("status", [401, 404])
async def test_a_part_denied_while_the_order_is_there_is_rejected(
    client: FieldNationWorkOrders, vendor: Any, permit: Opening, status: int
) -> None:
    vendor.answer = lambda seen: (
        (200, COMPANY if is_probe(seen) else {"id": 7}) if seen.method == "GET" else (status, {})
    )
    with pytest.raises(Rejected) as caught:
        await client.set_custom_field(ORDER, 4711, "x", permit)
    assert caught.value.field == "4711"


async def test_a_denied_create_while_the_probe_is_fine_is_a_missing_right(
    client: FieldNationWorkOrders, vendor: Any, permit: Opening
) -> None:
    vendor.answer = denying(401)
    with pytest.raises(Rejected) as caught:
        await client.create({"title": "x"}, permit)
    assert caught.value.code == "permission"


async def test_who_may_not_list_can_still_learn_that_an_order_is_gone(
    client: FieldNationWorkOrders, vendor: Any
) -> None:
    vendor.answer = denying(404, but_probe=(403, {"message": "no"}))
    with pytest.raises(Gone):
        await client.read(ORDER)


async def test_a_wrong_address_makes_nothing_gone(client: FieldNationWorkOrders, vendor: Any) -> None:
    vendor.answer = lambda _: (404, {"message": "no route"})
    with pytest.raises(Rejected) as caught:
        await client.read(ORDER)
    assert caught.value.code == "not_found"


async def test_a_denial_while_the_vendor_is_in_trouble_proves_nothing(
    client: FieldNationWorkOrders, vendor: Any, permit: Opening
) -> None:
    vendor.answer = denying(404, but_probe=(503, {}))
    with pytest.raises(Transient):
        await client.read(ORDER)
    with pytest.raises(NotSent):
        await client.update(ORDER, {}, permit)


async def test_a_write_without_a_token_was_not_sent(
    client: FieldNationWorkOrders, vendor: Any, permit: Opening
) -> None:
    vendor.grant = lambda _: (503, {})
    with pytest.raises(NotSent):
        await client.create({"title": "x"}, permit)
    with pytest.raises(Transient):
        await client.read(ORDER)
    assert vendor.calls == []


async def test_a_write_past_its_time_is_not_sent(client: FieldNationWorkOrders, vendor: Any, clock: Any) -> None:
    with pytest.raises(NotSent):
        await client.create({"title": "x"}, opening(WritePermit(LedgerId(1), clock.boot_s() - 1, clock.boot_s() + 60)))
    assert vendor.calls == []


@pytest.mark.parametrize("reply", [(500, {}), (502, b"<html>"), (200, b"<html>"), (200, {"status": 400}), (200, [])])
async def test_a_create_whose_answer_is_unclear_is_unknown(
    client: FieldNationWorkOrders, vendor: Any, permit: Opening, reply: Any
) -> None:
    vendor.answer = lambda _: reply
    with pytest.raises(Unknown):
        await client.create({"title": "x"}, permit)
    assert len(vendor.calls) == 1


@pytest.mark.parametrize("reply", [(500, {}), (200, b"<html>"), (200, {"status": 400, "message": "x"})])
async def test_a_read_whose_answer_is_unclear_is_transient(
    client: FieldNationWorkOrders, vendor: Any, reply: Any
) -> None:
    vendor.answer = lambda _: reply
    with pytest.raises(Transient):
        await client.read(ORDER)


async def test_an_order_shown_as_deleted_is_gone(client: FieldNationWorkOrders, vendor: Any) -> None:
    vendor.answer = lambda _: (200, {"id": 7, "status": {"id": 8, "name": "Deleted"}})
    with pytest.raises(Gone):
        await client.read(ORDER)


class Brake:
    def __init__(self) -> None:
        self.entered = 0
        self.until: Any = None

    async def enter(self) -> None:
        self.entered += 1

    def leave(self) -> None:
        return None

    def block_until(self, until: Any) -> None:
        self.until = until


async def test_every_call_passes_the_minute_limit_and_a_429_closes_it(
    sender: Sender, clock: Any, vendor: Any, grant: Grant, permit: Opening
) -> None:
    brake = Brake()
    client = FieldNationWorkOrders(FieldNationSession(sender, clock, vendor.url, grant, brake))
    vendor.answer = lambda _: (429, {"message": "slow"}, {"Retry-After": "17"})
    with pytest.raises(Throttled) as caught:
        await client.create({"title": "x"}, permit)
    assert brake.entered == 1
    assert caught.value.until == brake.until
    assert (brake.until - clock.now()).total_seconds() == 17


@pytest.mark.parametrize("place", ["body", "status"])
async def test_a_token_that_the_vendor_repeats_stands_in_no_text_and_no_log(
    client: FieldNationWorkOrders, vendor: Any, permit: Opening, place: str, caplog: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    vendor.grant = lambda _: (200, {"access_token": "s3cret-t0ken"})
    status = 400 if place == "body" else 503
    vendor.answer = lambda _: (status, {"message": "bad url ?access_token=s3cret-t0ken", "fields": ["title"]})
    with pytest.raises(Failure) as caught:
        await client.create({"title": "x"}, permit)
    assert "s3cret-t0ken" not in f"{caught.value} {caught.value!r} {caught.value.detail} {client!r} {caplog.text}"


async def test_a_lost_answer_tells_no_token(client: FieldNationWorkOrders, vendor: Any, permit: Opening) -> None:
    vendor.answer = lambda _: (200, b"x" * 10, {"Content-Length": "100"})
    with pytest.raises(Unknown) as caught:
        await client.create({"title": "x"}, permit)
    assert "token-1" not in f"{caught.value} {caught.value.detail}"


class Shelf:
    """A list that changes while it is read: `after` maps a page number to ids removed once it was answered."""

    def __init__(self, ids: list[int], per_page: int, after: dict[int, list[int]] | None = None) -> None:
        self.ids, self.per_page, self.after = ids, per_page, after or {}
        self.metadata: Any = None

    def __call__(self, seen: Any) -> tuple[int, Any]:
        page = int(seen.query["page"])
        start = (page - 1) * self.per_page
        ordered = sorted(self.ids, reverse=seen.query["order"] == "desc")
        rows = [{"id": str(id_)} for id_ in ordered[start : start + self.per_page]]
        metadata = {"total": len(ordered), "page": page, "pages": -(-len(ordered) // self.per_page)}
        for id_ in self.after.pop(page, []):
            self.ids.remove(id_) if id_ in self.ids else self.ids.append(id_)
        return 200, {"metadata": metadata if self.metadata is None else self.metadata, "results": rows}


async def ids_of(client: FieldNationWorkOrders, *, newest_first: bool = True) -> list[Any]:
    return [row["id"] async for row in client.list(["title"], newest_first=newest_first)]


@pytest.mark.parametrize("metadata", [None, {}, {"per_page": 0, "pages": 0}])
@pytest.mark.parametrize("newest_first", [True, False])
async def test_every_page_of_a_list_is_read(
    client: FieldNationWorkOrders, vendor: Any, metadata: Any, newest_first: bool
) -> None:
    vendor.answer = Shelf(list(range(1, 8)), 3)
    vendor.answer.metadata = metadata
    assert await ids_of(client, newest_first=newest_first) == sorted(range(1, 8), reverse=newest_first)


async def test_a_list_of_one_page_is_one_call(
    client: FieldNationWorkOrders, session: FieldNationSession, vendor: Any
) -> None:
    vendor.answer = Shelf([1, 2], 100)
    assert await ids_of(client) == [2, 1]
    assert session.calls["GET /workorders"] == 1
    assert vendor.calls[0].query["list"] == "workorders_all"
    assert vendor.calls[0].query["sticky"] == "false"


async def test_a_row_that_appears_meanwhile_doubles_none(client: FieldNationWorkOrders, vendor: Any) -> None:
    vendor.answer = Shelf(list(range(1, 8)), 3, after={1: [8]})
    ids = await ids_of(client)
    assert len(ids) == len(set(ids))
    assert set(range(1, 8)) <= set(ids)


async def test_a_row_that_leaves_meanwhile_hides_none(client: FieldNationWorkOrders, vendor: Any) -> None:
    vendor.answer = Shelf(list(range(1, 8)), 3, after={1: [7]})
    assert set(await ids_of(client)) == set(range(1, 8))


async def test_a_vendor_that_gives_the_same_page_for_ever_is_not_followed_for_ever(
    client: FieldNationWorkOrders, vendor: Any
) -> None:
    vendor.answer = lambda _: (200, {"results": [{"id": 1}, {"id": 2}]})
    assert await ids_of(client) == [1, 2]


@pytest.mark.parametrize("body", [{}, {"results": {}}, {"results": [{"title": "x"}]}])
async def test_a_list_that_cannot_be_understood_is_transient(
    client: FieldNationWorkOrders, vendor: Any, body: Any
) -> None:
    vendor.answer = lambda _: (200, body)
    with pytest.raises(Transient):
        await ids_of(client)


@pytest.mark.parametrize("rows", [[], [{"id": 1}], [{"id": 1, "company": []}]])
async def test_a_company_that_is_not_shown_is_zero(client: FieldNationWorkOrders, vendor: Any, rows: Any) -> None:
    vendor.answer = lambda _: (200, {"results": rows})
    assert await client.probe() == 0


async def test_a_host_that_is_not_allowed_is_not_called(clock: Any, grant: Grant, vendor: Any) -> None:
    sender = Sender(clock, frozenset(), "broker/test")
    with pytest.raises(Rejected):
        await FieldNationSession(sender, clock, vendor.url, grant).probe()
    await sender.aclose()
    assert vendor.seen == []
