"""Upkeep on a schedule: resting jobs leave the hot table, old history is pruned, sweeps are raised."""

from collections.abc import Awaitable
from datetime import timedelta
from itertools import count

import structlog

from app.core.model.failure import Failure
from app.worker.tools import Tools

_log = structlog.get_logger(__name__)

_EVERY_S = 30.0
_TURNS_PER_RAISE = 2


async def keep_up(tools: Tools, history_days: int) -> None:
    """Prunes twice a minute and raises the sweeps that are due once, until it is cancelled. Any number of workers may
    do so at once."""
    for turn in count():
        await _attempt(tools.upkeep.prune(timedelta(days=history_days)))
        if turn % _TURNS_PER_RAISE == 0:
            await _attempt(tools.upkeep.raise_sweeps(tools.sweep_every))
        await tools.clock.sleep(_EVERY_S)


async def _attempt(upkeep: Awaitable[object]) -> None:
    try:
        await upkeep
    except Failure as failure:
        _log.warning("upkeep.postponed", reason=failure.text)
