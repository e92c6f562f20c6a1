"""The commands of the way back as a person runs them: push, plan, write again, take over, pair, resolve."""

from pathlib import Path
from typing import Any

from tests.e2e.commands import Said, broker
from tests.e2e.kit import Customer, Kit, mapping, merged
from tests.e2e.push_kit import FILE, OUTBOUND, Site
from tests.e2e.test_commands import DONE, FAILED, PROBLEMS, USAGE, WRITE_KEYS

IN, OUT = "2026-11-02T15:00:00", "2026-11-02T17:30:00"


async def test_a_push_by_hand_writes_what_was_done_and_shows_each_result(kit: Kit) -> None:
    site = await at_work(kit)
    log = (await site.act("add_time_log", **{"in": IN, "out": OUT}))["time_log"]
    name, other = site.customer.connection.name, 999_999_999
    said = await broker(kit, "sync", name, site.order, other, "--json")
    assert said.code == DONE
    assert [(row["work_order"], row["part"], row["result"], row["code"]) for row in said.json] == [
        (site.order, "work order", "written", ""),
        (other, "work order", "skipped", "not_linked"),
    ]
    (entry,) = await site.records("TimeEntries")
    assert f"(#{log})" in entry["internalNotes"]
    again = await broker(kit, "sync", name, site.order)
    assert again.out.splitlines()[1].split() == [str(site.order), "work", "order", "unchanged"]
    assert len(await site.records("TimeEntries")) == 1
    assert (await broker(kit, "sync", name, "x1")).code == USAGE
    assert "no connection 'nobody'" in (await broker(kit, "sync", "nobody", site.order)).err


async def test_a_push_by_hand_waits_for_the_files_too(kit: Kit) -> None:
    site = await at_work(kit)
    await site.act("upload", name="before.txt", text="how it was")
    said = await sync(site)
    assert [(row["part"], row["result"]) for row in said.json] == [("work order", "unchanged"), ("files", "written")]
    (attachment,) = await site.records("TicketAttachments")
    assert attachment["fullPath"] == "before.txt"


async def test_a_push_into_a_paused_connection_says_that_it_waits(kit: Kit) -> None:
    site = await at_work(kit)
    await broker(kit, "connection", "pause", site.customer.connection.name)
    put_off = await sync(site)
    assert (put_off.code, put_off.json[0]["result"]) == (FAILED, "waiting")
    swept = await broker(kit, "sweep", site.customer.connection.name, "--json")
    assert (swept.code, swept.json[0]["result"]) == (FAILED, "waiting")
    rows = (await broker(kit, "jobs", "list", "--json")).json
    assert {(row["kind"], row["key"]) for row in rows} == {("push_work_order", str(site.order)), ("sweep", "all")}
    (sweep,) = [row for row in rows if row["kind"] == "sweep"]
    assert (await broker(kit, "jobs", "cancel", sweep["id"])).err == "1 job cancelled.\n"


async def test_a_sweep_by_hand_finds_what_no_event_announced(kit: Kit) -> None:
    site = await at_work(kit)
    await site.act("add_time_log", **{"in": IN, "out": OUT})
    said = await broker(kit, "sweep", site.customer.connection.name, "--json")
    assert (said.code, set(said.json[0])) == (DONE, {"result", "code", "text"})
    async with kit.worker():
        await site.settled()
    assert len(await site.records("TimeEntries")) == 1


async def test_what_autotask_refused_is_tried_again_by_a_push_and_by_a_retry(kit: Kit) -> None:
    site = await at_work(kit)
    await locked_out(site, permitted=False)
    await site.act("add_time_log", **{"in": IN, "out": OUT})
    refused = await sync(site)
    assert (refused.code, refused.json[0]["result"]) == (FAILED, "dead")
    (dead,) = (await broker(kit, "jobs", "list", "--state", "dead", "--json")).json
    assert (dead["kind"], dead["key"]) == ("push_work_order", str(site.order))
    await locked_out(site, permitted=True)
    assert (await broker(kit, "jobs", "retry", dead["id"])).err == "1 job queued again.\n"
    async with kit.worker():
        await site.settled()
    assert len(await site.records("TimeEntries")) == 1
    assert (await sync(site)).json[0]["result"] == "unchanged"


async def test_many_deletions_wait_for_a_person_s_word(kit: Kit) -> None:
    site = await at_work(kit)
    visits = [{"in": f"2026-11-0{day}T15:00:00", "out": f"2026-11-0{day}T16:00:00"} for day in (2, 3, 4)]
    logs = [(await site.act("add_time_log", **visit))["time_log"] for visit in visits]
    await sync(site)
    assert len(await site.records("TimeEntries")) == 3
    for log in logs:
        await site.act("delete_time_log", time_log=log)
    async with kit.worker():
        await sync(site)
        await site.settled()
    waiting = await sync(site)
    assert (waiting.code, waiting.json[0]["code"]) == (FAILED, "many_deletions")
    assert len(await site.records("TimeEntries")) == 3
    assert (await sync(site, "--delete")).json[0]["result"] == "written"
    assert await site.records("TimeEntries") == []


async def test_a_plan_of_a_work_order_shows_the_exact_writes_and_makes_none(kit: Kit) -> None:
    site = await at_work(kit)
    name = site.customer.connection.name
    await sync(site)
    log = (await site.act("add_time_log", **{"in": IN, "out": OUT}))["time_log"]
    await site.act("upload", name="after.txt", text="how it is")
    said = await broker(kit, "plan", name, "--work-order", site.order, "--json", "--expect-empty")
    assert (said.code, said.json["work_order"]) == (PROBLEMS, site.order)
    time, file = said.json["writes"]
    assert set(time) == WRITE_KEYS
    assert (time["verb"], time["kind"], time["key"], time["before"], time["calls"]) == (
        "create", "time_entry", str(log), {}, 1,
    )  # fmt: skip
    assert (file["kind"], file["after"]["fullPath"]) == ("attachment", "after.txt")
    assert await site.records("TimeEntries") == []
    shown = await broker(kit, "plan", name, "--work-order", site.order)
    assert f"because time log {log}" in shown.out
    assert shown.err == "2 writes, 2 calls.\n"
    await sync(site)
    (entry,) = await site.records("TimeEntries")
    assert entry["startDateTime"].startswith(IN)
    empty = await broker(kit, "plan", name, "--work-order", site.order, "--expect-empty")
    assert (empty.code, "both sides are in step" in empty.err) == (DONE, True)
    alone = await broker(kit, "plan", name, "--work-order", 999_999_999)
    assert (alone.code, "999999999" in alone.out + alone.err) == (DONE, True)
    assert (await broker(kit, "plan", name)).code == USAGE
    assert (await broker(kit, "plan", name, "--ticket", site.ticket, "--work-order", site.order)).code == USAGE


async def test_what_an_older_mapping_wrote_is_written_again_on_request_and_priced_first(kit: Kit) -> None:
    site = await at_work(kit)
    name = site.customer.connection.name
    await site.act("add_time_log", **{"in": IN, "out": OUT})
    await sync(site)
    await changed(
        site.customer, {"mappings": {"outbound": [*OUTBOUND, static("SummaryNotes", "Under the new mapping")]}}
    )
    assert (await sync(site)).json[0]["result"] == "unchanged"
    asked = await broker(kit, "resync", name, "--work-order", site.order)
    assert asked.code == FAILED
    assert "+ summaryNotes: Under the new mapping" in asked.out
    assert "1 write for 1 work order, 1 call in all." in asked.err
    assert (await site.records("TimeEntries"))[0]["summaryNotes"] != "Under the new mapping"
    done = await broker(kit, "resync", name, "--all", "--yes", "--json")
    assert (done.code, done.json["calls"], done.json["results"][0]["result"]) == (DONE, 1, "written")
    assert set(done.json["planned"][0]["writes"][0]) == WRITE_KEYS
    assert (await site.records("TimeEntries"))[0]["summaryNotes"] == "Under the new mapping"
    nothing = await broker(kit, "resync", name, "--all")
    assert (nothing.code, "Nothing to write again" in nothing.err) == (DONE, True)
    assert (await broker(kit, "resync", name)).code == USAGE
    assert "is paired with 999" in (await broker(kit, "resync", name, "--work-order", 999)).err


async def test_a_baseline_counts_what_stands_as_sent_and_says_what_has_no_record(kit: Kit) -> None:
    site = await at_work(kit)
    name = site.customer.connection.name
    await site.act("add_time_log", **{"in": IN, "out": OUT})
    await site.act("post_message", message="Arrived")
    said = await broker(kit, "baseline", name, "--json")
    assert (said.code, said.json["results"][0]["result"]) == (DONE, "unchanged")
    assert {(row["code"], row["field"]) for row in said.json["findings"]} >= {
        ("counted_as_sent", "time_entry"),
        ("counted_as_sent", "note"),
    }
    assert (await sync(site)).json[0]["result"] == "unchanged"
    assert await site.records("TimeEntries") == []
    await site.act("add_time_log", **{"in": "2026-11-03T15:00:00", "out": "2026-11-03T16:00:00"})
    await sync(site)
    assert len(await site.records("TimeEntries")) == 1
    shown = await broker(kit, "baseline", name, "--work-order", site.order)
    assert (shown.code, "unchanged" in shown.out) == (DONE, True)
    alone = await broker(kit, "baseline", name, "--work-order", 999)
    assert (alone.code, "is paired with 999" in alone.err) == (FAILED, True)


async def test_pairs_of_another_connector_are_brought_from_a_file(kit: Kit, tmp_path: Path) -> None:
    customer, orders = await two_sides(kit)
    (first, second, third, _), numbers = customer.tickets, await customer.numbers()
    name, file = customer.connection.name, tmp_path / "pairs.csv"
    lines = [
        f"{numbers[first]};{orders[0]}",
        f"{second};{orders[1]}",
        "",
        f"{third};{orders[1]}",
        f"printer;{orders[2]}",
    ]
    lines += [f"{third};WO-1", f"999999;{orders[2]}", f"{third};999999999", f"{first};{orders[0]}"]
    file.write_bytes(("\ufeffTicket Number;Work Order ID\r\n" + "\r\n".join(lines)).encode())
    tried = await broker(kit, "link", "import", name, file, "--dry-run", "--json")
    assert (tried.code, [row["state"] for row in tried.json][:2]) == (FAILED, ["ready", "ready"])
    assert (await broker(kit, "link", "list", "--json")).json == []
    said = await broker(kit, "link", "import", name, file, "--json")
    assert [(row["line"], row["state"]) for row in said.json] == [
        (2, "linked"), (3, "linked"), (5, "failed"), (6, "failed"), (7, "failed"), (8, "failed"), (9, "failed"),
        (10, "already"),
    ]  # fmt: skip
    assert "Line 3 pairs ticket" in said.json[2]["text"]
    links = (await broker(kit, "link", "list", "--json")).json
    assert {(link["ticket_id"], link["work_order_id"], link["ticket_number"]) for link in links} == {
        (first, orders[0], numbers[first]), (second, orders[1], numbers[second]),
    }  # fmt: skip
    again = await broker(kit, "link", "import", name, file)
    assert (again.code, again.err) == (FAILED, "3 joined already, 5 failed.\n")
    assert f"`broker link remove {name} {second}` ends that" in again.out


async def test_a_pair_file_may_name_its_connections_and_must_be_a_table(kit: Kit, tmp_path: Path) -> None:
    customer, orders = await two_sides(kit)
    name, file = customer.connection.name, tmp_path / "pairs.csv"
    file.write_text(f"connection,wo,ticket_id\n{name},{orders[0]},{customer.tickets[0]}\nnobody,1,2\n")
    said = await broker(kit, "link", "import", file, "--json")
    assert [row["state"] for row in said.json] == ["linked", "failed"]
    assert "no connection 'nobody'" in said.json[1]["text"]
    other = await broker(kit, "link", "import", name, file, "--json")
    assert "not of" in other.json[1]["text"]
    file.write_text("a,b\n1,2\n")
    untold = await broker(kit, "link", "import", name, file)
    assert (untold.code, "no column for the ticket and the work order" in untold.err) == (FAILED, True)
    file.write_bytes("ticket,work_order\n1,é\n".encode("latin-1"))
    assert "not UTF-8" in (await broker(kit, "link", "import", name, file)).err
    assert (await broker(kit, "link", "import", name, tmp_path / "none.csv")).code == FAILED


async def test_a_quarantined_item_is_resolved_by_its_key(kit: Kit) -> None:
    site = await at_work(kit)
    log = (await site.act("add_time_log", **{"in": IN, "out": OUT}))["time_log"]
    await sync(site)
    owner = f"work_order:{site.order}"
    key = f"{owner}/time_entry/{log}"
    rows = (await broker(kit, "ledger", "list", "--owner", owner, "--json")).json
    (entry,) = [row for row in rows if row["key"] == key]
    await kit.rows("UPDATE ledger SET state = 'quarantined' WHERE kind = 'time_entry'")
    assert (await sync(site)).json[0]["code"] == "item_quarantined"
    assert "is not the id of a record" in (await broker(kit, "ledger", "resolve", key, "--remote", "abc")).err
    assert (await broker(kit, "ledger", "resolve", key, "--remote", entry["remote_id"])).code == DONE
    assert (await sync(site)).json[0]["result"] == "unchanged"
    await site.act("upload", name="one.txt", text="one")
    await sync(site)
    await kit.rows("UPDATE ledger SET state = 'quarantined' WHERE kind = 'attachment'")
    (file,) = (await broker(kit, "ledger", "list", "--state", "quarantined", "--json")).json
    assert file["key"].count("/") == 3
    resolved = await broker(kit, "ledger", "resolve", file["key"], "--none")
    assert (resolved.code, resolved.err) == (DONE, "Recorded as never written.\n")


async def test_a_ticket_that_a_person_names_for_a_work_order_becomes_its_pair(kit: Kit) -> None:
    site = await at_work(kit)
    name, connection = site.customer.connection.name, site.customer.connection.id
    assert (await broker(kit, "link", "remove", name, site.ticket)).code == DONE
    await kit.rows(
        "INSERT INTO ledger (connection_id, owner, kind, key, verb, state, fingerprint, attempted, epoch, opened_at)"
        " VALUES (:connection, :owner, 'ticket', 'create', 'create', 'quarantined', '', '{}', 1, now())",
        connection=connection, owner=f"work_order:{site.order}",
    )  # fmt: skip
    key = f"work_order:{site.order}/ticket/create"
    said = await broker(kit, "ledger", "resolve", key, "--remote", site.ticket)
    assert (said.code, "are a pair" in said.err) == (DONE, True)
    assert (await sync(site)).json[0]["code"] == ""
    links = (await broker(kit, "link", "list", "--json")).json
    assert (links[0]["ticket_id"], links[0]["is_active"]) == (site.ticket, True)


async def test_a_timeline_shows_both_directions(kit: Kit) -> None:
    site = await at_work(kit)
    await site.act("add_time_log", **{"in": IN, "out": OUT})
    await sync(site)
    name = site.customer.connection.name
    rows = (await broker(kit, "timeline", name, "--work-order", site.order, "--json")).json
    texts = [row["text"] for row in rows]
    assert any(text.startswith("work order: written as") for text in texts)
    assert any(text.startswith("time entry: written as") for text in texts)
    assert f"named {site.order} (person)" in texts
    assert (await broker(kit, "timeline", name, "--ticket", site.ticket, "--json")).json == rows


async def at_work(kit: Kit) -> Site:
    """A pair whose work order has an assigned provider; nothing tells the broker what happens to it."""
    customer = await kit.customer(file=merged(FILE, {"mappings": {"outbound": OUTBOUND}}))
    assert (await broker(kit, "import", customer.connection.name, customer.tickets[0])).code == DONE
    (order,) = await customer.orders()
    site = Site(customer, int(order["id"]), customer.tickets[0])
    await site.act("accept")
    return site


async def sync(site: Site, *options: str) -> Said:
    return await broker(site.kit, "sync", site.customer.connection.name, site.order, *options, "--json")


async def changed(customer: Customer, parts: dict[str, Any]) -> None:
    """Applies the customer's file with other parts; its secrets stay."""
    kit, name = customer.kit, customer.connection.name
    sealed = await kit.wiring.connections.secrets(customer.connection.id)
    opened = {field: kit.wiring.sealer.open(name, field, text) for field, text in sealed.items()}
    document = customer.connection.file.model_dump(mode="json", exclude_unset=True)
    for field, secret in opened.items():
        part, _, key = field.rpartition(".")
        (document[part] if part else document)[key] = secret
    report = await kit.desk.connections.apply(type(customer.connection.file).model_validate(merged(document, parts)))
    assert report.is_stored, report.findings


def static(field: str, value: str) -> dict[str, Any]:
    """A fixed value on every time entry."""
    return {"target": f"TimeEntry.[0].{field}", "action": "set_static", "value": value}


async def two_sides(kit: Kit) -> tuple[Customer, list[int]]:
    """Four tickets, and three work orders that know nothing of them."""
    customer = await kit.customer(tickets=4, inbound=mapping())
    await broker(kit, "import", customer.connection.name, *customer.tickets[:3])
    orders = sorted(int(order["id"]) for order in await customer.orders())
    await kit.rows("DELETE FROM links")
    return customer, orders


async def locked_out(site: Site, *, permitted: bool) -> None:
    """Whether the API user may add time entries."""
    right = {"TimeEntries": {"create": "All" if permitted else "None"}}
    sims, user = site.kit.sims, site.customer.username
    await sims.call("PATCH", f"{sims.autotask}/_sim/users/{user}", {"permissions": right})
