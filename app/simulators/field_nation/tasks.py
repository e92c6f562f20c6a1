"""Tasks of a work order, as the wire and the task events show them."""

from itertools import count
from typing import Any

from app.simulators.field_nation.part_records import Task
from app.simulators.field_nation.pay import metadata
from app.simulators.field_nation.time_logs import sides
from app.simulators.field_nation.view import View

Json = dict[str, Any]

# Field Nation developer portal: types 1, 3, 8 and 10 have known ids, that of `checkout` is assumed.
TYPES: dict[str, tuple[int, str, str]] = {
    "confirmassignment": (1, "Set start time", "prep"),
    "checkin": (3, "Check in", "onsite"),
    "checkout": (4, "Check out", "onsite"),
    "phone": (8, "Call", "prep"),
    "other": (10, "Unique task", "onsite"),
}
GROUPS = {"prep": "Prepare", "onsite": "On site"}
STANDARD = ("confirmassignment", "checkin", "checkout")


def standard_tasks(numbers: "count[int]") -> dict[int, Task]:
    """The tasks that every new work order gets here; at the vendor a template decides."""
    made = (Task(next(numbers), kind, TYPES[kind][1]) for kind in STANDARD)
    return {task.id: task for task in made}


def task_row(view: View, task: Task) -> Json:
    """One task; those of checking in and out carry their time log, `[]` while there is none (seen at the vendor)."""
    number, kind_name, group = TYPES[task.type]
    by = view.person(task.completed_by)
    name = f"{by['first_name']} {by['last_name']}".strip()
    shown_by = {"id": by["id"], "name": name, "assigned": task.completed_by == view.order.assignee != 0}
    row = {
        "id": task.id,
        "label": task.label,
        "description": task.label,
        "descriptions": {"task": task.label, "first": "", "second": "", "third": "", "fourth": ""},
        "group": {"id": group, "label": GROUPS[group]},
        "type": {"id": number, "key": task.type, "name": kind_name},
        "status": "incomplete" if task.completed_at is None else "complete",
        "completed": {**view.date(task.completed_at), "by": shown_by},
        "created": view.date(view.order.created_at),
        "author": view.person(view.order.created_by),
        "alerts": [],
        "actions": [],
        "work_order_id": view.order.id,
    }
    return {**row, "time_log": _time_log(view, task)} if task.type in ("checkin", "checkout") else row


def _time_log(view: View, task: Task) -> Any:
    log = view.order.time_logs.get(task.time_log)
    if log is None:
        return []
    both = sides(view, log)
    shown = both if task.type == "checkout" else {"in": both["in"]}
    return {"id": log.id, "devices": log.devices, **shown}


def tasks_section(view: View) -> Json:
    """The collection inside a work order and on its own."""
    rows = [task_row(view, one) for one in view.order.tasks.values()]
    digest = view.order.digest("tasks")
    return {"metadata": metadata(len(rows)), "results": rows, "actions": ["add"], "correlation_id": digest}
