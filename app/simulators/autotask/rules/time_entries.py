"""Time entries: the window, the role, the work type, and who may touch what once it is submitted or posted."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.simulators.autotask.drafts import Draft, Rule
from app.simulators.autotask.errors import ROLE_PAIR, ApiError, no_permission
from app.simulators.autotask.records import Database, Row
from app.simulators.autotask.rules.resources import pair_is_defined, require_person
from app.simulators.autotask.rules.tickets import COMPLETE, touch_ticket
from app.simulators.autotask.values import sunday_of

WORK_TYPE = 1
_TICKET_ENTRY, _TASK_ENTRY, _REGULAR_ENTRY = 2, 6, 10
_HOURS_OUT_OF_RANGE = "hoursWorked greater than 24 hours or less than zero hours"


def _create(draft: Draft) -> None:
    _require_one_target(draft)
    require_person(draft, "resourceID")
    _require_proxy(draft)
    _set_type_and_role(draft)
    _set_window(draft)
    _set_work_type(draft)
    _require_open_sheet(draft, "edit")
    _require_summary(draft)
    _require_taking_time(draft)
    draft.default(isNonBillable=False, showOnInvoice=True, offsetHours=0.0, summaryNotes="", internalNotes="")
    _bill(draft)


def _update(draft: Draft) -> None:
    _require_open_entry(draft, "edit")
    if any(draft.changes(name) for name in ("ticketID", "taskID", "internalBillingCodeID")):
        raise ApiError("A time entry cannot be moved to another ticket, task or internal code.")
    if draft.actor.impersonated and draft.changes("showOnInvoice") and draft.get("ticketID") is not None:
        raise ApiError("User not authorized to change Show On Invoice values for Ticket time entries")
    if draft.changes("resourceID") or draft.changes("roleID"):
        require_person(draft, "resourceID")
        _require_proxy(draft)
        _set_type_and_role(draft)
    if draft.changes("startDateTime") and "dateWorked" not in draft.values:
        draft.values["dateWorked"] = None
    _set_window(draft)
    if draft.changes("billingCodeID"):
        _set_work_type(draft)
    _require_summary(draft)
    _require_open_sheet(draft, "edit")
    _bill(draft)


def _delete(draft: Draft) -> None:
    assert draft.row is not None
    _require_open_entry(draft, "delete")
    if not draft.actor.is_person and draft.row.get("creatorUserID") != draft.actor.resource_id:
        raise ApiError("You do not have permission to delete time entries that you did not create")


def _require_one_target(draft: Draft) -> None:
    named = [n for n in ("ticketID", "taskID", "internalBillingCodeID") if draft.get(n) is not None]
    if len(named) > 1:
        # The doubled letter is the vendor's.
        raise ApiError("Only one of ticketID,taskID and InternallAllocationCodeID can be used at once")
    if not named:
        raise ApiError("One of ticketID, taskID or internalBillingCodeID is required")


def _require_proxy(draft: Draft) -> None:
    allowed = draft.switches.proxy_time_allowed or draft.actor.resource_id == draft.get("resourceID")
    if not allowed and not draft.actor.is_person:
        raise no_permission("create" if draft.row is None else "update")


def _require_summary(draft: Draft) -> None:
    if draft.switches.summary_notes_required and not draft.get("summaryNotes"):
        raise ApiError("summaryNotes is required")


def _require_taking_time(draft: Draft) -> None:
    ticket = draft.db.find("Tickets", draft.get("ticketID"))
    if ticket is not None and ticket.get("status") == COMPLETE and not draft.switches.complete_ticket_takes_time:
        raise ApiError("Time entries cannot be added to a complete ticket.")


def _set_type_and_role(draft: Draft) -> None:
    resource_id, role_id = draft.get("resourceID"), draft.get("roleID")
    if draft.get("ticketID") is not None:
        draft.values["timeEntryType"] = _TICKET_ENTRY
        if role_id is None:
            raise ApiError("TimeEntries for Tickets must have a roleID")
        if not pair_is_defined(draft.db, resource_id, role_id):
            raise ApiError(ROLE_PAIR)
    elif draft.get("taskID") is not None:
        draft.values["timeEntryType"] = _TASK_ENTRY
        _require_on_task(draft)
    else:
        draft.values["timeEntryType"] = _REGULAR_ENTRY


def _require_on_task(draft: Draft) -> None:
    task = draft.db.find("Tasks", draft.get("taskID"))
    if task is None:
        raise ApiError("This taskID does not reference a valid Task")
    on_task = {(task.get("assignedResourceID"), task.get("assignedResourceRoleID"))} | {
        (row.get("resourceID"), row.get("roleID"))
        for row in draft.db.rows_with("TaskSecondaryResources", "taskID", task.id)
    }
    if (draft.get("resourceID"), draft.get("roleID")) not in on_task:
        raise ApiError("This roleID is not valid for this Task and Resource")


def _set_window(draft: Draft) -> None:
    start, end = draft.get("startDateTime"), draft.get("endDateTime")
    if (start is None) != (end is None) or (start is None and draft.get("hoursWorked") is None):
        raise ApiError("Must have at least one of hoursWorked or startDateTime/endDateTime")
    if start is None:
        if draft.switches.start_stop_required and draft.get("ticketID") is not None:
            raise ApiError("TimeEntries for Service tickets require a start and stop time.")
        if draft.get("dateWorked") is None:
            raise ApiError("dateWorked is required when no value is supplied for startDateTime")
        if not 0 < draft.get("hoursWorked") <= 24:
            raise ApiError(_HOURS_OUT_OF_RANGE)
        return
    draft.values["hoursWorked"] = _window_hours(draft, start, end)
    day = _local_day(draft, start)
    draft.default(dateWorked=datetime(day.year, day.month, day.day, tzinfo=UTC))


def _window_hours(draft: Draft, start: datetime, end: datetime) -> float:
    # One minute is the floor and a whole day too much; hoursWorked follows the window (seen in production).
    length = end - start
    if not timedelta(minutes=1) <= length < timedelta(hours=24):
        raise ApiError(_HOURS_OUT_OF_RANGE)
    last_at = end - timedelta(milliseconds=1)
    if not draft.switches.span_midnight_allowed and _local_day(draft, start) != _local_day(draft, last_at):
        raise ApiError("Time entries may not span over midnight.")
    return round(length.total_seconds() / 3600, 4)


def _local_day(draft: Draft, moment: datetime) -> date:
    """The calendar day of a moment where the resource of the entry works."""
    zone = draft.switches.resource_zones.get(str(draft.get("resourceID")), draft.switches.home_zone)
    return moment.astimezone(ZoneInfo(zone)).date()


def _set_work_type(draft: Draft) -> None:
    ticket = draft.db.find("Tickets", draft.get("ticketID"))
    if draft.get("billingCodeID") is None and ticket is not None:
        draft.values["billingCodeID"] = ticket.get("billingCodeID")
    if draft.get("billingCodeID") is None:
        return
    code = draft.db.find("BillingCodes", draft.get("billingCodeID"))
    if code is None or code.get("useType") != WORK_TYPE or code.get("isActive") is False:
        raise ApiError("The given allocation code is not an active general allocation code")


def _bill(draft: Draft) -> None:
    draft.values["hoursToBill"] = (draft.get("hoursWorked") or 0.0) + (draft.get("offsetHours") or 0.0)
    draft.values["lastModifiedUserID"] = draft.actor.resource_id


def _require_open_entry(draft: Draft, verb: str) -> None:
    """Refuse a change of an entry that is posted, or submitted or approved, itself or with its week."""
    row = draft.row
    if row is None or draft.actor.is_person:
        return
    # There is no posted flag: the approval moment, or a billing item of the entry, tells (seen in production).
    if row.get("billingApprovalDateTime") is not None or draft.db.rows_with("BillingItems", "timeEntryID", row.id):
        raise ApiError("This time entry cannot be changed, the time has been posted.")
    _refuse_closed(draft.db.entry_states.get(row.id), verb)
    _refuse_closed(sheet_status(draft.db, row.get("resourceID"), row.get("dateWorked")), verb)


def _require_open_sheet(draft: Draft, verb: str) -> None:
    """Refuse to put time into a week whose timesheet is submitted or approved."""
    if not draft.actor.is_person:
        _refuse_closed(sheet_status(draft.db, draft.get("resourceID"), draft.get("dateWorked")), verb)


def _refuse_closed(status: str | None, verb: str) -> None:
    if status == "approved":
        raise ApiError("This time entry cannot be changed, the timesheet has been approved.")
    if status == "submitted":
        raise ApiError(f"You do not have permission to {verb} time entries that have been submitted")


def sheet_status(db: Database, resource_id: int, worked: datetime | None) -> str | None:
    """What became of the timesheet of a resource and the week, Sunday to Saturday, of a day; None: nothing yet."""
    sheet = find_sheet(db, resource_id, worked) if worked is not None else None
    return str(sheet.get("status")) if sheet is not None else None


def find_sheet(db: Database, resource_id: int, worked: datetime) -> Row | None:
    """The simulator's own record of a week's timesheet."""
    week = sunday_of(worked).date().isoformat()
    sheets = db.rows_with("Timesheets", "resourceID", resource_id)
    return next((sheet for sheet in sheets if str(sheet.get("weekStart"))[:10] == week), None)


def _settled(draft: Draft, row: Row) -> None:
    touch_ticket(draft, row)


TIME_ENTRIES = Rule(
    create=_create,
    update=_update,
    delete=_delete,
    settled=_settled,
    unchecked=frozenset({"billingCodeID", "taskID"}),
)
