"""File picks: ids of picklists that stand in the connection file itself, beside the mappings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from app.core.mapping.picklists import label_of, listed
from app.core.mapping.values import nearest
from app.core.model.catalog import EntityCatalog
from app.core.model.connection import ConnectionFile
from app.core.model.finding import Finding
from app.core.planning.review.subject import flaw

_MOST_LISTED: Final = 12


@dataclass(frozen=True, slots=True)
class FilePick:
    """An id at `place` of the file, for a field of an entity's records."""

    entity: str
    field: str
    value: int
    place: str


def file_picks(file: ConnectionFile) -> tuple[FilePick, ...]:
    """The ids that the file will be using as it is switched today."""
    return (*_money(file), *_words(file))


def picked_wrongly(picks: tuple[FilePick, ...], catalogs: Mapping[str, EntityCatalog]) -> Iterator[Finding]:
    """An error for each id that the list does not have, or no longer offers. Where the database shows no list, there
    is nothing to say."""
    for pick in picks:
        catalog = catalogs.get(pick.entity)
        field = catalog.field(pick.field) if catalog else None
        if field is None or not field.values:
            continue
        active = [one for one in field.values if one.is_active]
        known = next((one for one in field.values if one.value == str(pick.value)), None)
        if known is not None and known.is_active:
            continue
        what = f"{label_of(known)} is inactive" if known else f"{pick.value} is not in the list"
        hit = nearest(known.label, [one.label for one in active]) if known else ""
        near = next((label_of(one) for one in active if one.label == hit), "")
        mend = f"Did you mean {near}?" if near else f"Use one of: {listed(active)}."
        text = f"{what} of {field.name} ({pick.entity}), and Autotask takes no record with it."
        yield flaw("file_unknown_pick", pick.place, text, mend)


def _money(file: ConnectionFile) -> Iterator[FilePick]:
    expenses = file.expenses
    if expenses.additional_charges == "charge":
        if expenses.charge.billing_code_id is not None and file.autotask.service_object != "Project":
            charge_type = expenses.charge.charge_type
            yield FilePick("TicketCharges", "chargeType", charge_type, "expenses.charge.charge_type")
        return
    for name, field in (("expense_category", "expenseCategory"), ("payment_type", "paymentType")):
        value = getattr(expenses, name)
        if value is not None:
            yield FilePick("ExpenseItems", field, value, f"expenses.{name}")


def _words(file: ConnectionFile) -> Iterator[FilePick]:
    """A file that only brings tickets in sends no notes: its defaults need not exist."""
    on_task = file.autotask.service_object == "Project"
    is_outward = bool(file.mappings.outbound) or file.settings.outbound_create
    chosen = file.notes.model_fields_set & {"note_type", "publish"}
    if file.notes.send and (is_outward or chosen):
        entity = "TaskNotes" if on_task else "TicketNotes"
        yield FilePick(entity, "noteType", file.notes.note_type, "notes.note_type")
        yield FilePick(entity, "publish", file.notes.publish, "notes.publish")
    if file.attachments.enabled:
        entity = "TaskAttachments" if on_task else "TicketAttachments"
        yield FilePick(entity, "publish", file.attachments.publish, "attachments.publish")
