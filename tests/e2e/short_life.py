"""Short lives of a worker inside the test process, over the real database and the simulators' sockets.

What is abandoned is abandoned for good: a killed pass ends with an exception that nothing catches and settles nothing,
its job stays at work and its entry open; nobody renews the lease any more, and the next life begins when it has run
out.
"""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any, cast

from app.adapters.postgres.jobs import PostgresJobs
from app.bootstrap.working import Sites
from app.core.model.failure import Failure
from app.core.model.ids import WorkerId
from app.core.model.job import Job, JobKind
from app.core.planning.retry import verdict
from app.ports.hosting import Hosted
from app.ports.tickets import TicketSystem
from app.services.push_files import PushFiles
from app.services.push_work_orders import PushWorkOrders
from app.services.site import Site
from app.services.stories import Pass, Story
from app.worker.lease import Heartbeat
from tests.e2e.kit import Customer, Kit, until

KINDS = (JobKind.PUSH_WORK_ORDER, JobKind.PUSH_FILES)
STORIES: dict[JobKind, Story] = {JobKind.PUSH_WORK_ORDER: PushWorkOrders(), JobKind.PUSH_FILES: PushFiles()}
_AT_ONCE, _LOOK_EVERY_S, _LONGEST_S = 12, 0.25, 90
_lives = itertools.count(1)


class Killed(BaseException):
    """The process is no more; nothing catches this."""


@dataclass(slots=True)
class Doom:
    """At which point of which kind of write the pass over a work order dies, once."""

    kind: str
    point: str
    is_over: bool = False
    on_its_way: asyncio.Event = field(default_factory=asyncio.Event)

    async def reached(self, moment: str, kind: str) -> None:
        if self.is_over or kind != self.kind:
            return
        if self.point == "lost" and moment == "opened":
            self.on_its_way.set()
        elif self.point == moment:
            self.is_over = True
            raise Killed


_doom: ContextVar[Doom | None] = ContextVar("_doom", default=None)
"""That of the pass at work."""


class Fate:
    """The milestones of all passes: each meets its own doom."""

    async def reached(self, moment: str, kind: str) -> None:
        doom = _doom.get()
        if doom is not None:
            await doom.reached(moment, kind)


class OnItsWay:
    """Autotask as passes see it: one that dies while its request is under way leaves the answer to nobody."""

    def __init__(self, tickets: TicketSystem, sent: list[asyncio.Task[Any]]) -> None:
        self._tickets = tickets
        self._sent = sent

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tickets, name)

    async def create(self, *arguments: Any, **more: Any) -> Any:
        return await self._send(self._tickets.create(*arguments, **more))

    async def patch(self, *arguments: Any) -> Any:
        return await self._send(self._tickets.patch(*arguments))

    async def delete(self, *arguments: Any) -> Any:
        return await self._send(self._tickets.delete(*arguments))

    async def _send(self, call: Coroutine[Any, Any, Any]) -> Any:
        doom = _doom.get()
        if doom is None or doom.is_over or doom.point != "lost":
            return await call
        sending, sent = asyncio.create_task(call), asyncio.create_task(doom.on_its_way.wait())
        await asyncio.wait((sending, sent), return_when=asyncio.FIRST_COMPLETED)
        sent.cancel()
        if not doom.on_its_way.is_set():
            return await sending
        doom.is_over = True
        self._sent.append(sending)
        raise Killed


Dooms = Mapping[tuple[int, str], Doom]
"""By connection and work order."""


@dataclass(slots=True)
class Life:
    """A worker that holds the accounts of the customers."""

    kit: Kit
    queue: PostgresJobs
    held: Mapping[int, Hosted]
    sites: Mapping[int, Site]
    sent: list[asyncio.Task[Any]]
    door: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    async def serve(self, dooms: Dooms) -> None:
        """Works until nothing is due any more, now or later, but what was killed."""
        async with asyncio.timeout(_LONGEST_S):
            await asyncio.gather(*(self._serve(connection, dooms) for connection in self.sites))
        await asyncio.gather(*self.sent, return_exceptions=True)

    async def _serve(self, connection: int, dooms: Dooms) -> None:
        hosted, site = self.held[connection], self.sites[connection]
        working: set[asyncio.Task[None]] = set()
        while True:
            for kind in KINDS:
                jobs = await self.queue.take(hosted, site.connection.id, 100, (kind,))
                passes = await STORIES[kind].prepare(site, jobs)
                for job in jobs:
                    doom = dooms.get((connection, job.key))
                    working.add(asyncio.create_task(self._run(job, hosted, passes[job.id], doom)))
            if working:
                done, working = await asyncio.wait(working, timeout=_LOOK_EVERY_S)
                [task.result() for task in done]
                continue
            due_s = await self.queue.next_due_s(hosted, site.connection.id, KINDS)
            if due_s is None:
                return
            await self.kit.wiring.clock.sleep(min(due_s, _LOOK_EVERY_S))

    async def _run(self, job: Job, hosted: Hosted, run: Pass, doom: Doom | None) -> None:
        """One pass, as a worker makes it; one that is killed leaves everything as it stands."""
        _doom.set(doom)
        clock = self.kit.wiring.clock
        async with self.door:
            try:
                settlement = await run()
            except Killed:
                return
            except Failure as failure:
                about, horizon = STORIES[job.kind].record(job), self.kit.wiring.horizon
                settlement = verdict(failure, record=about, attempts=job.attempts, now=clock.now(), horizon=horizon)
            await self.queue.settle(hosted, job, settlement)


@contextlib.asynccontextmanager
async def life(kit: Kit, customers: Iterable[Customer], lease_s: float) -> AsyncIterator[Life]:
    """A worker from its start, once every lease of an earlier one has run out, to its sudden end."""
    hosting, worker = kit.wiring.hosting, WorkerId(f"life-{next(_lives)}")
    by_account = {customer.connection.account_id: customer.connection for customer in customers}
    heartbeat = Heartbeat(hosting, kit.wiring.clock, worker, lease_s)
    beating = asyncio.create_task(heartbeat.run())
    sent: list[asyncio.Task[Any]] = []

    async def has_all() -> bool:
        heartbeat.held.update({one.account_id: one for one in await hosting.acquire(worker, len(by_account))})
        return len(heartbeat.held) == len(by_account)

    try:
        await until(has_all)
        async with contextlib.AsyncExitStack() as stack:
            sites, held = {}, {}
            for account, connection in by_account.items():
                held[connection.id] = heartbeat.held[account]
                site = await Sites(kit.wiring, Fate()).open(stack, connection, held[connection.id])
                tickets = cast(TicketSystem, OnItsWay(site.vendors.tickets, sent))
                sites[connection.id] = replace(site, vendors=replace(site.vendors, tickets=tickets))
            queue = PostgresJobs(kit.wiring.engine, spacing_s=0.0, quiet_s=0.0)
            yield Life(kit, queue, held, sites, sent)
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
