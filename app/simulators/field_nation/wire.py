"""The work order as the REST API shows it, one function per section, so that `columns` pays only for what it names."""

from collections.abc import Callable, Iterable
from typing import Any

from app.simulators.field_nation.attachments import embedded_folders
from app.simulators.field_nation.companies import known
from app.simulators.field_nation.custom_fields import fields_object
from app.simulators.field_nation.expenses import approved_total, embedded_expenses
from app.simulators.field_nation.location import location_object
from app.simulators.field_nation.messages import counted_messages
from app.simulators.field_nation.part_records import Problem
from app.simulators.field_nation.pay import metadata, pay_object
from app.simulators.field_nation.schedule import schedule_object
from app.simulators.field_nation.statuses import (
    MILESTONES,
    NAMES,
    SUB_STATUSES,
    Status,
    allowed_actions,
    status_id,
)
from app.simulators.field_nation.tasks import tasks_section
from app.simulators.field_nation.time_logs import embedded_time_logs
from app.simulators.field_nation.view import View

Json = dict[str, Any]


def whole(view: View) -> Json:
    """The whole work order, messages counted but not shown."""
    return {name: render(view) for name, render in SECTIONS.items()}


def columns(view: View, names: Iterable[str]) -> Json:
    """Only the named sections, and always the id; unknown names are ignored."""
    shown = {"id": view.order.id}
    shown.update({name: SECTIONS[name](view) for name in names if name in SECTIONS})
    return shown


def stub(view: View) -> Json:
    """A row of a list asked for without columns (seen in the sandbox: the id and `schedule.status_id` only)."""
    return {"id": view.order.id, "schedule": {"status_id": status_id(view.order.status, view.settings.status_ids)}}


def status_object(view: View) -> Json:
    """The status; `sub_status` stays empty, as real answers leave it."""
    status, code = view.order.status, view.order.sub_status
    return {
        "id": status_id(status, view.settings.status_ids),
        "name": NAMES[status],
        "display": SUB_STATUSES[code][0] if code else NAMES[status],
        "code": code,
        "sub_status": "",
        "is_routed": status is Status.ROUTED,
        "delay": view.order.delay_s,
        "ncns": False,
        "confirmed": code in ("confirmed", "on_my_way"),
        "correlation_id": view.order.digest("status"),
    }


def milestones_object(view: View) -> Json:
    """Every milestone as a date object, empty strings where it was not reached."""
    return {name: view.date(view.order.milestones.get(name)) for name in MILESTONES}


def _assignee(view: View) -> Json:
    # Field Nation REST v2, seen: nobody assigned is a user with the id 0 and empty strings.
    row = known(view.company.providers, view.order.assignee) or {}
    user = {name: row.get(name, "") for name in ("first_name", "last_name", "email", "phone", "cell", "thumbnail")}
    return {
        "user": {"id": view.identity(view.order.assignee), **user},
        "status_id": status_id(view.order.status, view.settings.status_ids),
        "work_order_id": view.order.id,
        "in_confirmation_window": False,
    }


def _manager(view: View) -> Json:
    user = view.company.user(view.order.manager)
    first, last, email = (user.first_name, user.last_name, user.username) if user else ("", "", "")
    return {
        "id": view.identity(view.order.manager),
        "first_name": first,
        "last_name": last,
        "name": f"{first} {last}".strip(),
        "email": email,
        "phone": "",
    }


def _named(rows_name: str, attribute: str) -> Callable[[View], Any]:
    def render(view: View) -> Any:
        row = known(getattr(view.company, rows_name), getattr(view.order, attribute))
        if row is not None:
            return {"id": view.identity(row["id"]), "name": row.get("name", "")}
        return [] if view.settings.empty_objects_as_lists else {"id": 0, "name": ""}

    return render


def _types_of_work(view: View) -> list[Json]:
    rows = [(known(view.company.types_of_work, identity), primary) for identity, primary in view.order.types_of_work]
    return [
        {"id": row["id"], "name": row["name"], "isPrimary": primary, "wasSelected": True, "level": 1}
        for row, primary in rows
        if row is not None
    ]


def _type_of_work(view: View) -> Any:
    rows = _types_of_work(view)
    first = next((row for row in rows if row["isPrimary"]), rows[0] if rows else None)
    return {"id": first["id"], "name": first["name"]} if first else {"id": 0, "name": ""}


def _contacts(view: View) -> Json:
    # Virtual rows have negative ids: -2 is the manager.
    manager = _manager(view)
    virtual = {"id": -2, "name": manager["name"], "role": "Project manager", "email": manager["email"], "actions": []}
    rows = [
        {"id": number, "notes": "", "ext": "", "phone": "", "email": "", "role": "", **row, "actions": ["edit"]}
        for number, row in enumerate(view.order.contacts, start=1)
    ]
    return {**_collection("contacts", [virtual, *rows])(view), "actions": ["add"]}


def _collection(name: str, rows: list[Json] | None = None, **more: Any) -> Callable[[View], Json]:
    def render(view: View) -> Json:
        shown = rows or []
        return {
            "metadata": metadata(len(shown)),
            "results": list(shown),
            "actions": [],
            "correlation_id": view.order.digest(name),
            **more,
        }

    return render


def pay_section(view: View) -> Json:
    """The pay with its expenses."""
    return pay_object(view.order, view.zone, embedded_expenses(view), approved_total(view))


def problems_section(view: View) -> Json:
    """Reported problems, open ones and solved ones."""
    problems = list(view.order.problems.values())
    solved = sum(one.resolved_at is not None for one in problems)
    counts = {"active": len(problems) - solved, "resolved": solved}
    rows = [_problem(view, one) for one in problems]
    return {**_collection("problems", rows)(view), "sum": counts, "types": []}


def _problem(view: View, problem: Problem) -> Json:
    state = "open" if problem.resolved_at is None else "resolved"
    return {
        "id": problem.id,
        "type": {"id": 1, "name": "Other", "other": ""},
        "comments": problem.text,
        "author": view.person(problem.author),
        "created": view.date(problem.at),
        "resolution": {"status": state, "at": view.date(problem.resolved_at), "by": view.person(problem.resolved_by)},
        "escalate": False,
        "actions": [],
    }


def tags_section(view: View) -> Json:
    """The tags that stick to the order."""
    rows = [known(view.company.tags, number) or {"id": number} for number in view.order.tags]
    return _collection("tags", [{"label": "", "hex_color": "", **row, "actions": ["remove"]} for row in rows])(view)


def _providers(attribute: str) -> Callable[[View], Json]:
    def render(view: View) -> Json:
        people = getattr(view.order, attribute)
        rows = [{"id": number, "user": view.person(person)} for number, person in enumerate(people, start=1)]
        return _collection(attribute, rows)(view)

    return render


def _integrations(view: View) -> Json:
    return {view.settings.integrations_key: []}


def _eta(view: View) -> Json:
    return {
        "user": {"id": 0},
        "task": {"id": 0},
        "start": view.date(None),
        "end": view.date(None),
        "hour_estimate": 0,
        "notes": "",
        "status": {"name": "unset", "updated": view.date(None)},
        "mode": "",
    }


def _text_pair(attribute: str) -> Callable[[View], Json]:
    def render(view: View) -> Json:
        html = getattr(view.order, attribute) if attribute else ""
        return {"html": html, "markdown": html}

    return render


def _plain(attribute: str) -> Callable[[View], Any]:
    return lambda view: getattr(view.order, attribute)


def _always(value: Any) -> Callable[[View], Any]:
    return lambda _: value


SECTIONS: dict[str, Callable[[View], Any]] = {
    "id": _plain("id"),
    "work_order_id": _plain("id"),
    "title": _plain("title"),
    "href": lambda view: f"/workorders/{view.order.id}",
    "status": status_object,
    "schedule": lambda view: schedule_object(view.order, view.zone, view.settings, view.now),
    "eta": _eta,
    "location": lambda view: location_object(view.order, view.settings),
    "company": lambda view: {"id": view.company.id, "name": view.company.name, "photo": "", "features": []},
    "manager": _manager,
    "client": _named("clients", "client"),
    "project": _named("projects", "project"),
    "template": _named("templates", "template"),
    "types_of_work": _types_of_work,
    "type_of_work": _type_of_work,
    "service_types": _always([]),
    "description": _text_pair("description"),
    "confidential": _text_pair("confidential"),
    "standard_instructions": _text_pair(""),
    "policy_and_procedures": _text_pair(""),
    "contacts": _contacts,
    "tasks": tasks_section,
    "custom_fields": lambda view: fields_object(view.order, view.company),
    "assignee": _assignee,
    "time_logs": embedded_time_logs,
    "pay": pay_section,
    "messages": counted_messages,
    "attachments": embedded_folders,
    "shipments": _collection("shipments"),
    "signatures": _collection("signatures"),
    "problems": problems_section,
    "milestones": milestones_object,
    "tags": tags_section,
    "routes": _collection("routes", sum={"all": 0}),
    "requests": _providers("requests"),
    "declines": _providers("declines"),
    "holds": _collection("holds"),
    "swaps": _collection("swaps"),
    "networks": _collection("networks"),
    "publish_stats": _always({"requests": 0}),
    "qualifications": _always({"ignored_missing_qualifications": False, "actions": [], "selection_rule": []}),
    "bundle": _always({"id": 0, "metadata": metadata(0), "actions": [], "results": []}),
    "progress": _always({"sum": {"all": 0, "complete": 0, "incomplete": 0}, "label": ""}),
    "ratings": _always([]),
    "conflicts": _always([]),
    "coords": _always([]),
    "integration": _always(None),
    "integrations": _integrations,
    "closing_notes": _plain("closing_notes"),
    "incident_id": _plain("incident_id"),
    "site_revisit": lambda view: {"job_status": view.order.job_status, "revisit_count": 0, "is_revisit": False},
    "import_id": _always(0),
    "w2": _always(False),
    "printable": _plain("printable"),
    "require_gps": _plain("require_gps"),
    "allow_counter_offers": _plain("allow_counter_offers"),
    "tasks_enabled": _always(True),
    "has_onsite_custom_field": _always(False),
    "actions": lambda view: allowed_actions(view.order.status),
}
