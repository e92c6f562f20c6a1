"""A worker process is killed at each point of each remote write: one write each time, and everything converges."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.e2e.kit import COMPLETE, DISPATCH, HORIZON_S, LEASE_S, NEW, Customer, Kit, mapping, until
from tests.e2e.write_kinds import CRASHED

CANCEL = 7
ALL_ACTIONS = {
    "work_order_actions": ["publish", "unpublish", "cancel", "approve"],
    "cancel_reason": "The ticket was withdrawn",
}
STATUSES = {
    "source": "Status",
    "target": "status_id",
    "action": "status",
    "mappings": [
        {"compare": DISPATCH, "value": "Published"},
        {"compare": NEW, "value": "Draft"},
        {"compare": CANCEL, "value": "Cancelled"},
        {"compare": COMPLETE, "value": "Approved"},
    ],
}
INBOUND = [*(rule for rule in mapping() if rule["target"] != "status_id"), STATUSES]

Step = Callable[[Customer], Awaitable[Any]]


async def nothing(customer: Customer) -> None:
    return None


async def made(customer: Customer) -> None:
    """The work order exists before the crash."""
    async with customer.kit.worker():
        await customer.trigger()
        await customer.kit.settled()


async def done_on_site(customer: Customer) -> None:
    await made(customer)
    (order,) = await customer.orders()
    for action in ("assign", "work_done"):
        await customer.person(order["id"], action)


def edited(**fields: Any) -> Step:
    async def edit(customer: Customer) -> None:
        await customer.edit(customer.tickets[0], **fields)

    return edit


@dataclass(frozen=True)
class Case:
    """A write: what leads to it, and how the work order must stand in the end."""

    write: str
    before: Step
    change: Step
    expected: dict[str, Any]
    switches: dict[str, Any] = field(default_factory=dict)
    times: int = 1

    @property
    def method(self) -> str:
        return self.write.split()[1]

    @property
    def kind(self) -> str:
        return self.write.split(" ", 1)[1]

    @property
    def path(self) -> str:
        return "/" + self.write.split()[2].replace("{id}", r"\d+") + "$"


CASES = [
    Case("field_nation POST workorders", nothing, nothing, {"status": "published"}),
    Case("field_nation PUT workorders/{id}", made, edited(title="Bring the spare"), {"title": "Bring the spare"}),
    Case(
        "field_nation PUT workorders/{id}/schedule",
        nothing,
        nothing,
        {"status": "published", "end_at": "2026-11-03T14:00:00+00:00"},
        {"drop_schedule_on_create": True},
    ),
    Case(
        "field_nation PUT workorders/{id}/custom_fields/{id}",
        nothing,
        nothing,
        {"status": "published", "4711": "S1000"},
        {"drop_custom_fields_on_create": True},
        times=2,
    ),
    Case("field_nation POST workorders/{id}/publish", nothing, nothing, {"status": "published"}),
    Case("field_nation DELETE workorders/{id}/publish", made, edited(status=NEW), {"status": "draft"}),
    Case("field_nation DELETE workorders/{id}", made, edited(status=CANCEL), {"status": "cancelled"}),
    Case("field_nation POST workorders/{id}/approve", done_on_site, edited(status=COMPLETE), {"status": "approved"}),
]
POINTS = ("opened", "lost", "answered", "closed")


def test_every_kind_of_write_to_field_nation_is_crash_tested() -> None:
    assert {case.write for case in CASES} == {write for write in CRASHED if write.startswith("field_nation ")}


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind.replace("/", "."))
async def test_a_killed_worker_leaves_one_write(
    kit: Kit, case: Case, point: str, record_property: Callable[[str, object], None]
) -> None:
    customer = await kit.customer(inbound=INBOUND, settings=ALL_ACTIONS, field_nation=case.switches)
    await case.before(customer)
    earlier = await committed(customer, case)
    await case.change(customer)
    await customer.trigger()
    await killed_at(kit, case, point)
    killed_at_s = time.monotonic()
    async with kit.worker():
        await kit.settled(timeout_s=LEASE_S * 2 + HORIZON_S + 15)
        took_s = time.monotonic() - killed_at_s
        await customer.trigger()
        await kit.settled()
    record_property("converged_s", round(took_s, 2))
    (order,) = await customer.orders()
    assert as_expected(order) | case.expected == as_expected(order)
    assert await committed(customer, case) - earlier == case.times
    assert took_s <= 2 * LEASE_S + HORIZON_S + WORK_S
    assert await kit.desk.records.ledger(state="open") == []


WORK_S = 3.0
"""What the recovering passes themselves may take on a busy machine, beside two leases and one horizon."""


async def killed_at(kit: Kit, case: Case, point: str) -> None:
    """A real worker process dies at that point of the write."""
    if point == "lost":
        await kit.sims.fault("field_nation", fault="hold", method=case.method, path=case.path)
        async with kit.process() as process:
            await until(lambda: held(kit, 1))
            process.send_signal(signal.SIGKILL)
            await process.wait()
        await kit.sims.calm()
        return
    (kind,) = CRASHED[case.write]
    doom = ("tests.e2e.doomed_worker", point, kind, "SIGKILL")
    async with kit.process(*doom) as process, asyncio.timeout(30):
        assert await process.wait() == -signal.SIGKILL


async def held(kit: Kit, count: int) -> bool:
    found = await kit.sims.call("GET", f"{kit.sims.field_nation}/_sim/faults")
    return bool(found["held"] >= count)


async def committed(customer: Customer, case: Case) -> int:
    """How many writes of that kind Field Nation carried out for this customer."""
    return sum(1 for entry in await customer.writes() if entry["kind"] == case.kind and entry["committed"])


def as_expected(order: dict[str, Any]) -> dict[str, Any]:
    fields = {"status": order["status"], "title": order["title"], "end_at": order["schedule"]["end_at"]}
    return fields | order["custom_fields"]
