"""A customer to check files against: the fields and records of a simulated database, and a company's own fields."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from app.adapters.autotask.wire.metadata import read_fields
from app.adapters.system.connection_file import load
from app.core.mapping.work_order_fields import WORK_ORDERS, with_definitions
from app.core.model.catalog import EntityCatalog, Field, PickValue
from app.core.model.connection import ConnectionFile
from app.core.model.document import Document
from app.core.model.failure import Rejected
from app.core.model.finding import Finding
from app.core.model.script import Broke
from app.services.file_check import CheckReport, check_file

HEAD = """
name: acme
time_zone: America/Chicago
autotask: {username: svc@acme.example, secret: an-autotask-secret, integration_code: OWN}
field_nation: {client_id: c, client_secret: fn-secret, username: u, password: fn-password}
"""
"""The part of a file that every customer has. Sections that a test writes itself follow it."""

TIME = "time_entries: {resource_id: 29682885, role_id: 29683354}\n"
MONEY = "expenses: {submitter_id: 29682885, expense_category: 2, payment_type: 1}\n"

CUSTOM_FIELDS = (
    Field("4711", "string", "Site code", length=20),
    Field("4712", "string", "Urgency", values=(PickValue("High", "High"), PickValue("Low", "Low")), is_picklist=True),
    Field("4713", "datetime", "Install by"),
    Field("4714", "decimal", "Rack units"),
    Field("4720", "string", "Serial number found", is_read_only=True),
    Field("4790", "string", "Account"),
)
LISTS = {
    "types_of_work[0].id": (PickValue("62", "Router"), PickValue("71", "Cabling")),
    "manager.id": (PickValue("12", "Ana Ruiz"),),
    "expenses[0].category": (PickValue("2", "Travel"), PickValue("4", "Parts")),
}


def _simulated(entity: str) -> EntityCatalog:
    metadata: Any = import_module("app.simulators.autotask.metadata")
    picklists: Any = import_module("app.simulators.autotask.picklists")
    picks = picklists.default_picklists().get(entity, {})
    known = metadata.entities().get(entity)
    rows = [metadata.describe_field(entity, one, picks.get(one.name)) for one in known.fields.values()] if known else []
    own = {"Tickets": TICKET_FIELDS, "Companies": (Field("Customer Ranking", "string"),)}.get(entity, ())
    return EntityCatalog(entity, read_fields({"fields": rows}), {one.name.lower(): one for one in own})


TICKET_FIELDS = (
    Field("Site Code", "string", length=20),
    Field("FN Work Order", "string", length=50),
    Field("Rack Units", "double"),
    Field(
        "Access Window",
        "string",
        values=(PickValue("Any time", "Any time"), PickValue("Weekend", "Weekend", is_active=False)),
        is_picklist=True,
    ),
)


@dataclass
class KnownFields:
    """`FieldSource` over the simulated database. `hidden` entities are refused, `changed` replace what is there."""

    hidden: frozenset[str] = frozenset()
    changed: dict[str, EntityCatalog] = field(default_factory=dict)

    async def catalog(self, entity: str, *, user_fields: bool = False) -> EntityCatalog:
        if entity in self.hidden:
            raise Rejected("autotask_no_permission", f"The API user may not see {entity}.")
        if entity == WORK_ORDERS:
            return self.changed.get(entity) or with_definitions(CUSTOM_FIELDS, LISTS)
        return self.changed.get(entity) or _simulated(entity)


@dataclass
class KnownRecords:
    """`TicketSystem.query` over the seed of the simulated database; counts calls. `hidden` entities are refused."""

    hidden: frozenset[str] = frozenset()
    more: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def query(
        self, entity: str, conditions: Sequence[Any], fields: Sequence[str] = ()
    ) -> AsyncIterator[Document]:
        self.asked.append(entity)
        if entity in self.hidden:
            raise Rejected("autotask_no_permission", f"The API user may not query {entity}.")
        for row in [*_seeded().get(entity, []), *self.more.get(entity, [])]:
            if all(_meets(row, one) for one in conditions):
                yield row


def _seeded() -> dict[str, list[dict[str, Any]]]:
    seed: Any = import_module("app.simulators.autotask.seeding").make_seed(tickets=3, companies=2)
    records: dict[str, list[dict[str, Any]]] = seed["databases"][0]["records"]
    return records


def _meets(row: dict[str, Any], condition: Any) -> bool:
    value, wanted = row.get(condition["field"]), condition["value"]
    return value in wanted if condition["op"] == "in" else bool(value == wanted)


class CheckedScripts:
    """`Scripts.check` that knows a broken program by a word in it."""

    def __init__(self) -> None:
        self.tried: list[str] = []

    async def check(self, script: str) -> Broke | None:
        self.tried.append(script)
        if "oops" not in script:
            return None
        return Broke("script_invalid", "line 1: expected a comma", "Mend the program at that place.")

    async def run(self, document: Document, calls: Sequence[Any]) -> Sequence[Any]:
        raise AssertionError("a check runs no program")


def loaded(folder: Path, text: str) -> ConnectionFile:
    """The file of that text, read as a person's file is; it must be without fault in itself."""
    path = folder / "acme.yaml"
    path.write_text(text, encoding="utf-8")
    result = load(path, {})
    assert result.faults == (), [fault.sentence for fault in result.faults]
    return result.files[0]


async def checked(file: ConnectionFile, **more: Any) -> CheckReport:
    """Everything that a check says of the file, against the customer above."""
    fields, records = more.get("fields") or KnownFields(), more.get("records") or KnownRecords()
    return await check_file(file, fields, records, more.get("scripts") or CheckedScripts())


def said(findings: Sequence[Finding]) -> list[str]:
    """The findings as lines, for messages of tests."""
    return [f"{one.severity}: {one.code} {one.field}: {one.text} {one.mend}" for one in findings]
