"""Messages of Autotask's own webhooks."""

import json

import pytest

from app.core.intake.trigger import BadTrigger, Trigger, read_trigger

GUID = "8f5a1b0e-6f0f-4d1e-9a1c-5b6f0a3e1d22"


def message(**changes: object) -> bytes:
    body = {
        "Action": "Update",
        "Guid": GUID,
        "EntityType": "Ticket",
        "Id": 12345,
        "Fields": {"Title": "Printer", "ticketNumber": "T20260527.0006", "id": 99},
        "EventTime": "2026-05-27T09:00:00Z",
        "SequenceNumber": 17,
        "PersonID": 29682885,
    }
    body.update(changes)
    return json.dumps({key: value for key, value in body.items() if value is not ...}).encode()


def read(body: bytes) -> Trigger | BadTrigger:
    return read_trigger("application/json", body, (("client_token", "t"),))


@pytest.mark.parametrize("action", ["Create", "Update", "Delete", "update", "SomethingNew"])
@pytest.mark.parametrize("entity", ["Ticket", "ticket", "Tickets", ...])
def test_a_ticket_webhook_names_its_ticket_alone(action: str, entity: object) -> None:
    trigger = read(message(Action=action, EntityType=entity))
    assert isinstance(trigger, Trigger)
    assert [wanted.key for wanted in trigger.wanted] == ["12345"]
    assert trigger.is_webhook
    assert not trigger.is_deactivation
    assert trigger.guid == GUID


def test_a_deactivation_is_recognised_and_asks_for_nothing() -> None:
    trigger = read(message(Action="Deactivated", EntityType=...))
    assert trigger == Trigger((), is_webhook=True, is_deactivation=True, guid=GUID)


@pytest.mark.parametrize("entity", ["TicketNote", "Account", "Contact", "InstalledProduct", 5, {"a": 1}])
def test_a_webhook_of_another_entity_is_refused_with_what_to_change(entity: object) -> None:
    bad = read(message(EntityType=entity))
    assert isinstance(bad, BadTrigger)
    assert (bad.status, bad.code) == (400, "wrong_entity")
    assert "webhook for tickets" in bad.detail
    assert not isinstance(entity, str) or entity in bad.detail


@pytest.mark.parametrize("id_", [..., None, 0, -5, "abc", {"id": 5}])
def test_a_ticket_webhook_without_a_usable_id_is_refused(id_: object) -> None:
    assert isinstance(read(message(Id=id_, Fields=...)), BadTrigger)


def test_a_body_with_an_action_but_no_guid_is_no_webhook() -> None:
    trigger = read(b'{"action": "dispatch", "id": 5}')
    assert isinstance(trigger, Trigger)
    assert not trigger.is_webhook
