"""Discovery: which paths a mapping may use, and what becomes of the mappings when the systems' fields change."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.core.mapping.field_changes import FieldChange
from app.core.mapping.listing import FieldRow, list_paths, needs_for, relation_needs, search_rows
from app.core.mapping.relations import NeedCatalog
from app.core.mapping.work_order_fields import WORK_ORDERS
from app.core.model.catalog import EntityCatalog
from app.core.model.connection import ConnectionFile
from app.core.model.finding import Finding
from app.services.fields import Fields
from app.services.file_check import check_file


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What changed in the fields of both systems, what is wrong with the mappings since (`broken`), and what was wrong
    before (`standing`)."""

    name: str
    entities: int
    changes: tuple[FieldChange, ...]
    broken: tuple[Finding, ...]
    standing: tuple[Finding, ...]


async def refresh_fields(file: ConnectionFile, fields: Fields) -> Refreshed:
    """Reads the fields of everything that the mappings use again; the difference, and the mappings that it breaks.

    Raises the vendor's `Failure` when a system does not answer; then what was kept stays.
    """
    before = (await check_file(file, fields, None)).findings
    changes = await fields.refresh()
    after = (await check_file(file, fields, None)).findings
    known = {(one.code, one.field, one.text) for one in before}
    broken = tuple(one for one in after if (one.code, one.field, one.text) not in known)
    standing = tuple(one for one in after if one not in broken)
    return Refreshed(file.name, len(fields.read), tuple(changes), broken, standing)


async def list_fields(file: ConnectionFile, fields: Fields, search: str = "") -> Sequence[FieldRow]:
    """Every path that a mapping of the connection may use, both ways; with `search` those that it completes first.

    Related records are listed one step away only where they are searched for: each is a call of its own until it is
    kept.
    """
    known: dict[NeedCatalog, EntityCatalog] = {}
    root = file.autotask.entity
    while needs := needs_for(root, search, known.get):
        await _fetch(known, needs, fields)
    if search:
        await _fetch(known, relation_needs(root, known.get), fields)
    work_orders = await fields.catalog(WORK_ORDERS, user_fields=True)
    rows = list_paths(known.get, work_orders, root, search)
    return search_rows(rows, search) if search else rows


async def _fetch(known: dict[NeedCatalog, EntityCatalog], needs: Sequence[NeedCatalog], fields: Fields) -> None:
    for need in needs:
        known[need] = await fields.catalog(need.entity, user_fields=need.user_fields)


def as_row(row: FieldRow) -> dict[str, Any]:
    """The path with the keys of the published words."""
    return {
        "system": row.side,
        "direction": row.direction,
        "use": "target" if row.is_target else "source",
        "path": row.path,
        "spellings": list(row.spellings),
        "type": row.type,
        "label": row.label,
        "length": row.length or None,
        "required": row.required,
        "values": list(row.values),
        "user_defined": row.is_user_field,
        "note": row.note,
    }
