"""Upkeep: what is over makes room, and no count is lost by it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol


class Upkeep(Protocol):
    async def prune(self, history: timedelta) -> Mapping[str, int]:
        """Removes jobs at rest, and history older than that; how many rows went, by table."""
