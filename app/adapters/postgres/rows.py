"""From rows to nouns."""

from typing import Any

from pydantic import ValidationError

from app.core.model.connection import SECRET_FIELDS, Connection, ConnectionFile, ConnectionState, Pause
from app.core.model.ids import AccountId, ConnectionId, LedgerId, LinkId, TicketId, WorkOrderId
from app.core.model.ledger import EntryKey, LedgerEntry, LedgerState
from app.core.model.link import Examined, Known, Link, LinkOrigin
from app.ports.connections import StoredVersion


def connection_of(row: Any) -> Connection:
    """A connection from a whole row of `connections`."""
    pause = None
    if row.state == ConnectionState.PAUSED:
        pause = Pause(
            reason=row.pause_reason or "",
            since=row.pause_since,
            by_person=row.pause_by_person,
            next_probe_at=row.pause_next_probe_at,
            probes=row.pause_probes,
        )
    return Connection(
        id=ConnectionId(row.id),
        account_id=AccountId(row.account_id),
        name=row.name,
        file=ConnectionFile.model_validate(row.file),
        version=row.version,
        state=ConnectionState(row.state),
        pause=pause,
        autotask_ci=row.ci,
        field_nation_company=row.field_nation_company,
        creates_since=row.creates_since,
        fields_version=row.fields_version,
    )


def version_of(row: Any) -> StoredVersion:
    """A version from a whole row of `connection_versions`."""
    try:
        file = ConnectionFile.model_validate(row.file)
    except ValidationError:
        file = None
    return StoredVersion(row.version, row.at, row.who, row.note, file)


def without_secrets(file: ConnectionFile) -> dict[str, Any]:
    """The file as it is stored: a secret that was given is an empty text, one that was not stays null."""
    plain: dict[str, Any] = file.model_dump(mode="json")
    for path in SECRET_FIELDS:
        *parents, last = path.split(".")
        part = plain
        for parent in parents:
            part = part[parent]
        if part[last] is not None:
            part[last] = ""
    return plain


def link_of(row: Any) -> Link:
    """A link from a whole row of `links`."""
    return Link(
        id=LinkId(row.id),
        connection_id=ConnectionId(row.connection_id),
        ticket_id=TicketId(row.ticket_id),
        ticket_number=row.ticket_number,
        work_order_id=WorkOrderId(row.work_order_id),
        is_active=row.is_active,
        origin=LinkOrigin(row.origin),
        known=Known(row.sources, row.targets, tuple(row.pending)),
        out=Known(row.out_sources, row.out_targets, tuple(row.out_pending)),
        examined=Examined(row.examined_at, row.examined_status, row.row_digest),
        is_adopted=row.is_adopted,
        made_at=row.created_at,
    )


def entry_of(row: Any) -> LedgerEntry:
    """A ledger entry from a whole row of `ledger`, with `age` and `missing_for`."""
    return LedgerEntry(
        id=LedgerId(row.id),
        connection_id=ConnectionId(row.connection_id),
        key=EntryKey(row.owner, row.kind, row.key),
        verb=row.verb,
        state=LedgerState(row.state),
        fingerprint=row.fingerprint,
        remote_id=row.remote_id,
        opened_at=row.opened_at,
        age=row.age,
        attempted=row.attempted,
        note=row.note,
        missing_for=row.missing_for,
        was_lost=row.lost_at is not None,
        version=row.version,
    )
