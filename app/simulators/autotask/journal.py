"""What the journal keeps of a write, and which calls count as reads."""

import base64
import binascii
import hashlib
from typing import Any

from app.simulators.autotask.perform import VERBS, Call

METADATA_KINDS = frozenset({"info", "fields", "udfs"})
READ_KINDS = METADATA_KINDS | {"query", "next", "count", "item", "child", "child_item"}


def describe_write(call: Call, client: str) -> dict[str, Any]:
    """A write as it was asked for. File content is replaced by its digest and size, as `content`."""
    route, body = call.route, call.body
    content = _content(body)
    if content is not None:
        body = {name: value for name, value in body.items() if name.lower() != "data"}
    return {
        "method": call.method,
        "kind": f"{call.method} {route.shape}",
        "entity": route.entity,
        "verb": VERBS[call.method],
        "path": call.path,
        "parent": None if route.parent is None else {"entity": route.parent, "id": route.parent_id},
        "record": route.record_id if route.record_id is not None else _id_of(body),
        "body": body,
        "content": content,
        "user": call.user.username,
        "resource": call.user.resource_id,
        "impersonate": call.impersonate,
        "client": client,
    }


def _id_of(body: Any) -> Any:
    named = (value for name, value in body.items() if name.lower() == "id") if isinstance(body, dict) else iter(())
    return next(named, None)


def _content(body: Any) -> dict[str, Any] | None:
    """SHA-256 and size in bytes of the `data` of a body; null for both when it is not base64."""
    given = (value for name, value in body.items() if name.lower() == "data") if isinstance(body, dict) else iter(())
    data = next(given, None)
    if not isinstance(data, str) or not data:
        return None
    try:
        raw = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return {"sha256": None, "bytes": None}
    return {"sha256": hashlib.sha256(raw).hexdigest(), "bytes": len(raw)}
