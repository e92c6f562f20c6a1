"""The worker process: what it takes, how it keeps it, and how it lets go."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from app.core.model.failure import DatabaseAway, Failure, Transient
from app.core.model.ids import AccountId, Epoch, WorkerId
from app.core.model.outcome import Settlement
from app.ports.hosting import Hosted
from app.worker.lease import Heartbeat
from app.worker.signal import Signal
from app.worker.upkeep import keep_up
from app.worker.worker import Worker
from tests.fakes.clock import HandClock
from tests.fakes.queue import FakeHosting
from tests.worker.worker_kit import ACME, DONE, Shop, TurningClock, sees

W1 = WorkerId("w1")


class FakeUpkeep:
    """Counts the times it was asked to tidy, and says when it was asked for sweeps. `trouble` is raised by tidying."""

    def __init__(self, clock: HandClock, trouble: Failure | None = None) -> None:
        self.asked: list[timedelta] = []
        self.sweeps: list[tuple[float, timedelta]] = []
        self._clock, self._trouble = clock, trouble

    async def prune(self, history: timedelta) -> Mapping[str, int]:
        self.asked.append(history)
        if self._trouble:
            raise self._trouble
        return {}

    async def raise_sweeps(self, every: timedelta) -> int:
        self.sweeps.append((self._clock.boot_s(), every))
        return 1


async def worked(shop: Shop, until: Callable[[], bool], capacity: int = 40) -> FakeUpkeep:
    """A worker's life until something is so."""
    upkeep, tools = FakeUpkeep(shop.clock), shop.tools()
    tools.upkeep = upkeep
    shop.until = until
    async with asyncio.timeout(20):
        await Worker(tools, W1, lease_s=30.0, history_days=30, capacity=capacity).run()
    return upkeep


async def test_a_worker_takes_an_account_does_its_work_and_hands_it_back_when_it_stops() -> None:
    shop = Shop()
    shop.queue.put(ACME, "7", "8")
    await worked(shop, lambda: len(shop.queue.settled) == 2)
    assert shop.queue.settled == {"7": [DONE], "8": [DONE]}
    version = shop.connections.rows[ACME].version
    assert shop.queue.versions == {"7": version, "8": version}
    assert (shop.hosting.released, shop.hosting.retired) == ([AccountId(1)], [W1])


async def test_a_stop_waits_for_the_pass_in_flight() -> None:
    shop = Shop()
    begun = asyncio.Event()

    async def slow() -> Settlement:
        begun.set()
        for _ in range(20):
            await shop.clock.sleep(0)
        return DONE

    shop.queue.put(ACME, "7")
    shop.story.acts["7"] = slow
    await worked(shop, begun.is_set)
    assert (shop.queue.settled, shop.hosting.released) == ({"7": [DONE]}, [AccountId(1)])


async def test_a_worker_hosts_no_more_accounts_than_it_may() -> None:
    shop = Shop()
    shop.hosting.free = [AccountId(1), AccountId(2), AccountId(3)]
    never = asyncio.Event()
    turns = 0

    async def stuck() -> Settlement:
        await never.wait()
        return DONE

    def enough() -> bool:
        nonlocal turns
        turns += 1
        if turns > 300:
            never.set()
        return turns > 300

    shop.queue.put(ACME, "7")
    shop.story.acts["7"] = stuck
    await worked(shop, enough, capacity=1)
    assert shop.hosting.asked_for[0] == 1
    assert AccountId(3) in shop.hosting.free or AccountId(2) in shop.hosting.free


async def test_the_past_is_tidied_while_work_goes_on() -> None:
    shop = Shop()
    shop.queue.put(ACME, "7")
    upkeep = await worked(shop, lambda: "7" in shop.queue.settled)
    assert upkeep.asked[0] == timedelta(days=30)


class PassingClock(HandClock):
    """Sleeping lets the others work, and the time pass."""

    async def sleep(self, seconds: float) -> None:
        self.move(seconds)
        await Signal().wait(0)


@pytest.mark.parametrize("trouble", [None, DatabaseAway("the database is away")])
async def test_sweeps_are_raised_once_a_minute_though_tidying_fails(trouble: Failure | None) -> None:
    shop, clock = Shop(), PassingClock()
    tools = shop.tools()
    tools.clock, tools.sweep_every = clock, timedelta(minutes=15)
    tools.upkeep = upkeep = FakeUpkeep(clock, trouble)
    keeping = asyncio.create_task(keep_up(tools, 30))
    await sees(lambda: clock.boot_s() > 180)
    keeping.cancel()
    assert upkeep.sweeps[:4] == [(at, timedelta(minutes=15)) for at in (0, 60, 120, 180)]


async def test_a_database_that_is_away_is_waited_for() -> None:
    shop = Shop()
    shop.queue.put(ACME, "7")
    shop.hosting.trouble = Transient("the database is away")
    turns = 0

    def done() -> bool:
        nonlocal turns
        turns += 1
        if turns == 20:
            shop.hosting.trouble = None
        return "7" in shop.queue.settled

    await worked(shop, done)
    assert shop.queue.settled == {"7": [DONE]}


def held(*accounts: int) -> dict[int, Hosted]:
    return {id: Hosted(AccountId(id), Epoch(1), W1, deadline_s=1e9) for id in accounts}


async def test_a_heartbeat_drops_an_account_that_is_lost_and_keeps_the_others() -> None:
    hosting = FakeHosting([], lose={AccountId(2)})
    heartbeat = Heartbeat(hosting, TurningClock(), W1, 30.0)
    heartbeat.held = held(1, 2)
    lost = heartbeat.held[2]
    await heartbeat.beat()
    assert (set(heartbeat.held), lost.lost) == ({1}, True)


async def test_a_missed_beat_is_no_loss() -> None:
    hosting = FakeHosting([], trouble=Transient("away"))
    heartbeat = Heartbeat(hosting, TurningClock(), W1, 30.0)
    heartbeat.held = held(1)
    await heartbeat.beat()
    assert (set(heartbeat.held), heartbeat.held[1].lost) == ({1}, False)


async def test_a_beat_that_hangs_is_given_up_before_the_lease_is_over() -> None:
    class Hanging(FakeHosting):
        async def renew(self, worker: WorkerId, held: Any) -> None:
            await asyncio.Event().wait()

    heartbeat = Heartbeat(Hanging([]), TurningClock(), W1, 0.3)
    async with asyncio.timeout(5):
        await heartbeat.beat()


async def test_a_signal_wakes_everybody_who_waits_and_nobody_who_comes_later() -> None:
    signal = Signal()
    waiting = [asyncio.create_task(signal.wait(60)) for _ in range(3)]
    await Signal().wait(0.01)
    signal.give()
    await asyncio.wait_for(asyncio.gather(*waiting), 5)
    late = asyncio.create_task(signal.wait(60))
    await Signal().wait(0.01)
    assert not late.done()
    late.cancel()
