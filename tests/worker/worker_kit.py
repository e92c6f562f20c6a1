"""A worker over small fakes, in a time that passes only when somebody waits."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from app.core.model.connection import Connection
from app.core.model.failure import Failure
from app.core.model.ids import AccountId, ConnectionId, Epoch, JobId, WorkerId
from app.core.model.job import Job, JobKind
from app.core.model.outcome import Result, Settled, Settlement
from app.ports.hosting import Hosted
from app.services.alert import Alerts
from app.worker.host import Host
from app.worker.lane import Lane
from app.worker.signal import Signal
from app.worker.tools import Tools
from tests.fakes.clock import HandClock
from tests.fakes.queue import FakeConnections, FakeHosting, FakeQueue
from tests.services.imports.import_kit import a_connection

ACME, ZETA = ConnectionId(1), ConnectionId(2)
DONE = Settled(Result.WRITTEN)


class TurningClock(HandClock):
    """Sleeping lets the others work, and no time pass."""

    async def sleep(self, seconds: float) -> None:
        await Signal().wait(0.001)


async def sees(*checks: Callable[[], bool]) -> None:
    """Returns once all of it is so; the others work meanwhile."""
    async with asyncio.timeout(20):
        while not all(check() for check in checks):
            await Signal().wait(0)


class HandSignal(Signal):
    """Waiting takes no time of the machine: the others get a few turns, then the clock moves. Of several who wait
    together each moves it no further than its own end."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__()
        self._clock = clock

    async def wait(self, timeout_s: float) -> None:
        end_s = self._clock.boot_s() + timeout_s
        for _ in range(3):
            await super().wait(0)
        self._clock.move(max(end_s - self._clock.boot_s(), 0))


class FakeMail:
    def __init__(self) -> None:
        self.subjects: list[str] = []

    async def send(self, to: Sequence[str], subject: str, text: str) -> None:
        self.subjects.append(subject)


class FakeDesk:
    """`RecordDesk` as far as alerts ask of it: open findings by code."""

    def __init__(self) -> None:
        self.open: dict[str, str] = {}

    async def note(self, connection: ConnectionId, findings: Sequence[Any], *, all_about: str = "") -> None:
        if all_about:
            self.open = {code: about for code, about in self.open.items() if about != all_about}
        self.open |= {finding.code: finding.record for finding in findings}

    async def clear(self, connection: ConnectionId, record: str, codes: Sequence[str]) -> None:
        self.open = {code: about for code, about in self.open.items() if about != record or code not in codes}

    async def findings(self, *, connection: str = "", severity: str = "") -> Sequence[Mapping[str, Any]]:
        return [{"code": code, "record": about} for code, about in self.open.items()]


Act = Callable[[], Awaitable[Settlement]]


@dataclass
class FakeStory:
    """Does `acts[key]` for a job, or writes it; reading a batch fails as `unreadable` says."""

    acts: dict[str, Act] = field(default_factory=dict)
    unreadable: Callable[[Sequence[Job]], Exception | None] = lambda jobs: None
    begun: list[str] = field(default_factory=list)

    def record(self, job: Job) -> str:
        return f"ticket:{job.key}"

    async def prepare(self, site: Any, jobs: Sequence[Job]) -> Mapping[JobId, Act]:
        failure = self.unreadable(jobs)
        if failure:
            raise failure
        return {job.id: self._act(job) for job in jobs}

    def _act(self, job: Job) -> Act:
        async def act() -> Settlement:
            self.begun.append(job.key)
            return await self.acts[job.key]() if job.key in self.acts else DONE

        return act

    def fail(self, key: str, failure: Exception | None, times: int = 10**6) -> None:
        """Makes the pass of that job end in the failure, that many times."""
        left = [times]

        async def act() -> Settlement:
            left[0] -= 1
            if left[0] < 0 or failure is None:
                return DONE
            raise failure

        self.acts[key] = act


class Shop:
    """One account with the connections `acme` and `zeta`, everything that a worker needs, and when it must stop."""

    def __init__(self) -> None:
        self.clock = TurningClock()
        acme = a_connection({"notify": ["ops@acme.example"]}, [])
        zeta = replace(acme, id=ZETA, name="zeta")
        self.connections = FakeConnections(acme, zeta)
        self.queue = FakeQueue(self.clock, self.connections)
        self.hosting = FakeHosting([AccountId(1)])
        self.story, self.mail, self.desk = FakeStory(), FakeMail(), FakeDesk()
        self.hosted = Hosted(AccountId(1), Epoch(1), WorkerId("w1"), deadline_s=1e9)
        self.trouble: Failure | None = None
        self.probed_at_s: list[float] = []
        self.opened: list[int] = []
        self.closed: list[int] = []
        self.unopenable: Failure | None = None
        self.turns_to_open = 0
        self.grace_s = 20.0
        self.stop_at_s = 3600.0 * 24
        self.until: Callable[[], bool] = lambda: False

    def tools(self) -> Tools:
        unused: Any = None
        connections: Any = self.connections
        alerts: Any = Alerts(self.desk, self.mail)  # type: ignore[arg-type]  # as much of them as is asked
        return Tools(
            clock=self.clock,
            hosting=self.hosting,
            queue=self.queue,
            connections=connections,
            upkeep=unused,
            alerts=alerts,
            stories=dict.fromkeys(JobKind, self.story),
            open_site=self._open_site,
            probe=self._probe,
            horizon=timedelta(seconds=120),
            wake=HandSignal(self.clock),
            is_stopping=lambda: self.until() or self.clock.boot_s() > self.stop_at_s,
            grace_s=self.grace_s,
        )

    async def run(self, seconds: float = 0, *, until: Callable[[], bool] | None = None) -> Lane:
        """Runs the lane of `acme` for so long, or until something is so (a day at the most)."""
        self.until = until or (lambda: False)
        self.stop_at_s = self.clock.boot_s() + (seconds or 86400.0)
        lane = Lane(self.tools(), self.hosted, self.connections.rows[ACME])
        async with asyncio.timeout(20):
            await lane.run()
        return lane

    async def host(self, *, until: Callable[[], bool]) -> None:
        """Hosts the account until something is so."""
        self.until = until
        async with asyncio.timeout(20):
            await Host(self.tools(), self.hosted, lambda _: None).serve()

    async def _open_site(self, stack: AsyncExitStack, connection: Connection, hosted: Hosted) -> Any:
        self.opened.append(connection.version)
        for _ in range(self.turns_to_open):
            await Signal().wait(0)
        if self.unopenable:
            raise self.unopenable
        stack.callback(self.closed.append, connection.version)
        return SimpleNamespace(mapping_findings=())

    async def _probe(self, connection: Connection, hosted: Hosted) -> Failure | None:
        self.probed_at_s.append(self.clock.boot_s())
        return self.trouble
