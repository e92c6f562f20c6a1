"""Definitions of user-defined fields and of picklist values, as seeds and the control routes give them."""

from typing import Any

from app.simulators.autotask.errors import ApiError
from app.simulators.autotask.metadata import Field, udf_length
from app.simulators.autotask.picklists import Pick, pick

TYPES = ("string", "integer", "long", "double", "decimal", "datetime", "boolean")
# A definition may be written as the metadata shows it; it is kept under the short name.
_SHORT = {
    "isRequired": "required",
    "isReadOnly": "read_only",
    "isQueryable": "queryable",
    "picklistValues": "picklist",
    "defaultValue": "default",
}
_KINDS: dict[str, type | tuple[type, ...]] = {
    "id": int,
    "name": str,
    "label": str,
    "type": str,
    "length": int,
    "description": (str, type(None)),
    "default": (str, type(None)),
    "required": bool,
    "read_only": bool,
    "queryable": bool,
    "picklist": (list, type(None)),
}
_PICK_KINDS: dict[str, type] = {
    "label": str,
    "isActive": bool,
    "isDefaultValue": bool,
    "isSystem": bool,
    "sortOrder": int,
    "parentValue": str,
}


def read_definition(raw: dict[str, Any]) -> dict[str, Any]:
    """The parts of a definition that `raw` gives, by their short names. ApiError (400) names a wrong one."""
    read = {_SHORT.get(key, key): value for key, value in raw.items()}
    for key, value in read.items():
        _require_kind(key, value, _KINDS.get(key))
    if read.get("type", "string") not in TYPES:
        raise ApiError(f"type must be one of {', '.join(TYPES)}", status=400)
    if "name" in read and not read["name"].strip():
        raise ApiError("name must not be empty", status=400)
    if read.get("picklist") is not None:
        read["picklist"] = read_picks(read["picklist"])
    return read


def read_picks(raw: Any) -> list[Pick]:
    """A whole picklist; its values are as in `read_pick`."""
    if not isinstance(raw, list):
        raise ApiError("a picklist must be an array of values", status=400)
    return [read_pick(one) for one in raw]


def read_pick(raw: dict[str, Any]) -> Pick:
    """One value: `value` (number or text) and `label` are needed, the rest is as for an active value of a customer."""
    value, label = raw["value"], raw["label"]
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        raise ApiError("value must be a number or text", status=400)
    return pick(value, label) | read_pick_changes({key: raw[key] for key in raw if key != "value"})


def read_pick_changes(raw: dict[str, Any]) -> Pick:
    """What is to change of one value. ApiError (400) names a key that no value has, or a wrong kind."""
    for key, value in raw.items():
        _require_kind(key, value, _PICK_KINDS.get(key))
    return raw


def _require_kind(key: str, value: Any, kind: type | tuple[type, ...] | None) -> None:
    if kind is None:
        raise ApiError(f"not changeable: {key}", status=400)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
        raise ApiError(f"{key}: {value!r} is not of the right kind", status=400)


def field_of(udf: dict[str, Any]) -> Field:
    """A definition in the form of a standard field, for what both have in common. All values are text on the wire."""
    kind = udf.get("type", "string")
    return Field(
        name=udf["name"],
        type="double" if kind == "decimal" else kind,
        length=udf_length(udf),
        required=udf.get("required", False),
        read_only=udf.get("read_only", False),
        pick=udf.get("picklist") is not None,
        queryable=udf.get("queryable", True),
        reference="",
        parent_pick="",
    )
