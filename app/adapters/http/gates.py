"""Gates: what a call passes on its way out. Calls in flight, per minute, per hour; bytes of files."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from app.adapters.http.budget import (
    ByteBudget,
    HourBudget,
    MinuteBudget,
    bytes_record,
    hour_record,
    minute_record,
    read_bytes,
    read_hour,
    read_minute,
)
from app.core.model.failure import LeaseLost, NotSent, Rejected, Throttled
from app.ports.budgets import Budgets
from app.ports.clock import Clock
from app.ports.hosting import Hosted

_LEAST_GRANT = 10
_GRANTS_PER_SHARE = 250


class Gate(Protocol):
    """Something that makes a call wait its turn, or turns it away with `Throttled`."""

    async def enter(self) -> None:
        """Returns when the call may go. Raises `Throttled` when that would take too long."""

    def leave(self) -> None:
        """The call has ended, well or badly; called once for every `enter` that returned."""


@asynccontextmanager
async def passing(gate: Gate) -> AsyncIterator[None]:
    """Inside, the gate is passed."""
    await gate.enter()
    try:
        yield
    finally:
        gate.leave()


class Lane:
    """At most `limit` calls in flight, first come, first served."""

    def __init__(self, limit: int) -> None:
        self._free = limit
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def enter(self) -> None:
        if self._free > 0:
            self._free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


class ThreadGates:
    """One lane for each key. A host takes 2 of a vendor's 3 threads and leaves 1 to a person's commands."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lanes: dict[str, Lane] = {}

    def of(self, key: str) -> Lane:
        """The lane of that key, in any capitalisation."""
        return self._lanes.setdefault(key.lower(), Lane(self._limit))


class MinuteGate:
    """A token bucket. Waits in place up to `max_wait_s`; beyond that it raises `Throttled`."""

    def __init__(
        self,
        clock: Clock,
        budget: MinuteBudget,
        store: "BudgetStore",
        max_wait_s: float = 90.0,
    ) -> None:
        self._clock = clock
        self._budget = budget
        self._store = store
        self._max_wait = timedelta(seconds=max_wait_s)
        self._granted_until = budget.free_at
        self._turn = asyncio.Lock()

    async def enter(self) -> None:
        while True:
            go_at = await self._reserve()
            await self._clock.sleep((go_at - self._clock.now()).total_seconds())
            if not self._budget.is_blocked(self._clock.now()):
                return

    def leave(self) -> None:
        """Nothing is held while a call is under way."""

    def block_until(self, until: datetime) -> None:
        """The vendor said to wait (`Retry-After`): nothing goes before that."""
        self._budget = self._budget.block(until)

    def record(self) -> Mapping[str, Any]:
        """`used`, `limit`, `forecast`, `until`, as the health page shows them, beside private keys."""
        return minute_record(self._budget, self._granted_until, self._clock.now())

    async def release(self) -> None:
        """Gives back what was granted and not used; to be called before the account is handed back."""
        self._granted_until = self._budget.free_at
        await self._store.give_back(self.record())

    async def _reserve(self) -> datetime:
        async with self._turn:
            now = self._clock.now()
            taken, go_at = self._budget.reserve(now)
            if go_at - now > self._max_wait:
                raise Throttled("The calls per minute are used up.", until=go_at)
            await self._grant(taken, now)
            # What was announced while the grant was stored must not be lost.
            self._budget = replace(taken, blocked_until=self._budget.blocked_until)
            return go_at

    async def _grant(self, taken: MinuteBudget, now: datetime) -> None:
        if taken.free_at is None or (self._granted_until is not None and taken.free_at <= self._granted_until):
            return
        granted_until = taken.free_at + taken.interval() * _chunk(taken.per_minute)
        await self._store.save(minute_record(taken, granted_until, now))
        self._granted_until = granted_until


class HourGate:
    """The share of a rolling hour. Never waits: when the share is used up it raises `Throttled`."""

    def __init__(self, clock: Clock, budget: HourBudget, store: "BudgetStore") -> None:
        self._clock = clock
        self._budget = budget
        self._store = store
        self._granted = 0
        self._turn = asyncio.Lock()

    async def enter(self) -> None:
        async with self._turn:
            now = self._clock.now()
            until = self._budget.closed_until(now)
            if until is not None:
                raise Throttled("Our share of the hourly calls is used up.", until=until)
            await self._spend(now, self._budget.ceiling() - self._budget.used(now))

    def leave(self) -> None:
        """Nothing is held while a call is under way."""

    async def enter_for_reading(self) -> None:
        """Counts the call that asks for everybody's use; it may go even when the share is used up."""
        async with self._turn:
            await self._spend(self._clock.now(), 1)

    def block_until(self, until: datetime) -> None:
        """The vendor said that the limit is reached: nothing goes before that."""
        self._budget = self._budget.block(until)

    def begin_reading(self) -> bool:
        """True for the one caller that should ask the vendor for everybody's use now; whatever comes of it, the
        next reading is due five minutes later."""
        now = self._clock.now()
        due = self._budget.reading_due(now)
        if due:
            self._budget = self._budget.begin_reading(now)
        return due

    def note_reading(self, limit: int, everybody: int, window_minutes: int) -> None:
        """What the vendor said: the limit, everybody's calls in the window, the window's length."""
        window = timedelta(minutes=window_minutes)
        self._budget = self._budget.with_reading(limit, everybody, window, self._clock.now())

    def record(self) -> Mapping[str, Any]:
        """`used`, `limit`, `forecast`, `until`, as the health page shows them, beside private keys."""
        return hour_record(self._budget, self._granted, self._clock.now())

    async def release(self) -> None:
        """Gives back what was granted and not used; to be called before the account is handed back."""
        self._granted = 0
        await self._store.give_back(self.record())

    async def _spend(self, now: datetime, left: int) -> None:
        if self._granted == 0:
            granted = max(1, min(_chunk(self._budget.ceiling()), left))
            await self._store.save(hour_record(self._budget, granted, now))
            self._granted = granted
        self._granted -= 1
        self._budget = self._budget.spend(now)


class BytesGate:
    """The bytes of files in a rolling window. Never waits: a file that does not fit now raises `Throttled`.

    It is passed around a whole upload, its repetitions included, and not on the way of one call: a file counts once.
    """

    def __init__(self, clock: Clock, budget: ByteBudget, store: "BudgetStore") -> None:
        self._clock = clock
        self._budget = budget
        self._store = store
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def uploading(self, size_bytes: int) -> AsyncIterator[None]:
        """Inside, that many bytes are under way. `Rejected("file_too_large")` when they never fit."""
        await self._hold(size_bytes)
        may_have_arrived = True
        try:
            yield
        except (NotSent, Throttled, LeaseLost):
            may_have_arrived = False
            raise
        finally:
            budget = self._budget
            now = self._clock.now()
            self._budget = budget.settle(size_bytes, now) if may_have_arrived else budget.give_back(size_bytes)

    async def block_until(self, until: datetime) -> None:
        """The vendor said that the window is full: nothing goes before that, under the next host neither."""
        self._budget = self._budget.block(until)
        await self._store.give_back(self.record())

    def record(self) -> Mapping[str, Any]:
        """`used`, `limit`, `forecast`, `until`, in bytes, beside private keys."""
        return bytes_record(self._budget, self._clock.now())

    async def release(self) -> None:
        """Keeps what was uploaded; to be called before the account is handed back."""
        if self._budget != ByteBudget():
            await self._store.give_back(self.record())

    async def _hold(self, size_bytes: int) -> None:
        if size_bytes > self._budget.limit:
            raise Rejected(
                "file_too_large", f"A file of {size_bytes} bytes, as sent, is more than Autotask ever takes."
            )
        async with self._turn:
            now = self._clock.now()
            until = self._budget.closed_until(size_bytes, now)
            if until is not None:
                raise Throttled("The bytes of attachments are used up for some minutes.", until=until)
            await self._store.save(bytes_record(self._budget.hold(size_bytes), now))
            # What ended or was announced while the grant was stored must not be lost.
            self._budget = self._budget.hold(size_bytes)


class BudgetStore:
    """Where one budget is kept. Without a host it is read and never written."""

    def __init__(self, budgets: Budgets, scope: str, hosted: Hosted | None) -> None:
        self._budgets = budgets
        self._scope = scope
        self._hosted = hosted

    async def load(self) -> Mapping[str, Any]:
        return await self._budgets.load(self._scope)

    async def save(self, record: Mapping[str, Any]) -> None:
        """Raises `LeaseLost` when another host has the budget."""
        if self._hosted is not None:
            await self._budgets.save(self._hosted, self._scope, record)

    async def give_back(self, record: Mapping[str, Any]) -> None:
        """Saves at the end; the budget of a lost lease belongs to somebody else, so there is nothing to give back."""
        try:
            await self.save(record)
        except LeaseLost:
            return


async def open_hour_gate(
    clock: Clock, budgets: Budgets, scope: str, hosted: Hosted | None, asked: int | Literal["auto"] = "auto"
) -> HourGate:
    """The gate of an account's hourly share, with what earlier hosts used. `asked` is calls per hour."""
    store = BudgetStore(budgets, scope, hosted)
    return HourGate(clock, read_hour(await store.load(), asked, clock.now()), store)


async def open_bytes_gate(clock: Clock, budgets: Budgets, scope: str, hosted: Hosted | None) -> BytesGate:
    """The gate of an account's files, with what earlier hosts uploaded."""
    store = BudgetStore(budgets, scope, hosted)
    return BytesGate(clock, read_bytes(await store.load(), clock.now()), store)


async def open_minute_gate(
    clock: Clock,
    budgets: Budgets,
    scope: str,
    hosted: Hosted | None,
    calls_per_minute: int,
    burst: int | None = None,
    max_wait_s: float = 90.0,
) -> MinuteGate:
    """The gate of a connection's minute, with what earlier hosts used. `burst` is a sixth of it unless given."""
    store = BudgetStore(budgets, scope, hosted)
    at_once = max(1, calls_per_minute // 6) if burst is None else max(1, min(burst, calls_per_minute))
    return MinuteGate(clock, read_minute(await store.load(), calls_per_minute, at_once), store, max_wait_s)


def _chunk(share: int) -> int:
    return max(_LEAST_GRANT, share // _GRANTS_PER_SHARE)
