import json
from collections import Counter
from typing import Any

from tests.simulators.field_nation.fn_sim_kit import HOOKS, FieldNation, Receiver

NAMES = ["workorder.created", "workorder.status.published", "workorder.status.assigned"]


async def quiet(fn: FieldNation) -> bool:
    return bool((await fn.sim("GET", "state?company=7001"))["deliveries_under_way"] == 0)


async def took(fn: FieldNation, receiver: Receiver) -> list[str]:
    await fn.until(lambda: quiet(fn))
    return [json.loads(one.body)["event"]["name"] for one in receiver.got]


async def test_events_of_one_order_arrive_in_order(fn: FieldNation, receiver: Receiver) -> None:
    await fn.webhook(receiver.url, NAMES)
    for _ in range(5):
        await fn.assigned()
    got: dict[int, list[str]] = {}
    await fn.until(lambda: quiet(fn))
    for one in receiver.got:
        body = json.loads(one.body)
        got.setdefault(body["workorder"]["id"], []).append(body["event"]["name"])
    assert list(got.values()) == [NAMES] * 5


async def test_events_of_one_action_can_arrive_backwards(fn: FieldNation, receiver: Receiver) -> None:
    number = await fn.assigned()
    both = ["workorder.status.checked_in", "workorder.task_completed"]
    await fn.webhook(receiver.url, both)
    await fn.switch(webhook_order="reversed", webhook_gather_s=0.01)
    await fn.person(number, "check_in")
    assert await took(fn, receiver) == both[::-1]


async def test_held_events_are_released_in_the_asked_order(fn: FieldNation, receiver: Receiver) -> None:
    await fn.webhook(receiver.url, NAMES)
    await fn.switch(webhook_hold=True)
    for _ in range(3):
        await fn.assigned()
    held = (await fn.sim("GET", "state?company=7001"))["deliveries_held"]
    assert [one["event"] for one in held] == NAMES * 3
    assert receiver.got == []
    assert await fn.sim("POST", "deliveries/release", {"count": 2, "order": "reversed"}) == {"released": 2}
    assert await took(fn, receiver) == [NAMES[1], NAMES[0]]
    receiver.got.clear()
    await fn.sim("POST", "deliveries/release", {"order": "shuffled", "seed": 3})
    shuffled = await took(fn, receiver)
    assert Counter(shuffled) == Counter((NAMES * 3)[2:])
    assert shuffled != (NAMES * 3)[2:]
    assert (await fn.http.post("/_sim/deliveries/release", json={"order": "odd"})).status_code == 400


async def test_events_can_be_dropped_by_name_or_thrown_away(fn: FieldNation, receiver: Receiver) -> None:
    await fn.webhook(receiver.url, NAMES)
    await fn.switch(webhook_drop=[NAMES[1]])
    await fn.assigned()
    assert await took(fn, receiver) == [NAMES[0], NAMES[2]]
    await fn.switch(webhook_drop=[], webhook_hold=True)
    await fn.assigned()
    assert await fn.sim("POST", "deliveries/discard") == {"discarded": 3}
    assert (await fn.sim("GET", "state?company=7001"))["deliveries_dropped"] == 4
    assert len(receiver.got) == 2


async def test_a_delivery_is_repeated_with_rising_numbers_and_as_exact_duplicate(
    fn: FieldNation, receiver: Receiver
) -> None:
    await fn.webhook(receiver.url, [NAMES[0]])
    await fn.switch(webhook_repeats=2, webhook_duplicates=1)
    await fn.order()
    await fn.until(lambda: quiet(fn))
    ids = sorted(one.headers["x-fn-delivery-id"].partition(":")[2] for one in receiver.got)
    assert ids == ["1", "1", "2", "2", "3", "3"]
    assert len({one.headers["x-fn-delivery-id"].partition(":")[0] for one in receiver.got}) == 1
    assert len({one.body for one in receiver.got}) == 1


async def test_a_late_event_blocks_no_other(fn: FieldNation, receiver: Receiver) -> None:
    await fn.webhook(receiver.url, NAMES)
    await fn.switch(webhook_lag_s={NAMES[0]: 600.0})
    await fn.assigned()
    got = [json.loads((await receiver.next()).body)["event"]["name"] for _ in range(2)]
    assert got == NAMES[1:]


async def test_the_vendor_switches_a_webhook_off_and_on(fn: FieldNation, receiver: Receiver) -> None:
    hook: Any = await fn.webhook(receiver.url, NAMES)
    await fn.sim("POST", f"webhooks/{hook['webhookId']}", {"status": "inactive"})
    await fn.order()
    await fn.sim("POST", f"webhooks/{hook['webhookId']}", {"status": "active"})
    assert await took(fn, receiver) == []
    history = (await fn.call("GET", f"{HOOKS}/{hook['webhookId']}/history")).json()["result"]
    assert [line["action"] for line in history].count("status_changed") == 2
    assert (await fn.http.post("/_sim/webhooks/none", json={"status": "active"})).status_code == 400
