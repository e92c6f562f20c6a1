"""What a job queue must do for the host that drives it, whoever keeps it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from app.core.model.failure import LeaseLost
from app.core.model.ids import ConnectionId
from app.core.model.job import ASIDE_KINDS, MAIN_KINDS, Job, JobKind
from app.core.model.outcome import FollowUp, Postponed, Result, Settled
from app.ports.clock import Clock
from app.ports.hosting import Hosted
from app.ports.jobs import JobQueue

KINDS = tuple(JobKind)


@dataclass
class Queued:
    """A queue, two connections of one account, a way to raise jobs, and one to let another host take the account."""

    queue: JobQueue
    clock: Clock
    hosted: Hosted
    acme: ConnectionId
    zeta: ConnectionId
    put: Callable[..., Awaitable[Any]]
    supersede: Callable[[], Awaitable[Any]]

    async def take(self, connection: ConnectionId | None = None, limit: int = 100) -> list[str]:
        return [job.key for job in await self.jobs(connection, limit)]

    async def jobs(self, connection: ConnectionId | None = None, limit: int = 100) -> list[Job]:
        return list(await self.queue.take(self.hosted, connection or self.acme, limit, KINDS))

    async def due_s(self, kinds: Sequence[JobKind] = KINDS) -> float | None:
        return await self.queue.next_due_s(self.hosted, self.acme, kinds)

    async def one(self) -> Job:
        (job,) = await self.jobs()
        return job


class QueueContract:
    """Subclasses give `queued`."""

    async def test_due_jobs_are_taken_once_longest_waiting_first(self, queued: Queued) -> None:
        for key in ("9", "7", "8"):
            await queued.put(queued.acme, key)
        assert await queued.take(limit=2) == ["9", "7"]
        assert await queued.take() == ["8"]
        assert await queued.take() == []

    async def test_a_taken_job_has_seen_what_was_wanted(self, queued: Queued) -> None:
        await queued.put(queued.acme, "7")
        job = await queued.one()
        assert (job.key, job.kind, job.observed == job.wanted, job.attempts) == (
            "7",
            JobKind.IMPORT_TICKET,
            True,
            0,
        )
        assert job.epoch == queued.hosted.epoch

    async def test_a_batch_is_of_one_kind(self, queued: Queued) -> None:
        await queued.put(queued.acme, "7")
        await queued.put(queued.acme, "T1", kind=JobKind.RESOLVE_NUMBER)
        batches = [await queued.take(), await queued.take()]
        assert sorted(batches) == [["7"], ["T1"]]

    async def test_only_the_connection_s_own_jobs_are_taken(self, queued: Queued) -> None:
        await queued.put(queued.acme, "7")
        await queued.put(queued.zeta, "8")
        assert await queued.take(queued.zeta) == ["8"]
        assert await queued.due_s() == 0

    async def test_nothing_is_due_when_nothing_waits(self, queued: Queued) -> None:
        assert await queued.due_s() is None
        await queued.put(queued.acme, "7")
        await queued.take()
        assert await queued.due_s() is None

    @pytest.mark.parametrize("result", [Result.WRITTEN, Result.UNCHANGED, Result.SKIPPED, Result.PLANNED, Result.DEAD])
    async def test_a_settled_job_is_not_taken_again(self, queued: Queued, result: Result) -> None:
        await queued.put(queued.acme, "7")
        await queued.queue.settle(queued.hosted, await queued.one(), Settled(result))
        assert await queued.take() == []

    async def test_only_jobs_of_the_kinds_asked_for_are_taken_and_waited_for(self, queued: Queued) -> None:
        await queued.put(queued.acme, "70", kind=JobKind.PUSH_FILES)
        assert list(await queued.queue.take(queued.hosted, queued.acme, 100, MAIN_KINDS)) == []
        assert await queued.due_s(MAIN_KINDS) is None
        assert await queued.due_s(ASIDE_KINDS) == 0
        await queued.put(queued.acme, "70", kind=JobKind.PUSH_WORK_ORDER)
        (job,) = await queued.queue.take(queued.hosted, queued.acme, 100, MAIN_KINDS)
        assert (job.kind, job.key) == (JobKind.PUSH_WORK_ORDER, "70")
        (job,) = await queued.queue.take(queued.hosted, queued.acme, 1, ASIDE_KINDS)
        assert (job.kind, job.key) == (JobKind.PUSH_FILES, "70")

    async def test_a_job_that_asks_for_another_turn_rests_until_then_or_until_it_is_raised(
        self, queued: Queued
    ) -> None:
        again = Settled(Result.UNCHANGED, again_in=timedelta(hours=1))
        await queued.put(queued.acme, "7")
        await queued.queue.settle(queued.hosted, await queued.one(), again)
        assert await queued.take() == []
        assert 3590 < (await queued.due_s() or 0) <= 3600
        await queued.put(queued.acme, "7")
        await queued.queue.settle(queued.hosted, await queued.one(), Settled(Result.WRITTEN))
        assert await queued.due_s() is None

    async def test_a_job_raised_during_its_pass_is_taken_again_at_once(self, queued: Queued) -> None:
        await queued.put(queued.acme, "7")
        job = await queued.one()
        await queued.put(queued.acme, "7")
        assert await queued.take() == []
        await queued.queue.settle(queued.hosted, job, Settled(Result.DEAD, again_in=timedelta(hours=1)))
        assert await queued.take() == ["7"]

    async def test_a_trigger_does_not_shorten_the_wait_of_a_postponed_job(self, queued: Queued) -> None:
        await queued.put(queued.acme, "7")
        later = queued.clock.now() + timedelta(minutes=5)
        await queued.queue.settle(queued.hosted, await queued.one(), Postponed(later, "later"))
        await queued.put(queued.acme, "7")
        assert await queued.take() == []

    async def test_follow_ups_are_raised_with_their_options_once_each(self, queued: Queued) -> None:
        await queued.put(queued.acme, "all", kind=JobKind.SWEEP)
        then = [FollowUp(JobKind.PUSH_WORK_ORDER, "70", (option,)) for option in ("resync", "retry")]
        await queued.queue.settle(queued.hosted, await queued.one(), Settled(Result.WRITTEN, then=tuple(then)))
        job = await queued.one()
        assert (job.connection_id, job.kind, job.key, job.options) == (
            queued.acme,
            JobKind.PUSH_WORK_ORDER,
            "70",
            ("resync", "retry"),
        )

    async def test_options_serve_one_pass_unless_it_was_postponed_or_not_begun(self, queued: Queued) -> None:
        await queued.put(queued.acme, "7", options=("new",))
        await queued.queue.give_back(queued.hosted, await queued.jobs())
        at_once = Postponed(queued.clock.now() - timedelta(seconds=1), "again")
        await queued.queue.settle(queued.hosted, await queued.one(), at_once)
        job = await queued.one()
        assert job.options == ("new",)
        await queued.queue.settle(queued.hosted, job, Settled(Result.WRITTEN))
        await queued.put(queued.acme, "7")
        assert (await queued.one()).options == ()

    @pytest.mark.parametrize("burns", [True, False])
    async def test_a_postponed_job_comes_back_when_it_is_due_and_is_charged_only_when_told(
        self, queued: Queued, burns: bool
    ) -> None:
        await queued.put(queued.acme, "7")
        later = queued.clock.now() + timedelta(minutes=5)
        await queued.queue.settle(queued.hosted, await queued.one(), Postponed(later, "later", burns=burns))
        assert await queued.take() == []
        due_s = await queued.due_s()
        assert due_s is not None
        assert 290 < due_s <= 300

    async def test_attempts_are_counted_as_they_are_charged(self, queued: Queued) -> None:
        await queued.put(queued.acme, "7")
        for burns in (True, False, True):
            at_once = Postponed(queued.clock.now() - timedelta(seconds=1), "again", burns=burns)
            await queued.queue.settle(queued.hosted, await queued.one(), at_once)
        assert (await queued.one()).attempts == 2

    async def test_jobs_that_were_not_begun_go_back_uncharged(self, queued: Queued) -> None:
        await queued.put(queued.acme, "7")
        await queued.put(queued.acme, "8")
        await queued.queue.give_back(queued.hosted, await queued.jobs())
        assert sorted(await queued.take()) == ["7", "8"]

    async def test_a_pause_is_first_once_and_keeps_the_connection_s_jobs_waiting(self, queued: Queued) -> None:
        await queued.put(queued.acme, "7")
        await queued.put(queued.zeta, "8")
        assert await queued.queue.pause(queued.hosted, queued.acme, "vendor_down", 60)
        assert not await queued.queue.pause(queued.hosted, queued.acme, "vendor_down", 60)
        assert await queued.take() == []
        assert await queued.due_s() is None
        assert await queued.take(queued.zeta) == ["8"]
        assert await queued.queue.due_probes(queued.hosted) == []

    async def test_a_probe_is_due_when_its_wait_is_over_and_a_resume_ends_the_pause(self, queued: Queued) -> None:
        await queued.put(queued.acme, "7")
        await queued.queue.pause(queued.hosted, queued.acme, "vendor_down", 0)
        assert await queued.queue.due_probes(queued.hosted) == [queued.acme]
        await queued.queue.resume(queued.hosted, queued.acme)
        assert await queued.queue.due_probes(queued.hosted) == []
        assert await queued.take() == ["7"]

    async def test_under_an_old_epoch_nothing_is_taken_or_changed(self, queued: Queued) -> None:
        await queued.put(queued.acme, "7")
        await queued.put(queued.acme, "8")
        (job,) = await queued.jobs(limit=1)
        await queued.supersede()
        assert await queued.take() == []
        for attempt in (
            queued.queue.settle(queued.hosted, job, Settled(Result.WRITTEN)),
            queued.queue.give_back(queued.hosted, [job]),
            queued.queue.pause(queued.hosted, queued.acme, "vendor_down", 1),
            queued.queue.resume(queued.hosted, queued.acme),
        ):
            with pytest.raises(LeaseLost):
                await attempt
