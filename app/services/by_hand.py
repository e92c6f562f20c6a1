"""By hand: what a person starts is a trigger like any other, and the person is told what became of it."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from app.core.intake.naming import read_value
from app.core.model.connection import Connection
from app.core.model.failure import Rejected
from app.core.model.ids import JobId
from app.core.model.intake import Accepted, Delivery, Source, Wanted
from app.core.model.job import JobKind, JobState, Option
from app.ports.clock import Clock
from app.ports.connections import Connections
from app.ports.desk import JobDesk, Row
from app.ports.inbox import Inbox

WAITING = "waiting"
EVERYTHING = "all"
"""The key of a sweep."""

_POLL_S, _LOOK_EVERY = 0.1, 10
_PATIENCE = timedelta(seconds=15)
"""A job that is due later than this is not waited for."""
_AT_ONCE = 200
"""So many tickets or work orders are raised together and waited for before the next ones."""
_MOST_JOBS = 10_000


@dataclass(frozen=True, slots=True)
class Ended:
    """How the pass over one named thing ended."""

    named: str
    result: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Pushed:
    """How the push of one work order ended, and the job of its files where it was raised."""

    order: Ended
    files: Ended | None

    @property
    def parts(self) -> Iterator[Ended]:
        """What ended: the push, and the files where there were any to send."""
        yield self.order
        if self.files is not None:
            yield self.files


class ByHand:
    """Accepts what a person names, then waits for the outcome of each."""

    def __init__(self, inbox: Inbox, jobs: JobDesk, connections: Connections, clock: Clock) -> None:
        self._inbox = inbox
        self._jobs = jobs
        self._connections = connections
        self._clock = clock

    async def tickets(self, connection: Connection, named: Sequence[str], *, new: bool) -> Sequence[Accepted]:
        """Commits one receipt for each id or number. Raises `Rejected` for a text that is neither."""
        return await self._accept(connection, [_ticket(text, new) for text in dict.fromkeys(named)])

    async def imports(self, connection: Connection, tickets: Sequence[int], *options: Option) -> list[Ended]:
        """Imports the tickets with those options and waits for them, in the order they were named."""
        asked = tuple(option.value for option in options)
        named = [Wanted(JobKind.IMPORT_TICKET, str(id), str(id), asked) for id in dict.fromkeys(tickets)]
        ended: list[Ended] = []
        for start in range(0, len(named), _AT_ONCE):
            ended += await self.wait(connection, await self._accept(connection, named[start : start + _AT_ONCE]))
        return ended

    async def sweep(self, connection: Connection) -> Ended:
        """Looks for what no event announced, and waits for the end of it."""
        accepted = await self._accept(connection, [Wanted(JobKind.SWEEP, EVERYTHING, "sweep")])
        (ended,) = await self.wait(connection, accepted)
        return ended

    async def push(self, connection: Connection, orders: Sequence[int], *options: Option) -> list[Pushed]:
        """Pushes the work orders and waits for them, and for their files, in the order they were named."""
        named = list(dict.fromkeys(orders))
        pushed: list[Pushed] = []
        for start in range(0, len(named), _AT_ONCE):
            pushed += await self._push(connection, named[start : start + _AT_ONCE], options)
        return pushed

    async def outcomes(self, connection: Connection, accepted: Sequence[Accepted]) -> Mapping[int, Ended]:
        """What has ended so far, by receipt."""
        names = {one.receipt_id: one.named for one in accepted}
        settled = await self._inbox.outcome(connection.id, list(names))
        return {id: Ended(names[id], *outcome) for id, outcome in settled.items()}

    async def wait(self, connection: Connection, accepted: Sequence[Accepted]) -> Sequence[Ended]:
        """Returns when every one has ended or was put off for longer than a person waits, in the order they were
        named; what was put off has the result `waiting`, and goes on without anybody looking."""
        ended: dict[int, Ended] = {}
        async for more in self._endings(connection, accepted):
            ended |= more
        return [ended[one.receipt_id] for one in accepted]

    async def _accept(self, connection: Connection, wanted: Sequence[Wanted]) -> Sequence[Accepted]:
        body = " ".join(one.named for one in wanted).encode()
        return await self._inbox.accept(Delivery(connection.id, Source.PERSON, "text/plain", body, tuple(wanted)))

    async def _push(self, connection: Connection, orders: Sequence[int], options: Sequence[Option]) -> list[Pushed]:
        asked = tuple(option.value for option in options)
        wanted = [Wanted(JobKind.PUSH_WORK_ORDER, str(order), str(order), asked) for order in orders]
        accepted = await self._accept(connection, wanted)
        ended: dict[int, Ended] = {}
        jobs: dict[str, JobId] = {}
        async for more in self._endings(connection, accepted):
            ended |= more
            if connection.file.attachments.enabled and more:
                jobs |= await self._files_raised(connection, {one.named for one in more.values()})
        files = {order: await self._files_ended(connection, order, job) for order, job in jobs.items()}
        return [Pushed(ended[one.receipt_id], files.get(one.named)) for one in accepted]

    async def _endings(
        self, connection: Connection, accepted: Sequence[Accepted]
    ) -> AsyncIterator[Mapping[int, Ended]]:
        """At each look what has ended, or was put off, since the one before; until that is everything."""
        waiting = list(accepted)
        for turn in count(1):
            ended = dict(await self.outcomes(connection, waiting))
            if turn % _LOOK_EVERY == 0:
                ended = {**await self._put_off(connection, waiting), **ended}
            yield ended
            waiting = [one for one in waiting if one.receipt_id not in ended]
            if not waiting:
                return
            await self._clock.sleep(_POLL_S)

    async def _put_off(self, connection: Connection, waiting: Sequence[Accepted]) -> dict[int, Ended]:
        paused = await self._paused(connection)
        if paused is not None:
            return {one.receipt_id: Ended(one.named, *paused) for one in waiting}
        jobs = [(one, await self._jobs.job(one.job_id)) for one in waiting]
        return {one.receipt_id: Ended(one.named, *late) for one, job in jobs if (late := self._late(job))}

    async def _paused(self, connection: Connection) -> tuple[str, str, str] | None:
        now = await self._connections.named(connection.name)
        if now is None or now.pause is None:
            return None
        return WAITING, now.pause.reason, "The connection is paused; it is looked at once that is resumed."

    def _late(self, job: Row | None) -> tuple[str, str, str] | None:
        due_at = job["due_at"] if job and job["state"] == JobState.QUEUED else None
        if job is None or due_at is None or due_at <= self._clock.now() + _PATIENCE:
            return None
        return WAITING, str(job["code"]), f"{job['text']} It is due again at {due_at:%H:%M:%S} UTC."

    async def _files_raised(self, connection: Connection, orders: set[str]) -> dict[str, JobId]:
        """Jobs of the files of those work orders that wait, or have ended since the push. Nobody asked for them: they
        have no receipts."""
        rows = [
            row
            for state in ("", JobState.IDLE.value)
            for row in await self._jobs.jobs(connection=connection.name, state=state, limit=_MOST_JOBS)
            if row["key"] in orders
        ]
        pushed_at = {row["key"]: row["last_pass_at"] for row in rows if row["kind"] == JobKind.PUSH_WORK_ORDER}
        files = [row for row in rows if row["kind"] == JobKind.PUSH_FILES]
        return {str(row["key"]): row["id"] for row in files if _is_at_work(row) or _is_after(row, pushed_at)}

    async def _files_ended(self, connection: Connection, order: str, id: JobId) -> Ended:
        for turn in count(1):
            job = await self._jobs.job(id)
            if job is None or not _is_at_work(job):
                break
            late = (self._late(job) or await self._paused(connection)) if turn % _LOOK_EVERY == 0 else None
            if late is not None:
                return Ended(order, *late)
            await self._clock.sleep(_POLL_S)
        run = next(iter((job or {}).get("runs", ())), {"outcome": "cancelled", "code": "", "text": ""})
        return Ended(order, str(run["outcome"]), str(run["code"]), str(run["text"]))


def _is_at_work(job: Row) -> bool:
    """Whether somebody waits for the job, who need not be a person."""
    return job["state"] == JobState.RUNNING or (job["state"] == JobState.QUEUED and not job["resting"])


def _is_after(job: Row, moments: Mapping[str, datetime | None]) -> bool:
    """Whether the job's last pass began after that moment of its key."""
    began, moment = job["last_pass_at"], moments.get(job["key"])
    return began is not None and moment is not None and began > moment


def _ticket(text: str, new: bool) -> Wanted:
    found = read_value(text.strip())
    if found.kind is None:
        raise Rejected("not_a_ticket", f"{text!r} is neither a ticket id nor a number such as T20261101.0001.")
    return Wanted(found.kind, found.key, found.text, (Option.NEW.value,) if new else ())
