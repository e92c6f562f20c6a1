"""Applying outbound rules: the right element, the right type, and what is said of what was lost."""

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.core.mapping.apply_outbound import apply_outbound
from app.core.model.finding import Severity
from tests.core.mapping.outbound_kit import compiled, document, mapped, rule, static, values

START = "2026-03-02T01:02:00Z"


def test_a_ticket_gets_its_mapped_fields() -> None:
    got = values(
        rule("title", "Ticket:Title"),
        rule("closing_notes", "Resolution"),
        rule("custom_fields.4711", "Ticket:AccountID"),
        rule("time_window.start", "Ticket:DueDateTime"),
        rule("time_logs.hours", "Ticket:EstimatedHours"),
        rule("status", "Ticket:Status", "status", mappings=[{"compare": "Work Done", "value": "Complete"}], default=1),
        rule("assignee.user.first_name", "UserDefinedField.VisitBand"),
        static("Ticket:QueueID", "29683365"),
    )
    assert got == {
        "title": "Replace UPS",
        "resolution": "Swapped the unit.",
        "companyID": 29762802,
        "dueDateTime": "2026-03-02T15:00:00Z",
        "estimatedHours": Decimal("2.9167"),
        "status": 5,
        "userDefinedFields.VisitBand": "Ada",
        "queueID": 29683365,
    }


TIME_ENTRY = (
    rule("time_logs[0].StartDateTime", "TimeEntry.[0].StartDateTime"),
    {"source_field": "time_logs[0].EndDateTime", "target_field": "TimeEntry.[0].EndDateTime", "action": "Direct"},
    rule("time_logs[0].HoursWorked", "TimeEntry.[0].HoursWorked"),
    rule("closing_notes", "TimeEntry.[0].SummaryNotes"),
    static("TimeEntry.[0].NonBillable", True),
)


def test_one_rule_serves_every_element_of_its_list() -> None:
    assert values(*TIME_ENTRY) == {
        "startDateTime": START,
        "endDateTime": "2026-03-02T02:57:00Z",
        "hoursWorked": Decimal("1.9167"),
        "summaryNotes": "Swapped the unit.",
        "isNonBillable": True,
    }
    assert values(*TIME_ENTRY, index=1) == {
        "startDateTime": "2026-03-03T15:00:00Z",
        "summaryNotes": "Swapped the unit.",
        "isNonBillable": True,
    }


def test_the_facts_of_an_element_are_named_without_its_position() -> None:
    raw = rule("workorder.pay.expense.results[0].amount", "expense.items[0].ExpenseAmount")
    (first, second) = mapped(raw).values
    assert [first.target, second.target] == ["expenseCurrencyExpenseAmount", "internalCurrencyExpenseAmount"]
    assert first.inputs == second.inputs == (("expenses[].amount", Decimal("50.00")),)
    assert mapped(*TIME_ENTRY, index=1).inputs == (
        ("time_logs[].StartDateTime", "2026-03-03T15:00:00Z"),
        ("time_logs[].EndDateTime", ""),
        ("time_logs[].HoursWorked", None),
        ("closing_notes", "Swapped the unit."),
    )


def test_expenses_become_charges_and_messages_notes() -> None:
    charge = (
        rule("expenses[0].category", "TicketCost.[0].Charge Name"),
        rule("expenses[0].amount", "TicketCost.[0].Amount"),
        rule("expenses[0].added", "TicketCost.[0].DatePurchased"),
        static("TicketCost.[0].CostType", "operational"),
    )
    assert values(*charge) == {
        "name": "Travel",
        "unitPrice": Decimal("50.00"),
        "unitCost": Decimal("50.00"),
        "datePurchased": "2026-03-01T00:00:00Z",
        "chargeType": 1,
    }
    raw = {"target": "TicketNote.[0].Title", "action": "concat"}
    pieces = [{"type": "field", "value": "id"}, {"type": "static", "value": ": "}]
    got = values({**raw, "parts": [*pieces, {"type": "field", "value": "messages[0].author"}]}, index=1)
    assert got == {"title": "70211: Dispatch"}


@pytest.mark.parametrize(
    ("value", "target", "typed"),
    [
        (5, "Title", "5"),
        (True, "Title", "true"),
        (Decimal("3.5000"), "Title", "3.5"),
        ("29683365", "QueueID", 29683365),
        (Decimal("7.0"), "QueueID", 7),
        ("12.50", "EstimatedHours", Decimal("12.50")),
        (0.1, "EstimatedHours", Decimal("0.1")),
        ("-0.00", "EstimatedHours", Decimal(0)),
        ("True", "isVisibleToComanaged", True),
        (0, "isVisibleToComanaged", False),
        ("medium", "Priority", 2),
        ("3", "Priority", 3),
        (77, "Priority", 77),
        ("2026-03-02T15:00:00.1234567Z", "DueDateTime", "2026-03-02T15:00:00Z"),
        ("2026-03-02 15:00:00", "DueDateTime", "2026-03-02T15:00:00Z"),
        ("2026-03-02T09:00:00-06:00", "DueDateTime", "2026-03-02T15:00:00Z"),
        ({"utc": "2026-03-02 15:00:00"}, "DueDateTime", "2026-03-02T15:00:00Z"),
        ({"utc": "", "local": {"date": "2026-03-02", "time": "09:00:00"}}, "DueDateTime", "2026-03-02T15:00:00Z"),
        (7, "UserDefinedField.VisitBand", "7"),
    ],
)
def test_a_value_gets_the_type_of_its_field(value: Any, target: str, typed: Any) -> None:
    (got,) = values(rule("incident_id", target), order=document(incident_id=value)).values()
    assert (got, type(got)) == (typed, type(typed))


@pytest.mark.parametrize(
    ("value", "target"),
    [
        ("many", "QueueID"),
        (1.5, "QueueID"),
        (True, "QueueID"),
        (Decimal("1E+9999999"), "QueueID"),
        (Decimal("1E+9999999"), "EstimatedHours"),
        (Decimal("1E-9999999"), "EstimatedHours"),
        (float("nan"), "EstimatedHours"),
        ("yes", "isVisibleToComanaged"),
        ("tomorrow", "DueDateTime"),
        ("2026-13-01", "DueDateTime"),
        ({"id": 1}, "Title"),
        ([1], "Title"),
        ("Urgent", "Priority"),
    ],
)
def test_a_value_that_has_not_the_type_is_a_finding_and_writes_nothing(value: Any, target: str) -> None:
    got = mapped(rule("incident_id", target), order=document(incident_id=value))
    assert got.values == ()
    (finding,) = got.findings
    assert (finding.code, finding.severity, finding.field) == ("mapping_wrong_type", Severity.WARNING, "incident_id")
    assert (finding.record, bool(finding.mend)) == ("work_order:70211", True)
    assert target.lower() in finding.text.lower()


def test_a_default_stands_in_for_a_value_of_the_wrong_type_which_is_told_all_the_same() -> None:
    got = mapped(rule("title", "Ticket:QueueID", default="5"))
    assert ([value.value for value in got.values], [finding.code for finding in got.findings]) == (
        [5],
        ["mapping_wrong_type"],
    )


def test_a_wrong_value_for_two_fields_is_told_once() -> None:
    got = mapped(rule("expenses[0].description", "expense.items[0].ExpenseAmount"))
    assert (got.values, len(got.findings)) == ((), 1)
    assert "expenseCurrencyExpenseAmount, internalCurrencyExpenseAmount" in got.findings[0].text


@pytest.mark.parametrize(
    ("source", "zone", "day"),
    [
        ("time_logs[0].StartDateTime", "America/Chicago", "2026-03-01"),
        ("time_logs[0].in.created", "America/Chicago", "2026-03-01"),
        ("time_logs[0].StartDateTime", "UTC", "2026-03-02"),
        ("time_logs[0].in.created.local.date", "America/Chicago", "2026-03-01"),
        ("time_logs[0].in.created.local.date", "Asia/Tokyo", "2026-03-01"),
    ],
)
def test_a_field_without_a_time_gets_the_day_of_the_connections_zone(source: str, zone: str, day: str) -> None:
    got = values(rule(source, "TimeEntry.[0].DateWorked"), zone=ZoneInfo(zone))
    assert got == {"dateWorked": f"{day}T00:00:00Z"}


def test_a_day_that_the_author_wrote_or_had_printed_is_kept() -> None:
    assert values(static("TimeEntry.[0].DateWorked", "2026-03-02")) == {"dateWorked": "2026-03-02T00:00:00Z"}
    raw = rule("time_logs[0].StartDateTime", "TimeEntry.[0].DateWorked", "date_convert")
    assert values(raw) == {"dateWorked": "2026-03-02T00:00:00Z"}
    raw = {**raw, "timezone_out": "America/Chicago", "output_format": "YYYY-MM-DDTHH:mm:ss"}
    assert values(raw) == {"dateWorked": "2026-03-01T00:00:00Z"}
    raw = rule("expenses[0].missing", "expense.items[0].ExpenseDate", default="2026-03-02")
    assert values(raw) == {"expenseDate": "2026-03-02T00:00:00Z"}


@pytest.mark.parametrize(
    "source", ["time_window.end", "contacts[4].email", "time_logs[7].id", "incident_id", "assignee.user.phone.type"]
)
def test_what_the_vendor_left_empty_is_no_loss_and_takes_the_default(source: str) -> None:
    order = document(incident_id=" ", assignee={"user": {"phone": ""}})
    assert values(rule(source, "Ticket:DueDateTime"), order=order) == {}
    assert values(rule(source, "Ticket:QueueID", default=5), order=order) == {"queueID": 5}


def test_a_source_that_is_not_there_is_a_loss_unless_there_is_a_default() -> None:
    (finding,) = mapped(rule("titel", "Ticket:Title")).findings
    assert (finding.code, finding.field) == ("mapping_source_missing", "titel")
    assert values(rule("titel", "Ticket:Title", default="x")) == {"title": "x"}


def test_an_entry_for_nothing_writes_nothing() -> None:
    entries = [{"compare": "Work Done", "value": None}, {"compare": "Approved", "value": "Complete"}]
    assert values(rule("status", "Ticket:Status", "status", mappings=entries, default=1)) == {}


def test_a_status_without_an_entry_is_told_by_its_name() -> None:
    entries = [{"compare": "Approved", "value": "Complete"}]
    (finding,) = mapped(rule("status_id", "Ticket:Status", "status", mappings=entries)).findings
    assert (finding.code, finding.severity) == ("mapping_no_match", Severity.INFO)
    assert "Work Done (4)" in finding.text


def test_the_last_rule_with_a_value_wins_a_field() -> None:
    both = rule("expenses[0].amount", "expense.items[0].ExpenseAmount")
    other = static("ExpenseItem.[0].ReceiptAmount", 7)
    got = {value.target: (value.value, value.rule_index) for value in mapped(both, other).values}
    assert got == {
        "internalCurrencyExpenseAmount": (Decimal("50.00"), 0),
        "expenseCurrencyExpenseAmount": (Decimal(7), 1),
    }
    empty = rule("time_logs[9].id", "expense.items[0].Description")
    assert values(rule("expenses[0].description", "expense.items[0].Description"), empty) == {"description": "Taxi"}


def test_owner_and_always_go_with_the_value() -> None:
    got = mapped(rule("title", "Title", owner="autotask"), static("QueueID", 1, always=True))
    assert [(value.owner, value.always, value.rule_index) for value in got.values] == [
        ("autotask", False, 0),
        (None, True, 1),
    ]


def test_long_text_is_not_cut_here() -> None:
    assert values(rule("title", "Title"), order=document(title="x" * 400)) == {"title": "x" * 400}


def test_a_rule_for_elements_without_an_element_is_a_loss() -> None:
    part = compiled(*TIME_ENTRY[:1]).time_entries
    assert [finding.code for finding in apply_outbound(part, document()).findings] == ["mapping_source_missing"]
