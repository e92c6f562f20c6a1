from typing import Any

from tests.simulators.field_nation.fn_sim_kit import ORDERS, FieldNation


async def rows(fn: FieldNation, **params: Any) -> list[dict[str, Any]]:
    answer = await fn.call("GET", ORDERS, params={"list": "workorders_all", "sticky": "false", **params})
    return list(answer.json()["results"])


async def test_a_list_without_columns_gives_stubs(fn: FieldNation) -> None:
    made = await fn.order()
    assert await rows(fn) == [{"id": made["id"], "schedule": {"status_id": 1}}]
    assert (await rows(fn, columns="id,title"))[0] == {"id": made["id"], "title": made["title"]}
    await fn.switch(stub_lists=False)
    assert (await rows(fn))[0] == made


async def test_pages_are_25_long_and_at_most_100(fn: FieldNation) -> None:
    numbers = [(await fn.order())["id"] for _ in range(30)]
    first = await fn.call("GET", ORDERS, params={"list": "workorders_all", "sticky": "false"})
    assert first.json()["metadata"] | {"columns": ""} == {
        "total": 30,
        "page": 1,
        "pages": 2,
        "per_page": 25,
        "columns": "",
        "view": "model",
        "sort": "id",
        "order": "desc",
        "list": "workorders_all",
    }
    second = await rows(fn, page=2)
    assert [row["id"] for row in second] == sorted(numbers)[:5][::-1]
    assert await rows(fn, page=3) == []
    capped = await fn.call("GET", ORDERS, params={"per_page": 5000, "sticky": "false"})
    assert capped.json()["metadata"]["per_page"] == 100


async def test_tabs_hold_their_statuses_and_none_holds_cancelled_or_paid(fn: FieldNation) -> None:
    drafted, published, cancelled = [(await fn.order())["id"] for _ in range(3)]
    await fn.call("POST", f"{ORDERS}/{published}/publish")
    await fn.call("DELETE", f"{ORDERS}/{cancelled}", params={"cancel_reason": "x"})
    assert [row["id"] for row in await rows(fn)] == [published, drafted]
    assert [row["id"] for row in await rows(fn, list="workorders_draft")] == [drafted]
    assert [row["id"] for row in await rows(fn, list="workorders_in_flight")] == [published]
    tabs = (await fn.call("GET", f"{ORDERS}/lists")).json()
    assert {tab["id"]: tab["count"] for tab in tabs}["workorders_all"] == 2


async def test_remembered_filters_are_silently_applied_later(fn: FieldNation) -> None:
    wanted = (await fn.order(title="Printer"))["id"]
    await fn.order(title="Router")
    first = await fn.call("GET", ORDERS, params={"list": "workorders_all", "f_search": "printer", "columns": "title"})
    assert first.json()["params"] == {"f_search": "printer", "fs_search": True}
    later = (await fn.call("GET", ORDERS, params={"list": "workorders_all"})).json()
    assert later["results"] == [{"id": wanted, "title": "Printer"}]
    assert len(await rows(fn)) == 2
    other_tab = (await fn.call("GET", ORDERS, params={"list": "workorders_draft"})).json()
    assert other_tab["metadata"]["total"] == 2
    cleared = await fn.call("GET", ORDERS, params={"list": "workorders_all", "f_": ""})
    assert cleared.json()["metadata"]["total"] == 2


async def test_memory_can_be_off_unless_asked_for(fn: FieldNation) -> None:
    await fn.switch(sticky_by_default=False)
    await fn.order()
    await fn.call("GET", ORDERS, params={"list": "workorders_all", "f_search": "nothing"})
    assert (await fn.call("GET", ORDERS, params={"list": "workorders_all"})).json()["metadata"]["total"] == 1


async def test_an_unknown_filter_is_ignored_and_not_echoed(fn: FieldNation) -> None:
    await fn.order()
    answer = await fn.call("GET", ORDERS, params={"sticky": "false", "f_updated_since": "2030-01-01"})
    assert answer.json()["metadata"]["total"] == 1
    assert answer.json()["params"] == []


async def test_filters_are_all_met_together(fn: FieldNation) -> None:
    first = await fn.order(title="Alpha")
    second = await fn.order(title="Beta", custom_fields={"results": [{"results": [{"id": 4711, "value": "S-77"}]}]})
    both = f"{first['id']},{second['id']}"
    assert len(await rows(fn, f_work_order_id=both)) == 2
    assert [row["id"] for row in await rows(fn, f_work_order_id=both, f_search="s-77")] == [second["id"]]
    assert await rows(fn, f_state="TX") == []
    assert len(await rows(fn, f_service_schedule="2026-04-01,2026-04-02")) == 2
    assert await rows(fn, f_service_schedule="2026-04-03") == []


async def test_sorting_and_the_list_that_is_meant_without_one(fn: FieldNation) -> None:
    for title in ("b", "a", "c"):
        await fn.order(title=title)
    assert [row["title"] for row in await rows(fn, sort="title", order="asc", columns="title")] == ["a", "b", "c"]
    await fn.switch(default_list="workorders_assigned")
    answer = await fn.call("GET", ORDERS, params={"sticky": "false"})
    assert answer.json()["metadata"]["list"] == "workorders_assigned"


async def test_lists_may_lag_behind(fn: FieldNation) -> None:
    await fn.switch(list_lag_s=60.0)
    made = await fn.order()
    assert await rows(fn) == []
    assert (await fn.read(made["id"]))["id"] == made["id"]
    await fn.sim("POST", "clock", {"advance_s": 61})
    assert len(await rows(fn)) == 1
