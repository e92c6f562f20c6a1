"""Service calls and projects instead of tickets: what is done comes back to the call's ticket, the project's task."""

from decimal import Decimal
from typing import Any

from app.simulators.autotask.seeding_work import CALL_OF_NONE_ID, CALL_OF_ONE_ID, CALL_OF_TWO_ID, PROJECT_ID, TASK_ID
from tests.e2e.commands import broker
from tests.e2e.kit import Customer, Kit, merged
from tests.e2e.push_kit import Site, customer_with_events
from tests.e2e.record_kit import applied, edit, new_order, put, row, rows, troubles

NEW, CALL_COMPLETE, PROJECT_COMPLETE = 1, 2, 5
PUBLISHED = {"source": "Status", "target": "status_id", "action": "status",
             "mappings": [{"compare": "New", "value": "Published"}]}  # fmt: skip
COMPLETES = {"source": "status_id", "target": "Status", "action": "status",
             "mappings": [{"compare": "Approved", "value": "Complete"}]}  # fmt: skip
END = {"source": "EndDateTime", "target": "time_window.end", "action": "date_convert",
       "output_format": "YYYY-MM-DD HH:mm:ss"}  # fmt: skip
CALL_IN = [
    {"target": "title", "action": "concat", "parts": [
        {"type": "static", "value": "Service call "}, {"type": "field", "value": "id"},
    ]},
    {"source": "Description", "target": "description", "action": "sync"},
    {"source": "Account.AccountName", "target": "location.name", "action": "sync"},
    {"source": "AccountPhysicalLocation.City", "target": "location.city", "action": "sync"},
    END, PUBLISHED,
]  # fmt: skip
CALL_OUT = [{"source": "closing_notes", "target": "ServiceCall:Description", "action": "sync"}, COMPLETES]
PROJECT_IN = [
    {"source": "ProjectName", "target": "title", "action": "sync"},
    {"source": "Description", "target": "description", "action": "sync"},
    {"source": "Account.AccountName", "target": "location.name", "action": "sync"},
    PUBLISHED,
]
PROJECT_OUT = [{"source": "closing_notes", "target": "StatusDetail", "action": "sync"}, COMPLETES]
SENT = ("TimeEntries", "TicketCharges", "TicketNotes", "TicketAttachments")
EXPENSE_ITEMS = {"expenses": {"additional_charges": ""}}


async def test_a_service_call_makes_a_work_order_and_changes_follow(kit: Kit) -> None:
    customer = await calls(kit)
    async with kit.worker():
        order = await order_of(customer, CALL_OF_ONE_ID)
        assert (order["title"], order["description"]) == (f"Service call {CALL_OF_ONE_ID}", "Replace the switch")
        assert (order["incident_id"], order["location"]["city"]) == (f"SC{CALL_OF_ONE_ID}", "Minneapolis")
        assert order["status"] == "published"
        await edit(customer, "ServiceCalls", CALL_OF_ONE_ID, description="Replace both switches")
        order = await order_of(customer, CALL_OF_ONE_ID)
    assert order["description"] == "Replace both switches"
    assert len(await customer.orders()) == 1
    (link,) = await kit.desk.records.links(connection=customer.connection.name)
    assert (link["ticket_id"], link["ticket_number"]) == (CALL_OF_ONE_ID, f"SC{CALL_OF_ONE_ID}")


async def test_what_is_done_for_a_service_call_goes_to_its_ticket_and_its_status_to_the_call(kit: Kit) -> None:
    customer = await calls(kit)
    async with kit.worker():
        site = await on_site(customer, CALL_OF_ONE_ID)
        await a_visit(site)
        await site.act("complete", closing_notes="Both switches are in.")
        await site.act("approve")
        await site.settled()
    ticket = customer.tickets[0]
    for entity in SENT:
        assert [row["ticketID"] for row in await rows(customer, entity)] == [ticket], entity
    call = await row(customer, "ServiceCalls", CALL_OF_ONE_ID)
    assert (call["status"], call["description"]) == (CALL_COMPLETE, "Both switches are in.")
    assert (await row(customer, "Tickets", ticket))["status"] != CALL_COMPLETE
    assert await troubles(customer) == []


async def test_a_service_call_without_its_one_ticket_says_so_and_sends_once_it_has_one(kit: Kit) -> None:
    customer = await calls(kit)
    async with kit.worker():
        sites = [await on_site(customer, call) for call in (CALL_OF_NONE_ID, CALL_OF_TWO_ID)]
        visits = [await a_visit(site) for site in sites]
        for site in sites:
            await site.act("closing_notes", closing_notes="Survey done.")
        await sites[0].settled()
        for site, made, words in zip(sites, visits, ("has no ticket", "has 2 tickets"), strict=True):
            assert await lacking(site, f"service call {site.ticket} {words}") == {
                (f"work_order:{site.order}", f"time_entry/{made['time_log']}"),
                (f"work_order:{site.order}", f"charge/{made['expense']}"),
                (f"work_order:{site.order}", f"note/{made['message']}"),
                (f"work_order_files:{site.order}", f"attachment/2/{made['attachment']}"),
            }
            assert (await row(customer, "ServiceCalls", site.ticket))["description"] == "Survey done."
        assert [await rows(customer, entity) for entity in SENT] == [[]] * len(SENT)
        link = {"id": 29690199, "serviceCallID": CALL_OF_NONE_ID, "ticketID": customer.tickets[1]}
        await put(customer, ServiceCallTickets=[link])
        await sites[0].push()
    assert [[one["ticketID"] for one in await rows(customer, entity)] for entity in SENT] == [
        [customer.tickets[1]]
    ] * len(SENT)
    assert await lacking(sites[0], "has no ticket") == set()


async def test_a_project_makes_a_work_order_and_its_task_takes_what_is_done(kit: Kit) -> None:
    customer = await project(kit, time_entries={"task_id": TASK_ID})
    async with kit.worker():
        site = await on_site(customer, PROJECT_ID)
        (order,) = await customer.orders()
        assert (order["title"], order["incident_id"]) == ("Wireless refresh", "P20261028.0001")
        await edit(customer, "Projects", PROJECT_ID, projectName="Wireless refresh, stage 2")
        await customer.trigger(PROJECT_ID)
        await a_visit(site)
        await site.act("complete", closing_notes="Six access points.")
        await site.act("approve")
        await site.settled()
    assert [one["title"] for one in await customer.orders()] == ["Wireless refresh, stage 2"]
    (entry,) = await rows(customer, "TimeEntries")
    assert (entry["taskID"], Decimal(str(entry["hoursWorked"]))) == (TASK_ID, Decimal(2))
    (item,) = await rows(customer, "ExpenseItems")
    assert (item["taskID"], Decimal(str(item["expenseCurrencyExpenseAmount"]))) == (TASK_ID, Decimal("48.25"))
    (note,) = await rows(customer, "TaskNotes")
    assert (note["taskID"], note["description"]) == (TASK_ID, "It is in.")
    assert [one["taskID"] for one in await rows(customer, "TaskAttachments")] == [TASK_ID]
    standing = await row(customer, "Projects", PROJECT_ID)
    assert (standing["status"], standing["statusDetail"]) == (PROJECT_COMPLETE, "Six access points.")
    assert await troubles(customer) == []


async def test_a_project_without_a_task_says_so_for_each_item(kit: Kit) -> None:
    customer = await project(kit)
    async with kit.worker():
        site = await on_site(customer, PROJECT_ID)
        made = await a_visit(site)
        await site.act("closing_notes", closing_notes="Six access points.")
        await site.settled()
        said = await site.findings()
    fields = {f"time_entry/{made['time_log']}", f"expense_item/{made['expense']}", f"note/{made['message']}",
              f"attachment/2/{made['attachment']}"}  # fmt: skip
    assert {finding["field"] for finding in said if "set time_entries.task_id" in finding["text"]} == fields
    assert (await row(customer, "Projects", PROJECT_ID))["statusDetail"] == "Six access points."


async def test_applying_a_file_warns_of_items_that_would_have_no_place(kit: Kit) -> None:
    customer = await kit.customer(tickets=3)
    said = {}
    for name, change in {
        "call": {"autotask": {"service_object": "ServiceCall"}},
        "project": {"autotask": {"service_object": "Project"}},
        "task": {"autotask": {"service_object": "Project"}, "time_entries": {"task_id": TASK_ID}},
    }.items():
        report = await applied(customer, merged({"mappings": {"inbound": PROJECT_IN[2:3]}}, change), dry_run=True)
        said[name] = [finding.text for finding in report.findings if finding.code == "items_need_a_place"]
    assert ["none or several" in text for text in said["call"]] == [True]
    assert ["go to a task, and none is named" in text for text in said["project"]] == [True]
    assert said["task"] == []


async def test_a_ticket_number_means_nothing_where_service_calls_are_paired(kit: Kit) -> None:
    customer = await calls(kit)
    name, number = customer.connection.name, (await customer.numbers())[customer.tickets[0]]
    async with kit.worker():
        await customer.trigger(number)
        await kit.settled()
    (finding,) = [one for one in await kit.desk.records.findings(connection=name) if one["severity"] == "warning"]
    assert (finding["code"], finding["record"]) == ("not_a_ticket_connection", f"ticket_number:{number}")
    assert await customer.orders() == []
    named = await broker(kit, "plan", name, "--ticket", number)
    assert "is not the id of a service call" in named.err
    planned = await broker(kit, "plan", name, "--ticket", CALL_OF_ONE_ID, "--json")
    assert planned.json["writes"][0]["after"]["incident_id"] == f"SC{CALL_OF_ONE_ID}"


async def test_pairs_of_service_calls_are_made_by_hand(kit: Kit, tmp_path: Any) -> None:
    customer = await calls(kit)
    orders = [await new_order(customer, title) for title in ("one", "two")]
    name, file = customer.connection.name, tmp_path / "pairs.csv"
    joined = await broker(kit, "link", "add", name, CALL_OF_ONE_ID, orders[0])
    assert f"Service call SC{CALL_OF_ONE_ID} and work order {orders[0]}" in joined.err
    file.write_text(f"ticket,work_order\n{CALL_OF_TWO_ID},{orders[1]}\n7001,{orders[1]}\n")
    told = (await broker(kit, "link", "import", name, file, "--json")).json
    assert [one["state"] for one in told] == ["linked", "failed"]
    assert "no service call 7001" in told[1]["text"]


async def calls(kit: Kit, **wanted: Any) -> Customer:
    """A customer who dispatches service calls."""
    return await _customer(kit, "ServiceCall", CALL_IN, CALL_OUT, wanted)


async def project(kit: Kit, **wanted: Any) -> Customer:
    """A customer who dispatches projects."""
    return await _customer(kit, "Project", PROJECT_IN, PROJECT_OUT, merged(EXPENSE_ITEMS, wanted))


async def _customer(kit: Kit, kind: str, inbound: Any, outbound: Any, wanted: dict[str, Any]) -> Customer:
    own = {"autotask": {"service_object": kind}, "mappings": {"outbound": outbound}}
    return await customer_with_events(kit, tickets=3, inbound=inbound, file=merged(own, wanted))


async def order_of(customer: Customer, record: int) -> dict[str, Any]:
    """Triggers the record; its work order as it stands then."""
    await customer.trigger(record)
    await customer.kit.settled()
    links = await customer.kit.desk.records.links(connection=customer.connection.name)
    order = next(link["work_order_id"] for link in links if link["ticket_id"] == record)
    return next(one for one in await customer.orders() if one["id"] == order)


async def on_site(customer: Customer, record: int) -> Site:
    """The work order of the record, with a provider."""
    site = Site(customer, int((await order_of(customer, record))["id"]), record)
    await site.act("accept")
    await site.settled()
    return site


async def lacking(site: Site, words: str) -> set[tuple[str, str]]:
    """Record and field of the findings that an item was not sent for that reason."""
    found = [one for one in await site.findings() if one["code"] == "item_incomplete" and words in one["text"]]
    return {(one["record"], one["field"]) for one in found}


async def a_visit(site: Site) -> dict[str, Any]:
    """Two hours, an approved expense, a message and a file; what was made."""
    made = await site.act("check_in", at="2026-11-03T15:00:00")
    await site.act("check_out", at="2026-11-03T17:00:00")
    made |= await site.act("add_expense", amount="48.25", description="Parking")
    made |= await site.act("upload", name="rack.jpg", text="photo bytes")
    await site.act("approve_expense", expense=made["expense"])
    made |= await site.act("post_message", message="It is in.")
    return made
