"""To the ticket: one plan from everything that was gathered about a work order."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from app.core.mapping.engine import Mapped
from app.core.model.document import Document
from app.core.model.finding import Finding, Severity
from app.core.model.intent import Intent
from app.core.model.ledger import Observed
from app.core.model.link import Known
from app.core.planning.statuses import CANCELLED
from app.core.planning.ticket.context import Context
from app.core.planning.ticket.fields import FieldsNow, plan_fields
from app.core.planning.ticket.files import file_items, file_kind
from app.core.planning.ticket.items import Ask, Decided, Kind, decide
from app.core.planning.ticket.money import money_items, money_kinds
from app.core.planning.ticket.notes import note_items, note_kind
from app.core.planning.ticket.time_entries import TIME, time_items

_FEW = 2
"""So many removals are carried out whatever share of the records they are."""


@dataclass(frozen=True, slots=True)
class Complete:
    """Which lists of the work order were read to their end. A list that was not deletes nothing."""

    time_logs: bool
    expenses: bool
    files: bool = False


@dataclass(slots=True)
class TicketPlan:
    """What a push should do: writes in their order, what the ledger should remember without a write, what the link
    will know of the fields. `is_failing` says that time or money is not in place, `looks_again` that something was
    missing and has to be missing in a second read."""

    owner: str
    intents: list[Intent] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    observed: list[Observed] = field(default_factory=list)
    known: Known = field(default_factory=Known)
    is_failing: bool = False
    looks_again: bool = False


def plan_items(context: Context, ask: Ask, complete: Complete, *, may_delete_charges: bool) -> TicketPlan:
    """Time, money and notes of the work order."""
    is_alive = context.status != CANCELLED
    logs = time_items(context, is_complete=complete.time_logs and is_alive)
    time = decide(TIME, logs, context.entries, ask, None)
    notes = decide(note_kind(context.place), note_items(context), context.entries, ask, context.place.parent)
    kinds = money_kinds(context, may_delete=may_delete_charges)
    paid = [_paid(context, ask, kind, is_complete=complete.expenses, is_alive=is_alive) for kind in kinds]
    plan = _joined(context, ask, (notes, time, *paid))
    is_unread = not context.unread.isdisjoint(("time_logs", "expenses"))
    plan.is_failing = plan.is_failing or is_unread or any(part.failing for part in (time, *paid))
    return plan


def items_mapped(context: Context, ask: Ask) -> list[tuple[str, Document]]:
    """Every item that the plan asks the mapping for, with the kind of record it becomes: what scripts are run over."""
    asked: list[tuple[str, Document]] = []

    def note(kind: str, item: Document) -> Mapped:
        asked.append((kind, item))
        return Mapped((), ())

    trial = replace(context, apply=note, findings=[], unread=set())
    plan_items(trial, ask, Complete(time_logs=False, expenses=False), may_delete_charges=False)
    return asked


def _paid(context: Context, ask: Ask, kind: Kind, *, is_complete: bool, is_alive: bool) -> Decided:
    items = money_items(context, kind, is_complete=is_complete and is_alive)
    parent = context.place.parent if kind.entity == "TicketCharges" else None
    return decide(kind, items if is_alive else replace(items, denied={}), context.entries, ask, parent)


def plan_files(context: Context, ask: Ask, *, is_complete: bool) -> TicketPlan:
    """The files of the work order."""
    is_alive = context.status != CANCELLED
    kind = file_kind(context.place, may_delete=context.file.attachments.delete)
    items = file_items(context, is_complete=is_complete and is_alive)
    return _joined(context, ask, (decide(kind, items, context.entries, ask, context.place.parent),))


def with_fields(plan: TicketPlan, now: FieldsNow, ask: Ask) -> TicketPlan:
    """The plan with the fields of the ticket before its items and the status after them."""
    fields = plan_fields(now, ask)
    plan.intents = sorted((*plan.intents, *fields.intents), key=lambda intent: intent.phase)
    plan.findings.extend(fields.findings)
    plan.known = fields.known
    return plan


def _joined(context: Context, ask: Ask, parts: Sequence[Decided]) -> TicketPlan:
    plan = TicketPlan(context.owner)
    for part in parts:
        plan.intents.extend(part.intents)
        plan.findings.extend(part.findings)
        plan.observed.extend(part.observed)
        plan.looks_again = plan.looks_again or (part.looks_again and context.status != CANCELLED)
    vanished = [intent for part in parts for intent in part.vanished]
    standing = sum(part.standing for part in parts)
    if len(vanished) > _FEW and 2 * len(vanished) > standing and not ask.delete:
        plan.findings.append(_many(context.owner, len(vanished), standing))
        plan.is_failing = True
    else:
        plan.intents.extend(vanished)
    plan.intents.sort(key=lambda intent: intent.phase)
    plan.findings[:0] = dict.fromkeys(context.findings)
    return plan


def _many(owner: str, count: int, standing: int) -> Finding:
    return Finding(
        "many_deletions",
        Severity.ERROR,
        owner,
        f"{count} of the {standing} records of this work order are gone at Field Nation; none was deleted.",
        "If they are really gone, `broker sync --delete` removes them from Autotask.",
    )


def file_keys_due(context: Context, ask: Ask, *, is_complete: bool) -> bool:
    """Whether the files' own job has anything to do or to say."""
    plan = plan_files(context, ask, is_complete=is_complete)
    return bool(plan.intents or plan.observed or plan.looks_again or plan.findings)
