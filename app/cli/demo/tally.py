"""The tally: what stands on each side, counted from the simulators' own truth and not from ours."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.cli.demo.customer import CI, COMPANY
from app.cli.demo.play import Cast
from app.cli.demo.stage import Stage

_LEFT_OUT = frozenset({"status_excluded", "ticket_not_found"})


@dataclass(frozen=True, slots=True)
class Change:
    """A pair whose ticket was retitled, as both sides show it now."""

    ticket: str
    work_order: str
    before: str
    at_autotask: str
    at_field_nation: str


@dataclass(frozen=True, slots=True)
class Tally:
    """`sides`: what is counted, tickets, work orders. `faults` is everything that is not as it should be."""

    sides: tuple[tuple[str, int, int], ...]
    counters: Mapping[str, int]
    left_out: tuple[tuple[str, int, str], ...]
    change: Change
    calls: tuple[tuple[str, Mapping[str, int]], ...]
    seconds: float
    faults: tuple[str, ...]


async def tally(stage: Stage, cast: Cast, title_before: str, seconds: float) -> Tally:
    """Compares both sides record by record."""
    tickets = await stage.sim("GET", f"{stage.autotask}/_sim/state?database={CI}&entity=Tickets")
    orders = _orders(await stage.sim("GET", f"{stage.field_nation}/_sim/state?company={COMPANY}"))
    numbers = {int(row["id"]): str(row["ticketNumber"]) for row in tickets}
    titles = {int(row["id"]): str(row["title"]) for row in tickets}
    by_ticket = {id: _of(orders, number) for id, number in numbers.items()}
    findings = await stage.desk.records.findings(connection="acme")
    health = next(row for row in await stage.desk.health.connections() if row["name"] == "acme")
    reasons = Counter((str(row["code"]), str(row["text"])) for row in findings if row["code"] in _LEFT_OUT)
    changed = by_ticket[cast.changed]
    change = Change(
        f"{cast.changed} ({numbers[cast.changed]})",
        ", ".join(str(order["id"]) for order in changed),
        title_before,
        titles[cast.changed],
        ", ".join(str(order["title"]) for order in changed),
    )
    return Tally(
        sides=_sides(cast, by_ticket, len(orders)),
        counters=health["counters"],
        left_out=tuple((code, count, text) for (code, text), count in sorted(reasons.items())),
        change=change,
        calls=(
            ("Autotask", await _calls(stage, stage.autotask)),
            ("Field Nation", await _calls(stage, stage.field_nation)),
        ),
        seconds=seconds,
        faults=tuple(_faults(cast, by_ticket, orders, change, health)),
    )


def _orders(state: Any) -> list[Mapping[str, Any]]:
    found = state.get("work_orders", state) if isinstance(state, Mapping) else state
    return list(found.values()) if isinstance(found, Mapping) else list(found)


def _of(orders: list[Mapping[str, Any]], number: str) -> list[Mapping[str, Any]]:
    return [order for order in orders if str(order.get("incident_id")) == number]


async def _calls(stage: Stage, place: str) -> Mapping[str, int]:
    calls: Mapping[str, int] = (await stage.sim("GET", f"{place}/_sim/calls"))["by_endpoint"]
    return calls


def _sides(
    cast: Cast, by_ticket: Mapping[int, list[Mapping[str, Any]]], orders: int
) -> tuple[tuple[str, int, int], ...]:
    def both(what: str, ids: set[int]) -> tuple[str, int, int]:
        return what, len(ids), sum(len(by_ticket[id]) for id in ids)

    return (
        both("to be dispatched", cast.expected),
        both("completed already", cast.completed),
        ("total", len(by_ticket), orders),
    )


def _faults(
    cast: Cast,
    by_ticket: Mapping[int, list[Mapping[str, Any]]],
    orders: list[Mapping[str, Any]],
    change: Change,
    health: Mapping[str, Any],
) -> list[str]:
    counts = {id: len(found) for id, found in by_ticket.items()}
    faults = [f"ticket {id} has {counts[id]} work orders" for id in sorted(cast.expected) if counts[id] != 1]
    faults += [f"completed ticket {id} has a work order" for id in sorted(cast.completed) if counts[id]]
    if len(orders) != len(cast.expected):
        faults.append(f"{len(orders)} work orders stand where {len(cast.expected)} are expected")
    if not cast.title == change.at_autotask == change.at_field_nation:
        faults.append(f"the changed title stands as {change.at_field_nation!r} in Field Nation")
    if not cast.refused.startswith("400 "):
        faults.append(f"the malformed trigger was answered with {cast.refused}")
    if not health["identity"]["holds"]:
        faults.append(f"the accounting identity does not hold: {health['identity']}")
    return faults
