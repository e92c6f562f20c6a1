"""The one clock of a process."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """Wall time, aware UTC."""

    def boot_s(self) -> float:
        """Seconds on a clock that never goes back and runs on while the machine sleeps."""

    async def sleep(self, seconds: float) -> None:
        """Returns after that many seconds, or at once when they are not positive."""
