"""Time entries: one for each closed time log, or one for each local day of a log that has to be split."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from app.core.mapping.values import show
from app.core.model.connection import Provider
from app.core.model.document import Document, Json
from app.core.model.finding import Finding, Severity
from app.core.model.intent import Phase
from app.core.model.ledger import LedgerEntry
from app.core.planning.targets import read_moment
from app.core.planning.ticket.context import (
    ACCEPTED,
    DONE,
    Context,
    at_midnight,
    mapping_of,
    moment_of,
    utc_text,
)
from app.core.planning.ticket.items import Items, Kind, is_sent
from app.core.planning.ticket.wishes import Fact, FieldWish, fixed, sourced

TIME = Kind("time_entry", "TimeEntries", Phase.TIME, "time log")

LONGEST = timedelta(hours=24)
"""Autotask takes less than a day in one entry (its developer help, time entries)."""

_LEAST = timedelta(minutes=1)
_MOST = timedelta(days=31)
"""Nobody works that long without a check-out: a year was mistyped, or a check-out forgotten."""

_IN, _OUT = "item.in", "item.out"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a time log: the key of its entry, and its window."""

    key: str
    start: datetime
    end: datetime

    @property
    def hours(self) -> Decimal:
        """Hours of the window, exact to the second, with four places."""
        seconds = Decimal((self.end - self.start) // timedelta(seconds=1))
        return (seconds / 3600).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def time_items(context: Context, *, is_complete: bool) -> Items:
    """What the time logs of the work order should be at the ticket. Open logs, and those that are not due, wait."""
    facts: dict[str, Fact] = {}
    held: set[str] = set()
    replaced: dict[str, str] = {}
    for id, log in context.items("time_logs"):
        written = _entries_of(id, context.entries)
        window = _window(log, id, context)
        if window is None or not _is_due(context):
            held |= {id, *written}
            continue
        parts = _parts(id, window, context, written)
        facts |= {part.key: _fact(log, part, len(parts) > 1, context) for part in parts}
        kept = {part.key for part in parts}
        replaced |= {key: "its time log has another shape now" for key in written if key not in kept}
    return Items(facts, is_complete, frozenset(held - facts.keys()), replaced)


def _is_due(context: Context) -> bool:
    match context.file.time_entries.send:
        case "approved":
            return context.status in ACCEPTED
        case "work_done":
            return context.status in DONE
        case _:
            return True


def _window(log: Document, id: str, context: Context) -> tuple[datetime, datetime] | None:
    """Start and end of a closed log; None while it is open, or when nobody can tell how long it was."""
    given = log.get("StartDateTime"), log.get("EndDateTime")
    start, end = moment_of(given[0]), moment_of(given[1])
    if start is None or end is None:
        if (given[0] and start is None) or given[1]:
            _cannot_read(id, f"it lasts from {show(given[0])} to {show(given[1])}", context)
        return None
    if end - start > _MOST:
        _cannot_read(id, f"it lasts {(end - start).days} days", context)
        return None
    if end - start < _LEAST:
        _say_short(f"time log {id}", start, end, id, context)
        return None
    return start, end


def _cannot_read(id: str, what: str, context: Context) -> None:
    text = f"time log {id} was not sent: {what}."
    field = f"{TIME.name}/{id}"
    context.cannot_read("time_logs", "time_log_unreadable", text, "Correct the time log in Field Nation.", field)


def _say_short(name: str, start: datetime, end: datetime, key: str, context: Context) -> None:
    text = f"{name} lasts from {utc_text(start)} to {utc_text(end)}: less than a minute is no time entry."
    mend = "Correct the time log in Field Nation, if somebody worked."
    field = f"{TIME.name}/{key}"
    context.findings.append(Finding("time_log_empty", Severity.WARNING, context.owner, text, mend, field))


def _entries_of(id: str, entries: Sequence[LedgerEntry]) -> dict[str, LedgerEntry]:
    """What was sent of a log: the whole one, or its days."""
    return {
        entry.key.key: entry
        for entry in entries
        if entry.key.kind == TIME.name and entry.key.key.partition("/")[0] == id and is_sent(entry)
    }


def _parts(
    id: str, window: tuple[datetime, datetime], context: Context, written: Mapping[str, LedgerEntry]
) -> tuple[Part, ...]:
    """The log as a whole, or by local days: when it is too long for one entry, when the file asks for it, or when it
    was split before. The file's word counts for new logs only."""
    start, end = window
    days = _days(id, start, end, context.zone)
    was_split = bool(written) and id not in written
    is_new_split = len(days) > 1 and not written and context.file.time_entries.split_at_midnight
    if not (was_split or is_new_split or end - start >= LONGEST):
        return (Part(id, start, end),)
    for part in days:
        if part.end - part.start < _LEAST:
            _say_short(f"the piece {part.key} of a time log", part.start, part.end, part.key, context)
    return tuple(part for part in days if part.end - part.start >= _LEAST)


def _days(id: str, start: datetime, end: datetime, zone: ZoneInfo) -> tuple[Part, ...]:
    """A whole day is too long for one entry, so it is cut again at noon; the day that clocks go back has 25 hours."""
    parts: list[Part] = []
    here = start
    while here < end:
        day = here.astimezone(zone).date()
        until = min(end, _at(day + timedelta(days=1), time(), zone))
        key, noon = f"{id}/{day.isoformat()}", _at(day, time(12), zone)
        is_whole = until - here >= LONGEST
        parts += [Part(key, here, noon), Part(f"{key}/2", noon, until)] if is_whole else [Part(key, here, until)]
        here = until
    return tuple(parts)


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The moment of that local time, in UTC."""
    return datetime.combine(day, clock, zone).astimezone(UTC)


def _fact(log: Document, part: Part, is_split: bool, context: Context) -> Fact:
    item = dict(log)
    if is_split:
        item |= {"StartDateTime": utc_text(part.start), "EndDateTime": utc_text(part.end), "HoursWorked": part.hours}
    return context.fact(
        "time_entries",
        TIME.entity,
        part.key,
        f"time log {part.key}",
        part.key,
        _built_in(log, part, context),
        item,
        _lacking,
        context.file.time_entries.id_field,
    )


def _built_in(log: Document, part: Part, context: Context) -> tuple[FieldWish, ...]:
    settings = context.file.time_entries
    who, provider = _provider(log, context)
    window = {_IN: utc_text(part.start), _OUT: utc_text(part.end)}
    day = at_midnight(part.start.astimezone(context.zone).date())
    resource = settings.resource_id if provider is None else provider.resource_id
    role = settings.role_id if provider is None else provider.role_id
    summary = f"Field Nation work order {context.id}: time on site" + (f", {who}" if who else "")
    return (
        *fixed(**context.place.wish, resourceID=resource, roleID=role, billingCodeID=settings.work_type),
        sourced("startDateTime", window[_IN], **{_IN: window[_IN]}),
        sourced("endDateTime", window[_OUT], **{_OUT: window[_OUT]}),
        sourced("hoursWorked", part.hours, **window),
        sourced("dateWorked", day, **{_IN: window[_IN]}),
        *fixed(summaryNotes=summary),
    )


def _provider(log: Document, context: Context) -> tuple[str, Provider | None]:
    """Who worked, and the resource of the file's table: whoever logged the time, else who is assigned."""
    assigned = mapping_of(mapping_of(context.order.get("assignee")).get("user"))
    table = context.file.time_entries.providers
    ids = (mapping_of(log.get("logged_by")).get("id"), assigned.get("id"))
    known = next((table[str(id)] for id in ids if str(id) in table), None)
    return str(log.get("provider") or ""), known


def _lacking(values: Mapping[str, Json]) -> str:
    missing = [name for name in ("resourceID", "roleID") if values.get(name) in (None, "")]
    if missing:
        return f"nobody says whose time it is ({' and '.join(missing)}); set time_entries.resource_id and role_id"
    if not str(values.get("summaryNotes") or "").strip():
        return "the mapping leaves summaryNotes empty, which Autotask demands"
    return ""


def looks_like(record: Document, values: Mapping[str, Any]) -> bool:
    """Whether a record in Autotask is what an attempt with those values would have made, mark or not."""
    start, end = read_moment(record.get("startDateTime")), read_moment(record.get("endDateTime"))
    return (
        start is not None
        and start == read_moment(values.get("startDateTime"))
        and end == read_moment(values.get("endDateTime"))
        and str(record.get("resourceID")) == str(values.get("resourceID"))
    )
