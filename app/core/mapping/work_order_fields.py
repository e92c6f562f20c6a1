"""The fields of a work order, as a catalogue: what a mapping may write, what it may read, and what the values are.

One catalogue for both directions: a field that is not read-only is a target of an inbound rule, one that is queryable
a source of an outbound rule. Types: string, integer, decimal, boolean, datetime, date, time, phone.
Facts: Field Nation API v2, work order create and update bodies, work order object.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from app.core.mapping.item_paths import ItemPath
from app.core.mapping.paths import Path
from app.core.mapping.work_order_names import STATUS_FIELD, STATUS_TARGET
from app.core.mapping.work_order_sources import READ_ONLY, READ_ONLY_VALUES, words
from app.core.model.catalog import EntityCatalog, Field, PickValue

WORK_ORDERS: Final = "work_orders"
"""The name of the catalogue."""

TYPE_OF_WORK: Final = "types_of_work[0].id"
MANAGER: Final = "manager.id"
EXPENSE_CATEGORY: Final = "expenses[0].category"
EXPENSE_CATEGORY_ID: Final = "expenses[0].category.id"
"""Fields whose values are lists of the company's own."""

# Left out though the vendor takes them: what is not kept in the order (`ignore_template`), what only comes whole
# (tasks, shipments, equipment), local times beside the UTC ones, and numbers that a value of text is dropped for.
_WRITABLE: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("string", "Title"),
    "description.html": ("string", "Description"),
    "confidential.html": ("string", "Confidential information"),
    STATUS_TARGET: ("integer", "Status"),
    "incident_id": ("string", "Incident number (the ticket's number unless mapped)"),
    "client.id": ("integer", "Client"),
    "project.id": ("integer", "Project"),
    MANAGER: ("integer", "Manager"),
    "template.id": ("integer", "Template"),
    "service_contract.id": ("integer", "Service contract"),
    "team.id": ("integer", "Team"),
    TYPE_OF_WORK: ("integer", "Type of work"),
    "types_of_work[0].isPrimary": ("boolean", "Is the main type of work"),
    "service_types[0].id": ("integer", "Service type"),
    "networks.results[0].id": ("integer", "Network"),
    "contacts[0].name": ("string", "Contact's name"),
    "contacts[0].role": ("string", "Contact's role"),
    "contacts[0].phone": ("string", "Contact's phone"),
    "contacts[0].ext": ("string", "Contact's phone extension"),
    "contacts[0].email": ("string", "Contact's e-mail"),
    "contacts[0].notes": ("string", "Notes on the contact"),
    "location.mode": ("string", "How the site is given"),
    "location.display_name": ("string", "Name of the site"),
    "location.address1": ("string", "Address, first line"),
    "location.address2": ("string", "Address, second line"),
    "location.city": ("string", "City"),
    "location.state": ("string", "State (two-letter code)"),
    "location.zip": ("string", "Postal code"),
    "location.country": ("string", "Country (two-letter code)"),
    "location.type.id": ("integer", "Kind of site"),
    "location.saved_location.id": ("integer", "Saved location"),
    "schedule.service_window.mode": ("string", "Kind of schedule"),
    "schedule.service_window.start": ("datetime", "Start of the visit"),
    "schedule.service_window.end": ("datetime", "End of the visit"),
    "schedule.schedule_note": ("string", "Note on the schedule"),
    "schedule.time_zone.id": ("integer", "Time zone of the site"),
    "require_ontime": ("boolean", "Must start on time"),
    "pay.type": ("string", "Kind of pay"),
    "pay.base.amount": ("decimal", "Base pay, amount"),
    "pay.base.units": ("decimal", "Base pay, units"),
    "pay.additional.amount": ("decimal", "Additional pay, amount"),
    "pay.additional.units": ("decimal", "Additional pay, units"),
    "pay.finance.id": ("integer", "Finance account"),
    "allow_counter_offers": ("boolean", "Counter offers are allowed"),
    "require_gps": ("boolean", "Location must be shared at check-in"),
    "printable": ("boolean", "May be printed"),
}
_VALUES: Final[Mapping[str, tuple[PickValue, ...]]] = {
    **READ_ONLY_VALUES,
    STATUS_TARGET: STATUS_FIELD.values,
    "location.mode": words("custom", "remote", "location"),
    "schedule.service_window.mode": words("exact", "hours", "between"),
    "pay.type": words("fixed", "hourly", "device", "blended"),
    "contacts[0].role": words(
        "Project manager",
        "Location Contact",
        "Resource coordinator",
        "Emergency contact",
        "Technical help",
        "Check-in / Check-out",
    ),
}
_LENGTHS: Final = {"location.country": 2}

# A draft wants nothing but its title; the answer to a read does not show these sections.
_REQUIRED: Final = frozenset({"title"})
_NEVER_SHOWN: Final = frozenset({"require_ontime", "service_contract.id", "team.id"})

SPELLINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "description.html": ("description",),
    "confidential.html": ("confidential",),
    "location.display_name": ("location.name",),
    "schedule.service_window.start": ("time_window.start",),
    "schedule.service_window.end": ("time_window.end",),
    "custom_fields.internal.value": ("custom_fields.internal",),
    STATUS_TARGET: ("status.id",),
}
"""Other texts by which a mapping may name the field, by its path."""


def _field(path: str, type: str, label: str) -> Field:
    values = _VALUES.get(path, ())
    return Field(
        path,
        type,
        label,
        length=_LENGTHS.get(path, 0),
        is_required=path in _REQUIRED,
        is_read_only=path not in _WRITABLE,
        is_queryable=path not in _NEVER_SHOWN,
        values=values,
        is_picklist=bool(values),
    )


SHARED_FIELDS: Final = EntityCatalog(
    WORK_ORDERS, {path.lower(): _field(path, *about) for path, about in {**_WRITABLE, **READ_ONLY}.items()}
)
"""What every company's work orders have: fields by their lower-cased canonical path, named by that path."""


def with_definitions(custom_fields: Iterable[Field], live: Mapping[str, Sequence[PickValue]]) -> EntityCatalog:
    """The catalogue of one company: with its custom fields (named by their number) and the values of its own lists.

    `live` gives values by path; a path that is missing there keeps what is known without the company.
    """
    fields = dict(SHARED_FIELDS.fields)
    for path, values in live.items():
        key = path.lower()
        fields[key] = replace(fields[key], values=tuple(values), is_picklist=True)
    return EntityCatalog(WORK_ORDERS, fields, {field.name.lower(): field for field in custom_fields})


def field_at(catalog: EntityCatalog, place: Path | ItemPath) -> Field | None:
    """The field that a compiled source or target means, whatever index it names in a list, which may go by the
    vendor's `results`; None for an unlisted one."""
    if isinstance(place, Path) and place.custom_field:
        return catalog.user_fields.get(str(int(place.custom_field)))
    text = re.sub(r"\[\d*\]", "[0]", place.text)
    return catalog.field(text) or catalog.field(text.replace(".results[", "["))
