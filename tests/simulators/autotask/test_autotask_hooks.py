"""Ticket webhooks and extension callouts, delivered to a real listener."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from app.simulators.autotask.delivery import net_json

SECRET = "hook-secret"


def _hook(sim: Any, sink: Any, **more: Any) -> int:
    body = {
        "name": "broker", "isActive": True, "webhookUrl": f"{sink.url}/in", "deactivationUrl": f"{sink.url}/off",
        "secretKey": SECRET, "sendThresholdExceededNotification": False,
        "isSubscribedToCreateEvents": True, "isSubscribedToUpdateEvents": True, "isSubscribedToDeleteEvents": True,
    }  # fmt: skip
    made: int = sim.api.post("TicketWebhooks", json=body | more).json()["itemId"]
    return made


def _field_id(sim: Any, label: str, entity: str = "TicketWebhookFields", name: str = "fieldID") -> int:
    fields = sim.api.get(f"{entity}/entityInformation/fields").json()["fields"]
    picks = next(field["picklistValues"] for field in fields if field["name"] == name)
    return next(int(pick["value"]) for pick in picks if pick["label"] == label)


def _subscribe(sim: Any, hook: int, label: str = "status", *, shown: bool = False) -> None:
    body = {"fieldID": _field_id(sim, label), "isDisplayAlwaysField": shown, "isSubscribedField": not shown}
    assert sim.api.post(f"TicketWebhooks/{hook}/Fields", json=body).status_code == 200


def test_a_webhook_is_ready_once_a_field_is_subscribed(sim: Any, sink: Any) -> None:
    hook = _hook(sim, sink)
    assert hook == 1
    assert sim.api.get("TicketWebhooks/1").json()["item"]["isReady"] is False
    _subscribe(sim, hook, "ticketNumber", shown=True)
    assert sim.api.get("TicketWebhooks/1").json()["item"]["isReady"] is False
    _subscribe(sim, hook)
    assert sim.api.get("TicketWebhooks/1").json()["item"]["isReady"] is True
    field = sim.api.get("TicketWebhooks/1/Fields").json()["items"][1]["id"]
    assert sim.api.delete(f"TicketWebhooks/1/Fields/{field}").status_code == 200
    assert sim.api.get("TicketWebhooks/1").json()["item"]["isReady"] is False


def test_an_edit_is_told_signed_over_the_raw_escaped_body(sim: Any, sink: Any) -> None:
    hook = _hook(sim, sink)
    _subscribe(sim, hook, "title")
    _subscribe(sim, hook, "ticketNumber", shown=True)
    sim.sim.patch("ui/101/Tickets/7001", json={"title": 'O\'Neil & <Söhne> "+" 😀', "priority": 1})
    sim.wait_for(lambda: sink.got)
    path, headers, raw = sink.got[0]
    assert path == "/in"
    digest = base64.b64encode(hmac.new(SECRET.encode(), raw, hashlib.sha1).digest()).decode()
    assert headers["X-Hook-Signature"] == f"sha1={digest}"
    assert rb"O\u0027Neil \u0026 \u003CS\u00F6hne\u003E \u0022\u002B\u0022 \uD83D\uDE00" in raw
    body = json.loads(raw)
    assert body["Fields"] == {"TicketNumber": "T20261101.0001", "Title": 'O\'Neil & <Söhne> "+" 😀'}
    assert (body["Action"], body["EntityType"], body["Id"], body["PersonID"]) == ("Update", "Ticket", 7001, 29682885)
    assert body["Guid"] == sim.api.get(f"TicketWebhooks/{hook}").json()["item"]["webhookGUID"]


def test_creates_updates_and_deletes_come_in_order_and_others_not_at_all(
    sim: Any, sink: Any, ticket: dict[str, Any]
) -> None:
    hook = _hook(sim, sink)
    _subscribe(sim, hook)
    made = sim.api.post("Tickets", json=ticket).json()["itemId"]
    sim.api.patch("Tickets", json={"id": made, "title": "not subscribed"})
    sim.api.patch("Tickets", json={"id": made, "status": 8})
    sim.api.patch("Tickets", json={"id": made, "status": 8})
    sim.sim.delete(f"ui/101/Tickets/{made}")
    sim.wait_for(lambda: len(sink.got) == 3)
    bodies = [json.loads(raw) for _, _, raw in sink.got]
    assert [body["Action"] for body in bodies] == ["Create", "Update", "Delete"]
    assert [body["SequenceNumber"] for body in bodies] == [1, 2, 3]
    assert sim.query("DeletedTicketLogs", {"op": "exist", "field": "id"})[0]["ticketID"] == made


def test_a_user_defined_field_can_be_subscribed(sim: Any, sink: Any) -> None:
    hook = _hook(sim, sink)
    udf = _field_id(sim, "Site Code", "TicketWebhookUdfFields", "udfFieldID")
    body = {"udfFieldID": udf, "isDisplayAlwaysField": False, "isSubscribedField": True}
    assert sim.api.post(f"TicketWebhooks/{hook}/UdfFields", json=body).status_code == 200
    sim.api.patch("Tickets", json={"id": 7001, "userDefinedFields": [{"name": "Site Code", "value": "S77"}]})
    sim.wait_for(lambda: sink.got)
    assert json.loads(sink.got[0][2])["Fields"] == {"Site Code": "S77"}


def test_an_excluded_resource_causes_no_event(sim: Any, sink: Any) -> None:
    hook = _hook(sim, sink)
    _subscribe(sim, hook)
    assert sim.api.post(f"TicketWebhooks/{hook}/ExcludedResources", json={"resourceID": 29683001}).status_code == 200
    sim.api.patch("Tickets", json={"id": 7001, "status": 8})
    sim.sim.patch("ui/101/Tickets/7002", json={"status": 8})
    sim.wait_for(lambda: sink.got)
    assert [json.loads(raw)["Id"] for _, _, raw in sink.got] == [7002]


def test_a_failing_receiver_gets_five_tries_and_then_the_event_is_dropped_and_logged(sim: Any, sink: Any) -> None:
    sim.settings(time_scale=0.001)
    sink.status = 500
    hook = _hook(sim, sink)
    _subscribe(sim, hook)
    sim.api.patch("Tickets", json={"id": 7001, "status": 8})
    sim.wait_for(lambda: sim.rows("WebhookEventErrorLogs"))
    assert len(sink.got) == 5
    (log,) = sim.query("WebhookEventErrorLogs", {"op": "exist", "field": "id"})
    assert (log["ticketWebhookID"], log["errorMessage"]) == (hook, "HTTP 500")
    assert sim.api.delete(f"WebhookEventErrorLogs/{log['id']}").status_code == 200


def test_too_many_failures_disable_the_webhook_and_tell_the_other_address(sim: Any, sink: Any) -> None:
    sim.settings(time_scale=0.0, hook_tries=1, hook_failures_to_disable=3)
    sink.status = 500
    hook = _hook(sim, sink)
    _subscribe(sim, hook)
    for ticket_id in range(7001, 7006):
        sim.api.patch("Tickets", json={"id": ticket_id, "status": 8})
    sim.wait_for(lambda: any(path == "/off" for path, _, _ in sink.got))
    assert sim.api.get(f"TicketWebhooks/{hook}").json()["item"]["isActive"] is False
    last = json.loads(sink.got[-1][2])
    assert last["Action"] == "Deactivated"
    assert "EntityType" not in last
    assert "X-Hook-Signature" not in sink.got[-1][1]


@pytest.mark.parametrize(
    ("change", "fragment"),
    [
        ({"webhookUrl": "http://hooks.example/x"}, "webhookUrl must be a valid HTTPS URL."),
        ({"deactivationUrl": ""}, "required field deactivationUrl"),
        ({"secretKey": "k" * 65}, "secretKey must be less than or equal to 64 characters"),
        ({"name": "n" * 51}, "name must be less than or equal to 50 characters"),
    ],
)
def test_a_webhook_is_refused(sim: Any, sink: Any, change: dict[str, Any], fragment: str) -> None:
    body = {
        "name": "b", "isActive": True, "webhookUrl": "https://h.example/a", "deactivationUrl": "https://h.example/b",
        "secretKey": "k", "sendThresholdExceededNotification": True,
    }  # fmt: skip
    assert fragment in sim.refusal(sim.api.post("TicketWebhooks", json=body | change))


def test_plain_http_is_refused_once_the_loopback_switch_is_off_and_a_twin_always(sim: Any, sink: Any) -> None:
    _hook(sim, sink)
    twin = {
        "name": "again", "isActive": False, "webhookUrl": f"{sink.url}/in", "deactivationUrl": f"{sink.url}/off",
        "secretKey": "k", "sendThresholdExceededNotification": False, "isSubscribedToUpdateEvents": True,
    }  # fmt: skip
    assert "already exists" in sim.refusal(sim.api.post("TicketWebhooks", json=twin))
    sim.settings(allow_http_loopback=False)
    assert "HTTPS" in sim.refusal(sim.api.post("TicketWebhooks", json=twin))


@pytest.mark.parametrize(
    ("callout", "content_type", "body"),
    [
        ({"format": "form", "identity": "number"}, "application/x-www-form-urlencoded", b"TicketNumber=T20261101.0001"),
        ({"format": "json", "identity": "id", "key": "ticket_id"}, "application/json", b'{"ticket_id": "7001"}'),
        (
            {"format": "xml", "identity": "id"},
            "text/xml; charset=utf-8",
            b'<?xml version="1.0"?><Ticket><TicketID>7001</TicketID></Ticket>',
        ),
    ],
)
def test_a_status_change_fires_the_extension_callout(
    sim: Any, sink: Any, callout: dict[str, Any], content_type: str, body: bytes
) -> None:
    sim.settings(extension_callouts=[{"url": f"{sink.url}/v1?client_token=t", "statuses": [8], **callout}])
    sim.sim.patch("ui/101/Tickets/7001", json={"status": 7})
    sim.sim.patch("ui/101/Tickets/7001", json={"status": 8})
    sim.wait_for(lambda: sink.got)
    path, headers, raw = sink.got[0]
    assert (path, headers["Content-Type"], raw) == ("/v1?client_token=t", content_type, body)
    assert len(sink.got) == 1


def test_net_json_is_ascii_and_parses_back() -> None:
    value = {"a": 'x"\\\n\t\x7f\u2028é', "b": "c:\\\\", "n": [1, None, True, 2.5]}
    raw = net_json(value)
    assert raw.isascii()
    assert json.loads(raw) == value
    assert rb"x\u0022\\" in raw


def test_notes_have_webhooks_of_their_own(sim: Any, sink: Any) -> None:
    body = {
        "name": "notes", "isActive": True, "webhookUrl": f"{sink.url}/n", "deactivationUrl": f"{sink.url}/off",
        "secretKey": SECRET, "sendThresholdExceededNotification": False, "isSubscribedToCreateEvents": True,
    }  # fmt: skip
    hook = sim.api.post("TicketNoteWebhooks", json=body).json()["itemId"]
    field = {
        "fieldID": _field_id(sim, "title", "TicketNoteWebhookFields"),
        "isDisplayAlwaysField": False,
        "isSubscribedField": True,
    }
    assert sim.api.post(f"TicketNoteWebhooks/{hook}/Fields", json=field).status_code == 200
    sim.sim.post(
        "ui/101/TicketNotes", json={"ticketID": 7001, "title": "t", "description": "d", "noteType": 3, "publish": 2}
    )
    sim.wait_for(lambda: sink.got)
    told = json.loads(sink.got[0][2])
    assert (told["EntityType"], told["Fields"]) == ("TicketNote", {"Title": "t"})


def test_a_webhook_is_shut_down_on_command_and_can_be_switched_on_again(sim: Any, sink: Any) -> None:
    hook = _hook(sim, sink)
    _subscribe(sim, hook)
    assert sim.sim.post(f"webhooks/101/ticketwebhooks/{hook}/deactivate").status_code == 204
    assert [(path, json.loads(raw)["Action"]) for path, _, raw in sink.got] == [("/off", "Deactivated")]
    sim.api.patch("Tickets", json={"id": 7001, "status": 8})
    assert sim.api.get(f"TicketWebhooks/{hook}").json()["item"]["isActive"] is False
    sim.api.patch("TicketWebhooks", json={"id": hook, "isActive": True})
    sim.api.patch("Tickets", json={"id": 7002, "status": 8})
    sim.wait_for(lambda: len(sink.got) == 2)
    told = json.loads(sink.got[1][2])
    assert (told["Id"], told["PersonID"]) == (7002, 29683001)


def test_a_resource_is_excluded_once_and_a_webhook_never_becomes_a_twin(sim: Any, sink: Any) -> None:
    hook = _hook(sim, sink)
    for status in (200, 500):
        answer = sim.api.post(f"TicketWebhooks/{hook}/ExcludedResources", json={"resourceID": 29683001})
        assert answer.status_code == status
    other = _hook(sim, sink, webhookUrl=f"{sink.url}/other")
    taken = sim.api.patch("TicketWebhooks", json={"id": other, "webhookUrl": f"{sink.url}/in"})
    assert "already exists" in sim.refusal(taken)
    assert sim.api.patch("TicketWebhooks", json={"id": other, "name": "renamed"}).status_code == 200


def test_a_status_put_back_by_a_workflow_is_told_after_the_write_itself(sim: Any, sink: Any) -> None:
    hook = _hook(sim, sink)
    _subscribe(sim, hook)
    sim.sim.post("workflow/101", json={"status": 5, "becomes": 8})
    sim.api.patch("Tickets", json={"id": 7001, "status": 5})
    sim.wait_for(lambda: len(sink.got) == 2)
    assert [json.loads(raw)["Fields"] for _, _, raw in sink.got] == [{"Status": 5}, {"Status": 8}]
