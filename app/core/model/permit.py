"""Write permits: proof that the ledger holds an open entry for the write that is about to be made."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from app.core.model.ids import LedgerId


@dataclass(frozen=True, slots=True)
class WritePermit:
    """Given by the ledger when an entry was opened under a valid lease.

    `start_by_s` and `finish_by_s` are instants of `Clock.boot_s`: a write that has not started by the first is not
    started at all (`NotSent`), one that has no answer by the second is given up (`Unknown`).
    """

    entry_id: LedgerId
    start_by_s: float
    finish_by_s: float


Opening: TypeAlias = Callable[[], Awaitable[WritePermit]]
"""Asked for by every vendor write, and called once its turn has come, right before it is sent: the entry is open for
as short a time as possible, and a write that waits for a limit has opened nothing. Calling it again gives the same
permit."""
