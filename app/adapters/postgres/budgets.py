"""Budgets, as they outlive a host."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.documents import dumps
from app.adapters.postgres.engine import single
from app.adapters.postgres.fence import FENCE, fence_of, lost
from app.ports.hosting import Hosted

LOAD = text("SELECT state FROM budgets WHERE scope = :scope")

# "save_budget": a host that lost the account must not hand its calls to the next one's budget.
SAVE = text(f"""
WITH fence AS MATERIALIZED ({FENCE})
INSERT INTO budgets (scope, state, saved_at) SELECT :scope, CAST(:state AS jsonb), now() FROM fence
ON CONFLICT (scope) DO UPDATE SET state = excluded.state, saved_at = excluded.saved_at
RETURNING scope
""")


class PostgresBudgets:
    """Budget states by scope (`account:7`, `connection:3`)."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def load(self, scope: str) -> Mapping[str, Any]:
        """The persisted state of the budget of that scope, empty when there is none."""
        async with single(self._engine) as sql:
            return dict(await sql.scalar(LOAD, {"scope": scope}) or {})

    async def save(self, hosted: Hosted, scope: str, state: Mapping[str, Any]) -> None:
        """Persists the state. Raises `LeaseLost` under an old epoch."""
        async with single(self._engine) as sql:
            if await sql.scalar(SAVE, {**fence_of(hosted), "scope": scope, "state": dumps(state)}) is None:
                raise lost(hosted)
