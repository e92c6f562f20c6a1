"""Tickets, their notes and their secondary resources; the notes of tasks follow the same rules."""

from typing import Any

from app.simulators.autotask.drafts import Draft, Rule
from app.simulators.autotask.errors import ROLE_PAIR, ApiError, bad_pick, bad_reference, missing
from app.simulators.autotask.records import Row
from app.simulators.autotask.rules.resources import is_on_a_queue, require_pair, require_person

COMPLETE = 5
_EMPTY_TEXTS = (
    "changeInfoField1", "changeInfoField2", "changeInfoField3", "changeInfoField4", "changeInfoField5",
    "externalID", "purchaseOrderNumber", "resolution",
)  # fmt: skip


def _create_ticket(draft: Draft) -> None:
    # Field Nation connector pages and Autotask's own samples: a due date, and a queue or a resource with its role.
    if draft.switches.ticket_due_required and draft.get("dueDateTime") is None:
        raise ApiError("dueDateTime is required")
    has_pair = draft.get("assignedResourceID") is not None and draft.get("assignedResourceRoleID") is not None
    if draft.switches.ticket_queue_required and draft.get("queueID") is None and not has_pair:
        raise ApiError("Queue ID is required")
    _check_ticket(draft)
    _number_ticket(draft)
    draft.default(**dict.fromkeys(_EMPTY_TEXTS, ""))
    draft.default(ticketCategory=3, ticketType=1, creatorType=1, hoursToBeScheduled=0.0)
    draft.default(isAssignedToComanaged=False, isVisibleToComanaged=False)
    _touch(draft)


def _update_ticket(draft: Draft) -> None:
    _check_ticket(draft)
    if draft.changes("ticketNumber"):
        _require_free_number(draft, draft.values["ticketNumber"])
    _touch(draft)


def _touch(draft: Draft) -> None:
    draft.values["lastActivityPersonType"] = 1
    draft.values["lastActivityResourceID"] = draft.actor.resource_id
    if draft.row is None or draft.changes("status"):
        draft.values |= completion(draft, draft.get("status"))


def completion(draft: Draft, status: int) -> dict[str, Any]:
    """The fields that say when and by whom a ticket of this status was completed."""
    if status != COMPLETE:
        return {"completedDate": None, "completedByResourceID": None, "resolvedDateTime": None}
    author = draft.actor.resource_id
    return {"completedDate": draft.now_at, "completedByResourceID": author, "resolvedDateTime": draft.now_at}


def _check_ticket(draft: Draft) -> None:
    if draft.changes("assignedResourceID") or draft.changes("assignedResourceRoleID"):
        require_pair(draft, "assignedResourceID", "assignedResourceRoleID")
        _require_queue(draft)
        _require_not_secondary(draft)
    if draft.changes("contactID") or draft.changes("companyID"):
        _check_contact(draft)
    if draft.changes("companyLocationID") or draft.changes("companyID"):
        _check_location(draft)
    if draft.changes("subIssueType") or draft.changes("issueType"):
        _check_sub_issue(draft)


def _require_queue(draft: Draft) -> None:
    # Autotask developer help, tickets: the pair must be tied to at least one service-desk queue.
    resource_id, role_id = draft.get("assignedResourceID"), draft.get("assignedResourceRoleID")
    if resource_id is not None and not is_on_a_queue(draft.db, resource_id, role_id):
        raise ApiError(ROLE_PAIR)


def _require_not_secondary(draft: Draft) -> None:
    ticket_id = draft.row.id if draft.row is not None else None
    for row in draft.db.rows_with("TicketSecondaryResources", "ticketID", ticket_id):
        if row.get("resourceID") == draft.get("assignedResourceID"):
            raise ApiError("The primary resource of a ticket may not be one of its secondary resources.")


def _check_contact(draft: Draft) -> None:
    contact = draft.db.find("Contacts", draft.get("contactID"))
    if contact is None:
        return
    company = draft.db.find("Companies", draft.get("companyID"))
    parent_id = company.get("parentCompanyID") if company is not None else None
    if contact.get("companyID") not in (draft.get("companyID"), parent_id):
        raise ApiError(bad_reference("contactID", "Contact"))


def _check_location(draft: Draft) -> None:
    location = draft.db.find("CompanyLocations", draft.get("companyLocationID"))
    if location is not None and location.get("companyID") != draft.get("companyID"):
        raise ApiError(bad_reference("companyLocationID", "CompanyLocation"))


def _check_sub_issue(draft: Draft) -> None:
    value = draft.get("subIssueType")
    for pick in draft.db.picks("Tickets", "subIssueType"):
        if pick["value"] == str(value) and pick["parentValue"] not in ("", str(draft.get("issueType"))):
            raise ApiError(bad_pick(value, "subIssueType"))


def _number_ticket(draft: Draft) -> None:
    given = draft.get("ticketNumber")
    if given:
        _require_free_number(draft, given)
        return
    prefix = draft.now_at.strftime("T%Y%m%d.")
    number = draft.db.ticket_numbers.get(prefix, 0) + 1
    while draft.db.rows_with("Tickets", "ticketNumber", f"{prefix}{number:04d}"):
        number += 1
    draft.db.ticket_numbers[prefix] = number
    draft.values["ticketNumber"] = f"{prefix}{number:04d}"


def _require_free_number(draft: Draft, number: str) -> None:
    own_id = draft.row.id if draft.row is not None else None
    if any(row.id != own_id for row in draft.db.rows_with("Tickets", "ticketNumber", number)):
        raise ApiError(f"ticketNumber: the value {number} is already in use.")


def _create_note(draft: Draft) -> None:
    _require_title(draft)
    draft.default(title="")


def _require_title(draft: Draft) -> None:
    if draft.switches.note_title_required and not draft.get("title"):
        raise ApiError(missing("title"))


def _update_note(draft: Draft) -> None:
    # A PATCH of a note must repeat both, or it fails (seen in production).
    absent = [name for name in ("noteType", "publish") if draft.values.get(name) is None]
    if absent and not draft.actor.is_person:
        raise ApiError(*[missing(name) for name in absent])
    _require_title(draft)


def touch_ticket(draft: Draft, row: Row) -> None:
    """Notes, time and the like count as activity of their ticket."""
    ticket = draft.db.find("Tickets", row.get("ticketID"))
    if ticket is not None:
        ticket.write({"lastActivityDate": draft.now_at, "lastActivityResourceID": draft.actor.resource_id})


def _create_secondary(draft: Draft) -> None:
    require_person(draft, "resourceID")
    require_pair(draft, "resourceID", "roleID")
    ticket = draft.db.find("Tickets", draft.get("ticketID"))
    if ticket is not None and ticket.get("assignedResourceID") == draft.get("resourceID"):
        raise ApiError("The primary resource of a ticket may not be one of its secondary resources.")


TICKETS = Rule(create=_create_ticket, update=_update_ticket)
NOTES = Rule(create=_create_note, update=_update_note, settled=touch_ticket)
SECONDARY_RESOURCES = Rule(create=_create_secondary)
