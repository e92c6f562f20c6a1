"""Item facts: every item of a work order that should stand at its ticket, whatever was written before."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from app.core.model.document import Json
from app.core.model.finding import Finding, Severity
from app.core.planning.targets import read_moment
from app.core.planning.ticket.context import Context
from app.core.planning.ticket.files import file_items, file_kind
from app.core.planning.ticket.items import Items, Kind
from app.core.planning.ticket.money import EXPENSE_ITEM, money_items, money_kind, week_ending
from app.core.planning.ticket.notes import note_items, note_kind
from app.core.planning.ticket.time_entries import TIME, time_items
from app.core.planning.ticket.wishes import Fact


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """The facts that would be sent, each with its kind, and what was found on the way."""

    sent: tuple[tuple[Kind, Fact], ...]
    findings: tuple[Finding, ...]


def item_facts(context: Context) -> ItemFacts:
    """Time, money, notes and (where the file sends them) files of the work order, as if nothing had been sent yet.

    What the vendor demands and nobody gives keeps an item out, with the finding that a push has. `findings` of the
    context are left alone.
    """
    context = replace(context, entries=(), findings=[], unread=set())
    sent: list[tuple[Kind, Fact]] = []
    for kind, items in _kinds(context):
        for key in sorted(items.facts):
            fact = items.facts[key]
            if fact.lacking:
                context.findings.append(_incomplete(kind, fact, context.owner))
            else:
                sent.append((kind, fact))
    return ItemFacts(tuple(sent), tuple(dict.fromkeys(context.findings)))


def values_of(kind: Kind, fact: Fact, context: Context) -> dict[str, Json]:
    """The wanted values by field; of an expense item also whose report it goes into, and of which week."""
    values: dict[str, Json] = {wish.field: wish.value for wish in fact.wishes}
    if kind.name == EXPENSE_ITEM.name:
        values |= _report(values, context)
    return values


def _kinds(context: Context) -> list[tuple[Kind, Items]]:
    # Whether lists are complete, and what may be deleted, only decides about removals.
    place, money = context.place, money_kind(context, may_delete=True)
    found = [
        (TIME, time_items(context, is_complete=True)),
        (money, money_items(context, money, is_complete=True)),
        (note_kind(place), note_items(context)),
    ]
    if context.file.attachments.enabled:
        found.append((file_kind(place, may_delete=True), file_items(context, is_complete=True)))
    return found


def _report(values: Mapping[str, Json], context: Context) -> dict[str, Json]:
    settings, moment = context.file.expenses, read_moment(values.get("expenseDate"))
    day: date | None = moment.date() if moment else None
    week = week_ending(day, settings.week_ends_on).isoformat() if day else None
    return {"ExpenseReports.submitterID": settings.submitter_id, "ExpenseReports.weekEnding": week}


def _incomplete(kind: Kind, fact: Fact, owner: str) -> Finding:
    text = f"{fact.name} was not sent: {fact.lacking}"
    mend = "Complete the connection file or map the field."
    return Finding("item_incomplete", Severity.WARNING, owner, text, mend, f"{kind.name}/{fact.key}")
