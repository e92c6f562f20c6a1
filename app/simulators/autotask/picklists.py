"""Picklists of a plausible database. A seed replaces any of them, field by field."""

from typing import Any

Pick = dict[str, Any]


def pick(value: int | str, label: str, *, system: bool = False, active: bool = True, parent: str = "") -> Pick:
    """One value as `entityInformation/fields` shows it: the id is a text there."""
    return {
        "value": str(value),
        "label": label,
        "isDefaultValue": False,
        "sortOrder": 0,
        "parentValue": parent,
        "isActive": active,
        "isSystem": system,
    }


def _picks(*pairs: tuple[int | str, str], system: bool = False) -> list[Pick]:
    return [pick(value, label, system=system) | {"sortOrder": order} for order, (value, label) in enumerate(pairs, 1)]


_PUBLISH = _picks((1, "All Autotask Users"), (2, "Internal Users Only"), (4, "Internal & Co-managed"), system=True)
_CREATOR = _picks((1, "Resource"), (2, "Contact"), system=True)
_ATTACHMENT: dict[str, list[Pick]] = {
    "attachmentType": _picks(
        ("FILE_ATTACHMENT", "File"), ("FILE_LINK", "File Link"), ("FOLDER_LINK", "Folder Link"), ("URL", "URL"),
        system=True,
    ),
    "publish": _PUBLISH,
    "parentType": _picks(
        (4, "Ticket or Task"), (5, "Project"), (18, "Time Entry"), (20, "Expense"), (23, "Note"), system=True
    ),
    "creatorType": _CREATOR,
}  # fmt: skip
# New and Complete are system values in every database; the rest are the customer's own.
_TICKET_STATUS = [
    pick(1, "New", system=True),
    pick(5, "Complete", system=True),
    *_picks(
        (7, "Waiting Customer"), (8, "In Progress"), (29683380, "Dispatch to Field"), (29683381, "Field Scheduled")
    ),
    *_picks((29683382, "Field On Site"), (29683383, "Field Work Done")),
    pick(29683399, "Old Dispatch", active=False),
]
_QUEUES = [
    *_picks(
        (5, "Client Portal"), (29682833, "Level I Support"), (29683354, "Field Dispatch"), (29683365, "Field Done")
    ),
    pick(29683366, "Retired Queue", active=False),
]
_SOURCE = _picks(
    (-2, "Insourced"), (2, "Phone"), (4, "Email"), (8, "Monitoring"), (11, "Web Portal"), (13, "Recurring")
)


_TICKETS: dict[str, list[Pick]] = {
    "status": _TICKET_STATUS,
    # The ids of priorities do not follow their labels, in any database seen.
    "priority": [
        *_picks((4, "Critical"), (1, "High"), (2, "Medium"), (3, "Low")),
        pick(6, "Planned (old)", active=False),
    ],
    "queueID": _QUEUES,
    "issueType": [*_picks((6, "Hardware"), (10, "Network"), (11, "Software")), pick(12, "Telephony", active=False)],
    "subIssueType": [
        pick(136, "Printer", parent="6"),
        pick(137, "Server", parent="6"),
        pick(138, "Plotter", parent="6", active=False),
        pick(150, "WAN", parent="10"),
        pick(160, "PBX", parent="12"),
    ],
    "source": _SOURCE,
    "ticketCategory": _picks((2, "AEM Alert"), (3, "Standard"), (4, "Datto Alert"), (1, "Incident")),
    "ticketType": _picks((1, "Service Request"), (2, "Incident"), (3, "Problem"), (4, "Change Request"), system=True),
    "creatorType": _CREATOR,
    "lastActivityPersonType": _CREATOR,
    "serviceLevelAgreementID": _picks((1, "Standard SLA")),
    "apiVendorID": _picks((29682801, "Field Nation")),
    "rmaStatus": _picks((1, "Requested"), (2, "Approved")),
    "rmaType": _picks((1, "Repair"), (2, "Replace")),
    "monitorTypeID": _picks((1, "Online Status"), (2, "CPU")),
    "changeApprovalType": _picks((1, "All must approve"), (2, "One must approve")),
    "changeApprovalStatus": _picks((1, "Assigned"), (2, "Requested")),
    "changeApprovalBoard": _picks((1, "Change Board")),
}
_NOTES: dict[str, list[Pick]] = {
    "noteType": [
        *_picks((1, "Task Summary"), (2, "Task Detail"), (3, "Task Notes")),
        *_picks((13, "Workflow Rule Note - Task"), (18, "Client Portal Note"), (99, "RMM Note"), system=True),
    ],
    "publish": _PUBLISH,
}
_EXPENSES: dict[str, list[Pick]] = {
    "expenseCategory": _picks((1, "Airfare"), (2, "Materials"), (3, "Mileage"), (4, "Entertainment"), (5, "Parking")),
    "paymentType": _picks((1, "Cash"), (2, "Personal Card"), (3, "Company Card")),
    "workType": _picks((1, "Standard")),
}
_REPORTS = _picks(
    (1, "In Progress"), (2, "Awaiting Approval"), (3, "Approved for Payment"), (4, "Rejected"), (5, "Paid"),
    (6, "Transferred to QuickBooks"), system=True,
)  # fmt: skip
_LISTS: dict[str, dict[str, list[Pick]]] = {
    "Tickets": _TICKETS,
    "TicketNotes": _NOTES,
    "TaskNotes": _NOTES,
    "TicketCharges": {
        "chargeType": _picks((1, "Operational"), (2, "Capitalized")),
        "status": _picks((1, "Estimate"), (2, "Need to Order/Fulfill"), (7, "Delivered/Shipped Full")),
    },
    "TimeEntries": {"timeEntryType": _picks((2, "Ticket"), (6, "Project Task"), (10, "Regular"), system=True)},
    "ExpenseReports": {"status": _REPORTS},
    "ExpenseItems": _EXPENSES,
    "Companies": {
        "companyType": _picks((1, "Customer"), (2, "Lead"), (3, "Prospect"), (6, "Vendor"), system=True),
        "classification": [*_picks((200, "Gold"), (201, "Silver")), pick(202, "Bronze", active=False)],
        "marketSegmentID": _picks((29682778, "Retail"), (29682779, "Healthcare")),
        "territoryID": _picks((29682780, "Midwest"), (29682781, "South")),
        "billToAddressToUse": _picks((1, "Company Address"), system=True),
        "invoiceMethod": _picks((1, "E-mail"), (2, "Mail")),
    },
    "Contacts": {"namePrefix": _picks((1, "Mr."), (2, "Ms.")), "nameSuffix": _picks((1, "Jr."), (2, "Sr."))},
    "Resources": {
        "licenseType": _picks((1, "Professional"), (3, "Team Member"), (7, "API User"), system=True),
        "resourceType": _picks(("Employee", "Employee"), ("Contractor", "Contractor"), system=True),
        "locationID": _picks((29682798, "Headquarters")),
        "payrollType": _picks((1, "Salary"), (2, "Hourly"), system=True),
    },
    "ResourceRoles": {"queueID": _QUEUES},
    "BillingCodes": {
        "useType": _picks(
            (1, "General Allocation Code"), (2, "Internal Allocation Code"), (3, "Expense Category"),
            (4, "Material Cost Code"), (5, "Recurring Contract Service Code"), (6, "Milestone Code"), system=True,
        ),
        "billingCodeType": _picks((0, "Normal"), (1, "System"), (2, "Non-Billable"), system=True),
        "generalLedgerAccount": _picks((29682801, "Field Services")),
    },
    "ServiceCalls": {"status": _picks((1, "New"), (2, "Complete"), system=True)},
    "Projects": {
        "status": _picks((0, "Inactive"), (1, "New"), (5, "Complete"), system=True),
        "projectType": _picks((4, "Internal"), (5, "Client"), system=True),
        "department": _picks((29683385, "Field Services")),
    },
    "Tasks": {
        "status": _picks((1, "New"), (5, "Complete"), system=True),
        "taskType": _picks((1, "Fixed Work"), (2, "Fixed Duration"), system=True),
        "departmentID": _picks((29683385, "Field Services")),
        "priorityLabel": _picks((1, "High"), (2, "Normal")),
        "taskCategoryID": _picks((1, "Standard")),
    },
}  # fmt: skip
_ATTACHMENTS = (
    "TicketAttachments", "TicketNoteAttachments", "TimeEntryAttachments", "ExpenseItemAttachments",
    "ExpenseReportAttachments", "TaskAttachments", "TaskNoteAttachments", "ProjectAttachments", "AttachmentInfo",
)  # fmt: skip


def default_picklists() -> dict[str, dict[str, list[Pick]]]:
    """Entity -> field -> values, fresh lists each time."""
    lists = _LISTS | dict.fromkeys(_ATTACHMENTS, _ATTACHMENT)
    return {
        entity: {field: [dict(pick) for pick in picks] for field, picks in fields.items()}
        for entity, fields in lists.items()
    }
