"""Stories: what is done for a batch of jobs of one kind, in two steps that the host drives."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol, TypeAlias

from app.core.model.ids import JobId
from app.core.model.job import Job
from app.core.model.outcome import Settlement
from app.services.site import Site

Pass: TypeAlias = Callable[[], Awaitable[Settlement]]
"""The rest of the work for one job; it ends in a settlement or raises a `Failure`."""


class Story(Protocol):
    async def prepare(self, site: Site, jobs: Sequence[Job]) -> Mapping[JobId, Pass]:
        """Reads for all jobs of the batch together; gives the pass of each."""

    def record(self, job: Job) -> str:
        """What findings about the job are filed under."""
