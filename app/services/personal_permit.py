"""Permits of a person's command: the ledger belongs to hosts, so such a write is looked for before it is made."""

from app.core.model.ids import LedgerId
from app.core.model.permit import Opening, WritePermit
from app.ports.clock import Clock

_START_S, _FINISH_S = 30.0, 90.0


def personal_permit(clock: Clock) -> Opening:
    """Opens no ledger entry. Good for one write whose repetition would be found: one that was lost is seen by the
    look of the next run."""
    given: list[WritePermit] = []

    async def opened() -> WritePermit:
        if not given:
            now_s = clock.boot_s()
            given.append(WritePermit(LedgerId(0), start_by_s=now_s + _START_S, finish_by_s=now_s + _FINISH_S))
        return given[0]

    return opened
