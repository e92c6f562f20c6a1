"""What an administrator changes of the company's custom fields while clients work, and the lists that tell of it."""

from typing import Any

import httpx
import pytest

from app.simulators.field_nation.app import create_app
from app.simulators.field_nation.seeding import make_company, make_seed, standard_fields
from tests.simulators.field_nation.fn_sim_kit import ORDERS, FieldNation, served

REST = "/api/rest/v2"


async def definitions(fn: FieldNation) -> dict[int, dict[str, Any]]:
    rows = (await fn.call("GET", f"{REST}/custom-fields")).json()["results"]
    return {row["id"]: row for row in rows}


async def fields_of(fn: FieldNation, number: int) -> dict[int, dict[str, Any]]:
    groups = (await fn.read(number))["custom_fields"]["results"]
    return {row["id"]: {**row, "group": group["role"]} for group in groups for row in group["results"]}


async def put(fn: FieldNation, number: int, field: int, value: Any) -> httpx.Response:
    return await fn.call("PUT", f"{ORDERS}/{number}/custom_fields/{field}", json={"value": value})


def holding(field: int, value: str) -> dict[str, Any]:
    return {"results": [{"results": [{"id": field, "value": value}]}]}


async def test_a_new_field_is_in_the_list_and_in_every_work_order(fn: FieldNation) -> None:
    old = (await fn.order())["id"]
    digest = (await fn.read(old))["custom_fields"]["correlation_id"]
    body = {"name": "Door", "type": "predefined", "options": ["Front", "Back"], "flags": ["seen_by_provider"]}
    field = (await fn.sim("POST", "custom-fields/7001", body))["id"]
    shown = (await definitions(fn))[field]
    assert (shown["name"], shown["type"], shown["options"], shown["for_tech"]) == (
        "Door",
        "predefined",
        ["Front", "Back"],
        0,
    )
    assert (await fields_of(fn, old))[field]["value"] == ""
    assert (await fn.read(old))["custom_fields"]["correlation_id"] != digest
    assert (await put(fn, old, field, "Side")).status_code == 400
    assert (await put(fn, old, field, "Back")).status_code == 200
    new = (await fn.order(custom_fields=holding(field, "Front")))["id"]
    assert (await fields_of(fn, new))[field]["value"] == "Front"


async def test_a_renamed_field_keeps_id_and_values(fn: FieldNation) -> None:
    number = (await fn.order(custom_fields=holding(4711, "S-77")))["id"]
    await fn.sim("PATCH", "custom-fields/7001/4711", {"name": "Site number"})
    shown = (await fields_of(fn, number))[4711]
    assert (shown["name"], shown["value"]) == ("Site number", "S-77")
    assert (await definitions(fn))[4711]["name"] == "Site number"


async def test_a_removed_field_is_dropped_on_create_and_not_found_on_put(fn: FieldNation) -> None:
    number = (await fn.order(custom_fields=holding(4711, "S-77")))["id"]
    await fn.sim("DELETE", "custom-fields/7001/4711")
    assert 4711 not in await definitions(fn)
    assert 4711 not in await fields_of(fn, number)
    assert (await fn.call("GET", f"{ORDERS}/{number}/custom_fields/4711")).status_code == 404
    refused = await put(fn, number, 4711, "S-78")
    assert (refused.status_code, refused.json()["message"]) == (404, "Custom field 4711 was not found.")
    created = await fn.order(custom_fields=holding(4711, "S-79"))
    assert 4711 not in await fields_of(fn, created["id"])
    await fn.sim("POST", "custom-fields/7001", {"id": 4711, "name": "Site code"})
    assert (await fields_of(fn, number))[4711]["value"] == ""


async def test_an_option_that_is_gone_is_refused_and_a_value_that_has_it_stays(fn: FieldNation) -> None:
    number = (await fn.order(custom_fields=holding(4712, "P1")))["id"]
    await fn.sim("PATCH", "custom-fields/7001/4712", {"options": ["P2", "P3"]})
    assert (await definitions(fn))[4712]["options"] == ["P2", "P3"]
    shown = (await fields_of(fn, number))[4712]
    assert (shown["options"], shown["value"]) == (["P2", "P3"], "P1")
    refused = await put(fn, number, 4712, "P1")
    assert (refused.status_code, refused.json()["message"]) == (400, "Band: 'P1' is not a valid predefined value.")
    assert (await put(fn, number, 4712, "P3")).status_code == 200
    dropped = await fn.order(custom_fields=holding(4712, "P1"))
    assert (await fields_of(fn, dropped["id"]))[4712]["value"] == ""


async def test_role_and_flags_move_a_field_and_close_the_work(fn: FieldNation) -> None:
    number = await fn.assigned()
    await fn.sim("PATCH", "custom-fields/7001/4711", {"role": "assigned_provider", "flags": ["required"]})
    shown = (await fields_of(fn, number))[4711]
    assert (shown["group"], shown["flags"]) == ("assigned_provider", ["required"])
    listed = (await definitions(fn))[4711]
    assert (listed["for_tech"], listed["required"]) == (1, 1)
    done = await fn.http.post(f"/_sim/ui/7001/workorders/{number}/complete", json={})
    assert done.status_code == 400
    await put(fn, number, 4711, "S-1")
    await fn.person(number, "complete")


async def test_another_field_may_become_the_internal_number(fn: FieldNation) -> None:
    number = (await fn.order(custom_fields=holding(4711, "T77")))["id"]
    await fn.sim("PATCH", "custom-fields/7001/70015", {"flags": []})
    assert "internal" not in (await fn.read(number))["custom_fields"]
    await fn.sim("PATCH", "custom-fields/7001/4711", {"flags": ["internal_id"]})
    internal = (await fn.read(number))["custom_fields"]["internal"]
    assert (internal["id"], internal["value"]) == (4711, "T77")


async def test_a_changed_type_judges_what_is_written_from_then_on(fn: FieldNation) -> None:
    number = (await fn.order(custom_fields=holding(4711, "S-77")))["id"]
    await fn.sim("PATCH", "custom-fields/7001/4711", {"type": "numeric"})
    assert (await fields_of(fn, number))[4711]["value"] == "S-77"
    assert (await put(fn, number, 4711, "S-78")).status_code == 400
    assert (await put(fn, number, 4711, "78")).status_code == 200


async def test_a_reset_takes_every_change_back_and_other_companies_see_none(fn: FieldNation) -> None:
    other = await fn.http.get("/_sim/custom-fields/7002")
    await fn.sim("DELETE", "custom-fields/7001/4711")
    await fn.sim("PATCH", "custom-fields/7001/4712", {"name": "Other"})
    assert (await fn.http.get("/_sim/custom-fields/7002")).json() == other.json()
    await fn.sim("POST", "reset")
    names = {one["id"]: one["name"] for one in await fn.sim("GET", "custom-fields/7001")}
    assert (names[4711], names[4712]) == ("Site code", "Band")


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "7001", {"type": "text"}, 400),
        ("POST", "7001", {"id": 4711, "name": "Twice"}, 400),
        ("POST", "7001", {"name": "x", "type": "colour"}, 400),
        ("PATCH", "7001/4711", {"role": "nobody"}, 400),
        ("PATCH", "7001/4711", {"flags": ["shiny"]}, 400),
        ("PATCH", "7001/4711", {"options": "P1"}, 400),
        ("PATCH", "7001/4711", {"id": 5}, 400),
        ("PATCH", "7001/9", {"name": "x"}, 404),
        ("DELETE", "7001/9", None, 404),
        ("DELETE", "9/4711", None, 404),
    ],
)
async def test_a_wrong_change_is_refused(fn: FieldNation, method: str, path: str, body: Any, status: int) -> None:
    before = await fn.sim("GET", "custom-fields/7001")
    answer = await fn.http.request(method, f"/_sim/custom-fields/{path}", json=body)
    assert answer.status_code == status, answer.text
    assert await fn.sim("GET", "custom-fields/7001") == before


async def test_the_list_of_definitions_may_lack_the_options(fn: FieldNation) -> None:
    assert (await definitions(fn))[4712]["options"] == ["P1", "P2"]
    await fn.switch(definitions_show_options=False)
    assert "options" not in (await definitions(fn))[4712]
    number = (await fn.order())["id"]
    assert (await fields_of(fn, number))[4712]["options"] == ["P1", "P2"]


async def test_names_come_from_reading_one_and_what_is_not_there_is_404(fn: FieldNation) -> None:
    assert (await fn.call("GET", f"{REST}/projects")).json()["results"] == [{"id": 70014, "finance": {}}]
    assert (await fn.call("GET", f"{REST}/projects/70014")).json()["name"] == "Store refresh"
    assert (await fn.call("GET", f"{REST}/templates")).json()["results"] == [{"id": 70017, "actions": []}]
    assert (await fn.call("GET", f"{REST}/templates/70017")).json()["name"] == "Standard visit"
    types = (await fn.call("GET", f"{REST}/types-of-work")).json()["results"]
    assert types[0] == {"id": 62, "industry_id": 3, "industry": "Networking", "name": "Router / switch"}
    category = (await fn.call("GET", f"{REST}/company/expenses")).json()["results"][1]
    assert (category["id"], category["label"], category["is_travel"], category["type"]) == (2, "Travel", True, "system")
    for path in ("projects/1", "templates/1", "clients/1", "users/1", "types-of-work/62", "custom-fields/4711"):
        assert (await fn.call("GET", f"{REST}/{path}")).status_code == 404, path


@pytest.mark.parametrize(
    "path",
    ["custom-fields", "types-of-work", "company/expenses", "company/managers", "projects", "clients", "templates"],
)
async def test_the_lists_of_the_company_need_a_token(fn: FieldNation, path: str) -> None:
    assert (await fn.http.get(f"{REST}/{path}")).status_code == 401


async def test_clients_and_projects_come_in_pages(fn: FieldNation) -> None:
    rows = [{"id": number, "name": f"Client {number}"} for number in range(1, 131)]
    company = make_company(7003, client_id="many", username="m", password="m", clients=rows, projects=rows)
    await fn.sim("POST", "seed", {"companies": [company]})
    await fn.login(client_id="many", username="m", password="m")
    for path in ("clients", "projects"):
        first = (await fn.call("GET", f"{REST}/{path}")).json()
        assert first["metadata"] == {"total": 130, "page": 1, "pages": 6, "per_page": 25}
        assert [row["id"] for row in first["results"]] == list(range(1, 26))
        last = (await fn.call("GET", f"{REST}/{path}", params={"per_page": 500, "page": 2})).json()
        assert last["metadata"] == {"total": 130, "page": 2, "pages": 2, "per_page": 100}
        assert [row["id"] for row in last["results"]] == list(range(101, 131))


async def test_the_usual_company_has_fields_of_several_types() -> None:
    async with served(create_app(make_seed())) as url, httpx.AsyncClient(base_url=url, timeout=10) as http:
        fn = FieldNation(url, http)
        await fn.login()
        shown = (await definitions(fn)).values()
    types = {(row["type"], row["for_tech"], row["required"], row["internal"]) for row in shown}
    assert types == {
        ("text", 0, 0, 1),
        ("text", 0, 0, 0),
        ("numeric", 0, 0, 0),
        ("date", 0, 0, 0),
        ("predefined", 0, 0, 0),
        ("text", 1, 1, 0),
    }
    assert [row["id"] for row in shown][1:] == [one["id"] for one in standard_fields(7001)]
