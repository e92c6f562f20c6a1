"""Whatever dies and whatever gets lost, in whatever order: one work order for each ticket, as it should be."""

import random
import signal
from collections.abc import Callable

from app.adapters.postgres.engine import connect
from tests.e2e.kit import Customer, Kit

TICKETS, DEATHS = 12, 5
FAULTS = ("lost_before", "lost_after", "500_json", "500_html", "503", "429", "reset", "slow")
READ_FAULTS = ("429", "503", "500_empty", "500_unexpected", "reset", "slow", "lost_before")
PATHS = (r"/workorders$", r"/publish$", r"/workorders/\d+$", r"/custom_fields/\d+$", "")


async def test_workers_die_and_answers_get_lost_and_every_ticket_has_one_work_order(
    kit: Kit, record_property: Callable[[str, object], None]
) -> None:
    seed = random.randrange(10**6)
    record_property("seed", seed)
    print(f"seed {seed}")  # noqa: T201 - what it takes to play this again
    dice = random.Random(seed)
    switches = {"drop_schedule_on_create": True, "drop_custom_fields_on_create": True}
    customers = [await kit.customer(tickets=TICKETS, field_nation=switches) for _ in range(3)]
    for _ in range(DEATHS):
        await _misbehave(kit, dice)
        async with kit.process() as worker:
            for customer in customers:
                await customer.trigger(*dice.sample(customer.tickets, TICKETS // 2))
            await kit.wiring.clock.sleep(dice.uniform(1.5, 4))
            worker.send_signal(signal.SIGKILL)
            await worker.wait()
    await kit.sims.calm()
    async with kit.worker():
        for customer in customers:
            await customer.trigger()
            await kit.desk.jobs.retry(connection=customer.connection.name)
        await kit.settled(90)
    for customer in customers:
        await _is_right(customer)


async def _misbehave(kit: Kit, dice: random.Random) -> None:
    for _ in range(6):
        fault = {"fault": dice.choice(FAULTS), "path": dice.choice(PATHS), "times": dice.randint(1, 3), "delay_s": 0.3}
        await kit.sims.fault("field_nation", **fault)
    await kit.sims.fault("autotask", fault=dice.choice(READ_FAULTS), times=dice.randint(1, 2), delay_s=0.3)


async def _is_right(customer: Customer) -> None:
    orders, numbers = await customer.orders(), await customer.numbers()
    assert sorted(order["incident_id"] for order in orders) == sorted(numbers.values())
    for order in orders:
        assert order["status"] == "published", order
        assert order["schedule"]["end_at"], order
        assert order["custom_fields"]["4711"], order


CUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'broker%'
"""


async def test_the_database_cuts_every_connection_again_and_again_and_every_ticket_has_one_work_order(kit: Kit) -> None:
    customer = await kit.customer(tickets=40)
    await kit.sims.fault("field_nation", fault="slow", times=None, delay_s=0.05)
    async with kit.process(), kit.process():
        await customer.trigger()
        for _ in range(6):
            await kit.wiring.clock.sleep(0.7)
            server = await connect(kit.wiring.url, application_name="somebody who cuts")
            await server.execute(CUT)
            await server.close()
        await kit.settled(60)
    orders, numbers = await customer.orders(), await customer.numbers()
    assert sorted(order["incident_id"] for order in orders) == sorted(numbers.values())
    assert {order["status"] for order in orders} == {"published"}
    charged = "SELECT key, code, text FROM runs WHERE outcome = 'postponed' AND code <> 'answer_lost'"
    assert await kit.rows(charged) == [], "a vendor or a ticket was blamed for it"
