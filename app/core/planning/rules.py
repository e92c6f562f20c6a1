"""What a connection allows an import to do, and whose its ledger entries are."""

from dataclasses import dataclass

from app.core.model.ledger import EntryKey


@dataclass(frozen=True, slots=True)
class ImportRules:
    """What the connection allows. `actions` are those a mapped status may cause."""

    actions: frozenset[str]
    cancel_reason: str = ""


def owner_of(ticket_id: int) -> str:
    """Whose the ledger entries of an import are."""
    return f"ticket:{ticket_id}"


def create_key(ticket_id: int) -> EntryKey:
    """The business key of the one work order of a ticket."""
    return EntryKey(owner_of(ticket_id), "work_order", "create")
