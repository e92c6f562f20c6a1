"""Links: the pairs, what they know, and a person's hand on them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.documents import clean, dumps
from app.adapters.postgres.engine import begin, single
from app.adapters.postgres.fence import hold
from app.adapters.postgres.ledger import INSERT_LINK, link_row, taken
from app.adapters.postgres.rows import link_of
from app.core.model.ids import ConnectionId, TicketId, WorkOrderId
from app.core.model.link import Known, Link, LinkOrigin, NewLink
from app.ports.hosting import Hosted

OF_TICKETS = text("""
SELECT * FROM links
WHERE connection_id = :connection AND ticket_id = ANY(CAST(:tickets AS bigint[])) AND is_active
""")

KNOW = text("""
UPDATE links SET sources = CAST(:sources AS jsonb), targets = CAST(:targets AS jsonb), pending = :pending,
    known_at = clock_timestamp()
WHERE id = :id AND is_active
""")

RETIRE = text("""
UPDATE links SET is_active = false, retired_at = clock_timestamp(), retired_because = :reason
WHERE id = :id AND is_active
""")

SAME_PAIR = text("""
SELECT 1 FROM links
WHERE connection_id = :connection_id AND ticket_id = :ticket_id AND work_order_id = :work_order_id AND is_active
""")

REMOVE = text("""
UPDATE links SET is_active = false, retired_at = clock_timestamp(), retired_because = 'removed by a person'
WHERE connection_id = :connection AND ticket_id = :ticket AND is_active RETURNING id
""")


class PostgresLinks:
    """The links as a host uses them; every change is fenced."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def of_tickets(self, connection: ConnectionId, tickets: Sequence[TicketId]) -> Mapping[TicketId, Link]:
        """Active links by ticket; tickets without one are absent."""
        async with single(self._engine) as sql:
            rows = await sql.execute(OF_TICKETS, {"connection": connection, "tickets": list(tickets)})
            return {TicketId(row.ticket_id): link_of(row) for row in rows}

    async def know(self, hosted: Hosted, link: Link, known: Known) -> None:
        """Replaces what the link knows. Raises `LeaseLost` under an old epoch."""
        async with begin(self._engine) as sql:
            await hold(sql, hosted)
            learned = {"sources": dumps(known.sources), "targets": dumps(known.targets)}
            pending = [clean(target) for target in known.pending]
            await sql.execute(KNOW, {"id": link.id, "pending": pending, **learned})

    async def retire(self, hosted: Hosted, link: Link, reason: str) -> None:
        """Ends an active link. Raises `LeaseLost` under an old epoch."""
        async with begin(self._engine) as sql:
            await hold(sql, hosted)
            await sql.execute(RETIRE, {"id": link.id, "reason": clean(reason)})


class PostgresPersonsLinks:
    """Pairs made and ended by hand."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(self, connection: ConnectionId, ticket_id: int, ticket_number: str, work_order_id: int) -> None:
        """Makes a pair, or leaves the same pair alone; `Rejected` when either side is in another active pair."""
        link = NewLink(TicketId(ticket_id), ticket_number, WorkOrderId(work_order_id), LinkOrigin.PERSON)
        row = link_row(connection, link, Known())
        try:
            async with begin(self._engine) as sql:
                if await sql.scalar(SAME_PAIR, row) is None:
                    await sql.execute(INSERT_LINK, row)
        except IntegrityError as error:
            raise taken(link) from error

    async def remove(self, connection: ConnectionId, ticket_id: int) -> bool:
        """Ends the active pair of the ticket; False when it has none."""
        async with single(self._engine) as sql:
            return await sql.scalar(REMOVE, {"connection": connection, "ticket": ticket_id}) is not None
