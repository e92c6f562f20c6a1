"""Service calls, a project and its tasks for a seeded database, beside its tickets."""

from datetime import datetime, timedelta
from typing import Any

CALL_OF_ONE_ID, CALL_OF_NONE_ID, CALL_OF_TWO_ID = 29690101, 29690102, 29690103
PROJECT_ID, TASK_ID, UNSTAFFED_TASK_ID = 29690201, 29690301, 29690302
_DEPARTMENT = 29683385


def work_records(
    company_ids: tuple[int, int],
    tickets: tuple[int, int, int],
    day_at: datetime,
    staff: tuple[int, int],
    work_type: int,
) -> dict[str, list[dict[str, Any]]]:
    """Three service calls (one ticket, none, two), and a project with two tasks.

    `tickets` are that of the first call and the two of the third; `company_ids` those of the first and of the third;
    `staff` are resource and role on the first task, the second task has nobody.
    """
    calls = (
        _call(CALL_OF_ONE_ID, company_ids[0], "Replace the switch", day_at + timedelta(days=3)),
        _call(CALL_OF_NONE_ID, company_ids[0], "Site survey", day_at + timedelta(days=4)),
        _call(CALL_OF_TWO_ID, company_ids[1], "Printer and cabling in one visit", day_at + timedelta(days=5)),
    )
    links = zip((CALL_OF_ONE_ID, CALL_OF_TWO_ID, CALL_OF_TWO_ID), tickets, strict=True)
    on_task = {"assignedResourceID": staff[0], "assignedResourceRoleID": staff[1]}
    return {
        "ServiceCalls": list(calls),
        "ServiceCallTickets": [
            {"id": 29690151 + n, "serviceCallID": call, "ticketID": ticket} for n, (call, ticket) in enumerate(links)
        ],
        "Projects": [_project(company_ids[0], day_at)],
        "Tasks": [
            _task(TASK_ID, "Install access points", day_at, work_type) | on_task,
            _task(UNSTAFFED_TASK_ID, "Hand over", day_at, work_type),
        ],
    }


def _call(call_id: int, company_id: int, text: str, start_at: datetime) -> dict[str, Any]:
    return {
        "id": call_id,
        "companyID": company_id,
        "description": text,
        "startDateTime": start_at.isoformat(),
        "endDateTime": (start_at + timedelta(hours=2)).isoformat(),
        "duration": 2.0,
        "isComplete": 0,
        "status": 1,
        "createDateTime": "2026-10-28T15:20:11.4Z",
        "lastModifiedDateTime": "2026-10-28T15:20:11.4Z",
    }


def _project(company_id: int, day_at: datetime) -> dict[str, Any]:
    return {
        "id": PROJECT_ID,
        "projectName": "Wireless refresh",
        "projectNumber": "P20261028.0001",
        "companyID": company_id,
        "projectType": 5,
        "status": 1,
        "startDateTime": day_at.isoformat(),
        "endDateTime": (day_at + timedelta(days=60)).isoformat(),
        "description": "New access points in every store",
        "createDateTime": "2026-10-28T15:21:40Z",
        "lastActivityDateTime": "2026-10-28T15:21:40Z",
    }


def _task(task_id: int, title: str, day_at: datetime, work_type: int) -> dict[str, Any]:
    return {
        "id": task_id,
        "projectID": PROJECT_ID,
        "taskNumber": f"T20261028.{task_id % 10000:04d}",
        "title": title,
        "status": 1,
        "taskType": 1,
        "departmentID": _DEPARTMENT,
        "billingCodeID": work_type,
        "startDateTime": day_at.isoformat(),
        "endDateTime": (day_at + timedelta(days=14)).isoformat(),
        "estimatedHours": 16.0,
        "createDateTime": "2026-10-28T15:24:05Z",
        "lastActivityDateTime": "2026-10-28T15:24:05Z",
    }
