"""Pages, zones and metadata, read from answers."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.autotask.wire.metadata import read_fields, read_rights, read_usage
from app.adapters.autotask.wire.paging import query_body, read_page, same_place
from app.adapters.autotask.wire.zone import address, discovery_address, read_zone
from app.core.model.failure import Transient

ZONE = "https://webservices5.autotask.net/atservicesrest/"
NEXT = 'https://webservices5.autotask.net/ATServicesRest/V1.0/Tickets/query/next?paging={"nextIds":[725]}'
ROOT = "https://webservices.autotask.net/atservicesrest"


def page(rows, next_url=None):
    return {
        "items": rows,
        "pageDetails": {"count": 1, "requestCount": 500, "prevPageUrl": None, "nextPageUrl": next_url},
    }


def test_a_query_asks_for_full_pages_and_always_for_the_id():
    condition = {"op": "eq", "field": "status", "value": 1}
    assert query_body([condition], []) == {"filter": [condition], "MaxRecords": 500}
    assert query_body([condition], ["title", "ID", "title"])["IncludeFields"] == ["id", "title"]


def test_a_page_says_where_the_next_one_is():
    assert read_page(page([{"id": 1}], NEXT), ZONE, frozenset()).next_url == NEXT
    assert read_page(page([{"id": 1}]), ZONE, frozenset()).next_url == ""
    assert read_page({"items": []}, ZONE, frozenset()).rows == ()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"items": None},
        {"items": {"id": 1}},
        {"items": [1]},
        page([{"id": n} for n in range(501)]),
        page([], "https://evil.example/atservicesrest/"),
        page([], "http://webservices5.autotask.net/x"),
        page([], "https://webservices5.autotask.net:8443/x"),
        page([], "https://webservices5.autotask.net@evil.example/x"),
        page([], "//evil.example/x"),
        page([], "https://[x"),
        page([], 5),
    ],
)
def test_a_page_that_cannot_be_trusted_is_not_followed(body):
    with pytest.raises(Transient):
        read_page(body, ZONE, frozenset())


def test_pages_that_lead_in_a_circle_are_noticed():
    with pytest.raises(Transient, match="circle"):
        read_page(page([{"id": 1}], NEXT), ZONE, frozenset({NEXT}))


@given(st.lists(st.lists(st.integers(), max_size=5), min_size=1, max_size=6))
def test_following_the_pages_gives_every_row_once_in_order(pages):
    places = ["", *(f"{ZONE}next?page={n}" for n in range(1, len(pages)))]
    bodies = dict(zip(places, pages, strict=True))
    url, seen, rows = "", frozenset(), []
    while True:
        following = places[places.index(url) + 1] if url != places[-1] else None
        one = read_page(page([{"id": n} for n in bodies[url]], following), ZONE, seen)
        rows += [row["id"] for row in one.rows]
        if not one.next_url:
            break
        url, seen = one.next_url, seen | {one.next_url}
    assert rows == [n for ids in pages for n in ids]


def test_hosts_are_compared_in_any_capitalisation_and_with_default_ports():
    assert same_place("https://WebServices5.autotask.net:443/X", ZONE)


def test_a_zone_is_where_discovery_says():
    body = {
        "zoneName": "x",
        "url": "https://webservices5.autotask.net/atservicesrest",
        "webUrl": "https://ww5/",
        "ci": 8,
    }
    zone = read_zone(body, ROOT)
    assert (zone.url, zone.ci, address(zone, "Version")) == (ZONE, 8, f"{ZONE}v1.0/Version")
    assert discovery_address(ROOT + "/") == f"{ROOT}/v1.0/zoneInformation"


def test_a_simulator_may_be_its_own_zone():
    body = {"url": "http://127.0.0.1:9001/atservicesrest/", "ci": 1}
    assert read_zone(body, "http://127.0.0.1:9000/atservicesrest").ci == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"url": ZONE},
        {"url": ZONE, "ci": "8"},
        {"url": ZONE, "ci": True},
        {"url": "http://webservices5.autotask.net/", "ci": 8},
        {"url": "https://autotask.net.evil.example/", "ci": 8},
        {"url": "https://evilautotask.net/", "ci": 8},
        {"url": "https://[x", "ci": 8},
        {"url": "", "ci": 8},
    ],
)
def test_a_zone_at_a_strangers_host_is_not_believed(body):
    with pytest.raises(Transient):
        read_zone(body, ROOT)


FIELD = json.loads("""
{"name": "priority", "dataType": "integer", "length": 0, "isRequired": true, "isReadOnly": false, "isQueryable": true,
 "isReference": false, "referenceEntityType": "", "isPickList": true, "picklistParentValueField": "",
 "picklistValues": [
   {"value": "1", "label": "High", "isDefaultValue": false, "sortOrder": 1, "parentValue": "", "isActive": true,
    "isSystem": false},
   {"value": "9", "label": "Old", "isActive": false, "isSystem": true, "parentValue": "4"}]}
""")
USER_FIELD = {"name": "Site Code", "label": "Site", "type": "string", "length": 20, "referenceEntityType": None}


def test_fields_are_read_with_their_picklists():
    field = read_fields({"fields": [FIELD]})["priority"]
    assert (field.type, field.is_required, field.is_picklist, field.reference) == ("integer", True, True, "")
    assert [(v.value, v.label, v.is_active, v.is_system, v.parent) for v in field.values] == [
        ("1", "High", True, False, ""),
        ("9", "Old", False, True, "4"),
    ]


def test_user_fields_call_their_type_otherwise_and_may_hold_nulls():
    field = read_fields({"fields": [USER_FIELD]})["site code"]
    assert (field.name, field.type, field.length, field.reference, field.values) == ("Site Code", "string", 20, "", ())


@pytest.mark.parametrize(
    ("access", "may"), [("All", True), ("Restricted", True), ("None", False), (0, False), (1, True)]
)
def test_rights_need_the_entity_and_the_user(access, may):
    info = {"name": "Ticket", "canCreate": True, "canUpdate": False, "userAccessForCreate": access}
    rights = read_rights("Tickets", {"info": info})
    assert (rights.can_create, rights.can_update, rights.can_delete) == (may, False, False)


def test_usage_is_read_with_its_window():
    body = {"externalRequestThreshold": 10000, "requestThresholdTimeframe": 60, "currentTimeframeRequestCount": 124}
    usage = read_usage(body, datetime(2026, 3, 1, tzinfo=UTC))
    assert (usage.limit, usage.used, usage.window_minutes) == (10000, 124, 60)


@pytest.mark.parametrize("body", [{}, {"fields": None}, {"info": None}, {"externalRequestThreshold": "x"}])
def test_metadata_of_another_shape_is_trouble_of_the_vendor(body):
    for read in (read_fields, lambda b: read_rights("X", b), lambda b: read_usage(b, datetime(2026, 3, 1, tzinfo=UTC))):
        with pytest.raises(Transient):
            read(body)
