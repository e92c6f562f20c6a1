"""Manual imports: a person's trigger, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core.intake.naming import read_value
from app.core.model.connection import Connection
from app.core.model.failure import Rejected
from app.core.model.intake import Accepted, Delivery, Source, Wanted
from app.ports.clock import Clock
from app.ports.inbox import Inbox

_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Ended:
    """How the pass over one named ticket ended."""

    named: str
    result: str
    code: str
    text: str


class ManualImport:
    """Accepts tickets like any trigger does, then waits for the outcome of each."""

    def __init__(self, inbox: Inbox, clock: Clock) -> None:
        self._inbox = inbox
        self._clock = clock

    async def accept(self, connection: Connection, named: Sequence[str], *, new: bool) -> Sequence[Accepted]:
        """Commits one receipt for each id or number. Raises `Rejected` for a text that is neither."""
        wanted = [self._wanted(text, new) for text in dict.fromkeys(named)]
        body = " ".join(named).encode()
        return await self._inbox.accept(Delivery(connection.id, Source.PERSON, "text/plain", body, tuple(wanted)))

    async def outcomes(self, connection: Connection, accepted: Sequence[Accepted]) -> Mapping[int, Ended]:
        """What has ended so far, by receipt."""
        names = {one.receipt_id: one.named for one in accepted}
        settled = await self._inbox.outcome(connection.id, list(names))
        return {id: Ended(names[id], *outcome) for id, outcome in settled.items()}

    async def wait(self, connection: Connection, accepted: Sequence[Accepted]) -> Sequence[Ended]:
        """Returns when every one has ended, in the order they were named."""
        while len(ended := await self.outcomes(connection, accepted)) < len(accepted):
            await self._clock.sleep(_POLL_S)
        return [ended[one.receipt_id] for one in accepted]

    @staticmethod
    def _wanted(text: str, new: bool) -> Wanted:
        found = read_value(text.strip())
        if found.kind is None:
            raise Rejected("not_a_ticket", f"{text!r} is neither a ticket id nor a number such as T20261101.0001.")
        return Wanted(found.kind, found.key, found.text, ("new",) if new else ())
