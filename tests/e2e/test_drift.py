"""The systems change under a mapping: what it breaks is said, by the name of the rule, before any write fails."""

from typing import Any

from tests.e2e.kit import DISPATCH, Customer, Kit, mapping
from tests.e2e.push_kit import SCHEDULED, Site

EXTRA = {"source": "UserDefinedField.Door Code", "target": "custom_fields.4711", "action": "sync"}


async def admin(customer: Customer, method: str, path: str, body: Any = None) -> None:
    """What an administrator changes in Autotask."""
    await customer.kit.sims.call(method, f"{customer.kit.sims.autotask}/_sim/{path}", body)


async def refreshed(customer: Customer) -> Any:
    return await customer.kit.desk.mappings.refresh_fields(await customer.kit.desk.named(customer.connection.name))


async def grow_old(customer: Customer) -> None:
    """The fields were read two hours ago."""
    await customer.kit.rows(
        "UPDATE catalogs SET read_at = read_at - interval '2 hours' WHERE connection_id = :id",
        id=customer.connection.id,
    )


async def findings(customer: Customer, record: str) -> dict[str, dict[str, Any]]:
    rows = await customer.kit.desk.records.findings(connection=customer.connection.name)
    return {row["field"]: dict(row) for row in rows if row["record"] == record}


async def refused(customer: Customer) -> dict[str, int]:
    """How many calls Autotask refused, by their status."""
    by_status = (await customer.kit.sims.calls("autotask"))["by_status"]
    return {status: count for status, count in by_status.items() if int(status) >= 400}


async def test_a_refresh_names_what_changed_and_which_rule_it_breaks(kit: Kit) -> None:
    customer = await kit.customer()
    assert (await refreshed(customer)).changes == ()
    await admin(customer, "PATCH", f"udfs/{customer.ci}/Tickets/Site Code", {"name": "Site Number"})
    await admin(customer, "POST", f"udfs/{customer.ci}/Tickets", {"name": "Door Code"})
    await admin(customer, "PATCH", f"picklists/{customer.ci}/Tickets/status/{DISPATCH}", {"isActive": False})
    report = await refreshed(customer)
    told = {(one.field, one.what) for one in report.changes}
    assert ("userDefinedFields.Site Code", "removed") in told
    assert {("userDefinedFields.Site Number", "added"), ("userDefinedFields.Door Code", "added")} <= told
    assert any(f"({DISPATCH}) was made inactive" in one.text for one in report.changes)
    broken = {one.field: one for one in report.broken}
    assert "Site Number" in broken["mappings.inbound[7].source"].mend
    assert "inactive" in broken["mappings.inbound[2].mappings[0].compare"].text


async def test_the_sweep_finds_a_broken_rule_before_a_write_fails_and_closes_it_when_it_is_mended(kit: Kit) -> None:
    customer = await kit.customer()
    async with kit.worker():
        await customer.trigger()
        await kit.settled()
    await admin(customer, "DELETE", f"udfs/{customer.ci}/Tickets/Site Code")
    await grow_old(customer)
    await kit.sims.forget_calls()
    async with kit.worker():
        await kit.desk.by_hand.sweep(await kit.desk.named(customer.connection.name))
        await customer.trigger()
        await Site(customer, 0, 0).settled()
        found = await findings(customer, "mapping")
        assert found["mappings.inbound[7].source"]["code"] == "mapping_unknown_field"
        assert await refused(customer) == {}
        await admin(customer, "POST", f"udfs/{customer.ci}/Tickets", {"name": "Site Code"})
        await refreshed(customer)
        await customer.trigger()
        await Site(customer, 0, 0).settled()
        assert await findings(customer, "mapping") == {}


async def test_a_status_that_is_new_since_the_last_reading_is_mapped_at_once(kit: Kit) -> None:
    rules = mapping()
    rules[2] = {**rules[2], "mappings": [{"compare": "Dispatch to Field", "value": "Published"}], "default": None}
    customer = await kit.customer(inbound=rules)
    async with kit.worker():
        await admin(customer, "POST", f"picklists/{customer.ci}/Tickets/status", {"value": "777", "label": "Rush"})
        await kit.rows("UPDATE catalogs SET read_at = read_at - interval '5 minutes'")
        await customer.edit(customer.tickets[0], status=777)
        await customer.trigger()
        await Site(customer, 0, 0).settled()
    rows = await kit.desk.records.findings(connection=customer.connection.name)
    told = [row["text"] for row in rows if row["code"] == "mapping_no_match"]
    assert any("Rush (777)" in text for text in told), rows
    assert len(await customer.orders()) == 1


async def test_a_static_status_that_was_made_inactive_is_not_sent_and_named(kit: Kit) -> None:
    outbound = [
        {"source": "status_id", "target": "Ticket:Status", "action": "status",
         "mappings": [{"compare": "Published", "value": "Field Scheduled"}]},
    ]  # fmt: skip
    customer = await kit.customer(file={"mappings": {"outbound": outbound}})
    async with kit.worker():
        await customer.trigger()
        await kit.settled()
        (order,) = await customer.orders()
        await admin(customer, "PATCH", f"picklists/{customer.ci}/Tickets/status/{SCHEDULED}", {"isActive": False})
        await refreshed(customer)
        await kit.sims.forget_calls()
        await Site(customer, int(order["id"]), customer.tickets[0]).push()
        found = await findings(customer, "mapping")
        assert "inactive" in found["mappings.outbound[0].mappings[0].value"]["text"]
        assert await refused(customer) == {}
