"""Work beside the main line: it holds nobody up, and a pause, a change, a stop or a loss holds for it too."""

import asyncio
from datetime import timedelta

import pytest

from app.core.model.connection import ConnectionState
from app.core.model.failure import DatabaseAway, LeaseLost, Refused, Throttled, Transient
from app.core.model.ids import AccountId, Epoch
from app.core.model.job import JobKind
from app.core.model.outcome import Postponed, Settlement
from tests.worker.worker_kit import ACME, DONE, Act, Shop, sees

FILES, SWEEP, PUSH = JobKind.PUSH_FILES, JobKind.SWEEP, JobKind.PUSH_WORK_ORDER
DOWN = Transient("no answer")


class Slow:
    """A pass that ends once it may. `times` counts its beginnings, `was_cut_off` says that it was cancelled."""

    def __init__(self) -> None:
        self.begun, self.may_end = asyncio.Event(), asyncio.Event()
        self.times, self.was_cut_off = 0, False

    async def act(self) -> Settlement:
        self.times += 1
        self.begun.set()
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.was_cut_off = True
            raise
        return DONE


def slow_files(shop: Shop, key: str = "files") -> Slow:
    """Raises a job of files that takes long."""
    slow = Slow()
    shop.queue.put(ACME, key, kind=FILES)
    shop.story.acts[key] = slow.act
    return slow


def after(event: asyncio.Event, act: Act) -> Act:
    """The act, once the event is there."""

    async def acted() -> Settlement:
        await event.wait()
        return await act()

    return acted


async def fail() -> Settlement:
    raise DOWN


async def test_files_that_come_during_a_long_import_are_sent_beside_it() -> None:
    shop = Shop()

    async def long_import() -> Settlement:
        shop.queue.put(ACME, "files", kind=FILES)
        await sees(lambda: shop.queue.states()["files"] == "idle")
        return DONE

    shop.queue.put(ACME, "7")
    shop.story.acts["7"] = long_import
    await shop.run(until=lambda: "7" in shop.queue.settled)
    assert list(shop.queue.settled) == ["files", "7"]
    assert shop.opened == [1]


async def test_slow_files_delay_no_import_and_no_push() -> None:
    shop = Shop()

    async def slow() -> Settlement:
        for key, kind in (("7", JobKind.IMPORT_TICKET), ("8", PUSH), ("9", JobKind.IMPORT_TICKET)):
            shop.queue.put(ACME, key, kind=kind)
            await sees(lambda key=key: shop.queue.states()[key] == "idle")  # type: ignore[misc]  # a loop's own value
        return DONE

    shop.queue.put(ACME, "files", kind=FILES)
    shop.story.acts["files"] = slow
    await shop.run(until=lambda: "files" in shop.queue.settled)
    assert list(shop.queue.settled) == ["7", "8", "9", "files"]


async def test_one_job_runs_aside_at_a_time() -> None:
    shop = Shop()
    running, most = 0, 0

    async def busy() -> Settlement:
        nonlocal running, most
        running, most = running + 1, max(most, running + 1)
        await shop.clock.sleep(0)
        running -= 1
        return DONE

    shop.queue.put(ACME, "a", "b", "c", kind=FILES)
    shop.queue.put(ACME, "all", kind=SWEEP)
    shop.story.acts = dict.fromkeys(("a", "b", "c", "all"), busy)
    await shop.run(until=lambda: len(shop.queue.settled) == 4)
    assert (most, set(shop.queue.states().values())) == (1, {"idle"})


async def test_files_over_the_limit_wait_for_it_and_free_their_place() -> None:
    shop = Shop()
    until = shop.clock.now() + timedelta(minutes=5)
    shop.queue.put(ACME, "big", "small", kind=FILES)
    shop.story.fail("big", Throttled("The hour's bytes are used up.", until=until), times=1)
    await shop.run(until=lambda: len(shop.queue.settled) == 2)
    assert shop.queue.settled["big"] == [Postponed(until, "limit_reached", "The hour's bytes are used up.")]
    assert shop.queue.settled["small"] == [DONE]
    await shop.run(until=lambda: shop.queue.states()["big"] == "idle")
    assert timedelta(0) <= shop.clock.now() - until < timedelta(seconds=5)


async def test_an_account_is_kept_while_only_files_are_at_work() -> None:
    shop = Shop()
    shop.queue.put(ACME, "files", kind=FILES)

    async def slow() -> Settlement:
        await sees(lambda: shop.clock.boot_s() > 300)
        return DONE

    shop.story.acts["files"] = slow
    await shop.host(until=lambda: False)
    assert (shop.queue.settled, shop.hosting.released) == ({"files": [DONE]}, [AccountId(1)])


@pytest.mark.parametrize("where", ["read", "pass"])
async def test_a_crash_aside_is_recorded_and_charged_and_the_others_go_on(where: str) -> None:
    shop = Shop()
    shop.queue.put(ACME, "bad", "good", kind=FILES)
    shop.queue.put(ACME, "7")
    crash = ZeroDivisionError("ours")
    if where == "read":
        shop.story.unreadable = lambda jobs: crash if jobs[0].key == "bad" else None
    else:
        shop.story.fail("bad", crash)
    await shop.run(until=lambda: len(shop.queue.settled) == 3)
    settlement = shop.queue.settled["bad"][0]
    assert isinstance(settlement, Postponed)
    assert (settlement.code, settlement.burns) == ("internal_error", True)
    assert (shop.queue.settled["good"], shop.queue.settled["7"]) == ([DONE], [DONE])


async def test_a_vendor_found_down_by_both_is_probed_once_and_pauses_both() -> None:
    shop = Shop()
    shop.trouble = DOWN
    shop.queue.put(ACME, "a", "b", kind=FILES)
    shop.queue.put(ACME, "7")

    async def fail_together() -> Settlement:
        await sees(lambda: {"a", "7"} <= set(shop.story.begun))
        raise DOWN

    shop.story.acts = {"a": fail_together, "7": fail_together}
    await shop.run(4)
    assert (len(shop.probed_at_s), shop.queue.paused) == (1, [(ACME, "vendor_down", 5.0)])
    assert set(shop.story.begun) == {"a", "7"}
    assert {row.job.attempts for row in shop.queue.rows.values()} == {0}
    assert len(shop.mail.subjects) == 1


async def test_refused_credentials_are_not_tried_again_by_the_other_line() -> None:
    shop = Shop()
    shop.trouble = shop.unopenable = Refused("wrong secret")
    shop.turns_to_open = 5
    shop.queue.put(ACME, "files", kind=FILES)
    shop.queue.put(ACME, "7")
    await shop.run(10)
    assert (len(shop.opened), len(shop.queue.paused), shop.probed_at_s) == (1, 1, [])
    assert set(shop.queue.states().values()) == {"queued"}


@pytest.mark.parametrize("change", [{"version": 2}, {"state": ConnectionState.PAUSED}])
async def test_a_changed_connection_is_left_only_after_the_files_at_work(change: dict[str, object]) -> None:
    shop = Shop()
    closed_at_end: list[int] = []

    async def changed() -> Settlement:
        shop.connections.change(ACME, **change)
        for _ in range(50):
            await shop.clock.sleep(0)
        closed_at_end.extend(shop.closed)
        return DONE

    shop.queue.put(ACME, "a", "b", kind=FILES)
    shop.story.acts["a"] = changed
    await shop.run(until=lambda: bool(shop.closed) and ("state" in change or "b" in shop.queue.settled))
    assert (closed_at_end, shop.queue.settled["a"]) == ([], [DONE])
    assert shop.opened == ([1] if "state" in change else [1, 2])


async def test_a_pause_by_a_vendor_that_is_down_waits_for_the_files_at_work() -> None:
    shop = Shop()
    shop.trouble = DOWN
    files = slow_files(shop)
    shop.queue.put(ACME, "later", kind=FILES)
    shop.queue.put(ACME, "7")
    shop.story.acts["7"] = after(files.begun, fail)

    def paused() -> bool:
        if shop.queue.paused and not files.may_end.is_set():
            assert shop.closed == []
            files.may_end.set()
        return "files" in shop.queue.settled and bool(shop.closed)

    await shop.run(until=paused)
    assert shop.queue.settled["files"] == [DONE]
    assert shop.queue.states()["later"] == "queued"


async def test_files_that_take_longer_than_a_write_hold_no_change_up_and_begin_again() -> None:
    shop = Shop()
    shop.grace_s = 0.01
    files = slow_files(shop)

    async def applied() -> Settlement:
        shop.connections.change(ACME, version=2)
        shop.queue.put(ACME, "8")
        return DONE

    async def let() -> Settlement:
        files.may_end.set()
        return DONE

    shop.queue.put(ACME, "7")
    shop.story.acts = shop.story.acts | {"7": after(files.begun, applied), "8": let}
    await shop.run(until=lambda: {"8", "files"} <= set(shop.queue.settled))
    assert (files.was_cut_off, files.times) == (True, 2)
    assert (shop.opened, shop.queue.settled["files"]) == ([1, 2], [DONE])


async def test_a_person_s_change_reaches_a_long_batch_from_the_line_beside_it() -> None:
    shop = Shop()

    async def changed() -> Settlement:
        shop.connections.change(ACME, state=ConnectionState.PAUSED)
        for _ in range(50):
            await shop.clock.sleep(0)
        return DONE

    shop.queue.put(ACME, *map(str, range(30)))
    shop.story.acts = {str(key): changed for key in range(30)}
    await shop.run(60)
    states = list(shop.queue.states().values())
    assert (states.count("idle"), states.count("queued")) == (8, 22)


@pytest.mark.parametrize("loser", ["files", "7"])
async def test_a_lease_lost_by_one_line_ends_the_other_at_once(loser: str) -> None:
    shop = Shop()
    other = Slow()

    async def lose() -> Settlement:
        await other.begun.wait()
        shop.queue.epoch = Epoch(2)
        raise LeaseLost("Another worker serves this account now.")

    shop.queue.put(ACME, "files", kind=FILES)
    shop.queue.put(ACME, "7")
    shop.story.acts = {"files": other.act, "7": other.act, loser: lose}
    await shop.run(600)
    assert (shop.hosted.lost, other.was_cut_off, shop.queue.settled) == (True, True, {})


async def test_a_lease_lost_to_the_heartbeat_ends_the_files_at_work() -> None:
    shop = Shop()
    files = slow_files(shop)

    async def lose() -> Settlement:
        shop.hosted.lost = True
        return DONE

    shop.queue.put(ACME, "7")
    shop.story.acts["7"] = after(files.begun, lose)
    await shop.host(until=lambda: False)
    assert (files.was_cut_off, "files" in shop.queue.settled) == (True, False)


async def test_a_database_that_is_away_aside_ends_the_lane_and_blames_no_vendor() -> None:
    shop = Shop()
    beginning = Slow()

    async def away() -> Settlement:
        await beginning.begun.wait()
        asyncio.get_running_loop().call_soon(beginning.may_end.set)
        raise DatabaseAway("the database is away")

    shop.queue.put(ACME, "files", kind=FILES)
    shop.queue.put(ACME, "7")
    shop.story.acts = {"files": away, "7": beginning.act}
    with pytest.raises(DatabaseAway):
        await shop.run(600)
    assert (shop.queue.paused, shop.probed_at_s) == ([], [])
    assert (shop.queue.settled, shop.closed) == ({"7": [DONE]}, [1])
    assert shop.clock.boot_s() < 600


async def test_a_stop_lets_the_files_at_work_end_and_takes_no_more() -> None:
    shop = Shop()
    files = slow_files(shop)
    shop.queue.put(ACME, "later", kind=FILES)

    def stopping() -> bool:
        if files.begun.is_set():
            asyncio.get_running_loop().call_soon(files.may_end.set)
        return files.begun.is_set()

    await shop.run(until=stopping)
    assert (shop.queue.settled, shop.queue.states()["later"]) == ({"files": [DONE]}, "queued")


async def test_a_stop_hands_the_account_back_though_the_files_at_work_take_long() -> None:
    shop = Shop()
    shop.grace_s = 0.01
    files = slow_files(shop)
    await shop.host(until=files.begun.is_set)
    assert (files.was_cut_off, shop.hosting.released) == (True, [AccountId(1)])
    assert shop.queue.settled == {}
