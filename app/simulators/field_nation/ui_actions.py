"""What people do to a work order on the vendor's screens, apart from the moves of the status table.

Each action answers the ids that it made. `provider` actions are done by the assigned provider unless told otherwise.
"""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.simulators.field_nation import activity, operations, part_acts, visits
from app.simulators.field_nation.companies import is_provider
from app.simulators.field_nation.dates import date_object
from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.part_records import FileBytes, TimeLog
from app.simulators.field_nation.records import WorkOrder
from app.simulators.field_nation.statuses import SUB_STATUSES
from app.simulators.field_nation.time_logs import read_place
from app.simulators.field_nation.world import Actor, World

Json = dict[str, Any]
Act = Callable[[World, Actor, WorkOrder, Json], Json]


@dataclass(frozen=True)
class Action:
    """One action and who does it when the body does not say: provider or buyer."""

    run: Act
    by: str


def _accept(world: World, actor: Actor, order: WorkOrder, body: Json) -> Json:
    operations.act(world, actor, order, "assign", {"provider_id": actor.user_id})
    return {"assignee": actor.user_id}


def _complete(world: World, actor: Actor, order: WorkOrder, body: Json) -> Json:
    if "closing_notes" in body:
        _closing_notes(world, actor, order, body)
    operations.complete(world, actor, order)
    return {}


def _closing_notes(world: World, actor: Actor, order: WorkOrder, body: Json) -> Json:
    order.change("closing_notes", _text(body, "closing_notes"))
    return {}


def _check_in(world: World, actor: Actor, order: WorkOrder, body: Json) -> Json:
    log = visits.check_in(world, actor, order, _moment(world, body, "at"), read_place(body.get("coords")))
    return {"time_log": log.id}


def _check_out(world: World, actor: Actor, order: WorkOrder, body: Json) -> Json:
    at, place = _moment(world, body, "at"), read_place(body.get("coords"))
    log = visits.check_out(world, actor, order, at, body.get("time_log"), place)
    return {"time_log": log.id}


def _add_time_log(world: World, actor: Actor, order: WorkOrder, body: Json) -> Json:
    return {"time_log": visits.add_time_log(world, actor, order, _as_wire(world, body, None)).id}


def _edit_time_log(world: World, actor: Actor, order: WorkOrder, body: Json) -> Json:
    number = _number(body, "time_log")
    visits.edit_time_log(actor, order, number, _as_wire(world, body, order.time_logs.get(number)))
    return {"time_log": number}


def _as_wire(world: World, body: Json, present: TimeLog | None) -> Json:
    """`{in, out, devices}` with plain times as the API's body; what is not named stays, `out` null opens the log."""
    came = _moment(world, body, "in") if present is None or "in" in body else present.in_at
    shown: Json = {"in": {"created": date_object(came, "")}}
    if "out" in body:
        left = None if body["out"] is None else _moment(world, body, "out")
        shown["out"] = {"created": date_object(left, "")}
    return {**shown, **{name: body[name] for name in ("devices",) if name in body}}


def _delete_time_log(world: World, actor: Actor, order: WorkOrder, body: Json) -> Json:
    visits.delete_time_log(order, _number(body, "time_log"))
    return {}


def _verify_time_log(world: World, actor: Actor, order: WorkOrder, body: Json) -> Json:
    return {"time_log": visits.verify_time_log(order, _number(body, "time_log")).id}


def _task(*, done: bool) -> Act:
    def run(world: World, actor: Actor, order: WorkOrder, body: Json) -> Json:
        return {"task": visits.set_task(world, actor, order, _number(body, "task"), done=done).id}

    return run


def _sub_status(code: str) -> Act:
    def run(world: World, actor: Actor, order: WorkOrder, body: Json) -> Json:
        activity.set_sub_status(world, actor, order, code, int(body.get("delay_s", 0)))
        return {}

    return run


def _plainly(act: Callable[[World, Actor, WorkOrder], None]) -> Act:
    def run(world: World, actor: Actor, order: WorkOrder, body: Json) -> Json:
        act(world, actor, order)
        return {}

    return run


def _tag(act: Callable[[World, Actor, WorkOrder, object], None]) -> Act:
    def run(world: World, actor: Actor, order: WorkOrder, body: Json) -> Json:
        tags = actor.company.tags
        number = body.get("tag", tags[0]["id"] if tags else None)
        act(world, actor, order, number)
        return {"tag": number}

    return run


def _report_problem(world: World, actor: Actor, order: WorkOrder, body: Json) -> Json:
    return {"problem": activity.report_problem(world, actor, order, str(body.get("comments", "A problem"))).id}


def _resolve_problem(world: World, actor: Actor, order: WorkOrder, body: Json) -> Json:
    return {"problem": activity.resolve_problem(world, actor, order, body.get("problem")).id}


def _reopen_problem(world: World, actor: Actor, order: WorkOrder, body: Json) -> Json:
    return {"problem": activity.reopen_problem(world, actor, order, body.get("problem")).id}


def _add_expense(world: World, actor: Actor, order: WorkOrder, body: Json) -> Json:
    receipt = file_of(world, body["receipt"]) if body.get("receipt") else None
    return {"expense": part_acts.add_expense(world, actor, order, body, receipt).id}


def _edit_expense(world: World, actor: Actor, order: WorkOrder, body: Json) -> Json:
    number = _number(body, "expense")
    part_acts.edit_expense(world, actor, order, number, body)
    return {"expense": number}


def _judge_expense(status: str) -> Act:
    def run(world: World, actor: Actor, order: WorkOrder, body: Json) -> Json:
        words = {"status_description": body["reason"]} if "reason" in body else {}
        return _edit_expense(world, actor, order, {"expense": _number(body, "expense"), "status": status, **words})

    return run


def _remove_expense(world: World, actor: Actor, order: WorkOrder, body: Json) -> Json:
    part_acts.remove_expense(order, _number(body, "expense"))
    return {}


def _post_message(world: World, actor: Actor, order: WorkOrder, body: Json) -> Json:
    otherwise = "TECHTOMANAGER" if is_provider(actor.company, actor.user_id) else "ASSIGNEDTECH"
    return {"message": part_acts.post_message(world, actor, order, body, otherwise).id}


def _reply(world: World, actor: Actor, order: WorkOrder, body: Json) -> Json:
    return {"message": part_acts.reply(world, actor, order, _text(body, "message_id"), body).id}


def _add_folder(world: World, actor: Actor, order: WorkOrder, body: Json) -> Json:
    return {"folder": part_acts.add_folder(world, order, body).id}


def _upload(world: World, actor: Actor, order: WorkOrder, body: Json) -> Json:
    by_provider = is_provider(actor.company, actor.user_id)
    folder = body.get("folder", 2 if by_provider else 1)
    notes, stored = str(body.get("notes", "")), file_of(world, body)
    made = part_acts.add_file(world, actor, order, folder, stored, notes=notes, announced=by_provider)
    return {"attachment": made.id, "folder": folder, "file": made.file.id}


def _replace_file(world: World, actor: Actor, order: WorkOrder, body: Json) -> Json:
    number = _number(body, "attachment")
    name = part_acts.attachment(order, number).file.name
    changed = part_acts.replace_file(world, order, number, file_of(world, {"name": name, **body}))
    return {"attachment": number, "file": changed.file.id}


def _review_file(world: World, actor: Actor, order: WorkOrder, body: Json) -> Json:
    return {"attachment": part_acts.review_file(world, actor, order, _number(body, "attachment"), body).id}


def _delete_file(world: World, actor: Actor, order: WorkOrder, body: Json) -> Json:
    part_acts.delete_file(world, order, _number(body, "attachment"))
    return {}


def file_of(world: World, body: Json) -> FileBytes:
    """A stored file from `{name, text | base64 | length, mime?, size?}`.

    `length` makes that many bytes; `size` is what the row says instead of the true length.
    """
    name = body.get("name", "file.txt")
    if "length" in body:
        data = bytes(_number(body, "length"))
    elif "base64" in body:
        try:
            data = base64.b64decode(_text(body, "base64"), validate=True)
        except binascii.Error:
            raise Refusal(400, "base64: not readable") from None
    else:
        data = _text(body, "text").encode()
    return world.store.keep(str(name), data, mime=str(body.get("mime", "")), size=body.get("size"))


def _moment(world: World, body: Json, name: str) -> datetime:
    """A time from ISO text, UTC when no zone is named; the present time when the body is silent."""
    if name not in body:
        return world.clock.now()
    try:
        at = datetime.fromisoformat(_text(body, name))
    except ValueError:
        raise Refusal(400, f"{name}: a time as ISO text is needed") from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _number(body: Json, name: str) -> int:
    value = body.get(name)
    if type(value) is not int:
        raise Refusal(400, f"{name}: a number is needed")
    return value


def _text(body: Json, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise Refusal(400, f"{name}: text is needed")
    return value


_SUB = {"confirm": "confirmed", "provider_cancel": "cancelled"}
_PLAIN: dict[str, Callable[[World, Actor, WorkOrder], None]] = {
    "request": activity.request,
    "decline": activity.decline,
    "undecline": activity.undecline,
    "update_part": activity.update_part,
}
_BY_PROVIDER: dict[str, Act] = {
    "accept": _accept,
    "complete": _complete,
    "check_in": _check_in,
    "check_out": _check_out,
    "complete_task": _task(done=True),
    "reopen_task": _task(done=False),
    "add_expense": _add_expense,
    "post_message": _post_message,
    "reply": _reply,
    "upload": _upload,
    "report_problem": _report_problem,
    **{name: _plainly(act) for name, act in _PLAIN.items()},
    **{code: _sub_status(code) for code in SUB_STATUSES if code not in ("checked_in", "checked_out", *_SUB.values())},
    **{name: _sub_status(code) for name, code in _SUB.items()},
}
_BY_BUYER: dict[str, Act] = {
    "closing_notes": _closing_notes,
    "add_time_log": _add_time_log,
    "edit_time_log": _edit_time_log,
    "delete_time_log": _delete_time_log,
    "verify_time_log": _verify_time_log,
    "edit_expense": _edit_expense,
    "approve_expense": _judge_expense("approved"),
    "deny_expense": _judge_expense("disapproved"),
    "reopen_expense": _judge_expense("new"),
    "remove_expense": _remove_expense,
    "add_folder": _add_folder,
    "replace_file": _replace_file,
    "review_file": _review_file,
    "delete_file": _delete_file,
    "add_tag": _tag(activity.add_tag),
    "remove_tag": _tag(activity.remove_tag),
    "resolve_problem": _resolve_problem,
    "reopen_problem": _reopen_problem,
}
ACTIONS: dict[str, Action] = {
    **{name: Action(act, "provider") for name, act in _BY_PROVIDER.items()},
    **{name: Action(act, "buyer") for name, act in _BY_BUYER.items()},
}
