"""Microseconds for the whole mapping of one ticket with 40 user-defined fields, without scripts and with one.

    python -m bench.mapping [--tickets N] [--scripted N]

Everything is measured in one run on the same ticket, so that the ratios say something on any machine: a mapping that
was compiled once, the same mapping compiled anew for every ticket, and the compiled one with a script, whose document
goes to the jailed child and comes back.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

from app.adapters.system.jsonnet.scripts import JailedScripts
from app.core.mapping.compile import compile_inbound
from app.core.mapping.compiled import CompiledMapping
from app.core.mapping.dialects import load_rules
from app.core.mapping.engine import apply
from app.core.mapping.relations import NeedCatalog
from app.core.mapping.work_order_fields import WORK_ORDERS
from app.core.model.catalog import EntityCatalog, Field, PickValue
from app.services.scripting import run_on_ticket

USER_FIELDS = 40
SCRIPT = """
local priority = $.util.lookup_field($.input, 'priority', 0);
local site = $.util.lookup_field($.input.UserDefinedField, 'Field 7', '-', true);
'%s (%s, priority %d)' % [$.input.title, site, priority]
"""


def catalogs() -> dict[NeedCatalog, EntityCatalog]:
    """A tickets catalogue with 40 user-defined fields, and the companies' that one rule leads to."""
    picks = tuple(PickValue(str(id), f"Status {id}") for id in range(1, 30))
    own = {f"field {n}": Field(f"Field {n}", "string", f"Field {n}", 255) for n in range(USER_FIELDS)}
    plain = [
        Field("id", "long"),
        Field("title", "string", length=255),
        Field("description", "string", length=8000),
        Field("status", "integer", values=picks, is_picklist=True),
        Field("priority", "integer"),
        Field("dueDateTime", "datetime"),
        Field("companyID", "integer", reference="Company"),
    ]
    tickets = EntityCatalog("Tickets", {field.name.lower(): field for field in plain}, own)
    companies = EntityCatalog("Companies", {"companyname": Field("companyName", "string", length=100)})
    return {
        NeedCatalog("Tickets", True): tickets,
        NeedCatalog("Tickets"): tickets,
        NeedCatalog("Companies"): companies,
    }


def compiled(*more: dict[str, Any]) -> CompiledMapping:
    """A rule of every kind, and one for each user-defined field."""
    raw: list[dict[str, Any]] = [
        {"source": "Title", "target": "title", "action": "sync"},
        {"source": "Account.AccountName", "target": "location.name", "action": "sync"},
        {"source": "DueDateTime", "target": "time_window.end", "action": "date_convert"},
        {
            "source": "Status",
            "target": "status_id",
            "action": "status",
            "mappings": [{"compare": "Status 8", "value": "Published"}],
            "default": "Draft",
        },
        {
            "target": "description",
            "action": "concat",
            "parts": [{"type": "field", "value": "Description"}, {"type": "static", "value": " (from Autotask)"}],
        },
        *(
            {"source": f"UserDefinedField.Field {n}", "target": f"custom_fields.{4000 + n}", "action": "sync"}
            for n in range(USER_FIELDS)
        ),
        *more,
    ]
    rules, findings = load_rules(raw, "inbound")
    assert not findings, findings
    known = catalogs()
    made = compile_inbound(
        rules, lambda need: EntityCatalog(WORK_ORDERS) if need.entity == WORK_ORDERS else known.get(need)
    )
    assert isinstance(made, CompiledMapping), made
    assert made.is_sound, made.findings
    return made


def a_ticket() -> dict[str, Any]:
    """As Autotask answers it, with its company nested."""
    return {
        "id": 7,
        "title": "Replace UPS at site 114",
        "description": "Swap the unit and label it. " * 20,
        "status": 8,
        "priority": 2,
        "dueDateTime": "2026-04-02T18:00:00Z",
        "companyID": 12,
        "company": {"id": 12, "companyName": "Acme Stores"},
        "userDefinedFields": [{"name": f"Field {n}", "value": f"value {n}"} for n in range(USER_FIELDS)],
    }


async def microseconds(count: int, one: Callable[[], Awaitable[Any]]) -> float:
    """The median of single runs, after a few that do not count."""
    for _ in range(min(count, 20)):
        await one()
    times = []
    for _ in range(count):
        began = time.perf_counter_ns()
        await one()
        times.append((time.perf_counter_ns() - began) / 1000)
    return statistics.median(times)


async def main(tickets: int, scripted: int) -> None:
    ticket, plain = a_ticket(), compiled()
    with_script = compiled({"target": "schedule.schedule_note", "action": "custom", "script": SCRIPT})

    async def without_scripts() -> None:
        assert len(apply(plain, ticket).values) == len(plain.rules)

    async def compiled_each_time() -> None:
        apply(compiled(), ticket)

    async with JailedScripts() as scripts:

        async def with_one_script() -> None:
            ran = await run_on_ticket(scripts, with_script, ticket, "Tickets")
            assert len(apply(with_script, ticket, "", ran.outcomes).values) == len(with_script.rules)

        once = await microseconds(tickets, without_scripts)
        anew = await microseconds(max(tickets // 20, 20), compiled_each_time)
        jailed = await microseconds(scripted, with_one_script)
    print(f"{len(plain.rules)} rules over a ticket with {USER_FIELDS} user-defined fields, median per ticket")
    print(f"  compiled once              {once:10.0f} µs")
    print(f"  compiled for every ticket  {anew:10.0f} µs   {anew / once:6.1f}x")
    print(f"  compiled once, one script  {jailed:10.0f} µs   {jailed / once:6.1f}x")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=2000)
    parser.add_argument("--scripted", type=int, default=500)
    given = parser.parse_args()
    asyncio.run(main(given.tickets, given.scripted))
