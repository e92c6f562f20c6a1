"""What a look costs at most, told before anything is called."""

from typing import Any

import pytest

from app.core.model.calls import Calls
from app.services.prices import (
    price_of_fields,
    price_of_orders,
    price_of_tickets,
    price_of_trial,
    relations_named,
    with_admission,
)
from tests.services.backtest.backtest_kit import TITLE, Shop, the_file


def sync(source: str) -> dict[str, Any]:
    return {"source": source, "target": "description", "action": "sync"}


@pytest.mark.parametrize(
    ("rules", "relations"),
    [
        ([TITLE], set()),
        ([sync("UserDefinedField.Site Code")], set()),
        ([sync("Account.AccountName"), sync("Account.Phone")], {("account",)}),
        ([sync("Account.UserDefinedField.Region")], {("account",)}),
        ([sync("Account.ParentAccount.AccountName")], {("account",), ("account", "parentaccount")}),
        ([{"target": "title", "action": "custom", "script": "$.input.Contact.FirstName"}],
         {("contact",), ("contact", "firstname")}),
        ([sync("Nobody.[")], set()),
    ],
)  # fmt: skip
def test_the_related_records_that_a_file_names_are_counted_once(
    rules: list[Any], relations: set[tuple[str, ...]]
) -> None:
    assert relations_named([the_file(rules)]) == relations
    assert relations_named([the_file(rules), the_file(rules)]) == relations


def test_tickets_cost_one_query_for_each_500_and_one_for_each_related_record_both_files_name() -> None:
    plain, related = the_file([TITLE]), the_file([sync("Account.AccountName")])
    assert price_of_tickets(1, plain) == Calls(1, 0)
    assert price_of_tickets(500, plain, related) == Calls(2, 0)
    assert price_of_tickets(501, plain, related) == Calls(4, 0)


def test_a_location_may_have_to_be_looked_for_at_the_company() -> None:
    assert price_of_tickets(1, the_file([sync("AccountPhysicalLocation.City")])) == Calls(4, 0)


def test_work_orders_cost_a_read_and_every_list_and_a_reserve_for_further_pages() -> None:
    plain, files = the_file(), the_file(attachments={"enabled": True})
    assert price_of_orders(10, plain) == Calls(0, 40 + 3)
    assert price_of_orders(100, plain, files) == Calls(0, 500 + 10)


def test_service_calls_have_to_be_asked_for_their_tickets() -> None:
    calls = the_file(autotask={"username": "u", "secret": "s", "service_object": "ServiceCall"})
    assert price_of_orders(10, calls) == Calls(20, 40 + 3)


def test_being_let_in_costs_something_where_anything_is_called() -> None:
    assert with_admission(Calls(0, 5)) == Calls(0, 6)
    assert with_admission(Calls(5, 0)) == Calls(7, 0)
    assert with_admission(Calls(250, 2500)) == Calls(254, 2503)


def test_a_trial_and_a_back_test_of_one_direction_pay_for_no_more_than_they_read() -> None:
    shop, file = Shop(), the_file()
    shop.pair(7, 70)
    tickets, orders, both = (shop.prepared(file, direction).price for direction in ("in", "out", "both"))  # type: ignore[arg-type]  # literals
    assert (tickets.field_nation, orders.field_nation) == (0, 4 + 3 + 1)
    assert both.autotask == orders.autotask + 1
    assert price_of_fields(file).autotask < price_of_trial(file).autotask < 100
