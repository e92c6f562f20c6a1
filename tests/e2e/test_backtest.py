"""A mapping that is not active, tried over real records before anybody applies it: one record, and the newest pairs."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.commands import Said, broker
from tests.e2e.kit import Kit, mapping, merged
from tests.e2e.push_kit import FILE, OUTBOUND, Site
from tests.e2e.test_commands import DONE, FAILED, PROBLEMS, USAGE, WRITE_KEYS
from tests.e2e.test_push_commands import IN, OUT, at_work, static, sync

UNTOUCHED = ("ledger", "links", "jobs", "receipts", "runs", "findings", "connections", "connection_versions")


async def test_a_back_test_tells_by_field_what_would_differ_and_writes_nothing(kit: Kit, tmp_path: Path) -> None:
    site = await worked_on(kit)
    file = written(site, tmp_path, inbound=loud(), outbound=[*OUTBOUND, static("SummaryNotes", "As agreed")])
    await kit.sims.forget_calls()
    before = await everything(site)
    said = await broker(kit, "backtest", name_of(site), "--file", file, "--last", 5, "--yes", "--json")
    assert said.code == DONE, said.err
    told = {(one["way"], one["entity"], one["field"]): one for one in said.json["fields"]}
    assert set(told) == {("in", "work_order", "title"), ("out", "TimeEntries", "summaryNotes")}
    title = told["in", "work_order", "title"]
    assert (title["records"], title["gained"], title["lost"], title["changed"]) == (1, 0, 0, 1)
    (example,) = title["examples"]
    assert example["after"] == f"{example['before']}!"
    assert f"ticket {site.ticket}" in example["record"]
    (notes,) = told["out", "TimeEntries", "summaryNotes"]["examples"]
    assert (notes["after"], "time log" in notes["record"]) == ("As agreed", True)
    assert (said.json["tickets"], said.json["work_orders"], said.json["unread"]) == (1, 1, [])
    await check_calls(site, said)
    assert await everything(site) == before


async def test_a_back_test_says_its_price_and_asks_before_anything_is_called(kit: Kit, tmp_path: Path) -> None:
    site = await worked_on(kit)
    file = written(site, tmp_path, inbound=loud())
    await kit.sims.forget_calls()
    asked = await broker(kit, "backtest", name_of(site), "--file", file)
    assert (asked.code, asked.out.strip()) == (FAILED, "")
    assert "The tickets and the work orders of the newest pair cost at most" in asked.err
    assert "Nothing is written. Read them?" in " ".join(asked.err.split())
    for system in ("autotask", "field_nation"):
        assert (await kit.sims.calls(system))["total"] == 0
    shown = await broker(kit, "backtest", name_of(site), "--file", file, "--direction", "in", "--yes")
    assert shown.out.splitlines()[0] == "work_order.title: 1 ticket; 1 changed"
    assert "1 of 1 ticket would differ; " in shown.err
    assert (await broker(kit, "backtest", name_of(site), "--file", file, "--direction", "up")).code == USAGE


@pytest.mark.parametrize("embedded_rows", [25, 0])
async def test_a_back_test_never_calls_more_than_it_announced(kit: Kit, tmp_path: Path, embedded_rows: int) -> None:
    site = await worked_on(kit)
    await kit.sims.call("PATCH", f"{kit.sims.field_nation}/_sim/settings", {"embedded_rows": embedded_rows})
    for number in range(60):
        await site.act("post_message", message=f"Message {number}")
    file = written(site, tmp_path, inbound=loud(), attachments={"enabled": True})
    await kit.sims.forget_calls()
    said = await broker(kit, "backtest", name_of(site), "--file", file, "--yes", "--json")
    assert said.code == DONE, said.err
    await check_calls(site, said)


async def test_a_work_order_that_is_gone_is_a_line_in_the_report(kit: Kit, tmp_path: Path) -> None:
    site = await worked_on(kit)
    await kit.rows("UPDATE links SET work_order_id = 999999999")
    file = written(site, tmp_path, inbound=loud())
    await kit.sims.forget_calls()
    said = await broker(kit, "backtest", name_of(site), "--file", file, "--yes", "--json")
    assert (said.code, said.json["tickets"], said.json["work_orders"]) == (DONE, 1, 0)
    assert [one["record"] for one in said.json["unread"]] == ["work order 999999999"]
    await check_calls(site, said)
    shown = await broker(kit, "backtest", name_of(site), "--file", file, "--yes")
    assert "not compared: work order 999999999" in shown.out
    await kit.rows("UPDATE links SET work_order_id = :order", order=site.order)


async def test_a_plan_under_a_file_marks_what_only_the_file_would_write(kit: Kit, tmp_path: Path) -> None:
    site = await worked_on(kit)
    await site.customer.edit(site.ticket, title="Another title")
    file = written(site, tmp_path, inbound=loud())
    await kit.sims.forget_calls()
    before = await everything(site)
    words = ("plan", name_of(site), "--ticket", site.ticket, "--file", file)
    said = await broker(kit, *words, "--json", "--expect-empty")
    assert said.code == PROBLEMS, said.err
    (write,) = said.json["writes"]
    assert set(write) == WRITE_KEYS | {"only_under_file"}
    assert (write["after"], write["only_under_file"]) == ({"title": "Another title!"}, True)
    assert [one["after"] for one in said.json["active_only"]] == [{"title": "Another title"}]
    await check_calls(site, said)
    assert await everything(site) == before
    shown = await broker(kit, *words)
    assert f"update work_order:{site.order} (only under this file)" in shown.out
    assert "Looking costs at most" in shown.err


async def test_a_plan_under_a_file_shows_what_would_be_written_again_beside_what_a_trigger_writes(
    kit: Kit, tmp_path: Path
) -> None:
    site = await worked_on(kit)
    file = written(site, tmp_path, outbound=[*OUTBOUND, static("SummaryNotes", "As agreed")])
    await kit.sims.forget_calls()
    before = await everything(site)
    words = ("plan", name_of(site), "--work-order", site.order, "--file", file)
    said = await broker(kit, *words, "--json", "--expect-empty")
    assert (said.code, said.json["writes"]) == (DONE, []), said.err
    (again,) = said.json["would_differ"]
    assert (again["kind"], again["after"]) == ("time_entry", {"summaryNotes": "As agreed"})
    await check_calls(site, said)
    assert await everything(site) == before
    shown = await broker(kit, *words)
    assert "+ summaryNotes: As agreed" in shown.out


async def test_a_file_needs_no_secrets_of_its_own_and_is_checked_for_its_form(kit: Kit, tmp_path: Path) -> None:
    site = await worked_on(kit)
    exported = await broker(kit, "connection", "export", name_of(site))
    file = tmp_path / "new.yaml"
    file.write_text(exported.out)
    same = await broker(kit, "backtest", name_of(site), "--file", file, "--yes")
    assert (same.code, "No value would differ." in same.err) == (DONE, True), same.err
    file.write_text(exported.out.replace("time_zone:", "time_zones:"))
    wrong = await broker(kit, "backtest", name_of(site), "--file", file, "--yes")
    assert (wrong.code, "time_zones" in wrong.err) == (FAILED, True)
    missing = await broker(kit, "plan", name_of(site), "--ticket", site.ticket, "--file", tmp_path / "none.yaml")
    assert (missing.code, "cannot be read" in missing.err) == (FAILED, True)


async def test_what_the_new_mapping_gets_wrong_is_shown_and_the_rest_is_compared(kit: Kit, tmp_path: Path) -> None:
    site = await worked_on(kit)
    misspelt = {"source": "Titel", "target": "description", "action": "sync"}
    file = written(site, tmp_path, inbound=[*loud(), misspelt])
    said = await broker(kit, "backtest", name_of(site), "--file", file, "--yes", "--json")
    assert (said.code, [one["code"] for one in said.json["faults"] if one["severity"] == "error"]) == (
        DONE, ["mapping_unknown_field"],
    )  # fmt: skip
    assert [one["field"] for one in said.json["fields"]] == ["title"]


async def worked_on(kit: Kit) -> Site:
    """A pair with a time entry in Autotask."""
    site = await at_work(kit)
    await site.act("add_time_log", **{"in": IN, "out": OUT})
    assert (await sync(site)).code == DONE
    return site


def name_of(site: Site) -> str:
    return site.customer.connection.name


def loud() -> list[dict[str, Any]]:
    """The usual rules with another title for every work order."""
    parts = [{"type": "field", "value": "Title"}, {"type": "static", "value": "!"}]
    others = [rule for rule in mapping() if rule["target"] != "title"]
    return [*others, {"target": "title", "action": "concat", "parts": parts}]


def written(site: Site, folder: Path, **parts: Any) -> Path:
    """A file like the customer's with other mappings; of its secrets there are only places in the environment."""
    document = site.customer.connection.file.model_dump(mode="json", exclude_unset=True)
    rules = {name: parts.pop(name) for name in ("inbound", "outbound") if name in parts}
    document = merged(merged(document, FILE), {**parts, "mappings": rules})
    document["autotask"]["secret"] = "${NOT_SET_ANYWHERE}"
    document["field_nation"] |= {"client_secret": "${NOT_SET_EITHER}", "password": "${NOR_THIS}"}
    document.pop("client_token", None)
    path = folder / "new.yaml"
    path.write_text(yaml.safe_dump(document))
    return path


async def everything(site: Site) -> list[Any]:
    """What was written at both vendors by the broker, and what our own tables hold."""
    sims = site.kit.sims
    at_autotask = await sims.call("GET", f"{sims.autotask}/_sim/writes")
    rows = [await site.kit.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in UNTOUCHED]
    return [at_autotask, await site.customer.writes(), rows]


async def check_calls(site: Site, said: Said) -> None:
    """The simulators saw as many calls as were counted, and no more than were announced."""
    for system in ("autotask", "field_nation"):
        seen = (await site.kit.sims.calls(system))["total"]
        assert seen == said.json["spent"][system], (system, seen, said.json["spent"])
        assert seen <= said.json["announced"][system], (system, seen, said.json["announced"])
