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
from app.core.model.link import Examined, Known, Link, LinkOrigin, NewLink
from app.ports.hosting import Hosted

OF_TICKETS = text("""
SELECT * FROM links
WHERE connection_id = :connection AND ticket_id = ANY(CAST(:tickets AS bigint[])) AND is_active
""")

# Of a work order, the pair that is active comes first, then the one that ended last.
OF_WORK_ORDERS = text("""
SELECT DISTINCT ON (work_order_id) * FROM links
WHERE connection_id = :connection AND work_order_id = ANY(CAST(:orders AS bigint[]))
ORDER BY work_order_id, is_active DESC, retired_at DESC, id DESC
""")

ACTIVE = text("SELECT * FROM links WHERE connection_id = :connection AND is_active ORDER BY work_order_id")

KNOW = text("""
UPDATE links SET sources = CAST(:sources AS jsonb), targets = CAST(:targets AS jsonb), pending = :pending,
    known_at = clock_timestamp()
WHERE id = :id AND is_active
""")

KNOW_OUT = text("""
UPDATE links SET out_sources = CAST(:sources AS jsonb), out_targets = CAST(:targets AS jsonb), out_pending = :pending,
    examined_at = :examined_at, examined_status = :examined_status, row_digest = :row_digest, is_adopted = :is_adopted
WHERE id = :id AND is_active
""")

NOTE_ROWS = text("""
UPDATE links SET row_digest = seen.digest
FROM (
    SELECT l.id, r.digest FROM unnest(CAST(:orders AS bigint[]), CAST(:digests AS text[])) AS r(work_order_id, digest)
    JOIN links l ON l.connection_id = :connection AND l.work_order_id = r.work_order_id AND l.is_active
    ORDER BY l.id FOR UPDATE OF l
) AS seen
WHERE links.id = seen.id
""")

RETIRE = text("""
UPDATE links SET is_active = false, retired_at = clock_timestamp(), retired_because = :reason
WHERE id = :id AND is_active
""")

SAME_PAIR = text("""
SELECT 1 FROM links
WHERE connection_id = :connection_id AND ticket_id = :ticket_id AND work_order_id = :work_order_id AND is_active
""")

# "add_pairs": a pair whose side is in an active one already, or in an earlier one of the list, is left out.
ADD_PAIRS = text("""
INSERT INTO links (connection_id, ticket_id, ticket_number, work_order_id, origin, known_at, created_at)
SELECT CAST(:connection AS bigint), p.ticket_id, p.ticket_number, p.work_order_id, :origin,
       clock_timestamp(), clock_timestamp()
FROM unnest(CAST(:tickets AS bigint[]), CAST(:numbers AS text[]), CAST(:orders AS bigint[]))
    WITH ORDINALITY AS p(ticket_id, ticket_number, work_order_id, n)
ORDER BY p.n
ON CONFLICT DO NOTHING
""")

# What stands in the way of each pair, once those that could be made were made; nothing when it is the pair itself.
IN_THE_WAY = text("""
SELECT p.n, l.ticket_id, l.work_order_id
FROM unnest(CAST(:tickets AS bigint[]), CAST(:orders AS bigint[])) WITH ORDINALITY AS p(ticket_id, work_order_id, n)
JOIN links l ON l.connection_id = :connection AND l.is_active
    AND ((l.ticket_id = p.ticket_id) <> (l.work_order_id = p.work_order_id))
ORDER BY p.n, l.id
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

    async def of_work_orders(
        self, connection: ConnectionId, orders: Sequence[WorkOrderId]
    ) -> Mapping[WorkOrderId, Link]:
        """The active link of each work order, else the newest ended one; work orders never linked are absent."""
        async with single(self._engine) as sql:
            rows = await sql.execute(OF_WORK_ORDERS, {"connection": connection, "orders": list(orders)})
            return {WorkOrderId(row.work_order_id): link_of(row) for row in rows}

    async def active(self, connection: ConnectionId) -> Sequence[Link]:
        """Every active link of the connection, by work order."""
        async with single(self._engine) as sql:
            return [link_of(row) for row in await sql.execute(ACTIVE, {"connection": connection})]

    async def know(self, hosted: Hosted, link: Link, known: Known) -> None:
        """Replaces what the link knows. Raises `LeaseLost` under an old epoch."""
        async with begin(self._engine) as sql:
            await hold(sql, hosted)
            learned = {"sources": dumps(known.sources), "targets": dumps(known.targets)}
            pending = [clean(target) for target in known.pending]
            await sql.execute(KNOW, {"id": link.id, "pending": pending, **learned})

    async def know_out(self, hosted: Hosted, link: Link, out: Known, examined: Examined, *, is_adopted: bool) -> None:
        """Replaces what the push knows and when it looked. Raises `LeaseLost` under an old epoch."""
        learned = {
            "sources": dumps(out.sources),
            "targets": dumps(out.targets),
            "pending": [clean(target) for target in out.pending],
            "examined_at": examined.at,
            "examined_status": examined.status,
            "row_digest": clean(examined.row),
            "is_adopted": is_adopted,
        }
        async with begin(self._engine) as sql:
            await hold(sql, hosted)
            await sql.execute(KNOW_OUT, {"id": link.id, **learned})

    async def note_rows(self, hosted: Hosted, connection: ConnectionId, rows: Mapping[WorkOrderId, str]) -> None:
        """Remembers the digests of list rows of linked work orders. Raises `LeaseLost` under an old epoch."""
        seen = {"orders": list(rows), "digests": [clean(digest) for digest in rows.values()]}
        async with begin(self._engine) as sql:
            await hold(sql, hosted)
            await sql.execute(NOTE_ROWS, {"connection": connection, **seen})

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

    async def add_many(self, connection: ConnectionId, pairs: Sequence[tuple[int, str, int]]) -> Sequence[str]:
        """Makes the pairs that can be made; for each the reason it was refused, or nothing."""
        sides = {"tickets": [ticket for ticket, _, _ in pairs], "orders": [order for _, _, order in pairs]}
        made = {"numbers": [clean(number) for _, number, _ in pairs], "origin": LinkOrigin.PERSON.value}
        reasons = [""] * len(pairs)
        async with begin(self._engine) as sql:
            await sql.execute(ADD_PAIRS, {"connection": connection, **sides, **made})
            for row in await sql.execute(IN_THE_WAY, {"connection": connection, **sides}):
                reasons[row.n - 1] = f"Ticket {row.ticket_id} and work order {row.work_order_id} are an active pair."
        return reasons

    async def remove(self, connection: ConnectionId, ticket_id: int) -> bool:
        """Ends the active pair of the ticket; False when it has none."""
        async with single(self._engine) as sql:
            return await sql.scalar(REMOVE, {"connection": connection, "ticket": ticket_id}) is not None
