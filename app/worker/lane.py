"""A lane: the work of one connection of a hosted account, batch after batch, apart from all other connections."""

import asyncio
import traceback
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack

import structlog

from app.core.model.connection import Connection, ConnectionState
from app.core.model.failure import DatabaseAway, Failure, LeaseLost, Refused, Transient
from app.core.model.ids import JobId
from app.core.model.job import Job
from app.core.model.outcome import Postponed, Settled, Settlement
from app.core.planning.retry import REFUSED_PROBE_DELAY, postponed_by_vendor, probe_delay, verdict
from app.ports.hosting import Hosted
from app.services.site import Site
from app.services.stories import Pass, Story
from app.worker.tools import Tools

_log = structlog.get_logger(__name__)

_PASSES_AT_ONCE = 8
_LARGEST_BATCH = 500
_SMALLEST_BATCH = 50
_MOST_SPLITS = 20
"""How often a batch that cannot be read together is halved: enough to find two bad records among 500."""


class Lane:
    """Takes, runs and settles, one batch at a time."""

    def __init__(self, tools: Tools, hosted: Hosted, connection: Connection) -> None:
        self._tools = tools
        self._hosted = hosted
        self._connection = connection
        self._site: Site | None = None
        self._opened = AsyncExitStack()
        self._is_paused = connection.state is ConnectionState.PAUSED
        self._verdict_lock = asyncio.Lock()
        self._is_stopped = False
        self._is_working = False
        self._splits_left = 0
        self._busy_at_s = tools.clock.boot_s()

    def stop(self) -> None:
        """Nothing more is taken; the passes in flight end."""
        self._is_stopped = True

    def is_idle(self) -> bool:
        """Whether nothing has waited here for a while; a batch at work is not idle, however long it takes."""
        return not self._is_working and self._tools.clock.boot_s() - self._busy_at_s > self._tools.linger_s

    async def run(self) -> None:
        """Works until it is stopped or the account is lost."""
        try:
            while self._may_go_on():
                if await self._turn():
                    self._busy_at_s = self._tools.clock.boot_s()
        except LeaseLost:
            self._hosted.lost = True
        finally:
            await self._opened.aclose()

    def _may_go_on(self) -> bool:
        return not (self._hosted.lost or self._is_stopped or self._tools.is_stopping())

    async def _turn(self) -> bool:
        """One batch or one wait; whether there was anything to do."""
        if await self._tools.connection_changed(self._connection):
            return await self._reload()
        if self._is_paused:
            return await self._paused_turn()
        jobs = await self._tools.queue.take(self._hosted, self._connection.id, self._batch_size())
        if jobs:
            await self._work(jobs)
            return True
        due_s = await self._tools.queue.next_due_s(self._hosted, self._connection.id)
        await self._tools.wake.wait(min(1.0, due_s) if due_s is not None else 1.0)
        return due_s is not None and due_s < self._tools.linger_s

    def _batch_size(self) -> int:
        per_minute = self._connection.file.field_nation.calls_per_minute
        return min(_LARGEST_BATCH, max(_SMALLEST_BATCH, 2 * per_minute))

    async def _reload(self) -> bool:
        """The file or the state was changed by somebody: start again with what stands now."""
        fresh = await self._tools.connection_now(self._connection)
        if fresh is None or fresh.account_id != self._hosted.account_id:
            self.stop()
            return False
        await self._opened.aclose()
        self._opened, self._site = AsyncExitStack(), None
        self._connection, self._is_paused = fresh, fresh.state is ConnectionState.PAUSED
        return True

    async def _work(self, jobs: Sequence[Job]) -> None:
        story = self._tools.stories[jobs[0].kind]
        self._is_working, self._splits_left = True, _MOST_SPLITS
        try:
            site = await self._open_site()
        except (LeaseLost, DatabaseAway):
            raise
        except Exception as failure:
            await self._fail_batch(story, jobs, failure)
        else:
            await self._work_together(story, site, jobs)
        finally:
            self._is_working = False

    async def _work_together(self, story: Story, site: Site, jobs: Sequence[Job]) -> None:
        """Reads for all jobs in one go; one that cannot be read is found by halves, so that it costs nobody else."""
        try:
            passes = await story.prepare(site, jobs)
        except (LeaseLost, DatabaseAway):
            raise
        except Exception as failure:
            if await self._is_one_of(jobs, failure):
                await self._work_in_halves(story, site, jobs)
            else:
                await self._fail_batch(story, jobs, failure)
        else:
            await self._run_passes(story, jobs, passes)

    async def _work_in_halves(self, story: Story, site: Site, jobs: Sequence[Job]) -> None:
        self._splits_left -= 1
        middle = len(jobs) // 2
        for half in (jobs[:middle], jobs[middle:]):
            if self._may_go_on() and not self._is_paused:
                await self._work_together(story, site, half)
            else:
                await self._tools.queue.give_back(self._hosted, half)

    async def _is_one_of(self, jobs: Sequence[Job], failure: Exception) -> bool:
        """Whether a single job of the batch may be what failed, and looking for it is not too dear by now."""
        if len(jobs) == 1 or self._splits_left == 0:
            return False
        if isinstance(failure, Failure) and not isinstance(failure, Transient):
            return False
        has_asked = self._splits_left < _MOST_SPLITS
        return has_asked or not await self._is_vendor_down(failure)

    async def _open_site(self) -> Site:
        if self._site is None:
            self._site = await self._tools.open_site(self._opened, self._connection, self._hosted)
            await self._tools.alerts.mapping_read(self._connection, self._site.mapping.compiled.findings)
        return self._site

    async def _fail_batch(self, story: Story, jobs: Sequence[Job], failure: Exception) -> None:
        is_down = await self._is_vendor_down(failure)
        for job in jobs:
            await self._settle(story, job, self._judge(story, job, failure, is_down))

    async def _run_passes(self, story: Story, jobs: Sequence[Job], passes: Mapping[JobId, Pass]) -> None:
        waiting = deque(jobs)
        runners = [self._runner(story, waiting, passes) for _ in range(min(_PASSES_AT_ONCE, len(jobs)))]
        results = await asyncio.gather(*runners, return_exceptions=True)
        if waiting:
            await self._tools.queue.give_back(self._hosted, list(waiting))
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def _runner(self, story: Story, waiting: deque[Job], passes: Mapping[JobId, Pass]) -> None:
        while waiting and self._may_go_on() and not self._is_paused:
            job = waiting.popleft()
            await self._settle(story, job, await self._outcome(story, job, passes[job.id]))

    async def _outcome(self, story: Story, job: Job, run: Pass) -> Settlement:
        """The one place that catches widely: every arm ends in one recorded state."""
        try:
            return await run()
        except (LeaseLost, DatabaseAway):
            raise
        except Exception as failure:
            return self._judge(story, job, failure, await self._is_vendor_down(failure))

    def _judge(self, story: Story, job: Job, failure: Exception, is_down: bool) -> Settlement:
        now = self._tools.clock.now()
        if not isinstance(failure, Failure):
            trace = "".join(traceback.format_exception(failure, limit=-8))
            _log.error("pass.failed", kind=job.kind, key=job.key, trace=trace)
        if is_down and isinstance(failure, Failure):
            return postponed_by_vendor(failure, now)
        record = story.record(job)
        return verdict(failure, record=record, attempts=job.attempts, now=now, horizon=self._tools.horizon)

    async def _is_vendor_down(self, failure: Exception) -> bool:
        """Whether the failure is not this record's own: a neutral probe fails too. Asked once for many failures."""
        if not isinstance(failure, Transient | Refused):
            return False
        async with self._verdict_lock:
            if self._is_paused:
                return True
            found = failure if isinstance(failure, Refused) else await self._tools.probe(self._connection, self._hosted)
            if found is None:
                return False
            await self._pause(found)
            return True

    async def _pause(self, failure: Failure) -> None:
        refused = isinstance(failure, Refused)
        delay = REFUSED_PROBE_DELAY if refused else probe_delay(0)
        reason = "credentials_refused" if refused else "vendor_down"
        self._is_paused = True
        first = await self._tools.queue.pause(self._hosted, self._connection.id, reason, delay.total_seconds())
        if first:
            await self._tools.alerts.paused(self._connection, reason, failure.text)

    async def _paused_turn(self) -> bool:
        """Waits for the probe to be due; a good probe resumes the connection, a bad one puts the next one off."""
        if self._connection.id not in await self._tools.queue.due_probes(self._hosted):
            await self._tools.wake.wait(1.0)
            return await self._reload_if_resumed()
        await self._opened.aclose()
        self._opened, self._site = AsyncExitStack(), None
        found = await self._tools.probe(self._connection, self._hosted)
        if found is None:
            await self._tools.queue.resume(self._hosted, self._connection.id)
            await self._tools.alerts.resumed(self._connection)
            return await self._reload()
        await self._put_off(found)
        return True

    async def _put_off(self, failure: Failure) -> None:
        fresh = await self._tools.connection_now(self._connection)
        probes = fresh.pause.probes if fresh and fresh.pause else 0
        refused = isinstance(failure, Refused)
        delay = REFUSED_PROBE_DELAY if refused else probe_delay(probes + 1)
        reason = "credentials_refused" if refused else "vendor_down"
        await self._tools.queue.pause(self._hosted, self._connection.id, reason, delay.total_seconds())

    async def _reload_if_resumed(self) -> bool:
        fresh = await self._tools.connection_now(self._connection)
        if fresh is None or fresh.state is not ConnectionState.PAUSED:
            return await self._reload()
        return False

    async def _settle(self, story: Story, job: Job, settlement: Settlement) -> None:
        await self._tools.queue.settle(self._hosted, job, settlement)
        _log.info("pass.settled", connection=self._connection.name, kind=job.kind, key=job.key, **_said(settlement))


def _said(settlement: Settlement) -> dict[str, str]:
    match settlement:
        case Settled(result=result, code=code):
            return {"outcome": str(result), "code": code}
        case Postponed(due_at=due_at, code=code):
            return {"outcome": "postponed", "code": code, "due_at": due_at.isoformat()}
        case _:
            return {"outcome": "moved", "code": settlement.key}
