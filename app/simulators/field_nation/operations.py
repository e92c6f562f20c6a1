"""What can be done to a work order, by the API or by a person; each announces what the vendor would announce."""

from dataclasses import replace
from typing import Any

from app.simulators.field_nation.bodies import apply_body, lost_on_create, require_title
from app.simulators.field_nation.companies import known
from app.simulators.field_nation.custom_fields import checked_value
from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.location import read_location, site_zone
from app.simulators.field_nation.pay import read_pay
from app.simulators.field_nation.records import WorkOrder
from app.simulators.field_nation.schedule import read_schedule
from app.simulators.field_nation.statuses import FINISHED, NAMES, Move, Status, legal_move, status_id
from app.simulators.field_nation.tasks import standard_tasks
from app.simulators.field_nation.world import Actor, World

Json = dict[str, Any]
INCOMPLETE_REASONS = {1: "Missing deliverables", 2: "Scope not finished", 3: "Other"}
JOB_STATUSES = ("pending", "incomplete", "complete")
PUBLISH_NEEDS = ("location", "schedule", "pay", "types_of_work")


def create(world: World, actor: Actor, body: Json, *, by_api: bool = True) -> WorkOrder:
    """A new draft. The manager is the acting user unless the body names another (seen in the sandbox)."""
    title = require_title(body)
    now = world.clock.now()
    order = WorkOrder(
        id=world.next_number(),
        company_id=actor.company.id,
        title=title,
        created_at=now,
        created_by=actor.user_id,
        manager=actor.user_id,
        milestones={"created": now},
        tasks=standard_tasks(world.part_numbers),
    )
    apply_body(order, body, actor.company, lost_on_create(world.settings) if by_api else frozenset())
    world.keep(order)
    world.announce(order, "workorder.created", actor.user_id, status_params(world, order))
    return order


def update(world: World, actor: Actor, order: WorkOrder, body: Json) -> None:
    """A partial update; only schedule and custom fields have an event, other changes pass unannounced."""
    must_be_open(order)
    before = dict(order.custom_fields)
    changed = apply_body(order, body, actor.company, frozenset())
    if "schedule" in changed:
        world.announce(order, "workorder.schedule_updated", actor.user_id)
    for field_id, value in order.custom_fields.items():
        if before.get(field_id, "") != value:
            _announce_field(world, actor, order, field_id)


def put_schedule(world: World, actor: Actor, order: WorkOrder, body: Json) -> None:
    """The schedule call: strict, and announced when it makes a difference."""
    must_be_open(order)
    schedule = read_schedule(body, site_zone(order, actor.company), order.schedule)
    if order.change("schedule", schedule):
        world.announce(order, "workorder.schedule_updated", actor.user_id)


def put_location(world: World, actor: Actor, order: WorkOrder, body: Json) -> None:
    """The location call: strict; there is no event for it."""
    must_be_open(order)
    order.change("location", read_location(body, actor.company, complete=True))


def put_pay(world: World, actor: Actor, order: WorkOrder, body: Json) -> None:
    """The pay call. Field Nation REST guide: pay can be changed before Work Done; there is no event for it."""
    if order.status not in (Status.DRAFT, Status.PUBLISHED, Status.ROUTED, Status.ASSIGNED):
        raise Refusal(400, f"The pay of a work order with the status {NAMES[order.status]} cannot be changed.")
    order.change("pay", read_pay(body))


def put_custom_field(world: World, actor: Actor, order: WorkOrder, field_id: int, value: Any) -> None:
    """One custom field; an unknown one is a 404, a value that does not fit a 400."""
    must_be_open(order)
    definition = actor.company.fields.get(field_id)
    if definition is None:
        raise Refusal(404, f"Custom field {field_id} was not found.")
    text = checked_value(definition, value)
    if "unique" in definition.flags and text and _taken(world, order, field_id, text):
        raise Refusal(400, f"{definition.name}: {text!r} is used by another work order.")
    if order.change("custom_fields", {**order.custom_fields, field_id: text}):
        _announce_field(world, actor, order, field_id)


def put_incident(order: WorkOrder, incident_id: Any) -> None:
    """The buyer's own ticket number, free text; "" takes it away."""
    if not isinstance(incident_id, str):
        raise Refusal(400, "incident_id is required and must be text.")
    order.change("incident_id", incident_id)


def complete(world: World, actor: Actor, order: WorkOrder) -> None:
    """Mark the work done as a provider does; a required field of the provider that is empty forbids it."""
    fields = actor.company.fields.values()
    required = [one for one in fields if one.role == "assigned_provider" and "required" in one.flags]
    missing = [one.name for one in required if not order.custom_fields.get(one.id)]
    if missing:
        raise Refusal(400, f"The work cannot be completed without {', '.join(missing)}.")
    act(world, actor, order, "work_done")


def put_job_status(order: WorkOrder, status: Any) -> None:
    """Whether the scope was finished, apart from the status of the work order."""
    if status not in JOB_STATUSES:
        raise Refusal(400, f"status must be one of {', '.join(JOB_STATUSES)}.")
    order.change("job_status", status)


def act(world: World, actor: Actor, order: WorkOrder, action: str, details: Json | None = None) -> None:
    """One move of the status table, with what it needs: a cancel reason, a provider."""
    details = details or {}
    move = legal_move(action, order.status)
    if action == "publish":
        _must_be_complete(world, order)
    if action == "unapprove":
        order.milestones.pop("approved", None)
    if action == "cancel":
        order.cancel_reason = _cancel_reason(details)
    if action == "assign":
        order.change("assignee", _provider(actor, details))
    if action == "unassign":
        order.change("assignee", 0)
    _finish(world, actor, order, move, action)


def _finish(world: World, actor: Actor, order: WorkOrder, move: Move, action: str) -> None:
    target, events = move.target, move.events
    if action == "route":
        order.routed_from = order.status
    if action == "postpone":
        order.postponed_from = order.status
    if action in ("unroute", "resume"):
        target = order.postponed_from if action == "resume" else order.routed_from
        events = (f"workorder.status.{target.value}",)
    order.change("status", target)
    order.sub_status, order.delay_s = "", 0
    if action == "approve":
        _verify(order)
    if move.milestone:
        order.milestones[move.milestone] = world.clock.now()
    for name in events:
        world.announce(order, name, actor.user_id, status_params(world, order))


def _verify(order: WorkOrder) -> None:
    # Field Nation developer portal: the time logs of an approved work order are verified; no event says so.
    for log in order.time_logs.values():
        order.time_logs[log.id] = replace(log, verified=True)
    order.touch("time_logs")


def status_params(world: World, order: WorkOrder) -> Json:
    return {"status_id": status_id(order.status, world.settings.status_ids)}


def _announce_field(world: World, actor: Actor, order: WorkOrder, field_id: int) -> None:
    params = {"custom_field": {"id": field_id, "value": order.custom_fields[field_id]}}
    world.announce(order, "workorder.custom_field_value_updated", actor.user_id, params)


def must_be_open(order: WorkOrder) -> None:
    if order.status in FINISHED:
        raise Refusal(400, f"A work order with the status {NAMES[order.status]} cannot be changed.")


def _must_be_complete(world: World, order: WorkOrder) -> None:
    if not world.settings.publish_needs_complete:
        return
    empty = type(order)(order.id, order.company_id, "", order.created_at, 0, 0)
    missing = [name for name in PUBLISH_NEEDS if getattr(order, name) == getattr(empty, name)]
    if missing:
        raise Refusal(400, f"The work order cannot be published without {', '.join(missing)}.")


def _cancel_reason(details: Json) -> str:
    reason = details.get("cancel_reason")
    if not isinstance(reason, str) or not reason:
        raise Refusal(400, "cancel_reason is required.")
    return reason


def _provider(actor: Actor, details: Json) -> int:
    providers = actor.company.providers
    asked = details.get("provider_id", providers[0]["id"] if providers else None)
    row = known(providers, asked)
    if row is None:
        raise Refusal(400, f"There is no provider {asked}.")
    return int(row["id"])


def _taken(world: World, order: WorkOrder, field_id: int, text: str) -> bool:
    others = (one for one in world.orders_of(order.company_id) if one.id != order.id)
    return any(one.custom_fields.get(field_id) == text for one in others)
