"""Vendors that carry a create out long after it timed out: within the horizon nothing is doubled, after it nothing is
doubled silently."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from app.core.model.intake import Delivery, Source, Wanted
from app.core.model.job import JobKind
from tests.e2e.kit import Customer, Kit, until
from tests.e2e.push_kit import OUTBOUND, Site, customer_with_events
from tests.e2e.test_both_at_once import CREATES, TITLE

LEASE_S, HORIZON_S = 3.0, 3.0
RECORDS = {0.5: {1}, 1.0: {1, 2}, 2.0: {1, 2}, 5.0: {2}}
"""How many records may stand when a create is carried out so many horizons after its time-out. The broker looks one
horizon after it, on a busy machine a little later."""
LOG = {"in": "2026-11-03T15:00:00", "out": "2026-11-03T16:30:00"}


@dataclass(frozen=True, slots=True)
class Create:
    """A create of Autotask: its kind in the ledger, its entity, and what makes the broker send it."""

    kind: str
    entity: str
    cause: Callable[[Site], Awaitable[Any]]


async def _time(site: Site) -> None:
    await site.act("add_time_log", **LOG)
    await site.act("update_part")


async def _money(site: Site) -> None:
    expense = (await site.act("add_expense", amount="48.25", description="Parking"))["expense"]
    await site.act("approve_expense", expense=expense)
    await site.act("update_part")


async def _words(site: Site) -> None:
    await site.act("post_message", message="The switch is in.")


async def _file(site: Site) -> None:
    await site.act("upload", name="rack.jpg", text="photo bytes")


CREATES_AT_TICKETS = (
    Create("time_entry", "TimeEntries", _time),
    Create("charge", "TicketCharges", _money),
    Create("note", "TicketNotes", _words),
    Create("attachment", "TicketAttachments", _file),
)
EXPENSE_ITEM = Create("expense_item", "ExpenseItems", _money)


@dataclass(frozen=True, slots=True)
class Haunted:
    """A customer whose creates time out and are carried out that many horizons later, each at a ticket of its own."""

    customer: Customer
    horizons: float
    sites: dict[Create, Site]

    @property
    def delay_s(self) -> float:
        return self.horizons * HORIZON_S

    async def records(self) -> dict[str, int]:
        """How many records stand for each fact, by the kind of the ledger."""
        found = {create.kind: len(await site.records(create.entity)) for create, site in self.sites.items()}
        if EXPENSE_ITEM in self.sites:
            return {EXPENSE_ITEM.kind: await self._count("ExpenseItems")}
        imported = len(self.customer.tickets)
        found["work_order"] = len(await self.customer.orders()) - (imported - 1) - 1
        found["ticket"] = await self._count("Tickets") - imported
        return found

    async def _count(self, entity: str) -> int:
        sims = self.customer.kit.sims
        url = f"{sims.autotask}/_sim/state?database={self.customer.ci}&entity={entity}"
        return len(await sims.call("GET", url))

    async def is_carried_out(self) -> bool:
        """Whether the vendors have done by now what nobody waits for any more."""
        sims, customer = self.customer.kit.sims, self.customer
        url = f"{sims.autotask}/_sim/writes?database={customer.ci}&verb=create&committed=1"
        late = [one for one in await sims.call("GET", url) if one["status"] is None]
        late += [one for one in await customer.writes() if one["fault"] == "ghost" and one["committed"]]
        return len(late) == len(await self.records())

    async def quarantined(self) -> list[str]:
        """Kinds of the ledger entries that wait for a person, each of them said in a finding."""
        desk, name = self.customer.kit.desk, self.customer.connection.name
        entries = await desk.records.ledger(connection=name, state="quarantined")
        found = [one for one in await desk.records.findings(connection=name) if one["code"] == "item_quarantined"]
        assert len(found) == len(entries)
        return sorted(str(entry["kind"]) for entry in entries)

    async def haunt(self) -> None:
        """Makes the vendors so slow."""
        sims, customer = self.customer.kit.sims, self.customer
        ghost = {"fault": "ghost", "method": "POST", "times": 1, "delay_s": self.delay_s}
        for entity in [create.entity for create in self.sites] + ["Tickets"]:
            await sims.fault("autotask", **ghost, entity=entity, path="^(?!.*query)", database=customer.ci)
        await sims.fault("field_nation", **ghost, path="/workorders$", company=customer.company)

    async def act(self) -> None:
        """Everything at once that makes the broker create something."""
        acts = [create.cause(site) for create, site in self.sites.items()]
        if EXPENSE_ITEM not in self.sites:
            sims, customer = self.customer.kit.sims, self.customer
            url = f"{sims.field_nation}/_sim/ui/{customer.company}/workorders"
            acts += [sims.call("POST", url, {"title": "Made at Field Nation"}), customer.trigger(customer.tickets[-1])]
        await asyncio.gather(*acts)

    async def sweep(self) -> None:
        """The scheduled look, now."""
        wanted = Wanted(JobKind.SWEEP, "all", "all")
        delivery = Delivery(self.customer.connection.id, Source.PERSON, "text/plain", b"", (wanted,))
        await self.customer.kit.wiring.inbox.accept(delivery)


@pytest.fixture
def changes() -> dict[str, str]:
    return {"BROKER_LEASE_S": str(LEASE_S), "BROKER_HORIZON_S": str(HORIZON_S)}


async def test_a_create_that_is_carried_out_late_is_found_or_reported(kit: Kit) -> None:
    async with kit.worker():
        haunted = await asyncio.gather(
            *(_haunted(kit, horizons, expenses=which) for horizons in RECORDS for which in (False, True))
        )
        await asyncio.gather(*(one.haunt() for one in haunted))
        await asyncio.gather(*(one.act() for one in haunted))
        await asyncio.gather(*(until(one.is_carried_out, 60, every_s=0.5) for one in haunted))
        await at_rest(haunted)
        standing = [await one.records() for one in haunted]
        await asyncio.gather(*(one.sweep() for one in haunted))
        await at_rest(haunted)
        await asyncio.gather(*(site.act("update_part") for one in haunted for site in one.sites.values()))
        await at_rest(haunted)
    for one, before in zip(haunted, standing, strict=True):
        assert set(before.values()) <= RECORDS[one.horizons], (one.horizons, before)
        assert await one.quarantined() == sorted(kind for kind, count in before.items() if count > 1), one.horizons
        assert await one.records() == before
    assert await kit.desk.records.ledger(state="open") == []


async def at_rest(haunted: list[Haunted]) -> None:
    site = next(iter(haunted[0].sites.values()))
    await site.settled(60)


async def _haunted(kit: Kit, horizons: float, *, expenses: bool) -> Haunted:
    """Pairs for every create; without `expenses` one ticket more, which is not imported yet."""
    creates = (EXPENSE_ITEM,) if expenses else CREATES_AT_TICKETS
    file: dict[str, Any] = {"expenses": {"additional_charges": ""}} if expenses else {}
    customer = await customer_with_events(
        kit,
        tickets=len(creates) + (not expenses),
        companies=1,
        # Two work orders for one ticket are what happens here.
        settings={"outbound_create": not expenses, "redispatch": True},
        file={**file, "mappings": {"outbound": [*OUTBOUND, *([] if expenses else [TITLE, *CREATES])]}},
    )
    tickets = customer.tickets[: len(creates)]
    await customer.trigger(*tickets)
    await kit.settled()
    numbers = await customer.numbers()
    orders = {order["incident_id"]: int(order["id"]) for order in await customer.orders()}
    sites = [Site(customer, orders[numbers[ticket]], ticket) for ticket in tickets]
    await asyncio.gather(*(site.act("accept") for site in sites))
    await kit.settled()
    return Haunted(customer, horizons, dict(zip(creates, sites, strict=True)))
