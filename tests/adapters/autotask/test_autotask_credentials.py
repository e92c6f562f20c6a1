"""Credentials and zones: a database that moved is followed, an API user is never locked out."""

import asyncio

import pytest

from app.core.model.failure import Refused, Rejected, Transient

TICKET = (200, {"item": {"id": 1}})


async def outcome(call):
    try:
        return await call
    except Exception as failure:
        return failure


async def test_wrong_credentials_cost_two_calls_and_then_none(vendor, client):
    vendor.secret = "changed"
    for _ in range(3):
        with pytest.raises(Refused):
            await client.get("Tickets", 1)
    assert vendor.authenticated == ["GET Tickets/1", "GET Version"]


async def test_wrong_credentials_cost_two_calls_however_many_want_to_call_at_once(vendor, client):
    vendor.secret = "changed"
    outcomes = await asyncio.gather(*(outcome(client.get("Tickets", n)) for n in range(20)))
    assert {type(one) for one in outcomes} == {Refused}
    assert len(vendor.authenticated) == 2


async def test_a_probe_tries_refused_credentials_once_more_with_one_call(vendor, client):
    vendor.secret = "changed"
    with pytest.raises(Refused):
        await client.get("Tickets", 1)
    with pytest.raises(Refused):
        await client.probe()
    assert vendor.authenticated == ["GET Tickets/1", "GET Version", "GET Version"]


async def test_a_probe_that_succeeds_ends_the_refusal(vendor, client):
    vendor.secret = "changed"
    vendor.table |= {"GET Tickets/1": TICKET, "GET Version": (200, {"majorVersion": 1})}
    with pytest.raises(Refused):
        await client.get("Tickets", 1)
    vendor.secret = "right"
    with pytest.raises(Refused):
        await client.get("Tickets", 1)
    await client.probe()
    assert await client.get("Tickets", 1)


async def test_a_database_that_moved_is_found_again_and_the_call_repeated_once(vendor, client):
    vendor.table["GET Tickets/1"] = TICKET
    assert await client.get("Tickets", 1)
    vendor.zone = "/moved/"
    assert await client.get("Tickets", 1)
    assert vendor.authenticated == ["GET Tickets/1"] * 3
    assert [one.headers["at"] for one in vendor.seen if "secret" in one.headers][-1] == "/moved/v1.0/Tickets/1"


async def test_a_database_that_moved_and_refuses_there_too_costs_two_calls(vendor, client):
    vendor.table["GET Tickets/1"] = TICKET
    assert await client.get("Tickets", 1)
    vendor.zone, vendor.secret = "/moved/", "changed"
    with pytest.raises(Refused):
        await client.get("Tickets", 1)
    assert len(vendor.authenticated) == 3


async def test_credentials_that_stop_working_under_load_cost_what_was_in_flight_and_one_probe(vendor, client):
    vendor.table |= {f"GET Tickets/{n}": TICKET for n in range(30)}
    assert await client.get("Tickets", 1)
    vendor.secret = "changed"
    outcomes = await asyncio.gather(*(outcome(client.get("Tickets", n)) for n in range(30)))
    assert {type(one) for one in outcomes} == {Refused}
    two_in_flight, the_first_call, a_probe = 2, 1, 1
    assert len(vendor.authenticated) <= the_first_call + two_in_flight + a_probe


async def test_a_call_that_alone_is_unauthorised_is_rejected_and_pauses_nobody(vendor, client):
    vendor.table |= {"GET Tickets/1": (401, None), "GET Tickets/2": TICKET, "GET Version": (200, {"majorVersion": 1})}
    with pytest.raises(Rejected) as failure:
        await client.get("Tickets", 1)
    assert failure.value.code == "autotask_permission"
    assert await client.get("Tickets", 2)


async def test_an_unknown_api_user_is_refused_without_one_authenticated_call(vendor, client):
    vendor.table["zone"] = (500, {"errors": ["Zone information could not be determined"]})
    for _ in range(2):
        with pytest.raises(Refused):
            await client.get("Tickets", 1)
    assert (len(vendor.seen), vendor.authenticated) == (1, [])


async def test_discovery_that_fails_after_a_refusal_does_not_hide_the_refusal(vendor, client, clock):
    vendor.table["GET Tickets/1"] = TICKET
    assert await client.get("Tickets", 1)
    vendor.secret, vendor.table["zone"] = "changed", (503, None)
    with pytest.raises(Refused):
        await client.get("Tickets", 1)
    assert vendor.authenticated == ["GET Tickets/1", "GET Tickets/1", "GET Version"]


async def test_discovery_that_is_down_is_trouble_of_the_vendor(vendor, client):
    vendor.table["zone"] = (503, None)
    with pytest.raises(Transient):
        await client.get("Tickets", 1)


async def test_discovery_sends_no_credentials_and_is_kept_for_twelve_hours(vendor, client, clock):
    vendor.table["GET Tickets/1"] = TICKET
    await client.get("Tickets", 1)
    clock.advance(11 * 3600)
    await client.get("Tickets", 1)
    assert [one.path for one in vendor.seen].count("zoneInformation") == 1
    clock.advance(2 * 3600)
    await client.get("Tickets", 1)
    discoveries = [one for one in vendor.seen if one.path == "zoneInformation"]
    assert len(discoveries) == 2
    assert discoveries[0].query == "user=api%40acme.example"
    assert not {"secret", "username", "apiintegrationcode"} & set(discoveries[0].headers)


async def test_every_call_carries_the_three_headers_of_the_vendor(vendor, client):
    vendor.table["GET Tickets/1"] = TICKET
    await client.get("Tickets", 1)
    headers = vendor.seen[-1].headers
    assert (headers["username"], headers["secret"], headers["apiintegrationcode"]) == (
        "api@acme.example",
        "right",
        "code",
    )
    assert "right" not in repr(client)


async def test_a_database_that_moves_between_two_pages_is_trouble_and_not_a_doubled_page(vendor, client):
    next_url = vendor.url + "/atservicesrest/v1.0/Tickets/query/next?p=1"
    vendor.table["POST Tickets/query"] = (200, {"items": [{"id": 1}], "pageDetails": {"nextPageUrl": next_url}})
    vendor.table["POST Tickets/query/next"] = (200, {"items": [{"id": 2}]})
    rows = client.query("Tickets", [])
    assert await anext(rows) == {"id": 1}
    vendor.zone = "/moved/"
    with pytest.raises(Transient, match="moved"):
        await anext(rows)
