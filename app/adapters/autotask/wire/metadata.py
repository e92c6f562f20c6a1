"""What a database says about itself: fields, picklists, rights, usage."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from app.core.model.catalog import EntityRights, Field, PickValue
from app.core.model.document import Document, Json
from app.core.model.failure import Transient
from app.ports.tickets import Usage


def read_fields(body: Document) -> dict[str, Field]:
    """The fields of a `fields` or `userDefinedFields` answer, by lower-cased name."""
    rows = body.get("fields")
    if not isinstance(rows, list):
        raise Transient("Autotask answered without a list of fields.")
    fields = (_field(row) for row in rows if isinstance(row, Mapping) and row.get("name"))
    return {field.name.lower(): field for field in fields}


def read_rights(entity: str, body: Document) -> EntityRights:
    """What the API user may do, from `entityInformation`: the entity must allow it, and the user have access."""
    info = body.get("info")
    if not isinstance(info, Mapping):
        raise Transient(f"Autotask answered without information about {entity}.")
    return EntityRights(
        entity=entity,
        can_create=_may(info, "Create"),
        can_query=_may(info, "Query"),
        can_update=_may(info, "Update"),
        can_delete=_may(info, "Delete"),
    )


def read_usage(body: Document, now: datetime) -> Usage:
    """The database's hourly limit and everybody's use of it."""
    limit, count = body.get("externalRequestThreshold"), body.get("currentTimeframeRequestCount")
    window = body.get("requestThresholdTimeframe")
    if not isinstance(limit, int) or not isinstance(count, int):
        raise Transient("Autotask answered without its limit.")
    return Usage(limit=limit, used=count, window_minutes=window if isinstance(window, int) else 60, read_at=now)


def _field(row: Document) -> Field:
    length = row.get("length")
    return Field(
        name=_text(row.get("name")),
        # Fields call it dataType, user-defined fields type (Autotask's swagger).
        type=_text(row.get("dataType") or row.get("type")),
        label=_text(row.get("label")),
        length=length if isinstance(length, int) else 0,
        is_required=row.get("isRequired") is True,
        is_read_only=row.get("isReadOnly") is True,
        is_queryable=row.get("isQueryable") is not False,
        reference=_text(row.get("referenceEntityType")),
        values=tuple(_values(row.get("picklistValues"))),
        is_picklist=row.get("isPickList") is True,
    )


def _values(rows: Json) -> Iterator[PickValue]:
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, Mapping):
            yield PickValue(
                value=_text(row.get("value")),
                label=_text(row.get("label")),
                is_active=row.get("isActive") is not False,
                is_system=row.get("isSystem") is True,
                parent=_text(row.get("parentValue")),
            )


def _may(info: Document, verb: str) -> bool:
    # One public client shows the access as a number instead of "None", "All" or "Restricted".
    access = info.get(f"userAccessFor{verb}", "All")
    return info.get(f"can{verb}") is True and str(access).lower() not in ("none", "0", "false")


def _text(value: Json) -> str:
    return "" if value is None else str(value)
