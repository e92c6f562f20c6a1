"""The client against a small vendor on a real socket."""

import asyncio
from decimal import Decimal

import pytest

from app.core.model.failure import Gone, NotSent, Rejected, Throttled, Transient, Unknown
from app.core.model.ids import LedgerId
from app.core.model.permit import WritePermit

ONE = [{"op": "eq", "field": "status", "value": 1}]
NO_MATCH = "No matching records found. The logged in Resource may not have the required permissions to delete the data."


def page(rows, next_url=None):
    return 200, {"items": rows, "pageDetails": {"nextPageUrl": next_url}}


async def rows_of(found):
    return [row async for row in found]


async def test_a_query_follows_its_pages_with_the_same_body_by_post(vendor, client):
    next_url = vendor.url + "/ATServicesRest/V1.0/Tickets/query/next?paging=%7B%22nextIds%22:[2]%7D"
    vendor.zone = ""
    vendor.table["zone"] = (200, {"url": vendor.url + "/atservicesrest/", "ci": 101})
    vendor.table["POST Tickets/query"] = page([{"id": 1}, {"id": 2}], next_url)
    vendor.table["POST /ATServicesRest/V1.0/Tickets/query/next"] = page([{"id": 3}])
    assert [row["id"] for row in await rows_of(client.query("tickets", ONE, ["title"]))] == [1, 2, 3]
    first, second = vendor.seen[1:]
    assert first.body == second.body == {"filter": ONE, "MaxRecords": 500, "IncludeFields": ["id", "title"]}
    assert second.query == "paging=%7B%22nextIds%22:[2]%7D"


async def test_a_next_page_at_another_host_never_sees_the_credentials(vendor, client):
    vendor.table["POST Tickets/query"] = page([{"id": 1}], "https://evil.example/Tickets/query/next")
    with pytest.raises(Transient, match="not at the host"):
        await rows_of(client.query("Tickets", ONE))


async def test_a_wrong_filter_and_a_wrong_entity_cost_no_call(vendor, client):
    for entity, conditions in (("Tickets", [{"op": "is"}]), ("Ticket", ONE), ("TicketChecklistLibraries", ONE)):
        with pytest.raises(Rejected):
            await rows_of(client.query(entity, conditions))
    assert vendor.seen == []


async def test_many_values_are_asked_for_five_hundred_at_a_time_and_once_each(vendor, client):
    vendor.table["POST Companies/query"] = lambda asked: page([{"id": n} for n in asked.body["filter"][0]["value"]])
    values = [*range(1200), *range(300)]
    found = await rows_of(client.query_in("Companies", "id", values))
    assert [row["id"] for row in found] == list(range(1200))
    assert [len(one.body["filter"][0]["value"]) for one in vendor.seen[1:]] == [500, 500, 200]
    assert await rows_of(client.query_in("Companies", "id", [])) == []


async def test_a_record_is_read_by_id_with_exact_decimals(vendor, client):
    vendor.table["GET TicketCharges/7"] = (200, b'{"item":{"id":7,"unitPrice":3.5000}}')
    record = await client.get("TicketCharges", 7)
    assert str(record["unitPrice"]) == "3.5000"


@pytest.mark.parametrize("answer", [(404, {"Message": "nothing"}), (404, None), (200, {"item": None})])
async def test_a_missing_record_is_none_in_every_spelling(vendor, client, answer):
    vendor.table["GET Tickets/7"] = answer
    assert await client.get("Tickets", 7) is None


async def test_a_create_goes_below_its_parent_and_gives_the_new_id(vendor, client, opening):
    vendor.table["POST Tickets/5/Notes"] = (200, {"itemId": 77})
    body = {"title": "a", "price": Decimal("1.10")}
    assert await client.create("TicketNotes", body, opening, ("Tickets", 5)) == 77
    assert vendor.seen[-1].body == {"title": "a", "price": 1.1}
    assert "impersonationresourceid" not in vendor.seen[-1].headers


async def test_a_create_that_the_contract_does_not_have_opens_no_permit(vendor, client):
    async def never() -> WritePermit:
        raise AssertionError("asked for")

    with pytest.raises(Rejected, match=r"Tickets/\{id\}/Notes"):
        await client.create("TicketNotes", {}, never)
    assert vendor.seen == []


async def test_a_patch_goes_to_the_collection_with_its_id(vendor, client, opening):
    vendor.table["PATCH Tickets"] = (200, {"itemId": 5})
    assert await client.patch("Tickets", {"id": 5, "status": 8}, opening) == 5
    with pytest.raises(Rejected) as failure:
        await client.patch("Tickets", {"status": 8}, opening)
    assert failure.value.code == "autotask_no_id"


async def test_a_refused_write_names_code_and_field(vendor, client, opening):
    vendor.table["PATCH Tickets"] = (500, {"errors": ["Picklist value [8] does not exist for status"]})
    with pytest.raises(Rejected) as failure:
        await client.patch("Tickets", {"id": 5, "status": 8}, opening)
    assert (failure.value.code, failure.value.field) == ("autotask_picklist", "status")


async def test_an_unclear_answer_to_a_write_is_unknown_and_to_a_read_transient(vendor, client, opening):
    vendor.table["PATCH Tickets"] = vendor.table["GET Tickets/5"] = (500, b"<html>")
    with pytest.raises(Unknown):
        await client.patch("Tickets", {"id": 5}, opening)
    with pytest.raises(Transient):
        await client.get("Tickets", 5)


async def test_a_delete_of_what_is_gone_is_gone(vendor, client, opening):
    vendor.table["DELETE TimeEntries/5"] = (500, {"errors": [NO_MATCH]})
    with pytest.raises(Gone):
        await client.delete("TimeEntries", 5, opening)


async def test_a_delete_of_what_is_still_there_was_forbidden(vendor, client, opening):
    vendor.table["DELETE TimeEntries/5"] = (500, {"errors": [NO_MATCH]})
    vendor.table["GET TimeEntries/5"] = (200, {"item": {"id": 5}})
    with pytest.raises(Rejected) as failure:
        await client.delete("TimeEntries", 5, opening)
    assert failure.value.code == "autotask_permission"


async def test_a_delete_that_cannot_be_explained_changed_nothing(vendor, client, opening):
    vendor.table["DELETE TimeEntries/5"] = (500, {"errors": [NO_MATCH]})
    vendor.table["GET TimeEntries/5"] = (503, None)
    with pytest.raises(NotSent):
        await client.delete("TimeEntries", 5, opening)


async def test_a_delete_that_works_says_nothing(vendor, client, opening):
    vendor.table["DELETE Tickets/2/Charges/5"] = (200, {"itemId": 5})
    await client.delete("TicketCharges", 5, opening, ("Tickets", 2))


async def test_a_write_met_by_trouble_on_the_way_was_not_sent(vendor, client, opening):
    vendor.table["zone"] = (503, None)
    with pytest.raises(NotSent):
        await client.patch("Tickets", {"id": 5}, opening)
    assert vendor.authenticated == []


async def test_a_write_whose_time_to_start_is_over_is_not_sent(vendor, client, clock):
    async def late() -> WritePermit:
        return WritePermit(LedgerId(1), clock.boot_s() - 1, clock.boot_s() + 30)

    with pytest.raises(NotSent):
        await client.patch("Tickets", {"id": 5}, late)
    assert vendor.authenticated == []


async def test_a_catalogue_is_read_anew_each_time_and_its_user_fields_only_on_request(vendor, client):
    field = {"name": "Status", "dataType": "integer", "isPickList": True, "picklistValues": [{"value": "1"}]}
    vendor.table["GET Tickets/entityInformation/fields"] = (200, {"fields": [field]})
    vendor.table["GET Tickets/entityInformation/userDefinedFields"] = (200, {"fields": [{"name": "Site Code"}]})
    plain = await client.catalog("tickets")
    assert (plain.entity, plain.field("status").is_picklist, dict(plain.user_fields)) == ("Tickets", True, {})
    assert len(vendor.authenticated) == 1
    vendor.table["GET Tickets/entityInformation/fields"] = (200, {"fields": []})
    again = await client.catalog("Tickets", user_fields=True)
    assert (again.field("status"), list(again.user_fields)) == (None, ["site code"])
    assert len(vendor.authenticated) == 3


async def test_an_entity_without_user_fields_has_none(vendor, client):
    vendor.table["GET TicketAttachments/entityInformation/fields"] = (200, {"fields": []})
    vendor.table["GET Tickets/entityInformation/fields"] = (200, {"fields": []})
    assert (await client.catalog("TicketAttachments", user_fields=True)).user_fields == {}
    assert (await client.catalog("Tickets", user_fields=True)).user_fields == {}


async def test_rights_and_database_are_told(vendor, client):
    vendor.table["GET Tickets/entityInformation"] = (200, {"info": {"canQuery": True, "userAccessForQuery": "All"}})
    assert (await client.rights("Tickets")).can_query
    assert await client.database() == 101


async def test_at_most_two_calls_are_in_flight_for_one_endpoint(vendor, client):
    vendor.table["GET Version"] = (200, {"majorVersion": 1})
    await client.probe()
    vendor.hold = asyncio.Event()
    vendor.table["GET Tickets/1"] = (200, {"item": {"id": 1}})
    vendor.table["GET Companies/1"] = (200, {"item": {"id": 1}})
    calls = [asyncio.create_task(client.get("Tickets", 1)) for _ in range(6)]
    calls.append(asyncio.create_task(client.get("Companies", 1)))
    while vendor.in_flight < 3:
        await asyncio.wait(calls, timeout=0.01)
    assert vendor.in_flight == 3
    vendor.hold.set()
    await asyncio.gather(*calls)
    assert vendor.peak == 3
    assert dict(client.meter.calls) == {"ZoneInformation": 1, "Version": 1, "Tickets": 6, "Companies": 1}


async def test_a_used_up_share_stops_calls_before_they_are_sent(vendor, client_of):
    client = await client_of(vendor.url, asked=3)
    vendor.table["GET Tickets/1"] = (200, {"item": {"id": 1}})
    for _ in range(3):
        await client.get("Tickets", 1)
    with pytest.raises(Throttled):
        await client.get("Tickets", 1)
    assert len(vendor.authenticated) == 3


async def test_the_limit_is_read_after_a_hundred_calls_and_others_are_given_way(vendor, client, clock):
    vendor.table["GET Tickets/1"] = (200, {"item": {"id": 1}})
    vendor.table["GET ThresholdInformation"] = (
        200,
        {"externalRequestThreshold": 10000, "requestThresholdTimeframe": 60, "currentTimeframeRequestCount": 9200},
    )
    for _ in range(100):
        await client.get("Tickets", 1)
    assert "GET ThresholdInformation" not in vendor.authenticated
    with pytest.raises(Throttled):
        await client.get("Tickets", 1)
    assert vendor.authenticated.count("GET ThresholdInformation") == 1
    vendor.table["GET ThresholdInformation"] = (
        200,
        {"externalRequestThreshold": 10000, "currentTimeframeRequestCount": 9},
    )
    clock.advance(301)
    await client.get("Tickets", 1)
    assert vendor.authenticated.count("GET ThresholdInformation") == 2


async def test_a_limit_that_cannot_be_read_stops_nothing_and_is_not_asked_for_again_at_once(vendor, client):
    vendor.table["GET Tickets/1"] = (200, {"item": {"id": 1}})
    vendor.table["GET ThresholdInformation"] = (503, None)
    for _ in range(105):
        await client.get("Tickets", 1)
    assert vendor.authenticated.count("GET ThresholdInformation") == 1


async def test_the_hourly_limit_of_the_vendor_stops_every_endpoint(vendor, client, clock):
    text = "The API request threshold of 10000 requests per 60 minutes has been exceeded."
    vendor.table["GET Tickets/1"] = (500, {"errors": [text]})
    vendor.table["GET Companies/1"] = (200, {"item": {"id": 1}})
    for entity in ("Tickets", "Companies"):
        with pytest.raises(Throttled):
            await client.get(entity, 1)
    assert vendor.authenticated == ["GET Tickets/1"]
    clock.advance(301)
    assert await client.get("Companies", 1)


async def test_the_thread_limit_of_the_vendor_stops_one_call_only(vendor, client):
    vendor.table["GET Tickets/1"] = (429, {"errors": ["API thread threshold of 3 threads has been exceeded"]})
    vendor.table["GET Companies/1"] = (200, {"item": {"id": 1}})
    with pytest.raises(Throttled):
        await client.get("Tickets", 1)
    assert await client.get("Companies", 1)
