"""Automation, ghosts and counts: what the simulator does on command around a write, and what it tells of it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

NOTE = {"title": "t", "description": "d", "noteType": 3, "publish": 2}
CALL_OF_ONE, CALL_OF_NONE, CALL_OF_TWO, PROJECT, TASK = 29690101, 29690102, 29690103, 29690201, 29690301


def _status(sim: Any, ticket_id: int = 7001) -> int:
    status: int = sim.api.get(f"Tickets/{ticket_id}").json()["item"]["status"]
    return status


def test_a_workflow_rule_works_as_often_as_ordered(sim: Any) -> None:
    assert sim.sim.post("workflow/101", json={"status": 5, "times": 2}).status_code == 201
    seen = []
    for _ in range(3):
        sim.api.patch("Tickets", json={"id": 7001, "status": 5})
        seen.append(_status(sim))
    assert seen == [29683380, 29683380, 5]
    assert sim.sim.get("workflow/101").json()[0]["hits"] == 2
    assert sim.sim.post("workflow/101", json={"colour": 5}).status_code == 400


def test_a_workflow_rule_may_choose_another_status_and_leaves_people_alone(sim: Any) -> None:
    sim.sim.post("workflow/101", json={"status": 8, "becomes": 5})
    sim.api.patch("Tickets", json={"id": 7001, "status": 8})
    assert sim.api.get("Tickets/7001").json()["item"]["completedDate"] is not None
    sim.sim.patch("ui/101/Tickets/7002", json={"status": 8})
    assert _status(sim, 7002) == 8
    sim.sim.delete("workflow/101")
    sim.api.patch("Tickets", json={"id": 7003, "status": 8})
    assert _status(sim, 7003) == 8


def test_a_field_may_be_ignored_without_a_word(sim: Any) -> None:
    sim.settings(ignored_on_patch={"Tickets": ["resolution", "Site Code"]})
    udfs = [{"name": "Site Code", "value": "new"}]
    body = {"id": 7001, "resolution": "done", "title": "new", "userDefinedFields": udfs}
    assert sim.api.patch("Tickets", json=body).status_code == 200
    item = sim.api.get("Tickets/7001").json()["item"]
    assert (item["title"], item["resolution"]) == ("new", "")
    assert {"name": "Site Code", "value": "S1000"} in item["userDefinedFields"]


def test_a_ghost_commits_after_its_client_gave_up(sim: Any) -> None:
    sim.fault("ghost", entity="TicketNotes", method="POST", times=1, delay_s=0.2)
    with pytest.raises(httpx.ReadTimeout):
        sim.api.post("Tickets/7001/Notes", json=NOTE, timeout=0.3)
    assert sim.rows("TicketNotes") == []
    sim.wait_for(lambda: sim.rows("TicketNotes"))
    (write,) = sim.sim.get("writes").json()
    assert (write["committed"], write["status"]) == (True, None)


def test_a_ghost_can_be_let_go_by_command(sim: Any) -> None:
    sim.fault("ghost", entity="Tickets", method="PATCH", times=1)
    with ThreadPoolExecutor(1) as pool:
        lost = pool.submit(sim.api.patch, "Tickets", json={"id": 7001, "title": "late"})
        sim.wait_for(lambda: sim.sim.get("calls").json()["held"] == 1)
        sim.sim.post("release")
        with pytest.raises(httpx.TransportError):
            lost.result()
    sim.wait_for(lambda: sim.api.get("Tickets/7001").json()["item"]["title"] == "late")


def test_a_fault_waits_for_the_call_it_is_meant_for(sim: Any) -> None:
    sim.fault("lost_after", entity="ticketnotes", method="POST", skip=1, times=1)
    assert sim.api.post("Tickets/7002/Attachments", json={}).status_code == 500
    assert sim.api.post("Tickets/7001/Notes", json=NOTE).status_code == 200
    with pytest.raises(httpx.TransportError):
        sim.api.post("Tickets/7001/Notes", json=NOTE)
    assert sim.api.post("Tickets/7001/Notes", json=NOTE).status_code == 200
    assert len(sim.rows("TicketNotes")) == 3


def test_writes_and_reads_are_counted_by_entity(sim: Any, entry: dict[str, Any]) -> None:
    made = sim.api.post("TimeEntries", json=entry).json()["itemId"]
    sim.api.post("TimeEntries", json={**entry, "roleID": None})
    sim.api.delete(f"TimeEntries/{made}")
    sim.query("TimeEntries", {"op": "eq", "field": "ticketID", "value": 7001})
    sim.api.get("Tickets/7001")
    sim.api.get("Tickets/entityInformation/fields")
    assert sim.sim.get("counts", params={"database": 101}).json() == {
        "reads": 2,
        "reads_by_entity": {"TimeEntries": {"query": 1}, "Tickets": {"item": 1}},
        "metadata": 1,
        "metadata_by_entity": {"Tickets": {"fields": 1}},
        "writes": 2,
        "writes_by_entity": {"TimeEntries": {"create": 1, "delete": 1}},
    }
    assert sim.sim.get("counts", params={"database": 5}).json()["reads"] == 0
    sim.sim.post("reset-calls")
    assert sim.sim.get("counts").json()["writes"] == 0


def test_the_journal_names_each_write_and_can_be_narrowed(sim: Any) -> None:
    note = sim.api.post("Tickets/7001/Notes", json=NOTE).json()["itemId"]
    sim.api.patch("Tickets/7001/Notes", json={"id": note, "description": "x"})
    sim.api.patch("Tickets", json={"id": 7002, "title": "x"})
    (write,) = sim.sim.get("writes", params={"entity": "ticketnotes", "committed": 1}).json()
    assert (write["verb"], write["parent"], write["user"], write["resource"]) == (
        "create", {"entity": "Tickets", "id": 7001}, "broker@acme.example", 29683001,
    )  # fmt: skip
    assert (write["item_id"], write["record"]) == (note, None)
    (refused,) = sim.sim.get("writes", params={"verb": "update", "entity": "TicketNotes"}).json()
    assert (refused["committed"], refused["record"]) == (False, note)
    assert sim.sim.get("writes", params={"client": "other/"}).json() == []
    sim.sim.delete("writes")
    assert sim.sim.get("writes").json() == []


def test_service_calls_know_their_tickets(sim: Any) -> None:
    tickets = {
        call: [row["ticketID"] for row in sim.api.get(f"ServiceCalls/{call}/Tickets").json()["items"]]
        for call in (CALL_OF_ONE, CALL_OF_NONE, CALL_OF_TWO)
    }
    assert tickets == {CALL_OF_ONE: [7001], CALL_OF_NONE: [], CALL_OF_TWO: [7002, 7007]}
    (link,) = sim.query("ServiceCallTickets", {"op": "eq", "field": "ticketID", "value": 7007})
    assert link["serviceCallID"] == CALL_OF_TWO
    twice = sim.api.post(f"ServiceCalls/{CALL_OF_ONE}/Tickets", json={"ticketID": 7001})
    assert "already part" in sim.refusal(twice)
    longer = {"id": CALL_OF_ONE, "endDateTime": "2026-11-04T20:00:00Z", "status": 2, "isComplete": 1}
    assert sim.api.patch("ServiceCalls", json=longer).status_code == 200
    assert sim.api.get(f"ServiceCalls/{CALL_OF_ONE}").json()["item"]["duration"] == 6.0
    assert sim.api.delete(f"ServiceCalls/{CALL_OF_TWO}").status_code == 200
    assert sim.query("ServiceCallTickets", {"op": "eq", "field": "serviceCallID", "value": CALL_OF_TWO}) == []


def test_a_project_and_its_task_are_read_and_patched(sim: Any) -> None:
    (task,) = (t for t in sim.api.get(f"Projects/{PROJECT}/Tasks").json()["items"] if t["id"] == TASK)
    assert (task["assignedResourceID"], task["projectID"]) == (29682885, PROJECT)
    assert sim.api.patch(f"Projects/{PROJECT}/Tasks", json={"id": TASK, "status": 5}).status_code == 200
    assert sim.api.get(f"Tasks/{TASK}").json()["item"]["completedDateTime"] is not None
    assert sim.api.patch("Projects", json={"id": PROJECT, "statusDetail": "on time"}).status_code == 200
    assert sim.api.patch("Tasks", json={"id": TASK, "status": 1}).status_code == 405


def test_records_can_be_put_while_it_runs_and_are_found_by_value(sim: Any) -> None:
    rows = {"serviceCalls": [{"companyID": 29762801, "description": "[FN:9]"}], "TicketNotes": [{"ticketID": 7001}]}
    ids = sim.sim.post("records/101", json=rows).json()["ids"]
    (call,) = sim.query("ServiceCalls", {"op": "eq", "field": "description", "value": "[fn:9]"})
    assert call["id"] == ids[0]
    (note,) = sim.query("TicketNotes", {"op": "in", "field": "ticketID", "value": [7001, 7002]})
    assert note["id"] == ids[1]
    sim.sim.patch(f"ui/101/ServiceCalls/{ids[0]}", json={"description": "x", "startDateTime": "2026-11-04T14:00:00Z",
                                                          "endDateTime": "2026-11-04T15:00:00Z"})  # fmt: skip
    assert sim.query("ServiceCalls", {"op": "eq", "field": "description", "value": "[FN:9]"}) == []
    assert len(sim.query("ServiceCalls", {"op": "eq", "field": "description", "value": "X"})) == 1
