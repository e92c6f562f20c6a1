"""Attachments and notes: of tasks too, their rights, types, byte window, and authors."""

import base64
import hashlib
from typing import Any

import pytest

TASK, DANA, API_USER = 29690301, 29682885, 29683001
NOTE = {"title": "t", "description": "d", "noteType": 3, "publish": 2}
WINDOW = "The attachment upload limit of 10000000 bytes in 5 minutes has been exceeded."


def _file(content: bytes, **more: Any) -> dict[str, Any]:
    data = base64.b64encode(content).decode()
    return {
        "attachmentType": "FILE_ATTACHMENT", "title": "R", "fullPath": "r.pdf", "publish": 2, "data": data,
    } | more  # fmt: skip


def test_notes_and_files_of_a_task_work_as_those_of_a_ticket(sim: Any) -> None:
    note = sim.api.post(f"Tasks/{TASK}/Notes", json=NOTE).json()["itemId"]
    assert [n["id"] for n in sim.query("TaskNotes", {"op": "eq", "field": "taskID", "value": TASK})] == [note]
    bare = sim.api.patch(f"Tasks/{TASK}/Notes", json={"id": note, "description": "x"})
    assert len(bare.json()["errors"]) == 2
    assert sim.api.delete(f"Tasks/{TASK}/Notes/{note}").status_code == 405
    made = sim.api.post(f"Tasks/{TASK}/Attachments", json=_file(b"plan")).json()["itemId"]
    below = sim.api.post(f"TaskNotes/{note}/Attachments", json=_file(b"photo")).json()["itemId"]
    found = sim.query("TaskAttachments", {"op": "eq", "field": "taskID", "value": TASK})
    assert [(row["id"], row["data"]) for row in found] == [(made, None), (below, None)]
    (child,) = sim.api.get(f"Tasks/{TASK}/Attachments/{made}").json()["items"]
    assert base64.b64decode(child["data"]) == b"plan"
    assert sim.query("TicketAttachments", {"op": "exist", "field": "id"}) == []
    assert sim.api.delete(f"Tasks/{TASK}/Attachments/{made}").status_code == 200


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"description": ""}, "Value does not exist for the required field description"),
        ({"description": "x" * 32001}, "description must be less than or equal to 32000 characters"),
        ({"title": "x" * 251}, "title must be less than or equal to 250 characters"),
        ({"publish": 3}, "Picklist value [3] does not exist for publish"),
        ({"title": ""}, "Value does not exist for the required field title"),
    ],
)
@pytest.mark.parametrize("path", ["Tickets/7001/Notes", f"Tasks/{TASK}/Notes"])
def test_a_note_is_refused(sim: Any, path: str, change: dict[str, Any], text: str) -> None:
    sim.settings(note_title_required=True)
    assert sim.refusal(sim.api.post(path, json=NOTE | change)) == text


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"attachmentType": "PIGEON"}, "Picklist value [PIGEON] does not exist for attachmentType"),
        ({"fullPath": "run.exe"}, "The file type exe is not allowed."),
        ({"fullPath": "README"}, "The file type (none) is not allowed."),
        ({"data": base64.b64encode(b"x" * 101).decode()}, "The attachment exceeds the maximum size of 100 bytes."),
        ({"title": "x" * 256}, "title must be less than or equal to 255 characters"),
    ],
)
def test_an_attachment_is_refused(sim: Any, change: dict[str, Any], text: str) -> None:
    sim.settings(attachment_extensions=["pdf", ".JPG"], attachment_max_bytes=100)
    assert sim.api.post("Tickets/7001/Attachments", json=_file(b"x", fullPath="a.jpg")).status_code == 200
    assert sim.refusal(sim.api.post("Tickets/7001/Attachments", json=_file(b"x") | change)) == text


def test_the_window_counts_what_is_sent_and_what_others_sent(sim: Any) -> None:
    sim.settings(attachment_window_bytes=100)
    sim.sim.post("uploads", json={"database": 101, "bytes": 60})
    assert sim.refusal(sim.api.post("Tickets/7001/Attachments", json=_file(b"x" * 31))) == WINDOW
    assert sim.refusal(sim.api.post("Tickets/7001/Attachments", json=_file(b"x"))) == WINDOW
    sim.sim.post("uploads", json={"database": 101, "clear": True, "bytes": 60})
    sim.settings(attachment_window_counts_base64=False)
    assert sim.api.post("Tickets/7001/Attachments", json=_file(b"x" * 31)).status_code == 200


def test_a_blocked_window_opens_again_once_it_is_over(sim: Any) -> None:
    sim.settings(attachment_window_s=0.3)
    sim.sim.post("uploads", json={"database": 101, "block": True})
    statuses = [sim.api.post("Tickets/7001/Attachments", json=_file(b"x")).status_code]
    assert statuses == [500]
    sim.wait_for(lambda: sim.api.post("Tickets/7001/Attachments", json=_file(b"x")).status_code == 200)


def test_the_journal_and_the_store_tell_the_same_bytes(sim: Any) -> None:
    content = bytes(range(256)) * 40
    made = sim.api.post("Tickets/7001/Attachments", json=_file(content)).json()["itemId"]
    (write,) = sim.sim.get("writes").json()
    told = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    assert write["content"] == told
    assert "data" not in write["body"]
    stored = sim.sim.get(f"attachments/101/{made}").json()
    assert told.items() <= stored.items()


def test_deleting_a_file_needs_the_right(sim: Any) -> None:
    made = sim.api.post("Tickets/7001/Attachments", json=_file(b"x")).json()["itemId"]
    rights = {"permissions": {"TicketAttachments": {"delete": "None"}}}
    sim.sim.patch("users/broker@acme.example", json=rights)
    assert sim.refusal(sim.api.delete(f"Tickets/7001/Attachments/{made}")).startswith("No matching records found.")
    assert len(sim.rows("TicketAttachments")) == 1


def test_an_impersonated_file_shows_both_authors(sim: Any) -> None:
    made = sim.api.post(
        "Tickets/7001/Attachments", json=_file(b"x"), headers={"ImpersonationResourceId": str(DANA)}
    ).json()["itemId"]
    (row,) = sim.rows("TicketAttachments")
    assert (row["id"], row["attachedByResourceID"], row["impersonatorCreatorResourceID"]) == (made, DANA, API_USER)
    (write,) = sim.sim.get("writes").json()
    assert (write["resource"], write["impersonate"]) == (API_USER, str(DANA))


@pytest.mark.parametrize(
    "refusing",
    [
        {"impersonation_refused": {"TicketNotes": ["create"]}},
        {"impersonation_refused": {"*": ["create", "update"]}},
        {"not_impersonable": [DANA]},
    ],
)
def test_impersonation_is_refused_where_the_level_says_so(sim: Any, refusing: dict[str, Any]) -> None:
    sim.settings(**refusing)
    as_dana = {"ImpersonationResourceId": str(DANA)}
    refused = sim.refusal(sim.api.post("Tickets/7001/Notes", json=NOTE, headers=as_dana))
    assert refused == "The logged in Resource does not have the adequate permissions to create this entity type."
    assert sim.api.post("Tickets/7001/Notes", json=NOTE).status_code == 200
    charge = {"name": "P", "chargeType": 1, "datePurchased": "2026-11-03", "unitQuantity": 1, "billingCodeID": 29682801}
    made = sim.api.post("Tickets/7001/Charges", json=charge, headers=as_dana).json()["itemId"]
    assert sim.api.get(f"TicketCharges/{made}").json()["item"]["creatorResourceID"] == API_USER


def test_an_impersonated_change_shows_who_really_made_it(sim: Any) -> None:
    note = sim.api.post("Tickets/7001/Notes", json=NOTE).json()["itemId"]
    sim.api.patch("Tickets/7001/Notes", json={"id": note, **NOTE}, headers={"ImpersonationResourceId": str(DANA)})
    item = sim.api.get(f"TicketNotes/{note}").json()["item"]
    assert (item["creatorResourceID"], item["impersonatorUpdaterResourceID"]) == (API_USER, API_USER)
