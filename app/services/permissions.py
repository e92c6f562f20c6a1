"""The permission matrix: what a connection needs of Autotask, what its API user was granted, in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.core.model.catalog import EntityRights
from app.core.model.connection import ConnectionFile
from app.core.model.failure import Gone, Rejected
from app.ports.tickets import TicketCatalog

VIEW, ADD, EDIT, DELETE = "view", "add", "edit", "delete"
VERBS = (VIEW, ADD, EDIT, DELETE)


@dataclass(frozen=True, slots=True)
class Need:
    """A right that the connection uses, and what for. Without an `optional` one the broker does something else."""

    entity: str
    verb: str
    reason: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One cell of the matrix. `granted` None means that the database would not say."""

    entity: str
    verb: str
    is_needed: bool
    is_optional: bool
    granted: bool | None
    text: str

    @property
    def state(self) -> str:
        """`pass`, `warn` or `fail`."""
        if self.granted or not (self.is_needed or self.is_optional):
            return "pass"
        return "fail" if self.is_needed and self.granted is False else "warn"


def needs_of(file: ConnectionFile, related: Iterable[str]) -> tuple[Need, ...]:
    """The rights the connection uses; `related` are the entities that its mappings read beside the ticket.

    Rights by feature: Field Nation's connector guide for Autotask, permissions of the API user.
    """
    entity = file.autotask.entity
    needs = [Need(entity, VIEW, "every import reads the ticket")]
    needs += [Need(other, VIEW, "the inbound mappings read it") for other in dict.fromkeys(related) if other != entity]
    if file.settings.outbound_create:
        needs.append(Need("Tickets", ADD, "settings.outbound_create makes tickets"))
    if file.mappings.outbound:
        needs.append(Need(entity, EDIT, "the outbound mappings write the ticket"))
    needs += (*_time(file), *_money(file), *_notes(file), *_files(file))
    if entity == "ServiceCalls" and any(need.verb == ADD for need in needs):
        needs.append(Need("ServiceCallTickets", VIEW, "what is sent goes to the ticket of the service call"))
    return tuple(dict.fromkeys(needs))


async def matrix(catalog: TicketCatalog, needs: Sequence[Need]) -> tuple[MatrixRow, ...]:
    """A row for each verb of each entity that is needed; asks the database once for each entity."""
    rows: list[MatrixRow] = []
    for entity in dict.fromkeys(need.entity for need in needs):
        rights = await _rights(catalog, entity)
        rows += [_row(entity, verb, needs, rights) for verb in VERBS]
    return tuple(rows)


def _targets(file: ConnectionFile, *starts: str) -> bool:
    named = [str(rule.get("target") or rule.get("target_field") or "").lower() for rule in file.mappings.outbound]
    return any(target.startswith(start) for target in named for start in starts)


def _sends_time(file: ConnectionFile) -> bool:
    settings = file.time_entries
    return settings.resource_id is not None or bool(settings.providers) or _targets(file, "timeentry")


def _sends_money(file: ConnectionFile) -> bool:
    settings = file.expenses
    is_charge = settings.additional_charges == "charge"
    return is_charge or settings.submitter_id is not None or _targets(file, "expense")


def _time(file: ConnectionFile) -> list[Need]:
    if not _sends_time(file):
        return []
    return _all("TimeEntries", VERBS, "time logs become time entries, which follow every change")


def _money(file: ConnectionFile) -> list[Need]:
    if not _sends_money(file):
        return []
    verbs = (VIEW, ADD, EDIT)
    if file.expenses.additional_charges != "charge":
        return [
            need for entity in ("ExpenseReports", "ExpenseItems") for need in _all(entity, verbs, "expenses are sent")
        ]
    if file.autotask.service_object == "Project":
        # A project's task takes no charges, so none is sent.
        return []
    held = _all("TicketCharges", verbs, "expenses.additional_charges: charge sends expenses as charges")
    reason = "a removed expense is deleted, or else set to zero"
    return [*held, Need("TicketCharges", DELETE, reason, optional=True)]


def _notes(file: ConnectionFile) -> list[Need]:
    """Messages are sent whatever else is. A file that only brings tickets in can do without."""
    if not file.notes.send:
        return []
    outward = (file.mappings.outbound, file.settings.outbound_create, _sends_time(file), _sends_money(file))
    entity = "TaskNotes" if file.autotask.service_object == "Project" else "TicketNotes"
    return _all(entity, (VIEW, ADD), "notes.send sends messages as notes", optional=not any(outward))


def _files(file: ConnectionFile) -> list[Need]:
    if not file.attachments.enabled:
        return []
    entity = "TaskAttachments" if file.autotask.service_object == "Project" else "TicketAttachments"
    removal = [Need(entity, DELETE, "attachments.delete removes files")] if file.attachments.delete else []
    return [*_all(entity, (VIEW, ADD), "attachments.enabled sends files"), *removal]


def _all(entity: str, verbs: Iterable[str], reason: str, *, optional: bool = False) -> list[Need]:
    return [Need(entity, verb, reason, optional) for verb in verbs]


async def _rights(catalog: TicketCatalog, entity: str) -> EntityRights | None:
    try:
        return await catalog.rights(entity)
    except (Rejected, Gone):
        return None


def _row(entity: str, verb: str, needs: Sequence[Need], rights: EntityRights | None) -> MatrixRow:
    mine = [need for need in needs if need.entity == entity and need.verb == verb]
    needed = any(not need.optional for need in mine)
    granted = _granted(rights, verb)
    return MatrixRow(entity, verb, needed, bool(mine) and not needed, granted, _words(entity, verb, mine, granted))


def _granted(rights: EntityRights | None, verb: str) -> bool | None:
    if rights is None:
        return None
    return {VIEW: rights.can_query, ADD: rights.can_create, EDIT: rights.can_update, DELETE: rights.can_delete}[verb]


def _words(entity: str, verb: str, needs: Sequence[Need], granted: bool | None) -> str:
    if not needs:
        return "granted, not needed" if granted else "not needed"
    reason = needs[0].reason
    if granted is None:
        return f"the database does not say whether the API user may {verb} {entity}; needed because {reason}"
    if granted:
        return f"granted; {reason}"
    if needs[0].optional:
        return f"not granted; used where it is: {reason}"
    return f"NOT granted, and needed because {reason}: allow '{verb}' for {entity} in the API user's security level"
