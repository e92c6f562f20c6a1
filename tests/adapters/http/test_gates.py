"""Gates: how many at once, in which order, and what is stored before it is used."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.adapters.http.gates import ThreadGates, open_bytes_gate, open_hour_gate, open_minute_gate, passing
from app.core.model.failure import LeaseLost, NotSent, Rejected, Throttled, Unknown
from app.core.model.ids import AccountId, Epoch, WorkerId
from app.ports.hosting import Hosted

HOSTED = Hosted(AccountId(7), Epoch(1), WorkerId("w"), deadline_s=1e9)


class Shelf:
    """Budgets in memory."""

    def __init__(self) -> None:
        self.states: dict[str, Mapping[str, Any]] = {}
        self.saves = 0
        self.lost = False

    async def load(self, scope: str) -> Mapping[str, Any]:
        return self.states.get(scope, {})

    async def save(self, hosted: Hosted, scope: str, state: Mapping[str, Any]) -> None:
        if self.lost:
            raise LeaseLost("another host")
        self.saves += 1
        self.states[scope] = dict(state)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


async def settle() -> None:
    for _ in range(5):
        await _turn()


async def _turn() -> None:
    turned = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(turned.set_result, None)
    await turned


async def test_a_key_lets_its_limit_in_at_once_first_come_first_served():
    gates, order, going = ThreadGates(2), [], asyncio.Event()

    async def call(name: int) -> None:
        async with passing(gates.of("Tickets" if name % 2 else "tickets")):
            order.append(name)
            await going.wait()

    calls = [asyncio.create_task(call(name)) for name in range(5)]
    await settle()
    assert order == [0, 1]
    async with passing(gates.of("Companies")):
        going.set()
    await asyncio.gather(*calls)
    assert order == [0, 1, 2, 3, 4]


async def test_a_call_that_gives_up_waiting_takes_no_place_with_it():
    gates, going = ThreadGates(1), asyncio.Event()
    lane = gates.of("Tickets")
    await lane.enter()
    waiting = [asyncio.create_task(lane.enter()) for _ in range(3)]
    await settle()
    waiting[0].cancel()
    lane.leave()
    waiting[1].cancel()
    await settle()
    assert waiting[2].done()
    assert not waiting[2].cancelled()
    lane.leave()
    await asyncio.wait_for(lane.enter(), 1)
    going.set()


async def test_a_minute_waits_in_place_and_then_turns_away(clock, shelf):
    gate = await open_minute_gate(clock, shelf, "connection:3", HOSTED, 60, burst=2, max_wait_s=3)
    for _ in range(4):
        async with passing(gate):
            pass
    assert clock.slept == pytest.approx([61 / 59, 61 / 59], abs=1e-3)
    waiting = [asyncio.create_task(gate.enter()) for _ in range(1)]
    await asyncio.gather(*waiting)
    gate.block_until(clock.now() + timedelta(seconds=60))
    with pytest.raises(Throttled) as failure:
        await gate.enter()
    assert failure.value.until >= clock.now() + timedelta(seconds=60)


async def test_a_minute_waits_for_a_short_retry_after(clock, shelf):
    gate = await open_minute_gate(clock, shelf, "connection:3", HOSTED, 60)
    until = clock.now() + timedelta(seconds=20)
    gate.block_until(until)
    await gate.enter()
    assert clock.now() >= until


async def test_what_is_granted_is_stored_before_it_is_used_and_not_at_every_call(clock, shelf):
    gate = await open_hour_gate(clock, shelf, "account:7", HOSTED, 5000)
    for _ in range(20):
        await gate.enter()
    assert shelf.saves == 1
    assert shelf.states["account:7"]["used"] == 20
    await gate.enter()
    assert shelf.saves == 2
    assert shelf.states["account:7"]["used"] == 40


async def test_after_a_crash_the_grant_counts_as_spent_and_after_a_release_it_does_not(clock, shelf):
    crashed = await open_hour_gate(clock, shelf, "account:7", HOSTED, 5000)
    await crashed.enter()
    clean = await open_hour_gate(clock, shelf, "account:7", HOSTED, 5000)
    assert clean.record()["used"] == 20
    await clean.enter()
    await clean.release()
    assert shelf.states["account:7"]["used"] == 21


async def test_a_minute_is_granted_ahead_and_given_back(clock, shelf):
    gate = await open_minute_gate(clock, shelf, "connection:3", HOSTED, 60, burst=2)
    for _ in range(2):
        await gate.enter()
    assert shelf.saves == 1
    crashed = await open_minute_gate(clock, shelf, "connection:3", HOSTED, 60, burst=2)
    await crashed.enter()
    assert sum(clock.slept) > 9
    await gate.release()
    assert shelf.states["connection:3"]["_free_at"] < clock.now().isoformat()


async def test_an_hour_that_is_used_up_turns_away_until_calls_leave_it(clock, shelf):
    gate = await open_hour_gate(clock, shelf, "account:7", HOSTED, 15)
    for _ in range(15):
        await gate.enter()
    with pytest.raises(Throttled) as failure:
        await gate.enter()
    clock.advance((failure.value.until - clock.now()).total_seconds())
    await gate.enter()


async def test_under_a_lost_lease_nothing_is_granted_and_nothing_given_back(clock, shelf):
    gate = await open_hour_gate(clock, shelf, "account:7", HOSTED, 15)
    shelf.lost = True
    with pytest.raises(LeaseLost):
        await gate.enter()
    await gate.release()
    assert gate.record()["used"] == 0


async def test_without_a_host_a_budget_is_read_and_never_written(clock, shelf):
    hosted = await open_hour_gate(clock, shelf, "account:7", HOSTED, 15)
    for _ in range(15):
        await hosted.enter()
    saves = shelf.saves
    person = await open_hour_gate(clock, shelf, "account:7", None, 15)
    with pytest.raises(Throttled):
        await person.enter()
    await person.release()
    assert shelf.saves == saves


async def test_one_caller_reads_the_limit_and_the_reading_goes_through_a_used_up_share(clock, shelf):
    gate = await open_hour_gate(clock, shelf, "account:7", HOSTED, "auto")
    for _ in range(100):
        await gate.enter()
    assert [gate.begin_reading(), gate.begin_reading()] == [True, False]
    gate.note_reading(10_000, 9_100, 60)
    with pytest.raises(Throttled):
        await gate.enter()
    clock.advance(301)
    assert gate.begin_reading()
    await gate.enter_for_reading()
    gate.note_reading(10_000, 500, 60)
    await gate.enter()
    assert gate.record()["limit"] == 5000


FILES = "account:7:bytes"


async def test_bytes_are_stored_before_a_file_goes_and_count_until_five_minutes_after_it_went(clock, shelf):
    gate = await open_bytes_gate(clock, shelf, FILES, HOSTED)
    async with gate.uploading(6_000_000):
        assert shelf.states[FILES]["used"] == 6_000_000
        clock.advance(60)
    clock.advance(240)
    with pytest.raises(Throttled) as failure:
        async with gate.uploading(4_000_001):
            raise AssertionError("it went")
    clock.advance((failure.value.until - clock.now()).total_seconds())
    async with gate.uploading(4_000_001):
        assert gate.record()["used"] == 4_000_001


async def test_bytes_that_fit_beside_others_go_at_once_and_never_together_too_many(clock, shelf):
    gate = await open_bytes_gate(clock, shelf, FILES, HOSTED)
    async with gate.uploading(6_000_000), gate.uploading(4_000_000):
        with pytest.raises(Throttled) as failure:
            async with gate.uploading(1):
                raise AssertionError("it went")
    assert failure.value.until > clock.now()


async def test_the_next_host_knows_what_went_after_a_clean_end_and_what_was_under_way_after_a_crash(clock, shelf):
    clean = await open_bytes_gate(clock, shelf, FILES, HOSTED)
    async with clean.uploading(3_000_000):
        pass
    await clean.release()
    crashed = await open_bytes_gate(clock, shelf, FILES, HOSTED)
    with pytest.raises(Unknown):
        async with crashed.uploading(5_000_000):
            raise Unknown("lost")
    following = await open_bytes_gate(clock, shelf, FILES, HOSTED)
    assert following.record()["used"] == 8_000_000
    await following.release()
    clock.advance(306)
    async with (await open_bytes_gate(clock, shelf, FILES, HOSTED)).uploading(10_000_000):
        pass


@pytest.mark.parametrize("failure", [NotSent("late"), LeaseLost("lost"), Throttled("busy", until=datetime.max)])
async def test_bytes_that_did_not_arrive_are_given_back(clock, shelf, failure):
    gate = await open_bytes_gate(clock, shelf, FILES, HOSTED)
    with pytest.raises(type(failure)):
        async with gate.uploading(10_000_000):
            raise failure
    assert gate.record()["used"] == 0


async def test_a_file_beyond_the_window_is_rejected_and_stores_nothing(clock, shelf):
    gate = await open_bytes_gate(clock, shelf, FILES, HOSTED)
    with pytest.raises(Rejected) as failure:
        async with gate.uploading(10_000_001):
            raise AssertionError("it went")
    assert failure.value.code == "file_too_large"
    await gate.release()
    assert shelf.saves == 0


async def test_a_window_that_the_vendor_closed_is_closed_under_the_next_host_too(clock, shelf):
    gate = await open_bytes_gate(clock, shelf, FILES, HOSTED)
    until = clock.now() + timedelta(minutes=5)
    await gate.block_until(until)
    for one in (gate, await open_bytes_gate(clock, shelf, FILES, HOSTED)):
        with pytest.raises(Throttled) as failure:
            async with one.uploading(1):
                raise AssertionError("it went")
        assert failure.value.until == until


async def test_under_a_lost_lease_no_file_goes(clock, shelf):
    gate = await open_bytes_gate(clock, shelf, FILES, HOSTED)
    shelf.lost = True
    with pytest.raises(LeaseLost):
        async with gate.uploading(5):
            raise AssertionError("it went")
    assert gate.record()["used"] == 0
    await gate.block_until(clock.now() + timedelta(minutes=5))
    await gate.release()
