"""The ledger, the links and the sweeps in dictionaries; they pass the suites of the real ones (`tests/contracts`)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from app.core.model.document import Document
from app.core.model.failure import LeaseLost, Rejected
from app.core.model.ids import ConnectionId, Epoch, LedgerId, LinkId, TicketId, WorkOrderId
from app.core.model.intake import Source
from app.core.model.ledger import LEDGER_MOVES, Adopted, EntryKey, LedgerEntry, LedgerState, Observed
from app.core.model.link import Examined, Known, Link, LinkOrigin, NewLink
from app.core.model.permit import WritePermit
from app.ports.clock import Clock
from app.ports.hosting import Hosted
from app.ports.sweeps import Quiet, SweepState

_START_S, _FINISH_S = 5.0, 20.0


class FakeLedger:
    """Entries by connection and business key. Raise `epoch` and every host before is a zombie."""

    def __init__(self, clock: Clock, epoch: int = 1) -> None:
        self._clock = clock
        self.epoch = Epoch(epoch)
        self.kept: dict[tuple[ConnectionId, EntryKey], LedgerEntry] = {}
        self.links: list[Link] = []
        self.missing_since: dict[LedgerId, datetime] = {}
        self.lost_at: dict[LedgerId, datetime] = {}

    async def open(
        self,
        hosted: Hosted,
        connection: ConnectionId,
        key: EntryKey,
        verb: str,
        fingerprint: str,
        attempted: Document,
        *,
        version: int,
    ) -> WritePermit:
        self.fence(hosted)
        old = self.kept.get((connection, key))
        if old and LedgerState.OPEN not in LEDGER_MOVES[old.state]:
            raise RuntimeError(f"{key} is {old.state}")
        id, remote = (old.id, old.remote_id) if old else (LedgerId(len(self.kept) + 1), "")
        now, state, age = self._clock.now(), LedgerState.OPEN, timedelta()
        entry = LedgerEntry(id, connection, key, verb, state, fingerprint, remote, now, age, attempted, version=version)
        self.kept[connection, key] = entry
        return WritePermit(id, self._clock.boot_s() + _START_S, self._clock.boot_s() + _FINISH_S)

    async def close(
        self,
        hosted: Hosted,
        entry: LedgerId,
        state: LedgerState,
        *,
        remote_id: str = "",
        note: str = "",
        was_lost: bool = False,
    ) -> None:
        if state not in LEDGER_MOVES[LedgerState.OPEN]:
            raise ValueError(state)
        self.fence(hosted)
        place, old = self._place(entry)
        if old.state is not LedgerState.OPEN:
            raise RuntimeError(f"{old.key} is not open")
        if was_lost:
            self.lost_at[entry] = self._clock.now()
        self.kept[place] = replace(old, state=state, remote_id=remote_id or old.remote_id, note=note)

    async def close_created(
        self, hosted: Hosted, entry: LedgerId, link: NewLink, known: Known, *, note: str = ""
    ) -> Link:
        _, old = self._place(entry)
        self._refuse_taken(old.connection_id, link)
        made = link.ticket_id if old.key.kind == "ticket" else link.work_order_id
        await self.close(hosted, entry, LedgerState.WRITTEN, remote_id=str(made), note=note)
        return self.add(old.connection_id, link, known)

    async def entries(self, connection: ConnectionId, owners: Sequence[str]) -> Mapping[str, Sequence[LedgerEntry]]:
        mine = [one for one in self._of(connection) if one.key.owner in owners]
        return {one.key.owner: [same for same in mine if same.key.owner == one.key.owner] for one in mine}

    async def claimed(self, connection: ConnectionId, kind: str, remote_ids: Sequence[str]) -> frozenset[str]:
        named = {one.remote_id for (of, key), one in self.kept.items() if of == connection and key.kind == kind}
        if kind == "work_order":
            named |= {str(link.work_order_id) for link in self.links if link.connection_id == connection}
        return frozenset(named & set(remote_ids))

    async def observe(self, hosted: Hosted, observed: Sequence[Observed]) -> None:
        self.fence(hosted)
        for one in observed:
            place, old = self._place(one.id)
            if one.facts is not None:
                self.kept[place] = replace(old, attempted={**old.attempted, "facts": {**old.facts, **one.facts}})
            if one.is_missing:
                self.missing_since.setdefault(one.id, self._clock.now())
            elif one.is_missing is False:
                self.missing_since.pop(one.id, None)

    async def adopt(self, hosted: Hosted, connection: ConnectionId, adopted: Sequence[Adopted]) -> None:
        self.fence(hosted)
        now = self._clock.now()
        for one in adopted:
            old = self.kept.get((connection, one.key))
            if old and old.state is not LedgerState.VOID:
                continue
            id = old.id if old else LedgerId(len(self.kept) + 1)
            self.missing_since.pop(id, None)
            self.kept[connection, one.key] = LedgerEntry(
                id,
                connection,
                one.key,
                one.verb,
                LedgerState.WRITTEN,
                one.fingerprint,
                one.remote_id,
                now,
                timedelta(),
                one.attempted,
                one.note,
            )

    async def search(
        self,
        connection: ConnectionId,
        *,
        states: Sequence[LedgerState] = (),
        kind: str = "",
        lost_within: timedelta | None = None,
    ) -> Sequence[LedgerEntry]:
        since = None if lost_within is None else self._clock.now() - lost_within
        found = [
            one
            for one in self._of(connection)
            if (not states or one.state in states)
            and kind in ("", one.key.kind)
            and (since is None or (one.id in self.lost_at and self.lost_at[one.id] > since))
        ]
        return sorted(found, key=lambda one: (one.opened_at, one.id))[:5000]

    def add(self, connection: ConnectionId, new: NewLink, known: Known = Known()) -> Link:  # noqa: B008 - a frozen value
        """Makes a link without an entry, as a person does."""
        link = Link(
            LinkId(len(self.links) + 1),
            connection,
            new.ticket_id,
            new.ticket_number,
            new.work_order_id,
            is_active=True,
            origin=new.origin,
            known=known,
            is_adopted=new.origin in (LinkOrigin.IMPORT, LinkOrigin.EXPORT),
        )
        self.links.append(link)
        return link

    def fence(self, hosted: Hosted) -> None:
        """Raises `LeaseLost` for a host of an older epoch."""
        if hosted.epoch != self.epoch:
            raise LeaseLost("Another worker serves this account now.")

    def of(self, owner: str) -> dict[str, LedgerState]:
        """States of an owner's entries, by kind."""
        return {one.key.kind: one.state for one in self.kept.values() if one.key.owner == owner}

    def _of(self, connection: ConnectionId) -> list[LedgerEntry]:
        now = self._clock.now()
        return [
            replace(
                one,
                age=now - one.opened_at,
                missing_for=now - self.missing_since[one.id] if one.id in self.missing_since else None,
                was_lost=one.id in self.lost_at,
            )
            for (of, _), one in self.kept.items()
            if of == connection
        ]

    def _place(self, entry: LedgerId) -> tuple[tuple[ConnectionId, EntryKey], LedgerEntry]:
        return next((place, one) for place, one in self.kept.items() if one.id == entry)

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

    async def of_work_orders(
        self, connection: ConnectionId, orders: Sequence[WorkOrderId]
    ) -> Mapping[WorkOrderId, Link]:
        found: dict[WorkOrderId, Link] = {}
        for link in self._ledger.links:  # in the order they were made: the active one, if any, is the last
            if link.connection_id == connection and link.work_order_id in orders:
                found[link.work_order_id] = link
        return found

    async def active(self, connection: ConnectionId) -> Sequence[Link]:
        mine = [link for link in self._ledger.links if link.connection_id == connection and link.is_active]
        return sorted(mine, key=lambda link: link.work_order_id)

    async def know(self, hosted: Hosted, link: Link, known: Known) -> None:
        self._change(hosted, link, known=known)

    async def know_out(self, hosted: Hosted, link: Link, out: Known, examined: Examined, *, is_adopted: bool) -> None:
        self._change(hosted, link, out=out, examined=examined, is_adopted=is_adopted)

    async def note_rows(self, hosted: Hosted, connection: ConnectionId, rows: Mapping[WorkOrderId, str]) -> None:
        self._ledger.fence(hosted)
        for link in await self.active(connection):
            if link.work_order_id in rows:
                self._change(hosted, link, examined=replace(link.examined, row=rows[link.work_order_id]))

    async def retire(self, hosted: Hosted, link: Link, reason: str) -> None:
        self._change(hosted, link, is_active=False)

    def _change(self, hosted: Hosted, link: Link, **changes: Known | Examined | bool) -> None:
        self._ledger.fence(hosted)
        self._ledger.links[:] = [
            replace(one, **changes) if one.id == link.id and one.is_active else one  # type: ignore[arg-type]  # fields by name
            for one in self._ledger.links
        ]


class FakeSweeps:
    """The state of sweeps, under the epoch of a ledger. `told` holds when triggers came, by connection and source."""

    def __init__(self, clock: Clock, ledger: FakeLedger) -> None:
        self._clock = clock
        self._ledger = ledger
        self.kept: dict[ConnectionId, SweepState] = {}
        self.told: dict[tuple[ConnectionId, str], list[datetime]] = {}

    async def load(self, connection: ConnectionId) -> SweepState:
        kept = self.kept.get(connection, SweepState(self._clock.now(), None, {}))
        return replace(kept, now=self._clock.now())

    async def save(self, hosted: Hosted, connection: ConnectionId, began_at: datetime, state: Document) -> None:
        self._ledger.fence(hosted)
        self.kept[connection] = SweepState(self._clock.now(), began_at, state)

    async def quiet(self, connection: ConnectionId, within: timedelta) -> Sequence[Quiet]:
        now, found = self._clock.now(), []
        for (of, source), times in sorted(self.told.items()):
            recent = sorted(at for at in times if at > now - within)
            if of == connection and source != Source.PERSON and recent:
                gaps = [later - earlier for earlier, later in pairwise(recent)]
                found.append(Quiet(source, now - recent[-1], max(gaps, default=timedelta()), len(recent)))
        return found
