import json
from typing import Any

import pytest

from tests.simulators.field_nation.fn_sim_kit import HOOKS, ORDERS, FieldNation, Json, Receiver

EXACT = {"service_window": {"mode": "exact", "start": {"utc": "2026-05-01 10:00:00"}}}


async def listening(fn: FieldNation, receiver: Receiver) -> None:
    names = [row["name"] for row in (await fn.call("GET", f"{HOOKS}/events")).json()["result"]]
    await fn.webhook(receiver.url, names)


async def fired(fn: FieldNation, receiver: Receiver) -> list[Json]:
    async def quiet() -> bool:
        return bool((await fn.sim("GET", "state?company=7001"))["deliveries_under_way"] == 0)

    await fn.until(quiet)
    return [json.loads(one.body) for one in receiver.got]


def names_of(bodies: list[Json]) -> list[str]:
    return [body["event"]["name"].removeprefix("workorder.") for body in bodies]


async def test_every_event_of_the_catalogue_can_be_made_to_happen(fn: FieldNation, receiver: Receiver) -> None:
    await listening(fn, receiver)
    number = (await fn.order())["id"]
    steps = ("publish", "request", "unpublish", "route", "decline", "undecline", "accept", "confirm", "on_my_way")
    more = ("delayed", "at_risk", "check_in", "check_out", "update_part", "add_tag", "remove_tag")
    for step in (*steps, *more, "report_problem", "resolve_problem"):
        await fn.person(number, step)
    task = (await fn.read(number))["tasks"]["results"][0]["id"]
    await fn.person(number, "complete_task", task=task)
    await fn.person(number, "reopen_task", task=task)
    await fn.person(number, "upload", text="x")
    await fn.person(number, "post_message", message="x")
    await fn.sim("PATCH", f"ui/7001/workorders/{number}", {"schedule": EXACT, "custom_fields": {"4711": "S"}})
    for step in ("complete", "approve", "pay"):
        await fn.person(number, step)
    for step in ("cancel", "postpone", "delete"):
        await fn.person((await fn.order())["id"], step)
    await fn.person(await fn.assigned(), "provider_cancel")
    bodies = await fired(fn, receiver)
    catalogue = (await fn.call("GET", f"{HOOKS}/events")).json()["result"]
    assert {body["event"]["name"] for body in bodies} == {row["name"] for row in catalogue}


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("add_time_log", {"in": "2026-04-02T14:00:00"}),
        ("add_expense", {"description": "x", "amount": "1.00"}),
        ("upload", {"by": "buyer", "text": "x"}),
        ("closing_notes", {"closing_notes": "Done."}),
        ("add_folder", {"name": "Photos"}),
    ],
)
async def test_what_the_vendor_does_not_announce_stays_silent(
    fn: FieldNation, receiver: Receiver, action: str, body: Json
) -> None:
    number = await fn.assigned()
    await listening(fn, receiver)
    await fn.person(number, action, **body)
    await fn.sim("PATCH", f"ui/7001/workorders/{number}", {"title": "New", "description": {"html": "new"}})
    assert await fired(fn, receiver) == []


async def test_changes_of_expenses_logs_and_files_stay_silent(fn: FieldNation, receiver: Receiver) -> None:
    number = await fn.assigned()
    log = await fn.person(number, "add_time_log", **{"in": "2026-04-02T14:00:00"})
    expense = await fn.person(number, "add_expense", description="x", amount="1.00")
    file = await fn.person(number, "upload", text="x")
    await listening(fn, receiver)
    for action in ("edit_time_log", "verify_time_log", "delete_time_log"):
        await fn.person(number, action, **log)
    for action in ("approve_expense", "deny_expense", "reopen_expense", "remove_expense"):
        await fn.person(number, action, **expense)
    await fn.person(number, "replace_file", attachment=file["attachment"], text="y")
    await fn.person(number, "delete_file", attachment=file["attachment"])
    assert await fired(fn, receiver) == []


async def test_a_check_in_fires_two_events_with_the_task_and_its_log(fn: FieldNation, receiver: Receiver) -> None:
    number = await fn.assigned()
    tasks = (await fn.part(number, "tasks"))["results"]
    assert [(one["type"]["key"], one["status"]) for one in tasks] == [
        ("confirmassignment", "incomplete"),
        ("checkin", "incomplete"),
        ("checkout", "incomplete"),
    ]
    assert tasks[1]["time_log"] == []
    await listening(fn, receiver)
    log = (await fn.person(number, "check_in", at="2026-04-02T14:00:00"))["time_log"]
    bodies = await fired(fn, receiver)
    assert names_of(bodies) == ["status.checked_in", "task_completed"]
    assert [body["triggered_by_user"] for body in bodies] == [{"id": 70018}] * 2
    params = bodies[1]["event"]["params"]
    assert params["work_order_id"] == number
    assert (params["task"]["type"], params["task"]["status"]) == (
        {"id": 3, "key": "checkin", "name": "Check in"},
        "complete",
    )
    assert params["task"]["completed"]["by"] == {"id": 70018, "name": "Robin Field", "assigned": True}
    assert params["task"]["time_log"]["id"] == log
    assert bodies[0]["workorder"]["time_logs"]["open_time_log"]["id"] == log
    assert (await fn.call("GET", f"{ORDERS}/{number}/tasks/{tasks[1]['id']}")).json()["status"] == "complete"


async def test_a_message_carries_itself_and_its_author_in_the_event(fn: FieldNation, receiver: Receiver) -> None:
    number = await fn.assigned()
    await listening(fn, receiver)
    await fn.call("POST", f"{ORDERS}/{number}/messages", json={"message": "by us"})
    made = await fn.person(number, "post_message", message="by them")
    ours, theirs = await fired(fn, receiver)
    assert ours["triggered_by_user"] == {"id": 70011}
    assert ours["event"]["params"]["message"]["message"] == "by us"
    assert theirs["triggered_by_user"] == {"id": 70018}
    assert theirs["event"]["params"]["message"]["msg_id"] == made["message"]
    assert theirs["workorder"]["messages"] == {**theirs["workorder"]["messages"], "results": []}


@pytest.mark.parametrize(
    ("action", "code", "display", "confirmed"),
    [
        ("confirm", "confirmed", "Confirmed", True),
        ("on_my_way", "on_my_way", "On my way", True),
        ("delayed", "delayed", "Delayed", False),
        ("on_hold", "on_hold", "On hold", False),
        ("provider_cancel", "cancelled", "Cancelled", False),
    ],
)
async def test_a_sub_status_shows_in_code_and_display(
    fn: FieldNation, action: str, code: str, display: str, confirmed: bool
) -> None:
    number = await fn.assigned()
    await fn.person(number, action, delay_s=60)
    status: Any = (await fn.read(number))["status"]
    assert (status["name"], status["code"], status["display"]) == ("Assigned", code, display)
    assert (status["sub_status"], status["confirmed"], status["delay"]) == ("", confirmed, 60)
    await fn.person(number, "unassign")
    assert (await fn.read(number))["status"]["code"] == ""


async def test_the_system_sees_a_risk_and_names_nobody(fn: FieldNation, receiver: Receiver) -> None:
    number = await fn.assigned()
    await listening(fn, receiver)
    await fn.person(number, "at_risk")
    assert (await fired(fn, receiver))[0]["triggered_by_user"] is None


async def test_postponed_work_goes_on_where_it_was(fn: FieldNation) -> None:
    number = await fn.assigned()
    await fn.person(number, "postpone")
    assert (await fn.read(number))["status"]["name"] == "Postponed"
    await fn.person(number, "resume")
    assert (await fn.read(number))["status"]["name"] == "Assigned"


async def test_a_deleted_order_can_answer_401(fn: FieldNation) -> None:
    number = (await fn.order())["id"]
    await fn.person(number, "delete")
    await fn.switch(deleted_work_order_answer="401")
    assert (await fn.call("GET", f"{ORDERS}/{number}")).status_code == 401
    assert (await fn.call("GET", f"{ORDERS}/1")).status_code == 404


async def test_finished_work_is_sent_back_only_with_a_reason(fn: FieldNation) -> None:
    number = await fn.assigned()
    path = f"{ORDERS}/{number}/complete"
    assert (await fn.call("POST", path)).status_code == 405
    await fn.switch(old_calls=["complete", "unapprove"])
    assert (await fn.call("POST", path)).json()["status"]["name"] == "Work Done"
    assert (await fn.call("DELETE", path)).status_code == 400
    back = await fn.call("DELETE", path, params={"reason": "Not finished", "reason_id": 2})
    assert back.json()["status"]["name"] == "Assigned"
    await fn.person(number, "complete")
    await fn.call("POST", f"{ORDERS}/{number}/approve")
    undone = (await fn.call("DELETE", f"{ORDERS}/{number}/approve")).json()
    assert (undone["status"]["name"], undone["milestones"]["approved"]["utc"]) == ("Work Done", "")
    assert (await fn.call("GET", "/api/rest/v2/company/incomplete-reasons")).json()[1]["id"] == 2


async def test_a_provider_is_assigned_and_removed_by_the_api(fn: FieldNation) -> None:
    number = (await fn.order())["id"]
    path = f"{ORDERS}/{number}"
    await fn.call("POST", f"{path}/publish")
    assert (await fn.call("POST", f"{path}/assignee", json={})).status_code == 400
    given = await fn.call("POST", f"{path}/assignee", json={"user": {"id": 70018}})
    assert given.json()["assignee"]["user"]["id"] == 70018
    taken = await fn.call("DELETE", f"{path}/assignee", json={"user": {"id": 70018}})
    assert taken.json()["status"]["name"] == "Published"
    await fn.person(number, "request")
    assert (await fn.call("GET", f"{path}/providers")).json()[0]["user"]["first_name"] == "Robin"
    await fn.person(number, "accept")
    await fn.person(number, "delayed", delay_s=60)
    assert (await fn.call("POST", f"{path}/provider/delay")).json()["status"]["delay"] == 0
    assert (await fn.call("POST", f"{path}/provider/cancel")).json()["assignee"]["user"]["id"] == 0


async def test_tags_problems_and_the_job_status_are_shown(fn: FieldNation) -> None:
    number = await fn.assigned()
    path = f"{ORDERS}/{number}"
    assert (await fn.call("POST", f"{path}/tags", json={"id": 1})).status_code == 400
    await fn.call("POST", f"{path}/tags", json={"id": 70016})
    assert (await fn.part(number, "tags"))["results"][0]["label"] == "Urgent"
    assert (await fn.call("DELETE", f"{path}/tags/70016")).json()["tags"]["results"] == []
    problem = await fn.person(number, "report_problem", comments="No access")
    assert (await fn.part(number, "problems"))["sum"] == {"active": 1, "resolved": 0}
    await fn.person(number, "resolve_problem", **problem)
    shown = (await fn.part(number, "problems"))["results"][0]
    assert (shown["comments"], shown["resolution"]["status"]) == ("No access", "resolved")
    await fn.person(number, "reopen_problem", **problem)
    answer = await fn.call("PUT", f"{path}/job-status", json={"status": "complete"})
    assert answer.json()["job_status"]["status"] == "complete"
    assert (await fn.call("PUT", f"{path}/job-status", json={"status": "done"})).status_code == 400


async def test_an_unknown_action_names_the_known_ones(fn: FieldNation) -> None:
    number = (await fn.order())["id"]
    answer = await fn.http.post(f"/_sim/ui/7001/workorders/{number}/dance", json={})
    assert answer.status_code == 404
    assert "check_in" in answer.json()["message"]
