"""Manual imports: a person's trigger, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

from app.core.intake.naming import read_value
from app.core.model.connection import Connection
from app.core.model.failure import Rejected
from app.core.model.intake import Accepted, Delivery, Source, Wanted
from app.ports.clock import Clock
from app.ports.connections import Connections
from app.ports.desk import JobDesk
from app.ports.inbox import Inbox

WAITING = "waiting"

_POLL_S, _LOOK_EVERY = 0.1, 10
_PATIENCE = timedelta(seconds=15)
"""A job that is due later than this is not waited for."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How the pass over one named ticket ended."""

    named: str
    result: str
    code: str
    text: str


class ManualImport:
    """Accepts tickets like any trigger does, then waits for the outcome of each."""

    def __init__(self, inbox: Inbox, jobs: JobDesk, connections: Connections, clock: Clock) -> None:
        self._inbox = inbox
        self._jobs = jobs
        self._connections = connections
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
        """Returns when every one has ended or was put off for longer than a person waits, in the order they were
        named; what was put off has the result `waiting`, and goes on without anybody looking."""
        for turn in count(1):
            ended = dict(await self.outcomes(connection, accepted))
            for one in accepted if turn % _LOOK_EVERY == 0 else ():
                if one.receipt_id not in ended and (put_off := await self._put_off(connection, one)):
                    ended[one.receipt_id] = put_off
            if len(ended) == len(accepted):
                break
            await self._clock.sleep(_POLL_S)
        return [ended[one.receipt_id] for one in accepted]

    async def _put_off(self, connection: Connection, one: Accepted) -> Ended | None:
        now = await self._connections.named(connection.name)
        if now is not None and now.pause is not None:
            text = "The connection is paused; the ticket is looked at once it is resumed."
            return Ended(one.named, WAITING, now.pause.reason, text)
        job = await self._jobs.job(one.job_id)
        due_at = job["due_at"] if job and job["state"] == "queued" else None
        if job is None or due_at is None or due_at <= self._clock.now() + _PATIENCE:
            return None
        return Ended(one.named, WAITING, str(job["code"]), f"{job['text']} It is due again at {due_at:%H:%M:%S} UTC.")

    @staticmethod
    def _wanted(text: str, new: bool) -> Wanted:
        found = read_value(text.strip())
        if found.kind is None:
            raise Rejected("not_a_ticket", f"{text!r} is neither a ticket id nor a number such as T20261101.0001.")
        return Wanted(found.kind, found.key, found.text, ("new",) if new else ())
