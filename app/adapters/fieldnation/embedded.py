"""Lists inside a work order's document, and when they can be taken for the whole. No I/O."""

from collections.abc import Mapping, Sequence

from app.adapters.fieldnation.documents import count_of, rows_of
from app.core.model.document import Document, Json
from app.ports.parts import Listing, PartName

_PLACES: Mapping[PartName, Sequence[tuple[str, ...]]] = {
    "time_logs": (("time_logs",),),
    "expenses": (("pay", "expenses"), ("pay", "expense")),
    "messages": (("messages",),),
    "attachments": (("attachments",),),
}


def embedded(order: Document, name: PartName) -> Listing | None:
    """The list that the work order carries when it is known to be all of it, else None.

    It is when its total equals its rows. Of messages the work order holds no more than their number: no message is
    all of them.
    """
    collection = next(filter(None, (_at(order, place) for place in _PLACES[name])), None)
    if collection is None:
        return None
    total, rows = count_of(collection, "total"), rows_of(collection)
    if rows is None or total != len(rows):
        return None
    if name == "attachments" and not are_whole(rows):
        return None
    return Listing(tuple(rows), is_complete=True)


def are_whole(folders: Sequence[Document]) -> bool:
    """Whether every folder holds as many files as it counts; a folder that counts none of its own is believed."""
    return all(
        (files := rows_of(folder)) is not None and count_of(folder, "total") in (None, len(files)) for folder in folders
    )


def _at(order: Document, place: Sequence[str]) -> Document | None:
    found: Json = order
    for key in place:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else None
