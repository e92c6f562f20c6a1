"""The commands as a person runs them: against the real database and both simulators, from settings to exit code."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from tests.e2e.commands import broker
from tests.e2e.kit import COMPLETE, Customer, Kit, until

DONE, FAILED, USAGE, PROBLEMS = 0, 1, 2, 3
JOB_KEYS = {"id", "connection", "kind", "key", "state", "attempts", "due_at", "code"}
FINDING_KEYS = {
    "id", "connection", "code", "severity", "record", "field", "text", "mend", "first_seen_at", "last_seen_at", "count",
}  # fmt: skip
WRITE_KEYS = {"kind", "key", "verb", "entity", "target", "before", "after", "reason", "calls"}


async def test_an_import_by_id_and_number_waits_and_shows_each_result(kit: Kit) -> None:
    customer = await kit.customer(tickets=3)
    numbers, (first, second, _) = await customer.numbers(), customer.tickets
    said = await broker(kit, "import", _name(customer), first, numbers[second], 999999, "T20200101.0001", "--json")
    assert said.code == DONE
    assert [(row["ticket"], row["result"], row["code"]) for row in said.json] == [
        (str(first), "written", ""),
        (numbers[second], "written", ""),
        ("999999", "skipped", "ticket_not_found"),
        ("T20200101.0001", "skipped", "ticket_not_found"),
    ]
    assert {order["incident_id"] for order in await customer.orders()} == {numbers[first], numbers[second]}
    again = await broker(kit, "import", _name(customer), first)
    assert again.out.split()[-2:] == [str(first), "unchanged"]


async def test_an_import_is_left_to_a_worker_that_is_alive(kit: Kit) -> None:
    customer = await kit.customer()
    async with kit.worker():
        await until(lambda: _has_workers(kit))
        assert (await broker(kit, "import", _name(customer), customer.tickets[0])).code == DONE
    assert len(await kit.rows("SELECT DISTINCT worker FROM runs")) == 1
    assert await kit.desk.health.workers() == []


async def test_an_import_into_a_paused_connection_says_that_it_waits(kit: Kit) -> None:
    customer = await kit.customer()
    await broker(kit, "connection", "pause", _name(customer))
    put_off = await broker(kit, "import", _name(customer), customer.tickets[0], "--json")
    assert (put_off.code, put_off.json[0]["result"]) == (FAILED, "waiting")
    await broker(kit, "connection", "resume", _name(customer))
    async with kit.worker():
        await kit.settled()
    assert len(await customer.orders()) == 1


async def test_an_import_that_cannot_be_says_so(kit: Kit) -> None:
    customer = await kit.customer(inbound=[{"source": "Description", "target": "title", "action": "sync"}])
    (ticket,) = customer.tickets
    await customer.edit(ticket, description="")
    dead = await broker(kit, "import", _name(customer), ticket, "--json")
    assert (dead.code, dead.json[0]["result"]) == (FAILED, "dead")
    assert "title" in dead.json[0]["text"]
    nobody = await broker(kit, "import", "nobody", ticket)
    assert (nobody.code, nobody.out) == (FAILED, "")
    assert "no connection 'nobody'" in nobody.err
    assert "neither a ticket id nor a number" in (await broker(kit, "import", _name(customer), "x y")).err
    assert (await broker(kit, "import", _name(customer))).code == USAGE


async def test_a_new_work_order_is_made_in_place_of_a_cancelled_one(kit: Kit) -> None:
    customer = await kit.customer()
    (ticket,) = customer.tickets
    await broker(kit, "import", _name(customer), ticket)
    (order,) = await customer.orders()
    await customer.person(order["id"], "cancel", cancel_reason="not needed")
    left = await broker(kit, "import", _name(customer), ticket, "--json")
    assert (left.json[0]["result"], left.json[0]["code"]) == ("skipped", "work_order_cancelled")
    made = await broker(kit, "import", _name(customer), ticket, "--new", "--json")
    assert made.json[0]["result"] == "written"
    assert len(await customer.orders()) == 2
    kit.customers.remove(customer)


async def test_a_plan_shows_the_exact_writes_and_makes_none(kit: Kit) -> None:
    customer = await kit.customer()
    (ticket,) = customer.tickets
    said = await broker(kit, "plan", _name(customer), "--ticket", ticket, "--json", "--expect-empty")
    assert said.code == PROBLEMS
    create, publish = said.json["writes"]
    assert set(create) == set(publish) == WRITE_KEYS
    assert (create["verb"], create["before"], create["calls"]) == ("create", {}, 1)
    assert (publish["verb"], publish["before"], publish["after"]) == (
        "publish", {"status": "Draft (1)"}, {"status": "Published (2)"},
    )  # fmt: skip
    assert await customer.writes() == []
    assert await kit.rows("SELECT * FROM ledger") == []
    await broker(kit, "import", _name(customer), ticket)
    (order,) = await customer.orders()
    assert order["title"] == create["after"]["title"]
    assert order["location"]["city"] == create["after"]["location.city"]
    empty = await broker(kit, "plan", _name(customer), "--ticket", ticket, "--expect-empty")
    assert (empty.code, "both sides are in step" in empty.err) == (DONE, True)


async def test_a_plan_for_people_shows_both_values_the_reason_and_the_price(kit: Kit) -> None:
    customer = await kit.customer()
    (ticket,) = customer.tickets
    await broker(kit, "import", _name(customer), ticket)
    (order,) = await customer.orders()
    await customer.edit(ticket, title="Another title")
    number = (await customer.numbers())[ticket]
    said = await broker(kit, "plan", _name(customer), "--ticket", number)
    assert said.out.splitlines()[:4] == [
        f"update work_order:{order['id']}",
        "  because the ticket changed: title; 1 call",
        f"  - title: {order['title']}",
        "  + title: Another title",
    ]
    assert said.err == "1 write, 1 call.\n"
    nowhere = await broker(kit, "plan", _name(customer), "--ticket", 999999)
    assert (nowhere.out + nowhere.err).count("Autotask has no such ticket") == 1


async def test_jobs_are_listed_shown_cancelled_and_retried(kit: Kit) -> None:
    customer = await kit.customer(tickets=3, inbound=[{"source": "Description", "target": "title", "action": "sync"}])
    for ticket in customer.tickets[:2]:
        await customer.edit(ticket, description="")
    assert (await broker(kit, "import", _name(customer), *customer.tickets[:2])).code == FAILED
    await customer.trigger(customer.tickets[2])
    rows = (await broker(kit, "jobs", "list", "--connection", _name(customer), "--json")).json
    assert set(rows[0]) >= JOB_KEYS
    assert sorted(row["state"] for row in rows) == ["dead", "dead", "queued"]
    (queued,) = (await broker(kit, "jobs", "list", "--state", "queued", "--json")).json
    shown = (await broker(kit, "jobs", "show", queued["id"], "--json")).json
    assert [receipt["source"] for receipt in shown["receipts"]] == ["callout"]
    assert "import_ticket" in (await broker(kit, "jobs", "show", queued["id"])).out
    assert (await broker(kit, "jobs", "cancel", queued["id"])).err == "1 job cancelled.\n"
    assert (await broker(kit, "jobs", "cancel", queued["id"])).code == FAILED
    code = next(row["code"] for row in rows if row["state"] == "dead")
    for ticket in customer.tickets[:2]:
        await customer.edit(ticket, description="Mended")
    assert (await broker(kit, "jobs", "retry", "--all", "--code", "other")).err == "0 jobs queued again.\n"
    assert (await broker(kit, "jobs", "retry", "--all", "--code", code)).err == "2 jobs queued again.\n"
    async with kit.worker():
        await kit.settled()
    assert len(await customer.orders()) == 2
    assert (await broker(kit, "jobs", "list")).err == "No job waits, runs or is dead.\n"
    assert (await broker(kit, "jobs", "retry")).code == USAGE
    assert (await broker(kit, "jobs", "show", 999)).code == FAILED


async def test_findings_are_listed_and_acknowledged(kit: Kit) -> None:
    customer = await kit.customer(status=COMPLETE)
    await broker(kit, "import", _name(customer), customer.tickets[0], 999999)
    rows = (await broker(kit, "findings", "--json")).json
    assert {row["code"]: row["severity"] for row in rows} == {"status_excluded": "info", "ticket_not_found": "warning"}
    assert all(set(row) == FINDING_KEYS for row in rows)
    (warning,) = (await broker(kit, "findings", "--severity", "warning", "--json")).json
    assert warning["mend"].startswith("Check the id")
    assert (await broker(kit, "findings", "acknowledge", warning["id"])).code == DONE
    assert (await broker(kit, "findings", "acknowledge", warning["id"])).code == FAILED
    assert [row["code"] for row in (await broker(kit, "findings", "--json")).json] == ["status_excluded"]


async def test_a_quarantined_write_is_resolved_by_a_persons_word(kit: Kit) -> None:
    customer = await kit.customer()
    await broker(kit, "import", _name(customer), customer.tickets[0])
    key = f"ticket:{customer.tickets[0]}/work_order/create"
    rows = (await broker(kit, "ledger", "list", "--owner", f"ticket:{customer.tickets[0]}", "--json")).json
    (create,) = [row for row in rows if row["key"] == key]
    (order,) = await customer.orders()
    assert (create["state"], create["remote_id"]) == ("written", str(order["id"]))
    assert (await broker(kit, "ledger", "resolve", key, "--none")).code == FAILED
    await kit.rows("UPDATE ledger SET state = 'quarantined' WHERE id = :id", id=create["id"])
    stopped = await broker(kit, "import", _name(customer), customer.tickets[0], "--json")
    assert (stopped.json[0]["result"], stopped.json[0]["code"]) == ("skipped", "quarantined")
    assert key in (await broker(kit, "ledger", "list", "--state", "quarantined")).out
    resolved = await broker(kit, "ledger", "resolve", key, "--remote", order["id"])
    assert (resolved.code, str(order["id"]) in resolved.err) == (DONE, True)
    again = await broker(kit, "import", _name(customer), customer.tickets[0], "--json")
    assert again.json[0]["result"] == "unchanged"
    assert (await broker(kit, "ledger", "resolve", "nonsense", "--none")).code == USAGE
    assert (await broker(kit, "ledger", "resolve", key)).code == USAGE


async def test_pairs_are_listed_taken_apart_and_joined_again(kit: Kit) -> None:
    customer = await kit.customer(tickets=2)
    first, second = customer.tickets
    await broker(kit, "import", _name(customer), first)
    (order,) = await customer.orders()
    (link,) = (await broker(kit, "link", "list", "--json")).json
    assert (link["ticket_id"], link["work_order_id"], link["is_active"]) == (first, order["id"], True)
    assert (await broker(kit, "link", "remove", _name(customer), first)).code == DONE
    assert (await broker(kit, "link", "remove", _name(customer), first)).code == FAILED
    apart = await broker(kit, "import", _name(customer), first, "--json")
    assert (apart.json[0]["result"], apart.json[0]["code"]) == ("skipped", "unlinked")
    number = (await customer.numbers())[first]
    joined = await broker(kit, "link", "add", _name(customer), number, order["id"])
    assert (joined.code, number in joined.err) == (DONE, True)
    taken = await broker(kit, "link", "add", _name(customer), second, order["id"])
    assert (taken.code, "another active pair" in taken.err) == (FAILED, True)
    assert (await broker(kit, "link", "add", _name(customer), second, 1)).code == FAILED


async def test_a_timeline_tells_what_happened_from_either_side(kit: Kit) -> None:
    customer = await kit.customer()
    (ticket,) = customer.tickets
    await broker(kit, "import", _name(customer), ticket)
    (order,) = await customer.orders()
    rows = (await broker(kit, "timeline", _name(customer), "--ticket", ticket, "--json")).json
    assert [row["what"] for row in rows][:4] == ["trigger", "write", "result", "link"]
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    assert rows[2]["text"] == f"work order: written as {order['id']}"
    other = (await broker(kit, "timeline", _name(customer), "--work-order", order["id"], "--json")).json
    assert other == rows
    assert (await broker(kit, "timeline", _name(customer))).code == USAGE
    assert "Nothing is known" in (await broker(kit, "timeline", _name(customer), "--ticket", 5)).err


async def test_a_query_pages_filters_and_helps_with_names(kit: Kit) -> None:
    customer = await kit.customer(tickets=520)
    name = _name(customer)
    await kit.sims.forget_calls()
    rows = (await broker(kit, "query", name, "Tickets", "--limit", 1000, "--fields", "id,title", "--json")).lines
    assert [row["id"] for row in rows] == sorted(customer.tickets)
    assert all(set(row) == {"id", "title"} for row in rows)
    calls = (await kit.sims.calls("autotask"))["by_endpoint"]
    assert sum(count for endpoint, count in calls.items() if endpoint.startswith("POST Tickets/query")) == 2, calls
    some = json.dumps([{"op": "in", "field": "id", "value": list(customer.tickets[:2])}])
    assert [row["id"] for row in (await broker(kit, "query", name, "tickets", some, "--json")).lines] == [7001, 7002]
    assert "7002" in (await broker(kit, "query", name, "Tickets", some)).out
    misspelt = await broker(kit, "query", name, "Tickts")
    assert (misspelt.code, "Did you mean Tickets?" in misspelt.err) == (FAILED, True)
    assert (await broker(kit, "query", name, "Tickets", "{bad")).code == USAGE
    wrong = await broker(kit, "query", name, "Tickets", '[{"op":"equals","field":"id","value":1}]')
    assert (wrong.code, "'equals' is no operator" in wrong.err) == (FAILED, True)


async def test_a_connection_lives_by_its_file(kit: Kit, tmp_path: Path) -> None:
    customer = await kit.customer()
    name, file, secrets = _name(customer), tmp_path / "customer.yaml", await _secrets(kit, customer)
    (listed,) = (await broker(kit, "connection", "list", "--json")).json
    assert (listed["name"], listed["state"], listed["autotask_ci"]) == (name, "active", customer.ci)
    file.write_text((await broker(kit, "connection", "export", name)).out)
    assert not any(secret in file.read_text() for secret in secrets.values())
    same = await broker(kit, "connection", "apply", file, **secrets)
    assert (same.code, same.out.splitlines()[0]) == (DONE, f"{name}: unchanged")
    file.write_text(file.read_text().replace("time_zone: America/Chicago", "time_zone: America/Denver"))
    tried = await broker(kit, "connection", "apply", file, "--dry-run", **secrets)
    assert "America/Denver" in tried.out
    assert (await broker(kit, "connection", "show", name, "--json")).json["version"] == 1
    assert (await broker(kit, "connection", "apply", file, **secrets)).code == DONE
    assert (await broker(kit, "connection", "show", name, "--json")).json["version"] == 2
    broken = tmp_path / "broken.yaml"
    broken.write_text(file.read_text().replace("time_zone:", "time_zoen:"))
    refused = await broker(kit, "connection", "apply", broken, **secrets)
    assert (refused.code, "time_zone" in refused.err) == (FAILED, True)
    unset = await broker(kit, "connection", "apply", file)
    assert (unset.code, "_AUTOTASK_SECRET" in unset.err) == (FAILED, True)


async def test_a_connection_is_tested_paused_resumed_and_deleted(kit: Kit) -> None:
    customer = await kit.customer()
    name, (ticket,) = _name(customer), customer.tickets
    tested = await broker(kit, "connection", "test", name, "--json")
    assert (tested.code, tested.json["sound"]) == (DONE, True)
    assert {"entity", "right", "needed", "granted"} <= set(tested.json["permissions"][0])
    assert (await broker(kit, "connection", "trigger-url", name)).code == FAILED
    rotated = await broker(kit, "connection", "trigger-url", name, "--rotate")
    assert (await kit.http.post(rotated.out.strip(), content=str(ticket))).status_code == 202
    assert (await broker(kit, "connection", "pause", name)).code == DONE
    async with kit.worker():
        assert (await customer.trigger(ticket))[0]["state"] == "merged"
        assert (await broker(kit, "doctor")).code in (DONE, PROBLEMS)
        assert await customer.orders() == []
        assert (await broker(kit, "connection", "resume", name)).code == DONE
        await kit.settled()
    assert len(await customer.orders()) == 1
    assert (await broker(kit, "connection", "delete", name)).code == DONE
    assert (await broker(kit, "connection", "list", "--json")).json == []
    assert (await kit.http.post(rotated.out.strip(), content=str(ticket))).status_code == 401
    assert (await broker(kit, "connection", "pause", name)).code == FAILED


async def test_doctor_finds_what_is_wrong(kit: Kit) -> None:
    customer = await kit.customer()
    well = await broker(kit, "doctor", "--json")
    assert (well.code, {check["state"] for check in well.json}) == (DONE, {"pass"})
    await kit.sims.call(
        "PATCH", f"{kit.sims.autotask}/_sim/users/{customer.username}", {"secret": "somebody changed it"}
    )
    ill = await broker(kit, "doctor", "--json")
    (failing,) = [check for check in ill.json if check["state"] == "fail"]
    assert (ill.code, failing["name"]) == (FAILED, f"connection {_name(customer)}")
    assert failing["mend"]


@pytest.mark.parametrize(
    ("arguments", "variables", "code", "words"),
    [
        (["migrate"], {}, DONE, "newest schema"),
        (["findings"], {}, DONE, "no open finding"),
        (["jobs", "list"], {"BROKER_DATABASE_URL": "postgresql://x@127.0.0.1:1/x"}, FAILED, "cannot be used"),
        (["jobs", "list"], {"BROKER_LEASE_S": "many"}, USAGE, "BROKER_LEASE_S"),
        (["simulate", "nothing", "--port", "1"], {}, USAGE, "neither autotask nor field-nation"),
        (["jobs", "lst"], {}, USAGE, "No such command"),
    ],
)
async def test_exit_codes_and_sentences_of_the_real_process(
    kit: Kit, arguments: list[str], variables: dict[str, str], code: int, words: str
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app", *arguments, env=kit.environment() | variables,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert (process.returncode, out) == (code, b"")
    assert words in err.decode()
    assert b"Traceback" not in err


def _name(customer: Customer) -> str:
    return str(customer.connection.name)


async def _has_workers(kit: Kit) -> bool:
    return bool(await kit.desk.health.workers())


async def _secrets(kit: Kit, customer: Customer) -> dict[str, str]:
    """The customer's secrets under the names that `export` writes."""
    name = customer.connection.name
    sealed = await kit.wiring.connections.secrets(customer.connection.id)
    opened = {field: kit.wiring.sealer.open(name, field, text) for field, text in sealed.items()}
    prefix = name.upper()
    return {
        f"{prefix}_AUTOTASK_SECRET": opened["autotask.secret"],
        f"{prefix}_FN_CLIENT_SECRET": opened["field_nation.client_secret"],
        f"{prefix}_FN_PASSWORD": opened["field_nation.password"],
    }
