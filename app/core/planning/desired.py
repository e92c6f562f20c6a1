"""What the mapping wants at the work order: mapped values brought to the vendor's places, with their sources."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from app.core.mapping.digests import digest
from app.core.mapping.paths import Path, System, parse_path
from app.core.model.document import Json
from app.core.model.finding import Finding, Severity
from app.core.planning.targets import (
    STATUS,
    WINDOW_END,
    WINDOW_START,
    Target,
    clashing,
    comparable,
    read_id,
    read_moment,
    read_target,
    show,
    spaced,
)

SCHEDULE_LEAD = timedelta(hours=4)
"""How long before its end a visit starts when only the end is known."""


class Mapped(Protocol):
    """One mapped value, as the mapping engine gives it."""

    @property
    def target(self) -> str: ...
    @property
    def value(self) -> Json: ...
    @property
    def inputs(self) -> Sequence[tuple[str, Json]]: ...
    @property
    def always(self) -> bool: ...
    @property
    def owner(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Wish:
    """One wanted value: `value` in comparable form, digests of the sources it came from, and its owner's name."""

    target: Target
    value: Json
    sources: Mapping[str, str] = field(default_factory=dict)
    always: bool = False
    owner: str = "autotask"


@dataclass(frozen=True, slots=True)
class Desired:
    """Everything the mapping wants; `status` apart, since a status is reached and not written.

    `read` are digests of everything that was read, also where nothing is wanted because of it.
    """

    wishes: tuple[Wish, ...] = ()
    status: Wish | None = None
    findings: tuple[Finding, ...] = ()
    read: Mapping[str, str] = field(default_factory=dict)

    @property
    def sources(self) -> dict[str, str]:
        """Digests of every source that was read."""
        every = (*self.wishes, self.status) if self.status else self.wishes
        return {**self.read, **{path: value for wish in every for path, value in wish.sources.items()}}

    @property
    def values(self) -> dict[str, Json]:
        """Wanted values by shown target."""
        return {show(wish.target): wish.value for wish in self.wishes}


def desired_of(
    mapped: Sequence[Mapped], *, record: str, number: str, now: datetime, read: Sequence[tuple[str, Json]] = ()
) -> Desired:
    """Brings mapped values to their places. A value that fits nowhere is a finding.

    `number` is the ticket's number, the mark that every work order carries in `incident_id` unless that is mapped.
    """
    wishes: dict[Target, Wish] = {}
    findings: list[Finding] = []
    for one in mapped:
        wish, finding = _wish(one, record)
        if wish:
            wishes[wish.target] = wish
        if finding:
            findings.append(finding)
    if number:
        wishes.setdefault(("incident_id",), Wish(("incident_id",), number))
    status = wishes.pop(STATUS, None)
    for target in sorted(clashing(sorted(wishes, key=show)), key=show):
        findings.append(_clash(record, wishes.pop(target)))
    findings.extend(_drop_backwards(wishes, record))
    window, odd = _whole_window(wishes, record, now)
    wishes.update(window)
    in_order = tuple(wishes[target] for target in sorted(wishes, key=show))
    return Desired(in_order, status, (*findings, *odd), {path: digest(value) for path, value in read})


def _wish(one: Mapped, record: str) -> tuple[Wish | None, Finding | None]:
    path = parse_path(one.target, System.FIELD_NATION)
    target = read_target(path.segments) if isinstance(path, Path) else None
    sources = {path: digest(value) for path, value in one.inputs}
    if target is None:
        return None, _unplaced(record, one)
    if one.value is None:
        return None, None
    if target in (WINDOW_START, WINDOW_END) and read_moment(one.value) is None:
        return None, _not_a_moment(record, target, one.value)
    value = comparable(target, one.value)
    if target == STATUS:
        value = read_id(value)
        if value is None:
            return None, _not_a_status(record, one.value)
    return Wish(target, value, sources, one.always, one.owner or "autotask"), None


def _drop_backwards(wishes: dict[Target, Wish], record: str) -> list[Finding]:
    """A visit that would end before it starts is no schedule: the one that stands is left alone."""
    start, end = wishes.get(WINDOW_START), wishes.get(WINDOW_END)
    if start is None or end is None or str(start.value) < str(end.value):
        return []
    del wishes[WINDOW_START], wishes[WINDOW_END]
    return [
        Finding(
            "schedule_backwards",
            Severity.WARNING,
            record,
            f"The schedule would start at {start.value} UTC and end at {end.value} UTC; it was left as it is.",
            "Correct the times in the ticket, or map time_window.start and time_window.end from other fields.",
            "time_window",
        )
    ]


def _whole_window(
    wishes: Mapping[Target, Wish], record: str, now: datetime
) -> tuple[dict[Target, Wish], list[Finding]]:
    """A schedule with only an end starts four hours before it, not before now; each with a finding."""
    start, end = wishes.get(WINDOW_START), wishes.get(WINDOW_END)
    if end is None or start is not None:
        only_start = start is not None and end is None
        return {}, [_schedule_finding(record, "schedule_exact", "has only a start: it is exact")] if only_start else []
    until = read_moment(end.value)
    if until is None:
        return {}, []
    begin = max(until - SCHEDULE_LEAD, now.replace(microsecond=0))
    if begin >= until:
        begin = until - SCHEDULE_LEAD
        text = f"has only an end, which is past: it starts at {spaced(begin)} UTC, four hours before"
    else:
        text = f"has only an end: it starts at {spaced(begin)} UTC"
    derived = Wish(WINDOW_START, spaced(begin), {}, owner="derived")
    return {WINDOW_START: derived}, [_schedule_finding(record, "schedule_start_derived", text)]


def _schedule_finding(record: str, code: str, text: str) -> Finding:
    return Finding(
        code,
        Severity.INFO,
        record,
        f"The schedule {text}.",
        "Map both time_window.start and time_window.end.",
        "time_window",
    )


def _unplaced(record: str, one: Mapped) -> Finding:
    return Finding(
        "target_not_writable",
        Severity.ERROR,
        record,
        f"Field Nation has no place named {one.target!r} that can be written; the value {one.value!r} was left out.",
        "Change the target of this mapping to a field of the work order, such as title or location.city.",
        one.target,
    )


def _clash(record: str, wish: Wish) -> Finding:
    return Finding(
        "targets_clash",
        Severity.ERROR,
        record,
        f"{show(wish.target)} cannot hold {wish.value!r}: another mapping writes to a place inside or around it.",
        "Take one of the mappings out.",
        show(wish.target),
    )


def _not_a_moment(record: str, target: Target, value: Json) -> Finding:
    return Finding(
        "time_not_understood",
        Severity.WARNING,
        record,
        f"{value!r} is not a time; {show(target)} was left as it is.",
        "Map it from a date field, or with date_convert to YYYY-MM-DD HH:mm:ss in UTC.",
        show(target),
    )


def _not_a_status(record: str, value: Json) -> Finding:
    return Finding(
        "status_not_known",
        Severity.ERROR,
        record,
        f"{value!r} is not a status of a work order; the status was left as it is.",
        "Map to Draft, Published, Cancelled or Approved, or to their ids 1, 2, 7, 5.",
        "status_id",
    )
