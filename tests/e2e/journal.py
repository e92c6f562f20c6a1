"""What Autotask saw written, played again: every write must have made a difference, and no fact may stand twice."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.kit import DISPATCH, Customer

_MARK = re.compile(r"\(#([^()\s]+)\)")
_MARKED = ("internalNotes", "notes", "purchaseOrderNumber", "title")
ITEMS = ("TimeEntries", "TicketCharges", "TicketNotes", "TicketAttachments")


@dataclass(slots=True)
class Played:
    """What a journal leaves at each ticket: creates, changes and deletes by ticket, records by id."""

    writes: Counter[tuple[int, str]] = field(default_factory=Counter)
    standing: dict[tuple[str, str], int] = field(default_factory=dict)
    _records: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    _tickets: dict[tuple[str, int], int] = field(default_factory=dict)
    _marks: dict[tuple[str, int], tuple[str, str]] = field(default_factory=dict)

    def play(self, entry: dict[str, Any]) -> None:
        """One write more."""
        entity, body = entry["entity"], entry["body"] or {}
        if entry["verb"] == "create":
            self._create(entity, int(entry["item_id"]), body, entry["parent"])
        elif entry["verb"] == "update":
            self._update(entity, int(entry["record"]), body)
        else:
            self._delete(entity, int(entry["record"]))

    def _create(self, entity: str, id: int, body: dict[str, Any], parent: dict[str, Any] | None) -> None:
        ticket = int(parent["id"] if parent else body["ticketID"])
        fact = (entity, f"{ticket} {mark_of(body)}")
        assert fact not in self.standing, f"{fact} stands as {self.standing[fact]} and is written as {id} too"
        self.standing[fact], self._marks[entity, id] = id, fact
        self._records[entity, id], self._tickets[entity, id] = body, ticket
        self.writes[ticket, "create"] += 1

    def _update(self, entity: str, id: int, body: dict[str, Any]) -> None:
        before = self._records.setdefault((entity, id), {"id": id, "status": DISPATCH, "resolution": ""})
        changed = {name for name, value in body.items() if before.get(name) != value}
        assert changed, f"{entity} {id} was written with what it holds: {body}"
        self._records[entity, id] = {**before, **body}
        self.writes[self._tickets.get((entity, id), id), "update"] += 1

    def _delete(self, entity: str, id: int) -> None:
        del self.standing[self._marks.pop((entity, id))]
        self.writes[self._tickets[entity, id], "delete"] += 1


async def played(customer: Customer) -> Played:
    """The writes of the broker that this customer's Autotask carried out, in their order."""
    url = f"{customer.kit.sims.autotask}/_sim/writes?database={customer.ci}&client=broker/&committed=1"
    found = Played()
    for entry in await customer.kit.sims.call("GET", url):
        found.play(entry)
    return found


def mark_of(record: dict[str, Any]) -> str:
    """The mark that says which fact a record stands for."""
    texts = (str(record.get(name) or "") for name in _MARKED)
    return next((found[1] for text in texts if (found := _MARK.search(text))), "")
