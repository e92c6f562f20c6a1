"""Tickets become work orders, over real sockets, on a real PostgreSQL."""

from tests.e2e.kit import COMPLETE, Kit


async def test_a_trigger_makes_one_published_work_order_with_every_mapped_field(kit: Kit) -> None:
    customer = await kit.customer()
    async with kit.worker():
        accepted = await customer.trigger()
        await kit.settled()
    (order,) = await customer.orders()
    number = (await customer.numbers())[customer.tickets[0]]
    assert accepted[0]["state"] == "queued"
    assert order["status"] == "published"
    assert order["title"] == "Replace failed switch at Northwind Retail"
    assert order["incident_id"] == number
    assert (order["schedule"]["start_at"], order["schedule"]["end_at"]) == (
        "2026-11-03T10:00:00+00:00",
        "2026-11-03T14:00:00+00:00",
    )
    assert (order["location"]["display_name"], order["location"]["city"]) == ("Northwind Retail", "Minneapolis")
    assert set(order["custom_fields"].values()) == {"S1000", number}


async def test_the_same_trigger_again_changes_nothing(kit: Kit) -> None:
    customer = await kit.customer()
    async with kit.worker():
        await customer.trigger()
        await kit.settled()
        before = await customer.writes()
        await customer.trigger()
        await kit.settled()
    assert await customer.writes() == before
    counters = (await customer.health())["counters"]
    assert (counters["written"], counters["unchanged"]) == (1, 1)


async def test_a_completed_ticket_is_left_out_with_a_finding(kit: Kit) -> None:
    customer = await kit.customer(status=COMPLETE)
    async with kit.worker():
        await customer.trigger()
        await kit.settled()
    assert await customer.orders() == []
    findings = await kit.desk.records.findings(connection=customer.connection.name)
    assert [finding["code"] for finding in findings] == ["status_excluded"]
