"""What a company defined: its custom fields and its own lists, as far as the API user may see them."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from app.adapters.fieldnation.auth import Grant
from app.adapters.fieldnation.client import FieldNationWorkOrders
from app.adapters.fieldnation.definitions import FieldNationDefinitions
from app.adapters.fieldnation.parts import FieldNationParts
from app.adapters.fieldnation.session import FieldNationSession
from app.adapters.http.sender import Sender
from app.adapters.system.clock import SystemClock
from app.core.mapping.item_paths import parse_order_source, read_order_source
from app.core.mapping.paths import Path
from app.core.mapping.reading import Found
from app.core.mapping.work_order_document import work_order_document
from app.core.mapping.work_order_fields import SHARED_FIELDS
from app.core.model.catalog import Field, PickValue
from app.core.model.failure import Gone, Refused, Rejected, Transient
from app.core.model.ids import WorkOrderId
from app.ports.parts import PartName
from app.simulators.field_nation.app import create_app
from app.simulators.field_nation.seeding import make_seed

LISTS = ["/custom-fields", "/types-of-work", "/company/expenses", "/company/managers"]
GRANT = Grant("password", "fn-client", "fn-secret", "api@northwind.example", "correct horse battery")
LISTS_OF_ORDER: tuple[PartName, ...] = ("time_logs", "expenses", "messages", "attachments")
WINDOW = {"mode": "between", "start": {"utc": "2026-04-02 14:00:00"}, "end": {"utc": "2026-04-02 18:00:00"}}
ORDER = {
    "title": "Replace UPS",
    "client": {"id": 70013},
    "project": {"id": 70014},
    "template": {"id": 6},
    "types_of_work": [{"id": 62, "isPrimary": True}],
    "contacts": {"results": [{"name": "R. Lee", "role": "Location Contact"}]},
    "location": {"mode": "location", "saved_location": {"id": 5}},
    "schedule": {"service_window": WINDOW},
    "pay": {"type": "hourly", "base": {"amount": 60, "units": 2}},
}
MANAGERS = [{"id": 7, "first_name": "Pat", "last_name": "Doe"}, {"id": 8, "first_name": "Lee"}]
COMPANY = {"metadata": {"total": 1, "pages": 1}, "results": [{"id": 7, "company": {"id": 7001}}]}
ROWS: dict[str, list[dict[str, Any]]] = {
    "/custom-fields": [{"id": 4711, "name": "Site code", "type": "text", "flags": ["required"]}],
    "/types-of-work": [{"id": 62, "name": "Cabling"}, {"id": 63, "name": "Printers"}],
    "/company/expenses": [
        {"uid": 11, "id": 2, "label": "Travel", "type": "system"},
        {"uid": 12, "id": 2, "label": "Parking", "type": "custom"},
    ],
}


@pytest.fixture
def definitions(session: FieldNationSession) -> FieldNationDefinitions:
    return FieldNationDefinitions(session)


def path_of(seen: Any) -> str:
    return str(seen.path).removeprefix("/api/rest/v2")


def answering(**faults: tuple[Any, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """Answers every list; a list named in `faults` (with `_` for `-` and `/`) gets that answer instead."""

    def answer(seen: Any) -> tuple[Any, ...]:
        path = path_of(seen)
        name = path.strip("/").replace("-", "_").replace("/", "_")
        if path == "/company/managers" and name not in faults:
            return 200, MANAGERS
        rows = ROWS.get(path, COMPANY["results"])
        return faults.get(name) or (200, {"metadata": {"total": len(rows), "pages": 1}, "results": rows})

    return answer


def defined(*rows: dict[str, Any]) -> Callable[[Any], tuple[Any, ...]]:
    return answering(custom_fields=(200, {"metadata": {"total": len(rows), "pages": 1}, "results": list(rows)}))


async def field_of(definitions: FieldNationDefinitions, vendor: Any, **row: Any) -> Field:
    vendor.answer = defined({"id": 4711, "name": "Site code", "type": "text", **row})
    return (await definitions.definitions()).user_fields["4711"]


async def test_four_short_lists_are_four_calls(definitions: FieldNationDefinitions, vendor: Any) -> None:
    vendor.answer = answering()
    catalog = await definitions.definitions()
    assert [path_of(seen) for seen in vendor.calls] == LISTS
    assert catalog.entity == "work_orders"
    assert catalog.user_fields == {"4711": Field("4711", "string", "Site code", is_required=True)}


async def test_lists_of_the_company_become_the_values_of_its_fields(
    definitions: FieldNationDefinitions, vendor: Any
) -> None:
    vendor.answer = answering()
    fields = (await definitions.definitions()).fields
    assert fields["types_of_work[0].id"].values == (PickValue("62", "Cabling"), PickValue("63", "Printers"))
    assert [pick.value for pick in fields["expenses[0].category"].values] == ["Travel", "Parking", "Uncategorized"]
    assert fields["manager.id"].values == (PickValue("7", "Pat Doe"), PickValue("8", "Lee"))
    assert fields["expenses[0].category.id"].values == (PickValue("2", "Travel"), PickValue("2", "Parking"))
    assert all(fields[path] == SHARED_FIELDS.fields[path] for path in fields if not fields[path].values)


async def test_custom_fields_are_read_to_the_last_page(definitions: FieldNationDefinitions, vendor: Any) -> None:
    rows = [{"id": number, "name": f"Field {number}", "type": "text"} for number in range(1, 8)]

    def answer(seen: Any) -> tuple[Any, ...]:
        if path_of(seen) != "/custom-fields":
            return answering()(seen)
        page = int(seen.query["page"])
        return 200, {"metadata": {"total": 7, "pages": 3}, "results": rows[(page - 1) * 3 : page * 3]}

    vendor.answer = answer
    catalog = await definitions.definitions()
    assert list(catalog.user_fields) == [str(number) for number in range(1, 8)]
    assert len(vendor.calls) == 6


@pytest.mark.parametrize(
    ("type", "ours"),
    [
        ("text", "string"),
        ("numeric", "decimal"),
        ("date", "date"),
        ("date_time", "datetime"),
        ("time", "time"),
        ("phone", "phone"),
        ("predefined", "string"),
        ("signature", "signature"),
    ],
)
async def test_a_custom_field_has_a_type_of_the_catalogue(
    definitions: FieldNationDefinitions, vendor: Any, type: str, ours: str
) -> None:
    assert (await field_of(definitions, vendor, type=type)).type == ours


@pytest.mark.parametrize(
    "options",
    [["Red", "Blue", "Red"], [{"id": 1, "value": "Red"}, {"id": 2, "value": "Blue"}], [{"name": "Red"}, "Blue", None]],
)
async def test_options_are_the_texts_that_the_field_holds(
    definitions: FieldNationDefinitions, vendor: Any, options: list[Any]
) -> None:
    field = await field_of(definitions, vendor, type="predefined", options=options)
    assert (field.values, field.is_picklist) == ((PickValue("Red", "Red"), PickValue("Blue", "Blue")), True)


async def test_a_field_without_options_is_no_picklist(definitions: FieldNationDefinitions, vendor: Any) -> None:
    assert not (await field_of(definitions, vendor, options=None)).is_picklist


@pytest.mark.parametrize(
    ("row", "is_required"),
    [
        ({"flags": ["required"]}, True),
        ({"required": 1}, True),
        ({"required": 0, "flags": []}, False),
        ({"flags": "required"}, False),
        ({"flags": ["required"], "role": "buyer", "for_tech": 0}, True),
        ({"flags": ["required", "admin_edit_only"], "admin_edit_only": 1}, True),
    ],
)
async def test_a_field_of_the_buyer_is_writable_and_required_by_its_flags(
    definitions: FieldNationDefinitions, vendor: Any, row: dict[str, Any], is_required: bool
) -> None:
    field = await field_of(definitions, vendor, **row)
    assert (field.is_required, field.is_read_only, field.is_queryable) == (is_required, False, True)


@pytest.mark.parametrize("row", [{"for_tech": 1}, {"role": "assigned_provider"}])
async def test_a_field_of_the_provider_is_only_read_and_not_required_of_us(
    definitions: FieldNationDefinitions, vendor: Any, row: dict[str, Any]
) -> None:
    field = await field_of(definitions, vendor, flags=["required"], **row)
    assert (field.is_required, field.is_read_only, field.is_queryable) == (False, True, True)


@pytest.mark.parametrize("status", [403, 404, 410, 401])
@pytest.mark.parametrize("name", ["custom_fields", "types_of_work", "company_expenses", "company_managers"])
async def test_a_list_that_is_not_shown_takes_nothing_from_the_others(
    definitions: FieldNationDefinitions, vendor: Any, name: str, status: int
) -> None:
    vendor.answer = answering(**{name: (status, {"message": "no"})})
    catalog = await definitions.definitions()
    shown = {
        "custom_fields": bool(catalog.user_fields),
        "types_of_work": bool(catalog.fields["types_of_work[0].id"].values),
        "company_managers": bool(catalog.fields["manager.id"].values),
        "company_expenses": bool(catalog.fields["expenses[0].category"].values),
    }
    assert shown == {one: one != name for one in shown}


async def test_a_refused_token_is_not_taken_for_an_empty_company(
    definitions: FieldNationDefinitions, vendor: Any
) -> None:
    vendor.answer = lambda _: (401, {"message": "You must provide a valid OAuth token to make a request"})
    with pytest.raises(Refused):
        await definitions.definitions()


@pytest.mark.parametrize("name", ["custom_fields", "types_of_work", "company_expenses", "company_managers"])
async def test_trouble_with_the_vendor_is_raised_and_not_kept_as_an_empty_list(
    definitions: FieldNationDefinitions, vendor: Any, name: str
) -> None:
    vendor.answer = answering(**{name: (502, b"bad gateway")})
    with pytest.raises(Transient):
        await definitions.definitions()


async def test_a_refusal_for_another_reason_is_raised(definitions: FieldNationDefinitions, vendor: Any) -> None:
    vendor.answer = answering(types_of_work=(422, {"message": "page is too large"}))
    with pytest.raises(Rejected) as caught:
        await definitions.definitions()
    assert not isinstance(caught.value, Gone)


@dataclass
class Simulated:
    """A company at the simulator, its session, and what people do on its screens."""

    session: FieldNationSession
    people: httpx.AsyncClient

    async def act(self, number: int, action: str, **body: Any) -> None:
        answer = await self.people.post(f"/_sim/ui/7001/workorders/{number}/{action}", json=body)
        assert answer.status_code == 200, (action, answer.text)


@pytest.fixture
async def simulated(serve_app: Callable[[Any], AbstractAsyncContextManager[str]]) -> AsyncIterator[Simulated]:
    fields = [
        {"id": 9001, "name": "Urgency", "type": "predefined", "options": ["Low", "High"], "flags": ["required"]},
        {"id": 9002, "name": "Serial", "type": "text", "role": "assigned_provider", "flags": ["required"]},
    ]
    site = {"id": 5, "display_name": "Depot", "address1": "1 Road", "city": "Edina", "state": "MN", "zip": "55435"}
    app = create_app(
        make_seed(
            7001,
            settings={"rate_per_minute": 0},
            custom_fields=fields,
            locations=[{**site, "country": "US"}],
            templates=[{"id": 6, "name": "Standard"}],
        )
    )
    async with serve_app(app) as where, httpx.AsyncClient(base_url=f"http://{where}") as people:
        sender = Sender(SystemClock(), frozenset({where}), "broker/test")
        yield Simulated(FieldNationSession(sender, SystemClock(), f"http://{where}", GRANT), people)
        await sender.aclose()


async def test_the_simulated_company_shows_all_that_it_was_seeded_with(simulated: Simulated) -> None:
    catalog = await FieldNationDefinitions(simulated.session).definitions()
    urgency, serial = catalog.user_fields["9001"], catalog.user_fields["9002"]
    assert (urgency.label, urgency.is_required) == ("Urgency", True)
    assert [pick.value for pick in urgency.values] == ["Low", "High"]
    assert (serial.label, serial.is_required, serial.is_read_only) == ("Serial", False, True)
    assert catalog.fields["types_of_work[0].id"].values
    assert catalog.fields["expenses[0].category"].values
    assert catalog.fields["manager.id"].values
    assert sum(count for endpoint, count in simulated.session.calls.items() if endpoint != "token") == 4


NOT_IN_THE_SIMULATOR = {
    *("contacts[0].ext", "contacts[0].notes", "contacts[0].phone"),
    *("integration.id", "integration.name", "pay.finance.id"),
    *("networks.results[0].id", "networks.results[0].name", "service_types[0].id", "service_types[0].name"),
    *("shipments[0].carrier.tracking", "shipments[0].name", "shipments[0].status"),
    *("signatures[0].created", "signatures[0].name"),
}
"""Fields of the published schema that the simulator does not keep; its first contact is the manager, without them."""


_HALF = r"\.(utc|local\.date|local\.time)$"
"""Parts of a date, which are left out of one that has not come."""


async def worked_on(simulated: Simulated) -> Any:
    """The document of an order that a provider and the buyer have been busy with."""
    answer = await simulated.people.post("/_sim/ui/7001/workorders", json=ORDER)
    number = answer.json()["made"]["work_order"]
    await simulated.act(number, "publish")
    await simulated.act(number, "assign", provider_id=70018)
    await simulated.act(number, "check_in", at="2026-04-02T14:00:00")
    await simulated.act(number, "check_out", at="2026-04-02T16:00:00")
    await simulated.act(
        number, "add_expense", description="Ferry", amount="9.50", receipt={"name": "a.txt", "text": "x"}
    )
    await simulated.act(number, "post_message", message="On site.")
    await simulated.act(number, "upload", name="a.txt", text="x")
    await simulated.act(number, "report_problem", comments="No key")
    await simulated.act(number, "add_tag")
    id, parts = WorkOrderId(number), FieldNationParts(simulated.session)
    order = await FieldNationWorkOrders(simulated.session).read(id)
    lists = [(await parts.part(id, name)).rows for name in LISTS_OF_ORDER]
    return work_order_document(order, *lists)


async def test_every_field_that_may_be_read_is_there_in_a_work_order(simulated: Simulated) -> None:
    document = await worked_on(simulated)
    names = [re.sub(_HALF, "", field.name) for field in SHARED_FIELDS.fields.values() if field.is_queryable]
    assert {name for name in names if value_of(document, name) is None} == NOT_IN_THE_SIMULATOR
    assert value_of(document, "time_logs[0].in.created.utc") == "2026-04-02 14:00:00"
    assert value_of(document, "schedule.service_window.end.local.time") == "13:00:00"


def value_of(document: Any, name: str) -> Any:
    source = parse_order_source(name)
    assert isinstance(source, Path)
    reading = read_order_source(document, None, source)
    return reading.value if isinstance(reading, Found) else None
