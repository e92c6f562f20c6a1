"""Zones, credentials, paths, queries and paging as the vendor has them."""

from collections.abc import Callable
from typing import Any

import pytest

from app.simulators.autotask.seeding import make_seed, merge_seeds

ALL = {"op": "exist", "field": "id"}


def test_the_zone_is_found_without_credentials_and_names_the_database(sim: Any) -> None:
    zone = sim.sim.get(f"{sim.base}zoneInformation", params={"user": "broker@acme.example"}).json()
    assert zone["url"] == f"{sim.root}/atservicesrest/"
    assert zone["ci"] == 101
    unknown = sim.sim.get(f"{sim.base}ZONEINFORMATION", params={"user": "nobody@x.example"})
    assert unknown.status_code == 500
    assert unknown.json() == {"errors": ["Zone information could not be determined"]}


@pytest.mark.parametrize("header", ["UserName", "Secret", "ApiIntegrationCode"])
def test_a_wrong_credential_gives_an_empty_401_that_tells_nothing(sim: Any, header: str) -> None:
    answer = sim.api.get("Version", headers={header: "wrong"})
    assert answer.status_code == 401
    assert answer.content == b""
    assert answer.headers["content-length"] == "0"
    assert answer.headers["www-authenticate"].startswith("Basic Realm=")


def test_repeated_wrong_secrets_lock_the_user(sim: Any) -> None:
    for _ in range(10):
        sim.api.get("Version", headers={"Secret": "wrong"})
    assert sim.api.get("Version").status_code == 401
    sim.sim.patch("users/broker@acme.example", json={})
    assert sim.api.get("Version").status_code == 200


def test_paths_are_read_without_regard_to_case(sim: Any) -> None:
    answer = sim.sim.post(
        f"{sim.root}/ATServicesRest/V1.0/tickets/QUERY", json={"FILTER": [ALL]}, headers=sim.api.headers
    )
    assert len(answer.json()["items"]) == 25


def test_unknown_paths_are_404_and_missing_methods_405_with_a_message(sim: Any) -> None:
    assert sim.api.get("Nonsense/1").status_code == 404
    assert sim.api.get("Tickets/7001/Notes/query").status_code == 404
    assert sim.api.get("TicketAttachments/entityInformation/userDefinedFields").status_code == 404
    for method, path in (
        ("DELETE", "Tickets/7001"), ("PATCH", "Tickets/7001"), ("POST", "TicketNotes"), ("POST", "Resources"),
        ("DELETE", "Tickets/7001/Notes/1"), ("GET", "Tickets"),
    ):  # fmt: skip
        answer = sim.api.request(method, path, json={"id": 7001})
        assert answer.status_code == 405, (method, path)
        assert "Message" in answer.json()


def test_every_entity_of_the_contract_can_be_queried(sim: Any) -> None:
    for entity in ("Contracts", "ActionTypes", "PurchaseOrders", "TicketCategories", "WorkTypeModifiers"):
        assert sim.query(entity, ALL) == []


def test_an_item_has_the_vendors_forms(sim: Any) -> None:
    answer = sim.api.get("Tickets/7002")
    assert '"estimatedHours":1.5000' in answer.text
    item = answer.json()["item"]
    assert item["dueDateTime"] == "2026-11-04T15:00:00Z"
    assert item["createDate"] == "2026-11-01T14:00:01.037Z"
    assert item["externalID"] == ""
    assert item["projectID"] is None
    assert item["status"] == 29683380
    assert {"name": "Site Code", "value": "S1001"} in item["userDefinedFields"]
    assert {"name": "FN Work Order", "value": None} in item["userDefinedFields"]


def test_a_missing_id_is_404_or_a_null_item(sim: Any) -> None:
    assert sim.api.get("Tickets/999999").status_code == 404
    sim.settings(missing_id_is_null=True)
    assert sim.api.get("Tickets/999999").json() == {"item": None}


def test_a_post_query_is_paged_by_post_with_the_same_body_only(sim: Any) -> None:
    body = {"filter": [ALL], "MaxRecords": 10}
    seen: list[int] = []
    page = sim.api.post("Tickets/query", json=body).json()
    while True:
        seen += [item["id"] for item in page["items"]]
        url = page["pageDetails"]["nextPageUrl"]
        if url is None:
            break
        assert page["pageDetails"]["requestCount"] == 10
        got = sim.api.get(url)
        assert got.status_code == 405
        bodyless = sim.api.post(url)
        assert bodyless.status_code == 500
        assert "Parameter name: queryModel" in bodyless.json()["errors"][0]
        page = sim.api.post(url, json=body).json()
    assert seen == list(range(7001, 7026))


def test_a_get_query_is_paged_by_get(sim: Any) -> None:
    search = '{"filter":[{"op":"gte","field":"id","value":0}],"maxrecords":20}'
    first = sim.api.get("Tickets/query", params={"search": search}).json()
    second = sim.api.get(first["pageDetails"]["nextPageUrl"]).json()
    assert [len(first["items"]), len(second["items"])] == [20, 5]


@pytest.mark.parametrize(
    ("condition", "count"),
    [
        ({"op": "eq", "field": "ticketnumber", "value": "t20261101.0003"}, 1),
        ({"op": "in", "field": "id", "value": [7001, 7002, 1]}, 2),
        ({"op": "notIn", "field": "id", "value": [7001, 7002]}, 23),
        ({"op": "noteq", "field": "companyID", "value": 29762801}, 20),
        ({"op": "contains", "field": "title", "value": "CABLE"}, 4),
        ({"op": "beginsWith", "field": "title", "value": "Printer"}, 4),
        ({"op": "gt", "field": "dueDateTime", "value": "2026-11-12T00:00:00Z"}, 2),
        ({"op": "notExist", "field": "projectID"}, 25),
        ({"op": "exist", "field": "projectID"}, 0),
        ({"op": "eq", "field": "Site Code", "udf": True, "value": "S1004"}, 1),
        ({"op": "eq", "field": "id", "value": "7001"}, 0),
        ({"op": "eq", "field": "status", "value": "29683380"}, 25),
        ({"op": "or", "items": [{"op": "eq", "field": "id", "value": n} for n in (7001, 7009)]}, 2),
        ({"op": "and", "items": [{"op": op, "field": "id", "value": 7020} for op in ("gte", "lte")]}, 1),
    ],
)  # fmt: skip
def test_a_filter_finds(sim: Any, condition: dict[str, Any], count: int) -> None:
    assert sim.api.post("Tickets/query/count", json={"filter": [condition]}).json() == {"queryCount": count}


@pytest.mark.parametrize(
    ("conditions", "fragment"),
    [
        ([], "filter is required"),
        ([{"op": "eq", "field": "AccountID", "value": 1}], "Unable to find AccountID in the Tickets Entity."),
        ([{"op": "eq", "field": "Site Code", "value": "x"}], "Unable to find Site Code in the Tickets Entity."),
        (
            [{"op": "eq", "field": "status", "value": "material"}],
            "Conversion failed when converting varchar 'material'",
        ),
        ([{"op": "like", "field": "title", "value": "x"}], "operator like is not supported"),
        ([{"op": "eq", "field": "title", "value": None}], "value is required"),
        ([{"op": "eq", "field": "isAssignedToComanaged", "value": "true"}], "Conversion failed"),
        ([{"op": "eq", "field": "creatorType", "value": 1}], "not queryable"),
        ([{"op": "contains", "field": "status", "value": "1"}], "not supported"),
        ([{"op": "in", "field": "id", "value": list(range(501))}], "500 or fewer 'OR' conditions"),
        ([{"op": "eq", "field": "Site Code", "udf": True, "value": "x"}] * 2, "one user-defined field condition"),
    ],
)
def test_a_filter_is_refused_with_the_vendors_text(sim: Any, conditions: list[Any], fragment: str) -> None:
    answer = sim.api.post("Tickets/query", json={"filter": conditions})
    assert fragment in sim.refusal(answer)


def test_a_misspelt_operator_is_ignored_where_the_switch_says_so(sim: Any) -> None:
    sim.settings(strict_operators=False)
    assert len(sim.query("Tickets", {"op": "equals", "field": "id", "value": 1})) == 25


def test_five_hundred_ids_are_one_query(start: Callable[..., Any]) -> None:
    sim = start(make_seed(companies=50, tickets=1000))
    items = sim.query("Tickets", {"op": "in", "field": "id", "value": list(range(7001, 7501))})
    assert len(items) == 500


def test_only_the_included_fields_come_back_and_unknown_ones_are_refused(sim: Any) -> None:
    (item,) = sim.query(
        "Tickets", {"op": "eq", "field": "id", "value": 7001}, IncludeFields=["ID", "title", "Site Code"]
    )
    assert set(item) == {"id", "title", "userDefinedFields"}
    answer = sim.api.post("Tickets/query", json={"filter": [ALL], "IncludeFields": ["Nope"]})
    assert sim.refusal(answer) == "Unable to find Nope in the Tickets Entity."


def test_more_than_a_page_with_included_fields_needs_the_id(start: Callable[..., Any]) -> None:
    sim = start(make_seed(tickets=501))
    answer = sim.api.post("Tickets/query", json={"filter": [ALL], "IncludeFields": ["title"]})
    assert "id" in sim.refusal(answer)


def test_picklist_values_are_texts_in_metadata_and_integers_in_items(sim: Any) -> None:
    fields = {f["name"]: f for f in sim.api.get("Tickets/entityInformation/fields").json()["fields"]}
    complete = next(p for p in fields["status"]["picklistValues"] if p["label"] == "Complete")
    assert complete["value"] == "5"
    assert complete["isSystem"] is True
    assert fields["title"]["length"] == 255
    assert fields["title"]["picklistValues"] is None
    assert fields["subIssueType"]["picklistParentValueField"] == "issueType"
    assert fields["companyID"]["referenceEntityType"] == "Company"
    udfs = sim.api.get("Tickets/entityInformation/userDefinedFields").json()["fields"]
    assert {"Site Code", "FN Work Order"} <= {udf["name"] for udf in udfs}


def test_permissions_show_in_the_metadata_and_refuse_with_a_500(start: Callable[..., Any]) -> None:
    sim = start(
        make_seed(permissions={"TimeEntries": {"create": "None", "query": "None"}, "Contacts": {"query": "Restricted"}})
    )
    info = sim.api.get("TimeEntries/entityInformation").json()["info"]
    assert info["userAccessForCreate"] == "None"
    assert info["canDelete"] is True
    for verb, answer in (
        ("create", sim.api.post("TimeEntries", json={})),
        ("query", sim.api.post("TimeEntries/query", json={"filter": [ALL]})),
    ):
        text = f"The logged in Resource does not have the adequate permissions to {verb} this entity type."
        assert sim.refusal(answer) == text
    assert sim.query("Contacts", ALL) == []


def test_impersonation_breaks_reads(sim: Any) -> None:
    answer = sim.api.post("Tickets/query", json={"filter": [ALL]}, headers={"ImpersonationResourceId": "29682885"})
    assert "adequate permissions to query" in sim.refusal(answer)


def test_history_takes_one_ticket_condition_only(sim: Any) -> None:
    assert "exactly one condition" in sim.refusal(sim.api.post("TicketHistory/query", json={"filter": [ALL]}))
    sim.api.patch("Tickets", json={"id": 7001, "status": 8})
    (line,) = sim.query("TicketHistory", {"op": "eq", "field": "ticketID", "value": 7001})
    assert "29683380 to 8" in line["detail"]


def test_several_customers_live_on_one_server(start: Callable[..., Any]) -> None:
    seeds = [make_seed(ci=ci, username=f"u{ci}@x.example", tickets=ci % 10, companies=1) for ci in range(201, 261)]
    sim = start(merge_seeds(*seeds))
    for ci in (201, 209, 260):
        user = {"UserName": f"u{ci}@x.example"}
        assert sim.api.get("zoneInformation", params={"user": user["UserName"]}).json()["ci"] == ci
        answer = sim.api.post("Tickets/query/count", json={"filter": [ALL]}, headers=user)
        assert answer.json() == {"queryCount": ci % 10}
    by_database = sim.sim.get("calls").json()["by_database"]
    assert by_database == {"201": 2, "209": 2, "260": 2}


def test_version_and_threshold_answer(sim: Any) -> None:
    assert "majorVersion" in sim.api.get("Version").json()
    threshold = sim.api.get("ThresholdInformation").json()
    assert threshold == {
        "externalRequestThreshold": 10000, "requestThresholdTimeframe": 60, "currentTimeframeRequestCount": 2,
    }  # fmt: skip
