"""Facts of many work orders at once: pairs made without the broker, pushes by hand, and what Autotask then holds."""

import asyncio
import re
from collections.abc import Iterable
from typing import Any

from app.core.model.intake import Delivery, Source, Wanted
from app.core.model.job import JobKind
from tests.e2e.kit import Customer, Kit, merged, until
from tests.e2e.push_kit import FILE, OUTBOUND, Site
from tests.e2e.record_kit import new_order, rows

DAY = "2026-11-02"
MODULE: dict[str, Any] = {"expenses": {"additional_charges": ""}}
NO_FILES: dict[str, Any] = {"attachments": {"enabled": False}}

_MARK = re.compile(r"\(#([^()\s]+)\)")
_MARKED = {
    "TimeEntries": "internalNotes",
    "TicketCharges": "notes",
    "ExpenseItems": "purchaseOrderNumber",
    "TicketNotes": "title",
    "TicketAttachments": "title",
}


async def pairs(
    kit: Kit, count: int, *, file: dict[str, Any] | None = None, outbound: Iterable[Any] = OUTBOUND, **wanted: Any
) -> list[Site]:
    """A new customer's tickets, each paired with a work order that has a provider. Nothing was pushed yet, and neither
    an earlier connector nor a sweep gives a reason to look at them."""
    parts = merged(merged(FILE, {"mappings": {"outbound": list(outbound)}}), file or {})
    customer = await kit.customer(tickets=count, file=parts, **wanted)
    await kit.rows("INSERT INTO sweeps (connection_id, raised_at) VALUES (:id, now())", id=customer.connection.id)
    return list(await asyncio.gather(*(_pair(customer, ticket) for ticket in customer.tickets)))


async def _pair(customer: Customer, ticket: int) -> Site:
    kit, site = customer.kit, Site(customer, await new_order(customer, f"Visit for {ticket}"), ticket)
    await site.act("publish")
    await site.act("accept")
    await kit.wiring.persons_links.add(customer.connection.id, ticket, "", site.order)
    await kit.rows("UPDATE links SET is_adopted = true WHERE work_order_id = :order", order=site.order)
    return site


async def ask(sites: Iterable[Site], *options: str) -> None:
    """A person's push of each, which no event announced."""
    for site in sites:
        wanted = Wanted(JobKind.PUSH_WORK_ORDER, str(site.order), str(site.order), options)
        delivery = Delivery(site.customer.connection.id, Source.PERSON, "text/plain", b"", (wanted,))
        await site.kit.wiring.inbox.accept(delivery)


async def push(sites: Iterable[Site], *options: str, timeout_s: float = 40.0) -> None:
    """The same; returns when nothing waits any more, second looks and files included."""
    pushed = list(sites)
    await ask(pushed, *options)
    await rest(pushed[0].kit, timeout_s)


async def rest(kit: Kit, timeout_s: float = 40.0) -> None:
    """Returns when no receipt waits and no job is queued or at work."""

    async def nothing_waits() -> bool:
        jobs = await kit.rows("SELECT 1 FROM jobs WHERE state IN ('queued', 'running') LIMIT 1")
        return not jobs and not await kit.rows("SELECT 1 FROM receipts WHERE outcome IS NULL LIMIT 1")

    await until(nothing_waits, timeout_s)


async def looked(sites: Iterable[Site], *options: str, missing: int) -> None:
    """A push that has missed so many facts, and only once so far."""
    pushed = list(sites)
    await ask(pushed, *options)

    async def missed() -> bool:
        found = await pushed[0].kit.rows("SELECT 1 FROM ledger WHERE missing_since IS NOT NULL")
        return len(found) == missing

    await until(missed)


async def log(site: Site, hour: int = 15, minutes: int = 60) -> int:
    """A closed time log of that day; its id."""
    window = {"in": f"{DAY}T{hour:02}:00:00", "out": f"{DAY}T{hour + minutes // 60:02}:{minutes % 60:02}:00"}
    return int((await site.act("add_time_log", **window))["time_log"])


async def spend(site: Site, amount: str = "40.10", description: str = "Parking", **more: Any) -> int:
    """An approved expense; its id."""
    expense = int((await site.act("add_expense", amount=amount, description=description, **more))["expense"])
    await site.act("approve_expense", expense=expense)
    return expense


async def upload(site: Site, name: str = "rack.jpg", **content: Any) -> tuple[str, int]:
    """A file; its key and the id of its bytes at the file host. Without content it is a short text."""
    made = await site.act("upload", name=name, **(content or {"text": "bytes"}))
    return f"{made['folder']}/{made['attachment']}", int(made["file"])


async def standing(customer: Customer, entity: str) -> dict[str, dict[str, Any]]:
    """The records of that entity by their mark; none may stand twice or without one."""
    found: dict[str, dict[str, Any]] = {}
    for row in await rows(customer, entity):
        mark = mark_of(entity, row)
        assert mark, f"{entity}: {row} stands for nothing"
        assert mark not in found, f"{entity}: {row} and {found[mark]} stand for the same"
        found[mark] = row
    return found


async def verbs(customer: Customer, entity: str) -> dict[str, list[str]]:
    """What the broker wrote, and Autotask carried out, by the mark of the record, in order."""
    url = f"{customer.kit.sims.autotask}/_sim/writes?database={customer.ci}&committed=1&client=broker/&entity={entity}"
    marks: dict[int, str] = {}
    written: dict[str, list[str]] = {}
    for entry in await customer.kit.sims.call("GET", url):
        record = int(entry["item_id"] if entry["verb"] == "create" else entry["record"])
        if entry["verb"] == "create":
            marks[record] = mark_of(entity, entry["body"])
        written.setdefault(marks[record], []).append(entry["verb"])
    return written


async def total_writes(customer: Customer) -> int:
    """How many writes of the broker this customer's Autotask carried out."""
    url = f"{customer.kit.sims.autotask}/_sim/writes?database={customer.ci}&committed=1&client=broker/"
    return len(await customer.kit.sims.call("GET", url))


def mark_of(entity: str, record: dict[str, Any]) -> str:
    """The mark that says which fact the record stands for, or empty."""
    found = _MARK.search(str(record.get(_MARKED[entity]) or ""))
    return found[1] if found else ""


async def settings(kit: Kit, **switches: Any) -> None:
    """Switches of Field Nation."""
    await kit.sims.call("PATCH", f"{kit.sims.field_nation}/_sim/settings", switches)


async def codes(site: Site) -> list[str]:
    """Codes of the findings about the work order and its files that a person should see."""
    about = (f"work_order:{site.order}", f"work_order_files:{site.order}")
    found = [one for one in await site.findings() if one["record"] in about and one["severity"] != "info"]
    return sorted(one["code"] for one in found)
