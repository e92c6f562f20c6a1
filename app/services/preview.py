"""Previews: what an import would write, by the very path that writes, stopped after the guards."""

from dataclasses import dataclass

from app.core.model.finding import Finding
from app.core.model.ids import TicketId
from app.core.model.intent import Intent
from app.core.model.outcome import Settled
from app.services.import_pass import ImportPass
from app.services.import_tickets import gather_facts
from app.services.site import Site


@dataclass(frozen=True, slots=True)
class Preview:
    """`left_out` is why nothing would be written although there is something to look at, or empty."""

    ticket_id: TicketId
    intents: tuple[Intent, ...]
    findings: tuple[Finding, ...]
    left_out: str

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be written."""
        return not self.intents


async def preview_ticket(site: Site, ticket_id: TicketId) -> Preview:
    """The writes that a trigger for this ticket would cause now."""
    facts = await gather_facts(site, {ticket_id: False})
    one = ImportPass(site, facts[ticket_id], dry_run=True)
    settlement = await one.run()
    intents = one.plan.intents if one.plan else ()
    if not isinstance(settlement, Settled):
        return Preview(ticket_id, (), settlement.findings, getattr(settlement, "text", ""))
    return Preview(ticket_id, intents, settlement.findings, "" if one.plan else settlement.text)
