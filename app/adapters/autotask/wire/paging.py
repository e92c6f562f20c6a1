"""Pages of a query: the body that asks, the rows that come, and where the next page is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.core.model.document import Document, Json
from app.core.model.failure import Transient

# Autotask developer help, REST basic query calls: 500 is the default and the most.
PAGE_SIZE = 500


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of one page; `next_url` is empty on the last one."""

    rows: tuple[Document, ...]
    next_url: str


def query_body(conditions: Sequence[Document], fields: Sequence[str]) -> Document:
    """The body of a query, sent again for every page. `id` is always among the fields, as paging needs it."""
    body: dict[str, Json] = {"filter": list(conditions), "MaxRecords": PAGE_SIZE}
    if fields:
        named = dict.fromkeys(name for name in fields if name.lower() != "id")
        body["IncludeFields"] = ["id", *named]
    return body


def read_page(body: Document, zone_url: str, seen: frozenset[str]) -> Page:
    """One page. `seen` are the addresses of pages before it.

    Raises `Transient` when the answer is no page, when it is longer than asked for, when it leads to another host
    than the zone's (credentials would follow), or back to a page that was read already.
    """
    rows = body.get("items")
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise Transient("Autotask answered a query with something that is no list of records.")
    if len(rows) > PAGE_SIZE:
        raise Transient(f"Autotask answered with {len(rows)} rows where {PAGE_SIZE} were asked for.")
    details = body.get("pageDetails")
    next_url = details.get("nextPageUrl") if isinstance(details, Mapping) else None
    if not next_url:
        return Page(tuple(rows), "")
    if not isinstance(next_url, str) or not same_place(next_url, zone_url):
        raise Transient("Autotask's next page is not at the host of the zone; it was not followed.")
    if next_url in seen:
        raise Transient("Autotask's pages lead in a circle.")
    return Page(tuple(rows), next_url)


def same_place(url: str, zone_url: str) -> bool:
    """Whether both addresses have the same scheme, host and port."""
    try:
        return _place(url) == _place(zone_url)
    except ValueError:
        return False


def _place(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80)
