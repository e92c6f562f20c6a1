"""What is paired with work orders: tickets, service calls or projects, by Autotask's name of the entity."""

from collections.abc import Mapping
from typing import Final

from app.core.model.document import Document

TICKETS: Final = "Tickets"

_NOUNS: Final[Mapping[str, str]] = {TICKETS: "ticket", "ServiceCalls": "service call", "Projects": "project"}
_NUMBERS: Final[Mapping[str, str]] = {TICKETS: "ticketNumber", "Projects": "projectNumber"}


def noun_of(entity: str) -> str:
    """What people call one record of the entity."""
    return _NOUNS[entity]


def number_of(entity: str, record: Document) -> str:
    """The text by which people name the record, and the mark of its work order: its number, or `SC<id>` for a service
    call, which has none. Empty when there is no record."""
    if entity in _NUMBERS:
        return str(record.get(_NUMBERS[entity]) or "")
    return f"SC{record['id']}" if record.get("id") is not None else ""


def fields_of_number(entity: str) -> tuple[str, ...]:
    """The fields that `number_of` reads."""
    return ("id", _NUMBERS[entity]) if entity in _NUMBERS else ("id",)


def title_of(record: Document) -> str:
    """What the record is about; a service call has no title, and a project another name for it."""
    return str(record.get("title") or record.get("projectName") or record.get("description") or "")
