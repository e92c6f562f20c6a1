"""What crashes are tested with: work orders, facts that cause exactly one kind of write, and what must stand then."""

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from app.core.model.intake import Delivery, Source, Wanted
from app.core.model.job import JobKind
from tests.e2e.kit import COMPLETE, Customer, Kit
from tests.e2e.push_kit import OUTBOUND, WORK_DONE, Site

Item = dict[str, int]
Step = Callable[["Subject", Item], Awaitable[None]]

TELLING = {
    "TimeEntries": "hoursWorked",
    "TicketCharges": "unitPrice",
    "ExpenseItems": "expenseCurrencyExpenseAmount",
    "TicketNotes": "description",
    "TicketAttachments": "fileSize",
}
"""The field by which a record shows that it is as its fact."""

_MARK = re.compile(r"\(#([^()\s]+)\)")
_MARKED = ("internalNotes", "notes", "purchaseOrderNumber", "title")
_FIRST_WEEK = date(2026, 1, 5)
_NEW_TICKET = {"CompanyID": 29762801, "QueueID": 29683354, "Priority": 2, "DueDateTime": "2026-11-20T20:00:00Z"}

CREATES: list[dict[str, Any]] = [
    {"source": "title", "target": "Ticket:Title", "action": "sync"},
    *({"target": f"Ticket:{name}", "action": "set_static", "value": value} for name, value in _NEW_TICKET.items()),
]
DATED: list[dict[str, Any]] = [
    {"source": "expenses[0].description", "target": "expense.items[0].ExpenseDate", "action": "sync"},
]
"""Expenses of these customers are described by their day, so that each can have a week, and a report, of its own."""


@dataclass(slots=True)
class Subject:
    """A work order and what it should have made of its ticket: records by entity and mark, how often each was
    written, and the ticket's own fields. `paired` is the record that it is a pair with, 0 when there is none."""

    site: Site
    serial: int
    paired: int = 0
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    writes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    fields: dict[str, Any] = field(default_factory=dict)
    weeks: set[date] = field(default_factory=set)
    _logs: int = 0

    @property
    def customer(self) -> Customer:
        return self.site.customer

    @property
    def is_charged(self) -> bool:
        return self.customer.connection.file.expenses.additional_charges == "charge"

    async def act(self, action: str, **body: Any) -> Item:
        return await self.site.act(action, **body)

    def stands(self, entity: str, mark: object, value: Any, verb: str) -> None:
        """From now on that record should hold the value, after one more write of that verb."""
        self.records.setdefault(entity, {})[str(mark)] = value
        self.writes[entity, str(mark), verb] += 1

    def gone(self, entity: str, mark: object) -> None:
        """From now on that record should be deleted."""
        del self.records[entity][str(mark)]
        self.writes[entity, str(mark), "delete"] += 1

    def next_hour(self) -> int:
        """Hours at which no other time log of this work order is."""
        self._logs += 1
        return 2 * self._logs


async def _log(subject: Subject, item: Item) -> None:
    hour = item["hour"] = subject.next_hour()
    times = {"in": f"2026-11-02T{hour:02}:00:00", "out": f"2026-11-02T{hour + 1:02}:00:00"}
    item["log"] = (await subject.act("add_time_log", **times))["time_log"]
    subject.stands("TimeEntries", item["log"], 1.0, "create")


async def _edit_log(subject: Subject, item: Item) -> None:
    await subject.act("edit_time_log", time_log=item["log"], out=f"2026-11-02T{item['hour'] + 1:02}:30:00")
    subject.stands("TimeEntries", item["log"], 1.5, "update")


async def _delete_log(subject: Subject, item: Item) -> None:
    await subject.act("delete_time_log", time_log=item["log"])
    subject.gone("TimeEntries", item["log"])


async def _spend(subject: Subject, item: Item) -> None:
    """An approved expense, in the week of the item or in one of its own."""
    week = item.setdefault("week", 2 * subject.serial + len(subject.weeks))
    day = _FIRST_WEEK + timedelta(weeks=week)
    subject.weeks.add(day)
    made = await subject.act("add_expense", amount="40.50", description=day.isoformat())
    item["expense"] = made["expense"]
    await subject.act("approve_expense", expense=item["expense"])
    subject.stands("TicketCharges" if subject.is_charged else "ExpenseItems", item["expense"], 40.5, "create")


async def _spend_again(subject: Subject, item: Item) -> None:
    await _spend(subject, {"week": item["week"]})


async def _edit_expense(subject: Subject, item: Item) -> None:
    await subject.act("edit_expense", expense=item["expense"], amount="41.75")
    subject.stands("TicketCharges" if subject.is_charged else "ExpenseItems", item["expense"], 41.75, "update")


async def _deny(subject: Subject, item: Item) -> None:
    await subject.act("deny_expense", expense=item["expense"], reason="Not agreed")
    if subject.is_charged:
        subject.gone("TicketCharges", item["expense"])
    else:
        subject.stands("ExpenseItems", item["expense"], 0.0, "update")


async def _say(subject: Subject, item: Item) -> None:
    text = f"Line {subject.next_hour()} of order {subject.serial}"
    item["message"] = (await subject.act("post_message", message=text))["message"]
    subject.stands("TicketNotes", item["message"], text, "create")


async def _upload(subject: Subject, item: Item) -> None:
    made = await subject.act("upload", name=f"rack-{subject.next_hour()}.jpg", text="bytes")
    item["attachment"], item["folder"] = made["attachment"], made["folder"]
    subject.stands("TicketAttachments", _key(item), 5.0, "create")


async def _replace_file(subject: Subject, item: Item) -> None:
    await subject.act("replace_file", attachment=item["attachment"], text="other bytes")
    subject.gone("TicketAttachments", _key(item))
    subject.stands("TicketAttachments", _key(item), 11.0, "create")


async def _delete_file(subject: Subject, item: Item) -> None:
    await subject.act("delete_file", attachment=item["attachment"])
    subject.gone("TicketAttachments", _key(item))


def _key(item: Item) -> str:
    return f"{item['folder']}/{item['attachment']}"


async def _conclude(subject: Subject, item: Item) -> None:
    text = f"Replaced part {subject.next_hour()}."
    await subject.act("closing_notes", closing_notes=text)
    subject.fields["resolution"] = text


async def _finish(subject: Subject, item: Item) -> None:
    """The work is done; the second time, it is approved."""
    is_done = subject.fields.get("status") == WORK_DONE
    await subject.act("approve" if is_done else "work_done")
    subject.fields["status"] = COMPLETE if is_done else WORK_DONE


async def _nothing(subject: Subject, item: Item) -> None:
    return None


async def _arrive(subject: Subject, item: Item) -> None:
    """A newer work order takes the place of the subject's: one made in the second of the switch does not count."""
    subject.site = (await assigned_order(subject.customer, subject.serial)).site


@dataclass(frozen=True, slots=True)
class Change:
    """A fact that causes one kind of write. `write` is what the simulator calls it, `kind` and `verb` the ledger;
    `before` makes what has to stand first. With `looks` of two, what is missing has to be missing twice."""

    name: str
    write: str
    kind: str
    verb: str
    step: Step
    before: Step = _nothing
    looks: int = 1

    @property
    def method(self) -> str:
        return self.write.split()[0]

    @property
    def path(self) -> str:
        """An expression for the paths of such calls."""
        return "/" + self.write.split()[1].replace("{id}", r"\d+") + "$"

    @property
    def has_base(self) -> bool:
        """Whether something has to be written before."""
        return self.before is not _nothing

    @property
    def is_of_pair(self) -> bool:
        """Whether the work order belongs to a ticket before."""
        return self.kind != "ticket"


TIME_CREATE = Change("time create", "POST TimeEntries", "time_entry", "create", _log)
TIME_PATCH = Change("time patch", "PATCH TimeEntries", "time_entry", "update", _edit_log, _log)
TIME_DELETE = Change("time delete", "DELETE TimeEntries/{id}", "time_entry", "delete", _delete_log, _log, looks=2)
CHARGE_CREATE = Change("charge create", "POST Tickets/{id}/Charges", "charge", "create", _spend)
CHARGE_PATCH = Change("charge patch", "PATCH Tickets/{id}/Charges", "charge", "update", _edit_expense, _spend)
CHARGE_DELETE = Change("charge delete", "DELETE Tickets/{id}/Charges/{id}", "charge", "delete", _deny, _spend)
REPORT_CREATE = Change("report create", "POST ExpenseReports", "expense_report", "create", _spend)
ITEM_CREATE = Change("item create", "POST Expenses/{id}/Items", "expense_item", "create", _spend_again, _spend)
ITEM_PATCH = Change("item patch", "PATCH Expenses/{id}/Items", "expense_item", "update", _edit_expense, _spend)
ITEM_ZERO = Change("item zero", "PATCH Expenses/{id}/Items", "expense_item", "zero", _deny, _spend)
NOTE_CREATE = Change("note create", "POST Tickets/{id}/Notes", "note", "create", _say)
FILE_CREATE = Change("file create", "POST Tickets/{id}/Attachments", "attachment", "create", _upload)
FILE_REPLACE = Change(
    "file replace", "DELETE Tickets/{id}/Attachments/{id}", "attachment", "delete", _replace_file, _upload
)
FILE_DELETE = Change(
    "file delete", "DELETE Tickets/{id}/Attachments/{id}", "attachment", "delete", _delete_file, _upload, looks=2
)
FIELDS_PATCH = Change("fields patch", "PATCH Tickets", "ticket_fields", "update", _conclude)
STATUS_PATCH = Change("status patch", "PATCH Tickets", "ticket_status", "update", _finish)
TICKET_CREATE = Change("ticket create", "POST Tickets", "ticket", "create", _arrive)

TASK_NOTE = replace(NOTE_CREATE, name="task note", write="POST Tasks/{id}/Notes")
TASK_FILE = replace(FILE_CREATE, name="task file", write="POST Tasks/{id}/Attachments")
TASK_FILE_DELETE = replace(FILE_DELETE, name="task file delete", write="DELETE Tasks/{id}/Attachments/{id}")
PROJECT_PATCH = replace(FIELDS_PATCH, name="project patch", write="PATCH Projects")
CALL_PATCH = replace(FIELDS_PATCH, name="call patch", write="PATCH ServiceCalls")


async def push(subjects: Iterable[Subject]) -> None:
    """A person's push of all of them, as `broker sync` asks for it."""
    by_customer: dict[str, list[Subject]] = {}
    for one in subjects:
        by_customer.setdefault(one.customer.connection.name, []).append(one)
    for several in by_customer.values():
        customer = several[0].customer
        wanted = tuple(Wanted(JobKind.PUSH_WORK_ORDER, str(one.site.order), str(one.site.order)) for one in several)
        delivery = Delivery(customer.connection.id, Source.PERSON, "text/plain", b"", wanted)
        await customer.kit.wiring.inbox.accept(delivery)


async def assigned_order(customer: Customer, serial: int) -> Subject:
    """A work order made by a person in Field Nation, with a provider; it is no pair yet."""
    sims, company = customer.kit.sims, customer.company
    url = f"{sims.field_nation}/_sim/ui/{company}/workorders"
    made = await sims.call("POST", url, {"title": f"Visit {serial}"})
    subject = Subject(Site(customer, int(made["made"]["work_order"]), 0), serial)
    await subject.act("publish")
    await subject.act("accept")
    return subject


async def pair(subject: Subject, record: int, *, ticket: int | None = None) -> None:
    """A pair with that record, made by hand; `ticket` holds its items."""
    customer, order = subject.customer, subject.site.order
    await customer.kit.wiring.persons_links.add(customer.connection.id, record, "", order)
    subject.paired, subject.site = record, replace(subject.site, ticket=record if ticket is None else ticket)


async def new_to_us(kit: Kit) -> None:
    """For no pair has an earlier connector written anything, as for those that the broker makes."""
    await kit.rows("UPDATE links SET is_adopted = true")


async def rows(customer: Customer, entity: str) -> list[dict[str, Any]]:
    """All records of that entity as they stand."""
    sims = customer.kit.sims
    return list(await sims.call("GET", f"{sims.autotask}/_sim/state?database={customer.ci}&entity={entity}"))


async def written(customer: Customer) -> list[dict[str, Any]]:
    """The writes of the broker that this customer's Autotask carried out."""
    url = f"{customer.kit.sims.autotask}/_sim/writes?database={customer.ci}&client=broker/&committed=1"
    return list(await customer.kit.sims.call("GET", url))


def mark_of(record: dict[str, Any]) -> str:
    """The mark that says which fact a record stands for."""
    texts = (str(record.get(name) or "") for name in _MARKED)
    return next((found[1] for text in texts if (found := _MARK.search(text))), "")


async def faults_of(customer: Customer, subjects: Iterable[Subject], object_entity: str = "Tickets") -> list[str]:
    """Everything in which Autotask is not as the work orders of the customer say; empty when all is well."""
    mine, made = list(subjects), await written(customer)
    found = [*await _wrong_tickets(customer, mine), *await _wrong_records(customer, mine)]
    found += await _wrong_fields(customer, mine, object_entity)
    return [*found, *_wrong_writes(customer, mine, made), *_repeated(customer, made, object_entity)]


def _entity(subject: Subject, name: str) -> str:
    """What the records are called where the items of the work order go to."""
    is_task = subject.customer.connection.file.autotask.service_object == "Project"
    return name.replace("Ticket", "Task") if is_task and name != "TicketCharges" else name


async def _wrong_tickets(customer: Customer, subjects: list[Subject]) -> list[str]:
    """Work orders that had no ticket have one each now, which becomes their pair's; nobody else has got one."""
    made: dict[str, list[int]] = {}
    for row in await rows(customer, "Tickets"):
        if row.get("externalID"):
            made.setdefault(row["externalID"], []).append(row["id"])
    for one in subjects:
        ids = made.pop(f"FN-WO-{one.site.order}", [])
        if len(ids) != (0 if one.site.ticket else 1):
            return [f"{customer.connection.name}: work order {one.site.order} has the tickets {ids}"]
        one.paired = one.paired or ids[0]
    return [f"{customer.connection.name}: nobody asked for the tickets {made}"] if made else []


async def _wrong_records(customer: Customer, subjects: list[Subject]) -> list[str]:
    wanted: Counter[tuple[str, str, Any]] = Counter()
    for one in subjects:
        for name, marks in one.records.items():
            wanted.update((_entity(one, name), mark, value) for mark, value in marks.items())
    standing: Counter[tuple[str, str, Any]] = Counter()
    for entity in (*TELLING, "TaskNotes", "TaskAttachments"):
        telling = TELLING[entity.replace("Task", "Ticket")]
        for row in await rows(customer, entity):
            value = row[telling]
            standing[entity, mark_of(row), value if entity.endswith("Notes") else float(value)] += 1
    return [
        *(f"{customer.connection.name}: lacks {one}" for one in wanted - standing),
        *(f"{customer.connection.name}: has too much {one}" for one in standing - wanted),
    ]


_FIELD_NAMES = {"ServiceCalls": {"resolution": "description"}, "Projects": {"resolution": "description"}}


async def _wrong_fields(customer: Customer, subjects: list[Subject], entity: str) -> list[str]:
    by_id = {row["id"]: row for row in await rows(customer, entity)}
    names = _FIELD_NAMES.get(entity, {})
    return [
        f"{customer.connection.name}: {entity} {one.paired} has {name} {by_id[one.paired].get(names.get(name, name))!r}"
        for one in subjects
        for name, value in one.fields.items()
        if by_id[one.paired].get(names.get(name, name)) != value
    ]


def _repeated(customer: Customer, made: list[dict[str, Any]], entity: str) -> list[str]:
    """Values that were written to a record of the pairs more than once."""
    of_pairs = [entry for entry in made if entry["entity"] == entity and entry["verb"] == "update"]
    values = Counter(
        (entry["record"], name, str(value))
        for entry in of_pairs
        for name, value in entry["body"].items()
        if name not in ("id", "userDefinedFields")
    )
    return [
        f"{customer.connection.name}: {one} was written {count} times" for one, count in values.items() if count > 1
    ]


def _wrong_writes(customer: Customer, subjects: list[Subject], entries: list[dict[str, Any]]) -> list[str]:
    """Writes that were made too often or too rarely, by entity, mark and verb."""
    wanted: Counter[tuple[str, str, str]] = Counter()
    for one in subjects:
        wanted.update(one.writes)
    reports = sum(len(one.weeks) for one in subjects if not one.is_charged)
    made: Counter[tuple[str, str, str]] = Counter()
    marks: dict[tuple[str, int], str] = {}
    for entry in entries:
        entity = entry["entity"].replace("Task", "Ticket")
        if entity == "ExpenseReports":
            reports -= 1
        if entity not in TELLING:
            continue
        record = int(entry["item_id"] if entry["verb"] == "create" else entry["record"])
        if entry["verb"] == "create":
            marks[entity, record] = mark_of(entry["body"])
        made[entity, marks[entity, record], entry["verb"]] += 1
    odd = [f"{customer.connection.name}: {one} was written {made[one]} times, not {wanted[one]}"
           for one in sorted({*wanted, *made}) if made[one] != wanted[one]]  # fmt: skip
    return odd if not reports else [*odd, f"{customer.connection.name}: {reports} reports too few (or many)"]


OUTBOUND_OF = {
    "Tickets": OUTBOUND,
    "ServiceCalls": [{"source": "closing_notes", "target": "Description", "action": "sync"}],
    "Projects": [{"source": "closing_notes", "target": "Description", "action": "sync"}],
}


async def at_rest(kit: Kit) -> bool:
    """Whether no receipt waits and no job is queued or at work."""
    waiting = await kit.rows("SELECT count(*) AS n FROM jobs WHERE state IN ('queued', 'running')")
    receipts = await kit.rows("SELECT count(*) AS n FROM receipts WHERE outcome IS NULL")
    return not waiting[0]["n"] and not receipts[0]["n"]
