from typing import Any

import pytest

from tests.simulators.field_nation.fn_sim_kit import ORDERS, FieldNation, Json

CABLE: Json = {"category": {"uid": 1, "id": 1}, "description": "Cable", "amount": "50.25", "quantity": 2}


async def add(fn: FieldNation, number: int, **changes: Any) -> Json:
    answer = await fn.call("POST", f"{ORDERS}/{number}/expenses", json={**CABLE, **changes})
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["pay"]["expenses"]["results"][-1])


async def test_an_expense_is_text_in_the_request_and_a_number_in_the_answer(fn: FieldNation) -> None:
    number = await fn.assigned()
    row = await add(fn, number)
    assert (row["amount"], row["quantity"], row["status"], row["description"]) == (50.25, 2, "new", "Cable")
    assert row["category"]["label"] == "Parts"
    assert row["author"] == {"id": 70011, "first_name": "Api", "last_name": "User", "is_provider": 0}
    assert row["approved"]["utc"] == ""
    assert "receipt" not in row
    listed = await fn.part(number, "expenses")
    assert listed["results"] == [row]
    assert listed["sum"]["pending"] == 1
    assert listed["sum"]["approved_amount"] == 0


async def test_an_expense_is_approved_denied_and_opened_again(fn: FieldNation) -> None:
    number = await fn.assigned()
    path = f"{ORDERS}/{number}/expenses/{(await add(fn, number))['id']}"
    approved = (await fn.call("PUT", path, json={"status": "approved"})).json()["pay"]
    assert approved["expenses"]["results"][0]["approved"]["utc"] != ""
    assert (approved["expenses"]["sum"]["approved_amount"], approved["total"]) == (50.25, 190.25)
    denied = {"status": "disapproved", "status_description": "No receipt"}
    row = (await fn.call("PUT", path, json=denied)).json()["pay"]["expenses"]["results"][0]
    assert (row["status"], row["status_description"], row["approved"]["utc"]) == ("disapproved", "No receipt", "")
    await fn.call("PUT", path, json={"status": "new", "amount": "12"})
    assert (await fn.part(number, "expenses"))["results"][0]["amount"] == 12
    assert (await fn.part(number, "expenses"))["sum"]["denied"] == 0


async def test_an_expense_without_category_is_uncategorized(fn: FieldNation) -> None:
    number = await fn.assigned()
    assert (await add(fn, number, category=None))["category"]["label"] == "Uncategorized"


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 50},
        {"amount": "fifty"},
        {"amount": "-1"},
        {"description": None},
        {"quantity": "2"},
        {"category": {"uid": 1, "id": 77}},
    ],
)
async def test_an_expense_that_cannot_be_read_is_refused(fn: FieldNation, change: Json) -> None:
    number = await fn.assigned()
    assert (await fn.call("POST", f"{ORDERS}/{number}/expenses", json={**CABLE, **change})).status_code == 400


async def test_what_an_expense_comes_to_is_a_switch(fn: FieldNation) -> None:
    number = await fn.assigned()
    await add(fn, number)
    assert (await fn.part(number, "expenses"))["sum"]["all"] == 50.25
    await fn.switch(expense_total="amount_times_quantity")
    assert (await fn.part(number, "expenses"))["sum"]["all"] == 100.5


async def test_an_expense_can_be_deleted_by_switch_only(fn: FieldNation) -> None:
    number = await fn.assigned()
    path = f"{ORDERS}/{number}/expenses/{(await add(fn, number))['id']}"
    assert (await fn.call("DELETE", path)).status_code == 405
    await fn.switch(old_calls=["delete_expense"])
    assert (await fn.call("DELETE", path)).json()["pay"]["expenses"]["results"] == []


async def test_people_handle_expenses_on_the_screen(fn: FieldNation) -> None:
    number = await fn.assigned()
    receipt = {"name": "receipt.pdf", "text": "paid"}
    one = await fn.person(number, "add_expense", description="Ferry", amount="9.50", receipt=receipt)
    row = (await fn.part(number, "expenses"))["results"][0]
    assert (row["author"]["is_provider"], row["receipt"]["name"], row["receipt"]["size"]) == (1, "receipt.pdf", 4)
    assert (await fn.http.get(row["receipt"]["link"])).content == b"paid"
    await fn.person(number, "edit_expense", **one, amount="10.00")
    for action, more in (("approve_expense", {}), ("deny_expense", {"reason": "why"}), ("reopen_expense", {})):
        await fn.person(number, action, **one, **more)
    assert (await fn.part(number, "expenses"))["results"][0]["amount"] == 10
    await fn.person(number, "remove_expense", **one)
    assert (await fn.read(number))["pay"]["expenses"]["results"] == []


async def test_the_categories_of_the_company_are_listed(fn: FieldNation) -> None:
    rows = (await fn.call("GET", "/api/rest/v2/company/expenses")).json()["results"]
    assert [(row["uid"], row["label"], row["is_travel"]) for row in rows] == [(1, "Parts", False), (2, "Travel", True)]
