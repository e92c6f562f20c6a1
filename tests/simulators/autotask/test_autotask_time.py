"""Time entries: the window and its midnight, whose time it is, and the states that close it."""

from typing import Any

import pytest

DANA, SAM, FIELD_TECHNICIAN = 29682885, 29682899, 29683354
TASK, UNSTAFFED_TASK = 29690301, 29690302
SUBMITTED = "You do not have permission to {} time entries that have been submitted"
APPROVED = "This time entry cannot be changed, the timesheet has been approved."
POSTED = "This time entry cannot be changed, the time has been posted."


def _made(sim: Any, entry: dict[str, Any], **more: Any) -> int:
    answer = sim.api.post("TimeEntries", json={**entry, **more})
    assert answer.status_code == 200, answer.text
    made: int = answer.json()["itemId"]
    return made


def _hours(start: str, end: str) -> dict[str, str]:
    return {"startDateTime": f"2026-11-{start}:00Z", "endDateTime": f"2026-11-{end}:00Z", "dateWorked": ""}


def test_midnight_is_that_of_the_resource_and_not_of_utc(sim: Any, entry: dict[str, Any]) -> None:
    evening = _hours("03T23:00", "04T03:00")
    made = _made(sim, entry, **evening)
    assert sim.api.get(f"TimeEntries/{made}").json()["item"]["dateWorked"] == "2026-11-03T00:00:00Z"
    sim.settings(resource_zones={str(DANA): "UTC"})
    assert sim.refusal(sim.api.post("TimeEntries", json=entry | evening)) == "Time entries may not span over midnight."
    _made(sim, entry, **_hours("03T23:00", "04T00:00"))
    sim.settings(span_midnight_allowed=True)
    _made(sim, entry, **evening)


def test_an_unknown_zone_is_no_setting(sim: Any) -> None:
    assert sim.sim.patch("settings", json={"home_zone": "Mars/Olympus"}).status_code == 400


def test_a_summary_can_be_asked_for_at_creation_and_at_change(sim: Any, entry: dict[str, Any]) -> None:
    sim.settings(summary_notes_required=True)
    assert sim.refusal(sim.api.post("TimeEntries", json=entry | {"summaryNotes": ""})) == "summaryNotes is required"
    made = _made(sim, entry)
    assert "summaryNotes" in sim.refusal(sim.api.patch("TimeEntries", json={"id": made, "summaryNotes": ""}))


def test_time_for_somebody_else_needs_the_proxy_setting(sim: Any, entry: dict[str, Any]) -> None:
    sim.settings(proxy_time_allowed=False)
    assert "adequate permissions to create" in sim.refusal(sim.api.post("TimeEntries", json=entry))


def test_an_entry_stays_on_its_ticket_and_keeps_a_valid_role(sim: Any, entry: dict[str, Any]) -> None:
    made = _made(sim, entry)
    assert "cannot be moved" in sim.refusal(sim.api.patch("TimeEntries", json={"id": made, "ticketID": 7002}))
    refused = sim.refusal(sim.api.patch("TimeEntries", json={"id": made, "roleID": None}))
    assert refused == "TimeEntries for Tickets must have a roleID"


def test_a_moved_window_moves_the_day_and_the_hours(sim: Any, entry: dict[str, Any]) -> None:
    made = _made(sim, entry)
    moved = {"startDateTime": "2026-11-05T14:00:00Z", "endDateTime": "2026-11-05T14:20:00Z"}
    assert sim.api.patch("TimeEntries", json={"id": made, **moved}).status_code == 200
    item = sim.api.get(f"TimeEntries/{made}").json()["item"]
    assert (item["dateWorked"], item["hoursWorked"]) == ("2026-11-05T00:00:00Z", 0.3333)


def test_a_complete_ticket_may_be_closed_to_time(sim: Any, entry: dict[str, Any]) -> None:
    sim.api.patch("Tickets", json={"id": 7001, "status": 5})
    _made(sim, entry)
    sim.settings(complete_ticket_takes_time=False)
    refused = sim.refusal(sim.api.post("TimeEntries", json=entry))
    assert refused == "Time entries cannot be added to a complete ticket."


@pytest.mark.parametrize(
    ("state", "edited", "deleted"),
    [
        ("submitted", SUBMITTED.format("edit"), SUBMITTED.format("delete")),
        ("approved", APPROVED, APPROVED),
        ("posted", POSTED, POSTED),
    ],
)
def test_one_entry_is_closed_and_opened_again(
    sim: Any, entry: dict[str, Any], state: str, edited: str, deleted: str
) -> None:
    made, other = _made(sim, entry), _made(sim, entry)
    assert sim.sim.post(f"time-entries/101/{made}", json={"state": state}).status_code == 204
    patch = {"id": made, "summaryNotes": "later"}
    assert sim.refusal(sim.api.patch("TimeEntries", json=patch)) == edited
    assert sim.refusal(sim.api.delete(f"TimeEntries/{made}")) == deleted
    assert sim.api.delete(f"TimeEntries/{other}").status_code == 200
    sim.sim.post(f"time-entries/101/{made}", json={"state": "open"})
    assert sim.api.patch("TimeEntries", json=patch).status_code == 200


@pytest.mark.parametrize(("status", "text"), [("submitted", SUBMITTED.format("edit")), ("approved", APPROVED)])
def test_a_weeks_timesheet_closes_that_resources_week_only(
    sim: Any, entry: dict[str, Any], status: str, text: str
) -> None:
    made = _made(sim, entry)
    sheet = {"resource": DANA, "day": "2026-11-07", "status": status}
    assert sim.sim.post("timesheets/101", json=sheet).status_code == 204
    assert sim.refusal(sim.api.post("TimeEntries", json=entry)) == text
    next_week = _hours("09T14:00", "09T15:00")
    assert sim.refusal(sim.api.patch("TimeEntries", json={"id": made, **next_week})) == text
    late = _made(sim, entry, **next_week)
    back = {"id": late, **_hours("04T14:00", "04T15:00")}
    assert sim.refusal(sim.api.patch("TimeEntries", json=back)) == text
    _made(sim, entry, resourceID=SAM)
    sim.sim.post("timesheets/101", json=sheet | {"status": "rejected"})
    assert sim.api.patch("TimeEntries", json={"id": made, **next_week}).status_code == 200


def test_a_billing_item_posts_its_entry(sim: Any, entry: dict[str, Any]) -> None:
    made = _made(sim, entry)
    assert sim.sim.post("records/101", json={"BillingItems": [{"timeEntryID": made}]}).status_code == 201
    assert sim.refusal(sim.api.delete(f"TimeEntries/{made}")) == POSTED


def test_only_who_is_on_a_task_logs_time_on_it(sim: Any, entry: dict[str, Any]) -> None:
    body = {**entry, "ticketID": None, "taskID": TASK}
    item = sim.api.get(f"TimeEntries/{_made(sim, body)}").json()["item"]
    assert (item["timeEntryType"], item["taskID"]) == (6, TASK)
    for stray in ({"resourceID": SAM}, {"taskID": UNSTAFFED_TASK}):
        refused = sim.refusal(sim.api.post("TimeEntries", json=body | stray))
        assert refused == "This roleID is not valid for this Task and Resource"
    helper = {"resourceID": SAM, "roleID": FIELD_TECHNICIAN}
    assert sim.api.post(f"Tasks/{TASK}/SecondaryResources", json=helper).status_code == 200
    _made(sim, body, resourceID=SAM)


def test_an_impersonated_entry_is_not_the_api_users_to_delete(sim: Any, entry: dict[str, Any]) -> None:
    as_dana = {"ImpersonationResourceId": str(DANA)}
    made = sim.api.post("TimeEntries", json=entry, headers=as_dana).json()["itemId"]
    for headers in ({}, as_dana):
        refused = sim.refusal(sim.api.delete(f"TimeEntries/{made}", headers=headers))
        assert refused == "You do not have permission to delete time entries that you did not create"
