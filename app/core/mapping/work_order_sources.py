"""What an outbound mapping may read of a work order beside what it may write: path, type, label.

The document is the one of `work_order_document`: the vendor's work order, with stable names added. `[0]` is the first
element of a list, and each element in a rule for the records that are made of that list. Shapes: Field Nation API v2,
work order, time log, expense, message and attachment objects. Long tails of no use to a ticket (actions, thumbnails,
network options) are left out here; a rule may name them all the same.
"""

from collections.abc import Mapping
from typing import Final

from app.core.mapping.work_order_names import STATUSES
from app.core.model.catalog import PickValue


def words(*texts: str) -> tuple[PickValue, ...]:
    """The values of a list of plain words, which are their own labels."""
    return tuple(PickValue(text, text) for text in texts)


# Sections of the order, then the parts of it.
_ORDER: Final = {
    "id": ("integer", "Work order number"),
    "work_order_id": ("integer", "Work order number, repeated"),
    "status.name": ("string", "Status, by name"),
    "status.display": ("string", "Status as shown to people"),
    "status.code": ("string", "Sub-status"),
    "status.delay": ("integer", "Delay reported by the provider"),
    "status.confirmed": ("boolean", "Provider confirmed"),
    "status.is_routed": ("boolean", "Routed"),
    "status.ncns": ("boolean", "No call, no show"),
    "href": ("string", "Link"),
    "notes": ("string", "Closing notes (stable name)"),
    "closing_notes": ("string", "Closing notes"),
    "description.markdown": ("string", "Description, as Markdown"),
    "confidential.markdown": ("string", "Confidential information, as Markdown"),
    "standard_instructions.html": ("string", "Standard instructions"),
    "standard_instructions.markdown": ("string", "Standard instructions, as Markdown"),
    "policy_and_procedures.html": ("string", "Policy and procedures"),
    "policy_and_procedures.markdown": ("string", "Policy and procedures, as Markdown"),
    "company.id": ("integer", "Company number"),
    "company.name": ("string", "Company"),
    "manager.name": ("string", "Manager's name"),
    "manager.first_name": ("string", "Manager's first name"),
    "manager.last_name": ("string", "Manager's last name"),
    "manager.email": ("string", "Manager's e-mail"),
    "manager.phone": ("string", "Manager's phone"),
    "client.name": ("string", "Client"),
    "project.name": ("string", "Project"),
    "template.name": ("string", "Template"),
    "type_of_work.id": ("integer", "Main type of work"),
    "type_of_work.name": ("string", "Main type of work, by name"),
    "types_of_work[0].name": ("string", "Type of work, by name"),
    "service_types[0].name": ("string", "Service type, by name"),
    "networks.results[0].name": ("string", "Network, by name"),
    "assignee.user.id": ("integer", "Assigned provider's number (0: nobody)"),
    "assignee.user.first_name": ("string", "Assigned provider's first name"),
    "assignee.user.last_name": ("string", "Assigned provider's last name"),
    "assignee.user.email": ("string", "Assigned provider's e-mail"),
    "assignee.user.phone": ("string", "Assigned provider's phone"),
    "assignee.user.cell": ("string", "Assigned provider's mobile phone"),
    "assignee.in_confirmation_window": ("boolean", "Provider may confirm"),
    "contacts[0].id": ("integer", "Contact's number (below 0: not entered by a person)"),
    "custom_fields.internal.id": ("integer", "Number of the custom field for the internal ticket number"),
    "custom_fields.internal.name": ("string", "Name of the custom field for the internal ticket number"),
    "custom_fields.internal.value": ("string", "Internal ticket number"),
    "integration.id": ("string", "Record of Field Nation's own connector: number"),
    "integration.name": ("string", "Record of Field Nation's own connector: system"),
    "site_revisit.job_status": ("string", "Job status of a revisit"),
    "site_revisit.revisit_count": ("integer", "Number of revisits"),
    "site_revisit.is_revisit": ("boolean", "Is a revisit"),
    "import_id": ("integer", "Import number"),
    "w2": ("boolean", "W2 work"),
    "publish_stats.requests": ("integer", "Number of requests by providers"),
    "progress.sum.all": ("integer", "Number of tasks"),
    "progress.sum.complete": ("integer", "Number of completed tasks"),
    "routes.sum.all": ("integer", "Number of routes"),
    "bundle.id": ("integer", "Bundle"),
    "tags[0].id": ("integer", "Tag's number"),
    "tags[0].label": ("string", "Tag"),
    "tasks[0].id": ("integer", "Task's number"),
    "tasks[0].type.key": ("string", "Kind of task, by key"),
    "tasks[0].type.name": ("string", "Kind of task, by name"),
    "tasks[0].group.label": ("string", "Group of tasks"),
    "tasks[0].description": ("string", "Task's description"),
    "tasks[0].label": ("string", "Task"),
    "tasks[0].status": ("string", "Task's status"),
    "tasks[0].completed": ("datetime", "Task completed at"),
    "problems.sum.active": ("integer", "Number of open problems"),
    "problems[0].type.name": ("string", "Problem's kind"),
    "problems[0].comments": ("string", "Problem's text"),
    "problems[0].resolution.status": ("string", "State of the problem's resolution"),
    "problems[0].created": ("datetime", "Problem reported at"),
    "shipments[0].name": ("string", "Shipment"),
    "shipments[0].carrier.tracking": ("string", "Shipment's tracking number"),
    "shipments[0].status": ("string", "Shipment's status"),
    "signatures[0].name": ("string", "Name of who signed"),
    "signatures[0].created": ("datetime", "Signed at"),
    "milestones.created": ("datetime", "Created at"),
    "milestones.published": ("datetime", "Published at"),
    "milestones.routed": ("datetime", "Routed at"),
    "milestones.assigned": ("datetime", "Assigned at"),
    "milestones.workdone": ("datetime", "Work done at"),
    "milestones.approved": ("datetime", "Approved at"),
    "milestones.paid": ("datetime", "Paid at"),
    "milestones.canceled": ("datetime", "Cancelled at"),
}
_PLACE_AND_TIME: Final = {
    "location.type.name": ("string", "Kind of site, by name"),
    "location.saved_location.name": ("string", "Saved location, by name"),
    "location.coordinates.latitude": ("decimal", "Latitude"),
    "location.coordinates.longitude": ("decimal", "Longitude"),
    "schedule.time_zone.name": ("string", "Time zone of the site, by name"),
    "schedule.today_tomorrow": ("string", "Today or tomorrow"),
    "schedule.require_ontime": ("boolean", "Must start on time"),
    "eta.start": ("datetime", "Provider's arrival, from"),
    "eta.end": ("datetime", "Provider's arrival, to"),
    "eta.hour_estimate": ("decimal", "Provider's estimate, hours"),
    "eta.mode": ("string", "Kind of arrival time"),
    "eta.notes": ("string", "Provider's note on the arrival"),
    "eta.status.name": ("string", "State of the arrival time"),
}
_PAY: Final = {
    "pay.hours": ("decimal", "Hours paid for"),
    "pay.reported_hours": ("decimal", "Hours reported"),
    "pay.number_of_devices": ("decimal", "Number of devices"),
    "pay.minimum_payment": ("decimal", "Least payment"),
    "pay.labor_sum": ("decimal", "Labour, sum"),
    "pay.max_pay": ("decimal", "Most that may be paid"),
    "pay.total": ("decimal", "Total pay"),
    "pay.range.min": ("decimal", "Pay range, from"),
    "pay.range.max": ("decimal", "Pay range, to"),
    "pay.invoice.id": ("integer", "Invoice number"),
    "pay.invoice.sent": ("datetime", "Invoice sent at"),
    "pay.invoice.paid": ("datetime", "Invoice paid at"),
    "pay.calculated_total.total.min": ("decimal", "Calculated total, from"),
    "pay.calculated_total.total.max": ("decimal", "Calculated total, to"),
    "pay.expenses.metadata.total": ("integer", "Number of expenses"),
    "pay.expenses.sum.all": ("decimal", "Expenses: all"),
    "pay.expenses.sum.charged": ("decimal", "Expenses: charged"),
    "pay.expenses.sum.uncharged": ("decimal", "Expenses: not charged"),
    "pay.expenses.sum.pending": ("decimal", "Expenses: pending"),
    "pay.expenses.sum.approved": ("decimal", "Expenses: approved"),
    "pay.expenses.sum.approved_amount": ("decimal", "Expenses: amount of the approved ones"),
    "pay.expenses.sum.denied": ("decimal", "Expenses: denied"),
    "pay.bonuses.sum.all": ("decimal", "Bonuses, sum"),
    "pay.penalties.sum.all": ("decimal", "Penalties, sum"),
    "pay.discounts.sum.all": ("decimal", "Discounts, sum"),
    "pay.increases.sum.all": ("decimal", "Increases, sum"),
}
_TIME_LOGS: Final = {
    "time_logs.metadata.total": ("integer", "Number of time logs"),
    "time_logs.hours": ("decimal", "Hours on site, sum of all time logs"),
    "time_logs[0].id": ("integer", "Time log's number"),
    "time_logs[0].StartDateTime": ("datetime", "Check-in"),
    "time_logs[0].EndDateTime": ("datetime", "Check-out"),
    "time_logs[0].HoursWorked": ("decimal", "Hours between check-in and check-out"),
    "time_logs[0].notes": ("string", "Time log's notes (Field Nation has none: empty)"),
    "time_logs[0].provider": ("string", "Provider's name"),
    "time_logs[0].hours": ("decimal", "Hours as Field Nation counts them"),
    "time_logs[0].devices": ("integer", "Number of devices"),
    "time_logs[0].status": ("string", "Time log's status"),
    "time_logs[0].verified": ("boolean", "Verified"),
    "time_logs[0].edited": ("boolean", "Edited by a person"),
    "time_logs[0].was_late": ("boolean", "Came late"),
    "time_logs[0].first_check_in": ("boolean", "Is the first check-in"),
    "time_logs[0].in.created": ("datetime", "Check-in as Field Nation keeps it"),
    "time_logs[0].in.distance": ("decimal", "Distance from the site at check-in"),
    "time_logs[0].out.created": ("datetime", "Check-out as Field Nation keeps it"),
    "time_logs[0].out.distance": ("decimal", "Distance from the site at check-out"),
    "time_logs[0].time_zone.name": ("string", "Time zone of the site, by name"),
    "time_logs[0].logged_by.id": ("integer", "Number of who logged it"),
    "time_logs[0].logged_by.first_name": ("string", "First name of who logged it"),
    "time_logs[0].logged_by.last_name": ("string", "Last name of who logged it"),
}
_EXPENSES: Final = {
    "expenses[0].id": ("integer", "Expense's number"),
    "expenses[0].amount": ("decimal", "Amount"),
    "expenses[0].quantity": ("decimal", "Quantity"),
    "expenses[0].description": ("string", "Expense's description"),
    "expenses[0].category": ("string", "Expense category"),
    "expenses[0].category.id": ("integer", "Expense category's number"),
    "expenses[0].status": ("string", "Expense's status"),
    "expenses[0].status_description": ("string", "Why the expense was denied"),
    "expenses[0].added": ("datetime", "Added at"),
    "expenses[0].approved": ("datetime", "Approved at"),
    "expenses[0].author": ("string", "Name of who added it"),
    "expenses[0].author.id": ("integer", "Number of who added it"),
    "expenses[0].author.is_provider": ("integer", "Added by a provider (1) or the buyer (0)"),
    "expenses[0].receipt.name": ("string", "Receipt's file name"),
}
_MESSAGES_AND_FILES: Final = {
    "messages.metadata.total": ("integer", "Number of messages"),
    "messages[0].id": ("string", "Message's number"),
    "messages[0].message": ("string", "Text of the message"),
    "messages[0].author": ("string", "Name of who wrote it"),
    "messages[0].role": ("string", "Who may see it"),
    "messages[0].created": ("datetime", "Written at"),
    "messages[0].parent_id": ("string", "Number of the message that it answers"),
    "messages[0].from.id": ("integer", "Number of who wrote it"),
    "messages[0].from.role": ("string", "Role of who wrote it"),
    "messages[0].to.name": ("string", "Name of who it is for"),
    "messages[0].work_order_status": ("string", "Status of the work order when it was written"),
    "attachments[0].id": ("integer", "File's number in its folder"),
    "attachments[0].folder_id": ("integer", "Folder's number"),
    "attachments[0].name": ("string", "File name"),
    "attachments[0].size": ("integer", "Size, bytes"),
    "attachments[0].file.mime": ("string", "File's type"),
    "attachments[0].file.description": ("string", "File's description"),
    "attachments[0].notes": ("string", "Notes on the file"),
    "attachments[0].status": ("string", "File's review"),
    "attachments[0].status_description": ("string", "Why the file was denied"),
    "attachments[0].created": ("datetime", "Uploaded at"),
    "attachments[0].author.first_name": ("string", "First name of who uploaded it"),
    "attachments[0].author.last_name": ("string", "Last name of who uploaded it"),
}

_PLAIN: Final = {**_ORDER, **_PLACE_AND_TIME, **_PAY, **_TIME_LOGS, **_EXPENSES, **_MESSAGES_AND_FILES}
_WINDOW: Final = {
    "schedule.service_window.start": "Start of the visit",
    "schedule.service_window.end": "End of the visit",
}

# Times that only our names for them are: the vendor has no object there.
_TEXTS: Final = frozenset({"time_logs[0].StartDateTime", "time_logs[0].EndDateTime"})


def _parts_of(times: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """What the date objects at these paths consist of: the UTC text, and day and clock at the site."""
    return {
        f"{path}.{part}": (type, f"{label}, {what}")
        for path, label in times.items()
        for part, type, what in (
            ("utc", "datetime", "UTC text"),
            ("local.date", "date", "day at the site"),
            ("local.time", "time", "clock at the site"),
        )
    }


_TIMES: Final = {path: label for path, (type, label) in _PLAIN.items() if type == "datetime" and path not in _TEXTS}

READ_ONLY: Final[Mapping[str, tuple[str, str]]] = {**_PLAIN, **_parts_of({**_WINDOW, **_TIMES})}
"""Type and label by canonical path of what can be read and not written."""

READ_ONLY_VALUES: Final[Mapping[str, tuple[PickValue, ...]]] = {
    "status.name": words(*STATUSES.values()),
    "time_logs[0].status": words("checked_in", "checked_out"),
    "expenses[0].status": words("new", "approved", "disapproved"),
    "messages[0].role": words(
        "INTERNAL",
        "ASSIGNEDTECH",
        "REQUESTEDTECHS",
        "SPECIFICTECH",
        "FROMTECH",
        "REPLY",
        "TECHTOMANAGER",
        "ROUTEDTECHS",
        "REPLYTOTHREAD",
        "STAFF_NOTE",
    ),
    "attachments[0].status": words("pending", "approved", "denied"),
    "tasks[0].status": words("complete", "incomplete"),
}
"""Values by path, where the vendor has a fixed list."""
