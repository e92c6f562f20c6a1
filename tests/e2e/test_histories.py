"""Deliveries once or twenty times, in any order, at once: the ticket ends as after one ordered run, nothing twice."""

import asyncio
import logging
import random
from collections.abc import Iterator, Sequence

import pytest
import structlog

from tests.e2e.history import History
from tests.e2e.journal import played
from tests.e2e.kit import Customer, Kit, until
from tests.e2e.mailbag import mailbag, plan, post
from tests.e2e.sending import (
    MOST_TIMES,
    at_rest,
    check,
    customer_to_tell,
    deliveries,
    histories_of,
    last_words,
    letters_sent,
    sender,
)

GROUPS, CUSTOMERS = 3, 3
MOST_ACTS, ROUNDS = 14, 4
HELD = 12


@pytest.fixture
def changes() -> dict[str, str]:
    """The usual lease: this process is all parties at once, which a short one takes for trouble."""
    return {"BROKER_LEASE_S": "30"}


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """The log as the kit's settings want it: a line for each delivery would cost more than the delivery."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    yield
    structlog.reset_defaults()


@pytest.fixture
def share(request: pytest.FixtureRequest) -> int:
    """How many histories a customer has: two tests of so many groups share what the run is to play."""
    asked: int = request.config.getoption("--histories")
    return max(1, asked // (2 * GROUPS * CUSTOMERS))


@pytest.mark.parametrize("group", range(GROUPS))
async def test_facts_that_stood_before_the_first_delivery_are_written_once_each(
    kit: Kit, group: int, share: int
) -> None:
    chance = random.Random(f"before {group}")
    async with mailbag() as bag:
        senders = [await sender(kit, bag, share) for _ in range(CUSTOMERS)]
        async with kit.worker():
            found = [await histories_of(one.customer, chance, is_seen_between=False) for one in senders]
        await asyncio.gather(*(one.go_on(chance.randint(1, MOST_ACTS)) for own in found for one in own))
        await last_words(bag, [one for own in found for one in own])
        async with kit.worker():
            await asyncio.gather(*(one.send(chance) for one in senders))
            await at_rest(kit)
    for one, own in zip(senders, found, strict=True):
        await check(one.customer, own, len(one.sent))
        await _is_as_few_as_can_be(one.customer, own)


@pytest.mark.parametrize("group", range(GROUPS))
async def test_facts_and_deliveries_that_overtake_one_another_write_nothing_twice(
    kit: Kit, group: int, share: int
) -> None:
    chance = random.Random(f"between {group}")
    async with mailbag() as bag, kit.worker():
        senders = [await sender(kit, bag, share) for _ in range(CUSTOMERS)]
        found = [await histories_of(one.customer, chance, is_seen_between=True) for one in senders]
        for turn in range(ROUNDS):
            acts = [one.go_on(chance.randint(0, MOST_ACTS // 2)) for own in found for one in own]
            await asyncio.gather(*acts, *(one.send(chance, 0.4) for one in senders))
            if turn % 2:
                await at_rest(kit)
        await last_words(bag, [one for own in found for one in own])
        await asyncio.gather(*(one.send(chance) for one in senders))
        await at_rest(kit)
    for one, own in zip(senders, found, strict=True):
        await check(one.customer, own, len(one.sent))
        await played(one.customer)


async def test_deliveries_that_the_vendor_holds_shuffles_and_repeats_end_the_same(kit: Kit) -> None:
    chance, sims = random.Random("held"), kit.sims
    customer, path = await customer_to_tell(kit, HELD)
    async with kit.worker():
        held = {"webhook_hold": True, "webhook_repeats": 2, "webhook_duplicates": 1}
        await sims.call("PATCH", f"{sims.field_nation}/_sim/settings", held)
        own = await histories_of(customer, chance, is_seen_between=False)
        await asyncio.gather(*(one.go_on(chance.randint(1, MOST_ACTS)) for one in own))
        order = {"order": "shuffled", "seed": chance.getrandbits(32)}
        released = await sims.call("POST", f"{sims.field_nation}/_sim/deliveries/release", order)
        await until(lambda: _all_made(customer, 3 * released["released"]), 120)
        await at_rest(kit)
        sent = await letters_sent(customer, path)
        answered = await post(kit.web, plan([*sent.values()], MOST_TIMES, chance))
        assert set(answered) == {202}
        await at_rest(kit)
    assert released["released"] == 2 * len(sent)
    await check(customer, own, len(sent))
    await _is_as_few_as_can_be(customer, own)


async def _all_made(customer: Customer, attempts: int) -> bool:
    return len(await deliveries(customer)) == attempts


async def _is_as_few_as_can_be(customer: Customer, histories: Sequence[History]) -> None:
    """The writes of one ordered run: one for each fact that stands, and at most two for the ticket itself."""
    journal = await played(customer)
    for history in histories:
        ticket, wanted = history.site.ticket, history.expected
        writes = {verb: journal.writes[ticket, verb] for verb in ("create", "update", "delete")}
        assert writes == {"create": wanted.creates, "update": wanted.changes, "delete": 0}, history.done
