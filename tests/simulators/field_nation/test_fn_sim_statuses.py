import pytest

from tests.simulators.field_nation.fn_sim_kit import FULL_BODY, ORDERS, FieldNation


async def go(fn: FieldNation, number: int, *actions: str) -> None:
    for action in actions:
        await fn.sim("POST", f"ui/7001/workorders/{number}/{action}", {})


@pytest.mark.parametrize(
    ("actions", "number", "name"),
    [
        ((), 1, "Draft"),
        (("publish",), 2, "Published"),
        (("publish", "assign"), 3, "Assigned"),
        (("publish", "assign", "work_done"), 4, "Work Done"),
        (("publish", "assign", "work_done", "approve"), 5, "Approved"),
        (("publish", "assign", "work_done", "approve", "pay"), 6, "Paid"),
        (("cancel",), 7, "Cancelled"),
        (("route",), 9, "Routed"),
    ],
)
async def test_the_status_table(fn: FieldNation, actions: tuple[str, ...], number: int, name: str) -> None:
    order = (await fn.order())["id"]
    await go(fn, order, *actions)
    status = (await fn.call("GET", f"{ORDERS}/{order}/status")).json()
    assert (status["id"], status["name"], status["sub_status"]) == (number, name, "")


async def test_the_numbers_of_the_table_can_be_changed(fn: FieldNation) -> None:
    await fn.switch(status_ids={"draft": 41})
    assert (await fn.order())["status"]["id"] == 41


async def test_publish_and_unpublish_by_the_api(fn: FieldNation) -> None:
    number = (await fn.order())["id"]
    published = await fn.call("POST", f"{ORDERS}/{number}/publish")
    again = await fn.call("POST", f"{ORDERS}/{number}/publish")
    back = await fn.call("DELETE", f"{ORDERS}/{number}/publish")
    assert published.json()["status"]["name"] == "Published"
    assert published.json()["milestones"]["published"]["utc"] != ""
    assert again.status_code == 400
    assert "Published cannot be published" in again.json()["message"]
    assert back.json()["status"]["name"] == "Draft"


async def test_draft_takes_a_published_order_back(fn: FieldNation) -> None:
    number = (await fn.order())["id"]
    await go(fn, number, "publish")
    assert (await fn.call("DELETE", f"{ORDERS}/{number}/draft")).json()["status"]["id"] == 1


async def test_a_cancel_needs_its_reason_and_ends_everything(fn: FieldNation) -> None:
    number = (await fn.order())["id"]
    without = await fn.call("DELETE", f"{ORDERS}/{number}")
    done = await fn.call("DELETE", f"{ORDERS}/{number}", params={"cancel_reason": "Not needed"})
    assert without.status_code == 400
    assert done.json()["status"]["name"] == "Cancelled"
    assert done.json()["milestones"]["canceled"]["utc"] != ""
    assert (await fn.truth())[0]["cancel_reason"] == "Not needed"
    assert (await fn.call("PUT", f"{ORDERS}/{number}", json={"title": "x"})).status_code == 400
    assert (await fn.call("PUT", f"{ORDERS}/{number}/schedule", json=FULL_BODY["schedule"])).status_code == 400
    assert (await fn.call("DELETE", f"{ORDERS}/{number}", params={"cancel_reason": "x"})).status_code == 400


async def test_only_done_work_can_be_approved(fn: FieldNation) -> None:
    number = (await fn.order())["id"]
    early = await fn.call("POST", f"{ORDERS}/{number}/approve")
    await go(fn, number, "publish", "assign", "work_done")
    assert early.status_code == 400
    assert (await fn.call("POST", f"{ORDERS}/{number}/approve")).json()["status"]["id"] == 5


async def test_a_route_needs_a_provider_and_goes_back_to_where_it_came_from(fn: FieldNation) -> None:
    number = (await fn.order())["id"]
    await go(fn, number, "publish")
    nobody = await fn.call("POST", f"{ORDERS}/{number}/route", json={"technician": {"id": 1}})
    routed = await fn.call("POST", f"{ORDERS}/{number}/route", json={"technician": {"id": 70018}})
    back = await fn.call("DELETE", f"{ORDERS}/{number}/route")
    assert nobody.status_code == 400
    assert [routed.json()["status"]["name"], back.json()["status"]["name"]] == ["Routed", "Published"]


async def test_an_assigned_provider_is_shown_and_taken_away(fn: FieldNation) -> None:
    number = (await fn.order())["id"]
    await go(fn, number, "publish", "assign")
    assert (await fn.read(number))["assignee"]["user"]["first_name"] == "Robin"
    await go(fn, number, "unassign")
    assert (await fn.read(number))["assignee"]["user"]["id"] == 0


async def test_publishing_can_ask_for_a_complete_work_order(fn: FieldNation) -> None:
    await fn.switch(publish_needs_complete=True)
    bare = (await fn.call("POST", ORDERS, json={"title": "x"})).json()["id"]
    refused = await fn.call("POST", f"{ORDERS}/{bare}/publish")
    full = (await fn.order())["id"]
    assert refused.status_code == 400
    assert "schedule" in refused.json()["message"]
    assert (await fn.call("POST", f"{ORDERS}/{full}/publish")).status_code == 200


async def test_a_deleted_order_is_gone_or_shown_by_switch(fn: FieldNation) -> None:
    number = (await fn.order())["id"]
    await go(fn, number, "delete")
    gone = await fn.call("GET", f"{ORDERS}/{number}")
    await fn.switch(deleted_work_order_answer="object")
    shown = await fn.call("GET", f"{ORDERS}/{number}")
    assert gone.status_code == 404
    assert shown.json()["status"]["name"] == "Deleted"
