"""The thirteen silent failures that the old connector's own documentation admits, and what happens here instead."""

import asyncio
from typing import Any

from app.core.model.finding import Severity
from app.simulators.autotask.picklists import default_picklists, pick
from app.simulators.autotask.seeding_work import PROJECT_ID
from tests.e2e.commands import broker
from tests.e2e.kit import COMPLETE, DISPATCH, Customer, Kit, mapping, merged, until
from tests.e2e.push_kit import FILE, MATERIAL, OUTBOUND, Site, assigned, customer_with_events
from tests.e2e.record_kit import applied, edit, new_order, rows, troubles

VISIT = {"in": "2026-11-03T15:00:00", "out": "2026-11-03T17:00:00"}
SIX = [
    {"source": "title", "target": "Ticket:Title", "action": "sync"},
    {"target": "Ticket:Priority", "action": "set_static", "value": 2},
    {"target": "Ticket:AccountID", "action": "set_static", "value": 29762801},
    {"target": "Ticket:QueueID", "action": "set_static", "value": 29683354},
    {
        "source": "time_window.start",
        "target": "Ticket:DueDateTime",
        "action": "sync",
        "default": "2026-12-01T12:00:00Z",
    },
]


async def test_1_time_on_a_project_without_a_task_is_said_and_not_skipped(kit: Kit) -> None:
    file = {"autotask": {"service_object": "Project"}, "expenses": {"additional_charges": ""}}
    customer = await kit.customer(tickets=3, inbound=[], file=merged(FILE, file))
    async with kit.worker():
        site = await joined(customer, PROJECT_ID)
        log = (await site.act("add_time_log", **VISIT))["time_log"]
        await site.push()
        (finding,) = [one for one in await site.findings() if one["field"] == f"time_entry/{log}"]
    assert (finding["code"], finding["severity"]) == ("item_incomplete", "warning")
    assert "time_entries.task_id" in finding["text"]


async def test_2_a_ticket_that_lacks_a_field_is_named_and_made_once_that_is_mapped(kit: Kit) -> None:
    undated = {name: value for name, value in SIX[-1].items() if name != "default"}
    settings = {"outbound_create": True}
    customer = await kit.customer(settings=settings, file={"mappings": {"outbound": [*SIX[:-1], undated]}})
    name = customer.connection.name
    refused = await applied(customer, {"mappings": {"outbound": SIX[:-1]}})
    (error,) = [one for one in refused.findings if one.severity is Severity.ERROR]
    assert (refused.is_stored, error.code, "DueDateTime" in error.text) == (False, "create_field_missing", True)
    async with kit.worker():
        site = Site(customer, await new_order(customer, "Made at Field Nation"), 0)
        await site.push()
        found = {one["code"]: one for one in await site.findings()}
        assert "create_field_missing" in found, found
        finding = found["create_field_missing"]
        assert "dueDateTime" in finding["text"]
        assert (await applied(customer, {"mappings": {"outbound": SIX}})).is_stored
        assert (await broker(kit, "jobs", "retry", "--all", "--connection", name)).err == "1 job queued again.\n"
        await site.settled()
    (ticket,) = [one for one in await rows(customer, "Tickets") if one["externalID"] == f"FN-WO-{site.order}"]
    assert (ticket["title"], ticket["status"]) == ("Made at Field Nation", 1)
    assert await troubles(customer) == []


async def test_3_a_time_entry_has_a_summary_whether_one_is_mapped_or_not(kit: Kit) -> None:
    empty = {"source": "closing_notes", "target": "TimeEntry.[0].SummaryNotes", "action": "sync"}
    customer = await kit.customer(tickets=2, file=merged(FILE, {"mappings": {"outbound": [empty]}}))
    plain = await kit.customer(file=FILE)
    async with kit.worker():
        for one in (customer, plain):
            site = await assigned(one)
            await site.act("add_time_log", **VISIT)
            await site.push()
            (entry,) = await site.records("TimeEntries")
            assert entry["summaryNotes"].startswith(f"Field Nation work order {site.order}: time on site")


async def test_4_an_expense_needs_no_mapping_and_what_is_missing_is_said(kit: Kit) -> None:
    plain = await kit.customer(file=FILE)
    no_code = {"expenses": {"charge": {"billing_code_id": None}}}
    by_value = {"source": "expenses[0].category", "target": "TicketCost.[0].AllocationCodeID", "action": "array_map",
                "mappings": [{"compare": "Nothing of the kind", "value": MATERIAL}]}  # fmt: skip
    lacking = await kit.customer(file=merged(merged(FILE, no_code), {"mappings": {"outbound": [by_value]}}))
    async with kit.worker():
        for one in (plain, lacking):
            site = await assigned(one)
            expense = (await site.act("add_expense", description="Parking", amount="7.50"))["expense"]
            await site.act("approve_expense", expense=expense)
            await site.push()
        findings = await site.findings()
    (charge,) = await rows(plain, "TicketCharges")
    assert (charge["name"], charge["unitPrice"]) == ("Parking", 7.5)
    assert await rows(lacking, "TicketCharges") == []
    (finding,) = [one for one in findings if one["field"] == f"charge/{expense}"]
    assert "billingCodeID" in finding["text"]
    refused = await applied(plain, no_code, dry_run=True)
    errors = [one.field for one in refused.findings if one.severity is Severity.ERROR]
    assert errors == ["expenses.charge.billing_code_id"]


async def test_5_a_deletion_that_is_not_allowed_is_said_before_and_after(kit: Kit) -> None:
    customer = await kit.customer(file=merged(FILE, {"mappings": {"outbound": OUTBOUND}}))
    async with kit.worker():
        site = await assigned(customer)
        log = (await site.act("add_time_log", **VISIT))["time_log"]
        await site.push()
        user = f"{kit.sims.autotask}/_sim/users/{customer.username}"
        await kit.sims.call("PATCH", user, {"permissions": {"TimeEntries": {"delete": "None"}}})
        tested = (await broker(kit, "connection", "test", customer.connection.name, "--json")).json
        (right,) = [one for one in tested["permissions"] if (one["entity"], one["right"]) == ("TimeEntries", "delete")]
        assert (tested["sound"], right["needed"], right["granted"]) == (False, True, False)
        await site.act("delete_time_log", time_log=log)
        await site.push()
        await until(lambda: has_trouble(site, f"time_entry/{log}"))
        (finding,) = [one for one in await site.findings() if one["field"] == f"time_entry/{log}"]
    assert (finding["code"], finding["severity"]) == ("item_rejected", "error")
    assert len(await site.records("TimeEntries")) == 1


async def test_6_a_new_field_is_known_at_once_and_a_new_value_is_told_of(kit: Kit) -> None:
    customer = await kit.customer(tickets=3)
    first, second, third = customer.tickets
    async with kit.worker():
        await customer.trigger(first)
        await kit.settled()
        await new_status(customer, 29683398, "Dispatch by phone")
        await customer.edit(second, status=29683398)
        await customer.trigger(second)
        await kit.settled()
        found = await kit.desk.records.findings(connection=customer.connection.name)
        said = [one["text"] for one in found if one["code"] == "mapping_no_match"]
        assert ["29683398" in text for text in said] == [True], found
        udf = {"name": "Rack", "label": "Rack", "length": 50}
        await kit.sims.call("POST", f"{kit.sims.autotask}/_sim/udfs/{customer.ci}/Tickets", udf)
        await customer.edit(third, status=29683398, userDefinedFields=[{"name": "Rack", "value": "R-17"}])
        report = await applied(customer, {"mappings": {"inbound": with_rack()}})
        assert report.is_stored, report.findings
        await customer.trigger(third)
        await kit.settled()
        number = (await customer.numbers())[third]
        (order,) = [one for one in await customer.orders() if one["incident_id"] == number]
    assert (order["description"], order["status"]) == ("R-17", "published")
    assert await troubles(customer) == []


async def test_7_a_status_of_another_database_is_refused_or_warned_of_at_apply(kit: Kit) -> None:
    customer = await kit.customer()
    inbound = merged(mapping()[2], {"mappings": [{"compare": 12345, "value": "Published"}]})
    outbound = merged(OUTBOUND[1], {"mappings": [{"compare": "Work Done", "value": 12345}]})
    for change in (
        {"mappings": {"inbound": [*mapping()[:2], inbound]}},
        {"mappings": {"outbound": [outbound]}},
        {"settings": {"excluded_statuses": [12345]}},
    ):
        report = await applied(customer, change, dry_run=True)
        serious = [one for one in report.findings if "12345" in one.text and one.severity in ("error", "warning")]
        assert serious, (change, report.findings)
        assert serious[0].mend


async def test_8_a_mark_that_a_person_edited_away_makes_no_second_entry(kit: Kit) -> None:
    customer = await kit.customer(file=FILE)
    async with kit.worker():
        site = await assigned(customer)
        log = (await site.act("add_time_log", **VISIT))["time_log"]
        await site.push()
        (entry,) = await site.records("TimeEntries")
        await edit(customer, "TimeEntries", entry["id"], internalNotes="tidied up", summaryNotes="Two hours")
        await site.act("edit_time_log", time_log=log, out="2026-11-03T18:00:00")
        await site.push()
    (entry,) = await site.records("TimeEntries")
    assert (entry["hoursWorked"], entry["internalNotes"], entry["summaryNotes"]) == (3, "tidied up", "Two hours")


async def test_9_a_trigger_that_comes_twice_makes_one_work_order(kit: Kit) -> None:
    customer = await kit.customer()
    async with kit.worker():
        await asyncio.gather(*(customer.trigger() for _ in range(4)))
        await kit.settled()
        await customer.trigger()
        await kit.settled()
    assert len(await customer.orders()) == 1


async def is_told_of_refusal(customer: Customer) -> bool:
    """Whether exactly one finding says so; it is noted a moment after the pause."""
    return len([one for one in await troubles(customer) if "credentials_refused" in one]) == 1


async def test_10_a_changed_password_pauses_the_connection_and_loses_nothing(kit: Kit) -> None:
    customer = await kit.customer()
    user = f"{kit.sims.autotask}/_sim/users/{customer.username}"
    await kit.sims.call("PATCH", user, {"secret": "changed by somebody"})
    async with kit.worker():
        await customer.trigger()
        await until(lambda: is_paused(customer))
        await until(lambda: is_told_of_refusal(customer))
        report = await applied(customer, {"autotask": {"secret": "changed by somebody"}})
        assert report.is_stored
        await kit.desk.connections.resume(customer.connection.name, "a test")
        await kit.settled()
    assert len(await customer.orders()) == 1
    assert await troubles(customer) == []


async def test_11_events_that_never_arrive_are_made_up_for(kit: Kit) -> None:
    customer = await customer_with_events(kit)
    base = f"{kit.sims.field_nation}/_sim"
    async with kit.worker():
        site = await assigned(customer)
        await kit.sims.call("PATCH", f"{base}/settings", {"webhook_hold": True})
        await site.act("check_in", at=VISIT["in"])
        await site.act("check_out", at=VISIT["out"])
        await site.act("post_message", message="All done.")
        await kit.sims.call("POST", f"{base}/deliveries/discard", {})
        await broker(kit, "sweep", customer.connection.name)
        await site.settled()
    assert [entry["hoursWorked"] for entry in await site.records("TimeEntries")] == [2]
    assert [note["description"] for note in await site.records("TicketNotes")] == ["All done."]


async def test_12_a_completed_ticket_says_why_it_is_left_out_and_comes_when_it_is_reopened(kit: Kit) -> None:
    customer = await kit.customer(status=COMPLETE)
    (ticket,) = customer.tickets
    async with kit.worker():
        await customer.trigger()
        await kit.settled()
        found = await kit.desk.records.findings(connection=customer.connection.name)
        assert [(one["code"], one["record"]) for one in found] == [("status_excluded", f"ticket:{ticket}")]
        assert await customer.orders() == []
        await customer.edit(ticket, status=DISPATCH)
        await customer.trigger()
        await kit.settled()
    assert len(await customer.orders()) == 1


async def test_13_signs_in_the_password_do_no_harm(kit: Kit) -> None:
    customer = await kit.customer()
    secret = """<b>&amp;"quote's"</b> %2B 16+ signs"""
    await kit.sims.call("PATCH", f"{kit.sims.autotask}/_sim/users/{customer.username}", {"secret": secret})
    report = await applied(customer, {"autotask": {"secret": secret}})
    assert report.is_stored, report.findings
    async with kit.worker():
        await customer.trigger()
        await kit.settled()
    assert len(await customer.orders()) == 1


async def joined(customer: Customer, record: int) -> Site:
    """A work order with a provider, paired with the record by hand."""
    site = Site(customer, await new_order(customer, "A job"), record)
    await site.act("publish")
    await site.act("accept")
    assert (await broker(customer.kit, "link", "add", customer.connection.name, record, site.order)).code == 0
    return site


def with_rack() -> list[dict[str, Any]]:
    """The usual rules, with the new field and the new status."""
    kept = [rule for rule in mapping() if rule["target"] not in ("description", "status_id")]
    status = mapping()[2]
    picks = [*status["mappings"], {"compare": "Dispatch by phone", "value": "Published"}]
    rack = {"source": "UserDefinedField.Rack", "target": "description", "action": "sync"}
    return [*kept, rack, {**status, "mappings": picks}]


async def new_status(customer: Customer, id: int, label: str) -> None:
    """One more status in the customer's own picklist."""
    url = f"{customer.kit.sims.autotask}/_sim/picklists/{customer.ci}/Tickets/status"
    await customer.kit.sims.call("PUT", url, [*default_picklists()["Tickets"]["status"], pick(id, label)])


async def has_trouble(site: Site, field: str) -> bool:
    return any(one["field"] == field for one in await site.findings())


async def is_paused(customer: Customer) -> bool:
    return bool((await customer.health())["state"] == "paused")
