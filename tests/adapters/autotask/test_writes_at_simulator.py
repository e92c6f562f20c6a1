"""Files, names, money and webhooks, written by the client to the full simulator."""

import base64
from decimal import Decimal

import pytest

from app.core.model.failure import Rejected, Throttled
from app.simulators.autotask.seeding import (
    API_USER_ID,
    FIRST_TICKET_ID,
    MATERIAL_CODE_ID,
    PERSON_ID,
)
from tests.adapters.autotask.running_simulator import CODE, SECRET, USER

TICKET = ("Tickets", FIRST_TICKET_ID)
NOTE = {"ticketID": FIRST_TICKET_ID, "title": "t", "description": "d", "noteType": 3, "publish": 2}
HOOK = {
    "isActive": True,
    "name": "broker",
    "webhookUrl": "https://broker.example/hook",
    "deactivationUrl": "https://broker.example/gone",
    "secretKey": "k" * 40,
    "sendThresholdExceededNotification": False,
    "isSubscribedToUpdateEvents": True,
}


@pytest.fixture
async def client(simulator, client_of):
    return await client_of(simulator.url, USER, SECRET, CODE)


@pytest.fixture
async def strangers(simulator, client_of):
    """Another program of the same integration, which knows nothing of what we uploaded."""
    return await client_of(simulator.url, USER, SECRET, CODE)


def file(name: str, size_bytes: int) -> dict:
    data = base64.b64encode(bytes(size_bytes)).decode()
    kind = {"attachmentType": "FILE_ATTACHMENT", "publish": 1}
    return {**kind, "ticketID": FIRST_TICKET_ID, "title": name, "fullPath": name, "data": data}


async def rows_of(found):
    return [row async for row in found]


async def code_of(call) -> str:
    with pytest.raises(Rejected) as failure:
        await call
    return failure.value.code


async def test_a_note_is_shown_as_somebody_elses(simulator, client, opening):
    id = await client.create("TicketNotes", NOTE, opening, TICKET, as_resource=PERSON_ID)
    note = await client.get("TicketNotes", id)
    assert (note["creatorResourceID"], note["impersonatorCreatorResourceID"]) == (PERSON_ID, API_USER_ID)


async def test_a_note_in_a_name_that_may_not_be_used_is_the_api_users(simulator, client, opening):
    await simulator.sim.patch(f"users/{USER}", json={"may_impersonate": False})
    id = await client.create("TicketNotes", NOTE, opening, TICKET, as_resource=PERSON_ID)
    assert (await client.get("TicketNotes", id))["creatorResourceID"] == API_USER_ID
    assert [row["id"] for row in await simulator.rows("TicketNotes")] == [id]


async def test_a_list_of_attachments_brings_what_was_asked_for_and_no_content(client, opening):
    id = await client.create("TicketAttachments", file("a.jpg", 300), opening, TICKET)
    condition = [{"op": "eq", "field": "ticketID", "value": FIRST_TICKET_ID}]
    named = await rows_of(client.query("TicketAttachments", condition, ["title", "fileSize"]))
    assert named == [{"id": id, "title": "a.jpg", "fileSize": Decimal("300.0")}]
    assert [row.get("data") for row in await rows_of(client.query("TicketAttachments", condition))] == [None]


async def test_files_that_go_when_the_gate_says_so_never_meet_the_vendors_window(simulator, client, opening, clock):
    for name in ("a.jpg", "b.jpg"):
        await client.create("TicketAttachments", file(name, 3_700_000), opening, TICKET)
    with pytest.raises(Throttled) as failure:
        await client.create("TicketAttachments", file("c.jpg", 3_700_000), opening, TICKET)
    assert failure.value.until > clock.now()
    assert len(await simulator.rows("TicketAttachments")) == 2
    assert "500" not in (await simulator.calls())["by_status"]


async def test_a_window_that_others_filled_closes_ours(simulator, client, strangers, opening):
    await simulator.settings(attachment_window_bytes=1000)
    await strangers.create("TicketAttachments", file("a.jpg", 600), opening, TICKET)
    for _ in range(2):
        with pytest.raises(Throttled):
            await client.create("TicketAttachments", file("b.jpg", 600), opening, TICKET)
    assert (await simulator.calls())["by_status"]["500"] == 1


async def test_a_file_that_is_not_taken_says_why(simulator, client, opening):
    await simulator.settings(attachment_extensions=["jpg"], attachment_max_bytes=100)
    refused = client.create("TicketAttachments", file("a.exe", 10), opening, TICKET)
    assert await code_of(refused) == "autotask_file_type"
    refused = client.create("TicketAttachments", file("a.jpg", 101), opening, TICKET)
    assert await code_of(refused) == "autotask_file_too_large"


async def test_a_billed_charge_stays_as_it_is(simulator, client, opening):
    charge = {
        "ticketID": FIRST_TICKET_ID,
        "name": "Cable",
        "chargeType": 1,
        "billingCodeID": MATERIAL_CODE_ID,
        "datePurchased": "2026-03-01T00:00:00",
        "unitQuantity": Decimal("1.5"),
        "unitPrice": Decimal("19.99"),
    }
    id = await client.create("TicketCharges", charge, opening, TICKET)
    assert (await client.get("TicketCharges", id))["unitPrice"] == Decimal("19.99")
    await simulator.by_hand("TicketCharges", id, isBilled=True)
    change = {"id": id, "unitPrice": Decimal("5")}
    assert await code_of(client.patch("TicketCharges", change, opening, TICKET)) == "autotask_billed"
    assert await code_of(client.delete("TicketCharges", id, opening, TICKET)) == "autotask_billed"


async def test_a_submitted_report_takes_no_items(simulator, client, opening):
    body = {"name": "week 9", "submitterID": PERSON_ID, "weekEnding": "2026-03-07T00:00:00"}
    report = await client.create("ExpenseReports", body, opening)
    await simulator.by_hand("ExpenseReports", report, status=3)
    item = {
        "expenseReportID": report,
        "ticketID": FIRST_TICKET_ID,
        "companyID": 0,
        "description": "Parking",
        "expenseCategory": 5,
        "expenseCurrencyExpenseAmount": Decimal("12.50"),
        "expenseDate": "2026-03-02T00:00:00",
        "haveReceipt": False,
        "isBillableToCompany": True,
        "paymentType": 1,
    }
    refused = client.create("ExpenseItems", item, opening, ("ExpenseReports", report))
    assert await code_of(refused) == "autotask_report_closed"


async def test_a_webhook_is_installed_found_and_taken_down(simulator, client, opening):
    catalog = await client.catalog("TicketWebhookFields")
    fields = {value.label.lower(): int(value.value) for value in catalog.field("fieldID").values}
    hook = await client.create("TicketWebhooks", HOOK, opening)
    where = ("TicketWebhooks", hook)
    field = {"webhookID": hook, "fieldID": fields["status"], "isDisplayAlwaysField": False, "isSubscribedField": True}
    subscribed = await client.create("TicketWebhookFields", field, opening, where)
    excluded = {"webhookID": hook, "resourceID": API_USER_ID}
    exclusion = await client.create("TicketWebhookExcludedResources", excluded, opening, where)
    assert (await client.get("TicketWebhooks", hook))["isReady"] is True
    await client.patch("TicketWebhooks", {"id": hook, "isActive": False}, opening)
    condition = [{"op": "eq", "field": "webhookUrl", "value": HOOK["webhookUrl"]}]
    (found,) = await rows_of(client.query("TicketWebhooks", condition, ["isActive", "webhookGUID"]))
    assert (found["isActive"], bool(found["webhookGUID"])) == (False, True)
    await client.delete("TicketWebhookExcludedResources", exclusion, opening, where)
    await client.delete("TicketWebhookFields", subscribed, opening, where)
    await client.delete("TicketWebhooks", hook, opening)
    assert await client.get("TicketWebhooks", hook) is None
    assert await rows_of(client.query("WebhookEventErrorLogs", [])) == []
