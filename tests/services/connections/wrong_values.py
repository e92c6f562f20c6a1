"""Broken values: ids that Autotask will not take, and what it demands and nobody gives."""

from tests.services.connections.wrong_files import (
    CREATE,
    Wrong,
    creating_with,
    creating_without,
    file,
    into_ticket,
    outbound,
    settings,
)

IDS = (
    into_ticket(
        "a queue that was retired",
        '{target: "Ticket:QueueID", action: set_static, always: true, value: 29683366}',
        "value",
        "Use one of: Client Portal (5), Level I Support (29682833), Field Dispatch (29683354), Field Done (29683365).",
    ),
    into_ticket(
        "a status of another database",
        '{source: status, target: "Ticket:Status", action: status, mappings: [{compare: Approved, value: Complet}]}',
        "mappings[0].value",
        "Did you mean Complete (5)?",
    ),
    into_ticket(
        "a company that is not there",
        '{target: "Ticket:AccountID", action: set_static, always: true, value: 99}',
        "value",
        "Write the id of an active company; Autotask shows it in the record's address.",
    ),
    into_ticket(
        "a work type that was retired",
        '{target: "TimeEntry.[0].AllocationCodeID", action: set_static, value: 29683503}',
        "value",
        "Did you mean Onsite Support (29683502)?",
    ),
    into_ticket(
        "a material code as work type",
        '{target: "TimeEntry.[0].AllocationCodeID", action: set_static, value: 29682801}',
        "value",
        "Did you mean Onsite Support (29683502)?",
    ),
    into_ticket(
        "a resource without the role that Autotask wants beside it",
        '{target: "Ticket:AssignedResourceID", action: set_static, always: true, value: 29682885}',
        "target",
        'Add a rule such as {target: "Ticket:assignedResourceRoleID", action: set_static, value: 29683354}.',
    ),
    Wrong(
        "a resource and a role that are no pair on the ticket",
        file(
            outbound(
                '{target: "Ticket:AssignedResourceID", action: set_static, always: true, value: 29682885}',
                '{target: "Ticket:AssignedResourceRoleID", action: set_static, always: true, value: 29683357}',
            )
        ),
        "mappings.outbound[1].value",
        "Use one of: Field Technician (29683354), Remote Engineer (29683355).",
    ),
    Wrong(
        "time of somebody who is not there",
        file(time="time_entries: {resource_id: 29682886, role_id: 29683354}\n"),
        "time_entries.resource_id",
        "Did you mean Dana Fields (29682885)?",
    ),
    Wrong(
        "time of somebody who has left",
        file(time="time_entries: {resource_id: 29682911, role_id: 29683354}\n"),
        "time_entries.resource_id",
        "Did you mean Sam Ortiz (29682899)?",
    ),
    Wrong(
        "time of the API user",
        file(time="time_entries: {resource_id: 29683001, role_id: 29683354}\n"),
        "time_entries.resource_id",
        "Use one of: Dana Fields (29682885), Sam Ortiz (29682899).",
    ),
    Wrong(
        "a role that was retired",
        file(time="time_entries: {resource_id: 29682885, role_id: 29683358}\n"),
        "time_entries.role_id",
        "Did you mean Project Lead (29683357)?",
    ),
    Wrong(
        "a resource that does not hold the role",
        file(time="time_entries: {resource_id: 29682885, role_id: 29683357}\n"),
        "time_entries.role_id",
        "Use one of: Field Technician (29683354), Remote Engineer (29683355).",
    ),
    Wrong(
        "a provider whose resource has left",
        file(
            time="time_entries: {resource_id: 29682885, role_id: 29683354, "
            'providers: {"88": {resource_id: 29682911, role_id: 29683354}}}\n'
        ),
        "time_entries.providers.88.resource_id",
        "Did you mean Sam Ortiz (29682899)?",
    ),
    Wrong(
        "a work type of the file that is material",
        file(time="time_entries: {resource_id: 29682885, role_id: 29683354, work_type: 29682801}\n"),
        "time_entries.work_type",
        "Did you mean Onsite Support (29683502)?",
    ),
    Wrong(
        "a charge's code that is a work type",
        file(money='expenses: {additional_charges: "charge", charge: {billing_code_id: 29683502}}\n'),
        "expenses.charge.billing_code_id",
        "Did you mean Field Materials (29682801)?",
    ),
    Wrong(
        "a charge type that is not in the list",
        file(money='expenses: {additional_charges: "charge", charge: {billing_code_id: 29682801, charge_type: 9}}\n'),
        "expenses.charge.charge_type",
        "Use one of: Operational (1), Capitalized (2).",
    ),
    Wrong(
        "an expense category that is not in the list",
        file(money="expenses: {submitter_id: 29682885, expense_category: 22, payment_type: 1}\n"),
        "expenses.expense_category",
        "Use one of: Airfare (1), Materials (2), Mileage (3), Entertainment (4), Parking (5).",
    ),
    Wrong(
        "a submitter who is an API user",
        file(money="expenses: {submitter_id: 29683001, expense_category: 2, payment_type: 1}\n"),
        "expenses.submitter_id",
        "Use one of: Dana Fields (29682885), Sam Ortiz (29682899).",
    ),
    Wrong(
        "a note type that is not in the list",
        file("notes: {note_type: 33}"),
        "notes.note_type",
        "Use one of: Task Summary (1), Task Detail (2), Task Notes (3), Workflow Rule Note - Task (13), "
        "Client Portal Note (18), RMM Note (99).",
    ),
    Wrong(
        "files that are shown to nobody there is",
        file("attachments: {enabled: true, publish: 3}"),
        "attachments.publish",
        "Use one of: All Autotask Users (1), Internal Users Only (2), Internal & Co-managed (4).",
    ),
)
DEMANDS = (
    creating_without("Title", 'Add a rule such as {source: title, target: "Ticket:Title", action: sync}.'),
    creating_without("Priority", 'Add a rule such as {target: "Ticket:Priority", action: set_static, value: 2}.'),
    creating_without("AccountID", 'Add a rule such as {target: "Ticket:AccountID", action: set_static, value: 0}.'),
    creating_without(
        "QueueID",
        'Add a rule such as {target: "Ticket:QueueID", action: set_static, value: 29683365}, or map '
        "AssignedResourceID and AssignedResourceRoleID.",
    ),
    creating_without(
        "DueDateTime",
        'Add a rule such as {source: time_window.start, target: "Ticket:DueDateTime", action: sync}.',
    ),
    settings(
        "a status for new tickets that is not there",
        "outbound_create: true, outbound_create_status: 99",
        "outbound_create_status",
        "Write one of: New, Complete, Waiting Customer, In Progress, Dispatch to Field, Field Scheduled, "
        "Field On Site, Field Work Done.",
        outbound(*CREATE.values()),
    ),
    settings(
        "a status for new tickets that was retired",
        "outbound_create: true, outbound_create_status: 29683399",
        "outbound_create_status",
        "Write one of: New (1), Complete (5), Waiting Customer (7), In Progress (8), Dispatch to Field (29683380), "
        "Field Scheduled (29683381), Field On Site (29683382), Field Work Done (29683383).",
        outbound(*CREATE.values()),
    ),
    creating_with(
        "a contact of another company on new tickets",
        '{target: "Ticket:ContactID", action: set_static, value: 30684719}',
        "value",
        "Name a contact of that company.",
        instead_of="",
    ),
    settings(
        "an excluded status that is misspelt",
        "excluded_statuses: [Compleet]",
        "excluded_statuses[0]",
        "Perhaps 'Complete' was meant.",
    ),
    settings(
        "an import filter with a label for an id",
        "import_when: [{op: eq, field: status, value: Dispatch to Feild}]",
        "import_when[0].value",
        "Did you mean 29683380, the id of Dispatch to Field?",
    ),
    settings(
        "an import filter on a field that is misspelt",
        "import_when: [{op: or, items: [{op: eq, field: queueIDs, value: 29683354}]}]",
        "import_when[0].items[0].field",
        "Did you mean queueID?",
    ),
    settings(
        "an import filter on a user-defined field that is misspelt",
        "import_when: [{op: eq, field: Acess Window, udf: true, value: Any time}]",
        "import_when[0].field",
        "Did you mean Access Window?",
    ),
    Wrong(
        "time with a resource and no role",
        file(time="time_entries: {resource_id: 29682885}\n"),
        "time_entries.role_id",
        "Name a real, active resource and its role, such as resource_id: 29682885 and role_id: 29683354; an API user "
        "cannot be either.",
    ),
    Wrong(
        "charges without a billing code",
        file(money='expenses: {additional_charges: "charge"}\n'),
        "expenses.charge.billing_code_id",
        "Set expenses.charge.billing_code_id to an active material code, or map TicketCost.[0].AllocationCodeID.",
    ),
    Wrong(
        "an expense module without a payment type",
        file(money="expenses: {submitter_id: 29682885, expense_category: 2}\n"),
        "expenses.payment_type",
        'Set expenses.payment_type. Or write additional_charges: "charge" for charges of the ticket.',
    ),
    into_ticket(
        "a summary that is emptied",
        '{target: "TimeEntry.[0].SummaryNotes", action: set_static, value: ""}',
        "value",
        "Write a text, or remove the rule: a summary is built in.",
    ),
)
