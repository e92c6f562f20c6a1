"""A batch: jobs of one kind that were taken together. Each of them is settled or given back."""

import asyncio
import traceback
from collections import deque
from collections.abc import Mapping, Sequence

import structlog

from app.core.model.failure import DatabaseAway, Failure, LeaseLost, Transient
from app.core.model.ids import JobId
from app.core.model.job import Job
from app.core.model.outcome import Postponed, Settled, Settlement
from app.core.planning.retry import postponed_by_vendor, verdict
from app.services.site import Site
from app.services.stories import Pass
from app.worker.shift import Shift
from app.worker.tools import Tools

_log = structlog.get_logger(__name__)

_PASSES_AT_ONCE = 8
_MOST_SPLITS = 20
"""How often a batch that cannot be read together is halved: enough to find two bad records among 500."""


class Batch:
    """Runs the story of the jobs' kind over them."""

    def __init__(self, tools: Tools, shift: Shift, jobs: Sequence[Job]) -> None:
        self._tools = tools
        self._shift = shift
        self._jobs = jobs
        self._story = tools.stories[jobs[0].kind]
        self._splits_left = _MOST_SPLITS

    async def run(self) -> None:
        """Works through the jobs. Raises `LeaseLost` and `DatabaseAway`; whatever else fails is settled."""
        try:
            site = await self._shift.site()
        except (LeaseLost, DatabaseAway):
            raise
        except Exception as failure:
            await self._fail(self._jobs, failure)
        else:
            await self._work_together(site, self._jobs)

    async def _work_together(self, site: Site | None, jobs: Sequence[Job]) -> None:
        """Reads for all jobs in one go; one that cannot be read is found by halves, so that it costs nobody else."""
        if site is None or not self._shift.may_go_on():
            await self._give_back(jobs)
            return
        try:
            passes = await self._story.prepare(site, jobs)
        except (LeaseLost, DatabaseAway):
            raise
        except Exception as failure:
            if await self._is_one_of(jobs, failure):
                await self._work_in_halves(site, jobs)
            else:
                await self._fail(jobs, failure)
        else:
            await self._run_passes(jobs, passes)

    async def _work_in_halves(self, site: Site, jobs: Sequence[Job]) -> None:
        self._splits_left -= 1
        middle = len(jobs) // 2
        for half in (jobs[:middle], jobs[middle:]):
            await self._work_together(site, half)

    async def _is_one_of(self, jobs: Sequence[Job], failure: Exception) -> bool:
        """Whether a single job of the batch may be what failed, and looking for it is not too dear by now."""
        if len(jobs) == 1 or self._splits_left == 0:
            return False
        if isinstance(failure, Failure) and not isinstance(failure, Transient):
            return False
        has_asked = self._splits_left < _MOST_SPLITS
        return has_asked or not await self._shift.is_vendor_down(failure)

    async def _fail(self, jobs: Sequence[Job], failure: Exception) -> None:
        is_down = await self._shift.is_vendor_down(failure)
        for job in jobs:
            await self._settle(job, self._judge(job, failure, is_down))

    async def _run_passes(self, jobs: Sequence[Job], passes: Mapping[JobId, Pass]) -> None:
        waiting = deque(jobs)
        runners = [self._runner(waiting, passes) for _ in range(min(_PASSES_AT_ONCE, len(jobs)))]
        results = await asyncio.gather(*runners, return_exceptions=True)
        if waiting:
            await self._give_back(list(waiting))
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def _runner(self, waiting: deque[Job], passes: Mapping[JobId, Pass]) -> None:
        while waiting and self._shift.may_go_on():
            job = waiting.popleft()
            await self._settle(job, await self._outcome(job, passes[job.id]))

    async def _outcome(self, job: Job, run: Pass) -> Settlement:
        """The one place that catches widely: every arm ends in one recorded state."""
        try:
            return await run()
        except (LeaseLost, DatabaseAway):
            raise
        except Exception as failure:
            return self._judge(job, failure, await self._shift.is_vendor_down(failure))

    def _judge(self, job: Job, failure: Exception, is_down: bool) -> Settlement:
        now = self._tools.clock.now()
        if not isinstance(failure, Failure):
            trace = "".join(traceback.format_exception(failure, limit=-8))
            _log.error("pass.failed", kind=job.kind, key=job.key, trace=trace)
        if is_down and isinstance(failure, Failure):
            return postponed_by_vendor(failure, now)
        record = self._story.record(job)
        return verdict(failure, record=record, attempts=job.attempts, now=now, horizon=self._tools.horizon)

    async def _settle(self, job: Job, settlement: Settlement) -> None:
        connection = self._shift.connection
        await self._tools.queue.settle(self._shift.hosted, job, settlement, version=connection.version)
        _log.info("pass.settled", connection=connection.name, kind=job.kind, key=job.key, **_said(settlement))

    async def _give_back(self, jobs: Sequence[Job]) -> None:
        await self._tools.queue.give_back(self._shift.hosted, jobs)


def _said(settlement: Settlement) -> dict[str, str]:
    match settlement:
        case Settled(result=result, code=code):
            return {"outcome": str(result), "code": code}
        case Postponed(due_at=due_at, code=code):
            return {"outcome": "postponed", "code": code, "due_at": due_at.isoformat()}
        case _:
            return {"outcome": "moved", "code": settlement.key}
