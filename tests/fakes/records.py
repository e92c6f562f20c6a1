"""The ledger and the links in dictionaries; they pass the same suite as the real ones (`tests/contracts`)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from app.core.model.document import Document
from app.core.model.failure import LeaseLost, Rejected
from app.core.model.ids import ConnectionId, Epoch, LedgerId, LinkId, TicketId
from app.core.model.ledger import LEDGER_MOVES, EntryKey, LedgerEntry, LedgerState
from app.core.model.link import Known, Link, NewLink
from app.core.model.permit import WritePermit
from app.ports.clock import Clock
from app.ports.hosting import Hosted

_START_S, _FINISH_S = 5.0, 20.0


class FakeLedger:
    """Entries by connection and business key. Raise `epoch` and every host before is a zombie."""

    def __init__(self, clock: Clock, epoch: int = 1) -> None:
        self._clock = clock
        self.epoch = Epoch(epoch)
        self.kept: dict[tuple[ConnectionId, EntryKey], LedgerEntry] = {}
        self.links: list[Link] = []

    async def open(
        self, hosted: Hosted, connection: ConnectionId, key: EntryKey, verb: str, fingerprint: str, attempted: Document
    ) -> WritePermit:
        self.fence(hosted)
        old = self.kept.get((connection, key))
        if old and LedgerState.OPEN not in LEDGER_MOVES[old.state]:
            raise RuntimeError(f"{key} is {old.state}")
        id, remote = (old.id, old.remote_id) if old else (LedgerId(len(self.kept) + 1), "")
        now, state, age = self._clock.now(), LedgerState.OPEN, timedelta()
        entry = LedgerEntry(id, connection, key, verb, state, fingerprint, remote, now, age, attempted)
        self.kept[connection, key] = entry
        return WritePermit(id, self._clock.boot_s() + _START_S, self._clock.boot_s() + _FINISH_S)

    async def close(
        self, hosted: Hosted, entry: LedgerId, state: LedgerState, *, remote_id: str = "", note: str = ""
    ) -> None:
        if state not in LEDGER_MOVES[LedgerState.OPEN]:
            raise ValueError(state)
        self.fence(hosted)
        place, old = next((place, one) for place, one in self.kept.items() if one.id == entry)
        if old.state is not LedgerState.OPEN:
            raise RuntimeError(f"{old.key} is not open")
        self.kept[place] = replace(old, state=state, remote_id=remote_id or old.remote_id, note=note)

    async def close_created(
        self, hosted: Hosted, entry: LedgerId, link: NewLink, known: Known, *, note: str = ""
    ) -> Link:
        connection = next(one.connection_id for one in self.kept.values() if one.id == entry)
        self._refuse_taken(connection, link)
        await self.close(hosted, entry, LedgerState.WRITTEN, remote_id=str(link.work_order_id), note=note)
        return self.add(connection, link, known)

    async def entries(self, connection: ConnectionId, owners: Sequence[str]) -> Mapping[str, Sequence[LedgerEntry]]:
        now = self._clock.now()
        mine = [
            replace(one, age=now - one.opened_at)
            for (of, key), one in self.kept.items()
            if of == connection and key.owner in owners
        ]
        return {one.key.owner: [same for same in mine if same.key.owner == one.key.owner] for one in mine}

    async def claimed(self, connection: ConnectionId, kind: str, remote_ids: Sequence[str]) -> frozenset[str]:
        named = {one.remote_id for (of, key), one in self.kept.items() if of == connection and key.kind == kind}
        linked = {str(link.work_order_id) for link in self.links if link.connection_id == connection}
        return frozenset((named | linked) & set(remote_ids))

    def add(self, connection: ConnectionId, new: NewLink, known: Known = Known()) -> Link:  # noqa: B008 - a frozen value
        """Makes a link without an entry, as a person does."""
        id = LinkId(len(self.links) + 1)
        link = Link(id, connection, new.ticket_id, new.ticket_number, new.work_order_id, True, new.origin, known)
        self.links.append(link)
        return link

    def fence(self, hosted: Hosted) -> None:
        """Raises `LeaseLost` for a host of an older epoch."""
        if hosted.epoch != self.epoch:
            raise LeaseLost("Another worker serves this account now.")

    def of(self, owner: str) -> dict[str, LedgerState]:
        """States of an owner's entries, by kind."""
        return {one.key.kind: one.state for one in self.kept.values() if one.key.owner == owner}

    def _refuse_taken(self, connection: ConnectionId, new: NewLink) -> None:
        for link in self.links:
            same = link.ticket_id == new.ticket_id or link.work_order_id == new.work_order_id
            if link.is_active and link.connection_id == connection and same:
                raise Rejected("link_taken", "either side is in another active pair")


class FakeLinks:
    """The links that a ledger made."""

    def __init__(self, ledger: FakeLedger) -> None:
        self._ledger = ledger

    async def of_tickets(self, connection: ConnectionId, tickets: Sequence[TicketId]) -> Mapping[TicketId, Link]:
        mine = [link for link in self._ledger.links if link.connection_id == connection and link.is_active]
        return {link.ticket_id: link for link in mine if link.ticket_id in tickets}

    async def know(self, hosted: Hosted, link: Link, known: Known) -> None:
        self._change(hosted, link, known=known)

    async def retire(self, hosted: Hosted, link: Link, reason: str) -> None:
        self._change(hosted, link, is_active=False)

    def _change(self, hosted: Hosted, link: Link, **changes: Known | bool) -> None:
        self._ledger.fence(hosted)
        self._ledger.links[:] = [
            replace(one, **changes) if one.id == link.id and one.is_active else one  # type: ignore[arg-type]  # fields by name
            for one in self._ledger.links
        ]
