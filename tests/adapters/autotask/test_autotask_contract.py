"""The contract: which path an operation takes, and what is refused before it is sent."""

import pytest

from app.adapters.autotask.wire.contract import entities, entity
from app.core.model.failure import Rejected


@pytest.mark.parametrize(
    ("name", "parent", "path"),
    [
        ("Tickets", None, "Tickets"),
        ("tickets", None, "Tickets"),
        ("TimeEntries", None, "TimeEntries"),
        ("ExpenseReports", None, "ExpenseReports"),
        ("TicketNotes", ("Tickets", 5), "Tickets/5/Notes"),
        ("TicketCharges", ("tickets", 5), "Tickets/5/Charges"),
        ("ExpenseItems", ("Expenses", 9), "Expenses/9/Items"),
        ("ExpenseItems", ("ExpenseReports", 9), "Expenses/9/Items"),
        ("CompanyLocations", ("Companies", 0), "Companies/0/Locations"),
        ("Contacts", ("Companies", 3), "Companies/3/Contacts"),
        ("Tasks", ("Projects", 3), "Projects/3/Tasks"),
        ("TicketNoteAttachments", ("TicketNotes", 3), "TicketNotes/3/Attachments"),
        ("ArticleNotes", ("KnowledgeBaseArticles", 3), "KnowledgeBaseArticles/3/Notes"),
        ("TicketWebhooks", None, "TicketWebhooks"),
        ("TicketWebhookFields", ("TicketWebhooks", 1), "TicketWebhooks/1/Fields"),
        ("TicketWebhookUdfFields", ("TicketWebhooks", 1), "TicketWebhooks/1/UdfFields"),
        ("TicketWebhookExcludedResources", ("TicketWebhooks", 1), "TicketWebhooks/1/ExcludedResources"),
        ("TicketNoteWebhooks", None, "TicketNoteWebhooks"),
        ("TicketNoteWebhookFields", ("TicketNoteWebhooks", 1), "TicketNoteWebhooks/1/Fields"),
        ("ServiceCalls", None, "ServiceCalls"),
        ("ServiceCallTickets", ("ServiceCalls", 4), "ServiceCalls/4/Tickets"),
        ("Projects", None, "Projects"),
        ("TaskNotes", ("Tasks", 6), "Tasks/6/Notes"),
        ("TaskAttachments", ("Tasks", 6), "Tasks/6/Attachments"),
        ("TicketAttachments", ("Tickets", 6), "Tickets/6/Attachments"),
        ("TimeEntryAttachments", ("TimeEntries", 6), "TimeEntries/6/Attachments"),
        ("ExpenseItemAttachments", ("ExpenseItems", 6), "ExpenseItems/6/Attachments"),
        ("ExpenseReportAttachments", ("ExpenseReports", 6), "ExpenseReports/6/Attachments"),
    ],
)
def test_a_create_takes_the_path_of_the_contract(name, parent, path):
    operation = entity(name).create(parent)
    assert (operation.method, operation.path, operation.is_write) == ("POST", path, True)


@pytest.mark.parametrize(
    ("name", "parent", "path"),
    [
        ("TicketWebhooks", None, "TicketWebhooks"),
        ("TicketWebhookFields", ("TicketWebhooks", 1), "TicketWebhooks/1/Fields"),
        ("TicketWebhookUdfFields", ("TicketWebhooks", 1), "TicketWebhooks/1/UdfFields"),
        ("TicketCharges", ("Tickets", 5), "Tickets/5/Charges"),
        ("ExpenseItems", ("ExpenseReports", 9), "Expenses/9/Items"),
        ("ExpenseReports", None, "ExpenseReports"),
        ("Tasks", ("Projects", 3), "Projects/3/Tasks"),
        ("ServiceCalls", None, "ServiceCalls"),
    ],
)
def test_an_update_takes_the_path_of_the_contract(name, parent, path):
    operation = entity(name).patch(parent)
    assert (operation.method, operation.path, operation.is_write) == ("PATCH", path, True)


@pytest.mark.parametrize(
    "name",
    [
        "TicketWebhooks",
        "TicketWebhookFields",
        "TicketWebhookUdfFields",
        "TicketWebhookExcludedResources",
        "TicketNoteWebhooks",
        "WebhookEventErrorLogs",
        "ServiceCalls",
        "ServiceCallTickets",
        "Projects",
        "Tasks",
        "TaskNotes",
        "TaskAttachments",
        "ExpenseReports",
        "ExpenseItems",
        "TicketAttachments",
        "AttachmentInfo",
    ],
)
def test_it_can_be_queried_and_described(name):
    assert entity(name).query().path == f"{name}/query"
    assert entity(name).fields().path == f"{name}/entityInformation/fields"


@pytest.mark.parametrize(
    ("attempt", "offer"),
    [
        (lambda: entity("Tickets").delete(1, None), "update"),
        (lambda: entity("TicketNotes").create(None), "create through Tickets/{id}/Notes"),
        (lambda: entity("TicketNotes").create(("Projects", 1)), "create through Tickets/{id}/Notes"),
        (lambda: entity("TicketNotes").delete(1, ("Tickets", 1)), "update through Tickets/{id}/Notes"),
        (lambda: entity("ExpenseItems").delete(1, ("Expenses", 1)), "Expenses/{id}/Items"),
        (lambda: entity("TicketCharges").delete(1, None), "delete through Tickets/{id}/Charges"),
        (lambda: entity("BillingCodes").create(None), "query"),
        (lambda: entity("Resources").create(None), "update"),
        (lambda: entity("TimeEntries").create(("Tickets", 1)), "create"),
        (lambda: entity("TicketAttachments").patch(("Tickets", 1)), "create through Tickets/{id}/Attachments"),
        (lambda: entity("TicketChecklistLibraries").query(), "create"),
        (lambda: entity("TicketWebhookExcludedResources").patch(("TicketWebhooks", 1)), "delete through"),
        (lambda: entity("ServiceCallTickets").patch(("ServiceCalls", 1)), "delete through"),
        (lambda: entity("WebhookEventErrorLogs").create(None), "delete"),
        (lambda: entity("Tasks").delete(1, ("Projects", 1)), "update through Projects/{id}/Tasks"),
        (lambda: entity("ExpenseReports").delete(1, None), "update"),
    ],
)
def test_what_the_contract_does_not_have_is_refused_naming_what_it_has(attempt, offer):
    with pytest.raises(Rejected) as failure:
        attempt()
    assert failure.value.code == "autotask_no_such_operation"
    assert offer in failure.value.text


@pytest.mark.parametrize(
    ("name", "meant"), [("Ticket", "Tickets"), ("timeentry", "TimeEntries"), ("Companys", "Companies")]
)
def test_a_misspelt_entity_is_answered_with_the_nearest_one(name, meant):
    with pytest.raises(Rejected, match=f"Did you mean {meant}"):
        entity(name)


def test_an_entity_like_no_other_is_refused_without_a_guess():
    with pytest.raises(Rejected, match=r"has no entity 'Zzzz'\.$"):
        entity("Zzzz")


def test_deletes_take_the_path_of_the_contract():
    assert entity("TimeEntries").delete(4, None).path == "TimeEntries/4"
    assert entity("TicketCharges").delete(4, ("Tickets", 2)).path == "Tickets/2/Charges/4"
    assert entity("Contacts").delete(4, ("Companies", 2)).path == "Companies/2/Contacts/4"
    assert entity("TicketAttachments").delete(4, ("Tickets", 2)).path == "Tickets/2/Attachments/4"
    assert entity("TaskAttachments").delete(4, ("Tasks", 2)).path == "Tasks/2/Attachments/4"
    assert entity("ServiceCallTickets").delete(4, ("ServiceCalls", 2)).path == "ServiceCalls/2/Tickets/4"
    assert entity("TicketWebhooks").delete(4, None).path == "TicketWebhooks/4"
    assert entity("TicketWebhookFields").delete(4, ("TicketWebhooks", 2)).path == "TicketWebhooks/2/Fields/4"
    assert entity("WebhookEventErrorLogs").delete(4, None).path == "WebhookEventErrorLogs/4"


def test_a_child_counts_against_the_endpoint_of_its_parent_and_metadata_against_its_own():
    assert entity("TicketNotes").create(("Tickets", 2)).endpoint == "Tickets"
    assert entity("TicketNotes").query().endpoint == "TicketNotes"
    assert entity("TicketNotes").fields().endpoint == "TicketNotes"


def test_every_entity_of_the_contract_says_what_it_offers():
    assert len(entities()) == 232
    for one in entities().values():
        assert one.offers() != "nothing at all"
        assert one.fields().path == f"{one.name}/entityInformation/fields"


def test_attachments_have_no_user_fields():
    assert entity("TicketAttachments").user_fields() is None
    assert entity("Tickets").user_fields() is not None
