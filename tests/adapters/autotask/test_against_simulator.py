"""The client against the full simulator, over a real socket."""

import asyncio

import pytest

from app.core.model.failure import Gone, Refused, Rejected, Throttled, Transient, Unknown
from app.simulators.autotask.seeding import (
    FIRST_COMPANY_ID,
    FIRST_TICKET_ID,
    PERSON_ID,
    QUEUE_ID,
    ROLE_ID,
)
from tests.adapters.autotask.running_simulator import CODE, SECRET, TICKETS, USER

NOTE = {"title": "t", "description": "d", "noteType": 3, "publish": 2}


@pytest.fixture
async def client(simulator, client_of):
    return await client_of(simulator.url, USER, SECRET, CODE)


async def rows_of(found):
    return [row async for row in found]


async def test_a_cold_client_finds_its_database_and_is_welcome(simulator, client):
    await client.probe()
    assert await client.database() == 101
    assert (await simulator.calls())["by_endpoint"] == {"GET zoneInformation": 1, "GET Version": 1}


async def test_a_query_over_pages_gives_every_record_once_ascending(simulator, client):
    rows = await rows_of(client.query("Tickets", [{"op": "gte", "field": "id", "value": 0}], ["ticketNumber"]))
    assert [row["id"] for row in rows] == list(range(FIRST_TICKET_ID, FIRST_TICKET_ID + TICKETS))
    assert set(rows[0]) <= {"id", "ticketNumber", "userDefinedFields"}
    assert (await simulator.calls())["total"] == 3


async def test_many_ids_are_found_in_batches(client):
    ids = range(FIRST_TICKET_ID, FIRST_TICKET_ID + 600)
    assert len(await rows_of(client.query_in("Tickets", "id", ids, ["title"]))) == 600
    assert client.meter.calls["Tickets"] == 2


async def test_a_user_field_is_asked_for_by_its_name(client):
    found = await rows_of(
        client.query("Companies", [{"op": "eq", "field": "Customer Ranking", "udf": True, "value": "Golden"}])
    )
    assert found


@pytest.mark.parametrize("is_null", [False, True])
async def test_a_record_is_there_or_none(simulator, client, is_null):
    await simulator.settings(missing_id_is_null=is_null)
    assert (await client.get("Tickets", FIRST_TICKET_ID))["id"] == FIRST_TICKET_ID
    assert await client.get("Tickets", 5) is None


async def test_a_note_is_written_below_its_ticket_and_read_back(client, opening):
    parent = ("Tickets", FIRST_TICKET_ID)
    id = await client.create("TicketNotes", {**NOTE, "ticketID": FIRST_TICKET_ID}, opening, parent)
    assert (await client.get("TicketNotes", id))["description"] == "d"
    body = {"id": id, "title": "new", "noteType": 3, "publish": 2}
    assert await client.patch("TicketNotes", body, opening, parent) == id
    assert (await client.get("TicketNotes", id))["title"] == "new"


async def test_a_time_entry_is_created_deleted_and_then_gone(client, opening):
    body = {
        "ticketID": FIRST_TICKET_ID,
        "resourceID": PERSON_ID,
        "roleID": ROLE_ID,
        "dateWorked": "2026-11-02T00:00:00",
        "startDateTime": "2026-11-02T14:00:00Z",
        "endDateTime": "2026-11-02T15:30:00Z",
        "summaryNotes": "on site",
    }
    id = await client.create("TimeEntries", body, opening)
    await client.delete("TimeEntries", id, opening)
    with pytest.raises(Gone):
        await client.delete("TimeEntries", id, opening)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"title": ""}, "autotask_required", "title"),
        ({"title": "x" * 256}, "autotask_too_long", "title"),
        ({"priority": 99}, "autotask_picklist", "priority"),
        ({"companyID": 5}, "autotask_reference", "companyID"),
        ({"queueID": None}, "autotask_required", "queueID"),
        ({"assignedResourceID": PERSON_ID}, "autotask_resource_role", "assignedResourceRoleID"),
    ],
)
async def test_a_refused_ticket_names_code_and_field(client, opening, change, code, field):
    body = {
        "companyID": FIRST_COMPANY_ID,
        "title": "t",
        "priority": 1,
        "status": 1,
        "queueID": QUEUE_ID,
        "dueDateTime": "2026-12-01T12:00:00Z",
    }
    with pytest.raises(Rejected) as failure:
        await client.create("Tickets", body | change, opening)
    assert (failure.value.code, failure.value.field) == (code, field)


async def test_an_unknown_field_in_a_filter_is_named(client):
    with pytest.raises(Rejected) as failure:
        await rows_of(client.query("Tickets", [{"op": "eq", "field": "colour", "value": 1}]))
    assert (failure.value.code, failure.value.field) == ("autotask_unknown_field", "colour")


async def test_metadata_rights_and_usage_are_read(client):
    catalog = await client.catalog("Tickets", user_fields=True)
    status = catalog.field("STATUS")
    assert status.is_picklist
    assert {"1", "5"} <= {value.value for value in status.values}
    assert "site code" in catalog.user_fields
    assert catalog.field("title").length == 255
    assert catalog.field("companyID").reference == "Company"
    assert (await client.rights("Tickets")).can_update
    assert not (await client.rights("Tickets")).can_delete
    usage = await client.usage()
    assert (usage.limit, usage.window_minutes) == (10_000, 60)
    assert usage.used >= 5


@pytest.mark.parametrize("wrong", [{"secret": "x"}, {"code": "x"}])
async def test_wrong_credentials_cost_two_authenticated_calls(simulator, client_of, wrong):
    client = await client_of(simulator.url, **{"username": USER, "secret": SECRET, "code": CODE, **wrong})
    for _ in range(3):
        with pytest.raises(Refused):
            await client.get("Tickets", FIRST_TICKET_ID)
    by_endpoint = (await simulator.calls())["by_endpoint"]
    assert sum(count for name, count in by_endpoint.items() if "zone" not in name) == 2


async def test_an_unknown_user_costs_none(simulator, client_of):
    client = await client_of(simulator.url, "nobody@acme.example", SECRET, CODE)
    with pytest.raises(Refused):
        await client.probe()
    assert (await simulator.calls())["by_endpoint"] == {"GET zoneInformation": 1}


async def test_many_calls_at_once_never_meet_the_thread_limit(simulator, client):
    await simulator.fault("slow", delay_s=0.02)
    await asyncio.gather(*(client.get("Tickets", FIRST_TICKET_ID + n) for n in range(20)))
    calls = await simulator.calls()
    assert max(calls["max_in_flight"].values()) <= 3
    assert "429" not in calls["by_status"]


async def test_the_share_is_kept_while_others_use_the_limit(simulator, client, clock):
    await simulator.settings(request_threshold=1000, latency_scale=0.0)
    await simulator.sim.post("requests", json={"database": 101, "requests": 790})
    stopped = None
    for n in range(400):
        try:
            await client.get("Tickets", FIRST_TICKET_ID + n)
        except Throttled as throttled:
            stopped = throttled
            break
    assert stopped is not None
    assert stopped.until > clock.now()
    assert "429" not in (await simulator.calls())["by_status"]


@pytest.mark.parametrize(
    ("fault", "read", "write"),
    [
        ("429", Throttled, Throttled),
        ("500_text", Transient, Unknown),
        ("500_empty", Transient, Unknown),
        ("500_unexpected", Transient, Unknown),
        ("500_validation", Rejected, Rejected),
        ("503", Transient, Unknown),
        ("lost_before", Transient, Unknown),
        ("lost_after", Transient, Unknown),
        ("reset", Transient, Unknown),
        ("outage", Transient, Unknown),
    ],
)
async def test_a_fault_becomes_this_failure(simulator, client, opening, fault, read, write):
    await client.probe()
    await simulator.fault(fault)
    with pytest.raises(read):
        await client.get("Tickets", FIRST_TICKET_ID)
    with pytest.raises(write):
        await client.patch("Tickets", {"id": FIRST_TICKET_ID, "title": "new"}, opening)


async def test_a_missing_right_is_a_refusal_of_this_data_and_not_of_the_user(simulator, client, opening):
    rights = {"Tickets": {"create": "None"}, "TimeEntries": {"query": "None"}}
    await simulator.sim.patch(f"users/{USER}", json={"permissions": rights})
    with pytest.raises(Rejected) as failure:
        await rows_of(client.query("TimeEntries", []))
    assert failure.value.code == "autotask_permission"
    assert await client.get("Tickets", FIRST_TICKET_ID)
