"""Field facts per entity, and the three `entityInformation` answers made from them."""

import json
import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from app.simulators.autotask.contract import creatable_by, singular
from app.simulators.autotask.errors import ApiError

_DATA = Path(__file__).parent / "data" / "fields.json"
_NOTATION = re.compile(r"(?P<type>\w+)(\((?P<length>\d+)\))?(?P<flags>.*)")

# Autotask developer help: the entities of the ticket side that carry user-defined fields.
UDF_ENTITIES = frozenset({"Tickets", "Companies", "Contacts", "Projects", "Tasks"})
WEBHOOKS = {"Tickets": "TicketWebhooks", "TicketNotes": "TicketNoteWebhooks"}
# Reported writable by the metadata, ignored in production (several integrations).
_IGNORED_ON_WRITE = {("TicketNotes", "createdByContactID")}
_PICK_PARENTS = {("Tickets", "subIssueType"): "issueType"}
# The local calendar date is kept and the time becomes midnight (Autotask developer help, date handling).
DATE_ONLY = frozenset({"datePurchased", "expenseDate", "weekEnding", "dateWorked"})
_PLURALS = {
    "Company": "Companies", "Opportunity": "Opportunities", "Country": "Countries", "Currency": "Currencies",
    "AttachmentInfo": "AttachmentInfo", "TimeEntry": "TimeEntries",
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    name: str
    type: str
    length: int
    required: bool
    read_only: bool
    pick: bool
    queryable: bool
    reference: str
    parent_pick: str


@dataclass(frozen=True)
class Entity:
    """The fields of an entity by lower-case name, in the vendor's order."""

    name: str
    fields: dict[str, Field]

    @property
    def has_udfs(self) -> bool:
        return self.name in UDF_ENTITIES


# What a control route may change of a standard field, by the name that the metadata shows.
_CHANGEABLE = {"isRequired": "required", "isReadOnly": "read_only", "isQueryable": "queryable", "length": "length"}


def amended(entity: Entity, name: str, changes: dict[str, Any]) -> Entity:
    """The entity with one field changed. ApiError: 404 for an unknown field, 400 for what cannot be changed so."""
    field = entity.fields.get(name.lower())
    if field is None:
        raise ApiError(f"{entity.name} has no field {name}", status=404)
    for key, value in changes.items():
        wanted = bool if key != "length" else int
        if key not in _CHANGEABLE or type(value) is not wanted:
            raise ApiError(f"{key} cannot be set to {value!r} for {field.name}", status=400)
        if key == "length" and (field.type != "string" or value < 1):
            raise ApiError(f"{field.name} cannot have a length of {value}", status=400)
    parts: dict[str, Any] = {_CHANGEABLE[key]: value for key, value in changes.items()}
    return Entity(entity.name, {**entity.fields, name.lower(): replace(field, **parts)})


def plural(entity: str) -> str:
    """The store of a reference type, e.g. Company -> Companies."""
    return _PLURALS.get(entity, entity + "s")


def _parse(entity: str, name: str, notation: str) -> Field:
    match = _NOTATION.fullmatch(notation)
    assert match is not None, notation
    flags = match["flags"].split()
    return Field(
        name=name,
        type=match["type"],
        length=int(match["length"] or 0),
        required="req" in flags,
        read_only="ro" in flags or (entity, name) in _IGNORED_ON_WRITE,
        pick="pick" in flags,
        queryable="noquery" not in flags,
        reference=next((flag[1:] for flag in flags if flag.startswith(">")), ""),
        parent_pick=_PICK_PARENTS.get((entity, name), ""),
    )


@cache
def entities() -> dict[str, Entity]:
    """Every entity whose fields are known. Others are stores of any fields."""
    raw: dict[str, dict[str, str]] = json.loads(_DATA.read_text(encoding="utf-8"))
    return {
        name: Entity(name, {field.lower(): _parse(name, field, text) for field, text in fields.items()})
        for name, fields in raw.items()
    }


@cache
def hook_field_ids(entity: str) -> dict[int, str]:
    """The numeric ids of the fields a webhook on `entity` may subscribe to. Stable: position in the field list."""
    fields = entities()[entity].fields.values()
    return {index: field.name for index, field in enumerate(fields, start=1) if field.name != "id"}


def describe_entity(name: str, access: dict[str, str]) -> dict[str, Any]:
    """The `info` object; `access` is the user's create/update/delete/query rights as All, Restricted or None."""
    offered = creatable_by(name)
    return {
        "name": singular(name),
        "canCreate": offered["create"],
        "canDelete": offered["delete"],
        "canQuery": offered["query"],
        "canUpdate": offered["update"],
        "userAccessForCreate": access["create"] if offered["create"] else "None",
        "userAccessForDelete": access["delete"] if offered["delete"] else "None",
        "userAccessForQuery": access["query"],
        "userAccessForUpdate": access["update"] if offered["update"] else "None",
        "hasUserDefinedFields": name in UDF_ENTITIES,
        "supportsWebhookCallouts": name in WEBHOOKS or name in ("Companies", "Contacts", "ConfigurationItems"),
    }


def describe_field(entity: str, field: Field, picks: list[dict[str, Any]] | None) -> dict[str, Any]:
    """One row of `entityInformation/fields`. Picklist values are texts here, integers in items."""
    return {
        "name": field.name,
        "dataType": "string" if field.type == "binary" else field.type,
        "length": field.length,
        "isRequired": field.required,
        "isReadOnly": field.read_only,
        "isQueryable": field.queryable,
        "isReference": bool(field.reference),
        "referenceEntityType": field.reference,
        "isPickList": field.pick,
        "picklistValues": (picks or []) if field.pick else None,
        "picklistParentValueField": field.parent_pick,
        "isSupportedWebhookField": entity in WEBHOOKS and field.name != "id",
    }


def udf_length(udf: dict[str, Any]) -> int:
    """The most characters that a user-defined field takes; 0 for one that is no text."""
    return int(udf.get("length", 255)) if udf.get("type", "string") == "string" else 0


def describe_udf(udf: dict[str, Any]) -> dict[str, Any]:
    """One row of `entityInformation/userDefinedFields`: `type` instead of `dataType`, null instead of empty text."""
    return {
        "name": udf["name"],
        "label": udf.get("label") or udf["name"],
        "type": udf.get("type", "string"),
        "length": udf_length(udf),
        "description": udf.get("description"),
        "isRequired": udf.get("required", False),
        "isReadOnly": udf.get("read_only", False),
        "isQueryable": udf.get("queryable", True),
        "isReference": False,
        "referenceEntityType": None,
        "isPickList": udf.get("picklist") is not None,
        "picklistValues": udf.get("picklist"),
        "picklistParentValueField": None,
        "defaultValue": udf.get("default"),
        "isSupportedWebhookField": True,
    }
