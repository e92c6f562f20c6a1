"""Notes: messages of the work order, as notes of the ticket. A note is written once and never changed."""

from dataclasses import replace
from typing import Final

from app.core.model.document import Document
from app.core.model.intent import Phase
from app.core.planning.ticket.context import Context, mapping_of
from app.core.planning.ticket.items import Items, Kind
from app.core.planning.ticket.place import Place
from app.core.planning.ticket.wishes import Fact, FieldWish, cut, fixed

_TITLE_LENGTH: Final = 250


def note_kind(place: Place) -> Kind:
    """Notes of a ticket, or of a task."""
    return Kind("note", place.notes, Phase.NOTES, "message", change="keep", removal="keep")


def note_items(context: Context) -> Items:
    """The messages that the connection file sends."""
    facts: dict[str, Fact] = {}
    for id, message in context.items("messages"):
        text = str(message.get("message") or "")
        if text.strip() and visibility(message) in context.file.notes.send:
            facts[id] = _fact(message, id, text, context)
    return Items(facts, is_complete=False)


def visibility(message: Document) -> str:
    """Who may see the message, in the vendor's words: FROMTECH, INTERNAL, ..."""
    return str(message.get("type") or message.get("role") or "").upper()


def _fact(message: Document, id: str, text: str, context: Context) -> Fact:
    role = str(mapping_of(message.get("from")).get("role") or "").strip()
    who = ", ".join(filter(None, (str(message.get("author") or ""), role)))
    settings = context.file.notes
    built_in = fixed(
        **context.place.wish,
        title=f"Field Nation: {who}" if who else "Field Nation",
        description=text,
        noteType=settings.note_type,
        publish=settings.publish,
    )
    fact = context.fact("notes", context.place.notes, id, f"message {id}", id, built_in, message)
    most = context.lengths.get(context.place.notes, {}).get("title", _TITLE_LENGTH)
    wishes = (_titled(wish, id, most) if wish.field == "title" else wish for wish in fact.wishes)
    return replace(fact, wishes=tuple(wishes))


def _titled(wish: FieldWish, id: str, most: int) -> FieldWish:
    """The mark stands at the end of the title, where a reader is least in its way."""
    ending = f" (#{id})"
    return replace(wish, value=cut(str(wish.value or ""), most - len(ending)) + ending)
