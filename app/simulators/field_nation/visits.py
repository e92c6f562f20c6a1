"""Visits to the site: checking in and out, time logs edited by hand, tasks done and undone."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from app.simulators.field_nation.activity import set_sub_status
from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.location import site_zone
from app.simulators.field_nation.part_records import Task, TimeLog
from app.simulators.field_nation.records import WorkOrder
from app.simulators.field_nation.statuses import NAMES, Status
from app.simulators.field_nation.tasks import task_row
from app.simulators.field_nation.time_logs import read_time_log
from app.simulators.field_nation.world import Actor, World

Json = dict[str, Any]
Place = tuple[float, float] | None


def check_in(world: World, actor: Actor, order: WorkOrder, at: datetime, place: Place = None) -> TimeLog:
    """Open a time log. Fires checked_in and task_completed; others may be on site already."""
    if order.status is not Status.ASSIGNED:
        raise Refusal(400, f"Nobody can check in to a work order with the status {NAMES[order.status]}.")
    log = TimeLog(world.next_part(), at.replace(microsecond=0), None, actor.user_id, in_place=place)
    _keep(order, log)
    set_sub_status(world, actor, order, "checked_in")
    _visit_task(world, actor, order, "checkin", log)
    return log


def check_out(world: World, actor: Actor, order: WorkOrder, at: datetime, number: int | None, place: Place) -> TimeLog:
    """Close an open time log, the latest unless `number` names another. Fires checked_out and task_completed."""
    opened = [one for one in order.time_logs.values() if one.out_at is None and number in (None, one.id)]
    if not opened:
        raise Refusal(400, "There is no open time log.")
    at = at.replace(microsecond=0)
    if at < opened[-1].in_at:
        raise Refusal(400, "The check-out is before the check-in.")
    log = replace(opened[-1], out_at=at, out_place=place)
    _keep(order, log)
    set_sub_status(world, actor, order, "checked_out")
    _visit_task(world, actor, order, "checkout", log)
    return log


def _visit_task(world: World, actor: Actor, order: WorkOrder, kind: str, log: TimeLog) -> None:
    task = next((one for one in order.tasks.values() if one.type == kind), None)
    if task is not None:
        order.tasks[task.id] = replace(task, time_log=log.id)
        set_task(world, actor, order, task.id, done=True)


def set_task(world: World, actor: Actor, order: WorkOrder, number: int, *, done: bool) -> Task:
    """Complete a task or take that back; the event carries the whole task."""
    task = order.tasks.get(number)
    if task is None:
        raise Refusal(404, f"Task {number} was not found.")
    now = world.clock.now()
    task = replace(task, completed_at=now if done else None, completed_by=actor.user_id if done else 0)
    order.tasks[number] = task
    order.touch("tasks")
    name = "workorder.task_completed" if done else "workorder.task_incomplete"
    world.announce(order, name, actor.user_id, {"task": task_row(world.view(order), task)})
    return task


def add_time_log(world: World, actor: Actor, order: WorkOrder, body: Json) -> TimeLog:
    """A time log by hand; no event."""
    blank = TimeLog(0, world.clock.now(), None, actor.user_id)
    log = replace(read_time_log(body, site_zone(order, actor.company), blank), id=world.next_part())
    _keep(order, log)
    return log


def edit_time_log(actor: Actor, order: WorkOrder, number: int, body: Json) -> TimeLog:
    """A changed time log, marked as edited; no event."""
    log = read_time_log(body, site_zone(order, actor.company), _found(order, number))
    log = replace(log, edited=True)
    _keep(order, log)
    return log


def edit_time_logs(actor: Actor, order: WorkOrder, body: Json) -> None:
    """The bulk call `{"data": [...]}`; all or none."""
    rows = body.get("data")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Refusal(400, "data must be a list of time logs.")
    before = dict(order.time_logs)
    try:
        for row in rows:
            edit_time_log(actor, order, named_id(row), row)
    except Refusal:
        order.time_logs = before
        raise


def named_id(body: Json) -> int:
    """The `id` that the schema asks for in a body."""
    number = body.get("id")
    if type(number) is not int:
        raise Refusal(400, "id is required.")
    return number


def delete_time_log(order: WorkOrder, number: int) -> None:
    """A time log is gone; no event."""
    _found(order, number)
    del order.time_logs[number]
    order.touch("time_logs")


def verify_time_log(order: WorkOrder, number: int) -> TimeLog:
    """A time log that the buyer takes for right; no event."""
    log = replace(_found(order, number), verified=True)
    _keep(order, log)
    return log


def must_have_a_provider(order: WorkOrder) -> None:
    """Time and expenses by the API need work that is assigned or done (assumed)."""
    if order.status not in (Status.ASSIGNED, Status.WORK_DONE):
        raise Refusal(400, f"This is not possible while the status is {NAMES[order.status]}.")


def _found(order: WorkOrder, number: int) -> TimeLog:
    log = order.time_logs.get(number)
    if log is None:
        raise Refusal(404, f"Time log {number} was not found.")
    return log


def _keep(order: WorkOrder, log: TimeLog) -> None:
    order.time_logs[log.id] = log
    order.touch("time_logs")
