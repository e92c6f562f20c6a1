"""Which rights a connection needs: by what its file uses, and no more."""

from typing import Any

import pytest

from app.services.permissions import needs_of
from tests.fakes.connections import a_file

OUTBOUND = {"outbound": [{"source": "title", "target": "Ticket:Title", "action": "sync"}]}
TIME = {"outbound": [{"source": "time_logs[0].notes", "target": "TimeEntry.[0].SummaryNotes", "action": "sync"}]}
NOTHING_SENT: dict[str, Any] = {"time_entries": {}, "expenses": {}}
PERSON = {"resource_id": 1, "role_id": 2}


def needed(*, related: tuple[str, ...] = (), optional: bool = False, **changes: Any) -> dict[str, str]:
    """Verbs by entity, as one text each."""
    found: dict[str, str] = {}
    for need in needs_of(a_file(**{**NOTHING_SENT, **changes}), related):
        if need.optional is optional:
            found[need.entity] = f"{found.get(need.entity, '')} {need.verb}".strip()
    return found


def test_a_file_that_only_brings_tickets_in_needs_to_see_them() -> None:
    assert needed(related=("Companies", "Tickets")) == {"Tickets": "view", "Companies": "view"}
    assert needed(optional=True) == {"TicketNotes": "view add"}
    assert needed(optional=True, notes={"send": []}) == {}


@pytest.mark.parametrize(
    ("changes", "entity", "verbs"),
    [
        ({"mappings": OUTBOUND}, "Tickets", "view edit"),
        ({"settings": {"outbound_create": True}}, "Tickets", "view add"),
        ({"mappings": OUTBOUND}, "TicketNotes", "view add"),
        ({"time_entries": PERSON}, "TimeEntries", "view add edit delete"),
        ({"time_entries": {"providers": {"88": PERSON}}}, "TimeEntries", "view add edit delete"),
        ({"mappings": TIME}, "TimeEntries", "view add edit delete"),
        ({"time_entries": PERSON}, "TicketNotes", "view add"),
        ({"expenses": {"submitter_id": 1}}, "ExpenseReports", "view add edit"),
        ({"expenses": {"submitter_id": 1}}, "ExpenseItems", "view add edit"),
        ({"expenses": {"additional_charges": "charge"}}, "TicketCharges", "view add edit"),
        ({"attachments": {"enabled": True}}, "TicketAttachments", "view add delete"),
        ({"attachments": {"enabled": True, "delete": False}}, "TicketAttachments", "view add"),
    ],
)
def test_each_feature_brings_its_own(changes: dict[str, Any], entity: str, verbs: str) -> None:
    assert needed(**changes)[entity] == verbs


def test_what_is_switched_off_is_not_asked_for() -> None:
    rights = needed(mappings=OUTBOUND, notes={"send": []})
    assert rights == {"Tickets": "view edit"}
    charged = needed(expenses={"additional_charges": "charge", "submitter_id": 1})
    assert not {"ExpenseReports", "ExpenseItems"} & charged.keys()


def test_charges_are_deleted_where_the_right_is_granted() -> None:
    assert needed(optional=True, expenses={"additional_charges": "charge"}) == {"TicketCharges": "delete"}


def test_a_service_call_sends_to_its_ticket_and_a_project_to_its_task() -> None:
    sent = {"mappings": OUTBOUND, "time_entries": PERSON, "attachments": {"enabled": True}}
    call = needed(autotask={**AUTOTASK, "service_object": "ServiceCall"}, **sent)
    assert (call["ServiceCalls"], call["ServiceCallTickets"], call["TicketNotes"]) == ("view edit", "view", "view add")
    project = needed(autotask={**AUTOTASK, "service_object": "Project"}, **sent)
    assert (project["Projects"], project["TaskNotes"], project["TaskAttachments"]) == (
        "view edit",
        "view add",
        "view add delete",
    )
    assert not {"Tickets", "TicketNotes", "TicketAttachments"} & project.keys()


AUTOTASK = {"username": "api@acme.example", "secret": "autotask-secret", "integration_code": "OWN"}
