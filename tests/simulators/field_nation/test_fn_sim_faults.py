import asyncio
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.simulators.field_nation.fn_sim_kit import FULL_BODY, ORDERS, TOKEN, FieldNation

ANSWERS = [("429", 429), ("500_json", 500), ("500_html", 500), ("503", 503)]
KEY = "POST workorders"


async def held(fn: FieldNation) -> bool:
    return bool((await fn.sim("GET", "faults"))["held"] == 1)


@pytest.mark.parametrize(("name", "status"), ANSWERS)
async def test_a_fault_answers_once_and_nothing_is_done(fn: FieldNation, name: str, status: int) -> None:
    await fn.fault(name, method="POST", path="/workorders$")
    first = await fn.call("POST", ORDERS, json=FULL_BODY)
    assert first.status_code == status
    assert first.headers["content-type"].startswith("text/html") == (name == "500_html")
    assert await fn.truth() == []
    assert (await fn.call("POST", ORDERS, json=FULL_BODY)).status_code == 200


@pytest.mark.parametrize(
    ("name", "error", "committed"),
    [
        ("lost_before", httpx.RemoteProtocolError, False),
        ("lost_after", httpx.RemoteProtocolError, True),
        ("reset", httpx.ReadError, False),
    ],
)
async def test_a_cut_connection_is_a_transport_error(
    fn: FieldNation, name: str, error: type[Exception], committed: bool
) -> None:
    await fn.fault(name, method="POST", path="/workorders$")
    with pytest.raises(error):
        await fn.call("POST", ORDERS, json=FULL_BODY)
    assert len(await fn.truth()) == int(committed)
    journal = (await fn.sim("GET", "writes"))[0]
    assert (journal["kind"], journal["committed"], journal["fault"]) == (KEY, committed, name)


async def test_a_late_write_takes_effect_after_the_connection_is_gone(fn: FieldNation) -> None:
    await fn.fault("late", method="POST", delay_s=0.2)
    with pytest.raises(httpx.RemoteProtocolError):
        await fn.call("POST", ORDERS, json=FULL_BODY)
    assert await fn.truth() == []

    async def there() -> bool:
        return len(await fn.truth()) == 1

    await fn.until(there)
    assert (await fn.sim("GET", "writes"))[0]["committed"] is True


@pytest.mark.parametrize(("name", "committed"), [("hold", 1), ("hold_before", 0)])
async def test_a_held_call_waits_for_its_release(fn: FieldNation, name: str, committed: int) -> None:
    await fn.fault(name, path="/workorders$", method="POST")
    call = asyncio.get_running_loop().create_task(fn.call("POST", ORDERS, json=FULL_BODY))
    await fn.until(lambda: held(fn))
    assert len(await fn.truth()) == committed
    assert (await fn.sim("GET", "calls"))["in_flight_by_company"] == {"7001": 1}
    assert await fn.sim("POST", "release") == {"released": 1}
    assert (await call).status_code == 200
    assert len(await fn.truth()) == 1


async def test_a_caller_who_hangs_up_while_held_is_no_longer_in_flight(fn: FieldNation) -> None:
    await fn.fault("hold_before", method="POST")
    call = asyncio.get_running_loop().create_task(fn.call("POST", ORDERS, json=FULL_BODY))
    await fn.until(lambda: held(fn))
    call.cancel()

    async def nobody() -> bool:
        return (await fn.sim("GET", "calls"))["in_flight_by_company"] == {}

    await fn.until(nobody)
    assert await fn.truth() == []
    await fn.sim("POST", "release")

    async def done() -> bool:
        return len(await fn.truth()) == 1

    await fn.until(done)


async def test_an_outage_lasts_until_it_is_taken_back(fn: FieldNation) -> None:
    await fn.fault("outage")
    for path in (ORDERS, TOKEN):
        with pytest.raises(httpx.TransportError):
            await fn.call("POST", path, json=FULL_BODY)
    await fn.sim("DELETE", "faults")
    assert (await fn.call("GET", ORDERS)).status_code == 200


async def test_a_slow_answer_comes_after_its_delay(fn: FieldNation) -> None:
    await fn.fault("slow", delay_s=0.8)
    with pytest.raises(httpx.ReadTimeout):
        await fn.call("GET", ORDERS, timeout=0.2)
    await fn.fault("slow", delay_s=0.01)
    assert (await fn.call("GET", ORDERS)).status_code == 200


async def test_a_fault_meets_only_what_it_is_meant_for(fn: FieldNation) -> None:
    await fn.fault("503", method="PUT", path="/schedule$", times=2)
    await fn.fault("503", company=7002, times=None)
    made = await fn.order()
    path = f"{ORDERS}/{made['id']}/schedule"
    codes = [(await fn.call("PUT", path, json=FULL_BODY["schedule"])).status_code for _ in range(3)]
    assert codes == [503, 503, 200]
    standing = (await fn.sim("GET", "faults"))["faults"]
    assert [one["hits"] for one in standing] == [2, 0]
    answer = await fn.grant(client_id="other", client_secret="other", username="o", password="o")
    assert answer.status_code == 503


async def test_a_429_by_command_may_lack_retry_after(fn: FieldNation) -> None:
    await fn.fault("429", times=2, delay_s=7)
    assert (await fn.call("GET", ORDERS)).headers["Retry-After"] == "7"
    await fn.switch(retry_after_header=False)
    assert "Retry-After" not in (await fn.call("GET", ORDERS)).headers


@pytest.mark.parametrize("order", [{"fault": "flood"}, {"fault": "503", "path": "("}, {"fault": "503", "times": "x"}])
async def test_an_unreadable_fault_is_refused(fn: FieldNation, order: dict[str, str]) -> None:
    assert (await fn.http.post("/_sim/faults", json=order)).status_code == 400


async def test_calls_are_counted_by_endpoint_company_and_client(fn: FieldNation) -> None:
    await fn.sim("POST", "reset-calls")
    made = await fn.order()
    await fn.call("PUT", f"{ORDERS}/{made['id']}/custom_fields/4711", json={"value": "x"})
    await fn.call("DELETE", f"{ORDERS}/{made['id']}", params={"cancel_reason": "over"})
    await fn.login()
    report = await fn.sim("GET", "calls")
    assert report["total"] == 4
    assert report["by_endpoint"] == {
        "POST workorders": 1,
        "PUT workorders/{id}/custom_fields/{id}": 1,
        "DELETE workorders/{id}": 1,
        "POST oauth/token": 1,
    }
    assert report["by_company"] == {"7001": 4}
    assert report["max_in_flight_by_company"] == {"7001": 1}
    assert list(report["clients"].values()) == [4]
    journal = await fn.sim("GET", "writes")
    assert [one["seq"] for one in journal] == [1, 2, 3]
    assert journal[2]["query"] == {"cancel_reason": "over"}
    assert fn.token not in str(journal)


async def test_a_reset_goes_back_to_the_seeds(fn: FieldNation) -> None:
    await fn.order()
    await fn.switch(rate_per_minute=5)
    await fn.fault("503")
    await fn.sim("POST", "reset")
    assert await fn.truth() == []
    assert (await fn.sim("GET", "settings"))["rate_per_minute"] == 0
    assert (await fn.call("GET", ORDERS)).status_code == 401
    await fn.login()
    assert (await fn.order())["id"] == 70001


async def test_a_seed_adds_companies_and_work_orders_to_a_running_server(fn: FieldNation) -> None:
    company = {
        "company_id": 9,
        "client_id": "c9",
        "client_secret": "s9",
        "users": [{"id": 91, "username": "u9", "password": "p9", "name": "Nine Nine"}],
    }
    work = {"company_id": 9, "body": {"title": "Seeded"}, "action": ["publish", "cancel"]}
    answer = await fn.sim("POST", "seed", {"companies": [company], "work_orders": [work]})
    assert answer["companies"] == [9, 7001, 7002]
    assert [order["status"] for order in await fn.truth(9)] == ["cancelled"]
    await fn.login(client_id="c9", client_secret="s9", username="u9", password="p9")
    assert (await fn.read(answer["work_orders"][0]))["title"] == "Seeded"
    broken = await fn.http.post("/_sim/seed", json={"companies": [{"company_id": 1}]})
    assert broken.status_code == 400


async def test_switches_are_turned_all_or_none(fn: FieldNation) -> None:
    answer = await fn.http.patch("/_sim/settings", json={"microseconds": True, "colour": "red", "token_ttl_s": "x"})
    assert answer.status_code == 400
    assert "colour" in answer.json()["message"]
    assert (await fn.sim("GET", "settings"))["microseconds"] is False


async def test_a_thousand_orders_are_made_and_listed_quickly(fn: FieldNation) -> None:
    loop = asyncio.get_running_loop()
    started = loop.time()
    for _ in range(10):
        await asyncio.gather(*(fn.call("POST", ORDERS, json=FULL_BODY) for _ in range(100)))
    seen: set[int] = set()
    for page in range(1, 11):
        params = {"list": "workorders_all", "sticky": "false", "page": page, "per_page": 100, "columns": "id,title"}
        seen |= {row["id"] for row in (await fn.call("GET", ORDERS, params=params)).json()["results"]}
    assert len(seen) == 1000
    assert loop.time() - started < 60


def test_the_simulator_imports_nothing_else_of_the_application() -> None:
    code = (
        "import sys; import app.simulators.field_nation.app; "
        "print([n for n in sys.modules if n.startswith('app.') and not n.startswith('app.simulators')])"
    )
    root = Path(__file__).parents[3]
    shown = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
