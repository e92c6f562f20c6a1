"""The document that outbound mappings see: the vendor's work order, with stable names added.

Added at the top: `status_id`, `notes`, and the plain lists `time_logs`, `expenses`, `messages`, `attachments`. Added to
each element: the names that the functions below list. Where the vendor has something else under such a name
(`expenses[0].category` is an object there), ours is the plain value, and the vendor's is kept under `original` and
found by longer paths (`expenses[0].category.label`, `time_logs.hours`). Shapes: Field Nation API v2.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from app.core.mapping.dates import AUTOTASK_UTC, BadDate, print_instant, read_instant, read_zone
from app.core.mapping.item_paths import ORIGINAL
from app.core.mapping.reading import objects_of
from app.core.mapping.values import as_number, as_text, is_empty, is_scalar
from app.core.mapping.work_order_names import STATUS_TARGET, read_status
from app.core.model.document import Document, Json

_FOUR_PLACES: Final = Decimal("0.0001")
_MICROSECONDS_PER_HOUR: Final = 3_600_000_000


def work_order_document(
    order: Document,
    time_logs: Sequence[Json] = (),
    expenses: Sequence[Json] = (),
    messages: Sequence[Json] = (),
    files: Sequence[Json] = (),
) -> Document:
    """The document for a work order and the rows of its lists, as the vendor's calls give them.

    Replies nested in messages become messages of their own, after the one they answer; `files` may be folders with
    their files, or files. What is no object is left out. Never raises, changes nothing it is given.
    """
    order = order if isinstance(order, Mapping) else {}
    pay = _inside(order, "pay")
    ours: dict[str, Json] = {
        STATUS_TARGET: _status_id(order),
        "notes": order.get("closing_notes"),
        "time_logs": tuple(_time_log(row, order) for row in objects_of(time_logs)),
        "expenses": tuple(_expense(row) for row in objects_of(expenses)),
        "messages": tuple(_message(row) for row in _with_replies(messages)),
        "attachments": tuple(_file(row, folder_id) for row, folder_id in _files(files)),
    }
    return _named({"expenses": pay.get("expenses", pay.get("expense")), **order}, ours)


def _named(row: Document, ours: dict[str, Json]) -> Document:
    """The row with our names; the objects and lists that the vendor had under them are its original."""
    original = {name: row[name] for name in ours if not is_scalar(row.get(name))}
    return {**row, **ours, ORIGINAL: original}


def _status_id(order: Document) -> Json:
    """By its name first: published tables of the ids contradict one another. Some ids come as text; a status that we
    do not know is left as it was sent, to be told of."""
    status = _inside(order, "status")
    name = status.get("name")
    given = status.get("id", order.get(STATUS_TARGET))
    known = [id for id in map(read_status, (name, given)) if id is not None]
    if known:
        return known[0]
    return name if is_empty(given) else given


def _time_log(row: Document, order: Document) -> Document:
    """StartDateTime and EndDateTime (UTC text, empty while there is none), HoursWorked (of that window, 4 places),
    notes (a time log has none: empty), provider (the name of who logged it, else of the assigned provider)."""
    zone = _zone(row)
    start, end = _inside(row, "in").get("created"), _inside(row, "out").get("created")
    by = _person(row.get("logged_by")) or _person(_inside(order, "assignee").get("user"))
    ours: dict[str, Json] = {
        "id": row.get("id"),
        "StartDateTime": _moment(start, zone),
        "EndDateTime": _moment(end, zone),
        "HoursWorked": _hours(read_instant(start, None, zone), read_instant(end, None, zone)),
        "notes": "",
        "provider": by,
    }
    return _named(row, ours)


def _expense(row: Document) -> Document:
    """amount and quantity (exact numbers), category (its label), added (UTC text), author (a name), status."""
    category = row.get("category")
    label = category.get("label") if isinstance(category, Mapping) else category
    ours: dict[str, Json] = {
        "id": row.get("id"),
        "amount": _number(row.get("amount")),
        "quantity": _number(row.get("quantity")),
        "description": _text(row.get("description")),
        "category": _text(label),
        "status": _text(row.get("status")),
        "added": _moment(row.get("added")),
        "author": _person(row.get("author")),
    }
    return _named(row, ours)


def _message(row: Document) -> Document:
    """id (the vendor's msg_id), message, author (name), role (who may see it), created (UTC text)."""
    ours: dict[str, Json] = {
        "id": row.get("msg_id", row.get("id")),
        "message": _text(row.get("message")),
        "author": _person(row.get("from")),
        "role": _text(row.get("role")),
        "created": _moment(row.get("created")),
    }
    return _named(row, ours)


def _file(row: Document, folder_id: Json) -> Document:
    """name, size (bytes) and the folder's id; an id alone is unique only with that."""
    file = _inside(row, "file")
    ours: dict[str, Json] = {
        "id": row.get("id"),
        "name": _text(file.get("name", row.get("name"))),
        "size": _number(file.get("size_bytes", row.get("size"))),
        "folder_id": row.get("folder_id", folder_id),
    }
    return _named(row, ours)


def _with_replies(messages: Json) -> Iterator[Document]:
    """Each message before its replies, and each id once, however deep the replies are nested."""
    seen: set[str] = set()
    waiting = [*objects_of(messages)][::-1]
    while waiting:
        row = waiting.pop()
        id = as_text(row.get("msg_id")) or ""
        if not id or id not in seen:
            seen.add(id)
            yield row
            waiting += [*objects_of(row.get("replies"))][::-1]


def _files(rows: Json) -> Iterator[tuple[Document, Json]]:
    """Files, each with the id of the folder it was found in, or null."""
    for row in objects_of(rows):
        if "file" not in row and "results" in row:
            yield from ((file, row.get("id")) for file in objects_of(row["results"]))
        else:
            yield row, None


def _inside(row: Document, key: str) -> Document:
    inner = row.get(key)
    return inner if isinstance(inner, Mapping) else {}


def _zone(row: Document) -> tzinfo:
    """The zone of the site, for a time that comes without its UTC half."""
    name = _inside(row, "time_zone").get("name")
    return (read_zone(name) if isinstance(name, str) else None) or UTC


def _moment(value: Json, zone: tzinfo = UTC) -> Json:
    """The time as UTC text, empty when there is none; one that cannot be read stays as it is, to be told of."""
    at = read_instant(value, None, zone)
    if at is None:
        return ""
    text = at if isinstance(at, BadDate) else print_instant(at, AUTOTASK_UTC)
    return value if isinstance(text, BadDate) else f"{text}Z"


def _hours(start: datetime | BadDate | None, end: datetime | BadDate | None) -> Decimal | None:
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return None
    hours = Decimal((end - start) // timedelta(microseconds=1)) / _MICROSECONDS_PER_HOUR
    return hours.quantize(_FOUR_PLACES, ROUND_HALF_UP)


def _person(value: Json) -> str:
    """The name of a person, who has one name or two, or is only a name."""
    if not isinstance(value, Mapping):
        return _text(value).strip()
    parts = (_text(value.get(key)).strip() for key in ("first_name", "last_name"))
    return " ".join(part for part in parts if part) or _text(value.get("name")).strip()


def _number(value: Json) -> Json:
    number = as_number(value)
    return value if number is None else number


def _text(value: Json) -> str:
    return as_text(value) or ""
