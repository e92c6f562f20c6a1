"""What an operator sees and does."""

from datetime import timedelta

import pytest

from app.adapters.postgres.budgets import PostgresBudgets
from app.adapters.postgres.desk import PostgresJobDesk
from app.adapters.postgres.health import PostgresHealthDesk
from app.adapters.postgres.ledger import PostgresLedger
from app.adapters.postgres.migrate import downgrade
from app.adapters.postgres.records import PostgresRecordDesk
from app.adapters.postgres.upkeep import PostgresUpkeep
from app.core.model.finding import Finding, Severity
from app.core.model.ids import TicketId, WorkerId, WorkOrderId
from app.core.model.intake import Source
from app.core.model.job import JobKind
from app.core.model.ledger import EntryKey
from app.core.model.link import Known, LinkOrigin, NewLink
from app.core.model.outcome import FollowUp, Moved, Result, Settled
from tests.adapters.postgres.world import CLOCK, World

SEEN = Finding("gap", Severity.WARNING, "ticket:7", "no value for X", "map it", "title")


async def test_health_shows_both_sides_of_the_identity(world: World) -> None:
    acme = await world.connection()
    host = None
    for key, result in (("1", Result.WRITTEN), ("2", Result.UNCHANGED), ("3", Result.SKIPPED), ("4", Result.DEAD)):
        await world.trigger(acme, key)
        host = host or await world.host()
        await world.jobs.settle(host, await world.take_one(host), Settled(result, findings=(SEEN,)))
    await world.trigger(acme, "5")
    await world.trigger(acme, "5")
    assert host is not None
    await PostgresBudgets(world.engine).save(host, f"account:{host.account_id}", {"used": 3})
    await world.hosting.renew(WorkerId("w1"), [host])
    desk = PostgresHealthDesk(world.engine)
    (row,) = await desk.connections()
    assert row["counters"] == {
        "received": 6,
        "done": 2,
        "written": 1,
        "unchanged": 1,
        "skipped": 1,
        "planned": 0,
        "dead": 1,
        "cancelled": 0,
        "waiting": 2,
    }
    assert row["identity"] == {"left": 6, "right": 6, "holds": True}
    assert (row["queued"], row["dead"], row["findings"]) == (1, 1, {"warning": 1})
    assert (row["pause"], row["budgets"]) == (None, {"autotask": {"used": 3}, "field_nation": {}})
    assert row["last_success"]["in"] is not None
    assert row["oldest_waiting_s"] >= 0
    (worker,) = await desk.workers()
    assert (worker["id"], worker["accounts"]) == ("w1", [host.account_id])


async def test_a_receipt_removed_by_hand_turns_the_identity_red(world: World) -> None:
    acme = await world.connection()
    await world.trigger(acme, "1", "2")
    host = await world.host()
    await world.jobs.settle(host, (await world.take(host))[0], Settled(Result.WRITTEN))
    desk = PostgresHealthDesk(world.engine)
    for which in ("outcome IS NULL", "outcome IS NOT NULL"):
        (before,) = await desk.connections()
        await world.run(f"DELETE FROM receipts WHERE {which}")
        (after,) = await desk.connections()
        assert after["identity"]["right"] == before["identity"]["right"] - 1
        assert not after["identity"]["holds"]


async def test_pruning_forgets_history_and_keeps_every_count(world: World) -> None:
    acme = await world.connection()
    await world.trigger(acme, "1", "2", "3")
    host = await world.host()
    one, two, _three = await world.take(host)
    await world.jobs.settle(host, one, Settled(Result.WRITTEN))
    await world.jobs.settle(host, two, Settled(Result.SKIPPED))
    upkeep = PostgresUpkeep(world.engine, idle_s=0)
    assert await upkeep.prune(timedelta(days=30)) == {"jobs": 2, "receipts": 0, "deliveries": 0, "runs": 0}
    assert await upkeep.prune(timedelta(0)) == {"jobs": 0, "receipts": 2, "deliveries": 0, "runs": 2}
    (row,) = await PostgresHealthDesk(world.engine).connections()
    assert row["identity"] == {"left": 3, "right": 3, "holds": True}
    assert (row["counters"]["written"], row["counters"]["skipped"], row["counters"]["waiting"]) == (1, 1, 1)
    await world.trigger(acme, "1")
    assert [job.key for job in await world.take(host)] == ["1"]


async def test_a_person_retries_dead_jobs_with_a_receipt_of_their_own(world: World) -> None:
    acme = await world.connection()
    await world.trigger(acme, "1", "2")
    host = await world.host()
    for job, code in zip(await world.take(host), ("boom", "other"), strict=True):
        await world.jobs.settle(host, job, Settled(Result.DEAD, code, "it failed"))
    desk = PostgresJobDesk(world.engine, spacing_s=0)
    assert [(row["key"], row["state"], row["code"]) for row in await desk.jobs(state="dead", code="boom")] == [
        ("1", "dead", "boom")
    ]
    assert await desk.retry(connection="acme", code="boom") == 1
    assert await desk.retry(connection="nobody") == 0
    job = await world.take_one(host)
    assert (job.key, job.attempts, job.options) == ("1", 0, ("retry",))
    await world.jobs.settle(host, job, Settled(Result.WRITTEN))
    assert await world.identity(acme) == (3, 3)
    shown = await desk.job(job.id)
    assert shown is not None
    assert [run["outcome"] for run in shown["runs"]] == ["written", "dead"]
    assert [receipt["source"] for receipt in shown["receipts"]] == ["person", "callout"]


async def test_a_person_cancels_what_waits_and_not_what_runs(world: World) -> None:
    acme = await world.connection()
    await world.trigger(acme, "1")
    host = await world.host()
    running = await world.take_one(host)
    (waiting,) = await world.trigger(acme, "2")
    desk = PostgresJobDesk(world.engine)
    assert await desk.cancel(connection="acme") == 1
    assert (await world.inbox.outcome(acme, [waiting.receipt_id]))[waiting.receipt_id][0] == "cancelled"
    await world.jobs.settle(host, running, Settled(Result.WRITTEN))
    assert await desk.jobs() == []
    assert await world.identity(acme) == (2, 2)


async def test_a_pruned_job_is_still_shown_from_its_runs(world: World) -> None:
    await world.trigger(await world.connection(), "1")
    host = await world.host()
    job = await world.take_one(host)
    await world.jobs.settle(host, job, Settled(Result.WRITTEN, "created"))
    await PostgresUpkeep(world.engine, idle_s=0).prune(timedelta(days=1))
    desk = PostgresJobDesk(world.engine)
    shown = await desk.job(job.id)
    assert shown is not None
    assert (shown["state"], shown["key"], len(shown["receipts"])) == ("idle", "1", 1)
    assert await desk.job(job.id + 1) is None


async def test_an_acknowledged_finding_is_closed_and_recorded(world: World) -> None:
    acme = await world.connection()
    desk = PostgresRecordDesk(world.engine)
    await desk.note(acme, [SEEN, SEEN])
    await desk.note(acme, [SEEN])
    (row,) = await desk.findings(connection="acme", severity="warning")
    assert (row["code"], row["count"], row["connection"]) == ("gap", 2, "acme")
    assert await desk.acknowledge(row["id"], "ann")
    assert not await desk.acknowledge(row["id"], "ann")
    assert await desk.findings() == []
    assert [row["who"] for row in await world.rows("SELECT who FROM audit")] == ["ann"]
    await desk.note(acme, [SEEN])
    await desk.clear(acme, "ticket:7", ["other"])
    assert len(await desk.findings()) == 1
    await desk.clear(acme, "ticket:7", ["gap"])
    assert await desk.findings() == []


async def test_a_timeline_tells_everything_in_order(world: World) -> None:
    acme = await world.connection()
    await world.trigger(acme, "T1", kind=JobKind.RESOLVE_NUMBER)
    host = await world.host()
    await world.jobs.settle(host, await world.take_one(host), Moved("7"))
    job = await world.take_one(host)
    ledger = PostgresLedger(world.engine, CLOCK, lease_s=world.lease_s)
    permit = await ledger.open(host, acme, EntryKey("ticket:7", "work_order", "create"), "create", "f", {}, version=3)
    new = NewLink(TicketId(7), "T1", WorkOrderId(70), LinkOrigin.IMPORT)
    await ledger.close_created(host, permit.entry_id, new, Known())
    await world.jobs.settle(host, job, Settled(Result.WRITTEN, "created", "made 70", (SEEN,)), version=4)
    desk = PostgresRecordDesk(world.engine)
    by_ticket = await desk.timeline(acme, ticket=7)
    assert [row["what"] for row in by_ticket] == ["trigger", "pass", "write", "result", "link", "pass", "finding"]
    under = {row["what"]: (row["text"], row["version"]) for row in by_ticket}
    assert under["write"] == ("work order: create under version 3", 3)
    assert under["pass"] == ("written under version 4: made 70", 4)
    assert under["trigger"][1] is under["result"][1] is under["link"][1] is None
    assert await desk.timeline(acme, work_order=70) == by_ticket
    assert await desk.timeline(acme, ticket=8) == []
    (entry,) = await desk.ledger(connection="acme", state="written")
    assert (entry["key"], entry["remote_id"], entry["version"]) == ("ticket:7/work_order/create", "70", 3)


async def test_a_timeline_tells_both_ways_from_either_side(world: World) -> None:
    acme = await world.connection()
    await world.trigger(acme, "70", kind=JobKind.PUSH_WORK_ORDER, source=Source.FIELD_NATION_EVENT)
    host = await world.host()
    job = await world.take_one(host)
    ledger = PostgresLedger(world.engine, CLOCK, lease_s=world.lease_s)
    permit = await ledger.open(host, acme, EntryKey("work_order:70", "ticket", "create"), "create", "f", {}, version=3)
    new = NewLink(TicketId(7), "T1", WorkOrderId(70), LinkOrigin.EXPORT)
    await ledger.close_created(host, permit.entry_id, new, Known())
    files = FollowUp(JobKind.PUSH_FILES, "70")
    gap = Finding("gap", Severity.WARNING, "work_order:70", "no value", "map it")
    await world.jobs.settle(host, job, Settled(Result.WRITTEN, findings=(gap,), then=(files,)))
    large = Finding("too_large", Severity.WARNING, "work_order_files:70", "too large", "send it by hand")
    await world.jobs.settle(host, await world.take_one(host), Settled(Result.UNCHANGED, findings=(large,)))
    desk = PostgresRecordDesk(world.engine)
    by_order = await desk.timeline(acme, work_order=70)
    assert [row["what"] for row in by_order] == [
        "trigger",
        "write",
        "result",
        "link",
        "pass",
        "finding",
        "pass",
        "finding",
    ]
    assert [row["text"] for row in by_order if row["what"] == "pass"] == ["push: written", "files: unchanged"]
    assert await desk.timeline(acme, ticket=7) == by_order
    assert await desk.timeline(acme, work_order=71) == []


async def test_each_direction_has_a_last_success_of_its_own(world: World) -> None:
    acme = await world.connection()
    desk = PostgresHealthDesk(world.engine)
    seen = []
    host = None
    for kind, result in (
        (JobKind.PUSH_WORK_ORDER, Result.DEAD),
        (JobKind.PUSH_FILES, Result.WRITTEN),
        (JobKind.PUSH_WORK_ORDER, Result.UNCHANGED),
        (JobKind.IMPORT_TICKET, Result.SKIPPED),
        (JobKind.IMPORT_TICKET, Result.WRITTEN),
    ):
        await world.trigger(acme, "70", kind=kind)
        host = host or await world.host()
        await world.jobs.settle(host, await world.take_one(host), Settled(result))
        await PostgresUpkeep(world.engine, idle_s=0).prune(timedelta(days=30))
        (row,) = await desk.connections()
        seen.append((row["last_success"]["in"] is not None, row["last_success"]["out"] is not None))
    assert seen == [(False, False), (False, False), (False, True), (False, True), (True, True)]


async def test_the_passes_of_a_work_order_and_of_its_files_close_only_their_own_findings(world: World) -> None:
    acme = await world.connection()
    kinds = {JobKind.PUSH_WORK_ORDER: "work_order:70", JobKind.PUSH_FILES: "work_order_files:70"}
    for kind in kinds:
        await world.trigger(acme, "70", kind=kind)
    host = await world.host()
    for _ in kinds:
        job = await world.take_one(host)
        seen = Finding("gap", Severity.INFO, kinds[job.kind], "text", "mend")
        await world.jobs.settle(host, job, Settled(Result.WRITTEN, findings=(seen,)))
    desk = PostgresRecordDesk(world.engine)
    left = ["work_order:70", "work_order_files:70"]
    for kind, record in kinds.items():
        assert sorted(row["record"] for row in await desk.findings()) == left
        await world.trigger(acme, "70", kind=kind)
        await world.jobs.settle(host, await world.take_one(host), Settled(Result.UNCHANGED))
        left.remove(record)
    assert await desk.findings() == []


@pytest.mark.parametrize(("remote_id", "state"), [("500", "written"), (None, "void")])
async def test_a_person_decides_what_became_of_a_record_in_the_ticket(
    world: World, remote_id: str | None, state: str
) -> None:
    acme = await world.connection()
    await world.trigger(acme, "70", kind=JobKind.PUSH_WORK_ORDER)
    host = await world.host()
    ledger = PostgresLedger(world.engine, CLOCK, lease_s=world.lease_s)
    key = EntryKey("work_order:70", "note", "n1")
    await ledger.open(host, acme, key, "create", "f", {}, version=3)
    desk = PostgresRecordDesk(world.engine)
    assert not await desk.resolve(acme, key, remote_id, horizon=timedelta(minutes=2))
    assert await desk.resolve(acme, key, remote_id, horizon=timedelta())
    (entry,) = await desk.ledger(owner="work_order:70")
    assert (entry["state"], entry["remote_id"]) == (state, remote_id or "")


async def test_a_person_s_pause_goes_over_the_broker_s_own(world: World) -> None:
    acme = await world.connection()
    await world.trigger(acme, "1")
    host = await world.host()
    await world.jobs.pause(host, acme, "vendor down", 0)
    desk = PostgresHealthDesk(world.engine)
    await desk.set_paused(acme, True, "ann")
    await desk.set_paused(acme, True, "ann")
    (row,) = await desk.connections()
    assert (row["state"], row["pause"]["next_probe_at"]) == ("paused", None)
    await desk.set_paused(acme, False, "ann")
    assert len(await world.take(host)) == 1
    assert [row["what"] for row in await world.rows("SELECT what FROM audit ORDER BY id")] == ["paused", "resumed"]


async def test_readiness_wants_the_newest_schema(world: World) -> None:
    desk = PostgresHealthDesk(world.engine)
    assert await desk.ready() == ""
    await downgrade(world.url)
    assert "migrate" in await desk.ready()
