"""Events of Field Nation's webhooks: the body read down to the work order it names, the headers to a delivery key.

Sources: Field Nation webhooks v3, event catalogue, payload and delivery; the payload's own `workorder` may be newer
than the event and is neither believed nor kept.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.core.intake.naming import read_id
from app.core.intake.shapes import Malformed, Record, Shape, read_json
from app.core.intake.text import read_text
from app.core.intake.trigger import BadTrigger
from app.core.model.intake import Wanted
from app.core.model.job import JobKind

_ACTIVITIES = [
    "created",
    "routed",
    "requested",
    "declined",
    "undeclined",
    "task_completed",
    "task_incomplete",
    "provider_upload",
    "message_posted",
    "custom_field_value_updated",
    "schedule_updated",
    "tag_added",
    "tag_removed",
    "part_updated",
    "problem_reported",
    "problem_resolved",
]
_STATUSES = [
    "draft",
    "published",
    "routed",
    "assigned",
    "assigned_cancelled",
    "confirmed",
    "at_risk",
    "delayed",
    "on_my_way",
    "checked_in",
    "checked_out",
    "work_done",
    "approved",
    "paid",
    "cancelled",
    "deleted",
    "postponed",
]
EVENT_NAMES = (
    *(f"workorder.{name}" for name in _ACTIVITIES),
    *(f"workorder.status.{name}" for name in _STATUSES),
)
"""Every event that webhooks v3 know."""

_ADVICE = "Send Field Nation's own body, a JSON object, without a script that reshapes it."
_NUMBERED = re.compile(r"(.*):([0-9]+)")
_MOST_IDS = 20
_ID_CHARACTERS = 40
_TEXT_CHARACTERS = 80
_KEY_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, as Field Nation tells it. `work_order_id` is None when it names none.

    `timestamp` is ISO 8601 with an offset, as it came; `user_id` is empty for the system's own changes; `ids` are the
    ids in the event's `params`, by name, such as `status_id`.
    """

    name: str
    work_order_id: int | None
    timestamp: str = ""
    user_id: str = ""
    ids: tuple[tuple[str, str], ...] = ()

    @property
    def wanted(self) -> tuple[Wanted, ...]:
        """A look at the work order whatever the event is called, since half of the facts have no event."""
        if self.work_order_id is None:
            return ()
        return (Wanted(JobKind.PUSH_WORK_ORDER, str(self.work_order_id), str(self.work_order_id)),)


@dataclass(frozen=True, slots=True)
class Sending:
    """What the headers tell of one delivery, unsigned: `delivery_id` stays the same at every `attempt`."""

    webhook_id: str = ""
    delivery_id: str = ""
    attempt: str = ""
    trace_id: str = ""


def read_sending(headers: Mapping[str, str]) -> Sending:
    """The sending in the headers, whose names are in lower case."""
    whole = headers.get("x-fn-delivery-id", "").strip()
    numbered = _NUMBERED.fullmatch(whole)
    return Sending(
        webhook_id=headers.get("x-fn-webhook-id", "").strip(),
        delivery_id=numbered[1] if numbered else whole,
        attempt=numbered[2] if numbered else "",
        trace_id=headers.get("x-fn-event-trace-id", "").strip(),
    )


def delivery_key(sending: Sending, event: Event) -> str:
    """What all attempts of one delivery have in common, at most 200 characters; empty when nothing tells.

    Without a delivery id the trace id counts, with the event's name and work order beside it.
    """
    if sending.delivery_id:
        key = f"{sending.webhook_id}:{sending.delivery_id}"
    elif sending.trace_id:
        key = f"trace:{sending.trace_id}:{event.name}:{event.work_order_id or ''}"
    else:
        return ""
    if len(key) <= _KEY_CHARACTERS and key.isascii() and key.isprintable():
        return key
    # Cut off or cleaned, two keys could become one, and the second delivery would be lost.
    return "sha256:" + hashlib.sha256(key.encode("utf-8", errors="surrogatepass")).hexdigest()


def read_event(body: bytes) -> Event | BadTrigger:
    """The event in a raw body whose signature is known to be right. Never raises.

    The work order's id may be a number or a text; it stands in the event's params, else in the work order beside it.
    """
    shape = read_json(read_text(body), is_strict=True)
    if isinstance(shape, Malformed):
        return BadTrigger(400, shape.code, "The body cannot be read", f"{shape.detail} {_ADVICE}")
    if not isinstance(shape, Record):
        return BadTrigger(400, "no_object", "That is no event", f"The body is JSON but no object. {_ADVICE}")
    event, work_order = _record(shape.get("event")), _record(shape.get("workorder"))
    params = _record(event.get("params"))
    named = (params.get("work_order_id"), work_order.get("id"), work_order.get("work_order_id"))
    return Event(
        name=_text(event.get("name")),
        work_order_id=next((id_ for value in named if (id_ := _id(value)) is not None), None),
        timestamp=_text(shape.get("timestamp")),
        user_id=_short(_record(shape.get("triggered_by_user")).get("id")),
        ids=_ids_in(params),
    )


def stored_event(event: Event, sending: Sending) -> bytes:
    """The event for the timeline, as compact JSON. Neither the work order nor any text of a person is in it."""
    told = {
        "event": event.name,
        "work_order_id": event.work_order_id,
        "params": dict(event.ids),
        "timestamp": event.timestamp,
        "user_id": event.user_id,
        "delivery_id": sending.delivery_id[:_TEXT_CHARACTERS],
        "attempt": sending.attempt[:_ID_CHARACTERS],
    }
    return json.dumps(told, separators=(",", ":")).encode()


def _ids_in(params: Record) -> tuple[tuple[str, str], ...]:
    """Ids by name, and those of the objects (task, message, ...) in their stead."""
    found: dict[str, str] = {}
    for name, value in params.pairs:
        is_id = name.lower() == "id" or name.lower().endswith("_id")
        text = _short(value.get("id") if isinstance(value, Record) else value if is_id else None)
        if text and len(name) <= _ID_CHARACTERS and len(found) < _MOST_IDS:
            found.setdefault(name, text)
    return tuple(found.items())


def _record(value: Shape) -> Record:
    return value if isinstance(value, Record) else Record(())


def _id(value: Shape) -> int | None:
    return read_id(value.strip()) if isinstance(value, str) else None


def _short(value: Shape) -> str:
    """An id as text; empty when it is none, or longer than ids are."""
    return value if isinstance(value, str) and len(value) <= _ID_CHARACTERS else ""


def _text(value: Shape) -> str:
    return value[:_TEXT_CHARACTERS] if isinstance(value, str) else ""
