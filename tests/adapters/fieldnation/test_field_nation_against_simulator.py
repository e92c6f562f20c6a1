"""The client does its ordinary work against the Field Nation simulator, over a real socket."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.adapters.fieldnation.auth import Grant
from app.adapters.fieldnation.client import FieldNationWorkOrders
from app.adapters.fieldnation.documents import read_date, write_date
from app.adapters.fieldnation.session import FieldNationSession
from app.adapters.http.sender import Sender
from app.adapters.system.clock import SystemClock
from app.core.model.failure import Failure, Gone, Refused, Rejected, Throttled, Transient, Unknown
from app.core.model.ids import LedgerId, WorkOrderId
from app.core.model.permit import Opening, WritePermit
from app.simulators.field_nation.app import create_app
from app.simulators.field_nation.seeding import make_seed
from tests.adapters.fieldnation.conftest import opening

COMPANY = 7001
INTERNAL_FIELD = COMPANY * 10 + 5
GRANT = Grant("password", "fn-client", "fn-secret", "api@northwind.example", "correct horse battery")
START, END = datetime(2026, 4, 2, 14, tzinfo=UTC), datetime(2026, 4, 2, 18, tzinfo=UTC)
WINDOW = {"service_window": {"mode": "between", "start": write_date(START), "end": write_date(END)}}
BODY = {
    "title": "Replace UPS - site 114",
    "types_of_work": [{"id": 62, "isPrimary": True}],
    "location": {
        "mode": "custom",
        "address1": "10 Main St",
        "city": "Edina",
        "state": "MN",
        "zip": "55435",
        "country": "US",
    },
    "schedule": WINDOW,
    "pay": {"type": "fixed", "base": {"amount": Decimal("60.50"), "units": 1}},
    "incident_id": "T20260527.0006",
}


class Bench:
    """A simulator and a client of it."""

    def __init__(self, app: Any, where: str) -> None:
        self.world = app.state.world
        self.url = f"http://{where}"
        self.sender = Sender(SystemClock(), frozenset({where}), "broker/test")
        self.session = self.with_grant(GRANT)
        self.client = FieldNationWorkOrders(self.session)

    def with_grant(self, grant: Grant, **options: Any) -> FieldNationSession:
        return FieldNationSession(self.sender, SystemClock(), self.url, grant, **options)

    def orders(self) -> list[Any]:
        return list(self.world.orders_of(COMPANY))

    async def create(self, **changes: Any) -> WorkOrderId:
        order = await self.client.create({**BODY, **changes}, permit())
        return WorkOrderId(int(str(order["id"])))


def permit() -> Opening:
    now_s = SystemClock().boot_s()
    return opening(WritePermit(LedgerId(1), now_s + 20, now_s + 30))


@pytest.fixture
async def bench(serve_app: Callable[[Any], AbstractAsyncContextManager[str]]) -> AsyncIterator[Bench]:
    app = create_app(make_seed(COMPANY, settings={"rate_per_minute": 0}))
    async with serve_app(app) as where:
        bench = Bench(app, where)
        yield bench
        await bench.sender.aclose()


@pytest.mark.parametrize("token_in", ["query", "header"])
@pytest.mark.parametrize("kind", ["password", "client_credentials"])
async def test_both_grants_and_both_places_of_the_token_work(bench: Bench, kind: Any, token_in: Any) -> None:
    user = (GRANT.username, GRANT.password) if kind == "password" else ("", "")
    grant = Grant(kind, GRANT.client_id, GRANT.client_secret, *user)
    client = FieldNationWorkOrders(bench.with_grant(grant, token_in=token_in))
    assert await client.probe() == 0
    await client.create(BODY, permit())
    assert await client.probe() == COMPANY


async def test_wrong_credentials_are_refused_after_one_call(bench: Bench) -> None:
    session = bench.with_grant(Grant("password", "fn-client", "fn-secret", "api@northwind.example", "wrong"))
    for _ in range(3):
        with pytest.raises(Refused):
            await session.probe()
    assert session.calls["token"] == 1


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"microseconds": True, "ids_as_text": True, "empty_objects_as_lists": True, "integrations_key": "result"},
    ],
)
async def test_a_created_order_reads_back_as_it_was_sent(bench: Bench, settings: Any) -> None:
    bench.world.settings.patch(settings)
    id_ = await bench.create()
    order: Any = await bench.client.read(id_)
    assert order["id"] == id_
    assert order["title"] == BODY["title"]
    assert order["incident_id"] == "T20260527.0006"
    assert order["location"]["city"] == "Edina"
    assert read_date(order["schedule"]["service_window"]["start"]) == START
    assert order["schedule"]["service_window"]["end"]["utc"] == "2026-04-02 18:00:00"
    assert order["pay"]["base"]["amount"] == Decimal("60.50")
    assert order["milestones"]["published"] == {}
    assert bench.session.calls == {"POST /workorders": 1, "GET /workorders/{id}": 1, "token": 1}


async def test_what_was_dropped_is_mended_by_calls_of_its_own(bench: Bench) -> None:
    bench.world.settings.patch({"drop_schedule_on_create": True})
    id_ = await bench.create()
    order: Any = await bench.client.read(id_)
    assert read_date(order["schedule"]["service_window"]["start"]) is None
    schedule: Any = await bench.client.set_schedule(id_, WINDOW, permit())
    assert read_date(schedule["service_window"]["end"]) == END
    await bench.client.set_custom_field(id_, INTERNAL_FIELD, "T20260527.0006", permit())
    order = await bench.client.read(id_)
    assert order["custom_fields"]["internal"]["value"] == "T20260527.0006"


async def test_an_update_writes_only_what_it_brings(bench: Bench) -> None:
    id_ = await bench.create()
    order: Any = await bench.client.update(id_, {"title": "Replace both UPS"}, permit())
    assert order["title"] == "Replace both UPS"
    assert order["location"]["city"] == "Edina"


async def test_every_action_reaches_its_status(bench: Bench) -> None:
    id_ = await bench.create()
    for action, status in [("publish", "Published"), ("unpublish", "Draft"), ("publish", "Published")]:
        await bench.client.act(id_, action, permit())
        order: Any = await bench.client.read(id_)
        assert order["status"]["name"] == status
    await bench.client.act(id_, "cancel", permit(), "No longer needed")
    assert bench.orders()[0].cancel_reason == "No longer needed"
    with pytest.raises(Rejected):
        await bench.client.act(id_, "approve", permit())


@pytest.mark.parametrize("newest_first", [True, False])
async def test_a_list_is_read_to_its_end_whatever_was_remembered_for_the_user(bench: Bench, newest_first: bool) -> None:
    bench.world.settings.patch({"per_page_cap": 10})
    made = [await bench.create(title=f"Order {number}") for number in range(23)]
    sticky = [row async for row in bench.client.list(["title"], newest_first=newest_first)]
    assert [row["id"] for row in sticky] == sorted(made, reverse=newest_first)
    assert {str(row["title"]) for row in sticky} == {f"Order {number}" for number in range(23)}
    assert bench.session.calls["GET /workorders"] == 3


@pytest.mark.parametrize("answer", ["401", "400"])
async def test_an_expired_token_is_noticed_and_replaced(bench: Bench, answer: str) -> None:
    bench.world.settings.patch({"expired_token_answer": answer})
    id_ = await bench.create()
    bench.world.clock.advance(4000)
    assert (await bench.client.read(id_))["id"] == id_
    bench.world.tokens.revoke_all()
    await asyncio.gather(*(bench.client.read(id_) for _ in range(5)))
    assert bench.session.calls["token"] == 3


@pytest.mark.parametrize("settings", [{}, {"unknown_work_order_answer": "401"}])
async def test_an_unknown_order_is_gone(bench: Bench, settings: Any) -> None:
    bench.world.settings.patch(settings)
    with pytest.raises(Gone):
        await bench.client.read(WorkOrderId(999999))
    with pytest.raises(Gone):
        await bench.client.set_schedule(WorkOrderId(999999), WINDOW, permit())


async def test_an_unknown_custom_field_is_rejected_and_the_order_is_not_gone(bench: Bench) -> None:
    id_ = await bench.create()
    with pytest.raises(Rejected) as caught:
        await bench.client.set_custom_field(id_, 5, "x", permit())
    assert (caught.value.code, caught.value.field) == ("not_found", "5")


@pytest.mark.parametrize("shape", ["documented", "status", "status_code", "sdk", "nested", "oauth"])
async def test_a_refusal_is_understood_in_every_shape(bench: Bench, shape: str) -> None:
    bench.world.settings.patch({"error_shape": shape})
    with pytest.raises(Rejected, match=r"(?i)title"):
        await bench.client.create({"incident_id": "x"}, permit())


@pytest.mark.parametrize(
    ("fault", "reading", "writing", "orders"),
    [
        ("500_json", Transient, Unknown, 0),
        ("500_html", Transient, Unknown, 0),
        ("503", Transient, Unknown, 0),
        ("429", Throttled, Throttled, 0),
        ("lost_before", Transient, Unknown, 0),
        ("lost_after", Transient, Unknown, 1),
        ("reset", Transient, Unknown, 0),
    ],
)
async def test_each_fault_is_the_failure_that_it_should_be(
    bench: Bench, fault: str, reading: type[Failure], writing: type[Failure], orders: int
) -> None:
    await bench.client.probe()
    bench.world.faults.add({"fault": fault, "path": "workorders", "method": "POST", "times": 1})
    with pytest.raises(writing):
        await bench.client.create(BODY, permit())
    assert len(bench.orders()) == orders
    bench.world.faults.add({"fault": fault, "path": "workorders", "method": "GET", "times": 1})
    with pytest.raises(reading):
        await bench.client.probe()


async def test_the_vendors_own_limit_is_a_throttle(bench: Bench) -> None:
    assert bench.world.settings.patch({"rate_per_minute": 1, "rate_burst": 2}) == []
    before = SystemClock().now()
    await bench.client.probe()
    await bench.client.probe()
    with pytest.raises(Throttled) as caught:
        await bench.client.probe()
    assert 0 < (caught.value.until - before).total_seconds() <= 61
