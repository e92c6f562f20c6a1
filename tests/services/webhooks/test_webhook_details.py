"""Names, addresses and fields of webhooks, without a vendor."""

import pytest

from app.core.model.catalog import EntityCatalog, Field, PickValue
from app.services.ticket_webhook import name_of
from app.services.watched_fields import offered
from app.services.webhook_addresses import EVENTS, TRIGGERS, Claim, Doors, token_in
from tests.fakes.connections import FakeDesk, a_file

PUBLIC = "https://broker.example/in"
TOKEN = "a-token-in-use-1234"


def test_a_name_is_what_people_look_for_and_never_too_long() -> None:
    assert name_of("acme") == "broker acme"
    long, other = name_of("a" * 63), name_of("a" * 62 + "b")
    assert (len(long), long.startswith("broker aaa"), long == other) == (50, True, False)


def test_a_token_survives_its_way_through_an_address() -> None:
    doors = Doors(FakeDesk().connections.triggers.inbox, PUBLIC)
    address = doors.address(TRIGGERS, "a/b+c&d=e é")
    assert address.startswith("https://broker.example/in/v1/broker/inbound?client_token=")
    assert token_in(address) == "a/b+c&d=e é"
    assert token_in("https://[broken") == ""
    assert token_in("") == ""


@pytest.mark.parametrize(
    ("url", "claim"),
    [
        (f"{PUBLIC}/v1/broker/inbound?client_token={TOKEN}", Claim.HELD),
        (f"https://old.example/v1/broker/inbound?client_token={TOKEN}", Claim.HELD),
        (f"{PUBLIC}/v1/broker/inbound?client_token=long-gone", Claim.DEAD),
        (f"{PUBLIC}/v1/broker/inbound", Claim.DEAD),
        ("https://old.example/v1/broker/inbound?client_token=long-gone", Claim.NONE),
        (f"{PUBLIC}/v1/field-nation/events?client_token={TOKEN}", Claim.NONE),
        ("https://broker.example/other", Claim.NONE),
        ("https://[broken/v1/broker/inbound", Claim.NONE),
    ],
)
async def test_an_address_tells_whose_webhook_it_is(url: str, claim: Claim) -> None:
    desk = FakeDesk()
    await desk.connections.apply(a_file(client_token=TOKEN))
    doors = Doors(desk.connections.triggers.inbox, PUBLIC)
    assert await doors.claim("acme", TRIGGERS, url) is claim
    if claim is Claim.HELD:
        assert await doors.claim("beta", TRIGGERS, url) is Claim.NONE
        assert await doors.claim("acme", EVENTS, url) is Claim.NONE


def test_fields_are_found_under_any_of_their_spellings() -> None:
    labels = ("Due Date Time", "companyID", "Allocation Code", "Queue")
    picks = tuple(PickValue(str(number), label) for number, label in enumerate(labels, 11))
    catalog = EntityCatalog("TicketWebhookFields", {"fieldid": Field("fieldID", "integer", values=picks)})
    wanted = [
        Field("dueDateTime", "datetime"),
        Field("companyID", "integer"),
        Field("billingCode", "integer"),
        Field("queueID", "integer", label="Queue"),
        Field("solution", "string", label="Solved"),
    ]
    offer = offered(catalog, "fieldID", wanted)
    assert offer.ids == {11: "dueDateTime", 12: "companyID", 13: "billingCode", 14: "queueID"}
    assert offer.lacking == ("solution",)
    assert offered(EntityCatalog("TicketWebhookFields"), "fieldID", wanted[:1]).lacking == ("dueDateTime",)
