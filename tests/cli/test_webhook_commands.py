"""`broker connection install-webhooks` and `remove-webhooks`, against both simulators over sockets."""

from tests.e2e.commands import broker
from tests.services.webhooks.conftest import acme, broker_kit, simulator_addresses, simulators
from tests.services.webhooks.webhook_kit import PUBLIC, Hooked, token_of

__all__ = ["acme", "broker_kit", "simulator_addresses", "simulators"]
HTTPS = {"BROKER_PUBLIC_URL": PUBLIC}


async def test_installing_prints_what_was_made_and_no_secret(acme: Hooked) -> None:
    made = await broker(acme.kit, "connection", "install-webhooks", acme.name, **HTTPS)
    (hook,), (webhook,) = await acme.hooks(), await acme.subscriptions()
    assert made.code == 0
    assert [line.split()[:3] for line in made.out.splitlines()[1:3]] == [
        ["autotask", "made", str(hook["id"])],
        ["field_nation", "made", webhook["webhookId"]],
    ]
    for secret in (hook["secretKey"], webhook["secret"], token_of(hook["webhookUrl"]), token_of(webhook["url"])):
        assert secret not in made.out + made.err


async def test_json_holds_the_webhooks_and_the_findings(acme: Hooked) -> None:
    made = await broker(acme.kit, "connection", "install-webhooks", acme.name, "--json", **HTTPS)
    (hook,) = await acme.hooks()
    first, second = made.json["webhooks"]
    assert (made.json["name"], first["system"], first["verb"], first["ids"]) == (
        acme.name,
        "autotask",
        "made",
        [str(hook["id"])],
    )
    assert (second["system"], second["verb"], second["changes"]) == ("field_nation", "made", [])
    assert {finding["code"] for finding in made.json["findings"]} == {"webhook_secret_made", "webhook_token_made"}
    again = await broker(acme.kit, "connection", "install-webhooks", acme.name, "--json", **HTTPS)
    assert (again.code, [row["verb"] for row in again.json["webhooks"]], again.json["findings"]) == (
        0,
        ["left", "left"],
        [],
    )


async def test_removing_prints_what_was_removed(acme: Hooked) -> None:
    await broker(acme.kit, "connection", "install-webhooks", acme.name, **HTTPS)
    removed = await broker(acme.kit, "connection", "remove-webhooks", acme.name, "--json", **HTTPS)
    assert (removed.code, [row["verb"] for row in removed.json["webhooks"]]) == (0, ["removed", "removed"])
    assert (await acme.hooks(), await acme.subscriptions()) == ([], [])
    again = await broker(acme.kit, "connection", "remove-webhooks", acme.name, **HTTPS)
    assert (again.code, again.out.count("missing")) == (0, 2)


async def test_an_http_address_ends_with_1_and_the_sentence(acme: Hooked) -> None:
    refused = await broker(acme.kit, "connection", "install-webhooks", acme.name)
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith("Both vendors call https addresses only, and BROKER_PUBLIC_URL is http://127.0.0.1")


async def test_a_vendor_that_refuses_ends_with_1_and_the_other_ones_webhook(acme: Hooked) -> None:
    await acme.kit.sims.fault("field_nation", fault="503", path="/api/v1/webhooks", times=None)
    half = await broker(acme.kit, "connection", "install-webhooks", acme.name, **HTTPS)
    assert half.code == 1
    assert "error: " in half.out
    assert (len(await acme.hooks()), await acme.subscriptions()) == (1, [])


async def test_an_unknown_connection_ends_with_1(acme: Hooked) -> None:
    for command in ("install-webhooks", "remove-webhooks"):
        unknown = await broker(acme.kit, "connection", command, "nobody", **HTTPS)
        assert (unknown.code, "There is no connection 'nobody'" in unknown.err) == (1, True)
