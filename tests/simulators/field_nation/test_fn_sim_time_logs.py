import pytest

from tests.simulators.field_nation.fn_sim_kit import ORDERS, FieldNation, Json

MORNING: Json = {
    "in": {"created": {"utc": "2026-03-02 15:02:00"}, "coords": {"latitude": 44.9, "longitude": -93.2}},
    "out": {"created": {"local": {"date": "2026-03-02", "time": "10:57:00"}}},
    "devices": 2,
}


async def add(fn: FieldNation, number: int, body: Json) -> Json:
    answer = await fn.call("POST", f"{ORDERS}/{number}/time_logs", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_time_log_is_shown_in_the_list_and_in_the_order_alike(fn: FieldNation) -> None:
    number = await fn.assigned()
    order = await add(fn, number, MORNING)
    logs = await fn.part(number, "time_logs")
    assert order["time_logs"] == logs
    assert logs["metadata"] == {"total": 1, "page": 1, "pages": 1, "per_page": 25}
    assert logs["hours"] == 1.9167
    assert "open_time_log" not in logs
    row = logs["results"][0]
    assert (row["hours"], row["devices"], row["status"], row["first_check_in"]) == (1.9167, 2, "checked_out", True)
    assert row["in"]["created"] == {"utc": "2026-03-02 15:02:00", "local": {"date": "2026-03-02", "time": "09:02:00"}}
    assert row["out"]["created"]["utc"] == "2026-03-02 16:57:00"
    assert row["in"]["coords"] == {"latitude": 44.9, "longitude": -93.2}
    assert (row["time_zone"]["name"], row["time_zone"]["offset"]) == ("America/Chicago", -360)
    assert row["logged_by"] == {"id": 70011, "first_name": "Api", "last_name": "User"}


async def test_local_times_follow_daylight_saving_and_cross_midnight(fn: FieldNation) -> None:
    number = await fn.assigned()
    night = {"in": {"created": {"utc": "2026-03-08 07:30:00"}}, "out": {"created": {"utc": "2026-03-08 09:00:00"}}}
    row = (await add(fn, number, night))["time_logs"]["results"][0]
    assert row["in"]["created"]["local"] == {"date": "2026-03-08", "time": "01:30:00"}
    assert row["out"]["created"]["local"] == {"date": "2026-03-08", "time": "04:00:00"}
    assert row["hours"] == 1.5


async def test_a_check_in_opens_a_log_that_the_check_out_closes(fn: FieldNation) -> None:
    number = await fn.assigned()
    made = await fn.person(number, "check_in", at="2026-04-02T14:00:07")
    opened = await fn.part(number, "time_logs")
    assert opened["open_time_log"]["id"] == made["time_log"]
    assert opened["results"][0]["status"] == "checked_in"
    assert opened["results"][0]["out"]["created"] == {"utc": "", "local": {"date": "", "time": ""}}
    assert (await fn.read(number))["status"]["display"] == "Checked in"
    await fn.person(number, "check_out", at="2026-04-02T15:00:07")
    closed = await fn.part(number, "time_logs")
    assert (closed["hours"], closed["results"][0]["logged_by"]["first_name"]) == (1.0, "Robin")
    assert (await fn.read(number))["status"]["code"] == "checked_out"


async def test_several_people_may_be_on_site_at_once(fn: FieldNation) -> None:
    number = await fn.assigned()
    first = (await fn.person(number, "check_in", at="2026-04-02T14:00:00"))["time_log"]
    await fn.person(number, "check_in", at="2026-04-02T14:30:00")
    await fn.person(number, "check_out", at="2026-04-02T16:00:00", time_log=first)
    logs = await fn.part(number, "time_logs")
    assert [row["status"] for row in logs["results"]] == ["checked_out", "checked_in"]
    assert [row["first_check_in"] for row in logs["results"]] == [True, False]


async def test_odd_shapes_of_a_time_log_come_by_switch(fn: FieldNation) -> None:
    number = await fn.assigned()
    for _ in range(2):
        await fn.person(number, "check_in", at="2026-04-02T14:00:00")
    await fn.switch(microseconds=True, empty_objects_as_lists=True, ids_as_text=True)
    rows = (await fn.part(number, "time_logs"))["results"]
    assert sorted(row["in"]["created"]["utc"] for row in rows) == [
        "2026-04-02 14:00:00",
        "2026-04-02 14:00:00.000000",
    ]
    assert [row["out"] for row in rows] == [[], []]
    assert rows[0]["logged_by"]["id"] == "70018"


async def test_an_edit_is_marked_and_a_deleted_log_is_gone(fn: FieldNation) -> None:
    number = await fn.assigned()
    log = (await add(fn, number, MORNING))["time_logs"]["results"][0]["id"]
    path = f"{ORDERS}/{number}/time_logs/{log}"
    later = {"id": log, "in": {"created": {"utc": "2026-03-02 15:27:00"}}}
    row = (await fn.call("PUT", path, json=later)).json()["time_logs"]["results"][0]
    assert (row["edited"], row["hours"], row["devices"]) == (True, 1.5, 2)
    assert (await fn.call("DELETE", path)).json()["time_logs"]["results"] == []
    assert (await fn.call("DELETE", path)).status_code == 404


async def test_the_bulk_call_changes_all_or_none(fn: FieldNation) -> None:
    number = await fn.assigned()
    await add(fn, number, MORNING)
    ids = [row["id"] for row in (await add(fn, number, MORNING))["time_logs"]["results"]]
    entered = {"created": {"utc": "2026-03-02 15:57:00"}}
    path = f"{ORDERS}/{number}/time_logs"
    wrong = await fn.call("PUT", path, json={"data": [{"id": ids[0], "in": entered}, {"id": 1, "in": entered}]})
    assert wrong.status_code == 404
    assert (await fn.part(number, "time_logs"))["hours"] == 3.8334
    right = await fn.call("PUT", path, json={"data": [{"id": one, "in": entered} for one in ids]})
    assert right.json()["time_logs"]["hours"] == 2.0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"in": "2026-03-02 15:02:00"},
        {"in": {"created": "2026-03-02 15:02:00"}},
        {"in": {"created": {"utc": ""}}},
        {**MORNING, "out": {"created": {"utc": "2026-03-02 14:00:00"}}},
        {**MORNING, "devices": "two"},
    ],
)
async def test_a_time_log_that_cannot_be_read_is_refused(fn: FieldNation, body: Json) -> None:
    number = await fn.assigned()
    assert (await fn.call("POST", f"{ORDERS}/{number}/time_logs", json=body)).status_code == 400
    assert (await fn.part(number, "time_logs"))["results"] == []


async def test_nobody_has_time_on_a_draft_by_the_api(fn: FieldNation) -> None:
    number = (await fn.order())["id"]
    assert (await fn.call("POST", f"{ORDERS}/{number}/time_logs", json=MORNING)).status_code == 400


async def test_the_approval_verifies_and_the_old_call_only_by_switch(fn: FieldNation) -> None:
    number = await fn.assigned()
    log = (await add(fn, number, MORNING))["time_logs"]["results"][0]["id"]
    path = f"{ORDERS}/{number}/time_logs/{log}/verify"
    assert (await fn.call("PUT", path)).status_code == 405
    await fn.person(number, "complete")
    before = (await fn.part(number, "time_logs"))["results"][0]["verified"]
    await fn.person(number, "approve")
    assert [before, (await fn.part(number, "time_logs"))["results"][0]["verified"]] == [False, True]
    other = await fn.assigned()
    log = (await add(fn, other, MORNING))["time_logs"]["results"][0]["id"]
    await fn.switch(old_calls=["verify_time_log"])
    done = await fn.call("PUT", f"{ORDERS}/{other}/time_logs/{log}/verify")
    assert done.json()["time_logs"]["results"][0]["verified"] is True


async def test_a_person_adds_changes_and_deletes_logs_even_after_the_approval(fn: FieldNation) -> None:
    number = await fn.assigned()
    await fn.person(number, "complete", closing_notes="Swapped.")
    await fn.person(number, "approve")
    log = (await fn.person(number, "add_time_log", **{"in": "2026-04-02T14:00:00", "out": "2026-04-02T15:00:00"}))[
        "time_log"
    ]
    await fn.person(number, "edit_time_log", time_log=log, out="2026-04-02T16:00:00")
    order = await fn.read(number)
    assert (order["time_logs"]["hours"], order["time_logs"]["results"][0]["edited"]) == (2.0, True)
    assert order["closing_notes"] == "Swapped."
    await fn.person(number, "delete_time_log", time_log=log)
    assert (await fn.part(number, "time_logs"))["metadata"]["total"] == 0
