"""Named moments inside a pass, for those who must act exactly there (tests that kill or stop a process)."""

from typing import Protocol


class Milestones(Protocol):
    async def reached(self, moment: str, kind: str) -> None:
        """`moment` is `opened`, `answered` or `closed`; `kind` is the ledger kind of the write."""


class Quiet:
    """Nobody listens."""

    async def reached(self, moment: str, kind: str) -> None:
        return None
