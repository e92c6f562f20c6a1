"""What both systems of a connection said about their fields, as it was read last."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.documents import dumps
from app.adapters.postgres.engine import begin, single
from app.core.model.catalog import EntityCatalog, Field, PickValue
from app.core.model.ids import ConnectionId
from app.ports.fields import KeptCatalog

LOAD = text("""
SELECT entity, has_user_fields, document, read_at FROM catalogs WHERE connection_id = :connection ORDER BY entity
""")

# "keep": two readers may come at once; the later reading stays, whoever commits last.
KEEP = text("""
INSERT INTO catalogs (connection_id, entity, has_user_fields, document, read_at)
VALUES (:connection, :entity, :has_user_fields, CAST(:document AS jsonb), :read_at)
ON CONFLICT (connection_id, entity) DO UPDATE SET
    has_user_fields = excluded.has_user_fields, document = excluded.document, read_at = excluded.read_at
WHERE catalogs.read_at <= excluded.read_at
""")
CHANGED = text("UPDATE connections SET fields_version = fields_version + 1 WHERE id = :connection")

_FIELD_DEFAULTS = {one.name: one.default for one in fields(Field)}
_PICK_DEFAULTS = {one.name: one.default for one in fields(PickValue)}


class PostgresFields:
    """Kept catalogues on PostgreSQL."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def load(self, connection: ConnectionId) -> Sequence[KeptCatalog]:
        """Every catalogue that is kept for the connection, by entity."""
        async with single(self._engine) as sql:
            rows = await sql.execute(LOAD, {"connection": connection})
            return [KeptCatalog(_catalog(row.entity, row.document), row.has_user_fields, row.read_at) for row in rows]

    async def keep(self, connection: ConnectionId, catalogs: Sequence[KeptCatalog], *, changed: bool) -> None:
        """Keeps them in the place of those before; `changed` raises the connection's `fields_version`."""
        async with begin(self._engine) as sql:
            # By entity, so that two refreshes at once wait for one another and never for each other.
            for one in sorted(catalogs, key=lambda kept: kept.catalog.entity):
                row = {
                    "connection": connection,
                    "entity": one.catalog.entity,
                    "has_user_fields": one.has_user_fields,
                    "document": dumps(_document(one.catalog)),
                    "read_at": one.read_at,
                }
                await sql.execute(KEEP, row)
            if changed:
                await sql.execute(CHANGED, {"connection": connection})


def _document(catalog: EntityCatalog) -> dict[str, Any]:
    """Only what differs from the default: most of a field's facts do not."""
    return {
        "fields": {key: _bare_field(field) for key, field in catalog.fields.items()},
        "user_fields": {key: _bare_field(field) for key, field in catalog.user_fields.items()},
    }


def _bare_field(field: Field) -> dict[str, Any]:
    bare = {name: value for name, value in asdict(field).items() if value != _FIELD_DEFAULTS.get(name)}
    if field.values:
        bare["values"] = [
            {name: value for name, value in asdict(pick).items() if value != _PICK_DEFAULTS.get(name)}
            for pick in field.values
        ]
    return bare


def _catalog(entity: str, document: Mapping[str, Any]) -> EntityCatalog:
    return EntityCatalog(entity, _fields(document["fields"]), _fields(document["user_fields"]))


def _fields(rows: Mapping[str, Any]) -> dict[str, Field]:
    return {
        key: Field(**{**row, "values": tuple(PickValue(**pick) for pick in row.get("values", ()))})
        for key, row in rows.items()
    }
