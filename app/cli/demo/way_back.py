"""The way back, counted: what providers did, and what stands at the tickets, from the simulators' own truth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.cli.demo.customer import CI, COMPANY, COMPLETE
from app.cli.demo.day import NOTES, Day
from app.cli.demo.stage import Stage

_ENTITIES = ("TimeEntries", "TicketCharges", "TicketNotes", "TicketAttachments")
_MINUTE_OF_AN_HOUR = Decimal("0.0167")


@dataclass(frozen=True, slots=True)
class WayBack:
    """`rows`: what is counted, at Field Nation, in Autotask. `stories` are the two second thoughts in words."""

    rows: tuple[tuple[str, str, str], ...]
    stories: tuple[tuple[str, str], ...]
    faults: tuple[str, ...]


async def way_back(stage: Stage, day: Day) -> WayBack:
    """Compares both sides fact by fact."""
    tickets = {int(row["id"]): row for row in await _records(stage, "Tickets")}
    numbers = {str(row["ticketNumber"]): id for id, row in tickets.items()}
    standing = {entity: await _records(stage, entity) for entity in _ENTITIES}
    orders = {int(row["id"]): row for row in await _orders(stage)}
    totals: dict[str, list[Decimal]] = {}
    faults: list[str] = []
    for id in day.orders:
        ticket = tickets[numbers[str(orders[id]["incident_id"])]]
        own = {entity: _of(rows, int(ticket["id"])) for entity, rows in standing.items()}
        for what, there, here in _compared(orders[id], ticket, own):
            total = totals.setdefault(what, [Decimal(0), Decimal(0)])
            total[0] += there
            total[1] += here
            if abs(there - here) > (_MINUTE_OF_AN_HOUR if what == "hours on site" else 0):
                faults.append(f"work order {id}: {what}: {there} at Field Nation, {here} in Autotask")
    rows = tuple((what, _shown(there), _shown(here)) for what, (there, here) in totals.items())
    return WayBack(rows, tuple(_stories(day, orders, standing)), tuple(faults))


def _compared(
    order: Mapping[str, Any], ticket: Mapping[str, Any], own: Mapping[str, Sequence[Mapping[str, Any]]]
) -> list[tuple[str, Decimal, Decimal]]:
    logs = [one for one in _rows(order["time_logs"]) if one["out_at"]]
    approved = [one for one in _rows(order["expenses"]) if one["status"] == "approved"]
    charges = own["TicketCharges"]
    done = int(ticket["status"] == COMPLETE and ticket["resolution"] == NOTES)
    return [
        ("time entries", Decimal(len(logs)), Decimal(len(own["TimeEntries"]))),
        ("hours on site", sum(map(_hours, logs), Decimal(0)), _sum(own["TimeEntries"], "hoursWorked")),
        ("approved expenses", Decimal(len(approved)), Decimal(len(charges))),
        ("their amount", _sum(approved, "amount"), _sum(charges, "unitPrice")),
        ("messages, as notes", Decimal(len(_rows(order["messages"]))), Decimal(len(own["TicketNotes"]))),
        ("photos, as files", Decimal(len(_rows(order["attachments"]))), Decimal(len(own["TicketAttachments"]))),
        ("approved, and completed with its resolution", Decimal(order["status"] == "approved"), Decimal(done)),
    ]


def _stories(
    day: Day, orders: Mapping[int, Mapping[str, Any]], standing: Mapping[str, Sequence[Mapping[str, Any]]]
) -> list[tuple[str, str]]:
    mark = f"(#{day.made[day.corrected]['time_log']})"
    entries = [one for one in standing["TimeEntries"] if mark in str(one.get("internalNotes"))]
    hours = ", ".join(_shown(Decimal(str(one["hoursWorked"]))) for one in entries)
    denied = f"(#{day.made[day.denied]['second_expense']})"
    left = sum(1 for one in standing["TicketCharges"] if denied in str(one.get("notes")))
    return [
        ("a time log was shortened to 0.75 hours", f"its one time entry in Autotask now has {hours}"),
        ("an expense was denied after it had been sent", f"{left} charges of it are left in Autotask"),
    ]


def _hours(log: Mapping[str, Any]) -> Decimal:
    span = datetime.fromisoformat(log["out_at"]) - datetime.fromisoformat(log["in_at"])
    return Decimal(int(span.total_seconds())) / 3600


def _sum(rows: Sequence[Mapping[str, Any]], name: str) -> Decimal:
    return sum((Decimal(str(row[name])) for row in rows), Decimal(0))


def _shown(number: Decimal) -> str:
    return f"{number.quantize(Decimal('0.01')):f}".removesuffix(".00")


def _of(rows: Sequence[Mapping[str, Any]], ticket: int) -> list[Mapping[str, Any]]:
    return [row for row in rows if row.get("ticketID") == ticket]


def _rows(listed: Any) -> list[Mapping[str, Any]]:
    return list(listed.values()) if isinstance(listed, Mapping) else list(listed)


async def _records(stage: Stage, entity: str) -> list[Mapping[str, Any]]:
    return list(await stage.sim("GET", f"{stage.autotask}/_sim/state?database={CI}&entity={entity}"))


async def _orders(stage: Stage) -> list[Mapping[str, Any]]:
    return _rows((await stage.sim("GET", f"{stage.field_nation}/_sim/state?company={COMPANY}"))["work_orders"])
