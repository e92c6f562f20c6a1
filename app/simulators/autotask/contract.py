"""Which paths and methods exist: the 2026 contract, read case-insensitively as the vendor does."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_DATA = Path(__file__).parent / "data" / "operations.json"

# Children whose store is not called parent + child.
_CHILD_NAMES = {
    ("Expenses", "Items"): "ExpenseItems",
    ("TimeOffRequests", "Approve"): "TimeOffRequestsApprove",
    ("TimeOffRequests", "Reject"): "TimeOffRequestsReject",
}
_PARENT_STORES = {"Expenses": "ExpenseReports"}
_PARENT_FIELDS = {"Expenses": "expenseReportID", "TicketWebhooks": "webhookID", "TicketNoteWebhooks": "webhookID"}
_METADATA = {
    ("entityinformation",): ("info", "+info", "entityInformation"),
    ("entityinformation", "fields"): ("fields", "+info", "entityInformation/fields"),
    ("entityinformation", "userdefinedfields"): ("udfs", "+udf", "entityInformation/userDefinedFields"),
}
_QUERIES = {
    ("query",): ("query", "query"),
    ("query", "next"): ("next", "query/next"),
    ("query", "count"): ("count", "query/count"),
}


@dataclass(frozen=True)
class Route:
    """One known path. `shape` is its name in counters and journals, ids replaced by `{id}`."""

    segment: str
    entity: str
    kind: str
    shape: str
    methods: frozenset[str]
    parent: str | None = None
    parent_field: str | None = None
    parent_id: int | None = None
    record_id: int | None = None


def singular(plural: str) -> str:
    """Companies -> Company, Tickets -> Ticket; names without a plural stay."""
    if plural.endswith("ies"):
        return plural[:-3] + "y"
    return plural[:-1] if plural.endswith("s") else plural


@cache
def operations() -> dict[str, dict[str, frozenset[str]]]:
    """Entity -> path below it (ids as `*`) -> methods and the `+info +udf +query` blocks it offers."""
    raw: dict[str, dict[str, str]] = json.loads(_DATA.read_text(encoding="utf-8"))
    return {name: {path: frozenset(text.split()) for path, text in paths.items()} for name, paths in raw.items()}


@cache
def _index() -> dict[str, tuple[str, dict[str, tuple[str, frozenset[str]]]]]:
    return {
        name.lower(): (name, {path.lower(): (path, tokens) for path, tokens in paths.items()})
        for name, paths in operations().items()
    }


@cache
def child_store(parent: str, child: str) -> str:
    """The store behind `Parent/{id}/Child`, e.g. Tickets + Notes -> TicketNotes."""
    if (parent, child) in _CHILD_NAMES:
        return _CHILD_NAMES[parent, child]
    prefix = "Article" if parent == "KnowledgeBaseArticles" and not child.startswith("Article") else singular(parent)
    joined = prefix + child
    return joined if joined in operations() or child not in operations() else child


def parent_field(parent: str) -> str:
    """The field of a child that names its parent, e.g. Tickets -> ticketID."""
    name = singular(parent)
    return _PARENT_FIELDS.get(parent, name[0].lower() + name[1:] + "ID")


@cache
def creatable_by(entity: str) -> dict[str, bool]:
    """Which of create, update, delete, query the contract offers for an entity anywhere, for `entityInformation`."""
    tokens = set(operations().get(entity, {}).get("", frozenset()))
    found = {
        "create": "POST" in tokens,
        "update": "PATCH" in tokens,
        "query": "+query" in tokens,
        "delete": "DELETE" in operations().get(entity, {}).get("*", frozenset()),
    }
    for parent, paths in operations().items():
        for path, methods in paths.items():
            parts = path.split("/")
            if len(parts) < 2 or child_store(parent, parts[1]) != entity:
                continue
            found["create"] |= len(parts) == 2 and "POST" in methods
            found["update"] |= len(parts) == 2 and "PATCH" in methods
            found["delete"] |= len(parts) == 3 and "DELETE" in methods
    return found


def _is_id(part: str) -> bool:
    return part.lstrip("-").isdigit()


def resolve(parts: list[str]) -> Route | None:
    """The route of a path below `v1.0`, or None for a path that is not offered (404)."""
    entry = _index().get(parts[0].lower()) if parts else None
    if entry is None:
        return None
    segment, paths = entry
    rest = [part.lower() for part in parts[1:]]
    for size in (2, 1):
        tail = tuple(rest[-size:])
        if tail in _METADATA:
            return _metadata_route(segment, paths, rest[:-size], *_METADATA[tail])
        if tail in _QUERIES and len(rest) == size:
            return _query_route(segment, paths, *_QUERIES[tail])
    return _record_route(segment, paths, rest)


def _metadata_route(
    segment: str, paths: dict[str, tuple[str, frozenset[str]]], base: list[str], kind: str, flag: str, text: str
) -> Route | None:
    known = paths.get("/".join("*" if _is_id(part) else part for part in base))
    if known is None or flag not in known[1]:
        return None
    pattern = known[0].split("/")
    entity = child_store(segment, pattern[1]) if len(pattern) > 1 else segment
    shape = "/".join([segment, *("{id}" if p == "*" else p for p in pattern if p), text])
    return Route(segment, entity, kind, shape, frozenset({"GET"}))


def _query_route(segment: str, paths: dict[str, tuple[str, frozenset[str]]], kind: str, text: str) -> Route | None:
    if "+query" not in paths.get("", ("", frozenset()))[1]:
        return None
    return Route(segment, segment, kind, f"{segment}/{text}", frozenset({"GET", "POST"}))


def _record_route(segment: str, paths: dict[str, tuple[str, frozenset[str]]], rest: list[str]) -> Route | None:
    known = paths.get("/".join("*" if _is_id(part) else part for part in rest))
    if known is None:
        return None
    pattern, tokens = known
    methods = frozenset(token for token in tokens if not token.startswith("+"))
    if not methods and pattern:
        return None
    parts = [part for part in pattern.split("/") if part]
    shape = "/".join([segment, *("{id}" if part == "*" else part for part in parts)])
    ids = [int(part) for part in rest if _is_id(part)]
    if len(parts) < 2:
        kind = "item" if parts else "collection"
        return Route(segment, segment, kind, shape, methods, record_id=ids[0] if ids else None)
    return Route(
        segment,
        child_store(segment, "".join(part for part in parts[1:] if part != "*")),
        "child_item" if parts[-1] == "*" else "child",
        shape,
        methods,
        parent=_PARENT_STORES.get(segment, segment),
        parent_field=parent_field(segment),
        parent_id=ids[0],
        record_id=ids[1] if len(ids) > 1 else None,
    )
