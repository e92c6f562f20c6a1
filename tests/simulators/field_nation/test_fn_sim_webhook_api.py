from typing import Any

import pytest

from tests.simulators.field_nation.fn_sim_kit import HOOKS, FieldNation

SECRET = "01999f51-0000-4000-8000-000000000001"
URL = "https://broker.example.com/hook"


async def test_a_webhook_lives_in_the_envelope(fn: FieldNation) -> None:
    made = await fn.webhook(URL, ["workorder.created"], secret=SECRET, webhookAttribute={"header": {"X-Own": "1"}})
    assert made["secret"] == SECRET
    one = f"{HOOKS}/{made['webhookId']}"
    read = (await fn.call("GET", one, params={"webhookAttribute": "header"})).json()
    assert read["metadata"]["timestamp"].endswith("Z")
    assert read["result"]["webhookAttribute"] == {"header": {"X-Own": "1"}}
    listed = (await fn.call("GET", HOOKS)).json()
    assert listed["metadata"]["total"] == 1
    assert listed["result"] == [made]
    changed = await fn.call("PUT", one, json={"events": ["workorder.routed"], "status": "inactive"})
    assert changed.json()["result"]["events"] == ["workorder.routed"]
    await fn.call("DELETE", f"{one}/header/X-Own")
    lines = (await fn.call("GET", f"{one}/history", params={"sortDirection": "ASC"})).json()["result"]
    assert [line["action"] for line in lines] == ["webhook_created", "events_updated", "status_changed"]
    assert (await fn.call("DELETE", one)).json()["result"]["webhookId"] == made["webhookId"]
    assert (await fn.call("GET", one)).status_code == 404


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"events": []}, "events"),
        ({"events": ["workorder.updated"]}, "workorder.updated"),
        ({"events": ["workorder.created", "workorder.created"]}, "unique"),
        ({"url": "http://broker.example.com/hook"}, "https"),
        ({"url": "no address"}, "url"),
        ({"method": "get"}, "method"),
        ({"status": "paused"}, "status"),
        ({"secret": "short"}, "UUID"),
        ({"webhookAttribute": {"header": {"X-FN-Own": "1"}}}, "reserved"),
    ],
)
async def test_what_the_schema_forbids_is_refused(fn: FieldNation, change: dict[str, Any], word: str) -> None:
    body = {"events": ["workorder.created"], "url": URL, "method": "post", "status": "active", **change}
    answer = await fn.call("POST", HOOKS, json=body)
    assert answer.status_code == 400
    assert word in answer.json()["errors"][0]["message"]
    assert answer.json()["metadata"]["path"] == HOOKS


async def test_http_is_for_loopback_only_and_can_be_forbidden(fn: FieldNation) -> None:
    await fn.webhook("http://127.0.0.1:9/hook", ["workorder.created"])
    await fn.switch(allow_http_loopback=False)
    body = {"events": ["workorder.created"], "url": "http://127.0.0.1:9/", "method": "post", "status": "active"}
    assert (await fn.call("POST", HOOKS, json=body)).status_code == 400


async def test_an_archived_webhook_is_read_only(fn: FieldNation) -> None:
    made = await fn.webhook(URL, ["workorder.created"], status="archived")
    answer = await fn.call("PUT", f"{HOOKS}/{made['webhookId']}", json={"status": "active"})
    assert answer.status_code == 400


async def test_the_catalogue_has_33_events(fn: FieldNation) -> None:
    names = [row["name"] for row in (await fn.call("GET", f"{HOOKS}/events")).json()["result"]]
    assert len(names) == len(set(names)) == 33


async def test_only_the_header_opens_the_webhooks_api(fn: FieldNation) -> None:
    answer = await fn.http.get(HOOKS, params={"access_token": fn.token})
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["code"] == 401


async def test_the_webhooks_api_has_its_own_limit(fn: FieldNation) -> None:
    await fn.switch(webhook_api_rate_per_minute=100, webhook_api_rate_burst=2)
    codes = [(await fn.call("GET", HOOKS)).status_code for _ in range(3)]
    assert codes == [200, 200, 429]


async def test_another_company_sees_nothing(fn: FieldNation) -> None:
    made = await fn.webhook(URL, ["workorder.created"])
    await fn.login(client_id="other", client_secret="other", username="o", password="o")
    assert (await fn.call("GET", HOOKS)).json()["result"] == []
    assert (await fn.call("DELETE", f"{HOOKS}/{made['webhookId']}")).status_code == 404
