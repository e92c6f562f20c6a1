"""Both directions switched on together: no second ticket, no second work order, and both sides end up agreeing."""

import asyncio
from collections import Counter
from typing import Any

from tests.e2e.fast_client import post_all
from tests.e2e.kit import Customer, Kit, until
from tests.e2e.push_kit import OUTBOUND, Site, customer_with_events

TICKETS, ORDERS, PAIRS, TURNS = 8, 8, 6, 3
OWNERS = ("autotask", "field_nation")
COMPANY, QUEUE, MEDIUM = 29762801, 29683354, 2

TITLE = {"source": "title", "target": "Ticket:Title", "action": "sync"}
CREATES: list[dict[str, Any]] = [
    {"target": "Ticket:CompanyID", "action": "set_static", "value": COMPANY},
    {"target": "Ticket:QueueID", "action": "set_static", "value": QUEUE},
    {"target": "Ticket:Priority", "action": "set_static", "value": MEDIUM},
    {"target": "Ticket:DueDateTime", "action": "set_static", "value": "2026-12-01T12:00:00Z"},
]
"""What a ticket needs beside its title."""


async def test_work_orders_and_tickets_made_at_once_find_one_partner_each(kit: Kit) -> None:
    customer = await _customer(kit, TICKETS)
    for system, path in (("autotask", "/Tickets$"), ("field_nation", "/workorders$")):
        await kit.sims.fault(system, fault="lost_after", method="POST", path=path, times=2)
    async with kit.worker():
        await asyncio.gather(customer.trigger(), *(_new_order(customer, n) for n in range(ORDERS)))
        await until(lambda: _are_paired(customer), 60)
        await _everything_again(customer)
    orders, tickets = await customer.orders(), await _tickets(customer)
    assert (len(orders), len(tickets)) == (TICKETS + ORDERS, TICKETS + ORDERS)
    assert Counter(order["title"] for order in orders) == Counter(ticket["title"] for ticket in tickets.values())
    for ticket, order in (await _pairs(customer)).items():
        assert tickets[ticket]["externalID"] in ("", f"FN-WO-{order}")
    assert await kit.desk.records.ledger(state="open") == []


async def test_both_titles_changed_before_anybody_looked_become_the_owner_s(kit: Kit) -> None:
    customers = [await _customer(kit, PAIRS, owner) for owner in OWNERS]
    async with kit.worker():
        sites = {owner: await _sites(customer) for owner, customer in zip(OWNERS, customers, strict=True)}
        every = [site for own in sites.values() for site in own]
        await asyncio.gather(*(_retitle(site, "ticket's", "order's") for site in every))
        await asyncio.gather(*(_tell(site, n) for n, site in enumerate(every)))
        await every[0].settled()
        assert {owner: await _titles(own) for owner, own in sites.items()} == {
            "autotask": {"ticket's"},
            "field_nation": {"order's"},
        }
        await _is_quiet(customers, every)


async def test_titles_changed_on_both_sides_without_a_pause_agree_in_the_end(kit: Kit) -> None:
    customers = [await _customer(kit, PAIRS, owner) for owner in OWNERS]
    async with kit.worker():
        every = [site for customer in customers for site in await _sites(customer)]
        before = await _written(customers)
        for turn in range(TURNS):
            await asyncio.gather(*(_retitle(site, f"ticket's {turn}", f"order's {turn}", told=True) for site in every))
        await every[0].settled()
        for site in every:
            assert len(await _titles([site])) == 1
        assert await _written(customers) - before <= 2 * TURNS * len(every)
        await _is_quiet(customers, every)


async def _customer(kit: Kit, tickets: int, owner: str | None = None) -> Customer:
    """Both directions on, Autotask told to call the broker at every new ticket and change of status; the title goes
    both ways, and who wins is said once."""
    title = {**TITLE, **({"owner": owner} if owner else {})}
    outbound = [rule for rule in OUTBOUND if rule["target"] != "Ticket:Status"]
    customer = await customer_with_events(
        kit,
        tickets=tickets,
        companies=1,
        settings={"outbound_create": True},
        file={"mappings": {"outbound": [title, *CREATES, *outbound]}},
    )
    callout = {"url": customer.trigger_url, "identity": "number", "format": "form"}
    url = f"{kit.sims.autotask}/_sim/settings?database={customer.ci}"
    await kit.sims.call("PATCH", url, {"extension_callouts": [callout]})
    return customer


async def _new_order(customer: Customer, number: int) -> None:
    """A person at Field Nation makes a work order that no ticket asked for."""
    sims = customer.kit.sims
    url = f"{sims.field_nation}/_sim/ui/{customer.company}/workorders"
    await sims.call("POST", url, {"title": f"Made at Field Nation {number}"})


async def _are_paired(customer: Customer) -> bool:
    return len(await _pairs(customer)) == TICKETS + ORDERS


async def _pairs(customer: Customer) -> dict[int, int]:
    statement = "SELECT ticket_id, work_order_id FROM links WHERE is_active AND connection_id = :connection"
    rows = await customer.kit.rows(statement, connection=customer.connection.id)
    return {row["ticket_id"]: row["work_order_id"] for row in rows}


async def _everything_again(customer: Customer) -> None:
    """A trigger for every ticket and an event for every work order, several times over."""
    tickets, orders = await _tickets(customer), await customer.orders()
    site = Site(customer, 0, 0)
    for _ in range(TURNS):
        events = (Site(customer, int(order["id"]), 0).act("update_part") for order in orders)
        await asyncio.gather(customer.trigger(*tickets), *events)
    await site.settled()


async def _tickets(customer: Customer) -> dict[int, dict[str, Any]]:
    sims = customer.kit.sims
    rows = await sims.call("GET", f"{sims.autotask}/_sim/state?database={customer.ci}&entity=Tickets")
    return {int(row["id"]): row for row in rows}


async def _sites(customer: Customer) -> list[Site]:
    """Every ticket with its work order, at rest."""
    await customer.trigger()
    await Site(customer, 0, 0).settled()
    return [Site(customer, order, ticket) for ticket, order in sorted((await _pairs(customer)).items())]


async def _retitle(site: Site, ticket: str, order: str, *, told: bool = False) -> None:
    """People change both titles; `told` says that both systems tell the broker at once, like the vendors do."""
    customer = site.customer
    url = f"{site.kit.sims.field_nation}/_sim/ui/{customer.company}/workorders/{site.order}"
    await asyncio.gather(customer.edit(site.ticket, title=ticket), site.kit.sims.call("PATCH", url, {"title": order}))
    if told:
        await _tell(site, site.order)


async def _tell(site: Site, number: int) -> None:
    """The trigger and the event, either of them first."""
    ways = [post_all(site.customer.trigger_url, [[site.ticket]], connections=1), site.act("update_part")]
    await asyncio.gather(*(ways if number % 2 else reversed(ways)))


async def _titles(sites: list[Site]) -> set[str]:
    """Every title that stands at either side."""
    customer = sites[0].customer
    tickets = await _tickets(customer)
    orders = {int(order["id"]): order["title"] for order in await customer.orders()}
    return {tickets[site.ticket]["title"] for site in sites} | {orders[site.order] for site in sites}


async def _written(customers: list[Customer]) -> int:
    """How many writes of the broker both sides have carried out."""
    count = 0
    for customer in customers:
        sims = customer.kit.sims
        url = f"{sims.autotask}/_sim/writes?database={customer.ci}&client=broker/&committed=1"
        count += len(await sims.call("GET", url))
        count += sum(1 for entry in await customer.writes() if entry["committed"])
    return count


async def _is_quiet(customers: list[Customer], sites: list[Site]) -> None:
    """However often both are told, nothing more is written."""
    before = await _written(customers)
    await asyncio.gather(*(_tell(site, number) for number, site in enumerate(sites)))
    await sites[0].settled()
    await asyncio.gather(*(_tell(site, number + 1) for number, site in enumerate(sites)))
    await sites[0].settled()
    assert await _written(customers) == before
