"""The ledger: what we are about to write, and what became of it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.documents import clean, dumps
from app.adapters.postgres.engine import begin, single
from app.adapters.postgres.fence import fence_of, hold, lost
from app.adapters.postgres.rows import entry_of, link_of
from app.core.model.document import Document
from app.core.model.failure import Rejected
from app.core.model.ids import ConnectionId, LedgerId
from app.core.model.ledger import LEDGER_MOVES, Adopted, EntryKey, LedgerEntry, LedgerState, Observed
from app.core.model.link import Known, Link, LinkOrigin, NewLink
from app.core.model.permit import WritePermit
from app.ports.clock import Clock
from app.ports.hosting import Hosted

WRITE_SHARE = 2 / 3
"""Of the lease, what a write may take from the sending of its intent to its answer."""
START_SHARE = 1 / 6
START_LIMIT_S = 5.0

MADE_BY_US = (LinkOrigin.IMPORT, LinkOrigin.EXPORT)
"""Origins of pairs of which we made one side: no earlier connector has written to it."""

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
    INSERT INTO ledger (connection_id, owner, kind, key, verb, state, fingerprint, attempted, epoch, version, opened_at)
    SELECT :connection, :owner, :kind, :key, :verb, 'open', :fingerprint, CAST(:attempted AS jsonb), :fence_epoch,
           CAST(:version AS int), clock_timestamp()
    FROM fence
    ON CONFLICT (connection_id, owner, kind, key) DO UPDATE SET
        verb = excluded.verb, state = 'open', fingerprint = excluded.fingerprint, attempted = excluded.attempted,
        epoch = excluded.epoch, version = excluded.version, opened_at = excluded.opened_at, closed_at = NULL, note = ''
    WHERE ledger.state = ANY(CAST(:openable AS text[]))
    RETURNING id
)
SELECT (SELECT count(*) FROM fence) AS held, (SELECT id FROM opened) AS id
""")

# "close": only an open entry closes, once. An update keeps the remote id that its entry had.
CLOSE = text("""
UPDATE ledger SET state = :state, note = :note, closed_at = clock_timestamp(),
    remote_id = CASE WHEN :remote_id = '' THEN remote_id ELSE :remote_id END,
    lost_at = CASE WHEN CAST(:was_lost AS boolean) THEN clock_timestamp() ELSE lost_at END
WHERE id = :id AND state = 'open' RETURNING id
""")

# "close_created": of the new pair, the entry's remote side is the one that it made.
CLOSE_CREATED = text("""
UPDATE ledger SET state = 'written', note = :note, closed_at = clock_timestamp(),
    remote_id = CASE WHEN kind = 'ticket' THEN CAST(:ticket AS text) ELSE CAST(:work_order AS text) END
WHERE id = :id AND state = 'open' RETURNING connection_id
""")

INSERT_LINK = text("""
INSERT INTO links (connection_id, ticket_id, ticket_number, work_order_id, origin, sources, targets, pending,
    is_adopted, known_at, created_at)
VALUES (:connection_id, :ticket_id, :ticket_number, :work_order_id, :origin,
        CAST(:sources AS jsonb), CAST(:targets AS jsonb), :pending, :is_adopted, clock_timestamp(), clock_timestamp())
RETURNING *
""")

_ENTRY = "*, clock_timestamp() - opened_at AS age, clock_timestamp() - missing_since AS missing_for"

ENTRIES = text(f"""
SELECT {_ENTRY} FROM ledger
WHERE connection_id = :connection AND owner = ANY(CAST(:owners AS text[])) ORDER BY owner, id
""")

SEARCH = text(f"""
SELECT {_ENTRY} FROM ledger
WHERE connection_id = :connection
  AND (CAST(:states AS text[]) = '{{}}' OR state = ANY(CAST(:states AS text[])))
  AND (:kind = '' OR kind = :kind)
  AND (CAST(:lost_s AS float8) IS NULL
       OR lost_at > clock_timestamp() - make_interval(secs => CAST(:lost_s AS float8)))
ORDER BY opened_at, id LIMIT 5000
""")

# A link names a work order, whoever made it: also those of pairs that ended.
CLAIMED = text("""
SELECT remote_id FROM ledger
WHERE connection_id = :connection AND kind = :kind AND remote_id = ANY(CAST(:remote_ids AS text[]))
UNION
SELECT CAST(work_order_id AS text) FROM links
WHERE :kind = 'work_order' AND connection_id = :connection
  AND CAST(work_order_id AS text) = ANY(CAST(:remote_ids AS text[]))
""")

# "observe": locked in one order, since two passes may see the same entry. Of what was attempted only `facts` changes.
OBSERVE = text("""
UPDATE ledger SET
    attempted = CASE WHEN seen.facts IS NULL THEN ledger.attempted ELSE jsonb_set(ledger.attempted, '{facts}',
        CASE WHEN jsonb_typeof(ledger.attempted -> 'facts') = 'object' THEN ledger.attempted -> 'facts' ELSE '{}' END
        || seen.facts) END,
    missing_since = CASE WHEN seen.is_missing IS NULL THEN ledger.missing_since
        WHEN seen.is_missing THEN coalesce(ledger.missing_since, clock_timestamp()) END
FROM (
    SELECT l.id, CAST(o.facts AS jsonb) AS facts, o.is_missing
    FROM unnest(CAST(:ids AS bigint[]), CAST(:facts AS text[]), CAST(:missing AS boolean[])) AS o(id, facts, is_missing)
    JOIN ledger l ON l.id = o.id ORDER BY l.id FOR UPDATE OF l
) AS seen
WHERE ledger.id = seen.id
""")

# "adopt": whoever entered the fact before, a pass of ours or an earlier adoption, is right.
ADOPT = text("""
INSERT INTO ledger (connection_id, owner, kind, key, verb, state, fingerprint, remote_id, attempted, note, epoch,
                    opened_at, closed_at)
SELECT CAST(:connection AS bigint), a.owner, a.kind, a.key, a.verb, a.state, a.fingerprint, a.remote_id,
       CAST(a.attempted AS jsonb), a.note, CAST(:epoch AS bigint), clock_timestamp(), clock_timestamp()
FROM unnest(
    CAST(:owners AS text[]), CAST(:kinds AS text[]), CAST(:keys AS text[]), CAST(:verbs AS text[]),
    CAST(:fingerprints AS text[]), CAST(:remote_ids AS text[]), CAST(:attempted AS text[]), CAST(:notes AS text[]),
    CAST(:states AS text[])
) AS a(owner, kind, key, verb, fingerprint, remote_id, attempted, note, state)
ORDER BY a.owner, a.kind, a.key
ON CONFLICT (connection_id, owner, kind, key) DO UPDATE SET
    verb = excluded.verb, state = excluded.state, fingerprint = excluded.fingerprint, remote_id = excluded.remote_id,
    attempted = excluded.attempted, note = excluded.note, epoch = excluded.epoch, version = excluded.version,
    opened_at = excluded.opened_at, closed_at = excluded.closed_at, missing_since = NULL
WHERE ledger.state = 'void'
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
        self,
        hosted: Hosted,
        connection: ConnectionId,
        key: EntryKey,
        verb: str,
        fingerprint: str,
        attempted: Document,
        *,
        version: int,
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
                "version": version,
                "openable": OPENABLE,
            }
            row = (await sql.execute(OPEN, asked)).one()
        if not row.held:
            raise lost(hosted)
        if row.id is None:
            raise RuntimeError(f"the ledger entry {key} may not be opened: it is open or quarantined")
        return WritePermit(LedgerId(row.id), sent_s + self._start_s, sent_s + self._write_timeout_s)

    async def close(
        self,
        hosted: Hosted,
        entry: LedgerId,
        state: LedgerState,
        *,
        remote_id: str = "",
        note: str = "",
        was_lost: bool = False,
    ) -> None:
        """Records what became of an open entry; `was_lost` stays known. Raises `LeaseLost` under an old epoch."""
        if state not in LEDGER_MOVES[LedgerState.OPEN]:
            raise ValueError(f"an open entry cannot become {state}")
        became = {"state": state.value, "remote_id": clean(remote_id), "note": clean(note), "was_lost": was_lost}
        async with begin(self._engine) as sql:
            await hold(sql, hosted)
            if await sql.scalar(CLOSE, {"id": entry, **became}) is None:
                raise _not_open(entry)

    async def close_created(
        self, hosted: Hosted, entry: LedgerId, link: NewLink, known: Known, *, note: str = ""
    ) -> Link:
        """Closes the entry of a created work order or ticket as written and makes the link, in one commit.

        Raises `LeaseLost` under an old epoch, `Rejected` when either side is in another active pair; then the entry
        is still open.
        """
        made = {"id": entry, "note": clean(note), "ticket": str(link.ticket_id), "work_order": str(link.work_order_id)}
        try:
            async with begin(self._engine) as sql:
                await hold(sql, hosted)
                connection = await sql.scalar(CLOSE_CREATED, made)
                if connection is None:
                    raise _not_open(entry)
                return link_of((await sql.execute(INSERT_LINK, link_row(connection, link, known))).one())
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
        """Those of the remote ids that an entry of that kind, or for work orders a link (ended ones too), names."""
        async with single(self._engine) as sql:
            asked = {"connection": connection, "kind": kind, "remote_ids": list(remote_ids)}
            return frozenset((await sql.scalars(CLAIMED, asked)).all())

    async def search(
        self,
        connection: ConnectionId,
        *,
        states: Sequence[LedgerState] = (),
        kind: str = "",
        lost_within: timedelta | None = None,
    ) -> Sequence[LedgerEntry]:
        """Entries in one of the states, of that kind, lost within that time; oldest first, at most 5,000."""
        asked = {
            "connection": connection,
            "states": [state.value for state in states],
            "kind": kind,
            "lost_s": None if lost_within is None else lost_within.total_seconds(),
        }
        async with single(self._engine) as sql:
            return [entry_of(row) for row in await sql.execute(SEARCH, asked)]

    async def observe(self, hosted: Hosted, observed: Sequence[Observed]) -> None:
        """Remembers what a pass saw without writing. Raises `LeaseLost` under an old epoch."""
        async with begin(self._engine) as sql:
            await hold(sql, hosted)
            if observed:
                await sql.execute(OBSERVE, _observations(observed))

    async def adopt(self, hosted: Hosted, connection: ConnectionId, adopted: Sequence[Adopted]) -> None:
        """Enters records as written that stand already; of the same key the first counts. Raises `LeaseLost` under an
        old epoch."""
        async with begin(self._engine) as sql:
            await hold(sql, hosted)
            if adopted:
                await sql.execute(ADOPT, {"connection": connection, "epoch": hosted.epoch, **_adoptions(adopted)})


def _observations(observed: Sequence[Observed]) -> dict[str, object]:
    """The parameters of `OBSERVE`; what was seen of one entry several times is put together, the last word counts."""
    facts: dict[LedgerId, dict[str, str] | None] = {}
    missing: dict[LedgerId, bool | None] = {}
    for one in observed:
        before = facts.get(one.id)
        facts[one.id] = before if one.facts is None else {**(before or {}), **one.facts}
        missing[one.id] = missing.get(one.id) if one.is_missing is None else one.is_missing
    return {
        "ids": list(facts),
        "facts": [None if seen is None else dumps(seen) for seen in facts.values()],
        "missing": list(missing.values()),
    }


def _adoptions(adopted: Sequence[Adopted]) -> dict[str, object]:
    """The parameters of `ADOPT`."""
    firsts = list({one.key: one for one in reversed(adopted)}.values())
    return {
        "owners": [one.key.owner for one in firsts],
        "kinds": [one.key.kind for one in firsts],
        "keys": [one.key.key for one in firsts],
        "verbs": [one.verb for one in firsts],
        "fingerprints": [one.fingerprint for one in firsts],
        "remote_ids": [clean(one.remote_id) for one in firsts],
        "attempted": [dumps(one.attempted) for one in firsts],
        "notes": [clean(one.note) for one in firsts],
        "states": [one.state.value for one in firsts],
    }


def _not_open(entry: LedgerId) -> RuntimeError:
    return RuntimeError(f"the ledger entry {entry} is not open")


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
        "is_adopted": link.origin in MADE_BY_US,
    }


def taken(link: NewLink) -> Rejected:
    """What is raised when a side of the new link is in another active pair."""
    return Rejected(
        "link_taken",
        f"Ticket {link.ticket_id} or work order {link.work_order_id} is in another active pair.",
    )
