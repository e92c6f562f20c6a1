"""The work order as the REST API shows it, one function per section, so that `columns` pays only for what it names."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.simulators.field_nation.companies import Company, known
from app.simulators.field_nation.custom_fields import fields_object
from app.simulators.field_nation.dates import date_object
from app.simulators.field_nation.location import location_object, site_zone
from app.simulators.field_nation.pay import metadata, pay_object
from app.simulators.field_nation.records import WorkOrder
from app.simulators.field_nation.schedule import schedule_object
from app.simulators.field_nation.settings import Settings
from app.simulators.field_nation.statuses import MILESTONES, NAMES, Status, allowed_actions, status_id

Json = dict[str, Any]


@dataclass(frozen=True)
class View:
    """What a section needs besides the order itself."""

    order: WorkOrder
    company: Company
    settings: Settings
    now: datetime
    zone: str

    def identity(self, value: int) -> int | str:
        """An id as number, or as text while that switch is on (seen now and then at the vendor)."""
        return str(value) if self.settings.ids_as_text else value

    def date(self, at: datetime | None) -> Json:
        """A date object in the zone of the site."""
        return date_object(at, self.zone)


def view_of(order: WorkOrder, company: Company, settings: Settings, now: datetime) -> View:
    """Everything that rendering needs, looked up once."""
    return View(order, company, settings, now, site_zone(order, company))


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
    status = view.order.status
    return {
        "id": status_id(status, view.settings.status_ids),
        "name": NAMES[status],
        "display": NAMES[status],
        "code": "",
        "sub_status": "",
        "is_routed": status is Status.ROUTED,
        "delay": 0,
        "ncns": False,
        "confirmed": False,
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


def _folders(view: View) -> Json:
    # Field Nation REST v2: every work order has the folders Documents (id 1) and Misc.
    rows = [
        {"id": 1, "name": "Documents", "type": "document", "metadata": metadata(0), "results": [], "actions": []},
        {"id": 2, "name": "Misc", "type": "slot", "metadata": metadata(0), "results": [], "actions": []},
    ]
    return _collection("attachments", rows, sum={"unreviewed": 0})(view)


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
    "tasks": _collection("tasks"),
    "custom_fields": lambda view: fields_object(view.order, view.company),
    "assignee": _assignee,
    "time_logs": _collection("time_logs", hours=0),
    "pay": lambda view: pay_object(view.order, view.zone),
    "messages": _collection("messages"),
    "attachments": _folders,
    "shipments": _collection("shipments"),
    "signatures": _collection("signatures"),
    "problems": _collection("problems", sum={"active": 0, "resolved": 0}, types=[]),
    "milestones": milestones_object,
    "tags": _collection("tags"),
    "routes": _collection("routes", sum={"all": 0}),
    "requests": _collection("requests"),
    "declines": _collection("declines"),
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
    "site_revisit": _always({"job_status": "pending", "revisit_count": 0, "is_revisit": False}),
    "import_id": _always(0),
    "w2": _always(False),
    "printable": _plain("printable"),
    "require_gps": _plain("require_gps"),
    "allow_counter_offers": _plain("allow_counter_offers"),
    "tasks_enabled": _always(True),
    "has_onsite_custom_field": _always(False),
    "actions": lambda view: allowed_actions(view.order.status),
}
