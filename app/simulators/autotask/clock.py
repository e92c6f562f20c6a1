"""The simulator's only door to time."""

import asyncio
import time
from datetime import UTC, datetime


class Clock:
    """Wall time for records, a steady count for windows, and waiting."""

    def now_at(self) -> datetime:
        """The current moment, aware UTC, in whole milliseconds as the vendor stores it."""
        moment = datetime.now(UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def steady_s(self) -> float:
        """Seconds on a clock that never goes back."""
        return time.monotonic()

    async def sleep(self, delay_s: float) -> None:
        """Wait `delay_s` seconds; zero or less only yields."""
        await asyncio.sleep(max(0.0, delay_s))
