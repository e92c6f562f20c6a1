"""Limits, faults on command, and the truth the simulator tells about all of it."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from app.simulators.autotask.seeding import make_seed, merge_seeds

ALL = {"op": "exist", "field": "id"}
NOTE = {"title": "t", "description": "d", "noteType": 3, "publish": 2}


def test_a_fourth_call_at_once_to_one_endpoint_is_refused(sim: Any) -> None:
    sim.fault("hold", path="/Tickets/", times=3)
    with ThreadPoolExecutor(4) as pool:
        held = [pool.submit(sim.api.post, "Tickets/query", json={"filter": [ALL]}) for _ in range(3)]
        sim.wait_for(lambda: sim.sim.get("calls").json()["held"] == 3)
        fourth = sim.api.get("Tickets/7001/Notes")
        other = sim.api.get("Companies/0")
        assert sim.sim.post("release").json() == {"released": 3}
        assert [call.result().status_code for call in held] == [200, 200, 200]
    assert fourth.status_code == 429
    assert fourth.json() == {"errors": ["API thread threshold of 3 threads has been exceeded"]}
    assert other.status_code == 200
    calls = sim.sim.get("calls").json()
    assert calls["max_in_flight"]["101|FIELDNATION0SIMULATED0CODE1|Tickets"] == 4
    assert calls["max_in_flight_by_database"] == {"101": 4}


def test_the_hour_adds_latency_and_then_refuses(sim: Any) -> None:
    sim.settings(latency_scale=0.2)
    sim.sim.post("requests", json={"database": 101, "requests": 8000})
    started = time.monotonic()
    assert sim.api.get("Version").status_code == 200
    assert time.monotonic() - started >= 0.2
    sim.sim.post("requests", json={"database": 101, "requests": 2000})
    refused = sim.api.get("ThresholdInformation")
    assert refused.status_code == 429
    assert "threshold of 10000 requests" in refused.json()["errors"][0]


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        ("429", 429, '{"errors": ["API thread threshold of 3 threads has been exceeded"]}'),
        ("500_empty", 500, '{"errors":[]}'),
        ("500_text", 500, "<html>"),
        ("500_unexpected", 500, "Timeout"),
        ("500_validation", 500, "required field title"),
        ("503", 503, "Service Unavailable"),
    ],
)
def test_an_error_on_command_comes_as_often_as_ordered(sim: Any, fault: str, status: int, body: str) -> None:
    sim.fault(fault, method="POST", path="Tickets/query$", times=1)
    answer = sim.api.post("Tickets/query", json={"filter": [ALL]})
    assert answer.status_code == status
    assert body in answer.text
    assert len(sim.query("Tickets", ALL)) == 25


@pytest.mark.parametrize(("fault", "commits"), [("lost_before", False), ("reset", False), ("lost_after", True)])
def test_a_lost_answer_leaves_the_connection_closed(sim: Any, fault: str, commits: bool) -> None:
    sim.fault(fault, method="POST", path="Notes$", times=1)
    with pytest.raises(httpx.TransportError):
        sim.api.post("Tickets/7001/Notes", json=NOTE)
    assert len(sim.rows("TicketNotes")) == int(commits)
    (write,) = sim.sim.get("writes").json()
    assert write["kind"] == "POST Tickets/{id}/Notes"
    assert (write["committed"], write["status"], write["client"]) == (commits, None, "suite/1")
    assert sim.api.post("Tickets/7001/Notes", json=NOTE).status_code == 200


def test_a_late_commit_happens_after_the_answer_was_lost(sim: Any) -> None:
    sim.fault("late", method="POST", path="Notes$", times=1, delay_s=0.3)
    with pytest.raises(httpx.TransportError):
        sim.api.post("Tickets/7001/Notes", json=NOTE)
    assert sim.rows("TicketNotes") == []
    sim.wait_for(lambda: sim.rows("TicketNotes"))
    assert sim.sim.get("writes").json()[0]["committed"] is True


def test_a_500_may_hide_a_commit(sim: Any) -> None:
    sim.fault("500_text", path="Notes$", times=1, commit=True)
    assert sim.api.post("Tickets/7001/Notes", json=NOTE).status_code == 500
    assert len(sim.rows("TicketNotes")) == 1


def test_a_held_answer_whose_client_is_gone_frees_its_place(sim: Any) -> None:
    sim.fault("hold", path="Notes$", times=1)
    with pytest.raises(httpx.ReadTimeout):
        sim.api.post("Tickets/7001/Notes", json=NOTE, timeout=0.3)
    sim.wait_for(lambda: sim.sim.get("calls").json()["held"] == 0)
    assert len(sim.rows("TicketNotes")) == 1


def test_an_outage_refuses_everything_until_it_is_cleared(sim: Any) -> None:
    sim.fault("outage")
    assert sim.api.get("Version", headers={"Secret": "wrong"}).status_code == 503
    assert sim.api.get("zoneInformation", params={"user": "broker@acme.example"}).status_code == 503
    sim.sim.delete("faults")
    sim.fault("outage", closed=True)
    with pytest.raises(httpx.TransportError):
        sim.api.get("Version")
    sim.sim.delete("faults")
    assert sim.api.get("Version").status_code == 200


def test_wrong_credentials_can_be_ordered_and_a_secret_changed(sim: Any) -> None:
    sim.fault("wrong_credentials", times=2)
    assert [sim.api.get("Version").status_code for _ in range(3)] == [401, 401, 200]
    sim.sim.patch("users/broker@acme.example", json={"secret": "Another-Secret-22"})
    assert sim.api.get("Version").status_code == 401
    assert sim.api.get("Version", headers={"Secret": "Another-Secret-22"}).status_code == 200


def test_a_fault_can_follow_one_record_of_one_database(start: Callable[..., Any]) -> None:
    sim = start(merge_seeds(make_seed(), make_seed(ci=102, username="two@x.example")))
    sim.fault("500_text", record=7003, database=101)
    assert sim.api.get("Tickets/7003").status_code == 500
    assert sim.api.patch("Tickets", json={"id": 7003, "title": "x"}).status_code == 500
    ids = {"op": "in", "field": "id", "value": [7001, 7003]}
    assert sim.api.post("Tickets/query", json={"filter": [ids]}).status_code == 500
    assert sim.api.get("Tickets/7004").status_code == 200
    assert sim.api.get("Tickets/7003", headers={"UserName": "two@x.example"}).status_code == 200


def test_slow_is_slow_and_works(sim: Any) -> None:
    sim.fault("slow", path="Version", delay_s=0.2)
    started = time.monotonic()
    assert sim.api.get("Version").status_code == 200
    assert time.monotonic() - started >= 0.2


def test_an_unknown_fault_or_switch_is_named(sim: Any) -> None:
    assert "unknown fault nope" in sim.sim.post("faults", json={"fault": "nope"}).text
    assert "unknown switch: nope" in sim.sim.patch("settings", json={"nope": 1}).text
    assert sim.sim.patch("settings", json={"thread_limit": 5}, params={"database": 9}).status_code == 404


def test_calls_are_counted_per_endpoint_database_and_client(sim: Any) -> None:
    sim.api.get("zoneInformation", params={"user": "broker@acme.example"})
    sim.api.get("Tickets/7001")
    sim.api.get("tickets/7002")
    sim.api.post("Tickets/7001/Notes", json=NOTE)
    sim.api.get("Tickets/entityInformation/fields")
    calls = sim.sim.get("calls").json()
    assert calls["total"] == 5
    assert calls["by_endpoint"] == {
        "GET zoneInformation": 1,
        "GET Tickets/{id}": 2,
        "POST Tickets/{id}/Notes": 1,
        "GET Tickets/entityInformation/fields": 1,
    }
    assert calls["clients"] == {"suite/1": 5}
    sim.sim.post("reset-calls")
    assert sim.sim.get("calls").json()["total"] == 0


def test_the_journal_has_refused_writes_too(sim: Any) -> None:
    sim.api.patch("Tickets", json={"id": 7001, "priority": 99})
    sim.api.patch("Tickets", json={"id": 7001, "priority": 1})
    first, second = sim.sim.get("writes").json()
    assert (first["kind"], first["status"], first["committed"]) == ("PATCH Tickets", 500, False)
    assert (second["seq"], second["status"], second["committed"], second["item_id"]) == (2, 200, True, 7001)


def test_reset_goes_back_to_the_seed_and_seed_adds_a_database(sim: Any) -> None:
    sim.api.patch("Tickets", json={"id": 7001, "title": "x"})
    assert sim.sim.post("seed", json=make_seed(ci=7, username="seven@x.example")).json() == {"databases": [7, 101]}
    assert sim.api.get("Version", headers={"UserName": "seven@x.example"}).status_code == 200
    sim.sim.post("reset")
    assert sim.sim.get("writes").json() == []
    assert sim.api.get("Tickets/7001").json()["item"]["title"] != "x"
    assert sim.api.get("Version", headers={"UserName": "seven@x.example"}).status_code == 401


def test_udfs_and_picklists_can_be_set_while_it_runs(sim: Any) -> None:
    assert sim.sim.post("udfs/101/Tickets", json={"name": "Gate", "length": 4}).status_code == 204
    long = sim.api.patch("Tickets", json={"id": 7001, "userDefinedFields": [{"name": "Gate", "value": "12345"}]})
    assert sim.refusal(long) == "Gate must be less than or equal to 4 characters"
    sim.sim.put("picklists/101/Tickets/priority", json=[{"value": "9", "label": "Only", "isActive": True}])
    assert "Picklist value [2]" in sim.refusal(sim.api.patch("Tickets", json={"id": 7001, "priority": 2}))


def test_many_clients_at_once_are_served(start: Callable[..., Any]) -> None:
    seeds = [make_seed(ci=ci, username=f"u{ci}@x.example", tickets=500, companies=50) for ci in range(1, 7)]
    sim = start(merge_seeds(*seeds))
    body = {"filter": [{"op": "in", "field": "id", "value": list(range(7001, 7501))}]}
    barrier = threading.Barrier(6)

    def ask(ci: int) -> int:
        barrier.wait()
        return len(sim.api.post("Tickets/query", json=body, headers={"UserName": f"u{ci}@x.example"}).json()["items"])

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(ask, range(1, 7))) == [500] * 6
