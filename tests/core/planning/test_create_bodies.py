"""A create: where each mapped value goes in the vendor's request object."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.core.model.intent import Phase
from tests.core.planning.planning_kit import NOW, NUMBER, codes, create, create_body, static, synced, wanted


@pytest.mark.parametrize(
    ("target", "value", "section", "sent"),
    [
        ("title", "UPS", "title", "UPS"),
        ("description", "Swap\r\nit", "description", {"html": "Swap\nit"}),
        ("confidential", "Key 7", "confidential", {"html": "Key 7"}),
        ("client.id", "12", "client", {"id": 12}),
        ("manager.id", 5, "manager", {"id": 5}),
        ("pay.type", "hourly", "pay", {"type": "hourly"}),
        ("pay.base.amount", "60.50", "pay", {"base": {"amount": Decimal("60.5")}}),
        ("pay.base.units", Decimal("2.0"), "pay", {"base": {"units": 2}}),
        ("types_of_work[0].id", "62", "types_of_work", [{"id": 62}]),
        ("contacts[0].name", "R. Lee", "contacts", {"results": [{"name": "R. Lee"}]}),
        ("contacts[1].phone", "1", "contacts", {"results": [{}, {"phone": "1"}]}),
        ("custom_fields.4711", 12, "custom_fields", {"results": [{"results": [{"id": 4711, "value": "12"}]}]}),
        ("custom_fields.04711", "x", "custom_fields", {"results": [{"results": [{"id": 4711, "value": "x"}]}]}),
        ("require_ontime", True, "require_ontime", True),
    ],
)
def test_a_mapped_value_goes_where_the_vendor_wants_it(target: str, value: Any, section: str, sent: Any) -> None:
    desired = wanted(**{"title": "Printer", target.replace(".", "__"): value})
    assert create_body(desired)[section] == sent
    assert desired.findings == ()


def test_a_location_gets_the_mode_and_the_country_that_the_vendor_demands() -> None:
    body = create_body(wanted(location__name="Main site", location__city="Edina"))
    assert body["location"] == {"display_name": "Main site", "city": "Edina", "mode": "custom", "country": "US"}


def test_a_mapped_mode_and_country_of_a_location_stand() -> None:
    body = create_body(wanted(location__mode="remote", location__country="CA"))
    assert body["location"] == {"mode": "remote", "country": "CA"}


def test_no_location_is_sent_when_none_is_mapped() -> None:
    assert "location" not in create_body(wanted())


def test_the_number_of_the_ticket_is_the_mark_in_incident_id() -> None:
    assert create_body(wanted())["incident_id"] == NUMBER


def test_a_mapped_incident_id_is_left_as_it_was_mapped() -> None:
    assert create_body(wanted(incident_id="PO-9"))["incident_id"] == "PO-9"


def test_the_mark_also_goes_to_the_company_s_field_for_ticket_numbers() -> None:
    fields = create_body(wanted(), internal="88")["custom_fields"]["results"][0]["results"]
    assert fields == [{"id": 88, "value": NUMBER}]


def test_a_mapped_field_for_ticket_numbers_is_left_as_it_was_mapped() -> None:
    fields = create_body(wanted(custom_fields__88="mine"), internal="88")["custom_fields"]["results"][0]["results"]
    assert fields == [{"id": 88, "value": "mine"}]


def test_values_of_different_spelling_at_one_custom_field_are_told_apart_by_its_number() -> None:
    desired = wanted(custom_fields__7="a", custom_fields__8="b")
    rows = create_body(desired)["custom_fields"]["results"][0]["results"]
    assert rows == [{"id": 7, "value": "a"}, {"id": 8, "value": "b"}]


NO_PLACES = """id scheduling.start location schedule schedule.service_window contacts title.text custom_fields
custom_fields.site custom_fields.4711.value contacts[100].name assignee.id
location[0] location[0].city schedule[0].start schedule.service_window[0] pay[0]"""


@pytest.mark.parametrize("target", NO_PLACES.split())
def test_a_place_that_the_vendor_does_not_take_gives_a_finding_and_nothing_is_sent_there(target: str) -> None:
    desired = wanted(*synced({target: "x"}))
    (finding,) = desired.findings
    assert (finding.code, finding.field) == ("target_not_writable", target)
    assert "'x'" in finding.text
    assert set(create_body(desired)) == {"title", "incident_id"}


def test_two_places_that_cannot_both_be_give_a_finding_and_the_first_one_stands() -> None:
    desired = wanted(*synced({"pay.base": "60", "pay.base.amount": 60}))
    assert codes(desired.findings) == ["targets_clash"]
    assert create_body(desired)["pay"] == {"base": "60"}


def test_a_list_named_with_and_without_an_index_gives_a_finding() -> None:
    desired = wanted(*synced({"contacts[0].name": "R. Lee", "contacts.name": "R. Lee"}))
    assert codes(desired.findings) == ["targets_clash"]


def test_without_a_title_nothing_is_created_and_a_finding_says_so() -> None:
    plan = create(wanted(*synced({"description": "x"}), title=None))
    assert (plan.intents, plan.skipped) == ((), "title_missing")
    assert codes(plan.findings) == ["title_missing"]


def test_a_blank_title_is_no_title() -> None:
    assert create(wanted(title="  \n")).skipped == "title_missing"


def test_a_create_is_one_intent_with_everything_a_person_wants_to_see() -> None:
    (intent,) = create(wanted(location__city="Edina")).intents
    assert (intent.kind, intent.verb, intent.phase, intent.target) == ("work_order", "create", Phase.CREATE, "")
    assert intent.after == {"title": "Printer", "location.city": "Edina", "incident_id": NUMBER}
    assert intent.before == {}
    assert intent.reason


def window(desired: Any) -> Any:
    return create_body(desired)["schedule"]["service_window"]


def test_a_schedule_with_start_and_end_is_between_them() -> None:
    desired = wanted(time_window__start="2026-03-05 14:00:00", time_window__end="2026-03-05T18:00:00Z")
    assert window(desired) == {
        "mode": "between",
        "start": {"utc": "2026-03-05 14:00:00"},
        "end": {"utc": "2026-03-05 18:00:00"},
    }
    assert desired.findings == ()


def test_a_schedule_with_only_an_end_starts_four_hours_before_it_with_a_finding() -> None:
    desired = wanted(time_window__end="2026-03-05 18:00:00")
    assert window(desired)["start"] == {"utc": "2026-03-05 14:00:00"}
    assert codes(desired.findings) == ["schedule_start_derived"]


def test_a_derived_start_is_not_before_now() -> None:
    end = (NOW + timedelta(hours=1)).strftime("%Y-%m-%d %H:%M:%S")
    desired = wanted(time_window__end=end)
    assert window(desired)["start"] == {"utc": "2026-03-04 12:00:00"}
    assert codes(desired.findings) == ["schedule_start_derived"]


def test_a_schedule_whose_only_end_is_past_still_starts_before_it() -> None:
    desired = wanted(time_window__end="2026-03-01 10:00:00")
    assert window(desired)["start"] == {"utc": "2026-03-01 06:00:00"}
    assert "past" in desired.findings[0].text


def test_a_schedule_with_only_a_start_is_exact_with_a_finding() -> None:
    desired = wanted(time_window__start="2026-03-05 14:00:00")
    assert window(desired) == {"mode": "exact", "start": {"utc": "2026-03-05 14:00:00"}}
    assert codes(desired.findings) == ["schedule_exact"]


def test_a_time_in_another_zone_is_sent_as_utc() -> None:
    desired = wanted(time_window__start="2026-03-05T14:00:00-06:00", time_window__end="2026-03-05T16:00:00-06:00")
    assert window(desired)["start"] == {"utc": "2026-03-05 20:00:00"}


@pytest.mark.parametrize("value", ["tomorrow", "0001-01-01T00:00:00", "0001-01-01T00:00:00+14:00", 17])
def test_what_is_no_time_leaves_the_schedule_alone_with_a_finding(value: Any) -> None:
    desired = wanted(time_window__end=value)
    assert codes(desired.findings) == ["time_not_understood"]
    assert "schedule" not in create_body(desired)


def test_a_static_value_is_sent_at_creation() -> None:
    assert create_body(wanted(static("pay.type", "fixed")))["pay"] == {"type": "fixed"}


def test_a_create_moves_the_new_draft_to_the_mapped_status_last() -> None:
    intents = create(wanted(status_id=2)).intents
    assert [(intent.verb, intent.phase) for intent in intents] == [("create", 0), ("publish", Phase.STATUS)]


@pytest.mark.parametrize("value", ["Published", "²", "-2", True, "9" * 40])
def test_a_status_that_is_no_id_is_left_alone_with_a_finding(value: Any) -> None:
    desired = wanted(status_id=value)
    assert desired.status is None
    assert codes(desired.findings) == ["status_not_known"]


@pytest.mark.parametrize("amount", ["Infinity", "sNaN", "1E+999999", "sixty"])
def test_an_amount_that_is_no_number_travels_as_it_was_written(amount: str) -> None:
    assert create_body(wanted(pay__base__amount=amount))["pay"]["base"]["amount"] == amount
