"""Field changes: how what a system says about its fields differs from what it said before."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from app.core.mapping.picklists import label_of
from app.core.model.catalog import EntityCatalog, Field, PickValue

What: TypeAlias = Literal["added", "removed", "changed"]

_FACTS: Final[Mapping[str, str]] = {
    "type": "type",
    "label": "label",
    "length": "length",
    "is_required": "required",
    "is_read_only": "read-only",
    "is_queryable": "can be queried",
    "reference": "refers to",
}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One difference. `field` is the name (of a user-defined one after `userDefinedFields.`), `text` says what it is:
    `status: Dispatch to Field (8) was made inactive`."""

    entity: str
    field: str
    what: What
    text: str


def field_changes(before: EntityCatalog, after: EntityCatalog, *, user_fields: bool = True) -> tuple[FieldChange, ...]:
    """The differences between two readings of one entity; with `user_fields` false, of its standard fields only."""
    changes = list(_table_changes(after.entity, "", before.fields, after.fields))
    if user_fields:
        changes += _table_changes(after.entity, "userDefinedFields.", before.user_fields, after.user_fields)
    return tuple(changes)


def _table_changes(
    entity: str, prefix: str, before: Mapping[str, Field], after: Mapping[str, Field]
) -> Iterator[FieldChange]:
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        named = prefix + (new or old or Field("", "")).name
        if old is None or new is None:
            verb: What = "added" if old is None else "removed"
            yield FieldChange(entity, named, verb, f"{_titled(new or old)} was {verb}")
        elif old != new:
            yield from (FieldChange(entity, named, "changed", text) for text in _differences(old, new))


def _titled(field: Field | None) -> str:
    if field is None or not field.label or field.label == field.name:
        return "the field"
    return f"the field {field.label}"


def _differences(old: Field, new: Field) -> Iterator[str]:
    for name, words in _FACTS.items():
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield f"{words} was {_shown(before)} and is {_shown(after)}"
    was, now = {pick.value: pick for pick in old.values}, {pick.value: pick for pick in new.values}
    for value in dict.fromkeys((*was, *now)):
        text = _pick_change(was.get(value), now.get(value))
        if text:
            yield text


def _pick_change(old: PickValue | None, new: PickValue | None) -> str:
    if old is None or new is None:
        given = new or old
        return f"{label_of(given)} was {'added' if old is None else 'removed'}" if given else ""
    if old.is_active != new.is_active:
        return f"{label_of(new)} was made {'active' if new.is_active else 'inactive'}"
    if old.label != new.label:
        return f"{label_of(old)} is called {new.label} now"
    return f"{label_of(new)} belongs to another parent" if old.parent != new.parent else ""


def _shown(value: object) -> str:
    return (
        {True: "yes", False: "no", "": "nothing"}.get(value, str(value))
        if isinstance(value, bool | str)
        else str(value)
    )
