"""The one clock of a process."""

import asyncio
import time
from datetime import UTC, datetime


class SystemClock:
    """Answers `ports.clock.Clock` from the machine."""

    def now(self) -> datetime:
        """Wall time, aware UTC."""
        return datetime.now(UTC)

    def boot_s(self) -> float:
        """Seconds since boot, counting on while the machine sleeps where the system can tell (Linux)."""
        boottime = getattr(time, "CLOCK_BOOTTIME", None)
        return time.monotonic() if boottime is None else time.clock_gettime(boottime)

    async def sleep(self, seconds: float) -> None:
        """Returns after that many seconds, or at once when they are not positive."""
        await asyncio.sleep(max(seconds, 0.0))
