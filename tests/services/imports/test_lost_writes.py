"""Writes that fail, and writes whose answer is lost: never a second work order, never a lost change."""

from datetime import timedelta
from typing import Any

import pytest

from app.core.model.failure import Gone, LeaseLost, NotSent, Refused, Rejected, Throttled, Transient, Unknown
from app.core.model.outcome import Postponed, Result
from tests.fakes.clock import NOON
from tests.fakes.vendors import Fault
from tests.services.imports.import_kit import DISPATCH, HORIZON, NEW, Bench, codes

LOST = Unknown("no answer came")
LATER = NOON + timedelta(minutes=5)


async def with_lost_create(at: Any = "answer", **settings: Any) -> Bench:
    bench = Bench(settings)
    bench.ticket(status=DISPATCH)
    bench.fails("create", Fault(LOST, at))
    assert await bench.run() is LOST
    assert bench.entries == {"work_order": "open"}
    return bench


async def test_within_the_horizon_of_a_lost_answer_nothing_is_sent_and_the_job_waits() -> None:
    bench = await with_lost_create()
    bench.clock.move(HORIZON.total_seconds() - 1)
    postponed = await bench.run()
    assert isinstance(postponed, Postponed)
    assert (postponed.due_at, postponed.code, postponed.burns) == (NOON + HORIZON, "answer_lost", False)
    assert (bench.orders.lists, bench.orders.writes) == (0, ["create"])


async def test_a_lost_create_that_is_found_once_is_linked_and_goes_on_from_there() -> None:
    bench = await with_lost_create()
    bench.past_horizon()
    settled = await bench.run()
    assert settled.result is Result.WRITTEN
    assert bench.orders.writes == ["create", "publish"]
    assert bench.link.work_order_id == 70
    assert (await bench.run()).result is Result.UNCHANGED


async def test_a_lost_create_that_never_happened_is_made_again() -> None:
    bench = await with_lost_create("sent")
    bench.past_horizon()
    assert (await bench.run()).result is Result.WRITTEN
    assert (bench.orders.writes, len(bench.orders.orders)) == (["create", "create", "publish"], 1)


async def test_a_lost_create_that_is_found_twice_is_left_to_a_person_with_both_ids() -> None:
    bench = await with_lost_create()
    bench.orders.orders[71] = {**bench.orders.orders[70], "id": 71}
    bench.past_horizon()
    for _ in range(2):
        settled = await bench.run()
        assert (settled.result, settled.code) == (Result.SKIPPED, "quarantined")
        assert all(id in settled.findings[-1].text for id in ("70", "71"))
    assert (bench.entries, bench.orders.writes) == ({"work_order": "quarantined"}, ["create"])


async def test_a_lost_create_without_its_mark_is_recognised_by_its_content() -> None:
    bench = await with_lost_create()
    bench.orders.orders[70]["incident_id"] = ""
    bench.past_horizon()
    assert (await bench.run()).result is Result.WRITTEN
    assert bench.link.work_order_id == 70


async def test_a_work_order_of_that_title_from_long_before_is_not_taken_for_a_lost_create() -> None:
    bench = await with_lost_create("sent")
    bench.orders.orders[50] = {
        "id": 50,
        "title": "Printer",
        "status": {"id": 2},
        "milestones": {"created": {"utc": "2026-03-04 08:00:00"}},
    }
    bench.past_horizon()
    await bench.run()
    assert bench.link.work_order_id == 51


async def test_what_the_ticket_changed_while_the_create_s_answer_was_lost_is_written() -> None:
    bench = await with_lost_create()
    bench.tickets.records["Tickets"][0]["description"] = "newer"
    bench.past_horizon()
    await bench.run()
    assert bench.orders.writes == ["create", "update", "publish"]
    assert bench.orders.orders[70]["description"] == {"html": "newer"}


async def test_a_lost_create_is_resolved_even_when_the_ticket_was_completed_meanwhile() -> None:
    bench = await with_lost_create()
    bench.tickets.records["Tickets"][0]["status"] = 5
    bench.past_horizon()
    await bench.run()
    assert bench.link.work_order_id == 70
    assert bench.entries["work_order"] == "written"


async def test_one_list_resolves_all_lost_creates_of_a_batch() -> None:
    bench = Bench()
    for id in (7, 8, 9):
        bench.ticket(id)
    bench.fails("create", *[Fault(LOST, "answer")] * 3)
    await bench.passes(7, 8, 9)
    bench.past_horizon()
    assert [one.result for one in await bench.passes(7, 8, 9)] == [Result.WRITTEN] * 3
    assert (bench.orders.lists, bench.orders.writes) == (1, ["create"] * 3)


async def test_a_dry_run_over_a_lost_create_resolves_nothing() -> None:
    bench = await with_lost_create()
    bench.past_horizon()
    preview = await bench.preview()
    assert (preview.is_empty, bench.entries, bench.link) == (True, {"work_order": "open"}, None)
    assert preview.left_out


async def with_lost_update(at: Any) -> Bench:
    bench = Bench()
    ticket = bench.ticket()
    await bench.run()
    ticket["description"] = "new"
    bench.fails("update", Fault(LOST, at))
    assert await bench.run() is LOST
    bench.past_horizon()
    return bench


async def test_a_lost_update_that_landed_is_not_sent_again() -> None:
    bench = await with_lost_update("answer")
    settled = await bench.run()
    assert (bench.orders.writes, bench.entries["work_order_fields"]) == (["create", "update"], "written")
    assert "changed_meanwhile" not in codes(settled)


async def test_a_lost_update_that_never_landed_is_sent_again() -> None:
    bench = await with_lost_update("sent")
    assert (await bench.run()).result is Result.WRITTEN
    assert bench.orders.writes == ["create", "update", "update"]
    assert bench.orders.orders[70]["description"] == {"html": "new"}


async def test_a_field_that_somebody_changed_while_the_answer_was_lost_gives_a_finding() -> None:
    bench = await with_lost_update("sent")
    bench.orders.orders[70]["description"] = {"html": "somebody's"}
    settled = await bench.run()
    assert "changed_meanwhile" in codes(settled)
    assert "both_sides_changed" in codes(settled)


@pytest.mark.parametrize(("at", "writes"), [("answer", ["publish"]), ("sent", ["publish", "publish"])])
async def test_a_lost_publish_is_looked_up_before_it_is_done_again(at: Any, writes: list[str]) -> None:
    bench = Bench()
    bench.ticket(status=DISPATCH)
    bench.fails("publish", Fault(LOST, at))
    assert await bench.run() is LOST
    assert bench.link is not None
    bench.past_horizon()
    await bench.run()
    assert bench.orders.writes == ["create", *writes]
    assert bench.orders.orders[70]["status"]["id"] == 2


async def test_a_create_that_the_vendor_refuses_is_dead_with_its_code_and_a_rejected_entry() -> None:
    bench = Bench()
    bench.ticket()
    bench.fails("create", Fault(Rejected("invalid_state", "State must have two letters", field="location.state")))
    settled = await bench.run()
    assert (settled.result, settled.code) == (Result.DEAD, "invalid_state")
    assert (settled.findings[-1].code, settled.findings[-1].field) == ("invalid_state", "location.state")
    assert (bench.entries, bench.link) == ({"work_order": "rejected"}, None)


async def test_what_could_not_be_mapped_is_said_beside_the_refusal_that_it_led_to() -> None:
    bench = Bench()
    bench.ticket(status=NEW)
    bench.fails("create", Fault(Rejected("invalid_state", "no")))
    assert codes(await bench.run()) == ["mapping_no_match", "invalid_state"]


async def test_a_lost_create_of_a_ticket_that_was_paired_by_hand_meanwhile_is_left_to_a_person() -> None:
    bench = await with_lost_create()
    bench.orders.orders[50] = {"id": 50, "title": "By hand", "status": {"id": 2}}
    bench.pair(7, 50)
    bench.past_horizon()
    settled = await bench.run()
    assert (settled.code, bench.entries) == ("quarantined", {"work_order": "quarantined"})
    assert "70" in settled.findings[-1].text


async def test_a_create_that_never_happened_leaves_a_pair_made_by_hand_alone() -> None:
    bench = await with_lost_create("sent")
    bench.orders.orders[50] = {"id": 50, "title": "By hand", "status": {"id": 2}}
    bench.pair(7, 50)
    bench.past_horizon()
    assert (await bench.run()).result is Result.UNCHANGED
    assert bench.entries == {"work_order": "void"}


async def test_a_create_that_was_refused_is_tried_again_when_it_is_asked_for_again() -> None:
    bench = Bench()
    bench.ticket()
    bench.fails("create", Fault(Rejected("invalid_state", "no")))
    await bench.run()
    assert (await bench.run()).result is Result.WRITTEN
    assert bench.entries == {"work_order": "written"}


@pytest.mark.parametrize("failure", [Throttled("full", until=LATER), NotSent("too late"), Refused("who?")])
async def test_a_write_that_waits_for_its_turn_and_is_turned_away_has_opened_nothing(failure: Exception) -> None:
    bench = Bench()
    bench.ticket()
    bench.fails("create", Fault(failure, "turn"))
    await bench.run()
    assert bench.entries == {}
    assert (await bench.run()).result is Result.WRITTEN


@pytest.mark.parametrize(
    "failure", [Throttled("full", until=LATER), NotSent("too late"), Refused("who?"), Gone("no such thing")]
)
async def test_a_write_that_is_certain_not_to_have_happened_leaves_no_open_entry(failure: Exception) -> None:
    bench = Bench()
    bench.ticket()
    bench.fails("create", Fault(failure))
    await bench.run()
    assert bench.entries == {"work_order": "void"}
    assert (await bench.run()).result is Result.WRITTEN
    assert len(bench.orders.orders) == 1


async def test_a_write_that_never_left_is_tried_again_like_any_trouble_of_the_network() -> None:
    bench = Bench()
    bench.ticket()
    bench.fails("create", Fault(NotSent("too late")))
    assert isinstance(await bench.run(), Transient)


@pytest.mark.parametrize("failure", [LOST, Transient("an unclear 500"), ValueError("our own fault")])
async def test_a_write_that_may_have_happened_stays_open_whatever_the_failure(failure: Exception) -> None:
    bench = Bench()
    bench.ticket()
    bench.fails("create", Fault(failure, "answer"))
    await bench.run()
    assert bench.entries == {"work_order": "open"}
    bench.past_horizon()
    await bench.run()
    assert len(bench.orders.orders) == 1


async def test_a_refused_repair_keeps_the_pair_that_was_made() -> None:
    bench = Bench()
    bench.ticket(status=NEW)
    bench.orders.drops = frozenset({"location"})
    bench.fails("update", Fault(Rejected("invalid_state", "no")))
    await bench.run()
    assert (bench.link.work_order_id, bench.entries["work_order_fields"]) == (70, "rejected")
    await bench.run()
    assert bench.orders.orders[70]["location"]["display_name"] == "Acme"
    assert len(bench.orders.orders) == 1


async def test_a_zombie_writes_nothing() -> None:
    bench = Bench()
    bench.ticket()
    bench.ledger.epoch += 1
    assert isinstance(await bench.run(), LeaseLost)
    assert (bench.orders.orders, bench.ledger.kept) == ({}, {})
