"""Writes that only a person's command makes: no worker makes them, so none dies in them; the command is run again."""

from tests.e2e.commands import broker
from tests.e2e.kit import Customer, Kit
from tests.e2e.write_kinds import PERSONAL

HTTPS = {"BROKER_PUBLIC_URL": "https://broker.example"}


async def test_webhooks_are_written_by_commands_alone(kit: Kit) -> None:
    customer = await kit.customer()
    for command in ("install-webhooks", "deactivate", "install-webhooks", "remove-webhooks"):
        if command == "deactivate":
            await deactivated(customer)
            continue
        said = await broker(kit, "connection", command, customer.connection.name, **HTTPS)
        assert said.code == 0, said.err
    assert await seen(kit) == PERSONAL
    assert await kit.desk.records.ledger() == []


async def deactivated(customer: Customer) -> None:
    """The vendor switches the webhook off, as it does when nobody answers; the next command switches it on."""
    sims, ci = customer.kit.sims, customer.ci
    (hook,) = await sims.call("GET", f"{sims.autotask}/_sim/state?database={ci}&entity=TicketWebhooks")
    await sims.call("POST", f"{sims.autotask}/_sim/webhooks/{ci}/TicketWebhooks/{hook['id']}/deactivate")


async def seen(kit: Kit) -> set[str]:
    """Every kind of write that the vendors saw."""
    found = set()
    for system in ("autotask", "field_nation"):
        journal = await kit.sims.call("GET", f"{getattr(kit.sims, system)}/_sim/writes")
        found |= {f"{system} {entry['kind']}" for entry in journal}
    return found
