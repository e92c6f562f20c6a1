"""Catalogues: what a database says about its own fields, picklists and user-defined fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PickValue:
    """One picklist value. `value` is the id as text, as the metadata spells it; items carry the integer."""

    value: str
    label: str
    is_active: bool = True
    is_system: bool = False
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an entity. `length` 0 means unlimited or not a text; `reference` is the singular entity name."""

    name: str
    type: str
    label: str = ""
    length: int = 0
    is_required: bool = False
    is_read_only: bool = False
    is_queryable: bool = True
    reference: str = ""
    values: tuple[PickValue, ...] = ()
    is_picklist: bool = False


@dataclass(frozen=True, slots=True)
class EntityCatalog:
    """Fields of one entity. Both tables are keyed by the lower-cased name."""

    entity: str
    fields: Mapping[str, Field] = field(default_factory=dict)
    user_fields: Mapping[str, Field] = field(default_factory=dict)

    def field(self, name: str) -> Field | None:
        """The field of that name in any capitalisation, or None."""
        return self.fields.get(name.lower())


@dataclass(frozen=True, slots=True)
class EntityRights:
    """What the API user may do with an entity, from entityInformation."""

    entity: str
    can_create: bool
    can_query: bool
    can_update: bool
    can_delete: bool
