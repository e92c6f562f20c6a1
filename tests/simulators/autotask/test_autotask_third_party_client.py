"""A published client, unmodified, does its ordinary work: fidelity is not only our own opinion."""

import base64
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.simulators.autotask.seeding import make_seed

with warnings.catch_warnings():
    # Its own models are written for an older pydantic and say so on import.
    warnings.simplefilter("ignore")
    from py_autotask import AutotaskClient
    from py_autotask.auth import AutotaskAuth
    from py_autotask.exceptions import AutotaskAPIError, AutotaskAuthError
    from py_autotask.types import RequestConfig


@pytest.fixture
def sim(start: Callable[..., Any]) -> Any:
    return start(make_seed(tickets=700))


@pytest.fixture
def client(sim: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[AutotaskClient]:
    """Configured by nothing but its discovery address."""
    monkeypatch.setattr(AutotaskAuth, "ZONE_INFO_URL", f"{sim.base}zoneInformation")
    AutotaskAuth.clear_zone_cache()
    made = AutotaskClient.create(
        username="broker@acme.example",
        integration_code="FIELDNATION0SIMULATED0CODE1",
        secret="Simulated-Secret-1",
        config=RequestConfig(max_retries=0),
    )
    yield made
    made.close()
    AutotaskAuth.clear_zone_cache()


def test_it_finds_its_zone(client: AutotaskClient, sim: Any) -> None:
    assert client.auth.api_url == f"{sim.root}/atservicesrest/"
    assert client.auth.zone_info is not None
    assert client.auth.zone_info.ci == 101


def test_it_reads_a_ticket_and_learns_that_another_is_missing(client: AutotaskClient) -> None:
    ticket = client.tickets.get(7001)
    assert ticket is not None
    assert ticket["ticketNumber"] == "T20261101.0001"
    assert client.tickets.get(999_999) is None


def test_it_queries_page_by_page(client: AutotaskClient) -> None:
    everything = [{"op": "gte", "field": "id", "value": 0}]
    first = client.tickets.query(everything, max_records=500)
    assert len(first.items) == 500
    assert first.page_details.next_page_url is not None
    # The client keeps the address of the next page; it is fetched as the vendor wants it, by POST with the same body.
    body = {"filter": everything, "maxRecords": 500}
    second = client.session.post(first.page_details.next_page_url, json=body).json()
    ids = [item["id"] for item in first.items + second["items"]]
    assert ids == list(range(7001, 7701))
    assert second["pageDetails"]["nextPageUrl"] is None


def test_it_pages_by_id_as_well(client: AutotaskClient) -> None:
    seen: list[int] = []
    while True:
        page = client.tickets.query([{"op": "gt", "field": "id", "value": max(seen, default=0)}], max_records=300)
        seen += [item["id"] for item in page.items]
        if page.page_details.next_page_url is None:
            break
    assert len(seen) == len(set(seen)) == 700
    assert client.count("Tickets", {"filter": [{"op": "gte", "field": "id", "value": 0}]}) == 700


def test_it_makes_a_ticket_a_note_and_a_time_entry(
    client: AutotaskClient, ticket: dict[str, Any], entry: dict[str, Any]
) -> None:
    made = client.tickets.create(ticket)
    note = client.entities.get_entity("TicketNotes").create(
        {"ticketID": made.item_id, "title": "Arrived", "description": "On site", "noteType": 3, "publish": 2}
    )
    time = client.time_entries.create({**entry, "ticketID": made.item_id})
    stored = client.tickets.get(made.item_id)
    assert stored is not None
    assert stored["title"] == "Cable drop"
    read = client.get("TicketNotes", note.item_id)
    assert read is not None
    assert read["description"] == "On site"
    spent = client.time_entries.get(time.item_id)
    assert isinstance(spent, dict)
    assert spent["hoursWorked"] == 1.5


def test_it_attaches_and_removes_a_file(client: AutotaskClient) -> None:
    attachments = client.entities.get_entity("TicketAttachments")
    body = {
        "ticketID": 7001,
        "attachmentType": "FILE_ATTACHMENT",
        "title": "Receipt",
        "fullPath": "receipt.pdf",
        "publish": 2,
        "data": base64.b64encode(b"%PDF-1.7").decode(),
    }
    made = attachments.create(body)
    (listed,) = client.query("TicketAttachments", filters=[{"op": "eq", "field": "ticketID", "value": 7001}]).items
    assert listed["id"] == made.item_id
    assert listed["data"] is None
    assert attachments.delete(made.item_id, parent_id=7001) is True


def test_it_reads_metadata(client: AutotaskClient) -> None:
    fields = {field["name"]: field for field in client.get_field_info("Tickets")["fields"]}
    labels = {pick["label"]: pick["value"] for pick in fields["status"]["picklistValues"]}
    assert labels["Dispatch to Field"] == "29683380"
    assert client.get_entity_info("Tickets")["info"]["canDelete"] is False


def test_it_is_refused_like_at_the_vendor(client: AutotaskClient, ticket: dict[str, Any]) -> None:
    with pytest.raises(AutotaskAPIError):
        client.tickets.create({**ticket, "title": None})
    client.session.headers["Secret"] = "wrong"
    with pytest.raises(AutotaskAuthError):
        client.tickets.query([{"op": "gte", "field": "id", "value": 0}])


def test_its_patch_on_the_id_path_is_refused_and_the_collection_path_works(client: AutotaskClient, sim: Any) -> None:
    # The client sends PATCH to /Tickets/{id}. The contract has no such method there: the vendor answers 405.
    with pytest.raises(AutotaskAPIError):
        client.tickets.update({"id": 7001, "title": "Renamed"})
    answer = client.session.patch(f"{sim.base}Tickets", json={"id": 7001, "title": "Renamed"})
    assert answer.json() == {"itemId": 7001}
