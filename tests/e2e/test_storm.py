"""A storm of triggers: few calls at the ticket side, each work order once, and no change lost."""

import asyncio
import contextlib
import logging
import math
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator

import httpx
import pytest
import structlog

from tests.e2e.fast_client import post_all
from tests.e2e.kit import Customer, Kit, until

TICKETS, COMPANIES = 1000, 50
TRIGGERS_OF_ONE = 10_000
MOST_CALLS, MOST_PASSES, SOON_S = 12, 3, 5.0

Note = Callable[[str, object], None]


@pytest.fixture
def changes() -> dict[str, str]:
    """The usual lease: a storm keeps this process, which is all parties at once, busy longer than a short one."""
    return {"BROKER_LEASE_S": "30"}


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """The log as the kit's settings want it: a line for each trigger would cost more than the trigger."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    yield
    structlog.reset_defaults()


async def test_a_thousand_triggers_cost_twelve_calls_and_make_a_thousand_work_orders(
    kit: Kit, record_property: Note
) -> None:
    customer = await kit.customer(tickets=TICKETS, companies=COMPANIES)
    await kit.sims.forget_calls()
    began_s = time.monotonic()
    async with kit.worker():
        statuses = await post_all(customer.trigger_url, [[ticket] for ticket in customer.tickets])
        accepted_s = time.monotonic() - began_s
        await kit.settled(240, every_s=0.5)
    took_s = time.monotonic() - began_s
    calls = await kit.sims.calls("autotask")
    assert statuses == Counter({202: TICKETS})
    await _note(kit, record_property, accepted_s=accepted_s, took_s=took_s)
    assert calls["total"] <= MOST_CALLS, calls["by_endpoint"]
    creates = [write for write in await customer.writes() if write["kind"] == "POST workorders"]
    assert len(creates) == TICKETS
    marks = Counter(order["incident_id"] for order in await customer.orders())
    assert marks == Counter((await customer.numbers()).values())
    counters = (await customer.health())["counters"]
    assert (counters["received"], counters["written"]) == (TICKETS, TICKETS)


async def test_ten_thousand_triggers_for_one_ticket_are_at_most_three_passes(kit: Kit, record_property: Note) -> None:
    customer = await kit.customer()
    (ticket,) = customer.tickets
    # The scheduled sweep asks for paired tickets, too; it has been here already.
    await kit.rows("INSERT INTO sweeps (connection_id, raised_at) VALUES (:id, now())", id=customer.connection.id)
    await kit.sims.forget_calls()
    async with _web_process(kit) as web, kit.worker():
        began_s = time.monotonic()
        url = customer.trigger_url.replace(kit.web, web)
        statuses = await post_all(url, ({"id": ticket} for _ in range(TRIGGERS_OF_ONE)))
        accepted_s = time.monotonic() - began_s
        await kit.settled(60)
    took_s = time.monotonic() - began_s
    assert statuses == Counter({202: TRIGGERS_OF_ONE})
    await _note(kit, record_property, accepted_s=accepted_s, took_s=took_s)
    calls = (await kit.sims.calls("autotask"))["by_endpoint"]
    # Two passes at four seconds find nothing new; a storm that goes on longer is looked at every twenty.
    most = MOST_PASSES + max(0, math.ceil((accepted_s - 8) / 20))
    assert 1 <= calls["POST Tickets/query"] <= most
    assert await _passes(kit, customer) <= most
    assert len(await customer.orders()) == 1
    counters = (await customer.health())["counters"]
    assert (counters["received"], counters["done"]) == (TRIGGERS_OF_ONE, TRIGGERS_OF_ONE)


async def test_a_change_made_while_a_pass_runs_stands_at_the_other_side_within_five_seconds(kit: Kit) -> None:
    customer = await kit.customer()
    (ticket,) = customer.tickets
    await kit.sims.fault("autotask", fault="hold", path="Tickets/query", database=customer.ci, times=1)
    async with kit.worker():
        await customer.trigger()
        await until(lambda: _is_held(kit))
        await customer.edit(ticket, title="Changed while a pass was reading")
        await customer.trigger()
        edited_s = time.monotonic()
        await kit.sims.call("POST", f"{kit.sims.autotask}/_sim/release")
        await until(lambda: _is_titled(customer, "Changed while a pass was reading"), SOON_S)
        assert time.monotonic() - edited_s <= SOON_S
        await kit.settled()
    assert len(await customer.orders()) == 1


async def test_a_change_made_while_a_storm_goes_on_stands_at_the_other_side_within_five_seconds(kit: Kit) -> None:
    customer = await kit.customer()
    (ticket,) = customer.tickets
    async with kit.worker():
        await customer.trigger()
        await until(lambda: _is_there(customer))
        async with asyncio.TaskGroup() as group:
            storm = group.create_task(post_all(customer.trigger_url, ([ticket] for _ in range(3000)), connections=4))
            await customer.edit(ticket, title="Changed in the middle of a storm")
            await customer.trigger()
            edited_s = time.monotonic()
            await until(lambda: _is_titled(customer, "Changed in the middle of a storm"), SOON_S)
            assert time.monotonic() - edited_s <= SOON_S
        assert storm.result() == Counter({202: 3000})
        await kit.settled()


@contextlib.asynccontextmanager
async def _web_process(kit: Kit) -> AsyncIterator[str]:
    """The web side as a process of its own, as it is in production; its address."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]

    async def is_ready() -> bool:
        with contextlib.suppress(httpx.TransportError):
            return (await kit.http.get(f"http://127.0.0.1:{port}/readyz")).is_success
        return False

    async with kit.process("app", "serve", "--no-worker", "--port", str(port)):
        await until(is_ready)
        yield f"http://127.0.0.1:{port}"


async def _passes(kit: Kit, customer: Customer) -> int:
    """How many passes over the customer's tickets history has."""
    statement = "SELECT count(*) AS n FROM runs WHERE connection_id = :id AND kind = 'import_ticket'"
    return int((await kit.rows(statement, id=customer.connection.id))[0]["n"])


async def _note(kit: Kit, record_property: Note, **took: float) -> None:
    """The figures of a storm, into the report and onto the terminal (`pytest -s`)."""
    figures: dict[str, object] = {name: round(value, 2) for name, value in took.items()}
    for system in ("autotask", "field_nation"):
        figures[f"{system}_calls"] = (await kit.sims.calls(system))["by_endpoint"]
    for name, value in figures.items():
        record_property(name, value)
    print(figures)  # noqa: T201 - figures are for people


async def _is_held(kit: Kit) -> bool:
    return bool((await kit.sims.calls("autotask"))["held"])


async def _is_titled(customer: Customer, title: str) -> bool:
    return [order["title"] for order in await customer.orders()] == [title]


async def _is_there(customer: Customer) -> bool:
    return bool(await customer.orders())
