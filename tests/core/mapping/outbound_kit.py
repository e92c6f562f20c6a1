"""A small database and work order for outbound mapping tests, and short ways to compile and apply rules."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from app.core.mapping.apply_outbound import apply_outbound
from app.core.mapping.compile import NeedCatalogs
from app.core.mapping.compile_outbound import compile_outbound
from app.core.mapping.dialects import load_rules
from app.core.mapping.engine import Mapped
from app.core.mapping.outbound import COLLECTIONS, CompiledOutbound, CompiledPart
from app.core.mapping.relations import NeedCatalog
from app.core.mapping.work_order_document import work_order_document
from app.core.model.catalog import EntityCatalog, Field, PickValue
from app.core.model.finding import Finding
from tests.core.mapping.mapping_kit import PRIORITY, STATUS, catalog, reference

CHICAGO = ZoneInfo("America/Chicago")
CATEGORIES = (PickValue("2", "Travel"), PickValue("4", "Parts"), PickValue("6", "Meals", is_active=False))


def fixed(name: str, type: str) -> Field:
    return Field(name, type, is_read_only=True)


CATALOGS = {
    "Tickets": catalog(
        "Tickets",
        fixed("id", "long"),
        Field("title", "string", length=255),
        Field("resolution", "string", length=32000),
        Field("dueDateTime", "datetime"),
        Field("estimatedHours", "double"),
        Field("queueID", "integer"),
        Field("isVisibleToComanaged", "boolean"),
        Field("status", "integer", values=STATUS, is_picklist=True),
        Field("priority", "integer", values=PRIORITY, is_picklist=True),
        fixed("completedDate", "datetime"),
        reference("companyID", "Company"),
        user_fields=("VisitBand", "Rack no. [A.1]"),
    ),
    "TimeEntries": catalog(
        "TimeEntries",
        fixed("id", "long"),
        Field("ticketID", "integer"),
        Field("taskID", "integer"),
        Field("startDateTime", "datetime"),
        Field("endDateTime", "datetime"),
        Field("dateWorked", "datetime"),
        Field("hoursWorked", "double"),
        Field("summaryNotes", "string", length=32000),
        Field("internalNotes", "string", length=32000),
        Field("isNonBillable", "boolean"),
        fixed("hoursToBill", "double"),
        reference("resourceID", "Resource"),
        reference("billingCodeID", "BillingCode"),
    ),
    "ExpenseItems": catalog(
        "ExpenseItems",
        fixed("id", "long"),
        Field("ticketID", "integer"),
        Field("expenseReportID", "integer"),
        Field("description", "string", length=128),
        Field("expenseDate", "datetime"),
        Field("expenseCurrencyExpenseAmount", "double"),
        Field("internalCurrencyExpenseAmount", "double"),
        Field("expenseCategory", "integer", values=CATEGORIES, is_picklist=True),
        Field("isBillableToCompany", "boolean"),
        reference("companyID", "Company"),
    ),
    "TicketCharges": catalog(
        "TicketCharges",
        Field("ticketID", "long"),
        Field("name", "string", length=100),
        Field("chargeType", "integer", values=(PickValue("1", "Operational"),), is_picklist=True),
        Field("datePurchased", "datetime"),
        Field("unitCost", "double"),
        Field("unitPrice", "double"),
        reference("billingCodeID", "BillingCode"),
    ),
    "TicketNotes": catalog(
        "TicketNotes",
        Field("title", "string", length=250),
        Field("description", "string"),
        Field("ticketID", "integer"),
    ),
    "TaskNotes": catalog("TaskNotes", Field("title", "string"), Field("taskID", "integer")),
    "Projects": catalog("Projects", Field("projectName", "string"), Field("projectType", "integer")),
    "ServiceCalls": catalog("ServiceCalls", Field("description", "string"), Field("isComplete", "integer")),
}

WORK_ORDER: dict[str, Any] = {
    "id": 70211,
    "title": "Replace UPS",
    "status": {"id": 4, "name": "Work Done", "display": "Work done"},
    "closing_notes": "Swapped the unit.",
    "schedule": {"service_window": {"start": {"utc": "2026-03-02 15:00:00"}, "end": {"utc": "", "local": {}}}},
    "assignee": {"user": {"id": 88, "first_name": "Ada", "last_name": "Byron"}},
    "contacts": {"metadata": {"total": 1}, "results": [{"email": "lee@example.test"}]},
    "custom_fields": {"results": [{"id": 1, "results": [{"id": 4711, "value": "29762802"}]}]},
    "time_logs": {"metadata": {"total": 2}, "hours": Decimal("2.9167"), "results": []},
    "pay": {"type": "hourly", "expenses": {"metadata": {"total": 1}, "sum": {"approved_amount": 50}, "results": []}},
    "messages": {"metadata": {"total": 2}, "results": []},
}
TIME_LOGS: list[dict[str, Any]] = [
    {
        "id": 312,
        "hours": Decimal("1.9167"),
        "in": {"created": {"utc": "2026-03-02 01:02:00", "local": {"date": "2026-03-01", "time": "19:02:00"}}},
        "out": {"created": {"utc": "2026-03-02 02:57:00.000000", "local": {"date": "2026-03-01", "time": "20:57:00"}}},
        "time_zone": {"id": 6, "name": "America/Chicago", "offset": -360},
        "logged_by": {"id": 88, "first_name": "Ada", "last_name": "Byron"},
    },
    {"id": 313, "hours": 1, "in": {"created": {"utc": "2026-03-03 15:00:00"}}},
]
EXPENSES: list[dict[str, Any]] = [
    {
        "id": 9001,
        "amount": "50.00",
        "quantity": 1,
        "description": "Taxi",
        "status": "approved",
        "category": {"id": 2, "label": "Travel", "uid": "t"},
        "added": {"utc": "2026-03-02 03:10:00", "local": {"date": "2026-03-01", "time": "21:10:00"}},
        "author": {"id": 88, "first_name": "Ada", "last_name": "Byron", "is_provider": 1},
    }
]
MESSAGES: list[dict[str, Any]] = [
    {
        "msg_id": "501",
        "message": "On site.",
        "role": "FROMTECH",
        "from": {"id": 88, "name": "Ada Byron"},
        "created": {"utc": "2026-03-02 01:05:00", "timezone": "UTC"},
        "replies": [{"msg_id": "502", "message": "Good.", "role": "REPLY", "from": {"id": 7, "name": "Dispatch"}}],
    }
]
FOLDERS: list[dict[str, Any]] = [
    {"id": 1, "name": "Documents", "results": []},
    {"id": 12, "name": "Misc", "results": [{"id": 5, "file": {"name": "ups.jpg", "size_bytes": 2048}}]},
]


def known(need: NeedCatalog) -> EntityCatalog | None:
    return CATALOGS.get(need.entity)


def document(**changes: Any) -> Any:
    """The work order as mappings see it, with some of the vendor's keys changed."""
    return work_order_document({**WORK_ORDER, **changes}, TIME_LOGS, EXPENSES, MESSAGES, FOLDERS)


def rule(source: str, target: str, action: str = "sync", **more: Any) -> dict[str, Any]:
    return {"source": source, "target": target, "action": action, **more}


def static(target: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"target": target, "action": "set_static", "value": value, **more}


def compiled(*raw: Mapping[str, Any], root: str = "Tickets") -> CompiledOutbound:
    """The mapping of raw outbound rules; what the load found stands among its findings."""
    rules, findings = load_rules(raw, "outbound")
    made = compile_outbound(rules, known, root)
    assert not isinstance(made, NeedCatalogs)
    return replace(made, findings=(*findings, *made.findings))


def parts(made: CompiledOutbound) -> tuple[CompiledPart, ...]:
    return made.ticket, made.time_entries, made.expense_items, made.charges, made.notes


def fault(*raw: Any, root: str = "Tickets") -> Finding:
    """The one finding of raw outbound rules, at load or at compilation."""
    (finding,) = compiled(*raw, root=root).findings
    return finding


def mapped(*raw: Mapping[str, Any], order: Any = None, index: int = 0, zone: Any = CHICAGO) -> Mapped:
    """What rules for one kind of record, without error, make of the work order and the element at the index."""
    made = compiled(*raw)
    assert made.is_sound, made.findings
    (part,) = (part for part in parts(made) if part.rules)
    seen = document() if order is None else order
    item = seen[COLLECTIONS[part.kind]][index] if COLLECTIONS[part.kind] else None
    return apply_outbound(part, seen, item, "work_order:70211", zone)


def values(*raw: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """The mapped values by target; there must be no finding."""
    got = mapped(*raw, **more)
    assert got.findings == ()
    return {value.target: value.value for value in got.values}
