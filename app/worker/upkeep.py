"""Upkeep on a schedule: resting jobs leave the hot table, old history is pruned."""

from datetime import timedelta

import structlog

from app.core.model.failure import Failure
from app.worker.tools import Tools

_log = structlog.get_logger(__name__)

_EVERY_S = 30.0


async def keep_up(tools: Tools, history_days: int) -> None:
    """Prunes twice a minute until it is cancelled. Any number of workers may do so at once."""
    while True:
        try:
            await tools.upkeep.prune(timedelta(days=history_days))
        except Failure as failure:
            _log.warning("upkeep.postponed", reason=failure.text)
        await tools.clock.sleep(_EVERY_S)
