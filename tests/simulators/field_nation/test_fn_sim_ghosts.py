import asyncio
from typing import Any

import httpx
import pytest

from tests.simulators.field_nation.fn_sim_kit import FULL_BODY, ORDERS, FieldNation, Json

WRITES: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "", {"json": FULL_BODY}),
    ("PUT", "/{order}", {"json": {"title": "Ghost"}}),
    ("PUT", "/{order}/schedule", {"json": FULL_BODY["schedule"]}),
    ("PUT", "/{order}/custom_fields/4711", {"json": {"value": "x"}}),
    ("POST", "/{order}/messages", {"json": {"message": "Ghost"}}),
    ("POST", "/{order}/time_logs", {"json": {"in": {"created": {"utc": "2026-04-02 14:00:00"}}}}),
    ("POST", "/{order}/expenses", {"json": {"description": "x", "amount": "1.00"}}),
    ("POST", "/{order}/attachments/1", {"files": {"file": ("a.txt", b"ghost")}}),
    ("DELETE", "/{order}", {"params": {"cancel_reason": "Ghost"}}),
]


async def journal(fn: FieldNation, **query: Any) -> list[Json]:
    return list((await fn.http.get("/_sim/writes", params=query)).json())


@pytest.mark.parametrize(("method", "path", "more"), WRITES)
async def test_a_hanging_write_takes_effect_after_the_caller_has_gone(
    fn: FieldNation, method: str, path: str, more: dict[str, Any]
) -> None:
    number = await fn.assigned()
    await fn.sim("POST", "reset-calls")
    await fn.fault("ghost", method=method, delay_s=0.4)
    with pytest.raises(httpx.ReadTimeout):
        await fn.call(method, ORDERS + path.format(order=number), timeout=0.2, **more)

    async def committed() -> bool:
        return bool((await journal(fn))[0]["committed"])

    await fn.until(committed)
    row = (await journal(fn))[0]
    assert (row["status"], row["fault"], row["by"]) == (200, "ghost", "api")
    assert row["work_order"] == number + (path == "")

    async def nobody() -> bool:
        return bool((await fn.sim("GET", "calls"))["in_flight_by_company"] == {})

    await fn.until(nobody)


async def test_a_ghost_is_no_truth_before_its_time(fn: FieldNation) -> None:
    await fn.fault("ghost", method="POST", delay_s=600)
    with pytest.raises(httpx.ReadTimeout):
        await fn.call("POST", ORDERS, json=FULL_BODY, timeout=0.1)
    assert await fn.truth() == []
    assert (await journal(fn))[0]["committed"] is False


async def test_a_write_can_be_done_at_once_and_answered_late_or_never(fn: FieldNation) -> None:
    for name in ("never", "answer_late"):
        await fn.fault(name, method="POST", delay_s=0.6)
        call = asyncio.get_running_loop().create_task(fn.call("POST", ORDERS, json=FULL_BODY, timeout=0.3))
        with pytest.raises(httpx.ReadTimeout):
            await call
    assert len(await fn.truth()) == 2
    await fn.fault("answer_late", method="POST", delay_s=0.01)
    assert (await fn.call("POST", ORDERS, json=FULL_BODY)).status_code == 200


async def test_the_journal_tells_kind_order_and_origin(fn: FieldNation) -> None:
    number = await fn.assigned()
    await fn.call("POST", f"{ORDERS}/{number}/messages", json={"message": "x"})
    await fn.call("POST", f"{ORDERS}/{number}/attachments/1", files={"file": ("a.txt", b"data")}, data={"notes": "n"})
    rows = await journal(fn, work_order=number)
    assert [row["kind"] for row in rows] == [
        "POST workorders",
        "POST workorders/{id}/messages",
        "POST workorders/{id}/attachments/{id}",
    ]
    body = rows[2]["body"]
    assert (body["notes"], body["file"]["filename"], body["file"]["size"]) == ("n", "a.txt", 4)
    by_hand = await journal(fn, by="ui", work_order=number)
    assert [row["kind"] for row in by_hand] == ["ui publish", "ui assign"]
    assert len(await journal(fn, by="all")) == 5
    assert len(await journal(fn, kind="POST workorders")) == 1


async def test_reads_are_counted_by_their_endpoint(fn: FieldNation) -> None:
    number = await fn.assigned()
    await fn.sim("POST", "reset-calls")
    for name in ("time_logs", "expenses", "messages", "attachments"):
        await fn.part(number, name)
    assert (await fn.sim("GET", "calls"))["by_endpoint"] == {
        f"GET workorders/{{id}}/{name}": 1 for name in ("time_logs", "expenses", "messages", "attachments")
    }
