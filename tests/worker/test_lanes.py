"""A lane: what it does when a vendor is down, when one record is bad, when it must stop, and when it was changed."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from app.core.model.connection import ConnectionState
from app.core.model.failure import Failure, LeaseLost, Refused, Rejected, Transient, Unknown
from app.core.model.ids import Epoch
from app.core.model.job import Job
from app.core.model.outcome import Postponed, Result, Settled, Settlement
from tests.worker.worker_kit import ACME, DONE, Shop

DOWN = Transient("no answer")


def last(shop: Shop, key: str) -> Any:
    return shop.queue.settled[key][-1]


async def test_jobs_are_taken_together_and_each_is_settled() -> None:
    shop = Shop()
    shop.queue.put(ACME, "7", "8", "9")
    await shop.run(2)
    assert shop.queue.taken == [["7", "8", "9"]]
    assert shop.queue.settled == {"7": [DONE], "8": [DONE], "9": [DONE]}


async def test_a_vendor_that_is_down_pauses_once_alerts_once_and_charges_no_job() -> None:
    shop = Shop()
    shop.trouble = DOWN
    shop.queue.put(ACME, *map(str, range(20)))
    for key in map(str, range(20)):
        shop.story.fail(key, DOWN)
    await shop.run(4)
    assert shop.queue.paused == [(ACME, "vendor_down", 5.0)]
    assert shop.mail.subjects == ["broker: connection acme is paused"]
    assert shop.desk.open == {"vendor_down": "connection"}
    assert set(shop.queue.states().values()) == {"queued"}
    assert {row.job.attempts for row in shop.queue.rows.values()} == {0}


async def test_one_probe_answers_for_all_passes_that_failed_together() -> None:
    shop = Shop()
    shop.trouble = DOWN
    shop.queue.put(ACME, "7", "8", "9")
    for key in ("7", "8", "9"):
        shop.story.fail(key, DOWN)
    await shop.run(2)
    assert len(shop.probed_at_s) == 1


async def test_a_good_probe_resumes_the_connection_and_its_jobs_go_on() -> None:
    shop = Shop()
    shop.trouble = DOWN
    shop.queue.put(ACME, "7")
    shop.story.fail("7", DOWN, times=1)
    await shop.run(3)
    shop.trouble = None
    await shop.run(until=lambda: shop.queue.states() == {"7": "idle"})
    assert (last(shop, "7"), shop.desk.open) == (DONE, {})
    assert shop.connections.rows[ACME].state is ConnectionState.ACTIVE
    assert len(shop.mail.subjects) == 1


async def test_probes_of_a_vendor_that_stays_down_come_at_growing_waits_and_alert_no_more() -> None:
    shop = Shop()
    shop.trouble = DOWN
    shop.queue.put(ACME, "7")
    shop.story.fail("7", DOWN)
    await shop.run(1200)
    first, *later = shop.probed_at_s
    waits = [after - before for before, after in zip(shop.probed_at_s, later, strict=False)]
    assert [round(wait) for wait in waits[:7]] == [5, 15, 30, 60, 120, 300, 300]
    assert first < 1
    assert len(shop.mail.subjects) == 1


async def test_refused_credentials_pause_at_once_and_are_tried_once_an_hour() -> None:
    shop = Shop()
    shop.trouble = Refused("wrong secret")
    shop.queue.put(ACME, "7")
    shop.story.fail("7", Refused("wrong secret"))
    await shop.run(3 * 3600 + 100)
    assert [round(at / 3600, 1) for at in shop.probed_at_s] == [1.0, 2.0, 3.0]
    assert {reason for _, reason, _ in shop.queue.paused} == {"credentials_refused"}
    assert shop.desk.open == {"credentials_refused": "connection"}
    assert len(shop.mail.subjects) == 1
    assert shop.story.begun == ["7"]


async def test_one_record_that_always_gets_an_unclear_answer_pauses_nobody_and_dies_after_six_attempts() -> None:
    shop = Shop()
    shop.queue.put(ACME, "7", "8")
    shop.story.fail("7", Transient("500, and nothing said"))
    await shop.run(until=lambda: shop.queue.states()["7"] == "dead")
    assert shop.story.begun.count("7") == 6
    assert (shop.queue.paused, shop.mail.subjects) == ([], [])
    assert shop.queue.settled["8"] == [DONE]
    assert [finding.code for finding in last(shop, "7").findings] == ["no_clear_answer"]
    assert 930 <= shop.clock.boot_s() <= 960


@pytest.mark.parametrize("failure", [Rejected("invalid", "no"), Unknown("lost")])
async def test_a_failure_that_says_something_about_the_record_asks_no_probe(failure: Failure) -> None:
    shop = Shop()
    shop.queue.put(ACME, "7")
    shop.story.fail("7", failure)
    await shop.run(2)
    assert shop.probed_at_s == []


async def test_a_crash_of_a_pass_is_recorded_and_charged_and_the_others_go_on() -> None:
    shop = Shop()
    shop.queue.put(ACME, "7", "8")
    shop.story.fail("7", ZeroDivisionError("ours"))
    await shop.run(2)
    settlement = shop.queue.settled["7"][0]
    assert isinstance(settlement, Postponed)
    assert (settlement.code, settlement.burns) == ("internal_error", True)
    assert "ZeroDivisionError" in settlement.text
    assert shop.queue.settled["8"] == [DONE]


@pytest.mark.parametrize("failure", [Transient("500"), ZeroDivisionError("ours")])
async def test_one_record_that_cannot_be_read_with_the_others_costs_nobody_else(failure: Exception) -> None:
    shop = Shop()
    shop.queue.put(ACME, *map(str, range(64)))
    shop.story.unreadable = lambda jobs: failure if any(job.key == "13" for job in jobs) else None
    await shop.run(until=lambda: len(shop.queue.settled) == 64)
    assert {key for key, state in shop.queue.states().items() if state == "queued"} == {"13"}
    assert isinstance(shop.queue.settled["13"][0], Postponed)
    assert len(shop.probed_at_s) <= 2


async def test_a_batch_that_cannot_be_read_since_the_vendor_is_down_is_not_charged() -> None:
    shop = Shop()
    shop.trouble = DOWN
    shop.queue.put(ACME, "7", "8")
    shop.story.unreadable = lambda jobs: DOWN
    await shop.run(2)
    assert {row.job.attempts for row in shop.queue.rows.values()} == {0}
    assert len(shop.queue.paused) == 1


async def test_a_connection_that_cannot_be_opened_is_paused_and_opened_again_by_a_probe() -> None:
    shop = Shop()
    shop.trouble = Refused("wrong secret")
    shop.queue.put(ACME, "7")
    shop.story.unreadable = lambda jobs: shop.trouble
    await shop.run(10)
    assert shop.closed == [1]
    shop.trouble = None
    await shop.run(until=lambda: shop.queue.states() == {"7": "idle"})
    assert shop.opened == [1, 1]


async def test_a_stop_lets_passes_in_flight_end_and_hands_the_rest_back() -> None:
    shop = Shop()
    stopping = asyncio.Event()

    async def slow() -> Settlement:
        stopping.set()
        return DONE

    shop.queue.put(ACME, *map(str, range(30)))
    shop.story.acts = {str(key): slow for key in range(30)}
    await shop.run(until=stopping.is_set)
    states = list(shop.queue.states().values())
    assert states.count("idle") == len(shop.story.begun) == len(shop.queue.settled)
    assert 0 < states.count("idle") <= 8
    assert states.count("running") == 0


async def test_jobs_taken_right_before_a_stop_are_handed_back_unread() -> None:
    shop = Shop()
    read: list[Sequence[Job]] = []
    shop.turns_to_open = 5
    shop.story.unreadable = read.append  # type: ignore[assignment]  # nothing is unreadable
    shop.queue.put(ACME, "7", "8")
    await shop.run(until=lambda: bool(shop.opened))
    assert (read, shop.queue.states()) == ([], {"7": "queued", "8": "queued"})


async def test_a_lost_lease_settles_nothing_and_starts_nothing() -> None:
    shop = Shop()

    async def lose() -> Settlement:
        shop.queue.epoch = Epoch(2)
        return DONE

    shop.queue.put(ACME, *map(str, range(30)))
    shop.story.acts = {"0": lose}
    with_trouble = shop.run(600)
    await with_trouble
    assert shop.hosted.lost
    assert shop.queue.settled == {}
    assert len(shop.queue.taken) == 1
    assert len(shop.story.begun) <= 8


@pytest.mark.parametrize("where", ["read", "pass"])
async def test_a_lane_whose_story_says_that_the_lease_is_lost_ends(where: str) -> None:
    shop = Shop()
    shop.queue.put(ACME, "7")
    if where == "read":
        shop.story.unreadable = lambda jobs: LeaseLost("gone")
    else:
        shop.story.fail("7", LeaseLost("gone"))
    await shop.run(600)
    assert (shop.hosted.lost, shop.queue.settled) == (True, {})


async def test_a_connection_that_was_applied_anew_is_opened_anew_before_its_next_pass() -> None:
    shop = Shop()

    async def applied() -> Settlement:
        shop.connections.change(ACME, version=2)
        shop.queue.put(ACME, "8")
        return DONE

    shop.queue.put(ACME, "7")
    shop.story.acts["7"] = applied
    await shop.run(until=lambda: "8" in shop.queue.settled)
    assert (shop.opened, shop.closed) == ([1, 2], [1, 2])


async def test_a_person_s_pause_holds_until_a_person_resumes() -> None:
    shop = Shop()
    shop.connections.change(ACME, state=ConnectionState.PAUSED)
    shop.queue.put(ACME, "7")
    await shop.run(7200)
    assert (shop.story.begun, shop.probed_at_s) == ([], [])
    shop.connections.change(ACME, state=ConnectionState.ACTIVE)
    await shop.run(3)
    assert shop.story.begun == ["7"]


async def test_an_archived_connection_ends_its_lane_and_takes_no_account_from_others() -> None:
    shop = Shop()
    shop.stop_at_s = 600

    async def archived() -> Settlement:
        del shop.connections.rows[ACME]
        return DONE

    shop.queue.put(ACME, "7")
    shop.story.acts["7"] = archived
    await shop.run(600)
    assert not shop.hosted.lost
    assert shop.clock.boot_s() < 600


async def test_a_batch_of_one_hundred_runs_at_most_eight_passes_at_once() -> None:
    shop = Shop()
    running, most = 0, 0

    async def busy() -> Settlement:
        nonlocal running, most
        running, most = running + 1, max(most, running + 1)
        await shop.clock.sleep(0)
        running -= 1
        return Settled(Result.UNCHANGED)

    shop.queue.put(ACME, *map(str, range(100)))
    shop.story.acts = {str(key): busy for key in range(100)}
    await shop.run(until=lambda: len(shop.queue.settled) == 100)
    assert (most, len(shop.queue.settled)) == (8, 100)
