"""Execute: every write goes through the ledger. Intent committed, call made, result committed."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.core.model.document import Document
from app.core.model.failure import Gone, NotSent, Refused, Rejected, Throttled, Transient
from app.core.model.intent import Intent
from app.core.model.ledger import EntryKey, LedgerState
from app.core.model.link import Known, Link, NewLink
from app.core.model.permit import Opening, WritePermit
from app.core.planning.retry import state_after
from app.services.site import Site

Answer = TypeVar("Answer")

_NOT_DONE = (Rejected, Throttled, Refused, NotSent, Gone)
"""Failures that say for certain that nothing was written. After any other the entry stays open and is resolved."""


class Write:
    """One write on its way: opens its ledger entry when its turn has come, and closes it with what became of it."""

    def __init__(self, site: Site, owner: str, intent: Intent, attempted: Document) -> None:
        self._site = site
        self._key = EntryKey(owner, intent.kind, intent.key)
        self._intent = intent
        self._attempted = attempted
        self.permit: WritePermit | None = None

    async def open(self) -> WritePermit:
        """Commits the intent; the same permit again when it is asked for again."""
        if self.permit is None:
            site, intent = self._site, self._intent
            self.permit = await site.ledger.open(
                site.hosted,
                site.connection.id,
                self._key,
                intent.verb,
                intent.fingerprint,
                self._attempted,
                version=site.connection.version,
            )
            await site.milestones.reached("opened", intent.kind)
        return self.permit

    async def make(self, call: Callable[[Opening], Awaitable[Answer]]) -> Answer:
        """Makes the call. A failure that says for certain that nothing happened closes the entry accordingly."""
        try:
            answer = await call(self.open)
        except _NOT_DONE as failure:
            if self.permit is not None:
                await self.close(state_after(failure), note=failure.text)
            if isinstance(failure, NotSent):
                raise self._of_not_sent(failure) from failure
            raise
        await self._site.milestones.reached("answered", self._intent.kind)
        return answer

    def _of_not_sent(self, failure: NotSent) -> Transient | Throttled:
        """A write that this process was too busy to start in time is nobody's fault, and is made by the next pass."""
        clock = self._site.clock
        if self.permit is not None and clock.boot_s() > self.permit.start_by_s:
            return Throttled(failure.text, until=clock.now(), detail=failure.detail)
        return Transient(failure.text, detail=failure.detail)

    async def done(self, remote_id: str, state: LedgerState = LedgerState.WRITTEN) -> None:
        """Closes the entry as written (or deleted)."""
        await self.close(state, remote_id=remote_id)
        await self._site.milestones.reached("closed", self._intent.kind)

    async def close(self, state: LedgerState, *, remote_id: str = "", note: str = "") -> None:
        """Closes the entry as whatever became of it."""
        assert self.permit is not None
        await self._site.ledger.close(self._site.hosted, self.permit.entry_id, state, remote_id=remote_id, note=note)

    async def link(self, new: NewLink, known: Known) -> Link:
        """Closes the entry of a create as written and makes the link, in one commit.

        When somebody paired the ticket with another work order meanwhile, a person decides between the two.
        """
        assert self.permit is not None
        ledger, hosted, entry = self._site.ledger, self._site.hosted, self.permit.entry_id
        try:
            link = await ledger.close_created(hosted, entry, new, known)
        except Rejected as failure:
            note = f"Work order {new.work_order_id} was made for this ticket, but: {failure.text}"
            await ledger.close(hosted, entry, LedgerState.QUARANTINED, remote_id=str(new.work_order_id), note=note)
            raise
        await self._site.milestones.reached("closed", self._intent.kind)
        return link
