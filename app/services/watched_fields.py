"""Watched fields: what of a ticket a webhook has to announce, and the ids under which the vendor offers it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.core.mapping.soap_names import soap_name
from app.core.model.catalog import EntityCatalog, Field
from app.core.model.connection import ConnectionFile
from app.ports.fields import FieldSource
from app.services.inbound import inbound_mapping

FIELDS, USER_FIELDS = "TicketWebhookFields", "TicketWebhookUdfFields"
FIELD_ID, USER_FIELD_ID = "fieldID", "udfFieldID"


@dataclass(frozen=True, slots=True)
class Watched:
    """Fields of the ticket, and its user-defined ones, each once."""

    fields: tuple[Field, ...]
    user_fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """Ids by which a webhook subscribes to fields; `lacking` are names that the vendor does not offer."""

    ids: Mapping[int, str]
    lacking: tuple[str, ...]


async def watched(file: ConnectionFile, fields: FieldSource) -> Watched:
    """What the inbound mapping reads of the ticket itself (for a related record the field that leads to it), the
    status, and what `settings.import_when` asks for."""
    mapping = await inbound_mapping(file, fields)
    names: list[str] = ["status"]
    user_names: list[str] = []
    for source in mapping.compiled.sources:
        if source.hops:
            names.append(source.hops[0].field)
        else:
            (user_names if source.is_user_field else names).append(source.name)
    for name, is_user_field in _conditions(file.settings.import_when or ()):
        (user_names if is_user_field else names).append(name)
    tickets = await fields.catalog("Tickets", user_fields=bool(user_names))
    return Watched(_known(names, tickets.fields), _known(user_names, tickets.user_fields))


def offered(catalog: EntityCatalog, id_field: str, wanted: Sequence[Field]) -> Offer:
    """The picklist of `id_field` names what can be subscribed to, in which of a field's spellings is not published."""
    field = catalog.field(id_field)
    ids: dict[str, int] = {}
    for pick in field.values if field else ():
        if pick.value.isdigit():
            ids.setdefault(_folded(pick.label), int(pick.value))
    found: dict[int, str] = {}
    lacking = []
    for one in wanted:
        spellings = (one.name, one.label, soap_name("Tickets", one.name))
        id = next((ids[_folded(name)] for name in spellings if _folded(name) in ids), None)
        if id is None:
            lacking.append(one.name)
        else:
            found[id] = one.name
    return Offer(found, tuple(lacking))


def _known(names: Iterable[str], fields: Mapping[str, Field]) -> tuple[Field, ...]:
    return tuple(fields[name] for name in dict.fromkeys(name.lower() for name in names) if name in fields)


def _conditions(items: Iterable[object]) -> Iterator[tuple[str, bool]]:
    """Names of the fields that a filter asks for, each with whether it is a user-defined one."""
    for item in items:
        if not isinstance(item, Mapping):
            continue
        keys = {str(key).lower(): value for key, value in item.items()}
        if isinstance(keys.get("field"), str):
            yield keys["field"], keys.get("udf") is True
        inner = keys.get("items")
        if isinstance(inner, list | tuple):
            yield from _conditions(inner)


def _folded(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())
