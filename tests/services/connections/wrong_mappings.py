"""Broken mappings: places, types and directions."""

from tests.services.connections.wrong_files import both, inbound, into_order, into_ticket, settings

PLACES = (
    into_order(
        "a source that is misspelt",
        "{source: Titel, target: title, action: sync}",
        "source",
        "Did you mean title?",
    ),
    into_order(
        "a user-defined field that is not there",
        "{source: UserDefinedField.Site Cod, target: title, action: sync}",
        "source",
        "Did you mean Site Code?",
    ),
    into_order(
        "a field of a related record that is misspelt",
        "{source: Account.AcountName, target: location.name, action: sync}",
        "source",
        "Did you mean AccountName?",
    ),
    into_order(
        "a source that the database does not let be queried",
        "{source: CreatorType, target: title, action: sync}",
        "source",
        "Map another field that `broker fields` lists.",
    ),
    into_order(
        "a section of a work order that is not there",
        "{source: Title, target: titel, action: sync}",
        "target",
        "Did you mean title?",
    ),
    into_order(
        "a place in a section that is misspelt",
        "{source: Title, target: location.adress1, action: sync}",
        "target",
        "Did you mean location.address1?",
    ),
    into_order(
        "a place that is only read",
        "{source: Title, target: client.name, action: sync}",
        "target",
        "Did you mean client.id?",
    ),
    into_order(
        "a whole section as target",
        "{source: Title, target: schedule, action: sync}",
        "target",
        "Did you mean schedule.service_window.mode?",
    ),
    into_order(
        "a section that the broker sends no part of",
        "{source: Title, target: shipments.name, action: sync}",
        "target",
        "Name a place such as title or location.city.",
    ),
    into_order(
        "a custom field that the company does not have",
        "{source: Title, target: custom_fields.4719, action: sync}",
        "target",
        "Did you mean custom_fields.4714, Rack units?",
    ),
    into_order(
        "a custom field that belongs to the provider",
        "{source: Title, target: custom_fields.4720, action: sync}",
        "target",
        "Map to another field.",
    ),
    into_order(
        "a value that the custom field's list does not have",
        "{target: custom_fields.4712, action: set_static, value: Hihg}",
        "value",
        "Did you mean High?",
    ),
    into_order(
        "an array map into a list that does not have the value",
        "{source: Priority, target: custom_fields.4712, action: array_map, mappings: [{compare: 1, value: High}, "
        "{compare: 2, value: Medium}], default: Low}",
        "mappings[1].value",
        "Use one of: High, Low.",
    ),
    into_order(
        "a label where Field Nation wants the id",
        "{target: manager.id, action: set_static, value: Ana Ruiz}",
        "value",
        "Did you mean 12, Ana Ruiz?",
    ),
    into_ticket(
        "a target that is misspelt",
        '{source: title, target: "Ticket:Titel", action: sync}',
        "target",
        "Did you mean title?",
    ),
    into_ticket(
        "a target that is read-only",
        '{source: title, target: "Ticket:CreateDate", action: sync}',
        "target",
        "Map to another field, or remove the rule.",
    ),
    into_ticket(
        "a target that the broker owns",
        '{source: id, target: "TimeEntry.[0].TicketID", action: sync}',
        "target",
        "Remove the rule.",
    ),
    into_ticket(
        "a record that no rule can write",
        '{source: title, target: "TimeEntri.[0].SummaryNotes", action: sync}',
        "target",
        "Did you mean TimeEntry?",
    ),
    into_ticket(
        "an object as source",
        '{source: location, target: "Ticket:Title", action: sync}',
        "source",
        "Name a part of it, such as location.mode.",
    ),
    into_ticket(
        "a source of a custom field that the company does not have",
        '{source: custom_fields.4791, target: "Ticket:Title", action: sync}',
        "source",
        "Did you mean custom_fields.4790, Account?",
    ),
    into_ticket(
        "a source that Field Nation never shows",
        '{source: team.id, target: "Ticket:Title", action: sync}',
        "source",
        "Map another field.",
    ),
)
TYPES = (
    into_order(
        "a text copied into a date",
        "{source: Title, target: time_window.end, action: sync}",
        "source",
        "Map a date, such as DueDateTime.",
    ),
    into_order(
        "a text copied into a number",
        "{source: Title, target: project.id, action: sync}",
        "source",
        "Map a source of the right type, or use array_map.",
    ),
    into_order(
        "a date copied into a number",
        "{source: DueDateTime, target: pay.base.amount, action: sync}",
        "source",
        "Map a number.",
    ),
    into_order(
        "ranges over a date",
        "{source: DueDateTime, target: custom_fields.4711, action: range_map, ranges: [{compare: 1, value: short}]}",
        "source",
        "Use date_convert into a text, or map another field.",
    ),
    into_order(
        "a word for a date",
        "{target: time_window.start, action: set_static, value: tomorrow}",
        "value",
        "Write a date.",
    ),
    into_order(
        "a joined text for an amount",
        "{target: pay.base.amount, action: concat, parts: [{type: static, value: USD}, {type: field, value: id}]}",
        "action",
        "Map a single source of the right type.",
    ),
    into_order(
        "a country that is spelt out",
        "{target: location.country, action: set_static, value: United States}",
        "value",
        "Write at most 2 characters.",
    ),
    into_ticket(
        "a text copied into a number of Autotask's",
        '{source: title, target: "Ticket:EstimatedHours", action: sync}',
        "source",
        "Map a source of the right type, or use array_map.",
    ),
    into_ticket(
        "a date copied into an id",
        '{source: milestones.created, target: "Ticket:AccountID", action: sync}',
        "source",
        "Map a number.",
    ),
    into_ticket(
        "a static text that is too long",
        f'{{target: "Ticket:PurchaseOrderNumber", action: set_static, always: true, value: {"x" * 51}}}',
        "value",
        "Write at most 50 characters.",
    ),
    into_ticket(
        "a number that is compared as text",
        '{source: "expenses[0].category.id", target: "expense.items[0].ExpenseCategory", action: array_map, '
        'mappings: [{compare: "2", value: 2}], default: 1}',
        "mappings[0].compare",
        "Write 2 without quotes.",
    ),
    into_order(
        "a compare value of the wrong type",
        "{source: Priority, target: custom_fields.4711, action: array_map, mappings: [{compare: High, value: P1}], "
        "default: P3}",
        "mappings[0].compare",
        "Did you mean High (1)? Write the id, or use the action status for labels.",
    ),
)
DIRECTIONS = (
    both(
        "a field with an owner on each side",
        "{source: Title, target: title, action: sync, owner: autotask}",
        '{source: title, target: "Ticket:Title", action: sync, owner: field_nation}',
        "mappings.outbound[0].owner",
        "Write owner: autotask, or change the other rule.",
    ),
    both(
        "a ticket status that the way back gives and that unpublishes",
        "{source: Status, target: status_id, action: status, mappings: [{compare: In Progress, value: Draft}]}",
        '{source: status, target: "Ticket:Status", action: status, mappings: [{compare: Published, '
        "value: In Progress}]}",
        "mappings.inbound[0].mappings[0]",
        "Map Published (2) to another status there, or remove this entry.",
        allowed="work_order_actions: [publish, unpublish]",
    ),
    both(
        "a ticket status that the way back gives and that cancels",
        "{source: Status, target: status_id, action: status, mappings: [{compare: Waiting Customer, "
        "value: Cancelled}]}",
        '{source: status, target: "Ticket:Status", action: status, mappings: [{compare: Assigned, '
        "value: Waiting Customer}]}",
        "mappings.inbound[0].mappings[0]",
        "Map Assigned (3) to another status there, or remove this entry.",
        allowed="work_order_actions: [publish, cancel], cancel_reason: No longer needed",
    ),
    settings(
        "a default that takes work orders back to draft",
        "work_order_actions: [publish, unpublish]",
        "",
        "Write an entry for each status that means it, and no default.",
        inbound(
            "{source: Status, target: status_id, action: status, mappings: [{compare: Dispatch to Field, "
            "value: Published}], default: Draft}"
        ),
    )._replace(field="mappings.inbound[0].default"),
    settings(
        "a fixed status that approves every work order",
        "work_order_actions: [publish, approve]",
        "",
        "Write an entry for each status that means it, and no default.",
        inbound("{target: status_id, action: set_static, value: Approved, always: true}"),
    )._replace(field="mappings.inbound[0].value"),
    into_ticket(
        "a ticket that is completed while the provider is on the way",
        '{source: status, target: "Ticket:Status", action: status, mappings: [{compare: Assigned, value: Complete}]}',
        "mappings[0].value",
        "Complete it at Approved (5), or at Work Done (4).",
    ),
    into_ticket(
        "a default that completes tickets",
        '{source: status, target: "Ticket:Status", action: status, mappings: [{compare: Assigned, '
        "value: In Progress}], default: Complete}",
        "default",
        "Complete it at Approved (5), or at Work Done (4).",
    ),
    into_ticket(
        "a default that takes tickets in work back to New",
        '{source: status, target: "Ticket:Status", action: status, mappings: [{compare: Assigned, '
        "value: In Progress}, {compare: Approved, value: Complete}, {compare: Paid, value: Complete}], default: New}",
        "default",
        "Add an entry for Work Done (4), or leave the default out.",
    ),
    into_ticket(
        "a default that takes a completed ticket back",
        '{source: status, target: "Ticket:Status", action: status, mappings: [{compare: Work Done, '
        "value: Field Work Done}, {compare: Approved, value: Complete}], default: In Progress}",
        "default",
        "Add an entry for Paid (6), or leave the default out.",
    ),
    into_order(
        "a script that cannot be read",
        '{target: title, action: custom, script: "{a: oops b}"}',
        "script",
        "Mend the program at that place.",
    ),
)
