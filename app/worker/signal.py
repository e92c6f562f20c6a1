"""A signal that many may wait for: every waiter wakes when it is given, or after its own time-out."""

import asyncio


class Signal:
    def __init__(self) -> None:
        self._event = asyncio.Event()

    def give(self) -> None:
        """Wakes everybody who waits now."""
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self, timeout_s: float) -> None:
        """Returns when the signal is given, or after the time-out."""
        event = self._event
        try:
            async with asyncio.timeout(max(timeout_s, 0)):
                await event.wait()
        except TimeoutError:
            return
