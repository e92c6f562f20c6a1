"""Reads: queries with the vendor's paging traps, counts, items by id and lists of children."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from app.simulators.autotask.errors import NO_QUERY_BODY, ApiError, not_found_field
from app.simulators.autotask.filters import Predicate, compile_filter, wanted_ids
from app.simulators.autotask.metadata import entities
from app.simulators.autotask.records import ATTACHMENT_VIEWS, Database, Row
from app.simulators.autotask.values import encode

PAGE_ROWS = 500


@dataclass(frozen=True)
class Query:
    """A checked query: which rows, which fields, how many a page."""

    entity: str
    matches: Predicate
    ids: list[int] | None
    names: frozenset[str] | None
    page_rows: int


def read_query(db: Database, entity: str, body: Any) -> Query:
    """Check a query body. Keys are read without regard to case; `MaxRecords` sets the page size, 500 at most."""
    if not isinstance(body, dict):
        raise ApiError(NO_QUERY_BODY)
    given = {key.lower(): value for key, value in body.items()}
    predicate = compile_filter(db, entity, given.get("filter"))
    size = given.get("maxrecords")
    rows = PAGE_ROWS if size is None else _page_rows(size)
    ids = wanted_ids(db, entity, given["filter"])
    return Query(entity, predicate, ids, _names(db, entity, given.get("includefields")), rows)


def _page_rows(size: Any) -> int:
    if isinstance(size, str) and size.isdigit():
        size = int(size)
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        raise ApiError("MaxRecords must be a number from 1 to 500.")
    return min(size, PAGE_ROWS)


def _names(db: Database, entity: str, include: Any) -> frozenset[str] | None:
    if not include:
        return None
    if not isinstance(include, list):
        raise ApiError("IncludeFields must be an array of field names.")
    spec = entities().get(entity)
    udfs = {name.lower() for name in db.udf_names(entity)}
    for name in include:
        low = str(name).lower()
        if spec is not None and low not in spec.fields and low not in udfs and low != "userdefinedfields":
            raise not_found_field(str(name), entity)
    return frozenset(str(name).lower() for name in include)


def _candidates(db: Database, query: Query, after_id: int | None) -> Sequence[int]:
    table = db.table(query.entity)
    if query.ids is None:
        return table.after(after_id)
    return [i for i in query.ids if i in table.rows and (after_id is None or i > after_id)]


def _matching(db: Database, query: Query, after_id: int | None, limit: int | None) -> list[Row]:
    rows, found = db.table(query.entity).rows, []
    view = ATTACHMENT_VIEWS.get(query.entity)
    for record_id in _candidates(db, query, after_id):
        row = rows[record_id]
        if (view is None or row.get(view) is not None) and query.matches(row):
            found.append(row)
            if limit is not None and len(found) >= limit:
                break
    return found


def count(db: Database, query: Query) -> str:
    """The body of a count."""
    return json.dumps({"queryCount": len(_matching(db, query, None, None))})


def page(db: Database, query: Query, base_url: str, after_id: int | None, search: str | None) -> str:
    """The body of one page, ascending by id. `search` is given when the query came by GET."""
    rows = _matching(db, query, after_id, query.page_rows + 1)
    more = len(rows) > query.page_rows
    rows = rows[: query.page_rows]
    if more and query.page_rows == PAGE_ROWS and query.names is not None and "id" not in query.names:
        raise ApiError("IncludeFields must contain id when a query has more than 500 results.")
    next_url = _next_url(base_url, query, rows[-1].id, search) if more else None
    names = db.udf_names(query.entity)
    return _items([_text(row, query, names) for row in rows], query.page_rows, next_url)


def _text(row: Row, query: Query, udf_names: list[str]) -> str:
    if query.names is None:
        return row.text(query.entity, udf_names)
    return row.selected_text(query.entity, udf_names, query.names)


def _items(texts: list[str], requested: int, next_url: str | None) -> str:
    details = {"count": len(texts), "requestCount": requested, "prevPageUrl": None, "nextPageUrl": next_url}
    return f'{{"items":[{",".join(texts)}],"pageDetails":{json.dumps(details)}}}'


def _next_url(base_url: str, query: Query, last_id: int, search: str | None) -> str:
    cursor = {"pageSize": query.page_rows, "previousIds": [-1], "nextIds": [last_id]}
    text = quote(json.dumps(cursor, separators=(",", ":")))
    url = f"{base_url}ATServicesRest/V1.0/{query.entity}/query/next?paging={text}"
    return url if search is None else f"{url}&search={quote(search)}"


def cursor_of(paging: str | None) -> tuple[int, int]:
    """The id after which a page starts and its size, from the `paging` parameter."""
    try:
        cursor = json.loads(paging or "")
        return int(cursor["nextIds"][0]), max(1, min(int(cursor["pageSize"]), PAGE_ROWS))
    except (ValueError, KeyError, IndexError, TypeError):
        raise ApiError("Value cannot be null.\r\nParameter name: paging") from None


def item(db: Database, entity: str, row: Row | None) -> str:
    """The body of a read by id; a null item when there is none."""
    return f'{{"item":{row.text(entity, db.udf_names(entity)) if row is not None else "null"}}}'


def children(db: Database, entity: str, parent_field: str, parent_id: int) -> str:
    """The body of a child list. Attachment content is not part of lists."""
    names = db.udf_names(entity)
    rows = db.rows_with(entity, parent_field, parent_id)
    return _items([row.text(entity, names) for row in rows[:PAGE_ROWS]], PAGE_ROWS, None)


def attachment(entity: str, row: Row) -> str:
    """An attachment by its child path: a list of one, the only answer that carries the content."""
    text = row.text(entity, [])
    return _items([text.replace('"data":null', f'"data":{encode(row.get("data"))}', 1)], PAGE_ROWS, None)


def visible_rows(db: Database, entity: str) -> str:
    """All rows of an entity as a JSON array, for the simulator's own truth."""
    names = db.udf_names(entity)
    return "[" + ",".join(row.text(entity, names) for row in db.rows(entity)) + "]"
