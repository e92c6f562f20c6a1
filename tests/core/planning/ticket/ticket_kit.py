"""A work order, a ledger and an Autotask in memory: what a push plans is carried out as the services would."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.adapters.postgres.documents import dumps, loads
from app.core.mapping.apply_outbound import apply_outbound
from app.core.mapping.outbound import CompiledOutbound
from app.core.mapping.work_order_document import work_order_document
from app.core.model.connection import ConnectionFile
from app.core.model.finding import Finding
from app.core.model.ids import ConnectionId, LedgerId
from app.core.model.intent import Intent
from app.core.model.ledger import EntryKey, LedgerEntry, LedgerState, Observed
from app.core.model.script import ScriptOutcome
from app.core.planning.ticket.context import Context
from app.core.planning.ticket.items import Ask
from app.core.planning.ticket.lengths import lengths_with
from app.core.planning.ticket.place import Place
from app.core.planning.ticket.to_ticket import Complete, TicketPlan, plan_files, plan_items
from tests.core.mapping.outbound_kit import compiled
from tests.fakes.connections import a_file

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
ORDER, OWNER = 70211, "work_order:70211"
SECOND_LOOK = timedelta(minutes=1)
ALL = Complete(time_logs=True, expenses=True, files=True)

TIME_SETTINGS = {"resource_id": 29682885, "role_id": 29683354}
MONEY_SETTINGS = {
    "submitter_id": 29682885,
    "expense_category": 2,
    "payment_type": 1,
    "charge": {"billing_code_id": 29682801, "charge_type": 1},
}


def the_file(**parts: Any) -> ConnectionFile:
    """A connection in Chicago that sends all; parts are laid over its settings."""
    time = {**TIME_SETTINGS, **parts.pop("time_entries", {})}
    money = {**MONEY_SETTINGS, **parts.pop("expenses", {})}
    return a_file(**{"time_zone": "America/Chicago", "time_entries": time, "expenses": money, **parts})


def log(id: Any = 312, start: str = "2026-03-02 15:02:00", end: str = "2026-03-02 16:57:00", **more: Any) -> Any:
    """A time log as the vendor gives it; times in UTC, an empty end while somebody is checked in."""
    out = {"created": {"utc": end}} if end else []
    by = {"id": 88, "first_name": "Ada", "last_name": "Byron"}
    return {"id": id, "in": {"created": {"utc": start}}, "out": out, "logged_by": by, **more}


def expense(id: Any = 9001, amount: Any = "50.00", status: str = "approved", **more: Any) -> Any:
    rest = {
        "quantity": 1,
        "description": "Taxi",
        "category": {"id": 2, "label": "Travel"},
        "added": {"utc": "2026-03-02 03:10:00"},
    }
    return {"id": id, "amount": amount, "status": status, **rest, **more}


def message(id: Any = "501", text: str = "On site.", role: str = "FROMTECH", **more: Any) -> Any:
    by = {"id": 88, "name": "Ada Byron", "role": "Provider"}
    return {"msg_id": id, "message": text, "role": role, "from": by, "created": {"utc": "2026-03-02 01:05:00"}, **more}


def a_photo(id: Any = 5, name: str = "ups.jpg", size: Any = 2048, folder: int = 12, **more: Any) -> Any:
    link = {"name": name, "size_bytes": size, "link": f"https://files.example/{id}"}
    return {"id": id, "folder_id": folder, "file": link, **more}


@dataclass(slots=True)
class Desk:
    """One work order and everything that a push knows and writes. `refused` are (verb, kind) that Autotask refuses,
    with the state that the ledger gets; `made` is every write that was carried out; `outcome` is what the program of
    the first rule gives."""

    file: ConnectionFile = field(default_factory=the_file)
    rules: CompiledOutbound = field(default_factory=compiled)
    place: Place = field(default_factory=lambda: Place("Tickets", 7))
    time_logs: list[Any] = field(default_factory=list)
    expenses: list[Any] = field(default_factory=list)
    messages: list[Any] = field(default_factory=list)
    files: list[Any] = field(default_factory=list)
    status: Any = 4
    may_delete_charges: bool = True
    refused: dict[tuple[str, str], LedgerState] = field(default_factory=dict)
    entries: dict[EntryKey, LedgerEntry] = field(default_factory=dict)
    records: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    made: list[Intent] = field(default_factory=list)
    lengths: Mapping[str, Mapping[str, int]] = field(default_factory=lambda: lengths_with(()))
    outcome: ScriptOutcome | None = None
    _next: int = 1000

    def order(self) -> Any:
        return {
            "id": ORDER,
            "title": "Replace UPS",
            "status": {"id": self.status},
            "closing_notes": "Swapped the unit.",
            "assignee": {"user": {"id": 89, "first_name": "Max", "last_name": "Born"}},
        }

    def context(self) -> Context:
        document = work_order_document(self.order(), self.time_logs, self.expenses, self.messages, self.files)
        zone = ZoneInfo(self.file.time_zone)
        return Context(
            id=ORDER,
            order=document,
            file=self.file,
            place=self.place,
            apply=lambda kind, item: apply_outbound(
                getattr(self.rules, kind), document, item, OWNER, zone, {0: self.outcome} if self.outcome else {}
            ),
            lengths=self.lengths,
            entries=tuple(self.entries.values()),
        )

    def plan(self, complete: Complete = ALL, **ask: bool) -> TicketPlan:
        """What a push would do now."""
        asked = Ask(OWNER, SECOND_LOOK, **ask)
        return plan_items(self.context(), asked, complete, may_delete_charges=self.may_delete_charges)

    def plan_of_files(self, complete: Complete = ALL, **ask: bool) -> TicketPlan:
        return plan_files(self.context(), Ask(OWNER, SECOND_LOOK, **ask), is_complete=complete.files)

    def push(self, complete: Complete = ALL, **ask: bool) -> TicketPlan:
        """Plans and carries out; the plan."""
        return self.carry_out(self.plan(complete, **ask))

    def push_files(self, complete: Complete = ALL, **ask: bool) -> TicketPlan:
        return self.carry_out(self.plan_of_files(complete, **ask))

    def push_twice(self, **ask: bool) -> TicketPlan:
        """A push and, once the second look is due, the one that believes an absence."""
        self.push(**ask)
        self.wait()
        return self.push(**ask)

    def carry_out(self, plan: TicketPlan) -> TicketPlan:
        """Makes the writes in their order. A void one ends the pass: it was not sent, or its answer was lost."""
        for seen in plan.observed:
            self._observe(seen)
        for intent in plan.intents:
            self.write(intent)
            if self.entry(intent.kind, intent.key).state is LedgerState.VOID:
                break
        return plan

    def wait(self, time: timedelta = SECOND_LOOK) -> None:
        """Time passes for what is missing."""
        for key, entry in self.entries.items():
            if entry.missing_for is not None:
                self.entries[key] = replace(entry, missing_for=entry.missing_for + time)

    def write(self, intent: Intent, *, lost: LedgerState | None = None) -> None:
        """Makes one write as the services do. `lost`: what a look after a lost answer said of it."""
        self.made.append(intent)
        key, attempted = EntryKey(OWNER, intent.kind, intent.key), intent.attempted
        if intent.kind == "expense_item" and intent.verb == "create":
            attempted = {**attempted, "parent": ["Expenses", 900]}
        became = lost or self.refused.get((intent.verb, intent.kind))
        old = self.entries.get(key)
        remote = old.remote_id if old else ""
        if became is None:
            became = LedgerState.DELETED if intent.verb in ("delete", "zero") else LedgerState.WRITTEN
            remote = str(self._in_autotask(intent))
        note = "Autotask says no." if became in (LedgerState.REJECTED, LedgerState.BLOCKED) else ""
        self.entries[key] = entry_of(key, intent.verb, became, remote, loads(dumps(attempted)), note)

    def _in_autotask(self, intent: Intent) -> int:
        if intent.verb == "create":
            self._next += 1
            self.records[intent.entity, self._next] = {"id": self._next, **intent.body}
            return self._next
        record = self.records[intent.entity, intent.record]
        if intent.verb == "delete":
            del self.records[intent.entity, intent.record]
        else:
            record.update(intent.body)
        return intent.record

    def _observe(self, seen: Observed) -> None:
        (key,) = (key for key, entry in self.entries.items() if entry.id == seen.id)
        entry = self.entries[key]
        if seen.facts is not None:
            entry = replace(entry, attempted={**entry.attempted, "facts": {**entry.facts, **seen.facts}})
        if seen.is_missing is not None:
            entry = replace(entry, missing_for=(entry.missing_for or timedelta()) if seen.is_missing else None)
        self.entries[key] = entry

    def entry(self, kind: str, key: str) -> LedgerEntry:
        return self.entries[EntryKey(OWNER, kind, key)]

    def set_entry(self, kind: str, key: str, **changes: Any) -> None:
        """Changes the ledger, as a person or another connector's records would."""
        full = EntryKey(OWNER, kind, key)
        standing = self.entries.get(full) or entry_of(full, "create", LedgerState.WRITTEN, "", {}, "")
        self.entries[full] = replace(standing, **changes)

    def rows(self, entity: str) -> list[dict[str, Any]]:
        """What stands in Autotask, in the order it was made."""
        return [record for (name, _), record in sorted(self.records.items()) if name == entity]

    def row(self, entity: str) -> dict[str, Any]:
        (one,) = self.rows(entity)
        return one


def entry_of(key: EntryKey, verb: str, state: LedgerState, remote: str, attempted: Any, note: str) -> LedgerEntry:
    id = LedgerId(hash(key))
    return LedgerEntry(
        id, ConnectionId(1), key, verb, state, "", remote, NOW, timedelta(minutes=5), attempted, note, None
    )


def verbs(plan: TicketPlan) -> list[tuple[str, str]]:
    """What is intended, as (verb, key)."""
    return [(intent.verb, intent.key) for intent in plan.intents]


def codes(findings: Iterable[Finding]) -> list[str]:
    return [finding.code for finding in findings]
