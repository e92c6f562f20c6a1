"""Scripting: the scripts of custom actions are run over a record before its mapping is applied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core.mapping.compiled import CompiledMapping
from app.core.mapping.outbound import COLLECTIONS, CompiledOutbound, CompiledPart
from app.core.mapping.rules import Custom
from app.core.mapping.scripted import NO_OUTCOMES, OrderOutcomes, element_key, item_input, order_input, ticket_input
from app.core.model.document import Document
from app.core.model.script import ScriptCall, ScriptOutcome
from app.core.planning.ticket.context import Context
from app.core.planning.ticket.items import Ask
from app.core.planning.ticket.to_ticket import items_mapped
from app.ports.scripts import Scripts
from app.services.outbound import OutboundMapping


@dataclass(frozen=True, slots=True)
class TicketRun:
    """What the scripts made of one ticket, by the index of the rule, and what they traced."""

    outcomes: Mapping[int, ScriptOutcome]
    trace: str = ""


@dataclass(frozen=True, slots=True)
class OrderRun:
    """What the scripts made of one work order and its items, and what they traced."""

    outcomes: OrderOutcomes = NO_OUTCOMES
    trace: str = ""


async def run_on_ticket(scripts: Scripts, mapping: CompiledMapping, ticket: Document, entity: str) -> TicketRun:
    """Runs the mapping's scripts over a ticket with its related records; no call when there are none."""
    rules = mapping.scripts
    if not rules:
        return TicketRun({})
    outcomes = await scripts.run(ticket_input(ticket, entity), [ScriptCall(rule.script) for rule in rules])
    return TicketRun(_by_index(rules, outcomes), _traces(rules, outcomes))


async def run_on_order(
    scripts: Scripts, mapping: CompiledOutbound, order: Document, items: Sequence[tuple[str, Document | None]]
) -> OrderRun:
    """Runs the scripts of each kind over the items that the plan will ask for; None stands for the ticket itself."""
    asked: list[tuple[str, Document | None, Custom]] = []
    for kind, item in items:
        part: CompiledPart = getattr(mapping, kind)
        asked += [(kind, item, rule) for rule in part.scripts]
    if not asked:
        return OrderRun()
    calls = [ScriptCall(rule.script, item_input(item) if item is not None else None) for _, item, rule in asked]
    outcomes = await scripts.run(order_input(order), calls)
    table: dict[tuple[str, str], dict[int, ScriptOutcome]] = {}
    for (kind, item, rule), outcome in zip(asked, outcomes, strict=True):
        table.setdefault(element_key(kind, item), {})[rule.index] = outcome
    return OrderRun(OrderOutcomes(table), _traces([rule for _, _, rule in asked], outcomes))


async def run_in_context(scripts: Scripts, mapping: OutboundMapping, context: Context, ask: Ask) -> OrderRun:
    """Runs the scripts over everything that a plan in this context will ask for, and has the context know the
    outcomes."""
    compiled = mapping.compiled
    order, owner = context.order, context.owner
    items: list[tuple[str, Document | None]] = [("ticket", None)]
    if any(getattr(compiled, kind).scripts for kind in COLLECTIONS if kind != "ticket"):
        items += items_mapped(context, ask)
    ran = await run_on_order(scripts, compiled, order, items)
    context.apply = lambda kind, item: mapping.apply(kind, order, item, owner, ran.outcomes)
    return ran


def _by_index(rules: Sequence[Custom], outcomes: Sequence[ScriptOutcome]) -> dict[int, ScriptOutcome]:
    return {rule.index: outcome for rule, outcome in zip(rules, outcomes, strict=True)}


def _traces(rules: Sequence[Custom], outcomes: Sequence[ScriptOutcome]) -> str:
    """What was traced, each under the place of its rule."""
    told = [(rule.place, one.trace.rstrip()) for rule, one in zip(rules, outcomes, strict=True) if one.trace.strip()]
    return "\n".join(f"{place}: {trace}" for place, trace in told)
