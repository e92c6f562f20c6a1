"""What the sweep remembers from one time to the next, and what it asks of our own records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from app.core.model.document import Document
from app.core.model.ids import ConnectionId
from app.ports.hosting import Hosted


@dataclass(frozen=True, slots=True)
class Quiet:
    """How long a source of triggers has been silent, the longest silence before, over how many triggers."""

    source: str
    silent_for: timedelta
    longest_before: timedelta
    triggers: int


@dataclass(frozen=True, slots=True)
class SweepState:
    """`began_at` is when the last sweep that ended well had begun, on the database's clock, None before the first
    one; `now` is that clock."""

    now: datetime
    began_at: datetime | None
    state: Document


class Sweeps(Protocol):
    async def load(self, connection: ConnectionId) -> SweepState:
        """The state that the last sweep left."""

    async def save(self, hosted: Hosted, connection: ConnectionId, began_at: datetime, state: Document) -> None:
        """Replaces the state. Raises `LeaseLost` under an old epoch."""

    async def quiet(self, connection: ConnectionId, within: timedelta) -> Sequence[Quiet]:
        """For each source of triggers (people left out) what its receipts of that time say."""
