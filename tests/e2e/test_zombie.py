"""A worker is stopped past its lease; another finishes; it is continued: it changes nothing and starts no new call."""

import asyncio
import signal
from pathlib import Path
from typing import Any

from sqlalchemy import text

from app.adapters.postgres.engine import single
from tests.e2e.kit import LEASE_S, Customer, Kit, until

TABLES = ("jobs", "receipts", "ledger", "links", "runs", "findings", "budgets", "counters", "accounts")


async def rows(kit: Kit) -> dict[str, Any]:
    """Every row that a pass may change, as text."""
    found = {}
    async with single(kit.wiring.engine) as sql:
        for table in TABLES:
            query = text(f"SELECT string_agg(row_to_json(t)::text, chr(10) ORDER BY t::text) FROM {table} t")
            found[table] = await sql.scalar(query)
    return found


async def calls(kit: Kit) -> int:
    """Calls that both simulators ever saw."""
    counts = [await kit.sims.call("GET", f"{place}/_sim/calls") for place in (kit.sims.autotask, kit.sims.field_nation)]
    return sum(int(one["total"]) for one in counts)


def _state_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


async def is_stopped(process: asyncio.subprocess.Process) -> bool:
    return _state_of(process.pid) == "T"


async def wake_and_compare(kit: Kit, process: asyncio.subprocess.Process) -> None:
    """Continues the zombie, gives it three leases, and finds the database and the vendors as they were."""
    before, seen = await rows(kit), await calls(kit)
    process.send_signal(signal.SIGCONT)
    await asyncio.sleep(3 * LEASE_S)  # noqa: TID251 - the zombie has every chance to do harm
    assert await rows(kit) == before
    assert await calls(kit) == seen


async def one_order(customer: Customer) -> None:
    (order,) = await customer.orders()
    assert order["status"] == "published"


async def test_a_worker_stopped_at_rest_is_harmless_when_it_wakes(kit: Kit) -> None:
    customer = await kit.customer()
    async with kit.process() as zombie:
        await customer.trigger()
        await kit.settled()
        zombie.send_signal(signal.SIGSTOP)
        await customer.edit(customer.tickets[0], title="Changed while it sleeps")
        await customer.trigger()
        async with kit.worker():
            await kit.settled()
        (order,) = await customer.orders()
        assert order["title"] == "Changed while it sleeps"
        await wake_and_compare(kit, zombie)


async def test_a_worker_stopped_between_opening_the_ledger_and_sending_sends_nothing_when_it_wakes(kit: Kit) -> None:
    customer = await kit.customer()
    async with kit.process("tests.e2e.doomed_worker", "opened", "work_order", "SIGSTOP") as zombie:
        await customer.trigger()
        await until(lambda: is_stopped(zombie))
        async with kit.worker():
            await kit.settled()
        await one_order(customer)
        await wake_and_compare(kit, zombie)
        await one_order(customer)
    creates = [entry for entry in await customer.writes() if entry["kind"] == "POST workorders"]
    assert len(creates) == 1
