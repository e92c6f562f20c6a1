"""Trials: the writes for one record under a file that is not active, beside those under the active one."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from app.core.model.calls import Calls
from app.core.model.connection import Connection, ConnectionFile
from app.core.model.finding import Finding
from app.core.model.ids import WorkOrderId
from app.core.model.intent import Intent
from app.core.model.job import Option
from app.ports.allowance import Allowance
from app.services.candidate import candidate, faults_under, under
from app.services.pairs import ticket_id
from app.services.preview import Preview, preview_ticket, preview_work_orders
from app.services.prices import price_of_trial
from app.services.site import Site


@dataclass(frozen=True, slots=True)
class Trial:
    """`new` and `active` are what a trigger would cause under either file; `again` is what writing everything again
    would under the new one, which touches new changes only. `faults` is what is wrong or doubtful about its mappings.
    """

    new: Preview
    active: Preview
    again: Preview
    faults: tuple[Finding, ...]
    announced: Calls
    spent: Calls

    @property
    def only_new(self) -> tuple[Intent, ...]:
        """The writes that the active file would not cause."""
        return tuple(one for one in self.new.intents if not any(_is_same(one, other) for other in self.active.intents))

    @property
    def only_active(self) -> tuple[Intent, ...]:
        """The writes that the new file would not cause."""
        return tuple(one for one in self.active.intents if not any(_is_same(one, other) for other in self.new.intents))


class Trying:
    """One trial: priced when it is made, run when that was said. `opening` opens the connection's site behind the
    allowance."""

    def __init__(
        self,
        connection: Connection,
        file: ConnectionFile,
        opening: Callable[[], AbstractAsyncContextManager[Site]],
        allowance: Allowance,
    ) -> None:
        self.price = price_of_trial(connection.file, candidate(connection, file).file)
        self._file = file
        self._opening = opening
        self._allowance = allowance

    async def ticket(self, named: str) -> Trial:
        """A ticket by id or number. Raises `Rejected` when there is none."""
        self._allowance.allow(self.price)
        async with self._opening() as active:
            id = await ticket_id(active.vendors.tickets, active.connection.file.autotask.entity, named)
            new = await under(active, self._file)
            return Trial(
                await preview_ticket(new, id),
                await preview_ticket(active, id),
                await preview_ticket(new, id, Option.RESYNC),
                faults_under(active, new),
                self.price,
                self._allowance.spent,
            )

    async def work_order(self, id: int) -> Trial:
        """A work order by its id."""
        self._allowance.allow(self.price)
        async with self._opening() as active:
            new = await under(active, self._file)
            return Trial(
                await _of_order(new, id),
                await _of_order(active, id),
                await _of_order(new, id, Option.RESYNC),
                faults_under(active, new),
                self.price,
                self._allowance.spent,
            )


async def _of_order(site: Site, id: int, *options: Option) -> Preview:
    (preview,) = [one async for one in preview_work_orders(site, [WorkOrderId(id)], *options)]
    return preview


def _is_same(one: Intent, other: Intent) -> bool:
    return (one.kind, one.key, one.verb, one.target, one.after) == (
        other.kind,
        other.key,
        other.verb,
        other.target,
        other.after,
    )
