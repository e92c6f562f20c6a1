"""One customer's database: users, picklists, user-defined fields and tables of rows with ascending ids."""

from bisect import bisect_left, bisect_right
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from app.simulators.autotask.errors import ApiError
from app.simulators.autotask.metadata import UDF_ENTITIES, Entity, Field, amended, entities, hook_field_ids
from app.simulators.autotask.picklists import Pick, default_picklists, pick
from app.simulators.autotask.switches import Switches
from app.simulators.autotask.user_fields import field_of, read_definition
from app.simulators.autotask.values import bind, encode, folded

# Where fresh ids start, in the style of real databases. Webhook entities count up from 1 (Autotask developer help).
_FIRST_IDS = {"Tickets": 7001, "TicketNotes": 29711001, "TimeEntries": 30501, "AttachmentInfo": 41001}
_FIRST_ID = 29690001

# Attachments of every parent share one id space and one table; each entity shows its part.
ATTACHMENT_VIEWS = {
    "TicketAttachments": "ticketID",
    "TicketNoteAttachments": "ticketNoteID",
    "TimeEntryAttachments": "timeEntryID",
    "ExpenseItemAttachments": "expenseItemID",
    "ExpenseReportAttachments": "expenseReportID",
    "TaskAttachments": "taskID",
    "TaskNoteAttachments": "taskNoteID",
    "ProjectAttachments": "projectID",
}


class Row:
    """One record. `values` by the vendor's spelling; absent means null. The JSON text is kept until the next write."""

    __slots__ = ("_texts", "table", "udfs", "values")

    def __init__(self, values: dict[str, Any], udfs: dict[str, Any] | None = None) -> None:
        self.values = values
        self.udfs = udfs or {}
        self.table: Table | None = None
        self._texts: dict[str, str] = {}

    @property
    def id(self) -> int:
        return int(self.values["id"])

    def get(self, name: str) -> Any:
        return self.values.get(name)

    def write(self, changes: dict[str, Any], udfs: dict[str, Any] | None = None) -> None:
        if self.table is not None:
            self.table.reindex(self, changes)
        self.values.update(changes)
        self.udfs.update(udfs or {})
        self._texts.clear()

    def forget_text(self) -> None:
        self._texts.clear()

    def text(self, entity: str, udf_names: list[str]) -> str:
        """The whole item as JSON text, as a query of `entity` shows it (attachment content hidden)."""
        known = self._texts.get(entity)
        if known is None:
            known = self._texts[entity] = "{" + ",".join(self._members(entity, udf_names, None)) + "}"
        return known

    def selected_text(self, entity: str, udf_names: list[str], names: frozenset[str]) -> str:
        """Only the named fields (lower case), as `IncludeFields` asks."""
        return "{" + ",".join(self._members(entity, udf_names, names)) + "}"

    def _members(self, entity: str, udf_names: list[str], names: frozenset[str] | None) -> list[str]:
        spec = entities().get(entity)
        if spec is None:
            chosen = [name for name in self.values if names is None or name.lower() in names]
            return [f'"{name}":{encode(self.values[name])}' for name in chosen]
        shown = [f for low, f in spec.fields.items() if names is None or low in names]
        parts = [f'"{f.name}":{"null" if f.type == "binary" else encode(self.values.get(f.name))}' for f in shown]
        if spec.has_udfs:
            parts += self._udf_member(udf_names, names)
        return parts

    def _udf_member(self, udf_names: list[str], names: frozenset[str] | None) -> list[str]:
        if names is not None and "userdefinedfields" not in names:
            udf_names = [name for name in udf_names if name.lower() in names]
            if not udf_names:
                return []
        pairs = [f'{{"name":{encode(name)},"value":{encode(self.udfs.get(name))}}}' for name in udf_names]
        return [f'"userDefinedFields":[{",".join(pairs)}]']


class Table:
    """Rows by id, kept in ascending order because the API knows no other; and by value, once a field was asked for."""

    def __init__(self, first_id: int) -> None:
        self.rows: dict[int, Row] = {}
        self._ids: list[int] = []
        self._next = first_id
        self._by_value: dict[str, dict[Any, set[int]]] = {}

    def take_id(self) -> int:
        self._next += 1
        return self._next - 1

    def put(self, row: Row) -> None:
        if row.id in self.rows:
            self._forget(self.rows[row.id])
        else:
            self._ids.append(row.id)
            if len(self._ids) > 1 and self._ids[-2] > row.id:
                self._ids.sort()
        self.rows[row.id] = row
        row.table = self
        for name, index in self._by_value.items():
            index.setdefault(_key(row.get(name)), set()).add(row.id)
        self._next = max(self._next, row.id + 1)

    def remove(self, record_id: int) -> None:
        self._forget(self.rows.pop(record_id))
        del self._ids[bisect_left(self._ids, record_id)]

    def _forget(self, row: Row) -> None:
        row.table = None
        for name, index in self._by_value.items():
            index[_key(row.get(name))].discard(row.id)

    def reindex(self, row: Row, changes: dict[str, Any]) -> None:
        """Follow a change that is about to be written to a row."""
        for name in self._by_value.keys() & changes.keys():
            index = self._by_value[name]
            index[_key(row.get(name))].discard(row.id)
            index.setdefault(_key(changes[name]), set()).add(row.id)

    def ids_with(self, field_name: str, value: Any) -> set[int]:
        """The ids of the rows whose field has a value, texts compared without case. Not to be changed by the caller."""
        if field_name not in self._by_value:
            index: dict[Any, set[int]] = {}
            for row in self.rows.values():
                index.setdefault(_key(row.get(field_name)), set()).add(row.id)
            self._by_value[field_name] = index
        return self._by_value[field_name].get(_key(value), set())

    def after(self, record_id: int | None) -> list[int]:
        """All ids above a given one, ascending; all of them for None."""
        return self._ids if record_id is None else self._ids[bisect_right(self._ids, record_id) :]


def _key(value: Any) -> Any:
    """What a value is found by; lists and objects, which only stores without field facts hold, are not found."""
    return None if isinstance(value, list | dict) else folded(value)


@dataclass
class User:
    """An API user. `permissions`: entity -> verb -> All, Restricted or None; `*` stands for every entity."""

    username: str
    secret: str
    integration_code: str
    resource_id: int
    permissions: dict[str, dict[str, str]] = field(default_factory=dict)
    may_impersonate: bool = True
    failures: int = 0

    def access(self, entity: str) -> dict[str, str]:
        given = {**self.permissions.get("*", {}), **self.permissions.get(entity, {})}
        return {verb: given.get(verb, "All") for verb in ("create", "update", "delete", "query")}


@dataclass
class Database:
    """Everything of one customer. `ci` identifies it."""

    ci: int
    zone_name: str
    users: list[User]
    switches: Switches
    overrides: dict[str, Any] = field(default_factory=dict)
    picklists: dict[str, dict[str, list[dict[str, Any]]]] = field(default_factory=default_picklists)
    udfs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    amended: dict[str, Entity] = field(default_factory=dict)  # entities whose fields were changed
    tables: dict[str, Table] = field(default_factory=dict)
    requests: deque[float] = field(default_factory=deque)
    uploads: deque[tuple[float, int]] = field(default_factory=deque)
    uploads_blocked_until_s: float = 0.0
    ticket_numbers: dict[str, int] = field(default_factory=dict)  # day -> the last number given out
    entry_states: dict[int, str] = field(default_factory=dict)  # time entry -> submitted or approved
    closing_reports: dict[int, tuple[int, int]] = field(default_factory=dict)  # report -> item writes left, status

    def table(self, entity: str) -> Table:
        entity = "AttachmentInfo" if entity in ATTACHMENT_VIEWS else entity
        if entity not in self.tables:
            first = 1 if "Webhook" in entity else _FIRST_IDS.get(entity, _FIRST_ID)
            self.tables[entity] = Table(first)
        return self.tables[entity]

    def find(self, entity: str, record_id: Any) -> Row | None:
        row = self.table(entity).rows.get(record_id) if isinstance(record_id, int) else None
        view = ATTACHMENT_VIEWS.get(entity)
        return None if row is not None and view and row.get(view) is None else row

    def rows(self, entity: str) -> list[Row]:
        """The rows of an entity, ascending by id."""
        table = self.table(entity)
        view = ATTACHMENT_VIEWS.get(entity)
        rows = [table.rows[i] for i in table.after(None)]
        return [row for row in rows if row.get(view) is not None] if view else rows

    def rows_with(self, entity: str, field_name: str, value: Any) -> list[Row]:
        """The rows of an entity whose field has a value, ascending by id."""
        table = self.table(entity)
        view = ATTACHMENT_VIEWS.get(entity)
        rows = [table.rows[i] for i in sorted(table.ids_with(field_name, value))]
        return [row for row in rows if row.get(view) is not None] if view else rows

    def spec(self, entity: str) -> Entity | None:
        """The fields of an entity as this database has them; None where they are not known."""
        return self.amended.get(entity) or entities().get(entity)

    def change_field(self, entity: str, name: str, changes: dict[str, Any]) -> None:
        """Change the metadata of a standard field. ApiError: 404 for an unknown one, 400 for a wrong change."""
        spec = self.spec(entity)
        if spec is None:
            raise ApiError(f"the fields of {entity} are not known", status=404)
        self.amended[entity] = amended(spec, name, changes)

    def udf_names(self, entity: str) -> list[str]:
        return [str(udf["name"]) for udf in self.udfs.get(entity, [])]

    def picks(self, entity: str, field_name: str) -> list[Pick]:
        """The values of one picklist; those of the webhook field lists follow from the metadata."""
        if field_name == "fieldID":
            target = "TicketNotes" if entity.startswith("TicketNote") else "Tickets"
            return [pick(number, name, system=True) for number, name in hook_field_ids(target).items()]
        if field_name == "udfFieldID":
            return [pick(udf["id"], udf["name"]) for udf in self.udfs.get("Tickets", [])]
        return self.picklists.get(entity, {}).get(field_name, [])

    def add_udf(self, entity: str, udf: dict[str, Any]) -> None:
        """Define a user-defined field; it appears in every row of the entity at once."""
        self._require_udfs(entity)
        udf = read_definition(udf)
        taken = [existing["id"] for fields in self.udfs.values() for existing in fields]
        fields = self.udfs.setdefault(entity, [])
        self._require_free_name(entity, udf["name"])
        fields.append({"id": max([29682900, *taken]) + 1, **udf})
        for row in self.table(entity).rows.values():
            row.forget_text()

    def change_udf(self, entity: str, name: str, changes: dict[str, Any]) -> None:
        """Change a user-defined field; under a new name it keeps its id and the values in all records."""
        udf, read = self._udf(entity, name), read_definition(changes)
        new_name = read.get("name", name)
        if new_name != name:
            self._require_free_name(entity, new_name)
        udf |= {key: value for key, value in read.items() if key != "id"}
        for row in self.table(entity).rows.values():
            if name in row.udfs:
                row.udfs[new_name] = row.udfs.pop(name)
            row.forget_text()

    def remove_udf(self, entity: str, name: str) -> dict[str, Any]:
        """Take a user-defined field and its values away; gives the definition that it had."""
        udf = self._udf(entity, name)
        self.udfs[entity].remove(udf)
        for row in self.table(entity).rows.values():
            row.udfs.pop(name, None)
            row.forget_text()
        return udf

    def udf_fields(self, entity: str) -> dict[str, Field]:
        """The user-defined fields of an entity by their exact names."""
        return {udf["name"]: field_of(udf) for udf in self.udfs.get(entity, [])}

    def udf_picks(self, entity: str, name: str) -> list[Pick]:
        """The values of a user-defined list, empty for any other user-defined field."""
        return self._udf(entity, name).get("picklist") or []

    def picklist(self, entity: str, name: str) -> list[Pick]:
        """The stored values of a field or user-defined field, to be changed in place. ApiError (404): it has none."""
        if name in self.udf_names(entity):
            found: list[Pick] | None = self._udf(entity, name).get("picklist")
            if found is not None:
                return found
        spec = self.spec(entity)
        known = spec.fields.get(name.lower()) if spec is not None else None
        if known is None or not known.pick or known.name in ("fieldID", "udfFieldID"):
            raise ApiError(f"{entity} has no picklist {name}", status=404)
        return self.picklists.setdefault(entity, {}).setdefault(known.name, [])

    def _udf(self, entity: str, name: str) -> dict[str, Any]:
        for udf in self.udfs.get(entity, []):
            if udf["name"] == name:
                return udf
        raise ApiError(f"{entity} has no user-defined field {name}", status=404)

    def _require_free_name(self, entity: str, name: str) -> None:
        if name in self.udf_names(entity):
            raise ApiError(f"The user-defined field {name} exists already.", status=400)

    def _require_udfs(self, entity: str) -> None:
        if entity not in UDF_ENTITIES:
            raise ApiError(f"{entity} has no user-defined fields", status=400)

    def load(self, entity: str, record: dict[str, Any]) -> Row:
        """Put a seeded record as it is, checked only for types. `userDefinedFields` may be a list or name -> value."""
        given = dict(record)
        udfs = given.pop("userDefinedFields", {})
        if isinstance(udfs, list):
            udfs = {pair["name"]: pair["value"] for pair in udfs}
        spec = entities().get(entity)
        values = dict(given) if spec is None else _bound(spec, given)
        values.setdefault("id", None)
        if values["id"] is None:
            values["id"] = self.table(entity).take_id()
        row = Row(values, dict(udfs))
        self.table(entity).put(row)
        return row


def _bound(spec: Entity, given: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in given.items():
        known = spec.fields.get(name.lower())
        if known is None:
            raise ApiError(f"Seed: unable to find {name} in the {spec.name} Entity.", status=400)
        values[known.name] = bind(known, value)
    return values
