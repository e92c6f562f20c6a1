from typing import Any

import pytest

from tests.simulators.field_nation.fn_sim_kit import FULL_BODY, ORDERS, FieldNation


async def test_a_create_answers_200_with_the_whole_work_order(fn: FieldNation) -> None:
    made = await fn.order()
    assert made["status"]["id"] == 1
    assert made["schedule"]["service_window"]["start"] == {
        "utc": "2026-04-02 14:00:00",
        "local": {"date": "2026-04-02", "time": "09:00:00"},
    }
    assert made["schedule"]["time_zone"]["name"] == "America/Chicago"
    assert made["custom_fields"]["internal"]["value"] == "T20260401.0007"
    assert made["pay"]["total"] == 140
    assert made["incident_id"] == "T20260401.0007"
    assert made["manager"]["id"] == 70011
    assert await fn.read(made["id"]) == made


async def test_only_the_title_is_required(fn: FieldNation) -> None:
    bare = await fn.call("POST", ORDERS, json={"title": "Bare"})
    none = await fn.call("POST", ORDERS, json={"description": {"html": "x"}})
    assert bare.status_code == 200
    assert none.status_code == 400
    assert none.json()["status"] == 400
    assert none.json()["message"] == "title is required."


@pytest.mark.parametrize(
    ("section", "sent", "empty"),
    [
        ("location", {k: v for k, v in FULL_BODY["location"].items() if k != "mode"}, {"address1": "", "mode": ""}),
        ("pay", {"type": "fixed", "amount": {"amount": 5, "units": 1}}, {"type": "", "total": 0}),
        ("pay", {"type": "fixed", "base": {"amount": "60.00"}}, {"type": ""}),
        ("schedule", {"service_window": {"start": {"utc": "2026-04-02 14:00:00"}}}, {"today_tomorrow": ""}),
        ("schedule", {"start": "2026-04-02"}, {"require_ontime": False}),
        ("description", "plain text", {"html": ""}),
        ("custom_fields", {"results": [{"id": 70015, "value": "T1"}]}, {}),
        ("custom_fields", {"results": [{"results": [{"id": 4712, "value": "P9"}]}]}, {}),
        ("client", {"id": 999}, {"id": 0, "name": ""}),
        ("types_of_work", [{"id": 999}], []),
        ("manager", {"id": 999}, {"id": 70011}),
    ],
)
async def test_a_wrong_shape_is_dropped_without_a_word(fn: FieldNation, section: str, sent: Any, empty: Any) -> None:
    answer = await fn.call("POST", ORDERS, json={"title": "x", section: sent})
    assert answer.status_code == 200
    shown = answer.json()[section]
    assert shown == empty if isinstance(empty, list) else empty.items() <= shown.items()
    assert (await fn.truth())[0]["schedule"]["start_at"] is None
    assert (await fn.truth())[0]["custom_fields"] == {}


async def test_unknown_keys_are_dropped_without_a_word(fn: FieldNation) -> None:
    made = await fn.order(scheduling=FULL_BODY["schedule"], schedule=None, status={"id": 2}, closing_notes="x")
    assert made["schedule"]["service_window"]["mode"] == ""
    assert made["status"]["name"] == "Draft"
    assert made["closing_notes"] == ""


async def test_a_create_can_be_made_to_lose_what_was_right(fn: FieldNation) -> None:
    await fn.switch(drop_schedule_on_create=True, drop_custom_fields_on_create=True)
    made = await fn.order()
    assert made["schedule"]["service_window"]["start"] == {"utc": "", "local": {"date": "", "time": ""}}
    assert made["custom_fields"]["internal"]["value"] == ""
    mended = await fn.call("PUT", f"{ORDERS}/{made['id']}/schedule", json=FULL_BODY["schedule"])
    assert mended.json()["service_window"]["start"]["utc"] == "2026-04-02 14:00:00"


async def test_a_local_time_is_reckoned_in_the_zone_of_the_site(fn: FieldNation) -> None:
    window = {"mode": "exact", "start": {"local": {"date": "2026-07-01", "time": "08:30:00"}}}
    site = {**FULL_BODY["location"], "state": "AZ"}
    made = await fn.order(location=site, schedule={"service_window": window})
    assert made["schedule"]["service_window"]["start"]["utc"] == "2026-07-01 15:30:00"
    assert made["schedule"]["service_window"]["end"]["utc"] == ""


@pytest.mark.parametrize("change", [{"country": "USA"}, {"state": "Minnesota"}])
async def test_a_site_that_cannot_be_placed_has_no_time_zone(fn: FieldNation, change: dict[str, str]) -> None:
    made = await fn.order(location={**FULL_BODY["location"], **change})
    assert made["schedule"]["time_zone"]["name"] == ""
    assert made["location"]["coordinates"] is None


async def test_an_update_is_partial_and_cannot_set_the_status(fn: FieldNation) -> None:
    made = await fn.order()
    answer = await fn.call("PUT", f"{ORDERS}/{made['id']}", json={"title": "New", "status": {"id": 4}, "title2": 1})
    assert answer.json()["title"] == "New"
    assert answer.json()["status"]["name"] == "Draft"
    assert answer.json()["pay"] == made["pay"]


async def test_a_section_digest_changes_with_its_section_only(fn: FieldNation) -> None:
    made = await fn.order()
    number = made["id"]
    await fn.call("PUT", f"{ORDERS}/{number}/custom_fields/4711", json={"value": "S-1"})
    after = await fn.read(number)
    assert after["custom_fields"]["correlation_id"] != made["custom_fields"]["correlation_id"]
    assert after["schedule"]["correlation_id"] == made["schedule"]["correlation_id"]
    assert len(made["status"]["correlation_id"]) == 40


async def test_columns_limit_the_sections(fn: FieldNation) -> None:
    made = await fn.order()
    answer = await fn.call("GET", f"{ORDERS}/{made['id']}", params={"columns": "title,schedule,nonsense"})
    assert set(answer.json()) == {"id", "title", "schedule"}


@pytest.mark.parametrize(
    "window",
    [
        {"start": {"utc": "2026-04-02 14:00:00"}},
        {"mode": "sometime", "start": {"utc": "2026-04-02 14:00:00"}},
        {"mode": "exact", "start": "2026-04-02"},
        {"mode": "exact", "start": {"utc": "2026-04-02"}},
        {"mode": "between", "start": {"utc": "2026-04-02 14:00:00"}},
        {"mode": "between", "start": {"utc": "2026-04-02 14:00:00"}, "end": {"utc": "2026-04-01 14:00:00"}},
    ],
)
async def test_the_schedule_call_refuses_what_it_cannot_read(fn: FieldNation, window: dict[str, Any]) -> None:
    made = await fn.order()
    answer = await fn.call("PUT", f"{ORDERS}/{made['id']}/schedule", json={"service_window": window})
    assert answer.status_code == 400
    assert (await fn.read(made["id"]))["schedule"] == made["schedule"]


async def test_the_schedule_call_reads_iso_times_too(fn: FieldNation) -> None:
    made = await fn.order()
    window = {"mode": "exact", "start": {"utc": "2026-04-03T10:00:00Z"}}
    answer = await fn.call("PUT", f"{ORDERS}/{made['id']}/schedule", json={"service_window": window})
    assert answer.json()["service_window"]["start"]["utc"] == "2026-04-03 10:00:00"


async def test_location_and_pay_calls_are_strict_and_answer_their_section(fn: FieldNation) -> None:
    number = (await fn.order())["id"]
    moved = await fn.call("PUT", f"{ORDERS}/{number}/location", json={**FULL_BODY["location"], "city": "Hopkins"})
    short = await fn.call("PUT", f"{ORDERS}/{number}/location", json={"mode": "custom", "city": "Hopkins"})
    paid = await fn.call("PUT", f"{ORDERS}/{number}/pay", json={"type": "fixed", "base": {"amount": 90, "units": 1}})
    wrong = await fn.call("PUT", f"{ORDERS}/{number}/pay", json={"type": "fixed", "rate": {"amount": 90}})
    assert moved.json()["city"] == "Hopkins"
    assert paid.json()["total"] == 90
    assert [short.status_code, wrong.status_code] == [400, 400]


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        (4711, "S-1", 200),
        (4711, 5, 400),
        (4712, "P2", 200),
        (4712, "P9", 400),
        (4713, "2026-04-02", 200),
        (4713, "04/02/2026", 400),
        (4715, "1.5", 200),
        (4715, "many", 400),
        (4712, "", 200),
        (9999, "x", 404),
    ],
)
async def test_a_custom_field_takes_only_what_fits_it(fn: FieldNation, field: int, value: Any, status: int) -> None:
    number = (await fn.order())["id"]
    answer = await fn.call("PUT", f"{ORDERS}/{number}/custom_fields/{field}", json={"value": value})
    assert answer.status_code == status
    if status == 200:
        shown = (await fn.call("GET", f"{ORDERS}/{number}/custom_fields/{field}")).json()
        assert shown["value"] == value


async def test_a_unique_field_refuses_a_value_that_is_taken(fn: FieldNation) -> None:
    first, second = (await fn.order())["id"], (await fn.order())["id"]
    codes = [
        (await fn.call("PUT", f"{ORDERS}/{number}/custom_fields/4714", json={"value": "SN1"})).status_code
        for number in (first, second, first)
    ]
    assert codes == [200, 400, 200]


async def test_the_incident_is_free_text_that_can_be_taken_back(fn: FieldNation) -> None:
    number = (await fn.order())["id"]
    other = (await fn.order())["id"]
    put = await fn.call("PUT", f"{ORDERS}/{number}/incident", json={"incident_id": "T20260401.0007"})
    assert put.json()["related_work_orders"] == [{"id": other, "title": FULL_BODY["title"]}]
    assert (await fn.call("PUT", f"{ORDERS}/{number}/incident", json={})).status_code == 400
    assert (await fn.call("DELETE", f"{ORDERS}/{number}/incident")).json()["incident_id"] == ""


async def test_odd_values_of_the_wire_come_by_switch(fn: FieldNation) -> None:
    made = await fn.order()
    assert made["assignee"]["user"]["id"] == 0
    assert made["messages"]["results"] == []
    assert made["integrations"] == {"results": []}
    await fn.switch(microseconds=True, ids_as_text=True, integrations_key="result", empty_objects_as_lists=True)
    odd = await fn.read(made["id"])
    assert odd["schedule"]["service_window"]["start"]["utc"] == "2026-04-02 14:00:00.000000"
    assert odd["manager"]["id"] == "70011"
    assert odd["assignee"]["user"]["id"] == "0"
    assert odd["integrations"] == {"result": []}
    assert odd["client"] == []


async def test_an_unknown_work_order_gives_404_or_401(fn: FieldNation) -> None:
    plain = await fn.call("GET", f"{ORDERS}/1")
    await fn.switch(unknown_work_order_answer="401")
    assert [plain.status_code, (await fn.call("GET", f"{ORDERS}/1")).status_code] == [404, 401]
    assert plain.json()["status_code"] == 404


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"title": "\\ud800"}', b'{"title": "x", "n": NaN}', b"\xff"])
async def test_a_body_that_is_no_json_object_gives_400(fn: FieldNation, body: bytes) -> None:
    assert (await fn.call("POST", ORDERS, content=body)).status_code == 400


async def test_the_small_company_calls_tell_the_truth(fn: FieldNation) -> None:
    rest = "/api/rest/v2"
    people = (await fn.call("GET", f"{rest}/company/managers")).json()
    assert people[0] == {"id": 70011, "first_name": "Api", "last_name": "User"}
    fields = (await fn.call("GET", f"{rest}/custom-fields")).json()["results"]
    assert [one["id"] for one in fields if one["internal"]] == [70015]
    assert (await fn.call("GET", f"{rest}/clients")).json()["results"] == [{"id": 70013}]
    assert (await fn.call("GET", f"{rest}/clients/70013")).json()["name"] == "Corner Shops"
    assert (await fn.call("GET", f"{rest}/users/70012")).json()["last_name"] == "Doe"
    for path in ("company/tags", "company/expenses", "types-of-work", "projects", "templates", "locations"):
        assert (await fn.call("GET", f"{rest}/{path}")).status_code == 200
    assert (await fn.call("GET", f"{rest}/managers")).status_code == 404
