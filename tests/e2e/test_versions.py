"""Versions end to end: who applied what, which one wrote, the way back, and writing again both ways on request."""

import os
import pwd
from typing import Any

from tests.e2e.commands import Said, broker
from tests.e2e.kit import Customer, Kit, mapping, merged
from tests.e2e.push_kit import FILE, OUTBOUND, Site

ME = pwd.getpwuid(os.getuid()).pw_name
DONE, FAILED, USAGE = 0, 1, 2
IN, OUT = "2026-11-02T15:00:00", "2026-11-02T17:30:00"
CONFIDENTIAL = {"target": "confidential", "action": "set_static", "value": "Call before you go"}
SUMMARY = {"target": "TimeEntry.[0].SummaryNotes", "action": "set_static", "value": "Under version 2"}


async def test_every_version_says_who_applied_it_what_it_changed_and_leads_back(kit: Kit) -> None:
    site = await at_work(kit)
    name = site.customer.connection.name
    await applied(site.customer, who="ann", inbound=mapping(CONFIDENTIAL))
    rows = (await broker(kit, "connection", "versions", name, "--json")).json
    assert [(row["version"], row["who"], row["is_active"]) for row in rows] == [(1, "", False), (2, "ann", True)]
    assert rows[0]["at"] < rows[1]["at"]
    (change,) = (await broker(kit, "connection", "versions", name, "--show", 2, "--json")).json["changes"]
    assert (change["before"], change["after"], change["rule"]) == (None, CONFIDENTIAL, "confidential")
    shown = await broker(kit, "connection", "versions", name, "--show", 2)
    assert "confidential, set_static: value Call before you go" in shown.out
    tried = await broker(kit, "connection", "revert", name, "--dry-run")
    assert (tried.code, tried.out.splitlines()[0]) == (DONE, f"{name}: would be changed")
    secrets = await kit.wiring.connections.secrets(site.customer.connection.id)
    done = await broker(kit, "connection", "revert", name)
    assert (done.code, done.out.splitlines()[0]) == (DONE, f"{name}: changed")
    last = (await broker(kit, "connection", "versions", name, "--json")).json[-1]
    assert (last["version"], last["who"], last["note"]) == (3, ME, "back to version 1")
    kept = await kit.wiring.connections.secrets(site.customer.connection.id)
    assert opened(kit, name, kept) == opened(kit, name, secrets)
    active = await kit.desk.named(name)
    assert active.file.mappings == site.customer.connection.file.mappings
    assert (await broker(kit, "connection", "test", name)).code == DONE
    nowhere = await broker(kit, "connection", "revert", name, "--to", 9)
    assert (nowhere.code, "it has versions 1 to 3" in nowhere.err) == (FAILED, True)


async def test_a_timeline_names_the_version_that_wrote_and_a_new_version_rewrites_nothing(kit: Kit) -> None:
    site = await at_work(kit)
    name, order = site.customer.connection.name, site.order
    await site.act("add_time_log", **{"in": IN, "out": OUT})
    assert (await sync(site)).json[0]["result"] == "written"
    writes = len(await site.customer.writes())
    await applied(site.customer, who="ann", inbound=mapping(CONFIDENTIAL), outbound=[*OUTBOUND, SUMMARY])
    assert (await sync(site)).json[0]["result"] == "unchanged"
    imported = await broker(kit, "import", name, site.ticket, "--json")
    assert imported.json[0]["result"] == "unchanged"
    assert len(await site.customer.writes()) == writes
    assert (await site.records("TimeEntries"))[0]["summaryNotes"] != SUMMARY["value"]
    await site.act("add_time_log", **{"in": "2026-11-03T15:00:00", "out": "2026-11-03T16:00:00"})
    await sync(site)
    rows = (await broker(kit, "timeline", name, "--work-order", order, "--json")).json
    made = [row for row in rows if row["what"] == "write"]
    assert made[0]["text"] == "work order: create under version 1"
    entries = [row["version"] for row in made if row["text"].startswith("time entry")]
    assert entries == [1, 2]
    passes = [(row["version"], row["text"]) for row in rows if row["what"] == "pass"]
    assert (2, "push: unchanged under version 2") in passes
    assert {version for version, _ in passes} == {1, 2}
    ledger = (await broker(kit, "ledger", "list", "--owner", f"work_order:{order}", "--json")).json
    assert {row["version"] for row in ledger if row["kind"] == "time_entry"} == {1, 2}
    (job,) = await kit.rows("SELECT id FROM jobs WHERE kind = 'push_work_order'")
    shown = (await broker(kit, "jobs", "show", job["id"], "--json")).json
    assert [run["version"] for run in shown["runs"]] == [2, 2, 1]


async def test_a_resync_shows_its_price_and_writes_both_sides_again(kit: Kit) -> None:
    site = await at_work(kit)
    name = site.customer.connection.name
    await site.act("add_time_log", **{"in": IN, "out": OUT})
    await sync(site)
    retitled = [*mapping()[1:], title_of("Ticket: ")]
    await applied(site.customer, who="ann", inbound=retitled, outbound=[*OUTBOUND, SUMMARY])
    asked = await broker(kit, "resync", name, "--ticket", site.ticket)
    assert asked.code == FAILED
    assert asked.err.startswith("Looking at 1 ticket costs at most ")
    assert "because written again under the active mapping: title" in asked.out
    assert "1 write for 1 ticket, 1 call in all." in asked.err
    (before,) = await site.customer.orders()
    assert not before["title"].startswith("Ticket: ")
    done = await broker(kit, "resync", name, "--all", "--yes", "--json")
    assert done.code == DONE, done.err
    assert "Looking at 1 ticket and 1 work order costs at most " in done.err
    sides = [("ticket" in one, [write["kind"] for write in one["writes"]]) for one in done.json["planned"]]
    assert sides == [(True, ["work_order_fields"]), (False, ["time_entry"])]
    assert [row["result"] for row in done.json["results"]] == ["written", "written"]
    (after,) = await site.customer.orders()
    assert after["title"] == f"Ticket: {before['title']}"
    assert (await site.records("TimeEntries"))[0]["summaryNotes"] == SUMMARY["value"]
    nothing = await broker(kit, "resync", name, "--all")
    assert (nothing.code, "Nothing to write again" in nothing.err) == (DONE, True)
    alone = await broker(kit, "resync", name, "--ticket", 999)
    assert (alone.code, "is paired with 999" in alone.err) == (FAILED, True)
    assert (await broker(kit, "resync", name, "--ticket", site.ticket, "--all")).code == USAGE


async def test_statuses_are_shown_with_their_labels_before_they_are_written(kit: Kit) -> None:
    site = await at_work(kit)
    await sync(site)
    await site.act("work_done")
    shown = await broker(kit, "plan", site.customer.connection.name, "--work-order", site.order)
    assert "+ status: Field Work Done (" in shown.out or "-> Field Work Done (" in shown.out
    (write,) = [
        one
        for one in (
            await broker(kit, "plan", site.customer.connection.name, "--work-order", site.order, "--json")
        ).json["writes"]
        if one["kind"] == "ticket_status"
    ]
    assert isinstance(write["after"]["status"], int)


def title_of(prefix: str) -> dict[str, Any]:
    parts = [{"type": "static", "value": prefix}, {"type": "field", "value": "Title"}]
    return {"target": "title", "action": "concat", "parts": parts}


async def at_work(kit: Kit) -> Site:
    """A pair whose work order has an assigned provider; nothing tells the broker what happens to it."""
    customer = await kit.customer(file=merged(FILE, {"mappings": {"outbound": OUTBOUND}}))
    assert (await broker(kit, "import", customer.connection.name, customer.tickets[0])).code == DONE
    (order,) = await customer.orders()
    site = Site(customer, int(order["id"]), customer.tickets[0])
    await site.act("accept")
    return site


async def sync(site: Site) -> Said:
    return await broker(site.kit, "sync", site.customer.connection.name, site.order, "--json")


async def applied(customer: Customer, *, who: str, **rules: list[dict[str, Any]]) -> None:
    """Applies the customer's file with other rules; its secrets stay."""
    kit, name = customer.kit, customer.connection.name
    document = customer.connection.file.model_dump(mode="json", exclude_unset=True)
    for field, secret in opened(kit, name, await kit.wiring.connections.secrets(customer.connection.id)).items():
        part, _, key = field.rpartition(".")
        (document[part] if part else document)[key] = secret
    document["mappings"] = {**document["mappings"], **rules}
    report = await kit.desk.connections.apply(type(customer.connection.file).model_validate(document), who=who)
    assert report.is_stored, report.findings


def opened(kit: Kit, name: str, sealed: Any) -> dict[str, str]:
    return {field: kit.wiring.sealer.open(name, field, text) for field, text in sealed.items()}
