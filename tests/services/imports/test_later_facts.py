"""A fact that was empty or unmapped when the work order was made counts as changed once it is there."""

from app.core.model.outcome import Result
from tests.services.imports.import_kit import DISPATCH, NEW, Bench


async def test_a_field_that_was_empty_when_the_work_order_was_made_is_written_once_it_is_filled() -> None:
    bench = Bench()
    ticket = bench.ticket(description=None)
    await bench.run()
    ticket["description"] = "Ask for Kim."
    settled = await bench.run()
    (order,) = bench.orders.orders.values()
    assert (settled.result, order["description"]["html"]) == (Result.WRITTEN, "Ask for Kim.")


async def test_a_status_that_had_no_entry_when_the_work_order_was_made_leads_to_its_action_later() -> None:
    bench = Bench()
    ticket = bench.ticket(status=NEW)
    await bench.run()
    ticket["status"] = DISPATCH
    settled = await bench.run()
    assert (settled.result, bench.orders.writes) == (Result.WRITTEN, ["create", "publish"])


async def test_a_related_record_that_was_missing_is_written_once_it_is_there() -> None:
    bench = Bench()
    ticket = bench.ticket(companyID=None)
    await bench.run()
    ticket["companyID"] = 12
    await bench.run()
    (order,) = bench.orders.orders.values()
    assert order["location"]["display_name"] == "Acme"
