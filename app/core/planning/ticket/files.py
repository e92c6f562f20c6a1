"""Files: attachments of the ticket for the files of the work order. Decided from names and sizes alone."""

from typing import Final

from app.core.mapping.values import as_number
from app.core.model.document import Document, Json
from app.core.model.intent import Phase
from app.core.planning.ticket.context import Context, id_of, mapping_of
from app.core.planning.ticket.items import Items, Kind, Removal
from app.core.planning.ticket.place import Place
from app.core.planning.ticket.wishes import Fact, cut, fixed, sourced

LARGEST_FILE_BYTES: Final = 6_000_000
"""What Autotask takes in one file for certain (its developer help, attachments); a larger one becomes a link."""

_TITLE_LENGTH: Final = 255
_MOST_BYTES: Final = 10**15


def file_kind(place: Place, *, may_delete: bool) -> Kind:
    """Attachments have no update: a changed file is another one, beside the old one where that may not be deleted."""
    removal: Removal = "delete" if may_delete else "keep"
    return Kind("attachment", place.attachments, Phase.FILES, "file", change="replace", removal=removal)


def file_items(context: Context, *, is_complete: bool) -> Items:
    """Every file of the work order, keyed by folder and file."""
    facts: dict[str, Fact] = {}
    for row in context.rows("attachments"):
        if id_of(row):
            key = key_of(row)
            facts[key] = _fact(key, str(row.get("name") or "").strip() or f"file {key}", size_of(row), context)
        else:
            context.without_id("attachments")
    return Items(facts, is_complete)


def key_of(row: Document) -> str:
    """Folder and file: an id alone is unique only with its folder's."""
    return f"{row.get('folder_id')}/{id_of(row)}"


def size_of(row: Document) -> int:
    """Bytes that the vendor says the file has; 0 when it says nothing."""
    size = as_number(row.get("size"))
    return int(size) if size is not None and 0 < size < _MOST_BYTES else 0


def link_of(row: Document) -> str:
    """Where the vendor keeps the file's bytes, or empty."""
    return str(mapping_of(row.get("file")).get("link") or "")


def _fact(key: str, name: str, size: int, context: Context) -> Fact:
    ending = f" (#{key})"
    title = cut(name, _TITLE_LENGTH - len(ending)) + ending
    is_link = size > LARGEST_FILE_BYTES
    where = context.file.field_nation.web_url.replace("{id}", str(context.id)) if is_link else cut(name, _TITLE_LENGTH)
    built_in = (
        *fixed(**context.place.wish, attachmentType="URL" if is_link else "FILE_ATTACHMENT"),
        *fixed(publish=context.file.attachments.publish),
        sourced("title", title, **{"item.name": name}),
        sourced("fullPath", where, **_named(name, size)),
    )
    return Fact(key, f"file {key} ({name})", built_in, key, lacking=context.place.lacking)


def _named(name: str, size: int) -> dict[str, Json]:
    return {"item.name": name, "item.size": size}
