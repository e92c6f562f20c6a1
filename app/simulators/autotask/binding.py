"""From a JSON body to checked values: which keys count, which must be there, and whether each value may stand."""

from datetime import datetime
from typing import Any

from app.simulators.autotask.drafts import Draft, Rule
from app.simulators.autotask.errors import (
    NO_ENTITY_BODY,
    ApiError,
    bad_pick,
    bad_reference,
    missing,
    not_found_field,
    too_long,
)
from app.simulators.autotask.metadata import Entity, Field, plural
from app.simulators.autotask.records import Database
from app.simulators.autotask.values import bind, moment_text


def body_keys(body: Any) -> dict[str, Any]:
    """The body's members by lower-case name; the vendor binds names without regard to case."""
    if not isinstance(body, dict):
        raise ApiError(NO_ENTITY_BODY)
    return {key.lower(): value for key, value in body.items()}


def _accepts(draft: Draft, field: Field) -> bool:
    if field.name == "id":
        return False
    if draft.actor.is_person:
        return True
    # Required and read-only together mean: given once, on create. Other read-only fields are ignored in silence.
    return not field.read_only or (field.required and draft.row is None)


def read_fields(draft: Draft, spec: Entity, given: dict[str, Any], *, replace: bool) -> None:
    """Bind every accepted member into the draft; with `replace`, absent writable fields become null (PUT)."""
    for key, field in spec.fields.items():
        if not _accepts(draft, field):
            continue
        if key in given:
            draft.values[field.name] = bind(field, given[key])
        elif replace and field.name not in draft.values:
            draft.values[field.name] = None
    if spec.has_udfs:
        draft.udfs = _read_udfs(draft, given.get("userdefinedfields"), replace=replace)


def _read_udfs(draft: Draft, given: Any, *, replace: bool) -> dict[str, Any]:
    fields = draft.db.udf_fields(draft.entity)
    writable = {name for name, field in fields.items() if draft.actor.is_person or not field.read_only}
    udfs: dict[str, Any] = {name: None for name in fields if name in writable} if replace else {}
    if given is None:
        return udfs
    if not isinstance(given, list):
        raise ApiError("userDefinedFields must be an array of name and value.")
    for pair in given:
        member = {key.lower(): value for key, value in pair.items()} if isinstance(pair, dict) else {}
        name, value = member.get("name"), member.get("value")
        if name not in fields:
            raise not_found_field(str(name), draft.entity)
        if name in writable:
            udfs[name] = _udf_text(fields[name], value)
    return udfs


def _udf_text(field: Field, value: Any) -> str | None:
    """The text that is kept of a user-defined value; that it must fit its type, as a field's must, is assumed."""
    bound = bind(field, value)
    if bound is None:
        return None
    return moment_text(bound) if isinstance(bound, datetime) else str(value)


def check_fields(draft: Draft, spec: Entity, rule: Rule) -> None:
    """Required, length, picklist and reference, in this order; the texts of one step come together."""
    fields = [field for field in spec.fields.values() if field.name != "id"]
    steps = (
        [text for field in fields if (text := _required(draft, field, rule))] + _absent_udfs(draft),
        [text for field in fields if (text := _length(draft, field))] + _udf_lengths(draft),
        [text for field in fields if (text := _picklist(draft, field))] + _udf_picks(draft),
        [text for field in fields if field.name not in rule.unchecked and (text := _reference(draft, field))],
    )
    for texts in steps:
        if texts:
            raise ApiError(*texts)


def _required(draft: Draft, field: Field, rule: Rule) -> str | None:
    if not field.required or field.name in rule.optional:
        return None
    touched = draft.row is None or field.name in draft.values
    return missing(field.name) if touched and draft.get(field.name) in (None, "") else None


def _length(draft: Draft, field: Field) -> str | None:
    value = draft.values.get(field.name)
    over = field.length and isinstance(value, str) and len(value) > field.length
    return too_long(field.name, field.length) if over else None


def _udf_lengths(draft: Draft) -> list[str]:
    limits = {name: field.length for name, field in draft.db.udf_fields(draft.entity).items()}
    return [too_long(name, limits[name]) for name, value in draft.udfs.items() if 0 < limits[name] < len(value or "")]


def _absent_udfs(draft: Draft) -> list[str]:
    fields = draft.db.udf_fields(draft.entity).values()
    asked = [field.name for field in fields if field.required and (draft.row is None or field.name in draft.udfs)]
    return [missing(name) for name in asked if not draft.udfs.get(name)]


def _udf_picks(draft: Draft) -> list[str]:
    before = draft.row.udfs if draft.row is not None else {}
    refused = []
    for name, field in draft.db.udf_fields(draft.entity).items():
        value = draft.udfs.get(name)
        if field.pick and value and value != before.get(name):
            active = {pick["value"] for pick in draft.db.udf_picks(draft.entity, name) if pick["isActive"]}
            refused += [] if value in active else [bad_pick(value, name)]
    return refused


def _picklist(draft: Draft, field: Field) -> str | None:
    value = draft.values.get(field.name)
    if not field.pick or value is None or not draft.changes(field.name):
        return None
    if field.type == "string" and value == "":
        return None
    for pick in draft.db.picks(draft.entity, field.name):
        if pick["value"] == str(value) and pick["isActive"]:
            return None
    return bad_pick(value, field.name)


def _reference(draft: Draft, field: Field) -> str | None:
    value = draft.values.get(field.name)
    if not field.reference or field.reference == "Webhook" or value is None or not draft.changes(field.name):
        return None
    return None if is_live(draft.db, field.reference, value) else bad_reference(field.name, field.reference)


def is_live(db: Database, reference: str, record_id: int) -> bool:
    """Whether a referenced record exists and is not inactive."""
    row = db.find(plural(reference), record_id)
    return row is not None and row.get("isActive") not in (False, 0)
