"""Resolve numbers: a trigger that names a ticket by its number joins the one job of that ticket's id."""

from collections.abc import Mapping, Sequence

from app.core.model.finding import Finding, Severity
from app.core.model.ids import JobId, TicketId
from app.core.model.job import Job
from app.core.model.outcome import Moved, Result, Settled, Settlement
from app.core.planning.paired import TICKETS, noun_of
from app.services.gather import gather_by_number
from app.services.site import Site
from app.services.stories import Pass


class ResolveNumbers:
    """One query for all numbers of a batch."""

    def record(self, job: Job) -> str:
        """Findings about a number that is nobody's."""
        return f"ticket_number:{job.key}"

    async def prepare(self, site: Site, jobs: Sequence[Job]) -> Mapping[JobId, Pass]:
        """Looks all numbers up together; a connection that pairs other records has no use for them."""
        entity = site.connection.file.autotask.entity
        if entity != TICKETS:
            return {job.id: self._refused(job, entity) for job in jobs}
        found = await gather_by_number(site.vendors.tickets, [job.key for job in jobs])
        return {job.id: self._pass(job, found.get(job.key.upper())) for job in jobs}

    def _refused(self, job: Job, entity: str) -> Pass:
        async def settle() -> Settlement:
            noun = noun_of(entity)
            text = f"{job.key} is the number of a ticket, and this connection pairs {noun}s with work orders."
            return self._left_out("not_a_ticket_connection", text, f"Trigger with the id of the {noun}.", job)

        return settle

    def _pass(self, job: Job, ticket: TicketId | None) -> Pass:
        async def settle() -> Settlement:
            if ticket is not None:
                return Moved(str(ticket))
            text = f"Autotask has no ticket with the number {job.key}, or the API user may not see it."
            mend = "Check the number, and the API user's rights to that ticket."
            return self._left_out("ticket_not_found", text, mend, job)

        return settle

    def _left_out(self, code: str, text: str, mend: str, job: Job) -> Settled:
        finding = Finding(code, Severity.WARNING, self.record(job), text, mend)
        return Settled(Result.SKIPPED, code, text, (finding,))
