import pytest

from tests.simulators.field_nation.fn_sim_kit import ORDERS, FieldNation, Json


async def say(fn: FieldNation, number: int, text: str, **more: object) -> Json:
    answer = await fn.call("POST", f"{ORDERS}/{number}/messages", json={"message": text, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_messages_are_newest_first_with_replies_inside(fn: FieldNation) -> None:
    number = await fn.assigned()
    first = (await say(fn, number, "one"))["results"][0]
    listed = await say(fn, number, "two", type="INTERNAL")
    assert [row["message"] for row in listed["results"]] == ["two", "one"]
    path = f"{ORDERS}/{number}/messages/{first['msg_id']}"
    await fn.call("POST", path, json={"message": "answer"})
    inner = (await fn.part(number, "messages"))["results"][1]["replies"][0]
    assert (inner["message"], inner["parent_id"], inner["role"]) == ("answer", first["msg_id"], "REPLY")
    await fn.call("POST", f"{ORDERS}/{number}/messages/{inner['msg_id']}", json={"message": "more"})
    replies = (await fn.part(number, "messages"))["results"][1]["replies"]
    assert [row["message"] for row in replies] == ["answer", "more"]


async def test_a_message_says_who_whom_when_and_in_which_status(fn: FieldNation) -> None:
    number = await fn.assigned()
    row = (await say(fn, number, "hello", notify=[70012]))["results"][0]
    assert isinstance(row["msg_id"], str)
    assert (row["from"]["id"], row["from"]["name"], row["to"]["name"]) == (70011, "Api User", "Robin Field")
    assert (row["role"], row["work_order_status"], row["sharedText"]) == ("ASSIGNEDTECH", "Assigned", "Pat Doe")
    assert row["created"]["timezone"] == "America/Chicago"


async def test_a_work_order_only_counts_its_conversations(fn: FieldNation) -> None:
    number = await fn.assigned()
    await say(fn, number, "one")
    shown = (await fn.read(number))["messages"]
    assert (shown["metadata"]["total"], shown["results"]) == (1, [])


async def test_messages_have_pages(fn: FieldNation) -> None:
    number = await fn.assigned()
    for text in ("a", "b", "c"):
        await say(fn, number, text)
    second = await fn.part(number, "messages", page=2, per_page=2)
    assert second["metadata"] == {"total": 3, "page": 2, "pages": 2, "per_page": 2}
    assert [row["message"] for row in second["results"]] == ["a"]


@pytest.mark.parametrize(
    "body", [{}, {"message": " "}, {"message": "x", "type": "PUBLIC"}, {"message": "x", "type": "SPECIFICTECH"}]
)
async def test_a_message_that_cannot_be_read_is_refused(fn: FieldNation, body: Json) -> None:
    number = await fn.assigned()
    assert (await fn.call("POST", f"{ORDERS}/{number}/messages", json=body)).status_code == 400
    assert (await fn.call("POST", f"{ORDERS}/{number}/messages/1", json={"message": "x"})).status_code == 404


async def test_messages_are_changed_by_switch_only(fn: FieldNation) -> None:
    number = await fn.assigned()
    path = f"{ORDERS}/{number}/messages/{(await say(fn, number, 'one'))['results'][0]['msg_id']}"
    assert (await fn.call("PUT", path, json={"message": "x"})).status_code == 405
    await fn.switch(old_calls=["edit_message", "delete_message"])
    assert (await fn.call("PUT", path, json={"message": "x"})).json()["results"][0]["message"] == "x"
    assert (await fn.call("DELETE", path)).json()["results"] == []


async def test_provider_and_buyer_talk_on_the_screen(fn: FieldNation) -> None:
    number = await fn.assigned()
    made = await fn.person(number, "post_message", message="I am late")
    await fn.person(number, "reply", message_id=made["message"], message="Fine", by="buyer")
    row = (await fn.part(number, "messages"))["results"][0]
    assert (row["from"]["role"], row["role"]) == ("Provider", "TECHTOMANAGER")
    assert row["replies"][0]["from"]["name"] == "Pat Doe"
