import hashlib
import hmac
import json
from datetime import datetime

import pytest

from app.simulators.field_nation.delivery import delay_before, is_retried, signature
from tests.simulators.field_nation.fn_sim_kit import FULL_BODY, HOOKS, ORDERS, FieldNation, Receiver

CREATED = "workorder.created"
SECRET = "01999f51-0000-4000-8000-000000000001"


async def logged(fn: FieldNation) -> list[tuple[int, int]]:
    params = {"sortDirection": "ASC"}
    result = (await fn.call("GET", f"{HOOKS}/delivery-logs", params=params)).json()["result"]
    return [(row["deliveryAttempt"], row["deliveryStatus"]) for row in result]


async def quiet(fn: FieldNation) -> bool:
    return (await fn.sim("GET", "state?company=7001"))["deliveries_under_way"] == 0


def test_the_signature_of_a_known_body() -> None:
    expected = "sha256=3fae45bfc21e4452b62d772621591867791f69a0e1b74040be069f76e2b9acc1"
    assert signature(SECRET, b'{"a":1}') == expected


def test_the_ladder_doubles_from_ten_seconds() -> None:
    assert [delay_before(n) for n in range(1, 9)] == [0, 10, 20, 40, 80, 160, 320, 640]


def test_what_is_tried_again() -> None:
    assert [code for code in (0, 400, 401, 404, 408, 410, 429, 500, 503) if is_retried(code)] == [0, 408, 429, 500, 503]


async def test_a_delivery_is_signed_over_its_raw_body(fn: FieldNation, receiver: Receiver) -> None:
    hook = await fn.webhook(receiver.url, [CREATED], secret=SECRET, webhookAttribute={"header": {"X-Own": "me"}})
    made = await fn.order()
    got = await receiver.next()
    expected = hmac.new(SECRET.encode(), got.body, hashlib.sha256).hexdigest()
    assert got.headers["x-fn-signature"] == f"sha256={expected}"
    assert got.headers["x-fn-webhook-id"] == hook["webhookId"]
    assert got.headers["x-fn-delivery-id"].endswith(":1")
    assert int(got.headers["x-fn-request-timestamp"]) > 1_700_000_000_000
    assert got.headers["x-own"] == "me"
    body = json.loads(got.body)
    assert list(body) == ["event", "timestamp", "triggered_by_user", "workorder"]
    assert body["event"] == {"name": CREATED, "params": {"work_order_id": made["id"], "status_id": 1}}
    assert body["triggered_by_user"] == {"id": 70011}
    assert body["workorder"]["title"] == made["title"]
    assert datetime.fromisoformat(body["timestamp"]).utcoffset() is not None


async def test_each_action_fires_what_it_causes_and_silent_changes_fire_nothing(
    fn: FieldNation, receiver: Receiver
) -> None:
    names = [row["name"] for row in (await fn.call("GET", f"{HOOKS}/events")).json()["result"]]
    await fn.webhook(receiver.url, names, method="put")
    number = (await fn.order())["id"]
    person = f"ui/7001/workorders/{number}"
    later = {"service_window": {"mode": "exact", "start": {"utc": "2026-05-01 10:00:00"}}}
    await fn.call("PUT", f"{ORDERS}/{number}/schedule", json=later)
    await fn.call("PUT", f"{ORDERS}/{number}/schedule", json=later)
    await fn.call("PUT", f"{ORDERS}/{number}/custom_fields/4711", json={"value": "S-1"})
    await fn.sim(
        "PATCH", person, {"title": "New title", "description": {"html": "new"}, "custom_fields": {"4712": "P1"}}
    )
    await fn.call("PUT", f"{ORDERS}/{number}/pay", json={"type": "fixed", "base": {"amount": 9, "units": 1}})
    await fn.call("POST", f"{ORDERS}/{number}/publish")
    for action in ("route", "unroute", "unpublish", "publish", "assign", "work_done", "approve"):
        await fn.sim("POST", f"{person}/{action}", {})
    await fn.until(lambda: quiet(fn))
    fired = sorted(json.loads(got.body)["event"]["name"].removeprefix("workorder.") for got in receiver.got)
    assert fired == sorted(
        [
            "created",
            "schedule_updated",
            "custom_field_value_updated",
            "custom_field_value_updated",
            "status.published",
            "routed",
            "status.routed",
            "status.published",
            "status.draft",
            "status.published",
            "status.assigned",
            "status.work_done",
            "status.approved",
        ]
    )
    assert {got.method for got in receiver.got} == {"PUT"}
    by_api = {json.loads(got.body)["triggered_by_user"]["id"] for got in receiver.got}
    assert by_api == {70011, 70012}


async def test_a_failing_receiver_is_tried_again_under_the_same_uuid(fn: FieldNation, receiver: Receiver) -> None:
    await fn.switch(time_scale=0.0)
    receiver.statuses = [500, 429, 408, 200]
    await fn.webhook(receiver.url, [CREATED])
    await fn.order()
    ids = [(await receiver.next()).headers["x-fn-delivery-id"] for _ in range(4)]
    assert len({one.partition(":")[0] for one in ids}) == 1
    assert [one.partition(":")[2] for one in ids] == ["1", "2", "3", "4"]
    await fn.until(lambda: quiet(fn))
    assert await logged(fn) == [(1, 500), (2, 429), (3, 408), (4, 200)]


@pytest.mark.parametrize("status", [404, 410, 400])
async def test_a_hard_refusal_stops_at_once(fn: FieldNation, receiver: Receiver, status: int) -> None:
    await fn.switch(time_scale=0.0)
    receiver.statuses = [status]
    await fn.webhook(receiver.url, [CREATED])
    await fn.order()
    await fn.until(lambda: quiet(fn))
    assert await logged(fn) == [(1, status)]
    assert len(receiver.got) == 1


async def test_eight_attempts_are_the_most_for_a_good_receiver(fn: FieldNation, receiver: Receiver) -> None:
    await fn.switch(time_scale=0.0)
    receiver.statuses = [503]
    await fn.webhook(receiver.url, [CREATED])
    await fn.order()
    await fn.until(lambda: quiet(fn))
    assert [attempt for attempt, _ in await logged(fn)] == [1, 2, 3, 4, 5, 6, 7, 8]


async def test_a_bad_record_leaves_three_retries(fn: FieldNation, receiver: Receiver) -> None:
    await fn.switch(time_scale=0.0)
    number = (await fn.order())["id"]
    receiver.statuses = [410]
    await fn.webhook(receiver.url, [CREATED])
    for _ in range(100):
        await fn.sim("POST", "events", {"company": 7001, "work_order": number, "event": CREATED})
    await fn.until(lambda: quiet(fn))
    receiver.statuses, receiver.got = [500], []
    await fn.sim("POST", "events", {"company": 7001, "work_order": number, "event": CREATED})
    await fn.until(lambda: quiet(fn))
    assert len(receiver.got) == 4


async def test_a_dead_receiver_is_switched_off_and_its_events_are_lost(fn: FieldNation, receiver: Receiver) -> None:
    await fn.switch(time_scale=0.0)
    receiver.statuses = [404]
    hook = await fn.webhook(receiver.url, [CREATED])
    await fn.order()
    await fn.until(lambda: quiet(fn))
    await fn.sim("POST", "clock", {"advance_s": 7 * 86400 + 1})
    await fn.login()
    await fn.order()
    await fn.until(lambda: quiet(fn))
    one = f"{HOOKS}/{hook['webhookId']}"
    assert (await fn.call("GET", one)).json()["result"]["status"] == "inactive"
    await fn.order()
    receiver.statuses, receiver.got = [200], []
    await fn.call("PUT", one, json={"status": "active"})
    assert await quiet(fn)
    await fn.order()
    await fn.until(lambda: quiet(fn))
    assert len(receiver.got) == 1


@pytest.mark.parametrize("how", ["missing", "wrong", "upper_case", "reserialised"])
async def test_signatures_can_be_spoiled(fn: FieldNation, receiver: Receiver, how: str) -> None:
    await fn.switch(webhook_signature=how)
    await fn.webhook(receiver.url, [CREATED], secret=SECRET)
    await fn.order()
    got = await receiver.next()
    assert got.headers.get("x-fn-signature") != signature(SECRET, got.body)


async def test_an_event_can_be_twice_and_late_with_a_newer_order(fn: FieldNation, receiver: Receiver) -> None:
    await fn.switch(
        webhook_duplicates=1,
        webhook_lag_s={CREATED: 2.0},
        webhook_snapshot="delivery",
        webhook_work_order_id_as_text=True,
    )
    await fn.webhook(receiver.url, [CREATED, "workorder.schedule_updated"])
    made = await fn.order()
    window = {"mode": "exact", "start": {"utc": "2026-05-01 10:00:00"}}
    await fn.call("PUT", f"{ORDERS}/{made['id']}/schedule", json={"service_window": window})
    got = [await receiver.next() for _ in range(4)]
    names = [json.loads(one.body)["event"]["name"] for one in got]
    assert names == ["workorder.schedule_updated"] * 2 + [CREATED] * 2
    assert got[2].headers["x-fn-delivery-id"] == got[3].headers["x-fn-delivery-id"]
    shown = json.loads(got[3].body)
    assert shown["workorder"]["schedule"]["service_window"]["mode"] == "exact"
    assert shown["event"]["params"]["work_order_id"] == str(made["id"])
    assert FULL_BODY["schedule"]["service_window"]["mode"] == "between"


async def test_a_manual_retry_sends_the_old_body_to_the_new_address(fn: FieldNation, receiver: Receiver) -> None:
    hook = await fn.webhook(receiver.url, [CREATED])
    made = await fn.order()
    first = await receiver.next()
    await fn.call("PUT", f"{ORDERS}/{made['id']}", json={"title": "Changed"})
    await fn.call("PUT", f"{HOOKS}/{hook['webhookId']}", json={"url": f"{receiver.url}/new", "method": "put"})
    await fn.until(lambda: quiet(fn))
    row = f"{HOOKS}/delivery-logs/{first.headers['x-fn-delivery-id']}"
    assert (await fn.call("PATCH", f"{row}/retry")).json()["result"]["job_id"]
    second = await receiver.next()
    assert (second.method, second.path, second.body) == ("PUT", "/new", first.body)
    link = (await fn.call("GET", row)).json()["result"]["delivery_log"]
    assert (await fn.http.get(link)).json()["request"]["body"] == first.body.decode()


async def test_any_event_can_be_sent_by_command_with_no_user(fn: FieldNation, receiver: Receiver) -> None:
    await fn.webhook(receiver.url, [CREATED])
    number = (await fn.order())["id"]
    await receiver.next()
    order = {"company": 7001, "work_order": number, "event": "workorder.never_heard_of"}
    assert await fn.sim("POST", "events", order) == {"sent_to": 1}
    body = json.loads((await receiver.next()).body)
    assert body["event"]["name"] == "workorder.never_heard_of"
    assert body["triggered_by_user"] is None


async def test_an_unreachable_receiver_is_logged_without_a_status(fn: FieldNation) -> None:
    await fn.switch(time_scale=0.0)
    await fn.webhook("http://127.0.0.1:9/", [CREATED])
    await fn.order()
    await fn.until(lambda: quiet(fn))
    assert {status for _, status in await logged(fn)} == {0}
