"""Lengths of the text fields that are written unless a mapping says otherwise, in characters.

Autotask developer help, entity pages, with the lengths that a live database told.
"""

from collections.abc import Iterable, Mapping
from typing import Final

LENGTHS: Final[Mapping[str, Mapping[str, int]]] = {
    "Tickets": {"title": 255, "description": 8000, "resolution": 32000, "externalID": 50},
    "TimeEntries": {"summaryNotes": 32000, "internalNotes": 32000},
    "TicketCharges": {"name": 100, "description": 8000, "notes": 2000},
    "ExpenseItems": {"description": 128, "purchaseOrderNumber": 50},
    "TicketNotes": {"title": 250, "description": 32000},
    "TaskNotes": {"title": 250, "description": 32000},
}


def lengths_with(mapped: Iterable[tuple[str, str, int]]) -> dict[str, dict[str, int]]:
    """The lengths by entity and field, with those that the database tells of mapped fields: (entity, field, length)."""
    found = {entity: dict(fields) for entity, fields in LENGTHS.items()}
    for entity, field, length in mapped:
        if length > 0:
            found.setdefault(entity, {})[field] = length
    return found
