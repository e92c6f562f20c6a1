"""Messages: what a request may say, and how the wire shows a conversation."""

from typing import Any

from app.simulators.field_nation.companies import is_provider
from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.part_records import Message
from app.simulators.field_nation.view import View

Json = dict[str, Any]

# Field Nation REST v2 schema.
TYPES = (
    "INTERNAL",
    "ASSIGNEDTECH",
    "REQUESTEDTECHS",
    "SPECIFICTECH",
    "FROMTECH",
    "REPLY",
    "TECHTOMANAGER",
    "ROUTEDTECHS",
    "REPLYTOTHREAD",
    "STAFF_NOTE",
)


def read_text(raw: Json) -> str:
    """The text of a message or reply, the one thing it must have."""
    text = raw.get("message")
    if not isinstance(text, str) or not text.strip():
        raise Refusal(400, "message is required.")
    return text


def read_type(raw: Json, otherwise: str) -> str:
    """Who may see it; what the vendor takes when nothing is said is assumed."""
    kind = raw.get("type", otherwise)
    if kind not in TYPES:
        raise Refusal(400, f"type must be one of {', '.join(TYPES)}.")
    if kind == "SPECIFICTECH" and not read_receiver(raw):
        raise Refusal(400, "to.id is required for SPECIFICTECH.")
    return str(kind)


def read_receiver(raw: Json) -> int:
    """The id under `to`, 0 for nobody."""
    to = raw.get("to")
    identity = to.get("id") if isinstance(to, dict) else None
    return identity if isinstance(identity, int) else 0


def read_notify(raw: Json) -> tuple[int, ...]:
    """The users to be told; write-only, it comes back as `sharedText`."""
    asked = raw.get("notify", [])
    if not isinstance(asked, list) or not all(isinstance(one, int) for one in asked):
        raise Refusal(400, "notify must be a list of user ids.")
    return tuple(asked)


def message_row(view: View, message: Message) -> Json:
    """One message without its replies; its ids are text."""
    created = {**view.date(message.at), "timezone": view.zone}
    return {
        "msg_id": message.id,
        "parent_id": message.parent,
        "from": {**_party(view, message.author), "hideWoManager": False, "msgLink": ""},
        "to": _party(view, message.to),
        "role": message.type,
        "message": message.text,
        "created": created,
        "read": False,
        "work_order_status": message.status,
        "problem": {"type": {"id": 0, "name": ""}, "resolved": False},
        "actions": ["reply"],
        "sharedText": ", ".join(_party(view, one)["name"] for one in message.notify),
    }


def _party(view: View, identity: int) -> Json:
    person = view.person(identity)
    name = f"{person['first_name']} {person['last_name']}".strip()
    role = "Provider" if is_provider(view.company, identity) else "Buyer" if name else ""
    return {"id": person["id"], "name": name, "role": role, "thumbnail": ""}


def message_rows(view: View) -> list[Json]:
    """Every conversation, newest first, with its replies inside, oldest first."""
    replies: dict[str, list[Json]] = {}
    for message in view.order.messages.values():
        if message.parent:
            replies.setdefault(message.parent, []).append({**message_row(view, message), "replies": []})
    firsts = [message for message in view.order.messages.values() if not message.parent]
    return [{**message_row(view, one), "replies": replies.get(one.id, [])} for one in reversed(firsts)]


def message_facts(view: View) -> Json:
    """What the list says besides its rows."""
    return {"params": [], "actions": ["add"], "correlation_id": view.order.digest("messages")}


def counted_messages(view: View) -> Json:
    """What a work order says of its messages: how many conversations, and none of them (seen at the vendor)."""
    total = sum(not one.parent for one in view.order.messages.values())
    about = {"total": total, "page": 1, "pages": 1, "per_page": 0}
    return {"metadata": about, "results": [], "actions": ["add"], "correlation_id": view.order.digest("messages")}
