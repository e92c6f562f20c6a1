"""The vendor's filter grammar, checked before anything is sent.

Autotask ignores a misspelt operator and answers with every row (seen by public clients), so nothing may slip through.
"""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from app.core.model.document import Document, Json
from app.core.model.failure import Rejected

MATCH_ALL: Document = {"op": "gte", "field": "id", "value": 0}
LONGEST_LIST = 500
_MOST_ORS = 500
_DEEPEST = 20

_GROUPS = ("and", "or")
_NULL_TESTS = ("exist", "notExist")
_LISTS = ("in", "notIn")
_EQUALITY = ("eq", "noteq")
_ORDER = ("gt", "gte", "lt", "lte")
_TEXT = ("beginsWith", "endsWith", "contains")
_OPS = (*_GROUPS, *_NULL_TESTS, *_LISTS, *_EQUALITY, *_ORDER, *_TEXT)

# Autotask developer help, entity pages: these fields give an error when they are filtered by.
_NOT_QUERYABLE: Mapping[str, frozenset[str]] = {
    "tickets": frozenset({"creatortype", "lastactivitypersontype"}),
    "expensereports": frozenset({"amountdue", "departmentnumber", "submit"}),
    "expenseitems": frozenset({"glcode", "isreimbursable", "isrejected"}),
}
_ATTACHMENT_FIELDS = frozenset({"creatortype", "data", "filesize"})


def checked_filter(entity: str, conditions: Sequence[Mapping[str, Json]]) -> list[Document]:
    """The conditions with keys and operators as the vendor spells them; an empty list matches everything.

    Raises `Rejected("autotask_filter", ...)` with a sentence that names what is wrong and where.
    """
    checked = [_condition(entity, item, f"filter[{index}]", 1) for index, item in enumerate(conditions)]
    leaves = list(_leaves(checked))
    if sum(1 for leaf in leaves if leaf.get("udf") is True) > 1:
        raise _wrong("filter", "only one condition may be on a user-defined field")
    if sum(_ors(item) for item in checked) > _MOST_ORS:
        raise _wrong("filter", f"at most {_MOST_ORS} conditions may be joined by 'or'")
    if entity.lower() == "tickethistory" and not _is_one_ticket(checked):
        raise _wrong("filter", "TicketHistory takes exactly one condition: ticketID eq a number")
    return checked or [MATCH_ALL]


def _condition(entity: str, item: object, at: str, depth: int) -> Document:
    if not isinstance(item, Mapping):
        raise _wrong(at, 'a condition is an object such as {"op": "eq", "field": "id", "value": 1}')
    keys = {str(key).lower(): value for key, value in item.items()}
    op = keys.get("op")
    if op not in _OPS:
        near = get_close_matches(str(op), _OPS, n=1)
        raise _wrong(f"{at}.op", f"{op!r} is no operator" + (f"; did you mean {near[0]!r}?" if near else ""))
    if op in _GROUPS:
        return _group(entity, keys, at, depth)
    return _leaf(entity, keys, at)


def _group(entity: str, keys: Mapping[str, Json], at: str, depth: int) -> Document:
    _only(keys, {"op", "items"}, at)
    items = keys.get("items")
    if not isinstance(items, list | tuple) or not items:
        raise _wrong(f"{at}.items", "a group needs a list of conditions")
    if depth >= _DEEPEST:
        raise _wrong(at, f"groups may be nested {_DEEPEST} deep")
    inner = [_condition(entity, item, f"{at}.items[{i}]", depth + 1) for i, item in enumerate(items)]
    return {"op": keys["op"], "items": inner}


def _leaf(entity: str, keys: Mapping[str, Json], at: str) -> Document:
    _only(keys, {"op", "field", "value", "udf"}, at)
    field, op, udf = keys.get("field"), str(keys["op"]), keys.get("udf", False)
    if not isinstance(field, str) or not field.strip():
        raise _wrong(f"{at}.field", "a condition needs the name of a field")
    if not isinstance(udf, bool):
        raise _wrong(f"{at}.udf", "udf is true or false")
    if not udf and field.lower() in _unqueryable(entity):
        raise _wrong(f"{at}.field", f"Autotask cannot filter {entity} by {field}")
    leaf: dict[str, Json] = {"op": op, "field": field, **({"udf": True} if udf else {})}
    if op in _NULL_TESTS:
        if "value" in keys:
            raise _wrong(f"{at}.value", f"{op} takes no value")
        return leaf
    return {**leaf, "value": _value(op, field, keys.get("value"), f"{at}.value")}


def _value(op: str, field: str, value: Json, at: str) -> Json:
    if op in _LISTS:
        if not isinstance(value, list | tuple) or not 1 <= len(value) <= LONGEST_LIST:
            raise _wrong(at, f"{op} takes a list of 1 to {LONGEST_LIST} values")
        return [_scalar(op, field, one, f"{at}[{index}]") for index, one in enumerate(value)]
    return _scalar(op, field, value, at)


def _scalar(op: str, field: str, value: Json, at: str) -> Json:
    if value is None:
        raise _wrong(at, "null is no value; use exist or notExist")
    if isinstance(value, list | tuple | Mapping):
        raise _wrong(at, f"{op} takes one value")
    if isinstance(value, bool) and op in (*_ORDER, *_TEXT):
        raise _wrong(at, f"{op} does not work on true and false; use eq")
    if op in _TEXT and not isinstance(value, str):
        raise _wrong(at, f"{op} takes a text")
    # A text against a number finds nothing and says nothing (seen by public clients).
    if field.lower() == "id" and isinstance(value, str):
        if not value.strip().isdecimal():
            raise _wrong(at, "an id is a number")
        return int(value)
    return value


def _unqueryable(entity: str) -> frozenset[str]:
    name = entity.lower()
    return _ATTACHMENT_FIELDS if name.endswith("attachments") else _NOT_QUERYABLE.get(name, frozenset())


def _only(keys: Mapping[str, Json], known: set[str], at: str) -> None:
    for key in keys:
        if key not in known:
            raise _wrong(at, f"{key!r} does not belong here; known are {', '.join(sorted(known))}")


def _leaves(conditions: Sequence[Json]) -> Iterator[Document]:
    for item in conditions:
        if isinstance(item, Mapping):
            inner = item.get("items")
            if isinstance(inner, list):
                yield from _leaves(inner)
            else:
                yield item


def _ors(item: Json) -> int:
    inner = item.get("items") if isinstance(item, Mapping) else None
    if not isinstance(item, Mapping) or not isinstance(inner, list):
        return 0
    return (len(inner) if item["op"] == "or" else 0) + sum(_ors(one) for one in inner)


def _is_one_ticket(conditions: Sequence[Document]) -> bool:
    if len(conditions) != 1 or conditions[0].get("op") != "eq":
        return False
    return str(conditions[0].get("field")).lower() == "ticketid"


def _wrong(at: str, what: str) -> Rejected:
    return Rejected("autotask_filter", f"{at}: {what}.", field=at)
