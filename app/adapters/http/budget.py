"""Budgets as pure values: what was used, what may be used, and from when on. Every function takes `now`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeAlias

Slots: TypeAlias = tuple[tuple[datetime, int], ...]
"""Calls (or bytes) by the start of the slot of time they fell into, oldest first."""

# Autotask developer help, REST thresholds: 10,000 calls per rolling hour and database unless raised for the customer.
DEFAULT_HOURLY_LIMIT = 10_000
# The same page asks for ThresholdInformation at most every five minutes; it counts as a call itself.
READING_EVERY = timedelta(minutes=5)
# A reading costs a call, so it is made only when that is at most a hundredth of what was called since the last one.
_CALLS_PER_READING = 100
_HOUR_SLOT = timedelta(minutes=1)
_MINUTE_SLOT = timedelta(seconds=10)
_MINUTE = timedelta(minutes=1)
# One second more than the vendor's minute, because calls may arrive closer together than they were sent.
_PACE_WINDOW_S = 61.0
# Autotask developer help, attachments: 10,000,000 bytes in 5 minutes for each database and integration.
_WINDOW_BYTES = 10_000_000
_BYTES_WINDOW = timedelta(minutes=5)
_BYTES_SLOT = timedelta(seconds=5)


def spent(slots: Slots, now: datetime, calls: int, slot: timedelta, window: timedelta) -> Slots:
    """The slots with `calls` more at `now`, without those that left the window."""
    start = now - (now - datetime.min.replace(tzinfo=UTC)) % slot
    kept = tuple((at, n) for at, n in slots if at + slot + window > now)
    if kept and kept[-1][0] >= start:
        return (*kept[:-1], (kept[-1][0], kept[-1][1] + calls))
    return (*kept, (start, calls))


def used(slots: Slots, now: datetime, slot: timedelta, window: timedelta) -> int:
    """Calls that still count at `now`; a slot counts until its last moment has left the window."""
    return sum(n for at, n in slots if at + slot + window > now)


@dataclass(frozen=True, slots=True)
class HourBudget:
    """The share of a database's rolling hour, as known to its host.

    `asked` is what the connection file says; `limit` and `others` come from the last reading (`read_at`) of the
    vendor's own count; `since_reading` are our calls after it; `blocked_until` is a limit that the vendor announced.
    """

    asked: int | Literal["auto"] = "auto"
    slots: Slots = ()
    limit: int = DEFAULT_HOURLY_LIMIT
    others: int = 0
    window: timedelta = timedelta(hours=1)
    read_at: datetime | None = None
    since_reading: int = 0
    blocked_until: datetime | None = None

    def used(self, now: datetime) -> int:
        return used(self.slots, now, _HOUR_SLOT, self.window)

    def own_share(self) -> int:
        """What we take at most, whatever the others do."""
        return self.limit // 2 if self.asked == "auto" else self.asked

    def ceiling(self) -> int:
        """What we may use now: our share, and never past 90 % of the limit together with the others."""
        return max(0, min(self.own_share(), self.limit * 9 // 10 - self.others))

    def spend(self, now: datetime, calls: int = 1) -> "HourBudget":
        slots = spent(self.slots, now, calls, _HOUR_SLOT, self.window)
        return replace(self, slots=slots, since_reading=self.since_reading + calls)

    def block(self, until: datetime) -> "HourBudget":
        return replace(self, blocked_until=max(until, self.blocked_until or until))

    def begin_reading(self, now: datetime) -> "HourBudget":
        return replace(self, read_at=now, since_reading=0)

    def with_reading(self, limit: int, everybody: int, window: timedelta, now: datetime) -> "HourBudget":
        """After the vendor said how much everybody used; what is not ours is the others'."""
        others = max(0, everybody - self.used(now))
        return replace(
            self, limit=max(limit, 1), others=others, window=max(window, _MINUTE), read_at=now, since_reading=0
        )

    def reading_due(self, now: datetime) -> bool:
        """Whether it is worth a call to ask the vendor for everybody's use."""
        if self.blocked_until is not None and self.blocked_until > now:
            return False
        if self.read_at is not None and timedelta() <= now - self.read_at < READING_EVERY:
            return False
        stopped_by_others = self.ceiling() <= self.used(now) < self.own_share()
        return stopped_by_others or self.since_reading >= _CALLS_PER_READING

    def closed_until(self, now: datetime) -> datetime | None:
        """None when a call may be made now, else when it is worth asking again."""
        if self.blocked_until is not None and self.blocked_until > now:
            return self.blocked_until
        if self.used(now) < self.ceiling():
            return None
        freed_at = self._freed_at(now)
        if self.used(now) < self.own_share() and self.read_at is not None:
            return max(now + _HOUR_SLOT, min(freed_at, self.read_at + READING_EVERY))
        return freed_at

    def forecast(self, now: datetime) -> int:
        """What a whole window would use at the rate of its last ten minutes."""
        recent = used(self.slots, now, _HOUR_SLOT, timedelta(minutes=9))
        return recent * (self.window // timedelta(minutes=10))

    def _freed_at(self, now: datetime) -> datetime:
        left = self.used(now)
        for at, calls in self.slots:
            left -= calls if at + _HOUR_SLOT + self.window > now else 0
            if left < self.ceiling():
                return at + _HOUR_SLOT + self.window
        return now + READING_EVERY


@dataclass(frozen=True, slots=True)
class MinuteBudget:
    """A token bucket written as one instant: `free_at` is when the bucket will be full again.

    Never more than `per_minute` calls in any minute, at most `burst` of them at once.
    """

    per_minute: int
    burst: int
    free_at: datetime | None = None
    blocked_until: datetime | None = None
    slots: Slots = ()

    def interval(self) -> timedelta:
        """Time in which one call's worth comes back."""
        return timedelta(seconds=_PACE_WINDOW_S / (self.per_minute - self.burst + 1))

    def reserve(self, now: datetime) -> "tuple[MinuteBudget, datetime]":
        """The budget with one more call taken, and when that call may go."""
        full_at = max(now, self.free_at or now, self.blocked_until or now)
        go_at = max(now, self.blocked_until or now, full_at - self.interval() * (self.burst - 1))
        slots = spent(self.slots, now, 1, _MINUTE_SLOT, _MINUTE)
        return replace(self, free_at=full_at + self.interval(), slots=slots), go_at

    def block(self, until: datetime) -> "MinuteBudget":
        return replace(self, blocked_until=max(until, self.blocked_until or until))

    def is_blocked(self, now: datetime) -> bool:
        return self.blocked_until is not None and self.blocked_until > now

    def used(self, now: datetime) -> int:
        """Calls taken in the last minute, roughly."""
        return used(self.slots, now, _MINUTE_SLOT, _MINUTE - _MINUTE_SLOT)


@dataclass(frozen=True, slots=True)
class ByteBudget:
    """The bytes of files that a vendor takes in a rolling window.

    `held` are those of uploads under way: the vendor may count them as late as its answer, so they have no time yet.
    """

    limit: int = _WINDOW_BYTES
    slots: Slots = ()
    held: int = 0
    blocked_until: datetime | None = None

    def used(self, now: datetime) -> int:
        """Bytes that count at `now`, those under way among them."""
        return used(self.slots, now, _BYTES_SLOT, _BYTES_WINDOW) + self.held

    def hold(self, size_bytes: int) -> "ByteBudget":
        return replace(self, held=self.held + size_bytes)

    def give_back(self, size_bytes: int) -> "ByteBudget":
        """After an upload that certainly did not arrive."""
        return replace(self, held=self.held - size_bytes)

    def settle(self, size_bytes: int, now: datetime) -> "ByteBudget":
        """After an upload has ended: its bytes leave the window that begins now."""
        slots = spent(self.slots, now, size_bytes, _BYTES_SLOT, _BYTES_WINDOW)
        return replace(self, slots=slots, held=self.held - size_bytes)

    def block(self, until: datetime) -> "ByteBudget":
        return replace(self, blocked_until=max(until, self.blocked_until or until))

    def closed_until(self, size_bytes: int, now: datetime) -> datetime | None:
        """None when a file of that size may be sent now, else when it is worth asking again."""
        if self.blocked_until is not None and self.blocked_until > now:
            return self.blocked_until
        excess = self.used(now) + size_bytes - self.limit
        if excess <= 0:
            return None
        for at, size in self.slots:
            freed_at = at + _BYTES_SLOT + _BYTES_WINDOW
            excess -= size if freed_at > now else 0
            if excess <= 0:
                return freed_at
        return now + _BYTES_WINDOW


def hour_record(budget: HourBudget, granted: int, now: datetime) -> dict[str, Any]:
    """What is persisted and shown of an hour; `granted` calls were allowed and not made yet."""
    return {
        "used": budget.used(now) + granted,
        "limit": budget.ceiling(),
        "forecast": budget.forecast(now),
        "until": _text(budget.closed_until(now)),
        "_slots": [[_text(at), calls] for at, calls in budget.slots],
        "_granted": granted,
        "_database_limit": budget.limit,
        "_others": budget.others,
        "_window_minutes": budget.window // _MINUTE,
        "_read_at": _text(budget.read_at),
        "_since_reading": budget.since_reading,
        "_blocked_until": _text(budget.blocked_until),
    }


def read_hour(record: Mapping[str, Any], asked: int | Literal["auto"], now: datetime) -> HourBudget:
    """The budget of a record; grants that were never given back count as spent now. A broken record is empty."""
    try:
        budget = HourBudget(
            asked=asked,
            slots=tuple((datetime.fromisoformat(at), int(calls)) for at, calls in record.get("_slots", ())),
            limit=int(record.get("_database_limit", DEFAULT_HOURLY_LIMIT)),
            others=int(record.get("_others", 0)),
            window=timedelta(minutes=int(record.get("_window_minutes", 60))),
            read_at=_instant(record.get("_read_at")),
            since_reading=int(record.get("_since_reading", 0)),
            blocked_until=_instant(record.get("_blocked_until")),
        )
        granted = int(record.get("_granted", 0))
    except (TypeError, ValueError):
        return HourBudget(asked=asked)
    return budget.spend(now, granted) if granted > 0 else budget


def minute_record(budget: MinuteBudget, free_at: datetime | None, now: datetime) -> dict[str, Any]:
    """What is persisted and shown of a minute; `free_at` lies later than the budget's own by what was granted."""
    count = budget.used(now)
    return {
        "used": count,
        "limit": budget.per_minute,
        "forecast": count,
        "until": _text(budget.blocked_until) if budget.is_blocked(now) else None,
        "_free_at": _text(free_at),
        "_blocked_until": _text(budget.blocked_until),
    }


def read_minute(record: Mapping[str, Any], per_minute: int, burst: int) -> MinuteBudget:
    """The budget of a record. A broken record is empty."""
    empty = MinuteBudget(per_minute, burst)
    try:
        return replace(
            empty, free_at=_instant(record.get("_free_at")), blocked_until=_instant(record.get("_blocked_until"))
        )
    except (TypeError, ValueError):
        return empty


def bytes_record(budget: ByteBudget, now: datetime) -> dict[str, Any]:
    """What is persisted and shown of the window, in bytes."""
    count = budget.used(now)
    return {
        "used": count,
        "limit": budget.limit,
        "forecast": count,
        "until": _text(budget.closed_until(1, now)),
        "_slots": [[_text(at), size] for at, size in budget.slots],
        "_held": budget.held,
        "_blocked_until": _text(budget.blocked_until),
    }


def read_bytes(record: Mapping[str, Any], now: datetime) -> ByteBudget:
    """The budget of a record; uploads whose end nobody saw count as ended now. A broken record is empty."""
    try:
        budget = ByteBudget(
            slots=tuple((datetime.fromisoformat(at), int(size)) for at, size in record.get("_slots", ())),
            held=int(record.get("_held", 0)),
            blocked_until=_instant(record.get("_blocked_until")),
        )
    except (TypeError, ValueError):
        return ByteBudget()
    return budget.settle(budget.held, now) if budget.held > 0 else budget


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _instant(text: Any) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
