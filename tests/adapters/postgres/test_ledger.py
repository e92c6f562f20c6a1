"""The ledger and the links: what may be written, by whom, and what is known afterwards."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from app.adapters.postgres.budgets import PostgresBudgets
from app.adapters.postgres.ledger import PostgresLedger
from app.adapters.postgres.links import PostgresLinks, PostgresPersonsLinks
from app.adapters.postgres.records import PostgresRecordDesk
from app.core.model.failure import LeaseLost, Rejected
from app.core.model.ids import ConnectionId, TicketId, WorkerId, WorkOrderId
from app.core.model.ledger import LEDGER_MOVES, EntryKey, LedgerState
from app.core.model.link import Known, LinkOrigin, NewLink
from app.ports.hosting import Hosted
from tests.adapters.postgres.world import CLOCK, World

NO_TIME = timedelta(0)
KEY = EntryKey("ticket:7", "work_order", "create")
NEW = NewLink(TicketId(7), "T1", WorkOrderId(70), LinkOrigin.IMPORT)


async def hosted(world: World) -> tuple[ConnectionId, Hosted, PostgresLedger]:
    acme = await world.connection()
    await world.trigger(acme, "7")
    return acme, await world.host(), PostgresLedger(world.engine, CLOCK, lease_s=world.lease_s)


async def test_a_permit_says_when_to_start_and_when_to_give_up(world: World) -> None:
    acme, host, ledger = await hosted(world)
    before_s = CLOCK.boot_s()
    permit = await ledger.open(host, acme, KEY, "create", "f", {"pay": Decimal("12.50")}, version=3)
    assert before_s + 5 <= permit.start_by_s <= CLOCK.boot_s() + 5
    assert before_s + 20 <= permit.finish_by_s <= CLOCK.boot_s() + 20
    (entry,) = (await ledger.entries(acme, [KEY.owner, "ticket:8"]))[KEY.owner]
    assert (entry.state, entry.key, entry.fingerprint) == (LedgerState.OPEN, KEY, "f")
    assert str(entry.attempted["pay"]) == "12.50"


async def test_no_permit_is_given_when_the_lease_does_not_outlast_the_write(world: World) -> None:
    acme, host, ledger = await hosted(world)
    await world.run("UPDATE accounts SET lease_until = now() + interval '19 seconds'")
    with pytest.raises(LeaseLost):
        await ledger.open(host, acme, KEY, "create", "f", {}, version=3)
    await world.hosting.renew(WorkerId("w1"), [host])
    await ledger.open(host, acme, KEY, "create", "f", {}, version=3)


async def test_an_open_entry_is_not_opened_over(world: World) -> None:
    acme, host, ledger = await hosted(world)
    permit = await ledger.open(host, acme, KEY, "create", "f", {}, version=3)
    with pytest.raises(RuntimeError):
        await ledger.open(host, acme, KEY, "create", "g", {}, version=3)
    await ledger.close(host, permit.entry_id, LedgerState.VOID)
    with pytest.raises(RuntimeError):
        await ledger.close(host, permit.entry_id, LedgerState.WRITTEN)
    assert (await ledger.open(host, acme, KEY, "create", "g", {}, version=3)).entry_id == permit.entry_id


@pytest.mark.parametrize("state", list(LedgerState))
async def test_sql_makes_the_legal_moves_and_no_other(world: World, state: LedgerState) -> None:
    acme, host, ledger = await hosted(world)
    permit = await ledger.open(host, acme, KEY, "create", "f", {}, version=3)
    if state in LEDGER_MOVES[LedgerState.OPEN]:
        await ledger.close(host, permit.entry_id, state, remote_id="70")
    else:
        with pytest.raises(ValueError):
            await ledger.close(host, permit.entry_id, state)
    if LedgerState.OPEN in LEDGER_MOVES[state]:
        await ledger.open(host, acme, KEY, "create", "f", {}, version=3)
        return
    with pytest.raises(RuntimeError):
        await ledger.open(host, acme, KEY, "create", "f", {}, version=3)
    desk = PostgresRecordDesk(world.engine)
    assert await desk.resolve(acme, KEY, "71", horizon=NO_TIME)
    (entry,) = (await ledger.entries(acme, [KEY.owner]))[KEY.owner]
    assert (entry.state, entry.remote_id) == (LedgerState.WRITTEN, "71")
    assert not await desk.resolve(acme, KEY, None, horizon=NO_TIME)


async def test_a_zombie_opens_closes_and_learns_nothing(world: World) -> None:
    acme, zombie, ledger = await hosted(world)
    permit = await ledger.open(zombie, acme, KEY, "create", "f", {}, version=3)
    links, budgets = PostgresLinks(world.engine), PostgresBudgets(world.engine)
    link = await ledger.close_created(zombie, permit.entry_id, NEW, Known())
    await budgets.save(zombie, "account:1", {"used": 1})
    await world.run("UPDATE accounts SET lease_until = now()")
    await world.host("w2")
    other = EntryKey("ticket:7", "work_order_fields", "fields")
    for attempt in (
        ledger.open(zombie, acme, other, "update", "f", {}, version=3),
        ledger.close(zombie, permit.entry_id, LedgerState.VOID),
        ledger.close_created(zombie, permit.entry_id, NEW, Known()),
        links.know(zombie, link, Known({"a": "b"})),
        links.retire(zombie, link, "gone"),
        budgets.save(zombie, "account:1", {"used": 2}),
    ):
        with pytest.raises(LeaseLost):
            await attempt
    assert await budgets.load("account:1") == {"used": 1}
    assert await links.of_tickets(acme, [TicketId(7)]) == {TicketId(7): link}


async def test_a_created_work_order_is_written_and_linked_in_one_commit(world: World) -> None:
    acme, host, ledger = await hosted(world)
    permit = await ledger.open(host, acme, KEY, "create", "f", {}, version=3)
    known = Known({"Title": "d1"}, {"title": "Printer", "pay": Decimal("1.10")}, ("schedule",))
    link = await ledger.close_created(host, permit.entry_id, NEW, known)
    links = PostgresLinks(world.engine)
    assert (await links.of_tickets(acme, [TicketId(7), TicketId(8)])) == {TicketId(7): link}
    assert (link.known, link.is_active) == (known, True)
    (entry,) = (await ledger.entries(acme, [KEY.owner]))[KEY.owner]
    assert (entry.state, entry.remote_id) == (LedgerState.WRITTEN, "70")
    assert await ledger.claimed(acme, "work_order", ["70", "71"]) == {"70"}
    await links.know(host, link, Known({"Title": "d2"}, {"title": "Router"}))
    assert (await links.of_tickets(acme, [TicketId(7)]))[TicketId(7)].known == Known(
        {"Title": "d2"}, {"title": "Router"}
    )
    await links.retire(host, link, "cancelled")
    assert await links.of_tickets(acme, [TicketId(7)]) == {}
    assert await ledger.claimed(acme, "work_order", ["70"]) == {"70"}


async def test_a_pair_that_a_person_took_leaves_the_entry_open(world: World) -> None:
    acme, host, ledger = await hosted(world)
    permit = await ledger.open(host, acme, KEY, "create", "f", {}, version=3)
    await PostgresPersonsLinks(world.engine).add(acme, 7, "T1", 99)
    with pytest.raises(Rejected):
        await ledger.close_created(host, permit.entry_id, NEW, Known())
    (entry,) = (await ledger.entries(acme, [KEY.owner]))[KEY.owner]
    assert entry.state is LedgerState.OPEN


async def test_a_person_makes_and_ends_pairs_one_to_one(world: World) -> None:
    acme = await world.connection()
    people = PostgresPersonsLinks(world.engine)
    await people.add(acme, 7, "T7", 70)
    await people.add(acme, 7, "T7", 70)
    for ticket, order in ((7, 71), (8, 70)):
        with pytest.raises(Rejected):
            await people.add(acme, ticket, "T", order)
    assert await people.remove(acme, 7)
    assert not await people.remove(acme, 7)
    await people.add(acme, 8, "T8", 70)
    listed = await PostgresRecordDesk(world.engine).links(connection="acme")
    assert [(row["ticket_id"], row["is_active"]) for row in listed] == [(8, True), (7, False)]


async def test_a_list_of_pairs_is_made_as_far_as_it_can_be_and_says_what_is_in_the_way(world: World) -> None:
    acme, zeta = await world.connection("acme"), await world.connection("zeta")
    people = PostgresPersonsLinks(world.engine)
    await people.add(acme, 1, "T1", 71)
    await people.add(acme, 2, "T2", 72)
    await people.remove(acme, 2)
    await people.add(zeta, 3, "T3", 73)
    given = [
        (1, "T1", 71),
        (1, "T1", 79),
        (9, "T9", 71),
        (2, "T2", 72),
        (3, "T3", 73),
        (4, "T\x004", 74),
        (4, "T4", 75),
    ]
    reasons = await people.add_many(acme, [*given, (4, "T4", 74)])
    assert [bool(reason) for reason in reasons] == [False, True, True, False, False, False, True, False]
    assert reasons[1] == "Ticket 1 and work order 71 are an active pair."
    assert await people.add_many(acme, given) == reasons[:-1]
    assert await people.add_many(acme, []) == []
    active = await PostgresLinks(world.engine).active(acme)
    assert [(link.ticket_id, link.work_order_id) for link in active] == [(1, 71), (2, 72), (3, 73), (4, 74)]
    assert {link.is_adopted for link in active} == {False}


async def test_two_lists_of_pairs_at_once_make_each_pair_once(world: World) -> None:
    acme = await world.connection()
    people = PostgresPersonsLinks(world.engine)
    lists = [[(n, f"T{n}", 1000 + n) for n in range(2000)], [(n, f"T{n}", 1001 + n) for n in range(2000)]]
    for reasons in await asyncio.gather(*(people.add_many(acme, pairs) for pairs in lists)):
        assert len(reasons) == 2000
    active = await PostgresLinks(world.engine).active(acme)
    assert len({link.ticket_id for link in active}) == len({link.work_order_id for link in active}) == len(active)
