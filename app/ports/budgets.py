"""Budgets outlive a change of host: what was granted is persisted before it is used."""

from collections.abc import Mapping
from typing import Any, Protocol

from app.ports.hosting import Hosted


class Budgets(Protocol):
    async def load(self, scope: str) -> Mapping[str, Any]:
        """The persisted state of the budget of that scope (`account:7`, `connection:3`), empty when there is none."""

    async def save(self, hosted: Hosted, scope: str, state: Mapping[str, Any]) -> None:
        """Persists the state. Raises `LeaseLost` under an old epoch."""
