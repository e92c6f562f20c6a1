"""Import tickets: one gathering for a batch, then one pass for each ticket."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from app.core.model.ids import JobId, TicketId
from app.core.model.job import Job, Option
from app.core.model.ledger import LedgerState
from app.core.planning.rules import create_key, owner_of
from app.services.gather import gather_tickets
from app.services.import_pass import Facts, ImportPass
from app.services.look import Sightings, look
from app.services.site import Site
from app.services.stories import Pass


class ImportTickets:
    """The story of `import_ticket` jobs."""

    def record(self, job: Job) -> str:
        """Findings of a pass are about its ticket."""
        return f"ticket:{job.key}"

    async def prepare(self, site: Site, jobs: Sequence[Job]) -> Mapping[JobId, Pass]:
        """One ticket query, one query per related entity, one look at our own records, for the whole batch."""
        facts = await gather_facts(site, {TicketId(int(job.key)): frozenset(job.options) for job in jobs})
        return {job.id: ImportPass(site, facts[TicketId(int(job.key))]).run for job in jobs}


async def gather_facts(site: Site, wanted: Mapping[TicketId, frozenset[str]]) -> dict[TicketId, Facts]:
    """Everything that a decision about these tickets needs, except the linked work orders. `wanted` are the options
    of each ticket's job."""
    ids, entity = sorted(wanted), site.connection.file.autotask.entity
    tickets = await gather_tickets(site.vendors.tickets, entity, site.related, site.mapping.chains, ids)
    links = await site.links.of_tickets(site.connection.id, ids)
    entries = await site.ledger.entries(site.connection.id, [owner_of(id) for id in ids])
    plain = {
        id: Facts(id, entity, tickets.get(id), links.get(id), tuple(entries.get(owner_of(id), ())), None, wanted[id])
        for id in ids
    }
    sightings = await _look_where_needed(site, plain)
    return {id: replace(one, sightings=sightings) for id, one in plain.items()}


async def _look_where_needed(site: Site, facts: Mapping[TicketId, Facts]) -> Sightings | None:
    """One list for the batch, when a create is open past its horizon or another connector may have been here."""
    searching = site.connection.file.settings.look_for_existing
    if searching and any(not f.link and not f.entries and f.ticket for f in facts.values()):
        return await look(site, None)
    creates = [f.entry(create_key(id)) for id, f in facts.items()]
    ripe = [e.opened_at for e in creates if e and e.state is LedgerState.OPEN and e.age >= site.horizon]
    audited = [f.entry(create_key(id)) for id, f in facts.items() if Option.AUDIT in f.options]
    ripe += [e.opened_at for e in audited if e and e.was_lost]
    return await look(site, min(ripe)) if ripe else None
