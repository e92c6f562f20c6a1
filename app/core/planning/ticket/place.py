"""The place: the record in Autotask that the items of one work order go to."""

from dataclasses import dataclass

from app.core.model.document import Json

PLACES = frozenset({"ticketID", "taskID"})
"""The fields that tie a record to its place. A record stays where it was made."""


@dataclass(frozen=True, slots=True)
class Place:
    """A ticket, or a task of a project. Without an id nothing can be sent, and `lacking` says why.

    `entity` is Autotask's name of the records, `Tickets` or `Tasks`.
    """

    entity: str
    id: int
    lacking: str = ""

    @property
    def is_task(self) -> bool:
        return self.entity == "Tasks"

    @property
    def field(self) -> str:
        """The field by which a record names this place."""
        return "taskID" if self.is_task else "ticketID"

    @property
    def wish(self) -> dict[str, Json]:
        """The field and the value that name the place in a record; no value where there is no place."""
        return {self.field: self.id or None}

    @property
    def parent(self) -> tuple[str, int]:
        """The place as the parent in a path."""
        return (self.entity, self.id)

    @property
    def notes(self) -> str:
        """The entity of its notes."""
        return "TaskNotes" if self.is_task else "TicketNotes"

    @property
    def attachments(self) -> str:
        """The entity of its files."""
        return "TaskAttachments" if self.is_task else "TicketAttachments"
