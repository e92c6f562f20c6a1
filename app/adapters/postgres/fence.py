"""The fence: nothing changes under an old epoch."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.model.failure import LeaseLost
from app.ports.hosting import Hosted

# "fence": closes the race of a slow host with the next one. KEY SHARE conflicts with the FOR UPDATE under which an
# account changes hands, so the epoch stands still until this transaction ends; it does not conflict with the renewal
# of the lease, which must never wait behind a crowd of settles. PostgreSQL manual, 13.3.2 Row-Level Locks.
FENCE = """
SELECT id FROM accounts
WHERE id = :fence_account AND epoch = :fence_epoch AND holder = :fence_worker
FOR KEY SHARE
"""

_FENCE = text(FENCE)


def fence_of(hosted: Hosted) -> dict[str, object]:
    """The parameters of `FENCE`."""
    return {
        "fence_account": hosted.account_id,
        "fence_epoch": hosted.epoch,
        "fence_worker": hosted.worker_id,
    }


async def hold(connection: AsyncConnection, hosted: Hosted) -> None:
    """Keeps the epoch still for the rest of the transaction. Raises `LeaseLost` when it is over."""
    if await connection.scalar(_FENCE, fence_of(hosted)) is None:
        raise lost(hosted)


def lost(hosted: Hosted) -> LeaseLost:
    """What is raised under an old epoch."""
    return LeaseLost(
        "Another worker serves this account now.", detail=f"account {hosted.account_id}, epoch {hosted.epoch}"
    )
