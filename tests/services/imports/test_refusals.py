"""What Field Nation refuses is said, and the rest of the plan goes on; only the status waits."""

from typing import Any

from app.core.model.failure import Rejected
from app.core.model.outcome import Result
from tests.fakes.vendors import Fault
from tests.services.imports.import_kit import DISPATCH, RULES, Bench

NO = Rejected("invalid", "That is no site code.", field="custom_fields")
SITE_CODE = {"source": "Title", "target": "custom_fields.4711", "action": "sync"}


async def made(**ticket: Any) -> tuple[Bench, dict[str, Any]]:
    bench = Bench(rules=[*RULES, SITE_CODE])
    record = bench.ticket(**ticket)
    await bench.run()
    bench.orders.writes.clear()
    return bench, record


async def test_a_refused_update_is_tried_in_parts_so_that_one_bad_value_stops_no_other() -> None:
    bench, ticket = await made()
    ticket["title"] = "New title"
    bench.fails("update", Fault(NO))
    bench.fails("set_custom_field", Fault(NO))
    settled = await bench.run()
    (order,) = bench.orders.orders.values()
    assert bench.orders.writes == ["update", "update", "set_custom_field"]
    assert order["title"] == "New title"
    assert (settled.result, settled.code) == (Result.DEAD, "invalid")
    assert [finding.text for finding in settled.findings if finding.code == "invalid"] == [NO.text]
    assert bench.entries["work_order_custom_field"] == "rejected"


async def test_a_refused_value_is_tried_again_by_the_next_pass_and_nothing_else_is() -> None:
    bench, ticket = await made()
    ticket["title"] = "New title"
    bench.fails("update", Fault(NO))
    bench.fails("set_custom_field", Fault(NO))
    await bench.run()
    bench.orders.writes.clear()
    settled = await bench.run()
    assert (settled.result, bench.orders.writes) == (Result.WRITTEN, ["update"])
    assert (await bench.run()).result is Result.UNCHANGED


async def test_a_status_is_not_announced_while_something_of_the_work_order_was_refused() -> None:
    bench, ticket = await made()
    ticket |= {"title": "New title", "status": DISPATCH}
    bench.fails("update", Fault(NO), Fault(NO))
    bench.fails("set_custom_field", Fault(NO))
    assert (await bench.run()).result is Result.DEAD
    assert "publish" not in bench.orders.writes
    assert (await bench.run()).result is Result.WRITTEN
    assert bench.orders.writes[-1] == "publish"


async def test_a_refused_repair_leaves_the_new_work_order_linked_and_its_other_repairs_made() -> None:
    bench = Bench(rules=[*RULES, SITE_CODE, {**SITE_CODE, "target": "custom_fields.4712"}])
    bench.orders.drops = {"custom_fields"}
    bench.ticket()
    bench.fails("set_custom_field", Fault(NO))
    settled = await bench.run()
    assert (settled.result, bench.link is not None) == (Result.DEAD, True)
    assert bench.orders.writes == ["create", "set_custom_field", "set_custom_field"]
    assert (await bench.run()).result is Result.WRITTEN
    assert bench.orders.writes[3:] == ["set_custom_field"]
