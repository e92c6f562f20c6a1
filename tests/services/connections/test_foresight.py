"""What a file asks for and will not get is said when it is applied, never skipped silently."""

from typing import Any

import pytest

from app.core.model.finding import Severity
from tests.fakes.connections import FakeDesk, a_file, codes

CREDENTIALS = {"username": "api@acme.example", "secret": "autotask-secret", "integration_code": "OWN"}
COMPLETE = {
    "time_entries": {"resource_id": 1, "role_id": 2},
    "expenses": {"submitter_id": 1, "expense_category": 2, "payment_type": 1},
}


async def test_a_complete_file_has_nothing_to_foresee() -> None:
    report = await FakeDesk().connections.apply(a_file(**COMPLETE))
    assert not {"items_need_a_place", "item_incomplete", "no_charges_on_tasks"} & set(codes(report))


@pytest.mark.parametrize(
    ("part", "code", "field"),
    [
        ({"settings": {"mode": "approve"}}, "not_available_yet", "settings.mode"),
        ({"settings": {"mode": {"charges": "approve"}}}, "not_available_yet", "settings.mode"),
        (
            {"autotask": {**CREDENTIALS, "service_object": "ServiceCall"}},
            "items_need_a_place",
            "autotask.service_object",
        ),
        ({"autotask": {**CREDENTIALS, "service_object": "Project"}}, "items_need_a_place", "autotask.service_object"),
        ({"time_entries": {}}, "item_incomplete", "time_entries.resource_id"),
        ({"time_entries": {}}, "item_incomplete", "time_entries.role_id"),
        ({"expenses": {}}, "item_incomplete", "expenses.payment_type"),
    ],
)
async def test_what_would_be_left_out_is_a_warning(part: dict[str, Any], code: str, field: str) -> None:
    report = await FakeDesk().connections.apply(a_file(**{**COMPLETE, **part}))
    assert report.is_stored
    assert (code, field) in {(finding.code, finding.field) for finding in report.findings}
    assert all(finding.severity is not Severity.ERROR for finding in report.findings)


HALF_TIME = {"time_entries": {"role_id": 2}}
HALF_MONEY = {"expenses": {"submitter_id": 1, "expense_category": 2}}
MAPPED_ROLE = {"outbound": [{"target": "TimeEntry.[0].RoleID", "value": 2, "action": "set_static"}]}


@pytest.mark.parametrize(
    ("part", "field"),
    [
        (HALF_TIME, "time_entries.resource_id"),
        ({"time_entries": {}, "mappings": MAPPED_ROLE}, "time_entries.resource_id"),
        (HALF_MONEY, "expenses.payment_type"),
        ({"expenses": {"additional_charges": "charge"}}, "expenses.charge.billing_code_id"),
    ],
)
async def test_what_was_begun_and_can_never_work_is_refused(part: dict[str, Any], field: str) -> None:
    report = await FakeDesk().connections.apply(a_file(**{**COMPLETE, **part}))
    assert report.verb == "refused"
    assert ("item_incomplete", field) in {
        (finding.code, finding.field) for finding in report.findings if finding.severity is Severity.ERROR
    }


async def test_tickets_for_work_orders_of_service_calls_are_refused() -> None:
    desk = FakeDesk()
    calls = {**CREDENTIALS, "service_object": "ServiceCall"}
    report = await desk.connections.apply(a_file(autotask=calls, settings={"outbound_create": True}))
    assert (report.verb, "no_outbound_create" in codes(report)) == ("refused", True)
    assert desk.store.rows == {}
