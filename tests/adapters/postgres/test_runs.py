"""Runs: under which version a pass ran, and what its scripts traced."""

from app.adapters.postgres.desk import PostgresJobDesk
from app.adapters.postgres.settling import TRACE_LIMIT
from app.core.model.outcome import Postponed, Result, Settled
from tests.adapters.postgres.world import CLOCK, World


async def test_each_run_names_its_version_and_what_was_traced(world: World) -> None:
    acme = await world.connection()
    await world.trigger(acme, "7")
    host = await world.host()
    job = await world.take_one(host)
    put_off = Postponed(CLOCK.now(), "throttled", trace="asked for a\x00 title")
    await world.jobs.settle(host, job, put_off, version=2)
    await world.jobs.settle(host, await world.take_one(host), Settled(Result.WRITTEN), version=3)
    shown = await PostgresJobDesk(world.engine).job(job.id)
    assert shown is not None
    assert [(run["outcome"], run["version"], run["trace"]) for run in shown["runs"]] == [
        ("written", 3, ""),
        ("postponed", 2, "asked for a\ufffd title"),
    ]


async def test_a_long_trace_is_cut_between_two_characters_and_says_so(world: World) -> None:
    acme = await world.connection()
    await world.trigger(acme, "7")
    host = await world.host()
    await world.jobs.settle(
        host, await world.take_one(host), Settled(Result.WRITTEN, trace="x" + "\u00e9" * TRACE_LIMIT)
    )
    (row,) = await world.rows("SELECT trace, octet_length(trace) AS bytes FROM runs")
    assert row["bytes"] <= TRACE_LIMIT
    assert row["trace"].startswith("x\u00e9\u00e9")
    assert row["trace"].endswith("\u00e9\n[cut: more was traced than is kept]")
