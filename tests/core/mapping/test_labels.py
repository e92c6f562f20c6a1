"""Labels: an id of a picklist is shown with its label, everything else as it is."""

import pytest

from app.core.mapping.labels import Labels, labels_of
from app.core.model.catalog import EntityCatalog, Field, PickValue
from tests.core.mapping.outbound_kit import compiled

STATUS_RULE = {
    "source": "status",
    "target": "Ticket:Status",
    "action": "status",
    "mappings": [{"compare": "Approved", "value": "Complete"}],
}


def test_a_field_that_a_rule_writes_is_shown_with_its_label() -> None:
    labels = labels_of(compiled(STATUS_RULE))
    assert labels.show("Tickets", "status", 5) == "Complete (5)"
    assert labels.show("Tickets", "status", "5") == "Complete (5)"
    assert labels.quoted("Tickets", "status", 5) == "Complete (5)"
    assert labels.knows("Tickets", "status")


@pytest.mark.parametrize(
    ("entity", "name", "value"),
    [("Tickets", "status", 999), ("Tickets", "status", None), ("Tickets", "title", 5), ("Projects", "status", 5)],
)
def test_what_has_no_label_is_shown_as_it_is(entity: str, name: str, value: object) -> None:
    labels = labels_of(compiled(STATUS_RULE))
    assert labels.show(entity, name, value) == value


def test_a_text_without_a_label_stands_in_quotes_in_a_sentence() -> None:
    assert Labels().quoted("Tickets", "title", "Printer") == "'Printer'"


def test_the_status_of_a_work_order_is_known_without_being_asked_for() -> None:
    assert Labels().show("work_order", "status_id", 2) == "Published (2)"


def test_whole_catalogues_add_what_no_rule_writes_and_user_defined_fields() -> None:
    colours = (PickValue("1", "Red"),)
    catalog = EntityCatalog(
        "TicketNotes",
        {"notetype": Field("noteType", "integer", values=(PickValue("3", "Task Notes"),), is_picklist=True)},
        {"colour": Field("Colour", "string", values=colours, is_picklist=True)},
    )
    labels = labels_of(compiled(STATUS_RULE)).beside([catalog])
    assert labels.show("TicketNotes", "noteType", 3) == "Task Notes (3)"
    assert labels.show("TicketNotes", "userDefinedFields.Colour", "1") == "Red (1)"
    assert labels.show("Tickets", "status", 5) == "Complete (5)"
