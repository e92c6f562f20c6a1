"""The query filter grammar, compiled to a predicate over rows. Refusals carry the vendor's texts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.simulators.autotask.errors import TOO_MANY_ORS, ApiError, not_found_field, not_queryable
from app.simulators.autotask.metadata import Entity, Field, entities
from app.simulators.autotask.records import Database, Row
from app.simulators.autotask.values import folded, read_moment

Predicate = Callable[[Row], bool]
MAX_OR_CONDITIONS = 500

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: bool(a == b),
    "noteq": lambda a, b: bool(a != b),
    "gt": lambda a, b: bool(a > b),
    "gte": lambda a, b: bool(a >= b),
    "lt": lambda a, b: bool(a < b),
    "lte": lambda a, b: bool(a <= b),
    "beginswith": lambda a, b: bool(a.startswith(b)),
    "endswith": lambda a, b: bool(a.endswith(b)),
    "contains": lambda a, b: b in a,
}
_TEXT_ONLY = {"beginswith", "endswith", "contains"}
_ORDERED = {"gt", "gte", "lt", "lte"}
_NO_MATCH = object()


@dataclass
class _Compiler:
    db: Database
    entity: str
    spec: Entity | None
    ors: int = 0
    udf_conditions: int = 0
    conditions: int = 0

    def all_of(self, nodes: Any) -> Predicate:
        if not isinstance(nodes, list):
            raise ApiError("Invalid query syntax. The filter must be an array.")
        parts = [self.node(node) for node in nodes]
        return parts[0] if len(parts) == 1 else lambda row: all(part(row) for part in parts)

    def node(self, node: Any) -> Predicate:
        if not isinstance(node, dict):
            raise ApiError("Invalid query syntax. A filter condition must be an object.")
        given = {key.lower(): value for key, value in node.items()}
        op = str(given.get("op", "")).lower()
        if op in ("and", "or"):
            return self.group(op, given.get("items"))
        return self.condition(op, given)

    def group(self, op: str, items: Any) -> Predicate:
        if not isinstance(items, list) or not items:
            raise ApiError("Invalid query syntax. A group needs items.")
        parts = [self.node(item) for item in items]
        if op == "and":
            return lambda row: all(part(row) for part in parts)
        self.count_ors(len(parts))
        return lambda row: any(part(row) for part in parts)

    def count_ors(self, number: int) -> None:
        # Autotask developer help, query limits: at most 500 alternatives in one call, list values included.
        self.ors += number
        if self.ors > MAX_OR_CONDITIONS:
            raise ApiError(TOO_MANY_ORS)

    def condition(self, op: str, given: dict[str, Any]) -> Predicate:
        self.conditions += 1
        name = given.get("field")
        if not isinstance(name, str) or not name:
            raise ApiError("Invalid query syntax. A condition must name a field.")
        field, read = self.reader(name, bool(given.get("udf")))
        if op == "exist":
            return lambda row: read(row) is not None
        if op == "notexist":
            return lambda row: read(row) is None
        if op not in ("in", "notin", *_COMPARE):
            if not self.db.switches.strict_operators:
                return lambda row: True
            raise ApiError(f"Invalid query syntax. The operator {given.get('op')} is not supported.")
        if "value" not in given or given["value"] is None:
            raise ApiError(f"Invalid query syntax. A value is required for {name}.")
        if op in ("in", "notin"):
            return self.membership(op, field, read, given["value"])
        return self.comparison(op, field, read, given["value"])

    def reader(self, name: str, udf: bool) -> tuple[Field | None, Callable[[Row], Any]]:
        if udf:
            return self.udf_reader(name)
        if self.spec is not None:
            field = self.spec.fields.get(name.lower())
            if field is None:
                raise not_found_field(name, self.entity)
            if not field.queryable:
                raise not_queryable(field.name)
            key = field.name
            return field, lambda row: row.values.get(key)
        rows = self.db.table(self.entity).rows.values()
        spelled = next((key for row in rows for key in row.values if key.lower() == name.lower()), name)
        if rows and name.lower() != "id" and not any(spelled in row.values for row in rows):
            raise not_found_field(name, self.entity)
        return None, lambda row: row.values.get(spelled)

    def udf_reader(self, name: str) -> tuple[Field | None, Callable[[Row], Any]]:
        # Autotask developer help: a query may carry one user-defined condition only.
        self.udf_conditions += 1
        if self.udf_conditions > 1:
            raise ApiError("Invalid query syntax. Queries are limited to one user-defined field condition.")
        udf = self.db.udf_fields(self.entity).get(name)
        if udf is None:
            raise not_found_field(name, self.entity)
        if not udf.queryable:
            raise not_queryable(name)
        return None, lambda row: row.udfs.get(name)

    def membership(self, op: str, field: Field | None, read: Callable[[Row], Any], value: Any) -> Predicate:
        if not isinstance(value, list):
            raise ApiError("Invalid query syntax. A list of values is required.")
        if any(isinstance(v, dict | list) or v is None for v in value):
            raise ApiError("Invalid query syntax. The values of a list must be plain values.")
        self.count_ors(len(value))
        wanted = {folded(bound) for v in value if (bound := _bind(field, "eq", v)) is not _NO_MATCH}
        if op == "in":
            return lambda row: folded(read(row)) in wanted
        return lambda row: (seen := read(row)) is not None and folded(seen) not in wanted

    def comparison(self, op: str, field: Field | None, read: Callable[[Row], Any], value: Any) -> Predicate:
        bound = _bind(field, op, value)
        if bound is _NO_MATCH:
            return lambda row: False
        wanted, compare = folded(bound), _COMPARE[op]
        if field is not None:
            # As in SQL, null matches nothing but a null test.
            return lambda row: (seen := read(row)) is not None and compare(folded(seen), wanted)
        return lambda row: _loosely(compare, read(row), wanted)


def _loosely(compare: Callable[[Any, Any], bool], seen: Any, wanted: Any) -> bool:
    if seen is None:
        return False
    try:
        return compare(folded(seen), wanted)
    except (TypeError, AttributeError):
        return compare(str(seen).casefold(), str(wanted))


def _bind(field: Field | None, op: str, value: Any) -> Any:
    if field is None:
        return value
    if op in _TEXT_ONLY and field.type != "string":
        raise ApiError(f"Invalid query syntax. The operator {op} is not supported for the field {field.name}.")
    if field.type == "boolean":
        if not isinstance(value, bool) or op in _ORDERED:
            raise ApiError(f"Conversion failed when converting varchar '{value}' to data type bit.")
        return value
    if field.type in ("integer", "long", "double"):
        return _bind_number(field, value)
    if field.type == "datetime":
        moment: datetime | None = read_moment(value)
        if moment is None:
            raise ApiError("Conversion failed when converting date and/or time from character string.")
        return moment
    return value if isinstance(value, str) else str(value)


def _bind_number(field: Field, value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    try:
        number = float(str(value))
    except ValueError:
        raise ApiError(f"Conversion failed when converting varchar '{value}' to data type int.") from None
    # Seen in production: an id in quotes against a long column finds nothing and says nothing.
    return _NO_MATCH if field.type == "long" else number


def compile_filter(db: Database, entity: str, nodes: Any) -> Predicate:
    """The predicate of a whole filter. A filter is mandatory and its top level means AND."""
    if not isinstance(nodes, list) or not nodes:
        raise ApiError("Invalid query syntax. A filter is required.")
    compiler = _Compiler(db, entity, db.spec(entity))
    predicate = compiler.all_of(nodes)
    if entity == "TicketHistory":
        _require_ticket_condition(compiler, nodes)
    return predicate


def _require_ticket_condition(compiler: _Compiler, nodes: list[Any]) -> None:
    node = {key.lower(): value for key, value in nodes[0].items()}
    named = str(node.get("field", "")).lower() == "ticketid" and str(node.get("op", "")).lower() == "eq"
    if compiler.conditions != 1 or not named:
        raise ApiError("TicketHistory can only be queried by exactly one condition: ticketID equal to a value.")


def wanted_ids(db: Database, entity: str, nodes: list[Any]) -> list[int] | None:
    """Ids beyond which no row can match, ascending, so that a query need not look at every row; None: any may match."""
    found: list[set[int]] = [ids for node in nodes if (ids := _ids_of(db, entity, node)) is not None]
    fewest = min(found, key=len, default=None)
    return None if fewest is None else sorted(fewest)


def _ids_of(db: Database, entity: str, node: Any) -> set[int] | None:
    """The ids that one top-level equality or list leaves, for whole numbers and texts."""
    given = {key.lower(): value for key, value in node.items()} if isinstance(node, dict) else {}
    op, value = str(given.get("op")).lower(), given.get("value")
    name = str(given.get("field", "")).lower()
    if given.get("udf") or op not in ("eq", "in"):
        return None
    values = value if isinstance(value, list) else [value]
    spec = entities().get(entity)
    field = spec.fields.get(name) if spec is not None else None
    kind = field.type if field is not None else "long" if name == "id" else ""
    wanted = {"integer": int, "long": int, "string": str}.get(kind)
    if wanted is None or not all(type(one) is wanted for one in values):
        return None
    if name == "id":
        return set(values)
    table = db.table(entity)
    return set().union(*(table.ids_with(field.name, one) for one in values)) if field is not None else None
