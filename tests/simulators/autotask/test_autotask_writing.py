"""What may be written, and the texts that refuse the rest."""

import base64
from typing import Any

import pytest


def test_a_created_ticket_is_numbered_and_stands(sim: Any, ticket: dict[str, Any]) -> None:
    answer = sim.api.post(
        "Tickets", json={"id": 0, **ticket, "userDefinedFields": [{"name": "Site Code", "value": "S9"}]}
    )
    item = sim.api.get(f"Tickets/{answer.json()['itemId']}").json()["item"]
    assert item["ticketNumber"].endswith(".0001")
    assert item["creatorResourceID"] == 29683001
    assert item["completedDate"] is None
    assert {"name": "Site Code", "value": "S9"} in item["userDefinedFields"]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"title": ""}, "Value does not exist for the required field title"),
        ({"companyID": None}, "Value does not exist for the required field companyID"),
        ({"dueDateTime": None}, "dueDateTime is required"),
        ({"queueID": None}, "Queue ID is required"),
        ({"title": "x" * 256}, "title must be less than or equal to 255 characters"),
        ({"priority": 99}, "Picklist value [99] does not exist for priority"),
        ({"status": 29683399}, "Picklist value [29683399] does not exist for status"),
        ({"issueType": 10, "subIssueType": 136}, "Picklist value [136] does not exist for subIssueType"),
        ({"companyID": 5}, "Reference value on field: companyID of type: Company does not exist or is invalid"),
        ({"contactID": 30684719}, "Reference value on field: contactID of type: Contact does not exist or is invalid"),
        (
            {"assignedResourceID": 29682885},
            "The specified AssignedResourceID and AssignedRoleID combination is not currently defined",
        ),
        (
            {"assignedResourceID": 29683001, "assignedResourceRoleID": 29683354},
            "Reference value on field: assignedResourceID of type: Resource does not exist or is invalid",
        ),
        ({"ticketNumber": "T20261101.0001"}, "ticketNumber: the value T20261101.0001 is already in use."),
        ({"id": 12}, "The id of a new record must be 0 or absent."),
        ({"priority": True}, "Unexpected character encountered while parsing value: t. Path 'priority'."),
    ],
)
def test_a_ticket_is_refused(sim: Any, ticket: dict[str, Any], change: dict[str, Any], text: str) -> None:
    assert sim.refusal(sim.api.post("Tickets", json={**ticket, **change})) == text
    assert len(sim.rows("Tickets")) == 25


def test_an_inactive_contact_is_no_valid_reference(sim: Any) -> None:
    sim.sim.patch("ui/101/Contacts/30684719", json={"isActive": 0})
    answer = sim.api.patch("Tickets", json={"id": 7003, "contactID": 30684719})
    assert "contactID of type: Contact" in sim.refusal(answer)


def test_a_patch_changes_only_what_it_names_and_read_only_fields_are_ignored(sim: Any) -> None:
    before = sim.api.get("Tickets/7001").json()["item"]
    body = {"ID": 7001, "TITLE": "Renamed", "createDate": "2000-01-01T00:00:00Z", "nonsense": 1}
    assert sim.api.patch("Tickets", json=body).json() == {"itemId": 7001}
    after = sim.api.get("Tickets/7001").json()["item"]
    assert after["title"] == "Renamed"
    changed = {name for name in after if after[name] != before[name]}
    assert changed <= {"title", "lastActivityDate", "lastTrackedModificationDateTime", "lastActivityResourceID"}


def test_a_put_empties_what_it_leaves_out(sim: Any, ticket: dict[str, Any]) -> None:
    assert sim.api.put("Tickets", json={"id": 7001, **ticket}).json() == {"itemId": 7001}
    after = sim.api.get("Tickets/7001").json()["item"]
    assert after["description"] is None
    assert after["userDefinedFields"][0]["value"] is None


def test_completing_sets_the_completion_and_reopening_takes_it_back(sim: Any) -> None:
    sim.api.patch("Tickets", json={"id": 7001, "status": 5})
    assert sim.api.get("Tickets/7001").json()["item"]["completedByResourceID"] == 29683001
    sim.api.patch("Tickets", json={"id": 7001, "status": 1})
    assert sim.api.get("Tickets/7001").json()["item"]["completedDate"] is None


def test_a_workflow_rule_may_put_the_status_back(sim: Any) -> None:
    sim.settings(status_reverts={"5": 8})
    assert sim.api.patch("Tickets", json={"id": 7001, "status": 5}).status_code == 200
    assert sim.api.get("Tickets/7001").json()["item"]["status"] == 8


def test_notes_are_written_through_the_ticket_and_read_from_both_sides(sim: Any) -> None:
    body = {"title": "[FN:1]", "description": "hello", "noteType": 3, "publish": 2}
    note_id = sim.api.post("Tickets/7001/Notes", json=body).json()["itemId"]
    (found,) = sim.query("TicketNotes", {"op": "eq", "field": "ticketID", "value": 7001})
    assert found["id"] == note_id
    assert [n["id"] for n in sim.api.get("Tickets/7001/Notes").json()["items"]] == [note_id]
    assert sim.api.get("Tickets/7002/Notes").json()["items"] == []
    assert sim.api.get(f"Tickets/7001/Notes/{note_id}").json()["item"]["title"] == "[FN:1]"
    bare = sim.api.patch("Tickets/7001/Notes", json={"id": note_id, "description": "x"})
    assert len(bare.json()["errors"]) == 2
    full = {"id": note_id, "description": "x", "noteType": 3, "publish": 1}
    assert sim.api.patch("Tickets/7001/Notes", json=full).json() == {"itemId": note_id}
    stray = sim.api.post("Tickets/99/Notes", json=body)
    assert sim.refusal(stray) == "Reference value on field: ticketID of type: Ticket does not exist or is invalid"


def test_impersonation_shows_the_resource_as_author(sim: Any) -> None:
    body = {"title": "t", "description": "hello", "noteType": 3, "publish": 2}
    made = sim.api.post("Tickets/7001/Notes", json=body, headers={"ImpersonationResourceId": "29682885"})
    note = sim.api.get(f"TicketNotes/{made.json()['itemId']}").json()["item"]
    assert note["creatorResourceID"] == 29682885
    assert note["impersonatorCreatorResourceID"] == 29683001
    refused = sim.api.post("Tickets/7001/Notes", json=body, headers={"ImpersonationResourceId": "29683001"})
    assert "adequate permissions to create" in sim.refusal(refused)


def test_a_time_entry_follows_its_window_and_can_be_deleted_by_its_creator(sim: Any, entry: dict[str, Any]) -> None:
    made = sim.api.post("TimeEntries", json={**entry, "hoursWorked": 9}).json()["itemId"]
    item = sim.api.get(f"TimeEntries/{made}").json()["item"]
    assert (item["hoursWorked"], item["timeEntryType"], item["billingCodeID"]) == (1.5, 2, 29683502)
    sim.api.patch("TimeEntries", json={"id": made, "hoursWorked": 4})
    assert sim.api.get(f"TimeEntries/{made}").json()["item"]["hoursWorked"] == 1.5
    sim.api.patch("TimeEntries", json={"id": made, "endDateTime": "2026-11-03T16:00:00Z"})
    assert sim.api.get(f"TimeEntries/{made}").json()["item"]["hoursToBill"] == 2.0
    assert sim.api.delete(f"TimeEntries/{made}").json() == {"itemId": made}
    gone = sim.refusal(sim.api.delete(f"TimeEntries/{made}"))
    assert gone.startswith("No matching records found. The logged in Resource may not have")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"roleID": None}, "TimeEntries for Tickets must have a roleID"),
        ({"taskID": 5}, "Only one of ticketID,taskID and InternallAllocationCodeID can be used at once"),
        (
            {"startDateTime": None, "endDateTime": None},
            "TimeEntries for Service tickets require a start and stop time.",
        ),
        ({"endDateTime": None}, "Must have at least one of hoursWorked or startDateTime/endDateTime"),
        ({"endDateTime": "2026-11-03T14:00:00Z"}, "hoursWorked greater than 24 hours or less than zero hours"),
        ({"endDateTime": "2026-11-04T14:00:00Z"}, "hoursWorked greater than 24 hours or less than zero hours"),
        ({"billingCodeID": 29682801}, "The given allocation code is not an active general allocation code"),
        (
            {"resourceID": 29683001},
            "Reference value on field: resourceID of type: Resource does not exist or is invalid",
        ),
        (
            {"resourceID": 29682885, "roleID": 29683356},
            "Reference value on field: roleID of type: Role does not exist or is invalid",
        ),
    ],
)
def test_a_time_entry_is_refused(sim: Any, entry: dict[str, Any], change: dict[str, Any], text: str) -> None:
    assert sim.refusal(sim.api.post("TimeEntries", json={**entry, **change})) == text


def test_hours_alone_do_where_the_database_asks_for_no_window(sim: Any, entry: dict[str, Any]) -> None:
    sim.settings(start_stop_required=False)
    body = {**entry, "startDateTime": None, "endDateTime": None}
    assert sim.api.post("TimeEntries", json=body).status_code == 200
    no_day = sim.api.post("TimeEntries", json={**body, "dateWorked": None})
    assert sim.refusal(no_day) == "dateWorked is required when no value is supplied for startDateTime"


def test_someone_elses_submitted_approved_and_posted_time_is_out_of_reach(sim: Any, entry: dict[str, Any]) -> None:
    made = sim.api.post("TimeEntries", json=entry).json()["itemId"]
    theirs = sim.sim.post("ui/101/TimeEntries", json=entry).json()["itemId"]
    assert "that you did not create" in sim.refusal(sim.api.delete(f"TimeEntries/{theirs}"))
    sheet = {"resourceID": 29682885, "weekStart": "2026-11-01", "status": "submitted"}
    sheet_id = sim.sim.post("ui/101/Timesheets", json=sheet).json()["itemId"]
    assert "have been submitted" in sim.refusal(sim.api.delete(f"TimeEntries/{made}"))
    sim.sim.patch(f"ui/101/Timesheets/{sheet_id}", json={"status": "approved"})
    patch = {"id": made, "summaryNotes": "x"}
    assert "timesheet has been approved" in sim.refusal(sim.api.patch("TimeEntries", json=patch))
    sim.sim.patch(f"ui/101/Timesheets/{sheet_id}", json={"status": "new"})
    sim.sim.patch(f"ui/101/TimeEntries/{made}", json={"billingApprovalDateTime": "2026-11-09T00:00:00Z"})
    assert "time has been posted" in sim.refusal(sim.api.delete(f"TimeEntries/{made}"))


def test_a_charge_is_priced_by_the_vendor_and_closed_once_billed(sim: Any) -> None:
    body = {
        "name": "Parking", "chargeType": 1, "datePurchased": "2026-11-03T18:30:00-06:00", "unitQuantity": 2,
        "unitPrice": 12.25, "unitCost": 10, "billingCodeID": 29682801,
    }  # fmt: skip
    made = sim.api.post("Tickets/7001/Charges", json=body).json()["itemId"]
    charge = sim.api.get(f"Tickets/7001/Charges/{made}").json()["item"]
    assert (charge["billableAmount"], charge["extendedCost"]) == (24.5, 20.0)
    assert charge["datePurchased"] == "2026-11-03T00:00:00Z"
    wrong = sim.api.post("Tickets/7001/Charges", json={**body, "billingCodeID": 29683502})
    assert "allocation code" in sim.refusal(wrong)
    sim.sim.patch(f"ui/101/TicketCharges/{made}", json={"isBilled": True})
    assert "posted" in sim.refusal(sim.api.delete(f"Tickets/7001/Charges/{made}"))


def test_expenses_add_up_until_the_report_is_submitted(sim: Any) -> None:
    report = {"name": "FN week 45", "submitterID": 29682885, "weekEnding": "2026-11-07"}
    report_id = sim.api.post("ExpenseReports", json=report).json()["itemId"]
    item = {
        "description": "Parking", "expenseCategory": 5, "expenseDate": "2026-11-03", "haveReceipt": False,
        "isBillableToCompany": True, "paymentType": 1, "expenseCurrencyExpenseAmount": 12.5, "ticketID": 7002,
    }  # fmt: skip
    made = sim.api.post(f"Expenses/{report_id}/Items", json=item).json()["itemId"]
    (stored,) = sim.query("ExpenseItems", {"op": "eq", "field": "expenseReportID", "value": report_id})
    assert (stored["companyID"], stored["internalCurrencyExpenseAmount"]) == (29762802, 12.5)
    assert sim.api.get(f"ExpenseReports/{report_id}").json()["item"]["internalCurrencyExpenseTotal"] == 12.5
    mileage = sim.api.post(f"Expenses/{report_id}/Items", json={**item, "expenseCategory": 3})
    assert mileage.json()["errors"][0] == "Value does not exist for the required field origin"
    assert sim.api.delete(f"Expenses/{report_id}/Items/{made}").status_code == 405
    sim.api.patch("ExpenseReports", json={"id": report_id, "submit": True})
    late = sim.api.patch(f"Expenses/{report_id}/Items", json={"id": made, "expenseCurrencyExpenseAmount": 0})
    assert "In Progress or Rejected" in sim.refusal(late)


def _file(content: bytes, **more: Any) -> dict[str, Any]:
    data = base64.b64encode(content).decode()
    return {
        "id": 0,
        "attachmentType": "FILE_ATTACHMENT",
        "title": "R",
        "fullPath": "r.pdf",
        "publish": 2,
        "data": data,
    } | more


def test_an_attachments_content_comes_only_from_its_child_path(sim: Any) -> None:
    made = sim.api.post("Tickets/7001/Attachments", json=_file(b"abc")).json()["itemId"]
    child = sim.api.get(f"Tickets/7001/Attachments/{made}").json()
    assert base64.b64decode(child["items"][0]["data"]) == b"abc"
    (listed,) = sim.api.get("Tickets/7001/Attachments").json()["items"]
    assert listed["data"] is None
    info = sim.api.get(f"AttachmentInfo/{made}").json()["item"]
    assert (info["fileSize"], info["parentType"], "data" in info) == (3.0, 4, False)
    assert sim.api.patch("Tickets/7001/Attachments", json={"id": made}).status_code == 405
    assert sim.api.delete(f"Tickets/7001/Attachments/{made}").json() == {"itemId": made}


def test_a_tickets_attachments_include_those_of_its_notes(sim: Any) -> None:
    note = {"title": "t", "description": "d", "noteType": 3, "publish": 2}
    note_id = sim.api.post("Tickets/7001/Notes", json=note).json()["itemId"]
    made = sim.api.post(f"TicketNotes/{note_id}/Attachments", json=_file(b"x")).json()["itemId"]
    (found,) = sim.query("TicketAttachments", {"op": "eq", "field": "ticketID", "value": 7001})
    assert (found["id"], found["parentType"]) == (made, 23)


def test_a_link_needs_no_content_and_a_file_does(sim: Any) -> None:
    link = {"attachmentType": "URL", "title": "Photo", "fullPath": "https://x.example/p.jpg", "publish": 1}
    assert sim.api.post("Tickets/7001/Attachments", json=link).status_code == 200
    bare = sim.api.post("Tickets/7001/Attachments", json={**link, "attachmentType": "FILE_ATTACHMENT"})
    assert sim.refusal(bare) == "Value does not exist for the required field data"
    broken = sim.api.post("Tickets/7001/Attachments", json={**_file(b""), "data": "@@"})
    assert "Base-64" in sim.refusal(broken)


def test_too_many_bytes_in_the_window_stop_all_uploads(sim: Any) -> None:
    sim.settings(attachment_max_bytes=80, attachment_window_bytes=100)
    assert "maximum size" in sim.refusal(sim.api.post("Tickets/7001/Attachments", json=_file(b"x" * 81)))
    assert sim.api.post("Tickets/7001/Attachments", json=_file(b"x" * 60)).status_code == 200
    for size in (60, 1):
        assert "limit" in sim.refusal(sim.api.post("Tickets/7001/Attachments", json=_file(b"x" * size)))


def test_locations_and_contacts_are_written_through_the_company(sim: Any) -> None:
    place = {"name": "Dock", "address1": "1 Main", "city": "Reno", "state": "NV", "isPrimary": True}
    location = sim.api.post("Companies/29762801/Locations", json=place).json()["itemId"]
    primaries = [r["id"] for r in sim.rows("CompanyLocations") if r["companyID"] == 29762801 and r["isPrimary"]]
    assert primaries == [location]
    person = {"firstName": "Jo", "lastName": "Ek", "isActive": 1, "companyLocationID": location}
    contact = sim.api.post("Companies/29762801/Contacts", json=person).json()["itemId"]
    assert sim.api.get(f"Contacts/{contact}").json()["item"]["companyID"] == 29762801
    truth = sim.api.post("Companies/29762801/Contacts", json={**person, "isActive": True})
    assert "parsing value: t" in sim.refusal(truth)
    assert sim.api.delete(f"Companies/29762801/Contacts/{contact}").json() == {"itemId": contact}
    assert sim.api.post("Contacts", json=person).status_code == 405


def test_a_company_needs_an_owner_a_phone_and_a_type(sim: Any) -> None:
    answer = sim.api.post("Companies", json={"companyName": "New"})
    assert answer.json()["errors"] == [
        f"Value does not exist for the required field {name}" for name in ("companyType", "ownerResourceID", "phone")
    ]
    body = {"companyName": "New", "companyType": 1, "ownerResourceID": 29682885, "phone": "1"}
    assert sim.api.post("Companies", json=body).status_code == 200


def test_entities_without_field_facts_are_plain_stores(sim: Any) -> None:
    made = sim.api.post("Contracts", json={"contractName": "Gold", "companyID": 1}).json()["itemId"]
    assert sim.api.get(f"Contracts/{made}").json() == {"item": {"id": made, "contractName": "Gold", "companyID": 1}}
    assert len(sim.query("Contracts", {"op": "eq", "field": "contractName", "value": "gold"})) == 1


def test_a_body_that_is_no_json_object_is_a_500_with_a_text(sim: Any) -> None:
    for content in (b"", b"[1]", b"{", b"null"):
        assert sim.refusal(sim.api.post("Tickets", content=content))


def test_half_a_surrogate_pair_survives_in_records_journal_and_hooks(sim: Any) -> None:
    content = b'{"id": 7001, "title": "half \\ud83d"}'
    assert sim.api.patch("Tickets", content=content).status_code == 200
    assert r"half \ud83d" in sim.api.get("Tickets/7001").text
    assert sim.sim.get("writes").status_code == 200
