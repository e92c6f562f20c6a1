"""The ledger: what we are about to write, and what became of it."""

from collections.abc import Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.adapters.postgres.documents import clean, dumps
from app.adapters.postgres.engine import begin, single
from app.adapters.postgres.fence import fence_of, hold, lost
from app.adapters.postgres.rows import entry_of, link_of
from app.core.model.document import Document
from app.core.model.failure import Rejected
from app.core.model.ids import ConnectionId, LedgerId
from app.core.model.ledger import LEDGER_MOVES, EntryKey, LedgerEntry, LedgerState
from app.core.model.link import Known, Link, NewLink
from app.core.model.permit import WritePermit
from app.ports.clock import Clock
from app.ports.hosting import Hosted

WRITE_SHARE = 2 / 3
"""Of the lease, what a write may take from the sending of its intent to its answer."""
START_SHARE = 1 / 6
START_LIMIT_S = 5.0

OPENABLE = [state.value for state, moves in LEDGER_MOVES.items() if LedgerState.OPEN in moves]

# "open": closes the race of a write with the loss of its account. Epoch, holder and the rest of the lease are checked
# on the database's clock in the statement that commits the intent; the account's row is locked against a change of
# epoch until the commit. An entry that is open (its answer was lost) or quarantined is not opened over.
OPEN = text("""
WITH fence AS MATERIALIZED (
    SELECT id FROM accounts
    WHERE id = :fence_account AND epoch = :fence_epoch AND holder = :fence_worker
      AND lease_until > clock_timestamp() + make_interval(secs => CAST(:write_timeout_s AS float8))
    FOR KEY SHARE
), opened AS (
    INSERT INTO ledger (connection_id, owner, kind, key, verb, state, fingerprint, attempted, epoch, opened_at)
    SELECT :connection, :owner, :kind, :key, :verb, 'open', :fingerprint, CAST(:attempted AS jsonb), :fence_epoch,
           clock_timestamp()
    FROM fence
    ON CONFLICT (connection_id, owner, kind, key) DO UPDATE SET
        verb = excluded.verb, state = 'open', fingerprint = excluded.fingerprint, attempted = excluded.attempted,
        epoch = excluded.epoch, opened_at = excluded.opened_at, closed_at = NULL, note = ''
    WHERE ledger.state = ANY(CAST(:openable AS text[]))
    RETURNING id
)
SELECT (SELECT count(*) FROM fence) AS held, (SELECT id FROM opened) AS id
""")

# "close": only an open entry closes, once. An update keeps the remote id that its entry had.
CLOSE = text("""
UPDATE ledger SET state = :state, note = :note, closed_at = clock_timestamp(),
    remote_id = CASE WHEN :remote_id = '' THEN remote_id ELSE :remote_id END
WHERE id = :id AND state = 'open' RETURNING id, connection_id
""")

INSERT_LINK = text("""
INSERT INTO links (connection_id, ticket_id, ticket_number, work_order_id, origin, sources, targets, pending,
    known_at, created_at)
VALUES (:connection_id, :ticket_id, :ticket_number, :work_order_id, :origin,
        CAST(:sources AS jsonb), CAST(:targets AS jsonb), :pending, clock_timestamp(), clock_timestamp())
RETURNING *
""")

ENTRIES = text("""
SELECT *, clock_timestamp() - opened_at AS age
FROM ledger WHERE connection_id = :connection AND owner = ANY(CAST(:owners AS text[])) ORDER BY owner, id
""")

CLAIMED = text("""
SELECT remote_id FROM ledger
WHERE connection_id = :connection AND kind = :kind AND remote_id = ANY(CAST(:remote_ids AS text[]))
UNION
SELECT CAST(work_order_id AS text) FROM links
WHERE connection_id = :connection AND CAST(work_order_id AS text) = ANY(CAST(:remote_ids AS text[]))
""")


class PostgresLedger:
    """The ledger on PostgreSQL. `lease_s` is the lease of the hosting beside it, in seconds.

    A permit is given only while two thirds of the lease are left, so the lease must be renewed at least every sixth
    of it for writes to go on without a stop.
    """

    def __init__(self, engine: AsyncEngine, clock: Clock, *, lease_s: float) -> None:
        self._engine = engine
        self._clock = clock
        self._write_timeout_s = lease_s * WRITE_SHARE
        self._start_s = min(START_LIMIT_S, lease_s * START_SHARE)

    async def open(
        self, hosted: Hosted, connection: ConnectionId, key: EntryKey, verb: str, fingerprint: str, attempted: Document
    ) -> WritePermit:
        """Commits the intent. Raises `LeaseLost` unless the lease outlasts the write's time-out; `RuntimeError` for
        an entry that is open already or waits for a person."""
        sent_s = self._clock.boot_s()
        async with single(self._engine) as sql:
            asked = {
                **fence_of(hosted),
                "write_timeout_s": self._write_timeout_s,
                "connection": connection,
                "owner": key.owner,
                "kind": key.kind,
                "key": key.key,
                "verb": verb,
                "fingerprint": fingerprint,
                "attempted": dumps(attempted),
                "openable": OPENABLE,
            }
            row = (await sql.execute(OPEN, asked)).one()
        if not row.held:
            raise lost(hosted)
        if row.id is None:
            raise RuntimeError(f"the ledger entry {key} may not be opened: it is open or quarantined")
        return WritePermit(LedgerId(row.id), sent_s + self._start_s, sent_s + self._write_timeout_s)

    async def close(
        self, hosted: Hosted, entry: LedgerId, state: LedgerState, *, remote_id: str = "", note: str = ""
    ) -> None:
        """Records what became of an open entry. Raises `LeaseLost` under an old epoch."""
        if state not in LEDGER_MOVES[LedgerState.OPEN]:
            raise ValueError(f"an open entry cannot become {state}")
        async with begin(self._engine) as sql:
            await hold(sql, hosted)
            await _close(sql, entry, state, remote_id, note)

    async def close_created(
        self, hosted: Hosted, entry: LedgerId, link: NewLink, known: Known, *, note: str = ""
    ) -> Link:
        """Closes the entry of a created work order as written and makes the link, in one commit.

        Raises `LeaseLost` under an old epoch, `Rejected` when either side is in another active pair; then the entry
        is still open.
        """
        try:
            async with begin(self._engine) as sql:
                await hold(sql, hosted)
                owner = await _close(sql, entry, LedgerState.WRITTEN, str(link.work_order_id), note)
                return link_of((await sql.execute(INSERT_LINK, link_row(owner, link, known))).one())
        except IntegrityError as error:
            raise taken(link) from error

    async def entries(self, connection: ConnectionId, owners: Sequence[str]) -> Mapping[str, Sequence[LedgerEntry]]:
        """All entries of the owners, by owner; owners without entries are absent."""
        found: dict[str, list[LedgerEntry]] = {}
        async with single(self._engine) as sql:
            for row in await sql.execute(ENTRIES, {"connection": connection, "owners": list(owners)}):
                found.setdefault(row.owner, []).append(entry_of(row))
        return found

    async def claimed(self, connection: ConnectionId, kind: str, remote_ids: Sequence[str]) -> frozenset[str]:
        """Those of the remote ids that an entry of that kind, or a link (ended ones too), names already."""
        async with single(self._engine) as sql:
            asked = {"connection": connection, "kind": kind, "remote_ids": list(remote_ids)}
            return frozenset((await sql.scalars(CLAIMED, asked)).all())


async def _close(sql: AsyncConnection, entry: LedgerId, state: LedgerState, remote_id: str, note: str) -> int:
    asked = {"id": entry, "state": state.value, "remote_id": clean(remote_id), "note": clean(note)}
    row = (await sql.execute(CLOSE, asked)).one_or_none()
    if row is None:
        raise RuntimeError(f"the ledger entry {entry} is not open")
    return int(row.connection_id)


def link_row(connection: int, link: NewLink, known: Known) -> dict[str, object]:
    """The parameters of `INSERT_LINK`."""
    return {
        "connection_id": connection,
        "ticket_id": link.ticket_id,
        "ticket_number": clean(link.ticket_number),
        "work_order_id": link.work_order_id,
        "origin": link.origin.value,
        "sources": dumps(known.sources),
        "targets": dumps(known.targets),
        "pending": [clean(target) for target in known.pending],
    }


def taken(link: NewLink) -> Rejected:
    """What is raised when a side of the new link is in another active pair."""
    return Rejected(
        "link_taken",
        f"Ticket {link.ticket_id} or work order {link.work_order_id} is in another active pair.",
    )
