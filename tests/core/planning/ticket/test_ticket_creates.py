"""A ticket for a work order that has none: complete, or a finding that names what is missing."""

from typing import Any

import pytest

from app.core.model.finding import Finding
from app.core.model.intent import Intent, Phase
from app.core.planning.ticket.creates import create_key, mark_of, plan_ticket, work_order_of
from app.core.planning.ticket.wishes import FieldWish, sourced

SIX: dict[str, Any] = {
    "title": "Replace UPS",
    "status": 8,
    "priority": 2,
    "companyID": 4,
    "dueDateTime": "2026-03-05T15:00:00Z",
    "queueID": 29683365,
}
PEOPLE = {"assignedResourceID": 5, "assignedResourceRoleID": 6}


def plan(*more: FieldWish, **fields: Any) -> Intent | Finding:
    wishes = tuple(sourced(name, value, **{f"from {name}": value}) for name, value in fields.items())
    return plan_ticket(70211, (*wishes, *more), {"closing_notes": "read"}, 1)


def without(*names: str, **more: Any) -> Intent | Finding:
    return plan(**{name: value for name, value in {**SIX, **more}.items() if name not in names})


def test_a_ticket_is_made_of_the_mapped_fields_and_marked_with_its_work_order() -> None:
    intent = plan(**SIX)
    assert isinstance(intent, Intent)
    assert intent.body == {**SIX, "externalID": "FN-WO-70211"}
    assert (intent.kind, intent.verb, intent.entity, intent.phase) == ("ticket", "create", "Tickets", Phase.CREATE)


def test_the_status_of_the_file_is_used_when_no_mapping_gives_one() -> None:
    intent = without("status")
    assert isinstance(intent, Intent)
    assert intent.body["status"] == 1


def test_resource_and_role_stand_in_for_the_queue() -> None:
    assert isinstance(without("queueID", **PEOPLE), Intent)


@pytest.mark.parametrize("name", ["title", "priority", "companyID", "dueDateTime"])
@pytest.mark.parametrize("value", [None, "", "absent"])
def test_a_field_that_autotask_demands_is_named_when_it_is_missing(name: str, value: Any) -> None:
    finding = without(name) if value == "absent" else plan(**{**SIX, name: value})
    assert isinstance(finding, Finding)
    assert (finding.code, finding.record, finding.field) == ("create_field_missing", "work_order:70211", name)
    assert name in finding.text


@pytest.mark.parametrize("half", [{}, {"assignedResourceID": 5}, {"assignedResourceRoleID": 6}])
def test_without_a_queue_half_of_the_pair_is_not_enough(half: dict[str, Any]) -> None:
    finding = without("queueID", **half)
    assert isinstance(finding, Finding)
    assert (finding.field, "assignedResourceRoleID" in finding.text) == ("queueID", True)


def test_all_that_is_missing_is_named_at_once() -> None:
    finding = plan()
    assert isinstance(finding, Finding)
    assert all(name in finding.text for name in ("title", "priority", "companyID", "dueDateTime", "queueID"))


def test_nobody_can_map_the_mark_away() -> None:
    intent = plan(**SIX, externalID="theirs")
    assert isinstance(intent, Intent)
    assert intent.body["externalID"] == "FN-WO-70211"


def test_the_create_remembers_everything_that_was_read() -> None:
    intent = plan(**SIX)
    assert isinstance(intent, Intent)
    assert set(intent.attempted["facts"]) == {"closing_notes", *(f"from {name}" for name in SIX)}


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("FN-WO-70211", 70211),
        (" FN-WO-70211 ", 70211),
        ("FN-WO-", None),
        ("FN-WO-7a", None),
        ("FN-WO-٣", None),
        ("x FN-WO-7", None),
        (f"FN-WO-{'9' * 19}", None),
        ("", None),
        (None, None),
        (7, None),
    ],
)
def test_a_ticket_tells_the_work_order_it_was_made_from(text: Any, order: int | None) -> None:
    assert work_order_of({"externalID": text}) == order


def test_the_mark_leads_back_and_the_key_is_the_work_orders() -> None:
    assert work_order_of({"externalID": mark_of(70211)}) == 70211
    assert (create_key(70211).owner, create_key(70211).kind) == ("work_order:70211", "ticket")
