"""Companies' locations, contacts, service calls and tasks."""

from app.simulators.autotask.drafts import Draft, Rule
from app.simulators.autotask.errors import ApiError, bad_reference
from app.simulators.autotask.records import Row

_TASK_COMPLETE = 5


def _write_company(draft: Draft) -> None:
    draft.default(isActive=True, isTaxExempt=False, isClientPortalActive=False, isTaskFireActive=False)


def _write_location(draft: Draft) -> None:
    draft.default(isActive=True, isPrimary=False, isTaxExempt=False, overrideAccountTaxSettings=False)


def _location_settled(draft: Draft, row: Row) -> None:
    if not row.get("isPrimary"):
        return
    for other in draft.db.rows("CompanyLocations"):
        if other.id != row.id and other.get("companyID") == row.get("companyID") and other.get("isPrimary"):
            other.write({"isPrimary": False})


def _write_contact(draft: Draft) -> None:
    location = draft.db.find("CompanyLocations", draft.get("companyLocationID"))
    if location is not None and location.get("companyID") != draft.get("companyID"):
        raise ApiError(bad_reference("companyLocationID", "CompanyLocation"))
    draft.default(primaryContact=False, receivesEmailNotifications=True, isOptedOutFromBulkEmail=False)


def _write_service_call(draft: Draft) -> None:
    start, end = draft.get("startDateTime"), draft.get("endDateTime")
    if end <= start:
        raise ApiError("endDateTime must be after startDateTime.")
    draft.values["duration"] = round((end - start).total_seconds() / 3600, 4)
    draft.default(isComplete=0, status=1)


def _link_ticket(draft: Draft) -> None:
    calls = draft.db.rows_with("ServiceCallTickets", "serviceCallID", draft.get("serviceCallID"))
    if any(row.get("ticketID") == draft.get("ticketID") for row in calls):
        raise ApiError("The ticket is already part of this service call.")


def _write_task(draft: Draft) -> None:
    if draft.changes("status"):
        draft.values["completedDateTime"] = draft.now_at if draft.get("status") == _TASK_COMPLETE else None
    if draft.get("assignedResourceID") is None:
        return
    for name in ("departmentID", "billingCodeID"):
        if draft.get(name) is None:
            raise ApiError(f"{name} is a required field when a Resource (primary/secondary) is assigned to a Task")


COMPANIES = Rule(create=_write_company)
LOCATIONS = Rule(create=_write_location, settled=_location_settled)
CONTACTS = Rule(create=_write_contact, update=_write_contact)
SERVICE_CALLS = Rule(create=_write_service_call, update=_write_service_call)
SERVICE_CALL_TICKETS = Rule(create=_link_ticket)
TASKS = Rule(create=_write_task, update=_write_task)
