"""Moved over: the old connector's configuration, pasted as it was, works both ways, and so does its export."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.e2e.commands import Said, broker
from tests.e2e.kit import DISPATCH, SITE_CODE, Customer, Kit
from tests.e2e.push_kit import MATERIAL, WORK_DONE, Site, assigned, customer_with_events
from tests.e2e.record_kit import troubles

OLD_WORDS = (
    "source_field", "target_field", "map:", "source_value", "cmp:", "ACTION_TYPE", "Direct", "source: workorder.",
    "target: workorder.", "source: pay.expense",
)  # fmt: skip
SITE_SCRIPT = "$.util.lookup_field($.input, 'UserDefinedField.Site Code', '-') + ' ' + $.input.Account.AccountNumber"
TOTAL_SCRIPT = """\
local all = $.util.lookup_field($.input, 'workorder.pay.expense.results', []);
local approved = [one for one in all if $.util.is_expense_approved_fn(one)];
$.util.lookup_custom_field('4711', $.input, '-') + ': ' + $.util.sum_expense_field(approved, 'amount')
"""

OLD_INBOUND: list[dict[str, Any]] = [
    {"source_field": "Ticket:Title", "target_field": "workorder.title", "action": "Direct / Sync Values"},
    {"source": "Description", "target": "description", "action": "ACTION_TYPE_SYNC", "default": "See the ticket."},
    {"source_field": "Ticket:Status", "target_field": "status", "action": "Status Mapping",
     "map": [{"source_value": str(DISPATCH), "target_value": "2"}]},
    {"source_field": "DueDateTime", "target_field": "time_window.end", "action": "Date Convert",
     "in_fmt": "YYYY-MM-DDTHH:mm:ss", "out_fmt": "YYYY-MM-DD HH:mm:ss", "tz_in": "UTC", "tz_out": "UTC"},
    {"target": "location.name", "action": "concat",
     "parts": [{"type": "field", "value": "Account.AccountName"}, {"type": "static", "value": ", "},
               {"type": "field", "value": "AccountPhysicalLocation.City"}]},
    {"source": "AccountPhysicalLocation.City", "target": "location.city", "action": "sync"},
    {"source_field": "Ticket:AccountPhysicalLocation.State", "target_field": "location.state", "action": "Direct"},
    {"source_field": "", "target_field": f"workorder.custom_fields.{SITE_CODE}",
     "action": "Custom Action (Jsonnet)", "script": SITE_SCRIPT},
]  # fmt: skip

OLD_OUTBOUND: list[dict[str, Any]] = [
    {"source_field": "workorder.notes", "target_field": "Ticket:Resolution", "action": "Direct / Sync Values"},
    {"source": "status_id", "target": "Ticket:Status", "action": "ACTION_TYPE_ARRAY_MAP",
     "mappings": [{"cmp": 4, "val": str(WORK_DONE)}]},
    {"source_field": "workorder.id", "target_field": "Ticket:UserDefinedField.FN Work Order", "action": "Direct"},
    {"source": "time_logs.hours", "target": "UserDefinedField.Skill Level", "action": "range_map", "default": "long",
     "ranges": [{"compare": 1, "value": "short"}, {"compare": 3, "value": "medium"}]},
    {"source": "time_logs[0].StartDateTime", "target": "TimeEntry.[0].StartDateTime", "action": "sync"},
    {"source_field": "workorder.time_logs.results[0].out.created.utc", "target_field": "TimeEntry.[0].EndDateTime",
     "action": "Direct"},
    {"source": "time_logs[0].HoursWorked", "target": "TimeEntry.[0].HoursWorked", "action": "sync"},
    {"source_field": "time_logs[0].notes", "target_field": "TimeEntry.[0].SummaryNotes", "action": "Direct",
     "default": "Visit by Field Nation"},
    {"source_field": "pay.expense.results[0].description", "target_field": "TicketCost.[0].Charge Name",
     "action": "Direct"},
    {"source": "pay.expenses.results[0].amount", "target": "TicketCost.[0].Amount", "action": "sync"},
    {"target_field": "TicketCost.[0].AllocationCodeID", "action": "Set Static Values", "value": str(MATERIAL)},
    {"target": "Ticket:PurchaseOrderNumber", "action": "ACTION_TYPE_CUSTOM", "script": TOTAL_SCRIPT},
    {"source": "messages[0].message", "target": "TicketNote.[0].Description", "action": "sync"},
]  # fmt: skip


async def test_a_pasted_configuration_works_both_ways_and_so_does_its_export(kit: Kit, tmp_path: Path) -> None:
    file = {"mappings": {"outbound": OLD_OUTBOUND}}
    customer = await customer_with_events(kit, inbound=OLD_INBOUND, file=file)
    async with kit.worker():
        site = await assigned(customer)
        await check_work_order(customer)
        log = await a_day(site)
        await check_ticket(site, hours="2.5000", band="medium")
        exported = await broker(kit, "connection", "export", customer.connection.name)
        assert [word for word in OLD_WORDS if word in exported.out] == []
        assert (await applied_again(customer, exported, tmp_path)).code == 0
        await check_nothing_is_to_do(site)
        assert (await broker(kit, "connection", "export", customer.connection.name)).out == exported.out
        await site.act("edit_time_log", time_log=log, out="2026-11-03T16:00:00")
        await site.push()
        await check_ticket(site, hours="1.0000", band="short")
        await customer.edit(site.ticket, title="Replace both switches")
        await customer.trigger(site.ticket)
        await site.settled()
        assert (await customer.orders())[0]["title"] == "Replace both switches"
        assert await troubles(customer) == []


async def a_day(site: Site) -> int:
    """A visit, two expenses of which one is approved, a message, and the end of the work; the time log's id."""
    log = (await site.act("add_time_log", **{"in": "2026-11-03T15:00:00", "out": "2026-11-03T17:30:00"}))["time_log"]
    expense = (await site.act("add_expense", amount="48.25", description="Parking"))["expense"]
    await site.act("add_expense", amount="9.00", description="Lunch")
    await site.act("approve_expense", expense=expense)
    await site.act("post_message", message="The switch is in.")
    await site.act("complete", closing_notes="Replaced the switch.")
    await site.settled()
    await site.push()
    return int(log)


async def check_work_order(customer: Customer) -> None:
    (order,) = await customer.orders()
    assert (order["status"], order["title"]) == ("assigned", "Replace failed switch at Northwind Retail")
    assert order["schedule"]["end_at"] == "2026-11-03T14:00:00+00:00"
    place = order["location"]
    assert (place["display_name"], place["city"], place["state"]) == (
        "Northwind Retail, Minneapolis",
        "Minneapolis",
        "MN",
    )
    assert "S1000 C0001" in order["custom_fields"].values()


async def check_ticket(site: Site, *, hours: str, band: str) -> None:
    ticket = await site.ticket_row()
    assert (ticket["resolution"], ticket["status"]) == ("Replaced the switch.", WORK_DONE)
    assert ticket["purchaseOrderNumber"] == "S1000 C0001: 48.25"
    own = {field["name"]: field["value"] for field in ticket["userDefinedFields"]}
    assert (own["FN Work Order"], own["Skill Level"]) == (str(site.order), band)
    (entry,) = await site.records("TimeEntries")
    assert (Decimal(str(entry["hoursWorked"])), entry["summaryNotes"]) == (Decimal(hours), "Visit by Field Nation")
    (charge,) = await site.records("TicketCharges")
    assert (charge["name"], Decimal(str(charge["unitPrice"]))) == ("Parking", Decimal("48.25"))
    assert charge["billingCodeID"] == MATERIAL
    assert [note["description"] for note in await site.records("TicketNotes")] == ["The switch is in."]


async def applied_again(customer: Customer, exported: Said, folder: Path) -> Said:
    """The exported file applied by its command, with the variables of its secrets set."""
    kit, name = customer.kit, customer.connection.name
    sealed = await kit.wiring.connections.secrets(customer.connection.id)
    opened = {field: kit.wiring.sealer.open(name, field, text) for field, text in sealed.items()}
    opened["client_token"] = customer.trigger_url.rpartition("=")[2]
    path = folder / f"{name}.yaml"
    path.write_text(exported.out)
    variables = {f"{name.upper()}_{_ENDINGS[field]}": secret for field, secret in opened.items()}
    return await broker(kit, "connection", "apply", path, **variables)


_ENDINGS = {
    "client_token": "TRIGGER_TOKEN",
    "autotask.secret": "AUTOTASK_SECRET",
    "field_nation.client_secret": "FN_CLIENT_SECRET",
    "field_nation.password": "FN_PASSWORD",
    "field_nation.webhook_secret": "FN_HOOK_SECRET",
}
"""How the variable of a secret ends in an exported file."""


async def check_nothing_is_to_do(site: Site) -> None:
    kit, name = site.kit, site.customer.connection.name
    for side in (("--ticket", site.ticket), ("--work-order", site.order)):
        plan = await broker(kit, "plan", name, *side, "--expect-empty")
        assert plan.code == 0, plan.out
