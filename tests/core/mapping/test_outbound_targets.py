"""Outbound targets: every spelling of a field, and what is said of those that cannot be written."""

import pytest

from app.core.mapping.compile import NeedCatalogs
from app.core.mapping.compile_outbound import compile_outbound
from app.core.mapping.dialects import load_rules
from app.core.mapping.relations import NeedCatalog
from app.core.model.catalog import EntityCatalog
from app.core.model.finding import Severity
from tests.core.mapping.outbound_kit import CATALOGS, compiled, fault, parts, rule, static

AMOUNTS = ["expenseCurrencyExpenseAmount", "internalCurrencyExpenseAmount"]


@pytest.mark.parametrize(
    ("target", "kind", "names"),
    [
        ("Ticket:Title", "ticket", ["title"]),
        ("Title", "ticket", ["title"]),
        ("Ticket.title", "ticket", ["title"]),
        ("Ticket:AccountID", "ticket", ["companyID"]),
        ("Resolution", "ticket", ["resolution"]),
        ("UserDefinedField.visitband", "ticket", ["userDefinedFields.VisitBand"]),
        ("Ticket:UserDefinedField.Rack no. [A.1]", "ticket", ["userDefinedFields.Rack no. [A.1]"]),
        ("TimeEntry.[0].StartDateTime", "time_entries", ["startDateTime"]),
        ("TimeEntry[0].summaryNotes", "time_entries", ["summaryNotes"]),
        ("TimeEntries.[0].hoursWorked", "time_entries", ["hoursWorked"]),
        ("TimeEntry.[0].AllocationCodeID", "time_entries", ["billingCodeID"]),
        ("TimeEntry.[0].NonBillable", "time_entries", ["isNonBillable"]),
        ("TimeEntry:StartDateTime", "time_entries", ["startDateTime"]),
        ("expense.items[0].ExpenseAmount", "expense_items", AMOUNTS),
        ("ExpenseItem.[0].ExpenseAmount", "expense_items", AMOUNTS),
        ("ExpenseItem.[0].ReceiptAmount", "expense_items", AMOUNTS[:1]),
        ("ExpenseItem.[0].internalCurrencyExpenseAmount", "expense_items", AMOUNTS[1:]),
        ("expense.items[0].AccountID", "expense_items", ["companyID"]),
        ("expense.items[0].BillableToAccount", "expense_items", ["isBillableToCompany"]),
        ("TicketCost.[0].CostType", "charges", ["chargeType"]),
        ("TicketCost.[0].AllocationCodeID", "charges", ["billingCodeID"]),
        ("TicketCharge.[0].unitPrice", "charges", ["unitPrice"]),
        ("TicketCost.[0].Charge Name", "charges", ["name"]),
        ("TicketCost.[0].ChargeName", "charges", ["name"]),
        ("Charge.[0].Category Code ID", "charges", ["billingCodeID"]),
        ("charge.items[0].Amount", "charges", ["unitPrice", "unitCost"]),
        ("TicketNote.[0].Description", "notes", ["description"]),
    ],
)
def test_a_target_is_found_by_any_of_its_names(target: str, kind: str, names: list[str]) -> None:
    made = compiled(rule("closing_notes", target))
    assert made.findings == ()
    (part,) = (part for part in parts(made) if part.rules)
    assert (part.kind, [field.text for field in part.fields]) == (kind, names)


@pytest.mark.parametrize(
    ("target", "code", "words"),
    [
        ("Ticket:Titel", "mapping_unknown_target", "title"),
        ("AcountID", "mapping_unknown_target", "AccountID"),
        ("UserDefinedField.Visit Band", "mapping_unknown_target", "VisitBand"),
        ("TimeEntry.[0].StrtDateTime", "mapping_unknown_target", "startDateTime"),
        ("TimeEntri.[0].StartDateTime", "mapping_unknown_target", "TimeEntry"),
        ("Account.AccountName", "mapping_unknown_target", "Ticket:Title"),
        ("Contact:FirstName", "mapping_unknown_target", "Ticket:Title"),
        ("TimeEntry.[1].StartDateTime", "mapping_unknown_target", "[0]"),
        ("TimeEntry.[0]", "mapping_unknown_target", "Ticket:Title"),
        ("TimeEntry.[0].UserDefinedField.VisitBand", "mapping_unknown_target", "field of their own"),
        ("Ticket:CompletedDate", "mapping_read_only_target", "another field"),
        ("TimeEntry.[0].HoursToBill", "mapping_read_only_target", "another field"),
        ("Ticket:id", "mapping_owned_target", "Remove"),
        ("TimeEntry.[0].TicketID", "mapping_owned_target", "Remove"),
        ("TimeEntry.[0].TaskID", "mapping_owned_target", "Remove"),
        ("expense.items[0].ExpenseReportID", "mapping_owned_target", "Remove"),
        ("TicketCost.[0].TicketID", "mapping_owned_target", "Remove"),
        ("TicketNote.[0].ID", "mapping_owned_target", "Remove"),
    ],
)
def test_a_target_that_cannot_be_written_says_why_and_what_would_do(target: str, code: str, words: str) -> None:
    got = fault(rule("title", target))
    assert (got.code, got.severity, got.field) == (code, Severity.ERROR, "mappings.outbound[0].target")
    assert words in got.mend


def test_a_rule_in_error_is_left_out_and_leaves_the_others() -> None:
    made = compiled(rule("title", "Titel"), rule("title", "Title", owner="autotask"), static("QueueID", 5, always=True))
    assert not made.is_sound
    assert [(one.rule.index, one.rule.owner) for one in made.ticket.rules] == [(1, "autotask"), (2, None)]


def test_on_a_project_notes_go_to_tasks_and_charges_are_refused() -> None:
    made = compiled(rule("title", "TicketNote.[0].Title"), rule("title", "Project:ProjectName"), root="Projects")
    assert (made.notes.entity, made.notes.fields[0].text) == ("TaskNotes", "title")
    assert [field.text for field in made.ticket.fields] == ["projectName"]
    assert fault(rule("title", "TicketCost.[0].Name"), root="Projects").code == "mapping_unknown_target"
    assert "Projects" in fault(rule("title", "Ticket:Title"), root="Projects").text
    assert compiled(static("TimeEntry.[0].TaskID", 7), root="Projects").findings == ()
    assert compiled(static("Type", 7), root="Projects").ticket.fields[0].name == "projectType"


def test_on_a_service_call_the_call_is_written() -> None:
    made = compiled(static("ServiceCall:Complete", 1), rule("title", "Description"), root="ServiceCalls")
    assert [field.text for field in made.ticket.fields] == ["isComplete", "description"]
    assert made.notes.entity == "TicketNotes"


def test_only_catalogues_that_a_rule_writes_to_are_asked_for_and_at_once() -> None:
    raw = [
        rule("title", "Ticket:Title"),
        rule("title", "UserDefinedField.VisitBand"),
        rule("time_logs[0].id", "TimeEntry.[0].SummaryNotes"),
    ]
    rules, _ = load_rules(raw, "outbound")
    table: dict[NeedCatalog, EntityCatalog] = {}
    got = compile_outbound(rules, table.get)
    assert got == NeedCatalogs((NeedCatalog("Tickets", True), NeedCatalog("TimeEntries")))
    made = compile_outbound(rules, {need: CATALOGS[need.entity] for need in got.needs}.get)
    assert not isinstance(made, NeedCatalogs)
    assert made.is_sound


def test_a_catalogue_that_the_database_hides_is_said() -> None:
    rules, _ = load_rules([rule("title", "TicketNote.[0].Title")], "outbound")
    made = compile_outbound(rules, {NeedCatalog("TicketNotes"): EntityCatalog("TicketNotes")}.get)
    assert not isinstance(made, NeedCatalogs)
    assert "security level" in made.findings[0].mend


def test_two_rules_for_one_field_are_a_warning_for_that_record_only() -> None:
    got = fault(
        rule("expenses[0].amount", "expense.items[0].ExpenseAmount"),
        rule("expenses[0].amount", "ExpenseItem.[0].Amount"),
        rule("expenses[0].description", "ExpenseItem.[0].Description"),
        rule("messages[0].message", "TicketNote.[0].Description"),
    )
    assert (got.code, got.severity) == ("mapping_two_rules", Severity.WARNING)
    assert got.field == "mappings.outbound[1].target"
    assert "ExpenseItems." in got.text


def test_a_field_keeps_what_the_database_says_of_it() -> None:
    (field,) = compiled(rule("title", "expense.items[0].Description")).expense_items.fields
    assert (field.name, field.meta.length, field.is_user_field) == ("description", 128, False)
