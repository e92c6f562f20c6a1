"""Hosting: which worker serves which account, and for how much longer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from app.core.model.ids import AccountId, Epoch, WorkerId


@dataclass(slots=True)
class Hosted:
    """An account held by this process. `deadline_s` is on `Clock.boot_s`, counted from the *sending* of the last
    renewal; `lost` is set once the database said that the epoch is over."""

    account_id: AccountId
    epoch: Epoch
    worker_id: WorkerId
    deadline_s: float
    lost: bool = field(default=False)


class Hosting(Protocol):
    async def acquire(self, worker: WorkerId, limit: int) -> Sequence[Hosted]:
        """Takes up to `limit` free accounts with due work or a due probe, longest unserved first."""

    async def renew(self, worker: WorkerId, held: Sequence[Hosted]) -> None:
        """One heartbeat: extends the leases, updates each `Hosted` in place, marks those that are lost."""

    async def release(self, hosted: Hosted) -> None:
        """Hands the account back at once; does nothing under an old epoch."""

    async def others_wait(self) -> bool:
        """Whether any account with due work is hosted by nobody."""

    async def wait(self, timeout_s: float) -> None:
        """Returns when work was announced, or after the time-out."""

    async def retire(self, worker: WorkerId) -> None:
        """Forgets the worker's heartbeat row after a clean stop."""
