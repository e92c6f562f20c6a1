"""The simulator's only clock; every other module asks it, so that a test may push it ahead."""

import asyncio
import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Wall time, a steady time and sleep. `advance` makes both times jump ahead, sleeps are not shortened."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        """The present time, aware, UTC."""
        return datetime.now(UTC) + self._ahead

    def steady_s(self) -> float:
        """Seconds of a clock that never goes back; only differences mean something."""
        return time.monotonic() + self._ahead.total_seconds()

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass at once, for the expiry of tokens and of patience."""
        self._ahead += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        """Really wait for `seconds`."""
        await asyncio.sleep(max(0.0, seconds))
