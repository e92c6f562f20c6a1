"""Upkeep: what is over makes room, and no count is lost by it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol


class Upkeep(Protocol):
    async def raise_sweeps(self, every: timedelta) -> int:
        """Raises the sweep of every active connection whose last one began longer ago than that; how many."""

    async def prune(self, history: timedelta) -> Mapping[str, int]:
        """Removes jobs at rest, and history older than that; how many rows went, by table."""
