"""What a ticket, a service call and a project are called, and by which text their work order is found again."""

import pytest

from app.core.planning.paired import fields_of_number, noun_of, number_of, title_of


@pytest.mark.parametrize(
    ("entity", "record", "noun", "number", "title"),
    [
        ("Tickets", {"id": 7, "ticketNumber": "T20261101.0001", "title": "Switch"}, "ticket",
         "T20261101.0001", "Switch"),
        ("ServiceCalls", {"id": 7, "description": "Switch"}, "service call", "SC7", "Switch"),
        ("Projects", {"id": 7, "projectNumber": "P20261101.0001", "projectName": "Refresh"}, "project",
         "P20261101.0001", "Refresh"),
    ],
)  # fmt: skip
def test_each_kind_of_record_has_a_noun_a_number_and_a_title(
    entity: str, record: dict[str, object], noun: str, number: str, title: str
) -> None:
    assert (noun_of(entity), number_of(entity, record), title_of(record)) == (noun, number, title)
    assert number_of(entity, {name: record[name] for name in fields_of_number(entity)}) == number
    assert (number_of(entity, {}), title_of({})) == ("", "")
