"""A pass that ended after a write to the ticket and before it could remember it: the next one writes nothing again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.core.mapping.digests import digest
from app.core.model.ids import ConnectionId, LedgerId, LinkId, TicketId, WorkOrderId
from app.core.model.ledger import EntryKey, LedgerEntry, LedgerState
from app.core.model.link import Examined, Known, Link, LinkOrigin
from app.core.planning.ticket.creates import create_key
from app.core.planning.ticket.fields import FieldsNow, FieldsPlan, plan_fields
from app.core.planning.ticket.items import Ask
from app.core.planning.ticket.wishes import FieldWish

MADE_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
LOOKED_AT = MADE_AT + timedelta(hours=1)
LATER = MADE_AT + timedelta(hours=2)
OWNER, TICKET, ORDER = "work_order:70211", 7, 70211
PAIR = Link(
    LinkId(1), ConnectionId(1), TicketId(TICKET), "T1", WorkOrderId(ORDER), True, LinkOrigin.IMPORT, made_at=MADE_AT
)
LOOKED = replace(PAIR, examined=Examined(LOOKED_AT, 4), out=Known({"closing_notes": digest("")}, {"resolution": ""}))


def wish(text: str = "Swapped the unit.") -> FieldWish:
    return FieldWish("resolution", text, {"closing_notes": digest(text)})


def written(key: EntryKey | None = None, at: datetime = LATER, **changes: Any) -> LedgerEntry:
    """An entry of a write of `wish()` to the ticket of the pair."""
    facts, values = dict(wish().sources), {"resolution": wish().value}
    attempted = {"record": TICKET, "facts": facts, "values": values, "fields": ["resolution"]}
    found = LedgerEntry(
        id=LedgerId(1),
        connection_id=ConnectionId(1),
        key=key or EntryKey(OWNER, "ticket_fields", "fields"),
        verb="update",
        state=LedgerState.WRITTEN,
        fingerprint="",
        remote_id=str(TICKET),
        opened_at=at,
        age=timedelta(seconds=1),
        attempted=attempted,
    )
    return replace(found, **changes)


def planned(link: Link, entry: LedgerEntry, *, text: str = "Swapped the unit.") -> FieldsPlan:
    now = FieldsNow("Tickets", link, {}, (wish(text),), {}, {}, frozenset(), (entry,), is_failing=False)
    return plan_fields(now, Ask(OWNER, timedelta(minutes=1)))


def test_what_the_ledger_has_as_written_since_the_last_whole_pass_is_known() -> None:
    plan = planned(LOOKED, written())
    assert plan.intents == []
    assert plan.known.targets == {"resolution": "Swapped the unit."}
    assert plan.known.sources == dict(wish().sources)


def test_so_it_is_for_the_first_pass_of_a_pair_and_for_a_value_that_was_withheld() -> None:
    assert planned(PAIR, written()).intents == []
    held_back = replace(LOOKED, out=replace(LOOKED.out, pending=("resolution",)))
    plan = planned(held_back, written())
    assert (plan.intents, plan.known.pending) == ([], ())


def test_a_value_that_is_another_one_by_now_is_written_over_what_was() -> None:
    (intent,) = planned(LOOKED, written(), text="And the fan.").intents
    assert (intent.before, intent.after) == ({"resolution": "Swapped the unit."}, {"resolution": "And the fan."})


def test_an_older_write_says_nothing_about_the_ticket_of_today() -> None:
    assert planned(LOOKED, written(at=MADE_AT)).intents
    assert planned(LOOKED, written(state=LedgerState.REJECTED), text="And the fan.").intents


def test_a_write_to_the_ticket_of_an_earlier_pair_does_not_count() -> None:
    attempted = {**written().attempted, "record": TICKET + 1}
    assert planned(LOOKED, written(attempted=attempted)).intents


def test_the_create_of_a_ticket_has_written_what_the_first_pass_wants() -> None:
    exported = replace(PAIR, origin=LinkOrigin.EXPORT)
    create = written(create_key(ORDER), at=MADE_AT - timedelta(seconds=1), verb="create")
    assert planned(exported, create).intents == []
    assert planned(replace(exported, ticket_id=TicketId(8)), create).intents
    assert planned(replace(LOOKED, origin=LinkOrigin.EXPORT), create).intents
