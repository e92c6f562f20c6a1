"""Which rule judges which entity. Entities not listed have field rules only."""

from app.simulators.autotask.drafts import Rule
from app.simulators.autotask.rules import attachments, hooks, money, places, tickets, time_entries

RULES: dict[str, Rule] = {
    "Tickets": tickets.TICKETS,
    "TicketNotes": tickets.NOTES,
    "TaskNotes": tickets.NOTES,
    "TicketSecondaryResources": tickets.SECONDARY_RESOURCES,
    "TimeEntries": time_entries.TIME_ENTRIES,
    "TicketCharges": money.CHARGES,
    "ExpenseReports": money.EXPENSE_REPORTS,
    "ExpenseItems": money.EXPENSE_ITEMS,
    "TicketAttachments": attachments.ATTACHMENTS,
    "TicketNoteAttachments": attachments.ATTACHMENTS,
    "TimeEntryAttachments": attachments.ATTACHMENTS,
    "ExpenseItemAttachments": attachments.ATTACHMENTS,
    "ExpenseReportAttachments": attachments.ATTACHMENTS,
    "TaskAttachments": attachments.ATTACHMENTS,
    "TaskNoteAttachments": attachments.ATTACHMENTS,
    "ProjectAttachments": attachments.ATTACHMENTS,
    "Companies": places.COMPANIES,
    "CompanyLocations": places.LOCATIONS,
    "Contacts": places.CONTACTS,
    "ServiceCalls": places.SERVICE_CALLS,
    "ServiceCallTickets": places.SERVICE_CALL_TICKETS,
    "Tasks": places.TASKS,
    "TicketWebhooks": hooks.HOOKS,
    "TicketNoteWebhooks": hooks.HOOKS,
    "TicketWebhookFields": hooks.HOOK_FIELDS,
    "TicketWebhookUdfFields": hooks.HOOK_FIELDS,
    "TicketNoteWebhookFields": hooks.HOOK_FIELDS,
    "TicketWebhookExcludedResources": hooks.HOOK_EXCLUSIONS,
    "TicketNoteWebhookExcludedResources": hooks.HOOK_EXCLUSIONS,
}

_PLAIN = Rule()


def rule_of(entity: str) -> Rule:
    """The rule of an entity, or one that judges nothing."""
    return RULES.get(entity, _PLAIN)
