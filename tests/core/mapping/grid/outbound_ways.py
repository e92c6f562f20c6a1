"""Every kind of path that a rule from work order to ticket may name, and a work order that holds an input there."""

from collections.abc import Sequence
from typing import Any, Final

from app.core.mapping.apply_outbound import apply_outbound
from app.core.mapping.outbound import COLLECTIONS
from app.core.mapping.work_order_document import work_order_document
from tests.core.mapping.grid.grid_kit import Action, Result, Way, held, result_of
from tests.core.mapping.outbound_kit import CHICAGO, compiled, parts

RECORD: Final = "work_order:70211"
_LISTS: Final = ("time_logs", "expenses", "messages", "files")
_OTHER: Final = {"id": 1, "status": "other", "status_description": "other", "to": {"name": "other"}}


def order(**fields: Any) -> Any:
    """The work order as mappings see it, from the vendor's own keys and rows."""
    lists = {name: fields.pop(name, []) for name in _LISTS}
    return work_order_document({"id": 70211, **fields}, **lists)


def _window(value: Any) -> Any:
    return order(schedule={"service_window": held("start", value, mode="exact")})


def _contact(value: Any) -> list[dict[str, Any]]:
    return [{"email": "first"}, held("email", value, name="Lee")]


def _custom(value: Any) -> Any:
    """Two groups, the field in the second; a field that is missing has no row."""
    row = held("value", value, id=4711)
    fields = [{"id": 835, "value": "other"}, *([row] if "value" in row else [])]
    return order(custom_fields={"results": [{"id": 1, "results": []}, {"id": 2, "results": fields}]})


def _first_expense(value: Any) -> Any:
    return order(expenses=[held("status_description", value, id=9001), _OTHER])


def _second_expense(value: Any) -> Any:
    return order(expenses=[_OTHER, held("status_description", value, id=9002)])


def _second_time_log(value: Any) -> Any:
    return order(time_logs=[_OTHER, held("status", value, id=313)])


def _second_message(value: Any) -> Any:
    return order(messages=[_OTHER, {"msg_id": "502", "to": held("name", value, id=7)}])


def _file(value: Any) -> Any:
    return order(files=[{"id": 12, "results": [held("notes", value, id=5, file={"name": "ups.jpg"})]}])


TITLE: Final = "Ticket:Title"
WAYS: Final = (
    Way("plain path", "title", lambda value: order(**held("title", value)), "title", TITLE),
    Way("workorder. root", "workorder.title", lambda value: order(**held("title", value)), "title", TITLE),
    Way(
        "nested path",
        "assignee.user.first_name",
        lambda value: order(assignee={"user": held("first_name", value, id=88)}),
        "assignee.user.first_name",
        TITLE,
    ),
    Way(
        "[n] in a collection of the vendor",
        "contacts[1].email",
        lambda value: order(contacts={"results": _contact(value)}),
        "contacts[1].email",
        TITLE,
    ),
    Way(
        "[n] in a plain list, with a root",
        "workorder.contacts.[1].email",
        lambda value: order(contacts=_contact(value)),
        "contacts[1].email",
        TITLE,
    ),
    Way("custom field by number", "custom_fields.4711", _custom, "custom_fields.4711", "UserDefinedField.VisitBand"),
    Way("alias time_window.start", "time_window.start", _window, "schedule.service_window.start", TITLE),
    Way(
        "alias notes",
        "notes",
        lambda value: order(**held("closing_notes", value)),
        "notes",
        "Ticket:Resolution",
        missing_is_empty=True,
    ),
    Way(
        "expense of a ticket",
        "pay.expenses.results[0].status_description",
        _first_expense,
        "expenses[0].status_description",
        TITLE,
    ),
    Way(
        "expense of a ticket, other spelling",
        "pay.expense.results[0].status_description",
        _first_expense,
        "expenses[0].status_description",
        TITLE,
    ),
    Way(
        "running [0], expense",
        "expenses[0].status_description",
        _second_expense,
        "expenses[].status_description",
        "expense.items[0].Description",
    ),
    Way(
        "running [0], expense, other spelling and root",
        "workorder.pay.expense.results[0].status_description",
        _second_expense,
        "expenses[].status_description",
        "TicketCost.[0].Name",
    ),
    Way(
        "running [0], time log",
        "time_logs[0].status",
        _second_time_log,
        "time_logs[].status",
        "TimeEntry.[0].SummaryNotes",
    ),
    Way(
        "running [0], nested in a message",
        "messages[0].to.name",
        _second_message,
        "messages[].to.name",
        "TicketNote.[0].Title",
    ),
    Way("file", "attachments[0].notes", _file, "attachments[0].notes", TITLE),
)
"""All of the targets are text fields. A rule with a running [0] maps the second element of its list."""

STATUS_NAME: Final = Way(
    "alias status",
    "status",
    lambda value: order(status=held("name", value, id=4)),
    "status.name",
    TITLE,
)
"""Apart, since a map that reads it compares statuses and no texts."""

PLAIN: Final = Way(
    "plain path",
    "incident_id",
    lambda value: order(**held("incident_id", value), **{name: [_OTHER, _OTHER] for name in _LISTS}),
    "incident_id",
    TITLE,
)
"""For fields of other types; the work order has elements of every list."""


def seen(action: Action, value: Any, default: Any = None, ways: Sequence[Way] = WAYS) -> dict[str, Result]:
    """What a rule with that action makes of the value, by way; the rule itself is without error."""
    return {way.name: _seen(action, value, default, way) for way in ways}


def _seen(action: Action, value: Any, default: Any, way: Way) -> Result:
    raw = {**action(way.source), "target": way.target} | ({} if default is None else {"default": default})
    made = compiled(raw)
    assert made.is_sound, made.findings
    (part,) = (part for part in parts(made) if part.rules)
    document = way.place(value)
    item = document[COLLECTIONS[part.kind]][1] if COLLECTIONS[part.kind] else None
    got = apply_outbound(part, document, item, RECORD, CHICAGO)
    return result_of(got, RECORD, way, part.fields[0].text)
