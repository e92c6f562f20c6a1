"""What a ledger and its links must do for the way back: facts seen, records adopted, work orders looked at."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.model.ids import TicketId, WorkOrderId
from app.core.model.ledger import EntryKey, LedgerState, Observed
from app.core.model.link import Examined, Known, Link, LinkOrigin, NewLink
from tests.contracts.ledger_contract import ADOPTED, KNOWN, NOTE, Stores

TICKET = EntryKey("work_order:70", "ticket", "create")


class SeenContract:
    """What is remembered of entries beside their writes. Subclasses give the `stores`."""

    async def test_an_entry_remembers_the_facts_it_was_seen_with(self, stores: Stores) -> None:
        attempted = {"values": {"title": "x"}, "facts": {"text": "d1", "hours": "h1"}}
        permit = await stores.opened(NOTE, attempted)
        await stores.ledger.observe(stores.hosted, [Observed(permit.entry_id, {"hours": "h2", "new": "n1"})])
        entry = await stores.entry(NOTE)
        assert entry.facts == {"text": "d1", "hours": "h2", "new": "n1"}
        assert entry.attempted["values"] == {"title": "x"}
        assert entry.state is LedgerState.OPEN

    @pytest.mark.parametrize("facts", [None, [], "text"])
    async def test_an_entry_without_facts_learns_its_first_ones(self, stores: Stores, facts: object) -> None:
        permit = await stores.opened(NOTE, {"values": {}} if facts is None else {"values": {}, "facts": facts})
        await stores.ledger.observe(stores.hosted, [Observed(permit.entry_id, {"text": "d1"})])
        entry = await stores.entry(NOTE)
        assert entry.attempted == {"values": {}, "facts": {"text": "d1"}}

    async def test_a_missing_fact_is_missing_since_it_was_first_missed(self, stores: Stores) -> None:
        permit = await stores.opened(NOTE)
        assert (await stores.entry(NOTE)).missing_for is None
        for _ in range(2):
            await stores.ledger.observe(stores.hosted, [Observed(permit.entry_id, is_missing=True)])
        first = (await stores.entry(NOTE)).missing_for
        await stores.ledger.observe(stores.hosted, [Observed(permit.entry_id, {"text": "d1"})])
        second = (await stores.entry(NOTE)).missing_for
        assert first is not None
        assert second is not None
        assert timedelta() <= first <= second < timedelta(minutes=1)
        await stores.ledger.observe(stores.hosted, [Observed(permit.entry_id, is_missing=False)])
        assert (await stores.entry(NOTE)).missing_for is None

    async def test_a_write_under_way_does_not_mean_that_the_fact_was_seen(self, stores: Stores) -> None:
        permit = await stores.opened(NOTE)
        await stores.ledger.close(stores.hosted, permit.entry_id, LedgerState.WRITTEN, remote_id="500")
        await stores.ledger.observe(stores.hosted, [Observed(permit.entry_id, is_missing=True)])
        await stores.opened(NOTE)
        assert (await stores.entry(NOTE)).missing_for is not None

    async def test_of_several_sights_of_one_entry_the_last_word_counts(self, stores: Stores) -> None:
        permit, other = await stores.opened(NOTE), await stores.opened(TICKET)
        seen = [
            Observed(permit.entry_id, {"a": "1", "b": "1"}),
            Observed(other.entry_id, {"c": "1"}, is_missing=True),
            Observed(permit.entry_id, {"b": "2"}, is_missing=True),
            Observed(permit.entry_id, is_missing=False),
        ]
        await stores.ledger.observe(stores.hosted, seen)
        await stores.ledger.observe(stores.hosted, [])
        entry = await stores.entry(NOTE)
        assert (entry.facts, entry.missing_for) == ({"a": "1", "b": "2"}, None)
        assert (await stores.entry(TICKET)).missing_for is not None

    async def test_an_answer_that_was_lost_once_stays_known(self, stores: Stores) -> None:
        permit = await stores.opened(NOTE)
        assert not (await stores.entry(NOTE)).was_lost
        await stores.ledger.close(stores.hosted, permit.entry_id, LedgerState.VOID, was_lost=True)
        await stores.opened(NOTE)
        await stores.ledger.close(stores.hosted, permit.entry_id, LedgerState.WRITTEN, remote_id="500")
        assert (await stores.entry(NOTE)).was_lost

    async def test_records_that_stand_are_entered_as_written(self, stores: Stores) -> None:
        await stores.ledger.adopt(stores.hosted, stores.connection, [])
        await stores.ledger.adopt(stores.hosted, stores.connection, [ADOPTED])
        entry = await stores.entry(NOTE)
        assert (entry.state, entry.verb, entry.fingerprint) == (LedgerState.WRITTEN, "create", "f1")
        assert (entry.remote_id, entry.facts, entry.note) == ("500", {"text": "d1"}, "found beside the ticket")
        assert entry.age < timedelta(minutes=1)

    @pytest.mark.parametrize("state", [state for state in LedgerState if state is not LedgerState.VOID])
    async def test_an_entry_of_our_own_is_not_adopted_over(self, stores: Stores, state: LedgerState) -> None:
        permit = await stores.opened(NOTE)
        if state is not LedgerState.OPEN:
            await stores.ledger.close(stores.hosted, permit.entry_id, state, remote_id="400")
        before = await stores.entry(NOTE)
        await stores.ledger.adopt(stores.hosted, stores.connection, [ADOPTED])
        after = await stores.entry(NOTE)
        assert (after.state, after.remote_id, after.fingerprint) == (state, before.remote_id, before.fingerprint)

    async def test_an_entry_that_never_happened_makes_room_for_what_stands(self, stores: Stores) -> None:
        permit = await stores.opened(NOTE)
        await stores.ledger.close(stores.hosted, permit.entry_id, LedgerState.VOID, was_lost=True)
        await stores.ledger.adopt(stores.hosted, stores.connection, [ADOPTED, replace(ADOPTED, remote_id="501")])
        entry = await stores.entry(NOTE)
        assert (entry.id, entry.state, entry.remote_id) == (permit.entry_id, LedgerState.WRITTEN, "500")
        assert entry.was_lost

    async def test_entries_are_searched_by_state_kind_and_lost_answer(self, stores: Stores) -> None:
        first, second = await stores.opened(NOTE), await stores.opened(TICKET)
        await stores.ledger.close(stores.hosted, first.entry_id, LedgerState.VOID, was_lost=True)
        await stores.ledger.close(stores.hosted, second.entry_id, LedgerState.REJECTED)
        await stores.ledger.open(stores.hosted, stores.stranger, NOTE, "create", "f", {}, version=3)
        ledger, acme, hour = stores.ledger, stores.connection, timedelta(hours=1)
        assert [one.key for one in await ledger.search(acme)] == [NOTE, TICKET]
        assert [one.key for one in await ledger.search(acme, states=[LedgerState.REJECTED])] == [TICKET]
        assert [one.key for one in await ledger.search(acme, kind="note")] == [NOTE]
        assert [one.key for one in await ledger.search(acme, lost_within=hour)] == [NOTE]
        assert await ledger.search(acme, kind="ticket", lost_within=hour) == []
        assert await ledger.search(acme, lost_within=timedelta()) == []
        states = [LedgerState.VOID, LedgerState.REJECTED]
        assert [one.key for one in await ledger.search(acme, states=states)] == [NOTE, TICKET]

    async def test_a_work_order_s_number_is_no_other_record_s(self, stores: Stores) -> None:
        await stores.linked(7, 70)
        assert await stores.ledger.claimed(stores.connection, "note", ["70"]) == frozenset()


class PairsOutContract:
    """Links as the push uses them. Subclasses give the `stores`."""

    async def test_a_created_ticket_is_written_and_linked_at_once(self, stores: Stores) -> None:
        link = await exported(stores)
        assert (link.ticket_id, link.work_order_id, link.origin) == (7, 70, LinkOrigin.EXPORT)
        entry = await stores.entry(TICKET)
        assert (entry.state, entry.remote_id) == (LedgerState.WRITTEN, "7")

    async def test_pairs_that_we_made_hold_nothing_of_an_earlier_connector(self, stores: Stores) -> None:
        assert (await stores.linked(8, 80)).is_adopted
        assert (await exported(stores)).is_adopted
        permit = await stores.opened(EntryKey("ticket:9", "work_order", "create"))
        found = NewLink(TicketId(9), "T9", WorkOrderId(90), LinkOrigin.FOUND)
        link = await stores.ledger.close_created(stores.hosted, permit.entry_id, found, Known())
        assert not link.is_adopted

    async def test_work_orders_have_their_active_pair_or_the_last_one_that_ended(self, stores: Stores) -> None:
        old = await stores.linked(7, 70)
        await stores.links.retire(stores.hosted, old, "removed")
        new = await stores.linked(8, 70)
        for ticket in (9, 10):
            ended = await stores.linked(ticket, 71)
            await stores.links.retire(stores.hosted, ended, "removed")
        orders = [WorkOrderId(order) for order in (70, 71, 72)]
        found = await stores.links.of_work_orders(stores.connection, orders)
        assert {order: (link.ticket_id, link.is_active) for order, link in found.items()} == {
            70: (8, True),
            71: (10, False),
        }
        assert await stores.links.of_work_orders(stores.stranger, orders) == {}
        assert await stores.links.active(stores.connection) == [new]

    async def test_active_pairs_come_by_work_order(self, stores: Stores) -> None:
        for ticket, order in ((1, 72), (2, 70), (3, 71)):
            await stores.linked(ticket, order)
        assert [link.work_order_id for link in await stores.links.active(stores.connection)] == [70, 71, 72]
        assert await stores.links.active(stores.stranger) == []

    async def test_what_the_push_knows_is_kept_beside_what_the_import_knows(self, stores: Stores) -> None:
        link = await stores.linked()
        assert (link.out, link.examined) == (Known(), Examined())
        out = Known({"status": "d1"}, {"status": 5}, ("status",))
        examined = Examined(stores.clock.now(), 4, "row1")
        await stores.links.know_out(stores.hosted, link, out, examined, is_adopted=False)
        (kept,) = await stores.links.active(stores.connection)
        assert (kept.known, kept.out, kept.examined, kept.is_adopted) == (KNOWN, out, examined, False)
        await stores.links.know(stores.hosted, link, Known({"title": "d2"}))
        (kept,) = await stores.links.active(stores.connection)
        assert (kept.known, kept.out, kept.examined) == (Known({"title": "d2"}), out, examined)

    async def test_list_rows_of_active_pairs_are_remembered(self, stores: Stores) -> None:
        first, second = await stores.linked(7, 70), await stores.linked(8, 71)
        examined = Examined(stores.clock.now(), 4, "before")
        await stores.links.know_out(stores.hosted, first, Known(), examined, is_adopted=True)
        await stores.links.retire(stores.hosted, second, "gone")
        rows = {WorkOrderId(order): f"row{order}" for order in (70, 71, 72)}
        await stores.links.note_rows(stores.hosted, stores.connection, rows)
        await stores.links.note_rows(stores.hosted, stores.connection, {})
        found = await stores.links.of_work_orders(stores.connection, list(rows))
        assert found[WorkOrderId(70)].examined == Examined(examined.at, 4, "row70")
        assert found[WorkOrderId(71)].examined.row == ""

    async def test_an_ended_pair_learns_nothing_more_of_the_push(self, stores: Stores) -> None:
        link = await stores.linked(7, 70)
        await stores.links.retire(stores.hosted, link, "gone")
        await stores.links.know_out(stores.hosted, link, Known({"a": "b"}), Examined(row="r"), is_adopted=False)
        found = await stores.links.of_work_orders(stores.connection, [WorkOrderId(70)])
        assert (found[WorkOrderId(70)].out, found[WorkOrderId(70)].examined) == (Known(), Examined())


async def exported(stores: Stores) -> Link:
    permit = await stores.opened(TICKET)
    new = NewLink(TicketId(7), "T7", WorkOrderId(70), LinkOrigin.EXPORT)
    return await stores.ledger.close_created(stores.hosted, permit.entry_id, new, Known())
