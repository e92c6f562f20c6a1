"""Stored connections and their sealed secrets."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.adapters.postgres.documents import clean, dumps
from app.adapters.postgres.engine import begin, single
from app.adapters.postgres.rows import connection_of, version_of, without_secrets
from app.core.model.connection import Connection, ConnectionFile
from app.core.model.failure import Rejected, Transient
from app.core.model.ids import AccountId, ConnectionId
from app.ports.connections import StoredVersion

ALL = text("SELECT * FROM connections WHERE :archived OR state <> 'archived' ORDER BY name, id")
NAMED = text("SELECT * FROM connections WHERE name = :name AND state <> 'archived'")
OF_ACCOUNT = text("SELECT * FROM connections WHERE account_id = :account AND state <> 'archived' ORDER BY name")
SECRETS = text("SELECT field, sealed FROM secrets WHERE connection_id = :connection ORDER BY field")

# "turn_of_name": two `apply` of one new name at once become a create and a change.
TURN_OF_NAME = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 7236501448114))")

ACCOUNT = text("""
INSERT INTO accounts (ci, integration_code_hash) VALUES (:ci, :code_hash)
ON CONFLICT (ci, integration_code_hash) DO UPDATE SET ci = excluded.ci RETURNING id
""")
FIND = text("SELECT * FROM connections WHERE name = :name AND state <> 'archived' FOR NO KEY UPDATE")
CREATE = text("""
INSERT INTO connections (account_id, name, file, version, ci, field_nation_company, creates_since)
VALUES (:account, :name, CAST(:file AS jsonb), 1, :ci, :company,
        CASE WHEN CAST(:creates AS boolean) THEN clock_timestamp() END) RETURNING *
""")
CHANGE = text("""
UPDATE connections SET account_id = :account, file = CAST(:file AS jsonb), ci = :ci, updated_at = clock_timestamp(),
    version = version + CASE WHEN file = CAST(:file AS jsonb) THEN 0 ELSE 1 END,
    field_nation_company = CASE WHEN :company = 0 THEN field_nation_company ELSE :company END,
    creates_since = CASE WHEN CAST(:creates AS boolean) THEN coalesce(creates_since, clock_timestamp()) END
WHERE id = :id RETURNING *
""")
# A version is a change of the file: who applies the same one again made none.
VERSION = text("""
INSERT INTO connection_versions (connection_id, version, file, who, note)
VALUES (:id, :version, CAST(:file AS jsonb), :who, :note)
ON CONFLICT (connection_id, version) DO NOTHING
""")
VERSIONS = text("SELECT * FROM connection_versions WHERE connection_id = :connection ORDER BY version")

# "alone": closes the race with intake. FOR UPDATE waits for every flush that read the row (they hold KEY SHARE) and
# keeps later ones out until the commit, so the jobs found afterwards are all there are.
ALONE = text("SELECT id FROM connections WHERE id = :id AND state <> 'archived' FOR UPDATE")

# "move_account": locks every job of the connection, so that no host takes one while it changes hands.
MOVE_ACCOUNT = text("""
UPDATE jobs SET account_id = :account
FROM (SELECT id FROM jobs WHERE connection_id = :id ORDER BY connection_id, kind, key FOR UPDATE) AS own
WHERE jobs.id = own.id RETURNING jobs.state
""")

KEEP_SECRETS = text("""
INSERT INTO secrets (connection_id, field, sealed)
SELECT :connection, s.field, s.sealed FROM unnest(CAST(:fields AS text[]), CAST(:sealed AS text[])) AS s(field, sealed)
ON CONFLICT (connection_id, field) DO UPDATE SET sealed = excluded.sealed
""")
DROP_SECRETS = text("""
DELETE FROM secrets WHERE connection_id = :connection AND NOT field = ANY(CAST(:fields AS text[]))
""")

PIN_COMPANY = text("""
UPDATE connections SET field_nation_company = :company
WHERE id = :connection AND field_nation_company IN (0, :company) RETURNING id
""")

ARCHIVE = text("""
UPDATE connections SET state = 'archived', updated_at = clock_timestamp(), pause_reason = NULL, pause_since = NULL,
    pause_next_probe_at = NULL WHERE id = :connection
""")
REVOKE = text("UPDATE trigger_tokens SET revoked_at = now() WHERE connection_id = :connection AND revoked_at IS NULL")
# A pass that runs now finds its job at rest when it settles, and changes nothing more.
REST_JOBS = text("""
UPDATE jobs SET state = 'idle', resting = false, observed = wanted, changed_at = now()
FROM (SELECT id FROM jobs WHERE connection_id = :connection AND state <> 'idle'
      ORDER BY connection_id, kind, key FOR UPDATE) AS waiting
WHERE jobs.id = waiting.id
""")
CANCEL_RECEIPTS = text("""
UPDATE receipts SET outcome = 'cancelled', code = 'archived', text = 'The connection was archived.',
    settled_at = clock_timestamp()
WHERE connection_id = :connection AND outcome IS NULL
""")


class PostgresConnections:
    """Connections on PostgreSQL."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def all(self, *, archived: bool = False) -> Sequence[Connection]:
        """Every connection by name."""
        return await self._many(ALL, archived=archived)

    async def named(self, name: str) -> Connection | None:
        """The live connection of that name."""
        found = await self._many(NAMED, name=name)
        return found[0] if found else None

    async def of_account(self, account: AccountId) -> Sequence[Connection]:
        """The live connections that share the account."""
        return await self._many(OF_ACCOUNT, account=account)

    async def secrets(self, connection: ConnectionId) -> Mapping[str, str]:
        """Sealed secrets by field name."""
        async with single(self._engine) as sql:
            rows = await sql.execute(SECRETS, {"connection": connection})
            return {row.field: row.sealed for row in rows}

    async def versions(self, connection: ConnectionId) -> Sequence[StoredVersion]:
        """Every version of the connection's file, oldest first."""
        async with single(self._engine) as sql:
            return [version_of(row) for row in await sql.execute(VERSIONS, {"connection": connection})]

    async def save(
        self,
        file: ConnectionFile,
        secrets: Mapping[str, str],
        *,
        ci: int,
        integration_code_hash: str,
        company: int,
        who: str,
        note: str = "",
    ) -> Connection:
        """Creates or changes the connection of that name; sealed secrets that are not given are forgotten.

        Raises `Rejected` when the connection is pinned to another database or company, `Transient` when it should
        change accounts while a pass runs.
        """
        async with begin(self._engine) as sql:
            await sql.execute(TURN_OF_NAME, {"name": file.name})
            account = await sql.scalar(ACCOUNT, {"ci": ci, "code_hash": integration_code_hash})
            before = (await sql.execute(FIND, {"name": file.name})).one_or_none()
            row = {"name": file.name, "file": dumps(without_secrets(file)), "account": account, "ci": ci}
            row["creates"] = file.settings.outbound_create
            if before is None:
                after = (await sql.execute(CREATE, {**row, "company": company})).one()
            else:
                _check_pins(before, ci, company)
                if before.account_id != account:
                    await _move(sql, before.id, account)
                after = (await sql.execute(CHANGE, {**row, "company": company, "id": before.id})).one()
            applied = {"version": after.version, "file": row["file"], "who": clean(who), "note": clean(note)}
            await sql.execute(VERSION, {"id": after.id, **applied})
            await _replace_secrets(sql, after.id, secrets)
            return connection_of(after)

    async def pin_company(self, connection: ConnectionId, company: int) -> None:
        """Pins the Field Nation company once it is known. Raises `Rejected` when another one is pinned."""
        async with single(self._engine) as sql:
            if await sql.scalar(PIN_COMPANY, {"connection": connection, "company": company}) is None:
                raise _pinned("Field Nation company")

    async def archive(self, connection: ConnectionId) -> None:
        """Archives the connection: tokens revoked, waiting jobs cancelled, the ledger kept."""
        which = {"connection": connection}
        async with begin(self._engine) as sql:
            if await sql.scalar(ALONE, {"id": connection}) is None:
                return
            for statement in (ARCHIVE, REVOKE, REST_JOBS, CANCEL_RECEIPTS):
                await sql.execute(statement, which)

    async def reseal(self, connection: ConnectionId, secrets: Mapping[str, str]) -> None:
        """Replaces the sealed secrets (key rotation)."""
        async with begin(self._engine) as sql:
            await _replace_secrets(sql, connection, secrets)

    async def _many(self, statement: Any, **parameters: object) -> Sequence[Connection]:
        async with single(self._engine) as sql:
            return [connection_of(row) for row in await sql.execute(statement, parameters)]


async def _replace_secrets(sql: AsyncConnection, connection: int, secrets: Mapping[str, str]) -> None:
    kept = {"connection": connection, "fields": list(secrets), "sealed": list(secrets.values())}
    await sql.execute(DROP_SECRETS, {"connection": connection, "fields": list(secrets)})
    await sql.execute(KEEP_SECRETS, kept)


async def _move(sql: AsyncConnection, connection: int, account: Any) -> None:
    await sql.execute(ALONE, {"id": connection})
    states = (await sql.scalars(MOVE_ACCOUNT, {"id": connection, "account": account})).all()
    if "running" in states:
        raise Transient("The connection is being served under its old integration code: apply it again in a moment.")


def _check_pins(before: Any, ci: int, company: int) -> None:
    if before.ci != ci:
        raise _pinned("Autotask database")
    if company and before.field_nation_company not in (0, company):
        raise _pinned("Field Nation company")


def _pinned(what: str) -> Rejected:
    return Rejected(
        "connection_pinned", f"These credentials belong to another {what} than the connection is pinned to."
    )
