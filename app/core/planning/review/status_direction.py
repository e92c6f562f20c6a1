"""Status direction: status mappings that could end, pay for, or throw back work that is under way."""

from collections.abc import Iterator
from typing import Final

from app.core.mapping.picklists import label_of
from app.core.mapping.relations import SourcePath
from app.core.mapping.rules import Rule, SetStatic, StatusMap
from app.core.mapping.values import as_text, show
from app.core.mapping.work_order_names import STATUS_TARGET, STATUSES
from app.core.model.document import Json
from app.core.model.finding import Finding
from app.core.planning.review.subject import Subject, doubt, flaw
from app.core.planning.statuses import (
    APPROVED,
    ASSIGNED,
    CANCELLED,
    DRAFT,
    MOVES,
    PAID,
    PUBLISHED,
    ROUTED,
    WORK_DONE,
    label,
)

_STATUS: Final = "status"
_NEW, _COMPLETE = "1", "5"
"""Ids that are the same in every database (Autotask developer help, tickets)."""

_LIFE: Final = (DRAFT, PUBLISHED, ROUTED, ASSIGNED, WORK_DONE, APPROVED, PAID)
"""The statuses of a work order in the order that it goes through them."""

_UNDONE: Final = (DRAFT, PUBLISHED, ROUTED, ASSIGNED)
_GRAVE: Final = frozenset({DRAFT, CANCELLED, APPROVED})
"""What takes work back, ends it or pays for it: never done because nothing else was said."""


def status_direction(subject: Subject) -> Iterator[Finding]:
    """Errors for what would act on live work unasked, warnings for what will not happen."""
    for compiled in subject.inbound.rules:
        if compiled.target == STATUS_TARGET:
            yield from _inbound(compiled.rule, subject)
            if isinstance(compiled.rule, StatusMap) and compiled.sources:
                source = compiled.sources[0]
                if isinstance(source, SourcePath) and source.text == _STATUS:
                    yield from _thrown_back(compiled.rule, subject)
    for rule in _outbound_rules(subject):
        yield from _outbound(rule, subject)


def _outbound_rules(subject: Subject) -> Iterator[Rule]:
    for rule in subject.outbound.ticket.rules:
        if any(field.text == _STATUS for field in rule.fields):
            yield rule.rule


def _inbound(rule: Rule, subject: Subject) -> Iterator[Finding]:
    allowed = subject.file.settings.work_order_actions
    whatever: list[tuple[str, Json]] = [("default", rule.default)]
    if isinstance(rule, SetStatic) and (rule.always or rule.value != DRAFT):
        whatever.append(("value", rule.value))
    for key, value in whatever:
        move = MOVES.get(value) if isinstance(value, int) else None
        if move and value in _GRAVE and move.action in allowed:
            when = "whatever its ticket's status" if key == "value" else "whose ticket has a status without an entry"
            text = f"{_shown(value)} would {move.action} every work order {when}."
            mend = "Write an entry for each status that means it, and no default."
            yield flaw("status_by_default", f"{rule.place}.{key}", text, mend)
    if isinstance(rule, StatusMap):
        for n, pair in enumerate(rule.pairs):
            yield from _reachable(pair.value, f"{rule.place}.mappings[{n}].value", allowed)
    if isinstance(rule, SetStatic):
        yield from _reachable(rule.value, f"{rule.place}.value", allowed)


def _reachable(value: Json, where: str, allowed: tuple[str, ...]) -> Iterator[Finding]:
    """A work order begins as a draft, so that needs no action."""
    if not isinstance(value, int) or value == DRAFT:
        return
    move = MOVES.get(value)
    if move is None:
        text = f"{_shown(value)} belongs to people at Field Nation: no mapping brings a work order there."
        yield doubt("status_not_reached", where, text, "Remove the entry, or map to Published (2).")
    elif move.action not in allowed:
        text = f"{_shown(value)} is never reached: settings.work_order_actions does not list {move.action}."
        yield doubt("status_not_reached", where, text, f"Add {move.action} to settings.work_order_actions.")


def _thrown_back(rule: StatusMap, subject: Subject) -> Iterator[Finding]:
    """What a work order's status makes of the ticket's, read by the way in as an order to go back."""
    allowed = subject.file.settings.work_order_actions
    for other in _outbound_rules(subject):
        for order, ticket in _given(other):
            n, wanted = next(((n, p.value) for n, p in enumerate(rule.pairs) if _is(p.compare, ticket)), (0, None))
            move = MOVES.get(wanted) if isinstance(wanted, int) else None
            if move and wanted in (DRAFT, CANCELLED) and move.action in allowed and order in move.frm:
                text = (
                    f"{other.place} gives a ticket {_named(ticket, subject)} while its work order is {label(order)}; "
                )
                text += f"this entry would {move.action} that work order again."
                mend = f"Map {label(order)} to another status there, or remove this entry."
                yield flaw("status_goes_back", f"{rule.place}.mappings[{n}]", text, mend)


def _given(rule: Rule) -> Iterator[tuple[int, Json]]:
    """The ticket's status for each status of the work order that has an entry."""
    if isinstance(rule, StatusMap):
        yield from ((pair.compare, pair.value) for pair in rule.pairs if isinstance(pair.compare, int))


def _outbound(rule: Rule, subject: Subject) -> Iterator[Finding]:
    done = _completing(subject)
    if isinstance(rule, SetStatic) and as_text(rule.value) in done:
        yield _early(f"{rule.place}.value", rule.value, "whatever the work order's status", subject)
    if not isinstance(rule, StatusMap):
        return
    given = dict(_given(rule))
    for n, pair in enumerate(rule.pairs):
        if pair.compare in _UNDONE and isinstance(pair.compare, int) and as_text(pair.value) in done:
            when = f"while its work order is only {label(pair.compare)}"
            yield _early(f"{rule.place}.mappings[{n}].value", pair.value, when, subject)
    if rule.default is not None:
        yield from _default(rule, given, done, subject)


def _default(rule: StatusMap, given: dict[int, Json], done: frozenset[str], subject: Subject) -> Iterator[Finding]:
    where = f"{rule.place}.default"
    without = [status for status in _LIFE if status not in given]
    undone = next((status for status in without if status in _UNDONE), None)
    if as_text(rule.default) in done and undone is not None:
        yield _early(where, rule.default, f"while its work order is only {label(undone)}", subject)
    elif as_text(rule.default) not in done and (back := _back(rule.default, given, without)):
        text = f"{label(back)} has no entry, so its ticket would go back to {_named(rule.default, subject)}."
        yield flaw("status_goes_back", where, text, f"Add an entry for {label(back)}, or leave the default out.")


def _back(default: Json, given: dict[int, Json], without: list[int]) -> int | None:
    """The status without an entry at which the default takes a ticket back: to New once work is under way, or to what
    it had before one of the entries."""
    for late in reversed(without):
        before = _LIFE[: _LIFE.index(late)]
        if as_text(default) == _NEW and late in (ASSIGNED, WORK_DONE, APPROVED, PAID):
            return late
        had = [n for n, status in enumerate(before) if _is(given.get(status, default), default)]
        if any(n > min(had, default=len(before)) and n not in had for n in range(len(before))):
            return late
    return None


def _early(where: str, value: Json, when: str, subject: Subject) -> Finding:
    text = f"{_named(value, subject)} would complete a ticket {when}."
    return flaw("status_completes_early", where, text, "Complete it at Approved (5), or at Work Done (4).")


def _completing(subject: Subject) -> frozenset[str]:
    if subject.tickets.entity != "Tickets":
        return frozenset()
    named = {pick.value for pick in subject.statuses if pick.label.strip().casefold().startswith("complete")}
    return frozenset(named | {_COMPLETE})


def _is(one: Json, other: Json) -> bool:
    return as_text(one) == as_text(other)


def _named(value: Json, subject: Subject) -> str:
    pick = next((pick for pick in subject.statuses if pick.value == as_text(value)), None)
    return label_of(pick) if pick else show(value)


def _shown(value: Json) -> str:
    return label(value) if isinstance(value, int) and value in STATUSES else show(value)
