"""What an administrator changes while clients work: metadata, records and refusals follow at once."""

from typing import Any

import httpx
import pytest

from app.simulators.autotask.seeding import make_seed

PERSON, FORMER_PERSON, ROLE, UNPAIRED_ROLE, FORMER_ROLE = 29682885, 29682911, 29683354, 29683357, 29683358
ROLE_PAIR = "The specified AssignedResourceID and AssignedRoleID combination is not currently defined"
CHARGE = {"name": "Bolts", "chargeType": 1, "datePurchased": "2026-11-03", "unitQuantity": 1}


def no_reference(field: str, kind: str) -> str:
    return f"Reference value on field: {field} of type: {kind} does not exist or is invalid"


def changed(answer: httpx.Response) -> None:
    assert answer.status_code == 204, answer.text


def udfs_of(sim: Any, entity: str = "Tickets") -> dict[str, dict[str, Any]]:
    rows = sim.api.get(f"{entity}/entityInformation/userDefinedFields").json()["fields"]
    return {row["name"]: row for row in rows}


def field_of(sim: Any, name: str, entity: str = "Tickets") -> dict[str, Any]:
    rows = sim.api.get(f"{entity}/entityInformation/fields").json()["fields"]
    return dict(next(row for row in rows if row["name"] == name))


def values_of(sim: Any, ticket: int = 7001) -> dict[str, Any]:
    item = sim.api.get(f"Tickets/{ticket}").json()["item"]
    return {pair["name"]: pair["value"] for pair in item["userDefinedFields"]}


def put_udf(sim: Any, name: str, value: Any) -> httpx.Response:
    body = {"id": 7001, "userDefinedFields": [{"name": name, "value": value}]}
    answer: httpx.Response = sim.api.patch("Tickets", json=body)
    return answer


def test_a_renamed_udf_takes_its_values_along(sim: Any) -> None:
    assert values_of(sim)["Site Code"] == "S1000"
    changed(sim.sim.patch("udfs/101/Tickets/Site Code", json={"name": "Site No.", "label": "Site number"}))
    assert udfs_of(sim)["Site No."]["label"] == "Site number"
    assert "Site Code" not in udfs_of(sim)
    values = values_of(sim)
    assert values["Site No."] == "S1000"
    assert "Site Code" not in values
    assert sim.refusal(put_udf(sim, "Site Code", "S9")) == "Unable to find Site Code in the Tickets Entity."
    assert put_udf(sim, "Site No.", "S9").status_code == 200
    condition = {"op": "eq", "field": "Site No.", "udf": True, "value": "S9"}
    assert [item["id"] for item in sim.query("Tickets", condition)] == [7001]


def test_a_removed_udf_is_gone_from_metadata_items_and_queries_and_does_not_come_back(sim: Any) -> None:
    changed(sim.sim.delete("udfs/101/Tickets/Site Code"))
    assert "Site Code" not in udfs_of(sim)
    assert "Site Code" not in values_of(sim)
    text = "Unable to find Site Code in the Tickets Entity."
    assert sim.refusal(put_udf(sim, "Site Code", "x")) == text
    condition = {"op": "eq", "field": "Site Code", "udf": True, "value": "S1000"}
    assert sim.refusal(sim.api.post("Tickets/query", json={"filter": [condition]})) == text
    included = {"filter": [{"op": "exist", "field": "id"}], "IncludeFields": ["id", "Site Code"]}
    assert sim.refusal(sim.api.post("Tickets/query", json=included)) == text
    changed(sim.sim.post("udfs/101/Tickets", json={"name": "Site Code"}))
    assert values_of(sim)["Site Code"] is None


def test_a_webhook_forgets_a_removed_udf(sim: Any) -> None:
    hook = {
        "isActive": True, "name": "h", "webhookUrl": "https://x.example/a", "deactivationUrl": "https://x.example/b",
        "secretKey": "s", "sendThresholdExceededNotification": False,
    }  # fmt: skip
    made = sim.api.post("TicketWebhooks", json=hook).json()["itemId"]
    picks = field_of(sim, "udfFieldID", "TicketWebhookUdfFields")["picklistValues"]
    udf = next(int(one["value"]) for one in picks if one["label"] == "Site Code")
    body = {"webhookID": made, "udfFieldID": udf, "isDisplayAlwaysField": True, "isSubscribedField": True}
    assert sim.api.post(f"TicketWebhooks/{made}/UdfFields", json=body).status_code == 200
    assert sim.api.get(f"TicketWebhooks/{made}").json()["item"]["isReady"]
    changed(sim.sim.delete("udfs/101/Tickets/Site Code"))
    assert sim.api.get(f"TicketWebhooks/{made}/UdfFields").json()["items"] == []
    assert not sim.api.get(f"TicketWebhooks/{made}").json()["item"]["isReady"]


def test_the_rules_of_a_udf_can_be_changed(sim: Any, ticket: dict[str, Any]) -> None:
    place = "udfs/101/Tickets/Site Code"
    changed(sim.sim.patch(place, json={"length": 3, "isRequired": True, "isQueryable": False}))
    shown = udfs_of(sim)["Site Code"]
    assert (shown["length"], shown["isRequired"], shown["isQueryable"]) == (3, True, False)
    assert sim.refusal(put_udf(sim, "Site Code", "S999")) == "Site Code must be less than or equal to 3 characters"
    absent = "Value does not exist for the required field Site Code"
    assert sim.refusal(put_udf(sim, "Site Code", "")) == absent
    assert sim.refusal(sim.api.post("Tickets", json=ticket)) == absent
    assert sim.api.patch("Tickets", json={"id": 7001, "title": "other"}).status_code == 200
    condition = {"op": "eq", "field": "Site Code", "udf": True, "value": "S1"}
    refused = sim.api.post("Tickets/query", json={"filter": [condition]})
    assert sim.refusal(refused) == "The field Site Code is not queryable."
    changed(sim.sim.patch(place, json={"isReadOnly": True}))
    assert put_udf(sim, "Site Code", "S2").status_code == 200
    assert values_of(sim)["Site Code"] == "S1000"


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("Access Window", "Midnight", "Picklist value [Midnight] does not exist for Access Window"),
        ("Access Window", "Weekend", "Picklist value [Weekend] does not exist for Access Window"),
        ("Rack Units", "two", "Could not convert string to double: two. Path 'Rack Units'."),
        ("Install By", "soon", "Could not convert string to DateTime: soon. Path 'Install By'."),
        ("Site Code", ["x"], "Unexpected character encountered while parsing value: [. Path 'Site Code'."),
        ("site code", "x", "Unable to find site code in the Tickets Entity."),
    ],
)
def test_a_udf_takes_only_what_fits_it(sim: Any, name: str, value: Any, text: str) -> None:
    before = values_of(sim)
    assert sim.refusal(put_udf(sim, name, value)) == text
    assert values_of(sim) == before


def test_the_values_of_a_udf_list_can_be_changed(sim: Any) -> None:
    place = "picklists/101/Tickets/Access Window"
    changed(sim.sim.patch(f"{place}/Business hours", json={"isActive": False}))
    listed = udfs_of(sim)["Access Window"]
    active = {one["value"]: one["isActive"] for one in listed["picklistValues"]}
    assert active == {"Any time": True, "Business hours": False, "After hours": True, "Weekend": False}
    # The value that a record has already may be sent again.
    assert put_udf(sim, "Access Window", "Business hours").status_code == 200
    assert put_udf(sim, "Access Window", "Any time").status_code == 200
    refused = put_udf(sim, "Access Window", "Business hours")
    assert sim.refusal(refused) == "Picklist value [Business hours] does not exist for Access Window"


def test_one_picklist_value_can_be_retired_renamed_added_and_removed(sim: Any) -> None:
    place = "picklists/101/Tickets/status"
    refusal = "Picklist value [8] does not exist for status"
    changed(sim.sim.patch(f"{place}/8", json={"isActive": False}))
    assert sim.refusal(sim.api.patch("Tickets", json={"id": 7001, "status": 8})) == refusal
    changed(sim.sim.patch(f"{place}/8", json={"isActive": True, "label": "Under way"}))
    assert sim.api.patch("Tickets", json={"id": 7001, "status": 8}).status_code == 200
    changed(sim.sim.post(place, json={"value": 77, "label": "Parked"}))
    assert sim.api.patch("Tickets", json={"id": 7002, "status": 77}).status_code == 200
    changed(sim.sim.delete(f"{place}/8"))
    assert sim.refusal(sim.api.patch("Tickets", json={"id": 7003, "status": 8})) == refusal
    assert sim.api.get("Tickets/7001").json()["item"]["status"] == 8
    shown = {one["value"]: one for one in field_of(sim, "status")["picklistValues"]}
    assert "8" not in shown
    assert shown["77"] == {
        "value": "77", "label": "Parked", "isDefaultValue": False, "sortOrder": 5, "parentValue": "",
        "isActive": True, "isSystem": False,
    }  # fmt: skip


def test_a_value_can_be_hung_below_another_parent(sim: Any) -> None:
    assert field_of(sim, "subIssueType")["picklistParentValueField"] == "issueType"
    body = {"id": 7001, "issueType": 10, "subIssueType": 136}
    assert sim.refusal(sim.api.patch("Tickets", json=body)) == "Picklist value [136] does not exist for subIssueType"
    changed(sim.sim.patch("picklists/101/tickets/SUBISSUETYPE/136", json={"parentValue": "10"}))
    assert sim.api.patch("Tickets", json=body).status_code == 200


def test_the_metadata_of_a_standard_field_can_be_changed(sim: Any, ticket: dict[str, Any]) -> None:
    changed(sim.sim.patch("fields/101/Tickets/purchaseOrderNumber", json={"length": 5, "isRequired": True}))
    shown = field_of(sim, "purchaseOrderNumber")
    assert (shown["length"], shown["isRequired"], shown["isReadOnly"]) == (5, True, False)
    absent = "Value does not exist for the required field purchaseOrderNumber"
    assert sim.refusal(sim.api.post("Tickets", json=ticket)) == absent
    long = sim.api.post("Tickets", json={**ticket, "purchaseOrderNumber": "123456"})
    assert sim.refusal(long) == "purchaseOrderNumber must be less than or equal to 5 characters"
    changed(sim.sim.patch("fields/101/Tickets/title", json={"isReadOnly": True, "isQueryable": False}))
    title = sim.api.get("Tickets/7001").json()["item"]["title"]
    assert sim.api.patch("Tickets", json={"id": 7001, "title": "ignored"}).status_code == 200
    assert sim.api.get("Tickets/7001").json()["item"]["title"] == title
    condition = {"op": "contains", "field": "title", "value": "x"}
    refused = sim.api.post("Tickets/query", json={"filter": [condition]})
    assert sim.refusal(refused) == "The field title is not queryable."


def test_a_reset_takes_every_change_back(sim: Any) -> None:
    sim.sim.patch("fields/101/Tickets/title", json={"length": 9})
    sim.sim.delete("udfs/101/Tickets/Site Code")
    sim.sim.delete("udfs/101/Tickets/Access Window")
    sim.sim.patch("picklists/101/Tickets/status/8", json={"label": "other"})
    sim.sim.patch("picklists/101/Companies/Service Tier/Gold", json={"isActive": False})
    sim.sim.post("reset")
    assert field_of(sim, "title")["length"] == 255
    assert {"Site Code", "Access Window"} <= set(udfs_of(sim))
    assert all(one["label"] != "other" for one in field_of(sim, "status")["picklistValues"])
    tiers = udfs_of(sim, "Companies")["Service Tier"]["picklistValues"]
    assert [(one["value"], one["isActive"]) for one in tiers] == [("Platinum", True), ("Gold", True), ("Bronze", False)]


def test_another_database_keeps_its_own_form(sim: Any) -> None:
    sim.sim.post("seed", json=make_seed(ci=202, username="two@x.example", tickets=1, companies=1))
    two = {"UserName": "two@x.example"}
    sim.sim.patch("fields/101/Tickets/title", json={"length": 9})
    sim.sim.delete("udfs/101/Tickets/Site Code")
    sim.sim.patch("picklists/101/Tickets/status/8", json={"isActive": False})
    body = {"id": 7001, "title": "ten letters", "status": 8, "userDefinedFields": [{"name": "Site Code", "value": "1"}]}
    assert sim.api.patch("Tickets", json=body, headers=two).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PATCH", "udfs/101/Tickets/Nothing", {"name": "x"}, 404),
        ("DELETE", "udfs/101/Tickets/Nothing", None, 404),
        ("PATCH", "udfs/101/Tickets/Site Code", {"name": "Skill Level"}, 400),
        ("PATCH", "udfs/101/Tickets/Site Code", {"colour": "red"}, 400),
        ("POST", "udfs/101/Tickets", {"name": "New", "type": "colour"}, 400),
        ("POST", "udfs/101/TimeEntries", {"name": "New"}, 400),
        ("PATCH", "fields/101/Tickets/nothing", {"length": 5}, 404),
        ("PATCH", "fields/101/Tickets/title", {"label": "Name"}, 400),
        ("PATCH", "fields/101/Tickets/priority", {"length": 5}, 400),
        ("PATCH", "picklists/101/Tickets/status/4711", {"isActive": False}, 404),
        ("PATCH", "picklists/101/Tickets/status/8", {"isActive": "no"}, 400),
        ("PATCH", "picklists/101/Tickets/title/8", {"isActive": False}, 404),
        ("PUT", "picklists/101/Tickets/staus", [{"value": 1, "label": "New"}], 404),
        ("POST", "picklists/101/Tickets/status", {"value": 8, "label": "Twice"}, 400),
        ("POST", "picklists/101/Tickets/Site Code", {"value": 8, "label": "No list"}, 404),
    ],
)
def test_a_change_of_nothing_that_exists_is_refused(sim: Any, method: str, path: str, body: Any, status: int) -> None:
    answer = sim.sim.request(method, path, json=body)
    assert answer.status_code == status, answer.text
    assert answer.json()["errors"]


def assign(sim: Any, resource: int, role: int) -> httpx.Response:
    body = {"id": 7001, "assignedResourceID": resource, "assignedResourceRoleID": role}
    answer: httpx.Response = sim.api.patch("Tickets", json=body)
    return answer


def test_what_the_seed_retired_is_refused(sim: Any, entry: dict[str, Any]) -> None:
    assert sim.refusal(assign(sim, FORMER_PERSON, ROLE)) == no_reference("assignedResourceID", "Resource")
    assert sim.refusal(assign(sim, PERSON, FORMER_ROLE)) == no_reference("assignedResourceRoleID", "Role")
    assert sim.refusal(assign(sim, PERSON, UNPAIRED_ROLE)) == ROLE_PAIR
    assert assign(sim, PERSON, ROLE).status_code == 200
    by_former = sim.api.post("TimeEntries", json={**entry, "resourceID": FORMER_PERSON})
    assert sim.refusal(by_former) == no_reference("resourceID", "Resource")
    assert sim.refusal(sim.api.post("TimeEntries", json={**entry, "roleID": UNPAIRED_ROLE})) == ROLE_PAIR
    old_work = sim.api.post("TimeEntries", json={**entry, "billingCodeID": 29683503})
    assert sim.refusal(old_work) == "The given allocation code is not an active general allocation code"
    old_code = sim.api.post("Tickets/7001/Charges", json={**CHARGE, "billingCodeID": 29682802})
    assert sim.refusal(old_code) == no_reference("billingCodeID", "BillingCode")


@pytest.mark.parametrize(
    ("entity", "record", "text"),
    [
        ("Resources", PERSON, no_reference("assignedResourceID", "Resource")),
        ("Roles", ROLE, no_reference("assignedResourceRoleID", "Role")),
        ("ResourceServiceDeskRoles", 29684001, ROLE_PAIR),
        ("ResourceRoles", 29684101, ROLE_PAIR),
    ],
)
def test_a_person_a_role_or_a_pair_can_be_retired_by_the_routes_for_records(
    sim: Any, entity: str, record: int, text: str
) -> None:
    assert sim.sim.patch(f"ui/101/{entity}/{record}", json={"isActive": False}).status_code == 200
    assert sim.refusal(assign(sim, PERSON, ROLE)) == text
    sim.sim.patch(f"ui/101/{entity}/{record}", json={"isActive": True})
    assert assign(sim, PERSON, ROLE).status_code == 200


@pytest.mark.parametrize(("entity", "record"), [("ResourceServiceDeskRoles", 29684001), ("ResourceRoles", 29684101)])
def test_a_pair_can_be_removed(sim: Any, entity: str, record: int) -> None:
    assert sim.sim.delete(f"ui/101/{entity}/{record}").status_code == 200
    assert sim.query(entity, {"op": "eq", "field": "id", "value": record}) == []
    assert sim.refusal(assign(sim, PERSON, ROLE)) == ROLE_PAIR


def test_a_billing_code_can_be_retired_by_the_routes_for_records(sim: Any, entry: dict[str, Any]) -> None:
    sim.sim.patch("ui/101/BillingCodes/29683502", json={"isActive": False})
    answer = sim.api.post("TimeEntries", json={**entry, "billingCodeID": 29683502})
    assert sim.refusal(answer) == "The given allocation code is not an active general allocation code"
    sim.sim.patch("ui/101/BillingCodes/29682801", json={"isActive": False})
    charge = sim.api.post("Tickets/7001/Charges", json={**CHARGE, "billingCodeID": 29682801})
    assert sim.refusal(charge) == no_reference("billingCodeID", "BillingCode")


def test_a_seed_may_change_the_metadata_of_fields(start: Any) -> None:
    seed = make_seed()
    seed["databases"][0]["fields"] = {"Tickets": {"title": {"length": 20}}}
    assert field_of(start(seed), "title")["length"] == 20
