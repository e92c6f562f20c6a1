"""Received = done + skipped + waiting + planned + dead + cancelled, at every moment, whatever a person or time does."""

from datetime import timedelta
from typing import Any

import pytest

from tests.e2e.kit import COMPLETE, Customer, Kit

NOBODYS = 999_999
TITLE_FROM_DESCRIPTION = [{"source": "Description", "target": "title", "action": "sync"}]


@pytest.mark.parametrize("settled", [True, False], ids=["settled", "waiting"])
async def test_a_receipt_removed_by_hand_turns_the_health_page_red(kit: Kit, settled: bool) -> None:
    customer = await kit.customer(tickets=2)
    await customer.trigger()
    if settled:
        async with kit.worker():
            await kit.settled()
    before = await _health(kit)
    removed = await kit.rows("DELETE FROM receipts WHERE id = (SELECT min(id) FROM receipts) RETURNING *")
    after = await _health(kit)
    # Put back, so that the kit's own check at the end finds everything as it was.
    await _put_back(kit, removed[0])
    assert (before["status"], after["status"]) == ("pass", "fail")
    (connection,) = after["connections"]
    assert connection["identity"] == {"left": 2, "right": 1, "holds": False}
    assert (await _health(kit))["status"] == "pass"


async def test_the_identity_holds_through_every_outcome_and_every_act_of_a_person(kit: Kit) -> None:
    customer = await kit.customer(tickets=6, inbound=TITLE_FROM_DESCRIPTION)
    planned = await kit.customer(tickets=2, settings={"mode": "approve"})
    first, second, done, dead, cancelled, _ = customer.tickets
    numbers = await customer.numbers()
    await customer.edit(done, status=COMPLETE)
    await _check(kit, customer, received=0)
    await customer.trigger(cancelled)
    assert await kit.desk.jobs.cancel(connection=customer.connection.name, state="queued") == 1
    await _check(kit, customer, received=1, cancelled=1)
    await customer.edit(dead, description="")
    await customer.trigger(dead)
    async with kit.worker():
        await kit.settled()
    await _check(kit, customer, received=2, cancelled=1, dead=1)
    await customer.trigger(first, second, numbers[first], "T20200101.0001", done, NOBODYS)
    await planned.trigger()
    async with kit.worker():
        await kit.settled()
    # A number joins its id's job. An unknown number, nobody's id and a completed ticket are skipped.
    await _check(kit, customer, received=8, cancelled=1, dead=1, skipped=3, done=3)
    await _check(kit, planned, received=2, planned=2)
    await customer.edit(dead, description="Mended")
    assert await kit.desk.jobs.retry(connection=customer.connection.name, state="dead") == 1
    await _check(kit, customer, received=9, cancelled=1, dead=1, skipped=3, done=3, waiting=1)
    async with kit.worker():
        await kit.settled()
    await _check(kit, customer, received=9, cancelled=1, dead=1, skipped=3, done=4)
    assert len(await customer.orders()) == 3


async def test_pruning_takes_rows_and_no_count(kit: Kit) -> None:
    customer = await kit.customer(tickets=3)
    async with kit.worker():
        await customer.trigger()
        await kit.settled()
    await customer.trigger(customer.tickets[0])
    before = (await customer.health())["counters"]
    kinds = [row["kind"] for row in await kit.rows("SELECT kind FROM runs")]
    assert sorted(kind for kind in kinds if kind != "sweep") == 3 * ["import_ticket"]
    gone = await kit.wiring.upkeep.prune(timedelta(0))
    assert (gone["receipts"], gone["runs"], gone["deliveries"]) == (3, len(kinds), 1)
    assert (await customer.health())["counters"] == before == before | {"received": 4, "done": 3, "waiting": 1}
    assert len(await kit.rows("SELECT * FROM receipts")) == 1
    await kit.wiring.upkeep.prune(timedelta(0))
    assert (await customer.health())["counters"] == before
    async with kit.worker():
        await kit.settled()
    await kit.wiring.upkeep.prune(timedelta(0))
    assert (await customer.health())["counters"]["done"] == 4
    assert (await _health(kit))["status"] == "pass"


async def _check(kit: Kit, customer: Customer, **expected: int) -> None:
    """The counters are as given, all others zero, and both sides are equal on the page that people look at."""
    row = next(one for one in (await _health(kit))["connections"] if one["name"] == customer.connection.name)
    counters = {name: n for name, n in row["counters"].items() if n and name not in ("written", "unchanged")}
    assert counters == {name: n for name, n in expected.items() if n}
    assert row["identity"]["holds"]
    assert row["identity"]["left"] == expected["received"]


async def _health(kit: Kit) -> dict[str, Any]:
    """The health page, as a dashboard reads it."""
    token = kit.environment()["BROKER_VIEWER_TOKEN"]
    answer = await kit.http.get(f"{kit.web}/health", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def _put_back(kit: Kit, receipt: dict[str, Any]) -> None:
    names = list(receipt)
    values = ", ".join(f":{name}" for name in names)
    await kit.rows(f"INSERT INTO receipts ({', '.join(names)}) VALUES ({values})", **receipt)
