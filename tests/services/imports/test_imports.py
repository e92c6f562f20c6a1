"""Imports of tickets that go well, are left out, or are held."""

from typing import Any

import pytest

from app.core.model.outcome import Moved, Result, Settled
from tests.services.imports.import_kit import COMPLETE, DISPATCH, NEW, RULES, Bench, codes


async def test_a_ticket_becomes_one_work_order_that_is_linked_and_published() -> None:
    bench = Bench()
    bench.ticket(status=DISPATCH)
    settled = await bench.run()
    assert (settled.result, settled.findings) == (Result.WRITTEN, ())
    (order,) = bench.orders.orders.values()
    assert (order["title"], order["incident_id"], order["status"]["id"]) == ("Printer", "T20260304.0007", 2)
    assert order["location"]["display_name"] == "Acme"
    assert bench.link.work_order_id == order["id"]
    assert bench.entries == {"work_order": "written", "work_order_action": "written"}


async def test_a_second_pass_finds_nothing_to_do() -> None:
    bench = Bench()
    bench.ticket(status=DISPATCH)
    await bench.run()
    before = list(bench.orders.writes)
    settled = await bench.run()
    assert (settled.result, bench.orders.writes) == (Result.UNCHANGED, before)


async def test_a_changed_field_is_written_and_known_afterwards() -> None:
    bench = Bench()
    ticket = bench.ticket()
    await bench.run()
    ticket["description"] = "other"
    assert (await bench.run()).result is Result.WRITTEN
    assert bench.orders.orders[70]["description"] == {"html": "other"}
    assert (await bench.run()).result is Result.UNCHANGED


async def test_what_the_vendor_dropped_is_repaired_once() -> None:
    bench = Bench(rules=[*RULES, {"source": "DueDateTime", "target": "time_window.end", "action": "sync"}])
    bench.ticket(dueDateTime="2026-03-05T18:00:00Z")
    bench.orders.drops = frozenset({"schedule", "location"})
    settled = await bench.run()
    assert bench.orders.writes == ["create", "update", "set_schedule"]
    assert "value_not_taken" not in codes(settled)
    assert (await bench.run()).result is Result.UNCHANGED


async def test_the_company_s_field_for_ticket_numbers_gets_the_mark_and_later_creates_carry_it() -> None:
    bench = Bench()
    bench.orders.internal = "88"
    bench.ticket(7)
    bench.ticket(8)
    await bench.run(7)
    assert bench.orders.writes == ["create", "set_custom_field"]
    await bench.run(8)
    assert bench.orders.writes == ["create", "set_custom_field", "create"]
    assert [order["custom_fields"]["internal"]["value"] for order in bench.orders.orders.values()] == [
        "T20260304.0007",
        "T20260304.0008",
    ]


async def test_a_ticket_that_is_not_there_is_left_out_with_a_finding() -> None:
    settled = await Bench().run()
    assert (settled.result, settled.code, codes(settled)) == (Result.SKIPPED, "ticket_not_found", ["ticket_not_found"])


async def test_a_completed_ticket_is_left_out_with_its_status_in_the_finding() -> None:
    bench = Bench()
    bench.ticket(status=COMPLETE)
    settled = await bench.run()
    assert (settled.result, settled.code) == (Result.SKIPPED, "status_excluded")
    assert "Complete" in settled.findings[-1].text
    assert bench.orders.writes == []


async def test_a_completed_ticket_that_has_a_work_order_is_still_kept_in_step() -> None:
    bench = Bench()
    ticket = bench.ticket()
    await bench.run()
    ticket |= {"status": COMPLETE, "title": "Printer done"}
    assert (await bench.run()).result is Result.WRITTEN


@pytest.mark.parametrize("named", ["Complete", " complete ", 5, "5"])
async def test_an_excluded_status_is_named_by_label_or_id(named: Any) -> None:
    bench = Bench({"excluded_statuses": [named]})
    bench.ticket(status=COMPLETE)
    assert (await bench.run()).code == "status_excluded"


@pytest.mark.parametrize("mode", ["shadow", "approve"])
async def test_a_mode_that_holds_writes_nothing_and_says_what_it_would(mode: str) -> None:
    bench = Bench({"mode": mode})
    bench.ticket(status=DISPATCH)
    settled = await bench.run()
    assert (settled.result, settled.code) == (Result.PLANNED, "held_by_mode")
    assert "create work_order" in settled.text
    assert "title" in settled.text
    assert "publish" in settled.text
    assert (bench.orders.writes, bench.ledger.kept, bench.ledger.links) == ([], {}, [])


async def test_a_held_update_leaves_what_is_known_as_it_was() -> None:
    bench = Bench({"mode": {"work_orders": "shadow"}})
    bench.pair(7, 70)
    bench.orders.orders[70] = {"id": 70, "title": "Printer", "status": {"id": 1}}
    ticket = bench.ticket()
    assert (await bench.run()).result is Result.UNCHANGED
    known = bench.link.known
    ticket["title"] = "Other"
    assert (await bench.run()).result is Result.PLANNED
    assert bench.link.known == known


async def test_a_dry_run_says_what_a_trigger_would_write_and_touches_nothing() -> None:
    bench = Bench()
    bench.ticket(status=DISPATCH)
    preview = await bench.preview()
    assert [intent.verb for intent in preview.intents] == ["create", "publish"]
    assert (bench.orders.writes, bench.ledger.kept, bench.ledger.links) == ([], {}, [])


async def test_a_dry_run_of_a_pair_in_step_is_empty_and_of_a_left_out_ticket_says_why() -> None:
    bench = Bench()
    bench.ticket(7)
    bench.ticket(8, status=COMPLETE)
    await bench.run(7)
    before = (list(bench.orders.writes), dict(bench.ledger.kept), list(bench.ledger.links))
    assert (await bench.preview(7)).is_empty
    assert "Complete" in (await bench.preview(8)).left_out
    assert (bench.orders.writes, bench.ledger.kept, bench.ledger.links) == before


async def test_a_dry_run_of_a_cancelled_pair_ends_no_link() -> None:
    bench = Bench({"redispatch": True})
    bench.ticket()
    await bench.run()
    bench.orders.orders[70]["status"] = {"id": 7}
    preview = await bench.preview()
    assert [intent.verb for intent in preview.intents] == ["create"]
    assert bench.link is not None


async def test_a_work_order_that_is_gone_is_left_out_with_a_finding() -> None:
    bench = Bench()
    bench.ticket()
    await bench.run()
    del bench.orders.orders[70]
    settled = await bench.run()
    assert (settled.result, settled.code) == (Result.SKIPPED, "work_order_gone")
    assert bench.orders.writes == ["create"]


async def cancelled(**settings: Any) -> Bench:
    bench = Bench(settings)
    bench.ticket()
    await bench.run()
    bench.orders.orders[70]["status"] = {"id": 7}
    return bench


async def test_a_cancelled_work_order_frees_its_ticket_and_nothing_new_is_made_unasked() -> None:
    bench = await cancelled()
    for _ in range(2):
        settled = await bench.run()
        assert (settled.result, settled.code) == (Result.SKIPPED, "work_order_cancelled")
    assert bench.link is None
    assert len(bench.orders.orders) == 1


async def test_a_person_who_asks_for_a_new_work_order_gets_one() -> None:
    bench = await cancelled()
    assert (await bench.run(new=True)).result is Result.WRITTEN
    assert bench.link.work_order_id == 71
    assert (await bench.run(new=True)).result is Result.UNCHANGED


async def test_with_redispatch_a_trigger_for_a_cancelled_work_order_makes_a_new_one() -> None:
    bench = await cancelled(redispatch=True)
    assert (await bench.run()).result is Result.WRITTEN
    assert bench.link.work_order_id == 71


async def test_a_completed_ticket_is_not_redispatched() -> None:
    bench = await cancelled(redispatch=True)
    bench.tickets.records["Tickets"][0]["status"] = COMPLETE
    assert (await bench.run()).code == "status_excluded"


async def test_a_pair_that_a_person_took_apart_stays_apart() -> None:
    bench = Bench()
    bench.ticket()
    await bench.run()
    bench.ledger.links.clear()
    settled = await bench.run()
    assert (settled.code, bench.orders.writes) == ("unlinked", ["create"])
    assert (await bench.run(new=True)).result is Result.WRITTEN


async def test_a_number_is_resolved_to_the_job_of_its_id() -> None:
    bench = Bench()
    bench.ticket(7)
    bench.ticket(8)
    first, second, nobody = await bench.resolved("T20260304.0007", "T20260304.0008", "T20260304.0009")
    assert (first, second) == (Moved("7"), Moved("8"))
    assert isinstance(nobody, Settled)
    assert (nobody.result, nobody.code, nobody.findings[0].record) == (
        Result.SKIPPED,
        "ticket_not_found",
        "ticket_number:T20260304.0009",
    )
    assert bench.tickets.queries == [("Tickets", "ticketNumber", 3)]


def existing(bench: Bench, id: int, mark: str) -> None:
    bench.orders.orders[id] = {"id": id, "title": "Printer", "incident_id": mark, "status": {"id": 2}}


async def test_the_one_work_order_that_another_connector_made_is_linked_and_not_written() -> None:
    bench = Bench({"look_for_existing": True})
    bench.ticket(status=NEW)
    existing(bench, 50, "T20260304.0007")
    existing(bench, 51, "T20260304.9999")
    settled = await bench.run()
    assert "found_existing" in codes(settled)
    assert (bench.link.work_order_id, bench.link.origin.value) == (50, "found")
    assert bench.orders.writes == []


async def test_two_work_orders_with_the_ticket_s_number_are_left_to_a_person() -> None:
    bench = Bench({"look_for_existing": True})
    bench.ticket()
    existing(bench, 50, "T20260304.0007")
    existing(bench, 51, "T20260304.0007")
    settled = await bench.run()
    assert (settled.code, bench.entries) == ("quarantined", {"work_order": "quarantined"})
    assert "50" in settled.findings[-1].text
    again = await bench.run()
    assert (again.code, bench.orders.writes) == ("quarantined", [])


async def test_a_work_order_that_another_ticket_is_linked_to_is_not_taken_away() -> None:
    bench = Bench({"look_for_existing": True})
    bench.ticket()
    existing(bench, 50, "T20260304.0007")
    bench.pair(9, 50)
    assert (await bench.run()).result is Result.WRITTEN
    assert bench.orders.writes == ["create"]


async def test_when_no_work_order_carries_the_number_one_is_made() -> None:
    bench = Bench({"look_for_existing": True})
    bench.ticket()
    assert (await bench.run()).result is Result.WRITTEN
    assert (bench.orders.lists, bench.orders.writes) == (1, ["create"])


async def test_a_dry_run_links_nothing_that_it_finds() -> None:
    bench = Bench({"look_for_existing": True})
    bench.ticket()
    existing(bench, 50, "T20260304.0007")
    preview = await bench.preview()
    assert (preview.is_empty, bench.ledger.kept, bench.link) == (True, {}, None)
    assert "1 work orders carry" in preview.left_out


async def test_a_look_is_one_list_for_a_whole_batch() -> None:
    bench = Bench({"look_for_existing": True})
    for id in range(20, 30):
        bench.ticket(id)
    await bench.passes(*range(20, 30))
    assert bench.orders.lists == 1


async def test_a_ticket_without_a_title_is_dead_with_a_finding() -> None:
    bench = Bench()
    bench.ticket(title="")
    settled = await bench.run()
    assert (settled.result, settled.code) == (Result.DEAD, "title_missing")
    assert bench.orders.writes == []
