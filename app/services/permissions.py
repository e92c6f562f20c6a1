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
    needs = [Need("Tickets", VIEW, "every import reads the ticket")]
    needs += [
        Need(entity, VIEW, "the inbound mappings read it") for entity in dict.fromkeys(related) if entity != "Tickets"
    ]
    if file.settings.outbound_create:
        needs.append(Need("Tickets", ADD, "settings.outbound_create makes tickets"))
    if _sends_back(file):
        needs.append(Need("Tickets", EDIT, "the outbound mappings write the ticket"))
        needs += _time(file) + _money(file)
        if file.notes.send:
            needs += _all("TicketNotes", (VIEW, ADD), "notes.send sends messages as notes")
    if file.attachments.enabled:
        needs += _all("TicketAttachments", (VIEW, ADD), "attachments.enabled sends files")
        if file.attachments.delete:
            needs.append(Need("TicketAttachments", DELETE, "attachments.delete removes files"))
    return tuple(dict.fromkeys(needs))


async def matrix(catalog: TicketCatalog, needs: Sequence[Need]) -> tuple[MatrixRow, ...]:
    """A row for each verb of each entity that is needed; asks the database once for each entity."""
    rows: list[MatrixRow] = []
    for entity in dict.fromkeys(need.entity for need in needs):
        rights = await _rights(catalog, entity)
        rows += [_row(entity, verb, needs, rights) for verb in VERBS]
    return tuple(rows)


def _sends_back(file: ConnectionFile) -> bool:
    return bool(file.mappings.outbound) or file.settings.outbound_create


def _targets(file: ConnectionFile, *starts: str) -> bool:
    named = [str(rule.get("target") or rule.get("target_field") or "").lower() for rule in file.mappings.outbound]
    return any(target.startswith(start) for target in named for start in starts)


def _time(file: ConnectionFile) -> list[Need]:
    if file.time_entries.resource_id is None and not _targets(file, "timeentry"):
        return []
    return _all("TimeEntries", VERBS, "time logs become time entries, which follow every change")


def _money(file: ConnectionFile) -> list[Need]:
    if file.expenses.additional_charges == "charge":
        held = _all("TicketCharges", (VIEW, ADD, EDIT), "expenses.additional_charges: charge sends expenses as charges")
        return [
            *held,
            Need("TicketCharges", DELETE, "a removed expense is deleted, or else set to zero", optional=True),
        ]
    if file.expenses.submitter_id is None and not _targets(file, "expense"):
        return []
    verbs = (VIEW, ADD, EDIT)
    return [need for entity in ("ExpenseReports", "ExpenseItems") for need in _all(entity, verbs, "expenses are sent")]


def _all(entity: str, verbs: Iterable[str], reason: str) -> list[Need]:
    return [Need(entity, verb, reason) for verb in verbs]


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
