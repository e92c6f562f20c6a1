"""Coalescing under racing triggers, passes, crashes and upkeep: nothing lost, no illegal move, no double pass."""

import asyncio
import random
from collections import Counter
from datetime import timedelta

import pytest

from app.adapters.postgres.desk import PostgresJobDesk
from app.adapters.postgres.health import PostgresHealthDesk
from app.adapters.postgres.upkeep import PostgresUpkeep
from app.core.model.failure import LeaseLost
from app.core.model.finding import Finding, Severity
from app.core.model.ids import ConnectionId, WorkerId
from app.core.model.job import MOVES, Job, JobKind, JobState
from app.core.model.outcome import FollowUp, Moved, Postponed, Result, Settled, Settlement
from app.ports.hosting import Hosted
from tests.adapters.postgres.world import CLOCK, World

WATCH_MOVES = (
    "CREATE TABLE moves (was text, became text)",
    "CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS "
    "'BEGIN INSERT INTO moves VALUES (OLD.state, NEW.state); RETURN NULL; END'",
    "CREATE TRIGGER watch AFTER UPDATE ON jobs FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION watch()",
)


class Storm:
    """Triggerers that change a vendor's records, workers that carry the changes over, and somebody who kills them."""

    def __init__(self, world: World, seed: int, connections: list[ConnectionId]) -> None:
        self.world = world
        self.dice = random.Random(seed)
        self.connections = connections
        self.at_vendor: Counter[tuple[int, str]] = Counter()
        self.carried: Counter[tuple[int, str]] = Counter()
        self.at_work: Counter[tuple[int, int]] = Counter()
        self.is_over = False
        self.is_calm = False

    async def trigger(self) -> None:
        for _ in range(40):
            connection, ticket = self.dice.choice(self.connections), str(self.dice.randrange(4))
            kind = self.dice.choice(list(JobKind))
            self.at_vendor[connection, ticket] += 1
            await self.world.trigger(connection, ticket, kind=kind, options=(f"o{self.dice.randrange(3)}",))
            await CLOCK.sleep(self.dice.random() * 0.01)

    async def serve(self, name: str) -> None:
        while not self.is_over:
            for hosted in await self.world.hosting.acquire(WorkerId(name), 1):
                try:
                    await self._serve(hosted)
                except LeaseLost:
                    continue
            await CLOCK.sleep(0.005)

    async def _serve(self, hosted: Hosted) -> None:
        while jobs := await self.world.take(hosted, self.dice.randrange(1, 6)):
            if self.dice.random() < 0.1:
                await self.world.jobs.give_back(hosted, jobs)
                continue
            if self.dice.random() < 0.1:
                return  # a crash: the account is left to the end of its lease
            await asyncio.gather(*(self._pass(hosted, job) for job in jobs))
        await self.world.hosting.release(hosted)

    async def _pass(self, hosted: Hosted, job: Job) -> None:
        me = (int(job.id), int(hosted.epoch))
        self.at_work[me] += 1
        assert self.at_work[me] == 1
        seen = self.at_vendor[job.connection_id, job.key]
        await CLOCK.sleep(self.dice.random() * 0.01)
        settlement = self._settlement(job)
        await self.world.jobs.settle(hosted, job, settlement)
        self.at_work[me] -= 1
        if isinstance(settlement, Settled):
            was = self.carried[job.connection_id, job.key]
            self.carried[job.connection_id, job.key] = max(was, seen)

    def _settlement(self, job: Job) -> Settlement:
        seen = Finding("gap", Severity.INFO, f"ticket:{self.dice.randrange(4)}", "text", "mend")
        if self.dice.random() < 0.2:
            return Postponed(CLOCK.now(), "later", burns=True, findings=(seen,))
        if job.kind is JobKind.RESOLVE_NUMBER:
            return Moved(job.key)
        then = [FollowUp(self.dice.choice(list(JobKind)), str(n), ("o1",)) for n in range(self.dice.randrange(3))]
        again_in = timedelta(seconds=0.01) if self.dice.random() < 0.1 else None
        result = self.dice.choice(list(Result)[:5])
        return Settled(result, findings=(seen,), again_in=again_in, then=() if self.is_calm else tuple(then))

    async def disturb(self) -> None:
        upkeep, desk = PostgresUpkeep(self.world.engine, idle_s=0), PostgresJobDesk(self.world.engine, spacing_s=0)
        while not self.is_calm:
            await self.world.run("UPDATE accounts SET lease_until = now() WHERE random() < 0.3")
            await upkeep.prune(timedelta(0) if self.dice.random() < 0.5 else timedelta(days=1))
            await desk.retry()
            await upkeep.raise_sweeps(timedelta(seconds=0.05))
            await CLOCK.sleep(0.02)

    async def settle_down(self) -> None:
        """Runs until nothing waits."""
        while await self.world.rows("SELECT 1 FROM receipts WHERE outcome IS NULL LIMIT 1"):
            await self.world.run("UPDATE accounts SET lease_until = now()")
            await CLOCK.sleep(0.02)


@pytest.mark.parametrize("seed", range(4))
async def test_no_change_is_dropped_and_both_sides_agree(world: World, seed: int) -> None:
    for statement in WATCH_MOVES:
        await world.run(statement)
    connections = [await world.connection(f"c{n}", n // 2) for n in range(3)]
    storm = Storm(world, seed, connections)
    workers = [asyncio.create_task(storm.serve(f"w{n}")) for n in range(3)]
    disturber = asyncio.create_task(storm.disturb())
    async with asyncio.timeout(60):
        await asyncio.gather(*(storm.trigger() for _ in range(4)))
        storm.is_calm = True
        await disturber  # a person's last retry makes work too
        await storm.settle_down()
        storm.is_over = True
        await asyncio.gather(*workers)
    assert storm.carried == storm.at_vendor
    for row in await PostgresHealthDesk(world.engine).connections():
        assert row["identity"]["holds"], row
        assert row["counters"]["waiting"] == 0
    made = await world.rows("SELECT DISTINCT was, became FROM moves")
    assert len(made) >= 5
    assert {(row["was"], row["became"]) for row in made} <= {(a, b) for a in JobState for b in MOVES[a]}
