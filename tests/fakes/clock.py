"""A clock that a test moves by hand."""

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


class HandClock:
    """Stands at noon until it is moved; sleeping moves it."""

    def __init__(self) -> None:
        self._passed = timedelta()

    def now(self) -> datetime:
        return NOON + self._passed

    def boot_s(self) -> float:
        return self._passed.total_seconds()

    async def sleep(self, seconds: float) -> None:
        self.move(max(seconds, 0))

    def move(self, seconds: float) -> None:
        self._passed += timedelta(seconds=seconds)
