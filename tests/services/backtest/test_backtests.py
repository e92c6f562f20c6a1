"""What a file that is not active would change, over the pairs of a connection."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.core.model.calls import Calls
from app.core.model.failure import Gone, NotSent, Refused, Rejected, Transient
from app.core.model.script import Ran
from app.core.planning.comparison import Example
from app.services.backtest import BacktestReport, newest
from tests.core.planning.ticket.ticket_kit import MONEY_SETTINGS, a_photo, expense, log, message
from tests.services.backtest.backtest_kit import NOTES, STATUS, TITLE, Shop, the_file

LOUD: dict[str, Any] = {
    "target": "title",
    "action": "concat",
    "parts": [{"type": "field", "value": "Title"}, {"type": "static", "value": "!"}],
}
FIXED_NOTES = {"target": "Resolution", "action": "set_static", "value": "Done."}


def fields(report: BacktestReport) -> dict[str, tuple[int, int, int, int]]:
    """Records, values gained, lost and changed, by field."""
    return {
        f"{one.entity}.{one.field}".rstrip("."): (one.records, one.gained, one.lost, one.changed)
        for one in report.fields
    }


async def test_a_file_with_the_same_mappings_differs_in_nothing() -> None:
    shop = Shop()
    shop.pair(7, 70)
    report = await shop.tested(the_file())
    assert (report.fields, report.new_findings, report.ended_findings, report.unread) == ((), (), (), ())
    assert (report.tickets, report.tickets_differing, report.work_orders, report.work_orders_differing) == (1, 0, 1, 0)


async def test_what_would_differ_at_work_orders_is_told_by_field_with_both_values() -> None:
    shop = Shop()
    shop.pair(7, 70, description="Jams")
    shop.pair(8, 80, description="")
    described = {"source": "Description", "target": "description", "action": "sync"}
    report = await shop.tested(the_file([LOUD, described]), "in")
    assert fields(report) == {"work_order.title": (2, 0, 0, 2), "work_order.description.html": (1, 1, 0, 0)}
    (title,) = [one for one in report.fields if one.field == "title"]
    assert title.examples == (
        Example("ticket 7 (T7)", "Printer 7", "Printer 7!"),
        Example("ticket 8 (T8)", "Printer 8", "Printer 8!"),
    )
    assert (report.tickets, report.tickets_differing, report.work_orders) == (2, 2, 0)


async def test_a_status_that_would_not_be_reached_any_more_is_shown_with_its_label() -> None:
    shop = Shop(the_file([TITLE, STATUS]))
    shop.pair(7, 70)
    report = await shop.tested(the_file([TITLE]), "in")
    assert fields(report) == {"work_order.status_id": (1, 0, 1, 0)}
    assert report.labels == {"work_order.status_id": {"2": "Published (2)"}}


async def test_related_records_are_read_for_both_and_seen_by_the_one_that_names_them() -> None:
    shop = Shop(the_file([TITLE, {"target": "description", "action": "custom", "script": "old"}]))
    shop.pair(7, 70, companyID=12)
    shop.tickets.records["Companies"] = [{"id": 12, "companyName": "Acme"}]
    shop.scripts.given = {"old": Ran("same"), "new": Ran("same")}
    named = {"source": "Account.AccountName", "target": "location.name", "action": "sync"}
    report = await shop.tested(the_file([TITLE, named, {"target": "description", "action": "custom", "script": "new"}]))
    assert fields(report) == {"work_order.location.display_name": (1, 1, 0, 0)}
    (old, _), (new, _) = shop.scripts.asked
    assert ("company" in old, "company" in new) == (False, True)
    assert [(entity, field) for entity, field, _ in shop.tickets.queries] == [("Tickets", "id"), ("Companies", "id")]


async def test_what_would_differ_at_tickets_is_told_for_fields_and_for_each_kind_of_item() -> None:
    shop = Shop()
    shop.pair(7, 70)
    shop.holds(70, time_logs=[log(312), log(313)], messages=[message()], expenses=[expense()])
    time_entries = {"resource_id": 99, "role_id": 29683354, "id_field": "summaryNotes"}
    report = await shop.tested(the_file(outbound=[FIXED_NOTES], time_entries=time_entries), "out")
    assert fields(report) == {
        "Tickets.resolution": (1, 0, 0, 1),
        "TimeEntries.resourceID": (1, 0, 0, 2),
        "TimeEntries.internalNotes": (1, 0, 2, 0),
        "TimeEntries.summaryNotes": (1, 0, 0, 2),
    }
    examples = next(one for one in report.fields if one.field == "resourceID").examples
    assert examples[0] == Example("work order 70, time log 312", 29682885, 99)


async def test_an_item_that_goes_elsewhere_is_lost_there_and_gained_here() -> None:
    shop = Shop()
    shop.pair(7, 70)
    shop.holds(70, expenses=[expense()])
    report = await shop.tested(the_file(expenses={**MONEY_SETTINGS, "additional_charges": "charge"}), "out")
    assert fields(report) == {"ExpenseItems": (1, 0, 1, 0), "TicketCharges": (1, 1, 0, 0)}


async def test_whose_expense_it_would_be_is_a_difference_although_no_field_of_the_item_says_it() -> None:
    shop = Shop()
    shop.pair(7, 70)
    shop.holds(70, expenses=[expense()])
    other = {"submitter_id": 5, "expense_category": 2, "payment_type": 1, "week_ends_on": "friday"}
    report = await shop.tested(the_file(expenses=other), "out")
    assert fields(report) == {
        "ExpenseItems.ExpenseReports.submitterID": (1, 0, 0, 1),
        "ExpenseItems.ExpenseReports.weekEnding": (1, 0, 0, 1),
    }


async def test_files_count_for_the_file_that_sends_them() -> None:
    shop = Shop()
    shop.pair(7, 70)
    folder = {"id": 12, "metadata": {"total": 1}, "results": [a_photo()]}
    shop.holds(70, attachments=[folder])
    report = await shop.tested(the_file(attachments={"enabled": True}), "out")
    assert fields(report) == {"TicketAttachments": (1, 1, 0, 0)}
    (example,) = report.fields[0].examples
    assert "ups.jpg" in example.record


async def test_what_was_sent_already_is_compared_like_everything_else() -> None:
    """The question is what the file makes of these work orders, not what it would write now."""
    shop = Shop()
    shop.pair(7, 70)
    shop.holds(70, time_logs=[log(312)])
    held = {"resource_id": 29682885, "role_id": 29683354, "send": "approved"}
    report = await shop.tested(the_file(time_entries=held), "out")
    assert fields(report) == {"TimeEntries": (1, 0, 1, 0)}


async def test_findings_that_the_file_causes_and_ends_are_told_by_cause() -> None:
    mapped: dict[str, Any] = {"source": "Status", "target": "title", "action": "array_map", "default": "x"}
    shop = Shop(the_file([{**mapped, "mappings": [{"compare": 1, "value": "New"}]}]))
    shop.pair(7, 70)
    shop.pair(8, 80)
    shop.holds(80, time_logs=[log(312)])
    gap = {key: value for key, value in mapped.items() if key != "default"}
    without = the_file([{**gap, "mappings": [{"compare": 1, "value": "New"}]}], time_entries={})
    report = await shop.tested(without)
    causes = {(one.way, one.code, one.field): (one.records, one.record) for one in report.new_findings}
    assert causes[("in", "mapping_no_match", "status")] == (2, "ticket 7 (T7)")
    assert causes[("out", "item_incomplete", "time_entry")] == (1, "work order 80")
    assert report.ended_findings == ()
    shop.connection = Shop(without).connection
    back = await shop.tested(the_file([{**mapped, "mappings": [{"compare": 1, "value": "New"}]}]))
    assert {one.code for one in back.ended_findings} >= {"mapping_no_match", "item_incomplete"}


async def test_what_is_wrong_with_the_file_s_own_rules_is_told_and_the_others_are_compared() -> None:
    shop = Shop()
    shop.pair(7, 70)
    misspelt = {"source": "Titel", "target": "description", "action": "sync"}
    report = await shop.tested(the_file([LOUD, misspelt, {"target": "title", "action": "syncc"}]), "in")
    assert {one.code for one in report.faults} >= {"mapping_unknown_field", "mapping_unknown_action"}
    assert fields(report) == {"work_order.title": (1, 0, 0, 1)}


async def test_what_is_as_doubtful_under_the_active_file_is_no_news() -> None:
    doubtful, misspelt = STATUS, {"source": "Titel", "target": "description", "action": "sync"}
    shop = Shop(the_file([TITLE, doubtful, misspelt]))
    shop.pair(7, 70)
    report = await shop.tested(the_file([doubtful, TITLE, misspelt]), "in")
    assert [one.code for one in report.faults] == ["mapping_unknown_field"]


async def test_a_record_that_cannot_be_read_is_a_line_and_not_the_end() -> None:
    shop = Shop()
    for ticket, order in ((7, 70), (8, 80), (9, 90), (10, 100)):
        shop.pair(ticket, order)
    shop.tickets.records["Tickets"] = [row for row in shop.tickets.records["Tickets"] if row["id"] != 8]
    shop.orders.failing = {70: Gone("deleted"), 80: Transient("away"), 90: NotSent("used up")}
    report = await shop.tested(the_file([LOUD], [FIXED_NOTES]))
    assert {one.record: one.text for one in report.unread} == {
        "ticket 8 (T8)": "Autotask has no such ticket, or the API user may not see it.",
        "work order 70": "deleted",
        "work order 80": "away",
        "work order 90": "used up",
    }
    assert (report.tickets, report.work_orders) == (3, 1)
    assert fields(report) == {"work_order.title": (3, 0, 0, 3), "Tickets.resolution": (1, 0, 0, 1)}


async def test_tickets_that_cannot_be_queried_leave_the_work_orders_alone() -> None:
    shop = Shop()
    shop.pair(7, 70)
    shop.tickets.trouble = Transient("Autotask is away")
    report = await shop.tested(the_file())
    assert [(one.record, one.text) for one in report.unread] == [("ticket 7 (T7)", "Autotask is away")]
    assert report.work_orders == 1


async def test_refused_credentials_end_the_comparison() -> None:
    shop = Shop()
    shop.pair(7, 70)
    shop.orders.failing = {70: Refused("wrong password")}
    with pytest.raises(Refused):
        await shop.tested(the_file(), "out")


async def test_tickets_are_read_in_pages_of_500_and_progress_is_told_for_each_record() -> None:
    shop = Shop()
    for number in range(1, 502):
        shop.pair(number, 1000 + number)
    told: list[None] = []
    prepared = shop.prepared(the_file([LOUD]), "in")
    report = await prepared.run(lambda: told.append(None))
    assert [size for entity, _, size in shop.tickets.queries if entity == "Tickets"] == [500, 1]
    assert len(told) == prepared.records == 501
    assert fields(report) == {"work_order.title": (501, 0, 0, 501)}


async def test_nothing_is_opened_before_it_runs_and_the_price_is_allowed_first() -> None:
    shop = Shop()
    shop.pair(7, 70)
    prepared = shop.prepared(the_file())
    assert (shop.opened, shop.purse.allowed) == (0, [])
    report = await prepared.run(lambda: None)
    assert (shop.opened, shop.purse.allowed) == (1, [prepared.price])
    assert (report.announced, report.spent) == (prepared.price, Calls(3, 4))
    assert shop.orders.writes == []
    assert shop.ledger.kept == {}


async def test_without_a_pair_there_is_nothing_to_pay_for() -> None:
    shop = Shop()
    report = await shop.tested(the_file())
    assert (report.announced, report.pairs, shop.opened) == (Calls(), 0, 0)


async def test_a_file_that_pairs_another_kind_of_record_is_refused() -> None:
    projects = the_file(autotask={"username": "u", "secret": "s", "service_object": "Project"})
    with pytest.raises(Rejected) as refused:
        Shop().prepared(projects)
    assert refused.value.code == "other_service_object"


async def test_only_mappings_and_settings_of_the_file_count() -> None:
    shop = Shop()
    shop.pair(7, 70)
    elsewhere = the_file([LOUD], [NOTES], name="other", field_nation={"client_id": "x", "client_secret": "y"})
    assert fields(await shop.tested(elsewhere)) == {"work_order.title": (1, 0, 0, 1)}


def test_the_newest_pairs_are_those_that_were_made_or_looked_at_last() -> None:
    shop = Shop()
    old = shop.pair(1, 10, hours_ago=9)
    newer = shop.pair(2, 20, hours_ago=2)
    newest_of_all = shop.pair(3, 30, hours_ago=1)
    made_now = replace(shop.pair(4, 40, hours_ago=8), made_at=shop.clock.now() + timedelta(seconds=1))
    assert newest([old, newer, newest_of_all, made_now], 3) == [made_now, newest_of_all, newer]
    assert newest([old], 3) == [old]
