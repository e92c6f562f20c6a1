"""Create, patch, replace and delete: one write, checked whole, then committed at once."""

from dataclasses import dataclass
from typing import Any

from app.simulators.autotask.binding import body_keys, check_fields, is_live, read_fields
from app.simulators.autotask.contract import parent_field
from app.simulators.autotask.drafts import Actor, Draft
from app.simulators.autotask.errors import (
    NOTHING_TO_DELETE,
    NOTHING_TO_UPDATE,
    ApiError,
    bad_reference,
    missing,
    no_permission,
)
from app.simulators.autotask.records import Database, Row
from app.simulators.autotask.rules.registry import rule_of
from app.simulators.autotask.workflow import run_rules
from app.simulators.autotask.world import Committed, World

# Autotask developer help, impersonation: the entities that honour the header. Others ignore it.
IMPERSONABLE = frozenset({
    "Tickets", "TicketNotes", "TaskNotes", "TimeEntries", "Companies", "CompanyNotes", "CompanyToDos", "Contacts",
    "Projects", "ProjectNotes", "ServiceCalls", "TicketAttachments", "TicketNoteAttachments", "TimeEntryAttachments",
    "ExpenseItemAttachments", "ExpenseReportAttachments", "TaskAttachments", "TaskNoteAttachments",
    "ProjectAttachments", "ConfigurationItems", "Opportunities", "Products",
})  # fmt: skip
_CREATED_AT = ("createDate", "createDateTime")
_TOUCHED_AT = (
    "lastActivityDate", "lastActivityDateTime", "lastTrackedModificationDateTime", "lastTrackedModifiedDateTime",
    "lastModifiedDate", "lastModifiedDateTime",
)  # fmt: skip
_CREATORS = ("creatorResourceID", "creatorUserID", "createdByResourceID")
_CHILDREN = {
    "TicketWebhooks": ("TicketWebhookFields", "TicketWebhookUdfFields", "TicketWebhookExcludedResources"),
    "TicketNoteWebhooks": ("TicketNoteWebhookFields", "TicketNoteWebhookExcludedResources"),
    "ServiceCalls": ("ServiceCallTickets", "ServiceCallTasks"),
}


@dataclass(frozen=True)
class Parent:
    """The parent named in the path of a child write."""

    entity: str
    field: str
    id: int


def actor_for(db: Database, actor: Actor, entity: str, verb: str, impersonate: str | None) -> Actor:
    """The acting resource under an `ImpersonationResourceId` header, which counts for create and update only.

    Refused with the permissions text of the verb.
    """
    if not impersonate or entity not in IMPERSONABLE or actor.user is None or verb == "delete":
        return actor
    resource = db.find("Resources", int(impersonate)) if impersonate.isascii() and impersonate.isdigit() else None
    if resource is None or not actor.user.may_impersonate or not is_live(db, "Resource", resource.id):
        raise no_permission(verb)
    refused = db.switches.impersonation_refused
    if verb in (*refused.get("*", ()), *refused.get(entity, ())) or resource.id in db.switches.not_impersonable:
        raise no_permission(verb)
    if resource.get("licenseType") == 7:
        raise no_permission(verb)
    return Actor(resource.id, actor.user, impersonated=True)


def create(world: World, db: Database, entity: str, body: Any, actor: Actor, parent: Parent | None) -> int:
    """Make a record; gives its id. ApiError, and nothing changed, when the vendor would refuse it."""
    given = body_keys(body)
    if given.get("id") not in (None, 0, "0", ""):
        raise ApiError("The id of a new record must be 0 or absent.")
    draft = _draft(world, db, entity, actor, None)
    _read(draft, body, parent, replace=False)
    _complete_create(draft)
    values = {"id": db.table(entity).take_id(), **draft.values}
    row = Row(values, draft.udfs)
    _stamp(draft, created=True)
    row.write(draft.values)
    db.table(entity).put(row)
    _settle(world, draft, row, Committed(entity, "Create", row, frozenset(draft.values), frozenset(draft.udfs)))
    return row.id


def update(
    world: World, db: Database, entity: str, body: Any, actor: Actor, parent: Parent | None, *, replace: bool = False
) -> int:
    """Change a record named by `id` in the body; gives its id. `replace` nulls what the body leaves out (PUT)."""
    given = body_keys(body)
    row = db.find(entity, _body_id(given))
    if row is None or (parent is not None and row.get(parent.field) != parent.id):
        raise ApiError(NOTHING_TO_UPDATE)
    draft = _draft(world, db, entity, actor, row)
    _read(draft, body, parent, replace=replace)
    _drop_ignored(draft)
    spec, rule = db.spec(entity), rule_of(entity)
    if spec is not None:
        check_fields(draft, spec, rule)
    rule.update(draft)
    changed = frozenset(name for name in draft.values if draft.changes(name))
    udfs = frozenset(name for name, value in draft.udfs.items() if row.udfs.get(name) != value)
    status_before = row.get("status")
    _stamp(draft, created=False)
    row.write(draft.values, draft.udfs)
    if entity == "Tickets" and status_before != row.get("status"):
        _remember_status(draft, row, status_before)
    _settle(world, draft, row, Committed(entity, "Update", row, changed, udfs))
    _run_workflow(world, draft, row, status_before)
    return row.id


def delete(world: World, db: Database, entity: str, record_id: int, actor: Actor, parent: Parent | None) -> int:
    """Remove a record; gives its id. A missing one and a forbidden one have the same text."""
    row = db.find(entity, record_id)
    if row is None or (parent is not None and row.get(parent.field) != parent.id):
        raise ApiError(NOTHING_TO_DELETE)
    draft = _draft(world, db, entity, actor, row)
    rule_of(entity).delete(draft)
    db.table(entity).remove(record_id)
    if entity == "Tickets":
        log = {"ticketID": record_id, "ticketNumber": row.get("ticketNumber"), "ticketTitle": row.get("title")}
        db.load("DeletedTicketLogs", log | {"deletedByResourceID": actor.resource_id, "deletedDateTime": draft.now_at})
    for child in _CHILDREN.get(entity, ()):
        for orphan in db.rows_with(child, parent_field(entity), record_id):
            db.table(child).remove(orphan.id)
    _settle(world, draft, row, Committed(entity, "Delete", row, frozenset(), frozenset()))
    return record_id


def _draft(world: World, db: Database, entity: str, actor: Actor, row: Row | None) -> Draft:
    return Draft(db, entity, actor, world.clock.now_at(), world.clock.steady_s(), row)


def _read(draft: Draft, body: dict[str, Any], parent: Parent | None, *, replace: bool) -> None:
    given = body_keys(body)
    if parent is not None:
        if draft.db.find(parent.entity, parent.id) is None:
            raise ApiError(bad_reference(parent.field, _reference_name(parent.field)))
        draft.values[parent.field] = parent.id
        given = {key: value for key, value in given.items() if key != parent.field.lower()}
    spec = draft.db.spec(draft.entity)
    if spec is not None:
        read_fields(draft, spec, given, replace=replace)
        return
    known = {name.lower(): name for row in draft.db.rows(draft.entity)[:1] for name in row.values}
    spelled = {key.lower(): key[:1].lower() + key[1:] for key in body}
    draft.values |= {known.get(key, spelled[key]): value for key, value in given.items() if key != "id"}


def _drop_ignored(draft: Draft) -> None:
    """Fields that this database accepts in a PATCH and keeps as they are."""
    if draft.actor.is_person:
        return
    for name in draft.switches.ignored_on_patch.get(draft.entity, ()):
        draft.values.pop(name, None)
        draft.udfs.pop(name, None)


def _reference_name(field: str) -> str:
    return "Webhook" if field == "webhookID" else field[0].upper() + field[1:-2]


def _body_id(given: dict[str, Any]) -> int:
    value = given.get("id")
    if isinstance(value, str) and value.isdigit():
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ApiError(missing("id"))
    return value


def _complete_create(draft: Draft) -> None:
    spec, rule = draft.db.spec(draft.entity), rule_of(draft.entity)
    if spec is not None:
        check_fields(draft, spec, rule)
    rule.create(draft)


def _stamp(draft: Draft, *, created: bool) -> None:
    """Times and authors that the vendor writes itself."""
    spec = draft.db.spec(draft.entity)
    names = {field.name for field in spec.fields.values()} if spec is not None else set()
    moments = (*_CREATED_AT, *_TOUCHED_AT) if created else _TOUCHED_AT
    draft.values |= {name: draft.now_at for name in moments if name in names}
    user = draft.actor.user
    if created:
        draft.values |= {name: draft.actor.resource_id for name in _CREATORS if name in names}
    if draft.actor.impersonated and user is not None:
        shadow = "impersonatorCreatorResourceID" if created else "impersonatorUpdaterResourceID"
        if shadow in names:
            draft.values[shadow] = user.resource_id


def _remember_status(draft: Draft, row: Row, before: Any) -> None:
    detail = f"Status changed from {before} to {row.get('status')}"
    entry = {"ticketID": row.id, "resourceID": draft.actor.resource_id, "action": "Edited", "detail": detail}
    made = draft.db.load("TicketHistory", entry)
    made.write({"date": draft.now_at})


def _settle(world: World, draft: Draft, row: Row, committed: Committed) -> None:
    rule_of(draft.entity).settled(draft, row)
    world.announce(draft.db, committed, draft.actor.resource_id)


def _run_workflow(world: World, draft: Draft, row: Row, status_before: Any) -> None:
    written = row.get("status")
    run_rules(world.workflow.get(draft.db.ci, []), draft, row, status_before)
    if row.get("status") != written:
        put_back = Committed(draft.entity, "Update", row, frozenset({"status"}), frozenset())
        world.announce(draft.db, put_back, draft.actor.resource_id)
