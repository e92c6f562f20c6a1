"""What people and the back office do to records, under `/_sim/`: approve time, close reports, bill, automate."""

import base64
import hashlib
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.simulators.autotask.control_routes import Handler, body_of, entity_of
from app.simulators.autotask.delivery import Delivery
from app.simulators.autotask.errors import ApiError
from app.simulators.autotask.records import Database, Row
from app.simulators.autotask.rules.money import APPROVED, AWAITING_APPROVAL, IN_PROGRESS, PAID, REJECTED, move_report
from app.simulators.autotask.rules.time_entries import find_sheet
from app.simulators.autotask.seeding import PERSON_ID
from app.simulators.autotask.values import read_moment, sunday_of
from app.simulators.autotask.workflow import read_rule
from app.simulators.autotask.world import World, put_records

_REPORT_STATUSES = {
    "in_progress": IN_PROGRESS,
    "submitted": AWAITING_APPROVAL,
    "approved": APPROVED,
    "rejected": REJECTED,
    "paid": PAID,
}
_SHEET_STATUSES = ("new", "submitted", "approved", "rejected")
_ENTRY_STATES = ("open", "submitted", "approved", "posted")


class Desk:
    """Handlers over one world."""

    def __init__(self, world: World, delivery: Delivery) -> None:
        self._world = world
        self._delivery = delivery

    def table(self) -> list[tuple[str, str, Handler]]:
        return [
            ("POST", "/_sim/records/{ci:int}", self.put_records),
            ("POST", "/_sim/timesheets/{ci:int}", self.set_timesheet),
            ("POST", "/_sim/time-entries/{ci:int}/{id:int}", self.set_time_entry),
            ("POST", "/_sim/expense-reports/{ci:int}/{id:int}", self.set_report),
            ("POST", "/_sim/charges/{ci:int}/{id:int}", self.set_charge),
            ("GET", "/_sim/attachments/{ci:int}/{id:int}", self.attachment),
            ("POST", "/_sim/uploads", self.spend_uploads),
            ("GET", "/_sim/workflow/{ci:int}", self.workflow),
            ("POST", "/_sim/workflow/{ci:int}", self.add_workflow),
            ("DELETE", "/_sim/workflow/{ci:int}", self.clear_workflow),
            ("POST", "/_sim/webhooks/{ci:int}/{entity}/{id:int}/deactivate", self.deactivate),
        ]

    async def put_records(self, request: Request) -> Response:
        """Records as they are, by entity, unjudged and unannounced."""
        db = self._world.database(request.path_params["ci"])
        described = {entity_of(name): rows for name, rows in (await body_of(request)).items()}
        return JSONResponse({"ids": put_records(db, described)}, 201)

    async def set_timesheet(self, request: Request) -> Response:
        """The timesheet of a `resource` in the week of a `day`: its `status`."""
        db, body = self._world.database(request.path_params["ci"]), await body_of(request)
        status, day = _one_of(_SHEET_STATUSES, body["status"]), read_moment(body["day"])
        if day is None:
            raise ApiError("day must be a date", status=400)
        sheet = find_sheet(db, int(body["resource"]), day)
        if sheet is None:
            week = sunday_of(day).date().isoformat()
            sheet = db.load("Timesheets", {"resourceID": int(body["resource"]), "weekStart": week})
        sheet.write({"status": status})
        return Response(status_code=204)

    async def set_time_entry(self, request: Request) -> Response:
        """One time entry: `state` open, submitted, approved or posted."""
        db, row = self._found(request, "TimeEntries")
        state = _one_of(_ENTRY_STATES, (await body_of(request))["state"])
        db.entry_states.pop(row.id, None)
        if state in ("submitted", "approved"):
            db.entry_states[row.id] = state
        posted = self._world.clock.now_at() if state == "posted" else None
        row.write({"billingApprovalDateTime": posted, "billingApprovalResourceID": PERSON_ID if posted else None})
        return Response(status_code=204)

    async def set_report(self, request: Request) -> Response:
        """An expense report: its `status`, at once or after the next `after_items` item writes; `reason` to reject."""
        db, row = self._found(request, "ExpenseReports")
        body = await body_of(request)
        status = _REPORT_STATUSES[_one_of(tuple(_REPORT_STATUSES), body["status"])]
        db.closing_reports.pop(row.id, None)
        if int(body.get("after_items", 0)) > 0:
            db.closing_reports[row.id] = (int(body["after_items"]), status)
        else:
            move_report(row, status, self._world.clock.now_at(), PERSON_ID, str(body.get("reason", "")))
        return Response(status_code=204)

    async def set_charge(self, request: Request) -> Response:
        """A ticket charge: `billed` or not."""
        _, row = self._found(request, "TicketCharges")
        row.write({"isBilled": bool((await body_of(request))["billed"])})
        return Response(status_code=204)

    async def attachment(self, request: Request) -> Response:
        """What is stored of an attachment: digest and size of its bytes, not the bytes."""
        _, row = self._found(request, "AttachmentInfo")
        raw = base64.b64decode(row.get("data") or "")
        shown = {name: row.get(name) for name in ("title", "fullPath", "attachmentType", "contentType", "publish")}
        return JSONResponse({"sha256": hashlib.sha256(raw).hexdigest(), "bytes": len(raw), **shown})

    async def spend_uploads(self, request: Request) -> Response:
        """Bytes of other integrations in the upload window; `block` starts the refusal at once, `clear` ends it."""
        body = await body_of(request)
        db, now_s = self._world.database(int(body["database"])), self._world.clock.steady_s()
        if body.get("clear"):
            db.uploads.clear()
            db.uploads_blocked_until_s = 0.0
        if body.get("bytes"):
            db.uploads.append((now_s, int(body["bytes"])))
        if body.get("block"):
            db.uploads_blocked_until_s = now_s + db.switches.attachment_window_s
        return Response(status_code=204)

    async def workflow(self, request: Request) -> Response:
        rules = self._world.workflow.get(request.path_params["ci"], [])
        return JSONResponse([asdict(rule) for rule in rules])

    async def add_workflow(self, request: Request) -> Response:
        db = self._world.database(request.path_params["ci"])
        self._world.workflow.setdefault(db.ci, []).append(read_rule(await body_of(request)))
        return Response(status_code=201)

    async def clear_workflow(self, request: Request) -> Response:
        self._world.workflow.pop(request.path_params["ci"], None)
        return Response(status_code=204)

    async def deactivate(self, request: Request) -> Response:
        """Shut a webhook down as after too many failures: inactive, and the deactivation address told."""
        entity = entity_of(request.path_params["entity"])
        db, row = self._found(request, entity)
        await self._delivery.shut_down(db, entity, row)
        return Response(status_code=204)

    def _found(self, request: Request, entity: str) -> tuple[Database, Row]:
        db = self._world.database(request.path_params["ci"])
        row = db.find(entity, request.path_params["id"])
        if row is None:
            raise ApiError(f"no {entity} with this id", status=404)
        return db, row


def _one_of(known: tuple[str, ...], value: Any) -> str:
    if value not in known:
        raise ApiError(f"{value} is none of {', '.join(known)}", status=400)
    return str(value)
