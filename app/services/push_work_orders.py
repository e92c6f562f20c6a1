"""Push work orders: our own records of a batch in three queries, then one pass for each."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from app.core.model.ids import JobId, WorkOrderId
from app.core.model.job import Job
from app.core.model.ledger import LedgerState
from app.core.planning.ticket.context import owner_of_order
from app.services.expense_reports import REPORT
from app.services.push_facts import read_records
from app.services.push_pass import PushPass
from app.services.site import Site
from app.services.stories import Pass


class PushWorkOrders:
    """The story of `push_work_order` jobs."""

    def record(self, job: Job) -> str:
        """Findings of a pass are about its work order."""
        return owner_of_order(int(job.key))

    async def prepare(self, site: Site, jobs: Sequence[Job]) -> Mapping[JobId, Pass]:
        """The work orders themselves are read pass by pass: each needs calls of its own anyway."""
        records = await read_records(site, [WorkOrderId(int(job.key)) for job in jobs])
        lost = tuple(await site.ledger.search(site.connection.id, states=[LedgerState.OPEN], kind=REPORT))
        passes: dict[JobId, Pass] = {}
        for job in jobs:
            own = replace(records[WorkOrderId(int(job.key))], options=frozenset(job.options), lost_reports=lost)
            passes[job.id] = PushPass(site, own).run
        return passes
