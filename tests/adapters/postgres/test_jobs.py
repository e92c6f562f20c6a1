"""Triggers, passes and settles: coalescing that loses nothing."""

from datetime import timedelta

import pytest

from app.core.model.failure import LeaseLost
from app.core.model.finding import Finding, Severity
from app.core.model.ids import WorkerId
from app.core.model.intake import Source
from app.core.model.job import JobKind
from app.core.model.outcome import Moved, Postponed, Result, Settled
from tests.adapters.postgres.world import CLOCK, World


async def test_a_second_trigger_joins_the_waiting_job(world: World) -> None:
    acme = await world.connection()
    (first,) = await world.trigger(acme, "7")
    (second,) = await world.trigger(acme, "7")
    assert (first.merged, second.merged) == (False, True)
    assert first.job_id == second.job_id
    assert await world.rows("SELECT wanted, state FROM jobs") == [{"wanted": 2, "state": "queued"}]


async def test_a_trigger_during_a_pass_makes_another_pass_and_waits_for_it(world: World) -> None:
    acme = await world.connection()
    (first,) = await world.trigger(acme, "7")
    host = await world.host()
    job = await world.take_one(host)
    (second,) = await world.trigger(acme, "7")
    assert second.merged
    await world.jobs.settle(host, job, Settled(Result.WRITTEN, "created", "made"))
    told = await world.inbox.outcome(acme, [first.receipt_id, second.receipt_id])
    assert told == {first.receipt_id: ("written", "created", "made")}
    again = await world.take_one(host)
    assert (again.id, again.observed) == (job.id, 2)
    await world.jobs.settle(host, again, Settled(Result.UNCHANGED))
    assert (await world.inbox.outcome(acme, [second.receipt_id]))[second.receipt_id][0] == "unchanged"
    assert await world.identity(acme) == (2, 2)


async def test_a_settled_job_rests_and_a_trigger_queues_it_again(world: World) -> None:
    acme = await world.connection()
    await world.trigger(acme, "7")
    host = await world.host()
    await world.jobs.settle(host, await world.take_one(host), Settled(Result.UNCHANGED))
    assert await world.rows("SELECT state FROM jobs") == [{"state": "idle"}]
    assert await world.take(host) == []
    (again,) = await world.trigger(acme, "7")
    assert not again.merged
    assert len(await world.take(host)) == 1


async def test_a_dead_job_keeps_its_attempts_until_a_trigger_raises_it(world: World) -> None:
    acme = await world.connection()
    await world.trigger(acme, "7")
    host = await world.host()
    job = await world.take_one(host)
    await world.jobs.settle(host, job, Postponed(CLOCK.now(), "boom", "our bug", burns=True))
    job = await world.take_one(host)
    assert job.attempts == 1
    await world.jobs.settle(host, job, Settled(Result.DEAD, "boom", "our bug"))
    assert await world.rows("SELECT state, attempts, code FROM jobs") == [
        {"state": "dead", "attempts": 1, "code": "boom"}
    ]
    await world.trigger(acme, "7")
    assert await world.rows("SELECT state, attempts, code FROM jobs") == [
        {"state": "queued", "attempts": 0, "code": ""}
    ]


async def test_a_death_with_a_newer_trigger_is_another_chance(world: World) -> None:
    acme = await world.connection()
    await world.trigger(acme, "7")
    host = await world.host()
    job = await world.take_one(host)
    (late,) = await world.trigger(acme, "7")
    await world.jobs.settle(host, job, Settled(Result.DEAD, "boom"))
    assert await world.rows("SELECT state FROM jobs") == [{"state": "queued"}]
    assert await world.inbox.outcome(acme, [late.receipt_id]) == {}


async def test_a_postponed_job_keeps_its_receipts_waiting_and_its_options(world: World) -> None:
    acme = await world.connection()
    (first,) = await world.trigger(acme, "7", options=("new",))
    host = await world.host()
    job = await world.take_one(host)
    assert job.options == ("new",)
    due = CLOCK.now() + timedelta(hours=1)
    await world.jobs.settle(host, job, Postponed(due, "throttled"))
    assert await world.rows("SELECT state, attempts, due_at, options FROM jobs") == [
        {"state": "queued", "attempts": 0, "due_at": due, "options": ["new"]}
    ]
    assert await world.inbox.outcome(acme, [first.receipt_id]) == {}
    assert await world.take(host) == []
    assert 3500 < (await world.next_due_s(host, acme) or 0) <= 3600


async def test_a_storm_does_not_shorten_a_back_off_but_a_person_does(world: World) -> None:
    acme = await world.connection()
    await world.trigger(acme, "7")
    host = await world.host()
    due = CLOCK.now() + timedelta(hours=1)
    await world.jobs.settle(host, await world.take_one(host), Postponed(due, "boom", burns=True))
    await world.trigger(acme, "7")
    assert await world.take(host) == []
    await world.trigger(acme, "7", source=Source.PERSON)
    assert len(await world.take(host)) == 1


async def test_options_serve_one_pass_and_survive_a_crash(world: World) -> None:
    acme = await world.connection()
    await world.trigger(acme, "7", options=("new",))
    old = await world.host()
    await world.take_one(old)
    await world.run("UPDATE accounts SET lease_until = now()")
    host = await world.host("w2")
    job = await world.take_one(host)
    assert job.options == ("new",)
    await world.jobs.settle(host, job, Settled(Result.WRITTEN))
    await world.trigger(acme, "7")
    assert (await world.take_one(host)).options == ()


async def test_a_resolved_number_hands_its_receipts_to_the_import(world: World) -> None:
    acme = await world.connection()
    (by_number,) = await world.trigger(acme, "T20260101.0001", kind=JobKind.RESOLVE_NUMBER, options=("new",))
    host = await world.host()
    job = await world.take_one(host)
    await world.jobs.settle(host, job, Moved("7"))
    assert await world.inbox.outcome(acme, [by_number.receipt_id]) == {}
    imported = await world.take_one(host)
    assert (imported.kind, imported.key, imported.options) == (JobKind.IMPORT_TICKET, "7", ("new",))
    await world.jobs.settle(host, imported, Settled(Result.WRITTEN))
    assert (await world.inbox.outcome(acme, [by_number.receipt_id]))[by_number.receipt_id][0] == "written"
    assert await world.rows("SELECT kind, state FROM jobs ORDER BY kind") == [
        {"kind": "import_ticket", "state": "idle"},
        {"kind": "resolve_number", "state": "idle"},
    ]


async def test_a_number_resolved_during_an_import_waits_for_the_next_pass(world: World) -> None:
    acme = await world.connection()
    await world.trigger(acme, "7")
    host = await world.host()
    running = await world.take_one(host)
    (by_number,) = await world.trigger(acme, "T1", kind=JobKind.RESOLVE_NUMBER)
    await world.jobs.settle(host, await world.take_one(host), Moved("7"))
    await world.jobs.settle(host, running, Settled(Result.WRITTEN))
    assert await world.inbox.outcome(acme, [by_number.receipt_id]) == {}
    await world.jobs.settle(host, await world.take_one(host), Settled(Result.UNCHANGED))
    assert (await world.inbox.outcome(acme, [by_number.receipt_id]))[by_number.receipt_id][0] == "unchanged"


async def test_one_take_gives_one_connection_and_one_kind(world: World) -> None:
    acme, zeta = await world.connection("acme"), await world.connection("zeta")
    await world.trigger(acme, "T1", kind=JobKind.RESOLVE_NUMBER)
    await world.trigger(acme, "7", "8")
    await world.trigger(zeta, "7")
    host = await world.host()
    batches = [await world.take(host) for _ in range(4)]
    assert [[(job.connection_id, job.key) for job in batch] for batch in batches] == [
        [(acme, "T1")],
        [(acme, "7"), (acme, "8")],
        [(zeta, "7")],
        [],
    ]


async def test_a_take_is_never_larger_than_asked(world: World) -> None:
    acme = await world.connection()
    await world.trigger(acme, *[str(number) for number in range(10)])
    host = await world.host()
    assert [len(await world.take(host, 4)) for _ in range(4)] == [4, 4, 2, 0]


async def test_a_given_back_job_is_uncharged_and_due(world: World) -> None:
    acme = await world.connection()
    await world.trigger(acme, "7", options=("new",))
    host = await world.host()
    job = await world.take_one(host)
    await world.jobs.give_back(host, [job])
    again = await world.take_one(host)
    assert (again.attempts, again.options) == (0, ("new",))


async def test_a_finding_of_a_pass_is_counted_and_closed_when_it_is_gone(world: World) -> None:
    acme = await world.connection()
    host = None
    seen = Finding("gap", Severity.WARNING, "ticket:7", "no value", "map it", "title")
    other = Finding("left", Severity.INFO, "connection", "fyi", "nothing")
    for findings in ((seen, other), (seen,), ()):
        await world.trigger(acme, "7")
        host = host or await world.host()
        await world.jobs.settle(host, await world.take_one(host), Settled(Result.WRITTEN, findings=findings))
    assert await world.rows("SELECT code, count, closed_at IS NULL AS open FROM findings ORDER BY code") == [
        {"code": "gap", "count": 2, "open": False},
        {"code": "left", "count": 1, "open": True},
    ]


async def test_a_postponed_pass_closes_no_finding(world: World) -> None:
    acme = await world.connection()
    await world.trigger(acme, "7")
    host = await world.host()
    seen = Finding("gap", Severity.WARNING, "ticket:7", "no value", "map it", "title")
    await world.jobs.settle(host, await world.take_one(host), Postponed(CLOCK.now(), "x", findings=(seen,)))
    await world.jobs.settle(host, await world.take_one(host), Postponed(CLOCK.now(), "x"))
    assert await world.rows("SELECT count(*) AS n FROM findings WHERE closed_at IS NULL") == [{"n": 1}]


async def test_a_zombie_changes_nothing(world: World) -> None:
    acme = await world.connection()
    await world.trigger(acme, "7", "8")
    zombie = await world.host()
    jobs = await world.take(zombie, 1)
    await world.run("UPDATE accounts SET lease_until = now()")
    heir = await world.host("w2")
    assert heir.epoch == zombie.epoch + 1
    before = await world.rows("SELECT * FROM jobs ORDER BY id")
    with pytest.raises(LeaseLost):
        await world.jobs.settle(zombie, jobs[0], Settled(Result.WRITTEN))
    with pytest.raises(LeaseLost):
        await world.jobs.give_back(zombie, jobs)
    with pytest.raises(LeaseLost):
        await world.jobs.pause(zombie, acme, "down", 1)
    assert await world.take(zombie) == []
    await world.hosting.release(zombie)
    await world.hosting.renew(WorkerId("w1"), [zombie])
    assert zombie.lost
    assert await world.rows("SELECT * FROM jobs ORDER BY id") == before
    assert len(await world.take(heir)) == 2


async def test_a_paused_connection_rests_until_it_is_resumed(world: World) -> None:
    acme, zeta = await world.connection("acme"), await world.connection("zeta")
    await world.trigger(acme, "7")
    await world.trigger(zeta, "8")
    host = await world.host()
    assert await world.jobs.pause(host, acme, "vendor down", 60)
    assert not await world.jobs.pause(host, acme, "vendor still down", 0)
    assert [job.key for job in await world.take(host)] == ["8"]
    assert await world.jobs.due_probes(host) == [acme]
    assert await world.next_due_s(host, acme) is None
    (row,) = await world.rows("SELECT pause_probes, pause_reason FROM connections WHERE name = 'acme'")
    assert row == {"pause_probes": 1, "pause_reason": "vendor still down"}
    await world.jobs.resume(host, acme)
    assert [job.key for job in await world.take(host)] == ["7"]


async def test_a_person_s_pause_is_ended_by_nobody_else(world: World) -> None:
    acme = await world.connection()
    await world.trigger(acme, "7")
    host = await world.host()
    await world.run("UPDATE connections SET state = 'paused', pause_by_person = true, pause_since = now()")
    assert not await world.jobs.pause(host, acme, "vendor down", 0)
    await world.jobs.resume(host, acme)
    assert await world.jobs.due_probes(host) == []
    assert await world.take(host) == []
