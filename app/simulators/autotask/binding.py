"""From a JSON body to checked values: which keys count, which must be there, and whether each value may stand."""

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
from app.simulators.autotask.values import bind


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
    names = draft.db.udf_names(draft.entity)
    udfs: dict[str, Any] = dict.fromkeys(names) if replace else {}
    if given is None:
        return udfs
    if not isinstance(given, list):
        raise ApiError("userDefinedFields must be an array of name and value.")
    for pair in given:
        member = {key.lower(): value for key, value in pair.items()} if isinstance(pair, dict) else {}
        name, value = member.get("name"), member.get("value")
        if name not in names:
            raise not_found_field(str(name), draft.entity)
        udfs[str(name)] = None if value is None else str(value)
    return udfs


def check_fields(draft: Draft, spec: Entity, rule: Rule) -> None:
    """Required, length, picklist and reference, in this order; the texts of one step come together."""
    fields = [field for field in spec.fields.values() if field.name != "id"]
    steps = (
        [text for field in fields if (text := _required(draft, field, rule))],
        [text for field in fields if (text := _length(draft, field))] + _udf_lengths(draft),
        [text for field in fields if (text := _picklist(draft, field))],
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
    limits = {udf["name"]: int(udf.get("length", 255)) for udf in draft.db.udfs.get(draft.entity, [])}
    return [too_long(name, limits[name]) for name, value in draft.udfs.items() if value and len(value) > limits[name]]


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
