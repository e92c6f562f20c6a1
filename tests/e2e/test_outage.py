"""A vendor is down, throttles or refuses us: nothing is lost, nobody else waits, one alert."""

import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from tests.e2e.kit import CODE, SITE_CODE, Customer, Kit, seed_of, until
from tests.e2e.post_office import PostOffice, post_office

OPS = {"notify": ["ops@customer.example"]}


@pytest_asyncio.fixture
async def office() -> AsyncIterator[PostOffice]:
    """Where alerts arrive."""
    async with post_office() as opened:
        yield opened


@pytest.fixture
def changes(office: PostOffice) -> dict[str, str]:
    """A broker that sends its alerts by mail."""
    return {"BROKER_SMTP_URL": f"smtp://127.0.0.1:{office.port}", "BROKER_MAIL_FROM": "broker@customer.example"}


@pytest.mark.parametrize("system", ["autotask", "field_nation"])
async def test_nothing_is_lost_while_a_side_is_down_and_one_alert_tells_of_it(
    kit: Kit, office: PostOffice, system: str
) -> None:
    customer = await kit.customer(tickets=5, settings=OPS)
    scope = {"database": customer.ci} if system == "autotask" else {"company": customer.company}
    async with kit.worker():
        await customer.trigger(customer.tickets[0])
        await kit.settled()
        await kit.sims.fault(system, fault="outage", **scope)
        await customer.trigger(*customer.tickets[1:3])
        await until(lambda: _is_paused(customer))
        await customer.trigger(*customer.tickets[3:])
        assert await _open_codes(kit, customer) == ["vendor_down"]
        assert (await customer.health())["counters"]["waiting"] == 4
        assert await _attempts(kit, customer) == {0}
        await kit.sims.calm()
        await kit.settled()
    assert (await customer.health())["state"] == "active"
    assert len(await customer.orders()) == 5
    assert await _open_codes(kit, customer) == []
    assert len(office.about(f"{customer.connection.name} is paused")) == len(office.messages) == 1


@pytest.mark.parametrize("warm", [False, True], ids=["at the start", "in the middle"])
async def test_credentials_that_autotask_refuses_cost_two_calls_and_pause_the_connection(
    kit: Kit, office: PostOffice, warm: bool
) -> None:
    customer = await kit.customer(tickets=3, settings=OPS)
    user = f"{kit.sims.autotask}/_sim/users/{customer.username}"
    async with kit.worker():
        if warm:
            await customer.trigger(customer.tickets[0])
            await kit.settled()
        await kit.sims.call("PATCH", user, {"secret": "somebody changed it"})
        await kit.sims.forget_calls()
        await customer.trigger()
        await until(lambda: _is_paused(customer))
        await customer.trigger()
        await _a_while(kit)
        calls = (await kit.sims.calls("autotask"))["by_endpoint"]
        assert sum(n for name, n in calls.items() if "zoneInformation" not in name) <= 2, calls
        await _check_pause_for_credentials(kit, customer, office)
    await kit.sims.call("PATCH", user, {"secret": await _secret(kit, customer), "integration_code": CODE})
    await kit.desk.connections.resume(customer.connection.name, "a test")
    async with kit.worker():
        await kit.settled()
    assert len(await customer.orders()) == 3


async def test_credentials_that_field_nation_refuses_pause_the_connection(kit: Kit, office: PostOffice) -> None:
    customer = await kit.customer(tickets=3, settings=OPS)
    await _sow_company(kit, customer, client_secret="somebody changed it")
    await kit.sims.forget_calls()
    async with kit.worker():
        await customer.trigger()
        await until(lambda: _is_paused(customer))
        await customer.trigger()
        await _a_while(kit)
        assert (await kit.sims.calls("field_nation"))["total"] <= 2
        await _check_pause_for_credentials(kit, customer, office)
        await _sow_company(kit, customer, client_secret="fn-secret")
        await kit.desk.connections.resume(customer.connection.name, "a test")
        await kit.settled()
    assert len(await customer.orders()) == 3


async def test_a_ticket_that_always_gets_an_unclear_500_pauses_nobody_and_the_others_go_on(
    kit: Kit, office: PostOffice
) -> None:
    customer = await kit.customer(tickets=9, settings=OPS)
    bad, others = customer.tickets[4], set(customer.tickets) - {customer.tickets[4]}
    await kit.sims.fault("autotask", fault="500_text", path="Tickets/query", record=bad)
    async with kit.worker():
        await customer.trigger()
        await until(lambda: _has_orders(customer, len(others)))
        await until(lambda: _has_attempts(kit, customer, {str(bad): 1}))
    numbers = await customer.numbers()
    assert {order["incident_id"] for order in await customer.orders()} == {numbers[id] for id in others}
    assert (await customer.health())["state"] == "active"
    assert office.messages == []


async def test_a_work_order_that_always_gets_an_unclear_500_pauses_nobody_and_the_others_go_on(
    kit: Kit, office: PostOffice
) -> None:
    customer = await kit.customer(tickets=4, settings=OPS)
    async with kit.worker():
        await customer.trigger()
        await kit.settled()
        bad = (await customer.orders())[1]
        await kit.sims.fault("field_nation", fault="500_html", path=rf"workorders/{bad['id']}$", times=None)
        for ticket in customer.tickets:
            await customer.edit(ticket, title=f"Changed {ticket}")
        await customer.trigger()
        await until(lambda: _has_titles(customer, 3))
        numbers = {number: str(id) for id, number in (await customer.numbers()).items()}
        await until(lambda: _has_attempts(kit, customer, {numbers[bad["incident_id"]]: 1}))
    assert (await customer.health())["state"] == "active"
    assert office.messages == []


@pytest.mark.parametrize("system", ["autotask", "field_nation"])
async def test_a_limit_delays_and_fails_nothing(kit: Kit, office: PostOffice, system: str) -> None:
    customer = await kit.customer(tickets=4, settings=OPS)
    await kit.sims.fault(system, fault="429", path="Tickets/query|workorders", times=2)
    async with kit.worker():
        await customer.trigger()
        await until(lambda: _has_met(kit, system, 2))
        assert await _attempts(kit, customer) <= {0}
        await kit.settled()
    counters = (await customer.health())["counters"]
    assert (counters["written"], counters["dead"]) == (4, 0)
    assert await _open_codes(kit, customer) == []
    assert office.messages == []


async def test_the_trouble_of_one_connection_does_not_delay_another(kit: Kit, office: PostOffice) -> None:
    down, slow, well = [await kit.customer(tickets=number, settings=OPS) for number in (3, 20, 3)]
    await kit.sims.fault("autotask", fault="outage", database=down.ci)
    await kit.sims.fault("field_nation", fault="slow", delay_s=1.0, company=slow.company, times=None)
    async with kit.worker():
        await down.trigger()
        await slow.trigger()
        await until(lambda: _is_paused(down))
        began_s = time.monotonic()
        await well.trigger()
        await until(lambda: _has_orders(well, 3), 3.0)
        print(f"{time.monotonic() - began_s:.1f} s beside a slow and a dead one")  # noqa: T201 - a figure for people
        assert (await down.health())["counters"]["waiting"] == 3
        assert (await slow.health())["counters"]["waiting"] > 0
        await kit.sims.calm()
        await kit.settled()
    assert [len(await one.orders()) for one in (down, slow, well)] == [3, 20, 3]


async def test_a_mail_server_that_is_away_does_not_keep_a_connection_from_resuming(
    kit: Kit, office: PostOffice
) -> None:
    customer = await kit.customer(settings={"notify": ["nobody@"]})
    await kit.sims.fault("autotask", fault="outage", database=customer.ci)
    office.is_open = False
    async with kit.worker():
        await customer.trigger()
        await until(lambda: _is_paused(customer))
        await kit.sims.calm()
        await kit.settled()
    assert len(await customer.orders()) == 1


async def _check_pause_for_credentials(kit: Kit, customer: Customer, office: PostOffice) -> None:
    """One finding, one mail, jobs uncharged, and the next try in an hour: the vendor locks users out."""
    pause = (await customer.health())["pause"]
    assert pause["reason"] == "credentials_refused"
    assert timedelta(minutes=58) < pause["next_probe_at"] - kit.wiring.clock.now() <= timedelta(hours=1)
    assert await _open_codes(kit, customer) == ["credentials_refused"]
    assert await _attempts(kit, customer) == {0}
    assert len(office.messages) == 1


async def _sow_company(kit: Kit, customer: Customer, **changed: str) -> None:
    """The company as the kit makes it, with another secret."""
    number = customer.company
    site_code = {"id": SITE_CODE, "name": "Site", "type": "text", "role": "buyer", "flags": [], "options": []}
    login = {"client_id": f"client{number}", "username": f"fn{number}"} | changed
    seed = seed_of("field_nation", company_id=number, custom_fields=[site_code], **login)
    await kit.sims.call("POST", f"{kit.sims.field_nation}/_sim/seed", seed)
    await kit.sims.call("POST", f"{kit.sims.field_nation}/_sim/revoke-tokens")


async def _secret(kit: Kit, customer: Customer) -> str:
    sealed = await kit.wiring.connections.secrets(customer.connection.id)
    name = "autotask.secret"
    return kit.wiring.sealer.open(customer.connection.name, name, sealed[name])


async def _a_while(kit: Kit) -> None:
    """Two turns of every idle loop."""
    await kit.wiring.clock.sleep(2.2)


async def _is_paused(customer: Customer) -> bool:
    return bool((await customer.health())["state"] == "paused")


async def _open_codes(kit: Kit, customer: Customer) -> list[str]:
    found = await kit.desk.records.findings(connection=customer.connection.name, severity="error")
    return [str(row["code"]) for row in found]


async def _attempts(kit: Kit, customer: Customer) -> set[int]:
    return {int(job["attempts"]) for job in await kit.desk.jobs.jobs(connection=customer.connection.name)}


async def _has_attempts(kit: Kit, customer: Customer, wanted: dict[str, int]) -> bool:
    jobs = await kit.desk.jobs.jobs(connection=customer.connection.name)
    return {job["key"]: job["attempts"] for job in jobs if job["state"] == "queued"} == wanted


async def _has_orders(customer: Customer, count: int) -> bool:
    return len(await customer.orders()) == count


async def _has_titles(customer: Customer, count: int) -> bool:
    return len([1 for order in await customer.orders() if str(order["title"]).startswith("Changed")]) == count


async def _has_met(kit: Kit, system: str, times: int) -> bool:
    faults: Any = await kit.sims.call("GET", f"{getattr(kit.sims, system)}/_sim/faults")
    return bool(faults["faults"]) and faults["faults"][0]["hits"] >= times
