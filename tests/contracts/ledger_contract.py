"""What a ledger and its links must do, whoever keeps them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.core.model.failure import LeaseLost, Rejected
from app.core.model.ids import ConnectionId, TicketId, WorkOrderId
from app.core.model.ledger import LEDGER_MOVES, Adopted, EntryKey, LedgerEntry, LedgerState, Observed
from app.core.model.link import Examined, Known, Link, LinkOrigin, NewLink
from app.core.model.permit import WritePermit
from app.ports.clock import Clock
from app.ports.hosting import Hosted
from app.ports.ledger import Ledger, Links

CREATE = EntryKey("ticket:7", "work_order", "create")
FIELDS = EntryKey("ticket:7", "work_order_fields", "fields")
NOTE = EntryKey("work_order:70", "note", "n1")
ADOPTED = Adopted(NOTE, "create", "f1", "500", {"facts": {"text": "d1"}}, "found beside the ticket")
CLOSING = sorted(LEDGER_MOVES[LedgerState.OPEN])
KNOWN = Known({"title": "d1"}, {"title": "Printer", "pay.base.amount": "60.5"}, ("status_id",))


@dataclass
class Stores:
    """Both stores, two connections of one account, and a way to let another host take the account."""

    ledger: Ledger
    links: Links
    clock: Clock
    hosted: Hosted
    connection: ConnectionId
    stranger: ConnectionId
    supersede: Callable[[], Awaitable[Any]]

    async def opened(self, key: EntryKey = CREATE, attempted: Any = None) -> WritePermit:
        return await self.ledger.open(self.hosted, self.connection, key, "create", "f", attempted or {}, version=3)

    async def entry(self, key: EntryKey = CREATE) -> LedgerEntry:
        entries = (await self.ledger.entries(self.connection, [key.owner]))[key.owner]
        return next(one for one in entries if one.key == key)

    async def linked(self, ticket: int = 7, order: int = 70, known: Known = KNOWN) -> Link:
        permit = await self.opened(EntryKey(f"ticket:{ticket}", "work_order", "create"))
        return await self.ledger.close_created(self.hosted, permit.entry_id, pair(ticket, order), known)

    async def active(self, *tickets: int) -> dict[int, int]:
        found = await self.links.of_tickets(self.connection, [TicketId(ticket) for ticket in tickets])
        return {ticket: link.work_order_id for ticket, link in found.items()}


def pair(ticket: int, order: int) -> NewLink:
    return NewLink(TicketId(ticket), f"T{ticket}", WorkOrderId(order), LinkOrigin.IMPORT)


class LedgerContract:
    """The writes and their pairs. Subclasses give the `stores`."""

    async def test_a_permit_says_when_to_start_and_when_to_give_up(self, stores: Stores) -> None:
        before_s = stores.clock.boot_s()
        permit = await stores.opened()
        assert before_s < permit.start_by_s < permit.finish_by_s

    async def test_an_entry_names_the_version_under_which_it_was_written_last(self, stores: Stores) -> None:
        for version in (3, 4):
            asked = (stores.hosted, stores.connection, CREATE, "create", "f", {})
            permit = await stores.ledger.open(*asked, version=version)
            await stores.ledger.close(stores.hosted, permit.entry_id, LedgerState.WRITTEN, remote_id="70")
            assert (await stores.entry()).version == version

    async def test_an_opened_entry_is_kept_with_what_was_attempted_and_how_long_ago(self, stores: Stores) -> None:
        attempted = {"values": {"title": "Printer", "pay": Decimal("12.50")}, "sources": {"t": "d"}}
        permit = await stores.opened(attempted=attempted)
        entry = await stores.entry()
        assert (entry.id, entry.state, entry.verb, entry.fingerprint) == (
            permit.entry_id,
            LedgerState.OPEN,
            "create",
            "f",
        )
        assert entry.attempted == attempted
        assert timedelta() <= entry.age < timedelta(minutes=1)

    async def test_an_entry_that_is_open_is_not_opened_over(self, stores: Stores) -> None:
        await stores.opened()
        with pytest.raises(RuntimeError):
            await stores.opened()

    @pytest.mark.parametrize("state", CLOSING)
    async def test_an_open_entry_closes_once_and_opens_again_when_its_state_allows(
        self, stores: Stores, state: LedgerState
    ) -> None:
        permit = await stores.opened()
        await stores.ledger.close(stores.hosted, permit.entry_id, state, remote_id="70", note="why")
        entry = await stores.entry()
        assert (entry.state, entry.remote_id, entry.note) == (state, "70", "why")
        with pytest.raises(RuntimeError):
            await stores.ledger.close(stores.hosted, permit.entry_id, state)
        if LedgerState.OPEN in LEDGER_MOVES[state]:
            assert (await stores.opened()).entry_id == permit.entry_id
            return
        with pytest.raises(RuntimeError):
            await stores.opened()

    async def test_an_open_entry_cannot_be_closed_as_open(self, stores: Stores) -> None:
        permit = await stores.opened()
        with pytest.raises(ValueError):
            await stores.ledger.close(stores.hosted, permit.entry_id, LedgerState.OPEN)

    async def test_an_entry_opened_again_keeps_its_remote_id_and_drops_its_note(self, stores: Stores) -> None:
        permit = await stores.opened()
        await stores.ledger.close(stores.hosted, permit.entry_id, LedgerState.WRITTEN, remote_id="70", note="old")
        await stores.ledger.open(stores.hosted, stores.connection, CREATE, "find", "g", {"a": 1}, version=3)
        entry = await stores.entry()
        assert (entry.remote_id, entry.note, entry.verb, entry.fingerprint) == ("70", "", "find", "g")
        await stores.ledger.close(stores.hosted, entry.id, LedgerState.VOID)
        assert (await stores.entry()).remote_id == "70"

    async def test_entries_are_given_by_owner_in_the_order_they_were_made(self, stores: Stores) -> None:
        await stores.opened(FIELDS)
        await stores.opened(CREATE)
        other = EntryKey("ticket:8", "work_order", "create")
        await stores.opened(other)
        found = await stores.ledger.entries(stores.connection, ["ticket:7", "ticket:8", "ticket:9"])
        assert {owner: [one.key for one in entries] for owner, entries in found.items()} == {
            "ticket:7": [FIELDS, CREATE],
            "ticket:8": [other],
        }

    async def test_the_same_key_of_another_connection_is_another_entry(self, stores: Stores) -> None:
        await stores.opened()
        await stores.ledger.open(stores.hosted, stores.stranger, CREATE, "create", "f", {}, version=3)
        assert len(await stores.ledger.entries(stores.stranger, ["ticket:7"])) == 1

    async def test_a_created_work_order_is_written_and_linked_at_once(self, stores: Stores) -> None:
        link = await stores.linked()
        assert (link.ticket_id, link.ticket_number, link.work_order_id, link.known) == (7, "T7", 70, KNOWN)
        assert (link.is_active, link.origin, link.connection_id) == (True, LinkOrigin.IMPORT, stores.connection)
        entry = await stores.entry()
        assert (entry.state, entry.remote_id) == (LedgerState.WRITTEN, "70")
        assert await stores.active(7, 8) == {7: 70}

    @pytest.mark.parametrize(("ticket", "order"), [(7, 71), (8, 70)])
    async def test_a_side_of_an_active_pair_is_in_no_other_and_the_entry_stays_open(
        self, stores: Stores, ticket: int, order: int
    ) -> None:
        await stores.linked(7, 70)
        key = EntryKey(f"ticket:{ticket}", "work_order", "again")
        permit = await stores.opened(key)
        with pytest.raises(Rejected):
            await stores.ledger.close_created(stores.hosted, permit.entry_id, pair(ticket, order), Known())
        assert (await stores.entry(key)).state is LedgerState.OPEN
        assert await stores.active(7, 8) == {7: 70}

    async def test_another_connection_may_pair_the_same_numbers(self, stores: Stores) -> None:
        await stores.linked(7, 70)
        permit = await stores.ledger.open(stores.hosted, stores.stranger, CREATE, "create", "f", {}, version=3)
        link = await stores.ledger.close_created(stores.hosted, permit.entry_id, pair(7, 70), Known())
        assert link.connection_id == stores.stranger

    async def test_what_a_link_knows_is_replaced(self, stores: Stores) -> None:
        link = await stores.linked()
        newer = Known({"title": "d2"}, {"title": None, "client.id": "3"})
        await stores.links.know(stores.hosted, link, newer)
        found = await stores.links.of_tickets(stores.connection, [TicketId(7)])
        assert found[TicketId(7)].known == newer

    async def test_a_retired_link_frees_both_sides_and_learns_nothing_more(self, stores: Stores) -> None:
        link = await stores.linked(7, 70)
        await stores.links.retire(stores.hosted, link, "cancelled")
        assert await stores.active(7) == {}
        await stores.links.know(stores.hosted, link, Known({"x": "y"}))
        await stores.linked(8, 70)
        await stores.linked(7, 71)
        assert await stores.active(7, 8) == {7: 71, 8: 70}

    async def test_a_remote_id_is_claimed_by_an_entry_of_that_kind_or_by_any_link_past_or_present(
        self, stores: Stores
    ) -> None:
        link = await stores.linked(7, 70)
        await stores.links.retire(stores.hosted, link, "cancelled")
        permit = await stores.opened(FIELDS)
        await stores.ledger.close(stores.hosted, permit.entry_id, LedgerState.WRITTEN, remote_id="72")
        asked = ["70", "71", "72"]
        assert await stores.ledger.claimed(stores.connection, "work_order", asked) == {"70"}
        assert await stores.ledger.claimed(stores.connection, "work_order_fields", asked) == {"72"}
        assert await stores.ledger.claimed(stores.stranger, "work_order", asked) == frozenset()

    async def test_under_an_old_epoch_nothing_is_opened_closed_or_learnt(self, stores: Stores) -> None:
        link = await stores.linked(8, 80)
        permit = await stores.opened()
        before = await stores.entry()
        await stores.supersede()
        ledger, links, hosted = stores.ledger, stores.links, stores.hosted
        for attempt in (
            ledger.open(hosted, stores.connection, FIELDS, "update", "f", {}, version=3),
            ledger.close(hosted, permit.entry_id, LedgerState.WRITTEN),
            ledger.close_created(hosted, permit.entry_id, pair(7, 70), Known()),
            ledger.observe(hosted, [Observed(permit.entry_id, {"a": "b"}, True)]),
            ledger.adopt(hosted, stores.connection, [ADOPTED]),
            links.know(hosted, link, Known({"a": "b"})),
            links.know_out(hosted, link, Known({"a": "b"}), Examined(), is_adopted=True),
            links.note_rows(hosted, stores.connection, {link.work_order_id: "row"}),
            links.retire(hosted, link, "gone"),
        ):
            with pytest.raises(LeaseLost):
                await attempt
        after = await stores.entry()
        assert (after.state, after.remote_id, after.attempted) == (before.state, before.remote_id, before.attempted)
        assert after.missing_for is None
        assert await ledger.search(stores.connection, kind="note") == []
        assert await links.of_tickets(stores.connection, [TicketId(7), TicketId(8)]) == {TicketId(8): link}
