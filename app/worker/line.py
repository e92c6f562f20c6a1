"""A line: the jobs of some kinds of one connection, batch after batch."""

from collections.abc import Sequence

from app.core.model.failure import LeaseLost
from app.core.model.job import Job, JobKind
from app.worker.batch import Batch
from app.worker.shift import Shift
from app.worker.tools import Tools

_SMALLEST_BATCH = 50


class Line:
    """Takes, runs and settles, one batch of at most `most` jobs at a time."""

    def __init__(self, tools: Tools, kinds: Sequence[JobKind], most: int) -> None:
        self._tools = tools
        self._kinds = kinds
        self._most = most
        self._busy_at_s = tools.clock.boot_s()
        self._jobs: Sequence[Job] = ()

    def is_idle(self) -> bool:
        """Whether nothing has waited here for a while; a batch at work is not idle, however long it takes."""
        return not self._jobs and self._tools.clock.boot_s() - self._busy_at_s > self._tools.linger_s

    def left_over(self) -> Sequence[Job]:
        """The jobs that were at work when the line was cut off; each is told once."""
        jobs, self._jobs = self._jobs, ()
        return jobs

    async def run(self, shift: Shift) -> None:
        """Works until the shift is over. A lost lease is marked at once, so that the other line stops too."""
        try:
            while shift.may_go_on():
                await shift.end_if_changed()
                if shift.may_go_on():
                    await self._turn(shift)
        except LeaseLost:
            shift.hosted.lost = True

    async def _turn(self, shift: Shift) -> None:
        """One batch or one wait."""
        queue, connection = self._tools.queue, shift.connection
        self._jobs = await queue.take(shift.hosted, connection.id, self._batch_size(shift), self._kinds)
        if self._jobs:
            await Batch(self._tools, shift, self._jobs).run()
            self._jobs = ()
            self._busy_at_s = self._tools.clock.boot_s()
            return
        due_s = await queue.next_due_s(shift.hosted, connection.id, self._kinds)
        await self._tools.wake.wait(min(1.0, due_s) if due_s is not None else 1.0)
        if due_s is not None and due_s < self._tools.linger_s:
            self._busy_at_s = self._tools.clock.boot_s()

    def _batch_size(self, shift: Shift) -> int:
        per_minute = shift.connection.file.field_nation.calls_per_minute
        return min(self._most, max(_SMALLEST_BATCH, 2 * per_minute))
