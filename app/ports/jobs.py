"""The job table as a host uses it. Every call names the epoch and changes nothing under an old one."""

from collections.abc import Sequence
from typing import Protocol

from app.core.model.ids import ConnectionId
from app.core.model.job import Job, JobKind
from app.core.model.outcome import Settlement
from app.ports.hosting import Hosted


class JobQueue(Protocol):
    async def take(
        self, hosted: Hosted, connection: ConnectionId, limit: int, kinds: Sequence[JobKind]
    ) -> Sequence[Job]:
        """Due jobs of one of the kinds of that connection, marked running, with `observed = wanted`.

        Takes nothing of a paused connection. Waits for a burst to end: a job whose triggers still keep coming is
        left until they pause for a moment, or until it is old enough.
        """

    async def next_due_s(self, hosted: Hosted, connection: ConnectionId, kinds: Sequence[JobKind]) -> float | None:
        """Seconds until `take` may give something of those kinds; None when nothing waits."""

    async def settle(self, hosted: Hosted, job: Job, settlement: Settlement, *, version: int = 0) -> None:
        """Records how the pass ended: the job's next state, its receipts' outcome, counters, history, findings.

        `version` is the connection's under which the pass ran, 0 for none. Raises `LeaseLost` when the epoch is over;
        then nothing was changed.
        """

    async def give_back(self, hosted: Hosted, jobs: Sequence[Job]) -> None:
        """Running jobs whose pass was not begun go back to the queue, uncharged."""

    async def pause(self, hosted: Hosted, connection: ConnectionId, reason: str, probe_in_s: float) -> bool:
        """Pauses the connection until a probe; False when it was paused already (so that one alert is sent)."""

    async def resume(self, hosted: Hosted, connection: ConnectionId) -> None:
        """Ends a pause that no person made."""

    async def due_probes(self, hosted: Hosted) -> Sequence[ConnectionId]:
        """Paused connections of the account whose probe is due."""
