"""Right files are left in peace: a check that cries wolf is not read."""

from pathlib import Path

import pytest

from app.cli.demo.customer import connection
from app.core.model.connection import ConnectionFile
from app.core.model.finding import Severity
from tests.services.connections.check_kit import HEAD, MONEY, TIME, checked, loaded, said

RICH = (
    HEAD
    + """time_entries:
  resource_id: 29682885
  role_id: 29683354
  work_type: 29683502
  providers: {"88": {resource_id: 29682899, role_id: 29683355}}
expenses: {additional_charges: "charge", charge: {billing_code_id: 29682801, charge_type: 2}}
notes: {note_type: 3, publish: 1}
attachments: {enabled: true, publish: 2}
settings:
  import_when: [{op: eq, field: queueID, value: 29683354}, {op: eq, field: Access Window, udf: true, value: Any time}]
  excluded_statuses: [Complete, Waiting Customer]
  outbound_create: true
  outbound_create_status: 1
  work_order_actions: [publish, unpublish, cancel]
  cancel_reason: No longer needed
mappings:
  inbound:
    - {source: Title, target: title, action: sync, owner: autotask}
    - {source: Description, target: description, action: sync}
    - {source: Status, target: status_id, action: status, mappings: [{compare: New, value: Draft},
       {compare: Dispatch to Field, value: Published}, {compare: Complete, value: Draft},
       {compare: Waiting Customer, value: Cancelled}, {compare: In Progress, value: Published},
       {compare: Field Scheduled, value: Published}, {compare: Field On Site, value: Published},
       {compare: Field Work Done, value: Published}]}
    - {source: DueDateTime, target: time_window.end, action: date_convert, output_format: "YYYY-MM-DD HH:mm:ss"}
    - {source: Account.AccountName, target: location.name, action: sync}
    - {source: AccountPhysicalLocation.City, target: location.city, action: sync}
    - {source: AccountPhysicalLocation.State, target: location.state, action: sync}
    - {target: location.country, action: set_static, value: US}
    - {source: UserDefinedField.Site Code, target: custom_fields.4711, action: sync}
    - {source: Priority, target: custom_fields.4712, action: array_map, mappings: [{compare: 4, value: High},
       {compare: 1, value: High}], default: Low}
    - {source: DueDateTime, target: custom_fields.4713, action: sync}
    - {source: UserDefinedField.Rack Units, target: custom_fields.4714, action: sync}
    - {target: "types_of_work[0].id", action: set_static, value: 62}
    - {target: pay.type, action: set_static, value: fixed}
    - {source: EstimatedHours, target: pay.base.units, action: sync}
    - {source: EstimatedHours, target: pay.base.amount, action: range_map, ranges: [{compare: 2, value: 150},
       {compare: 4, value: 250}], default: 400}
    - {target: schedule.schedule_note, action: concat, parts: [{type: static, value: "Ticket "},
       {type: field, value: TicketNumber}]}
    - {source: Contact.FirstName, target: "contacts[0].name", action: sync}
    - {source: Contact.EmailAddress, target: "contacts[0].email", action: sync}
    - {target: "contacts[0].role", action: set_static, value: Location Contact}
  outbound:
    - {source: title, target: "Ticket:Title", action: sync}
    - {target: "Ticket:Priority", action: set_static, value: 2}
    - {source: custom_fields.4790, target: "Ticket:AccountID", action: array_map,
       mappings: [{compare: "Northwind", value: 29762801}], default: 0}
    - {target: "Ticket:AssignedResourceID", action: set_static, value: 29682885}
    - {target: "Ticket:AssignedResourceRoleID", action: set_static, value: 29683354}
    - {source: time_window.start, target: "Ticket:DueDateTime", action: sync}
    - {source: closing_notes, target: Resolution, action: sync}
    - {source: id, target: "UserDefinedField.FN Work Order", action: sync}
    - {source: status, target: "Ticket:Status", action: status,
       mappings: [{compare: Draft, value: Dispatch to Field}, {compare: Published, value: Dispatch to Field},
       {compare: Routed, value: Dispatch to Field}, {compare: Assigned, value: Field Scheduled},
       {compare: Work Done, value: Field Work Done}, {compare: Approved, value: Complete},
       {compare: Paid, value: Complete}, {compare: Cancelled, value: In Progress}]}
    - {source: "time_logs[0].StartDateTime", target: "TimeEntry.[0].StartDateTime", action: sync}
    - {source: "time_logs[0].EndDateTime", target: "TimeEntry.[0].EndDateTime", action: sync}
    - {source: "time_logs[0].HoursWorked", target: "TimeEntry.[0].HoursWorked", action: sync}
    - {target: "TimeEntry.[0].SummaryNotes", action: concat, parts: [{type: static, value: "On site: "},
       {type: field, value: "time_logs[0].provider"}]}
    - {source: "expenses[0].amount", target: "TicketCost.[0].Amount", action: sync}
    - {source: "expenses[0].description", target: "TicketCost.[0].Name", action: sync, default: Expense}
    - {source: "expenses[0].category", target: "TicketCost.[0].CategoryCodeID", action: array_map,
       mappings: [{compare: Travel, value: 29682801}, {compare: Parts, value: 29682801}]}
    - {source: "messages[0].message", target: "TicketNote.[0].Description", action: sync}
"""
)

AS_SERVICE_CALLS = """
name: acme
autotask: {username: svc@acme.example, secret: an-autotask-secret, integration_code: OWN, service_object: ServiceCall}
field_nation: {client_id: c, client_secret: fn-secret, username: u, password: fn-password}
time_entries: {resource_id: 29682885, role_id: 29683354}
expenses: {additional_charges: "charge", charge: {billing_code_id: 29682801}}
mappings:
  inbound:
    - {source: Description, target: title, action: sync}
    - {source: StartDateTime, target: time_window.start, action: sync}
  outbound:
    - {source: closing_notes, target: "ServiceCall:Description", action: sync}
"""


async def test_a_file_that_uses_everything_rightly_has_no_finding_at_all(tmp_path: Path) -> None:
    report = await checked(loaded(tmp_path, RICH))
    assert said(report.findings) == []


async def test_the_file_of_the_demo_has_neither_error_nor_warning() -> None:
    report = await checked(ConnectionFile.model_validate(connection()))
    assert [one for one in said(report.findings) if not one.startswith("info")] == []


async def test_service_calls_are_told_of_their_one_ticket_and_of_nothing_else(tmp_path: Path) -> None:
    report = await checked(loaded(tmp_path, AS_SERVICE_CALLS))
    assert [one.code for one in report.findings] == ["items_need_a_place"], said(report.findings)


@pytest.mark.parametrize("spelling", ["Ticket:Title", "Title", "ticket:title"])
async def test_a_field_that_is_mapped_both_ways_needs_one_word_on_its_owner(spelling: str, tmp_path: Path) -> None:
    rules = f"""mappings:
  inbound: [{{source: Title, target: title, action: sync}}]
  outbound: [{{source: workorder.title, target: "{spelling}", action: sync, owner: autotask}}]
"""
    report = await checked(loaded(tmp_path, HEAD + TIME + MONEY + rules))
    assert [one for one in report.findings if one.severity is Severity.ERROR] == [], said(report.findings)
