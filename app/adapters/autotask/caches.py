"""What the connections of one account remember together."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from app.adapters.autotask.wire.zone import Zone
from app.ports.clock import Clock

T = TypeVar("T")

# A public client keeps a zone for 12 hours; databases do move.
_ZONE_KEPT = timedelta(hours=12)
_REFUSAL_KEPT = timedelta(hours=1)


class Cache(Generic[T]):
    """Values with an expiry. Many who want the same missing value wait for one reading of it."""

    def __init__(self, clock: Clock, kept: timedelta) -> None:
        self._clock = clock
        self._kept = kept
        self._values: dict[Hashable, tuple[datetime, T]] = {}
        self._readers: defaultdict[Hashable, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get(self, key: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """The value of that key, read when it is missing or too old. A failed reading is remembered by nobody."""
        async with self._readers[key]:
            value = self.known(key)
            if value is not None:
                return value
            fresh = await read()
            self.put(key, fresh)
            return fresh

    def known(self, key: Hashable) -> T | None:
        """The value of that key, or None when it is missing or too old."""
        at, value = self._values.get(key, (None, None))
        return value if at is not None and self._clock.now() - at < self._kept else None

    def put(self, key: Hashable, value: T) -> None:
        """Remembers a value from now on."""
        self._values[key] = (self._clock.now(), value)

    def clear(self) -> None:
        """Forgets everything."""
        self._values.clear()


class AccountCaches:
    """The caches of one account: zones by API user, and in whose name nothing may be created (by API user, entity and
    resource)."""

    def __init__(self, clock: Clock) -> None:
        self.zones: Cache[Zone] = Cache(clock, _ZONE_KEPT)
        self.unwelcome_names: Cache[bool] = Cache(clock, _REFUSAL_KEPT)
