"""The listing of every path a mapping may use: all of it compiles, and a person finds what they look for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from app.core.mapping.compile import NeedCatalogs, compile_inbound
from app.core.mapping.compile_outbound import compile_outbound
from app.core.mapping.dialects import load_rules
from app.core.mapping.listing import FieldRow, list_paths, needs_for, relation_needs, search_rows
from app.core.mapping.paths import System
from app.core.mapping.relations import NeedCatalog
from app.core.mapping.work_order_fields import with_definitions
from app.core.model.catalog import EntityCatalog, Field, PickValue
from app.core.model.finding import Finding
from tests.core.mapping import mapping_kit, outbound_kit
from tests.core.mapping.mapping_kit import catalog, reference

_TICKETS = outbound_kit.CATALOGS["Tickets"].fields
CATALOGS: Mapping[str, EntityCatalog] = {
    **outbound_kit.CATALOGS,
    **mapping_kit.CATALOGS,
    "Tickets": replace(mapping_kit.CATALOGS["Tickets"], fields={**mapping_kit.CATALOGS["Tickets"].fields, **_TICKETS}),
}
OWN = [
    Field("4711", "string", "Site code", is_required=True, values=(PickValue("A", "A"), PickValue("B", "B"))),
    Field("4712", "string", "Kept by the office", is_read_only=True),
]
ORDERS = with_definitions(OWN, {"types_of_work[0].id": (PickValue("62", "Cabling"),)})
VALUES: dict[str, Any] = {
    **dict.fromkeys(("integer", "long", "double", "decimal"), 1),
    "boolean": True,
    "datetime": "2026-03-02T15:00:00Z",
}


def listed(search: str = "", root: str = "Tickets", **changed: EntityCatalog) -> tuple[FieldRow, ...]:
    table = {**CATALOGS, **changed}
    return list_paths(lambda need: table.get(need.entity), ORDERS, root, search)


def of(rows: Sequence[FieldRow], system: System, direction: str) -> list[FieldRow]:
    return [row for row in rows if (row.system, row.direction) == (system, direction)]


def row_at(path: str, *, is_target: bool = False, rows: Sequence[FieldRow] = ()) -> FieldRow:
    (row,) = [row for row in rows or listed() if row.path == path and row.is_target == is_target]
    return row


def paths(rows: Sequence[FieldRow]) -> list[str]:
    return [row.path for row in rows]


def judged(row: FieldRow, text: str, root: str) -> tuple[list[Finding], int]:
    """What the compiler says to a rule that names the path by the text, and how many rules it keeps."""
    if row.is_target:
        value = row.values[0].rpartition("(")[2].rstrip(")") if row.values else VALUES.get(row.type, "text")
        rule = outbound_kit.static(text, value)
    else:
        first = {"Tickets": "Ticket:title", "Projects": "projectName", "ServiceCalls": "description"}[root]
        rule = outbound_kit.rule(text, "title" if row.direction == "inbound" else first)
    rules, findings = load_rules([rule], row.direction)
    if row.direction == "inbound":
        made = compile_inbound(rules, lambda need: CATALOGS.get(need.entity), root)
        assert not isinstance(made, NeedCatalogs)
        return [*findings, *made.findings], len(made.rules)
    out = compile_outbound(rules, lambda need: CATALOGS.get(need.entity), root)
    assert not isinstance(out, NeedCatalogs)
    return [*findings, *out.findings], sum(len(part.rules) for part in outbound_kit.parts(out))


@pytest.mark.parametrize("root", ["Tickets", "Projects", "ServiceCalls"])
@pytest.mark.parametrize("search", ["", "company.parentCompany.", "Account.ParentAccount.Country."])
def test_every_listed_path_and_spelling_compiles(root: str, search: str) -> None:
    rows = listed(search, root)
    texts = [(row, text) for row in rows for text in (row.path, *row.spellings)]
    faulty = {text: judged(row, text, root) for row, text in texts}
    assert {text: said for text, said in faulty.items() if said != ([], 1)} == {}
    assert len({(row.system, row.direction, row.path) for row in rows}) == len(rows) > 150


def test_fields_of_the_ticket_and_its_relations_are_sources() -> None:
    sources = paths(of(listed(), System.AUTOTASK, "inbound"))
    assert sources[0] == "id"
    assert {"title", "userDefinedFields.Site Code", "company.companyName", "company.userDefinedFields.Region"} <= {
        *sources
    }
    assert {"problemTicket.title", "companyLocation.city", "configurationItem.serialNumber"} <= {*sources}
    assert not [path for path in sources if path.startswith("company.parentCompany.")]


@pytest.mark.parametrize(
    "search", ["company.parentCompany.", "Account.ParentAccount.AccountN", "Ticket:account.parentaccount."]
)
def test_deeper_records_are_listed_where_the_search_goes(search: str) -> None:
    assert "company.parentCompany.companyName" in paths(listed(search))
    assert "contact.firstName" in paths(listed(search))


def test_three_records_is_as_deep_as_a_search_goes() -> None:
    deep = "company.parentCompany.parentCompany."
    assert f"{deep}companyName" in paths(listed(f"{deep}parentCompany."))
    assert not [path for path in paths(listed(f"{deep}parentCompany.")) if path.startswith(f"{deep}parentCompany.")]
    assert (
        row_at(f"{deep}parentCompanyID", rows=listed(deep)).note
        == "also Account.ParentAccount.ParentAccount.ParentAccountID"
    )


def test_a_record_whose_catalogue_is_missing_is_only_referred_to() -> None:
    rows = list_paths(lambda need: CATALOGS["Tickets"] if need.entity == "Tickets" else None, ORDERS)
    assert not [path for path in paths(of(rows, System.AUTOTASK, "inbound")) if path.startswith("company.")]
    assert row_at("companyID", rows=rows).note.startswith("refers to Companies, whose fields are below company.")


def test_what_cannot_be_queried_is_no_source() -> None:
    table = catalog("Tickets", Field("title", "string"), Field("secret", "string", is_queryable=False))
    assert paths(of(listed(Tickets=table), System.AUTOTASK, "inbound")) == ["title"]


def test_targets_are_what_can_be_written_and_is_not_the_brokers_own() -> None:
    targets = {*paths(of(listed(), System.AUTOTASK, "outbound"))}
    assert {"Ticket:title", "Ticket:userDefinedFields.Site Code", "TimeEntry.[0].summaryNotes"} <= targets
    assert {"expense.items[0].expenseDate", "TicketCost.[0].name", "TicketNote.[0].description"} <= targets
    assert not {"Ticket:id", "Ticket:completedDate", "TimeEntry.[0].ticketID", "TimeEntry.[0].hoursToBill"} & targets
    assert not {"expense.items[0].expenseReportID", "TicketCost.[0].ticketID", "TicketNote.[0].ticketID"} & targets


def test_a_project_has_tasks_and_no_charges() -> None:
    targets = paths(of(listed(root="Projects"), System.AUTOTASK, "outbound"))
    assert {"Project:projectName", "TimeEntry.[0].taskID", "TaskNote.[0].title"} <= {*targets}
    assert not [path for path in targets if path.startswith("TicketCost")]


def test_one_amount_of_the_old_connector_fills_both() -> None:
    row = row_at("expense.items[0].ExpenseAmount", is_target=True)
    assert row.note.endswith("fills expenseCurrencyExpenseAmount and internalCurrencyExpenseAmount")
    assert row_at("TicketCost.[0].Amount", is_target=True).note.endswith("fills unitPrice and unitCost")


def test_a_work_order_is_listed_both_ways() -> None:
    rows = listed()
    targets = paths(of(rows, System.FIELD_NATION, "inbound"))
    sources = paths(of(rows, System.FIELD_NATION, "outbound"))
    assert {"title", "schedule.service_window.end", "custom_fields.4711"} <= {*targets} & {*sources}
    assert "require_ontime" in targets
    assert "require_ontime" not in sources
    assert "time_logs[0].HoursWorked" in sources
    assert "time_logs[0].HoursWorked" not in targets
    assert "custom_fields.4712" in sources
    assert "custom_fields.4712" not in targets


def test_a_row_says_what_a_person_wants_to_know_of_a_field() -> None:
    row = row_at("Ticket:status", is_target=True)
    assert row.values == ("New (1)", "Complete (5)", "Dispatch to Field (8)", "Old Status (9) [inactive]")
    own = row_at("custom_fields.4711", is_target=True)
    assert (own.label, own.required, own.is_user_field, own.values) == ("Site code", True, True, ("A", "B"))
    assert not row_at("custom_fields.4711").required
    assert row_at("types_of_work[0].id").values == ("Cabling (62)",)
    assert row_at("Ticket:title", is_target=True).length == 255


def test_statuses_are_never_bare_numbers() -> None:
    assert "Work Done (4)" in row_at("status_id").values
    assert "Published (2)" in row_at("status_id", is_target=True).values


def test_old_spellings_are_told() -> None:
    assert row_at("company.companyName").spellings == ("Account.AccountName",)
    assert "also Account.AccountName" in row_at("company.companyName").note
    assert row_at("Ticket:companyID", is_target=True).spellings == ("Ticket:AccountID",)
    assert row_at("company.isActive").spellings == ("Account.Active",)
    assert row_at("company.userDefinedFields.Region").spellings == ("Account.UserDefinedField.Region",)
    assert "also time_window.end" in row_at("schedule.service_window.end", is_target=True).note


def test_an_old_spelling_that_means_another_field_is_not_told() -> None:
    assert row_at("expense.items[0].internalCurrencyExpenseAmount", is_target=True).spellings == ()
    table = catalog("Companies", Field("companyName", "string"), Field("accountName", "string"))
    assert row_at("company.companyName", rows=listed(Companies=table)).spellings == ()


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("company.companyNa", "company.companyName"),
        ("companyna", "company.companyName"),
        ("account.accountname", "company.companyName"),
        ("AccountName", "company.companyName"),
        ("site c", "userDefinedFields.Site Code"),
        ("UserDefinedField.Site", "userDefinedFields.Site Code"),
        ("Rack no. [A", "userDefinedFields.Rack no. [A.1]"),
        ("4711", "custom_fields.4711"),
        ("time_window.st", "schedule.service_window.start"),
        ("location.name", "location.display_name"),
        ("workorder.closing", "closing_notes"),
        ("TimeEntry.summary", "TimeEntry.[0].summaryNotes"),
        ("TimeEntry.[0].summary", "TimeEntry.[0].summaryNotes"),
        ("expenses[0].am", "expenses[0].amount"),
        ("Ticket:reso", "Ticket:resolution"),
    ],
)
def test_a_search_completes_names_in_any_spelling(text: str, first: str) -> None:
    assert search_rows(listed(), text)[0].path == first


def test_names_come_before_labels_and_labels_before_the_rest() -> None:
    rows = [
        FieldRow(System.AUTOTASK, "inbound", "third", "string", note="about the site"),
        FieldRow(System.AUTOTASK, "inbound", "second", "string", "Name of the SITE"),
        FieldRow(System.AUTOTASK, "inbound", "company.siteCode", "string"),
        FieldRow(System.AUTOTASK, "inbound", "other", "string"),
    ]
    assert paths(search_rows(rows, "site")) == ["company.siteCode", "second", "third"]


def test_a_value_of_a_picklist_leads_to_its_field() -> None:
    assert "status" in paths(search_rows(listed(), "dispatch to"))


@pytest.mark.parametrize("text", ["company.", "Account.", "COMPANY."])
def test_a_dot_lists_what_is_below(text: str) -> None:
    below = search_rows(listed(), text)
    assert {"company.companyName", "company.userDefinedFields.Region"} <= {*paths(below)}
    assert all(row.path.startswith(("company.", "companyLocation.")) for row in below if row.system is System.AUTOTASK)


@pytest.mark.parametrize(("text", "is_below"), [("time_logs.", "time_logs"), ("contacts[0].", "contacts[0].")])
def test_a_dot_after_a_list_lists_its_elements(text: str, is_below: str) -> None:
    below = search_rows(listed(), text)
    assert below
    assert all(row.path.startswith(is_below) for row in below)


def test_a_dot_below_which_there_is_nothing_is_searched_for_as_text() -> None:
    assert paths(search_rows(listed(), "Rack no.")) == [
        "userDefinedFields.Rack no. [A.1]",
        "problemTicket.userDefinedFields.Rack no. [A.1]",
        "Ticket:userDefinedFields.Rack no. [A.1]",
    ]
    assert search_rows(listed(), "no such thing.") == ()


def test_no_search_lists_everything() -> None:
    assert search_rows(listed(), "  ") == listed()


def fetched(root: str, search: str) -> list[list[NeedCatalog]]:
    """The rounds of needs until there are none, each fetched before the next."""
    have: dict[NeedCatalog, EntityCatalog] = {}
    rounds = []
    while needs := needs_for(root, search, have.get):
        rounds.append(list(needs))
        have |= {need: CATALOGS[need.entity] for need in needs}
    return rounds


def test_a_listing_needs_the_root_and_the_records_that_are_written() -> None:
    records = ("TimeEntries", "ExpenseItems", "TicketCharges", "TicketNotes")
    assert fetched("Tickets", "") == [[NeedCatalog("Tickets", True), *(NeedCatalog(name) for name in records)]]
    assert NeedCatalog("TaskNotes") in fetched("Projects", "")[0]
    assert not [need for need in fetched("Projects", "")[0] if need.entity == "TicketCharges"]


def test_a_search_below_a_record_needs_its_catalogue_too() -> None:
    assert fetched("Tickets", "account.acc")[1:] == [[NeedCatalog("Companies", True)]]
    deeper = [[NeedCatalog("Companies", True)], [NeedCatalog("Countries", True)]]
    assert fetched("Tickets", "Account.Country.")[1:] == deeper
    assert fetched("Tickets", "time_logs[0].")[1:] == []
    assert fetched("Tickets", "company.parentCompany.parentCompany.country.")[1:] == [[NeedCatalog("Companies", True)]]
    assert fetched("Tickets", "userDefinedFields.Rack no. [A.")[1:] == []


def test_every_relation_of_the_root_can_be_asked_for_at_once() -> None:
    own = catalog("Tickets", Field("title", "string"), reference("companyID", "Company"), reference("ownID", "Company"))
    have = {NeedCatalog("Tickets", True): own}
    assert relation_needs("Tickets", have.get) == (NeedCatalog("Companies", True),)
    have[NeedCatalog("Companies", True)] = CATALOGS["Companies"]
    assert relation_needs("Tickets", have.get) == ()
    assert relation_needs("Tickets", {}.get) == ()
