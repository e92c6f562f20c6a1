"""Tickets, their notes and their secondary resources."""

from app.simulators.autotask.drafts import Draft, Rule
from app.simulators.autotask.errors import ApiError, bad_pick, bad_reference, missing
from app.simulators.autotask.records import Row
from app.simulators.autotask.rules.resources import require_pair, require_person

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
        _follow_status(draft)


def _follow_status(draft: Draft) -> None:
    done = draft.get("status") == COMPLETE
    draft.values["completedDate"] = draft.now_at if done else None
    draft.values["completedByResourceID"] = draft.actor.resource_id if done else None
    draft.values["resolvedDateTime"] = draft.now_at if done else None


def _check_ticket(draft: Draft) -> None:
    if draft.changes("assignedResourceID") or draft.changes("assignedResourceRoleID"):
        require_pair(draft, "assignedResourceID", "assignedResourceRoleID")
        _require_not_secondary(draft)
    if draft.changes("contactID") or draft.changes("companyID"):
        _check_contact(draft)
    if draft.changes("companyLocationID") or draft.changes("companyID"):
        _check_location(draft)
    if draft.changes("subIssueType") or draft.changes("issueType"):
        _check_sub_issue(draft)


def _require_not_secondary(draft: Draft) -> None:
    ticket_id = draft.row.id if draft.row is not None else None
    for row in draft.db.rows("TicketSecondaryResources"):
        if row.get("ticketID") == ticket_id and row.get("resourceID") == draft.get("assignedResourceID"):
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
    taken = [str(row.get("ticketNumber")) for row in draft.db.rows("Tickets")]
    numbers = [int(text[10:14]) for text in taken if text.startswith(prefix) and text[10:14].isdigit()]
    draft.values["ticketNumber"] = f"{prefix}{max(numbers, default=0) + 1:04d}"


def _require_free_number(draft: Draft, number: str) -> None:
    own_id = draft.row.id if draft.row is not None else None
    if any(row.get("ticketNumber") == number and row.id != own_id for row in draft.db.rows("Tickets")):
        raise ApiError(f"ticketNumber: the value {number} is already in use.")


def _ticket_settled(draft: Draft, row: Row) -> None:
    if draft.row is None or "status" not in draft.values:
        return
    # Workflow rules run after the write and may put a value back (seen in production).
    kept = draft.switches.status_reverts.get(str(row.get("status")))
    if kept is not None and not draft.actor.is_person:
        row.write({"status": kept, "completedDate": None, "completedByResourceID": None, "resolvedDateTime": None})


def _create_note(draft: Draft) -> None:
    if draft.switches.note_title_required and not draft.get("title"):
        raise ApiError(missing("title"))
    draft.default(title="")


def _update_note(draft: Draft) -> None:
    # A PATCH of a note must repeat both, or it fails (seen in production).
    absent = [name for name in ("noteType", "publish") if draft.values.get(name) is None]
    if absent and not draft.actor.is_person:
        raise ApiError(*[missing(name) for name in absent])


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


TICKETS = Rule(create=_create_ticket, update=_update_ticket, settled=_ticket_settled)
NOTES = Rule(create=_create_note, update=_update_note, settled=touch_ticket)
SECONDARY_RESOURCES = Rule(create=_create_secondary)
