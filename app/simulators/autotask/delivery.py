"""Webhooks and extension callouts as the vendor sends them: signed, in order, retried, and shut down when ignored."""

import base64
import hashlib
import hmac
import json
import re
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.simulators.autotask.contract import singular
from app.simulators.autotask.metadata import WEBHOOKS, hook_field_ids
from app.simulators.autotask.records import Database, Row
from app.simulators.autotask.values import moment_text
from app.simulators.autotask.world import Committed, World

_FLAGS = {
    "Create": "isSubscribedToCreateEvents",
    "Update": "isSubscribedToUpdateEvents",
    "Delete": "isSubscribedToDeleteEvents",
}
# What the vendor's JSON writer escapes beside control and non-ASCII characters (seen in production payloads).
_ESCAPED = {ord(char): f"\\u{ord(char):04X}" for char in "&'<>`+"}
_PAIR = re.compile(r"\\(.)")
_SHORTEST_TIMEOUT_S = 2.0  # however small the time scale, a busy test machine gets this long


def net_json(value: Any) -> bytes:
    """ASCII JSON in .NET style: quotes, & ' < > ` + and non-ASCII as upper-case escapes."""
    plain = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # Escapes are read in pairs, so that the backslash of an escaped backslash is not taken for that of a quote.
    text = _PAIR.sub(lambda pair: "\\u0022" if pair[1] == '"' else pair[0], plain).translate(_ESCAPED)
    units = (text[i].encode("utf-16-be", "surrogatepass") for i in range(len(text)))
    return "".join(_ascii(unit) for unit in units).encode("ascii")


def _ascii(unit: bytes) -> str:
    if len(unit) == 2 and unit < b"\x00\x7f":
        return unit[1:].decode("ascii")
    return "".join(f"\\u{int.from_bytes(unit[i : i + 2], 'big'):04X}" for i in range(0, len(unit), 2))


def sign(secret: str, body: bytes) -> str:
    """The value of `X-Hook-Signature` (Autotask developer help, secret key payload verification)."""
    digest = hmac.new(secret.encode(), body, hashlib.sha1).digest()
    return "sha1=" + base64.b64encode(digest).decode("ascii")


@dataclass
class _Queue:
    events: deque[tuple[Committed, bytes, int]] = field(default_factory=deque)
    busy: bool = False
    failures: int = 0
    sequence: int = 0


class Delivery:
    """Listens to commits and sends. One ordered queue per callout; a later event waits for an earlier one's tries."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._queues: dict[tuple[int, str, int], _Queue] = {}
        self._client: httpx.AsyncClient | None = None

    def heard(self, db: Database, committed: Committed, person_id: int) -> None:
        """Queue the events of one commit."""
        hook_entity = WEBHOOKS.get(committed.entity)
        if hook_entity is not None:
            for hook in db.rows(hook_entity):
                self._offer(db, hook_entity, hook, committed, person_id)
        if committed.entity == "Tickets" and committed.action != "Delete":
            self._call_out(db, committed)

    def forget(self) -> None:
        self._queues.clear()

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _offer(self, db: Database, hook_entity: str, hook: Row, committed: Committed, person_id: int) -> None:
        if not (hook.get("isActive") and hook.get("isReady") and hook.get(_FLAGS[committed.action])):
            return
        if _is_excluded(db, hook_entity, hook.id, person_id):
            return
        fields = _fields(db, hook_entity, hook.id, committed)
        if fields is None:
            return
        queue = self._queues.setdefault((db.ci, hook_entity, hook.id), _Queue())
        queue.sequence += 1
        body = {
            "Action": committed.action,
            "Guid": hook.get("webhookGUID"),
            "EntityType": singular(committed.entity),
            "Id": committed.row.id,
            "Fields": fields,
            "EventTime": moment_text(self._world.clock.now_at()),
            "SequenceNumber": queue.sequence,
            "PersonID": person_id,
        }
        queue.events.append((committed, net_json(body), queue.sequence))
        if not queue.busy:
            queue.busy = True
            self._world.spawn(self._drain(db, hook_entity, hook, queue))

    async def _drain(self, db: Database, hook_entity: str, hook: Row, queue: _Queue) -> None:
        try:
            while queue.events and hook.get("isActive") and db.find(hook_entity, hook.id) is hook:
                committed, body, sequence = queue.events.popleft()
                error = await self._deliver(db, hook, committed, body)
                queue.failures = 0 if error is None else queue.failures + 1
                if error is not None:
                    _log_failure(db, hook_entity, hook, self._world, body, sequence, error)
                if queue.failures >= db.switches.hook_failures_to_disable:
                    await self.shut_down(db, hook_entity, hook)
        finally:
            queue.busy = False

    async def _deliver(self, db: Database, hook: Row, committed: Committed, body: bytes) -> str | None:
        """Up to five tries, thirty seconds apart (Autotask developer help, webhook error handling); the last error."""
        error: str | None = None
        for attempt in range(1, db.switches.hook_tries + 1):
            if attempt > 1:
                await self._world.clock.sleep(db.switches.hook_retry_s * db.switches.time_scale)
            signature = sign(hook.get("secretKey") or "", body)
            headers = {"Content-Type": "application/json", "X-Hook-Signature": signature}
            note = {"hook": hook.id, "action": committed.action, "record": committed.row.id, "attempt": attempt}
            error = await self._send(db, "POST", hook.get("webhookUrl"), headers, body, note)
            if error is None:
                return None
        return error

    async def shut_down(self, db: Database, hook_entity: str, hook: Row) -> None:
        """Too many events failed in a row: the webhook is disabled and the deactivation address told, unsigned."""
        queue = self._queues.setdefault((db.ci, hook_entity, hook.id), _Queue())
        hook.write({"isActive": False})
        queue.events.clear()
        queue.failures = 0
        queue.sequence += 1
        moment = moment_text(self._world.clock.now_at())
        body = {"Action": "Deactivated", "Guid": hook.get("webhookGUID"), "EventTime": moment}
        note = {"hook": hook.id, "action": "Deactivated", "record": None, "attempt": 1}
        content = net_json(body | {"SequenceNumber": queue.sequence})
        headers = {"Content-Type": "application/json"}
        await self._send(db, "POST", hook.get("deactivationUrl"), headers, content, note)

    async def _send(
        self, db: Database, method: str, url: str, headers: dict[str, str], body: bytes, note: dict[str, Any]
    ) -> str | None:
        """One request; None for a 2xx, else what went wrong. Every try is kept for `/_sim/deliveries`."""
        if self._client is None:
            self._client = httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_connections=200))
        timeout_s = max(_SHORTEST_TIMEOUT_S, db.switches.hook_timeout_s * db.switches.time_scale)
        entry = {"at": moment_text(self._world.clock.now_at()), "database": db.ci, "url": url, **note}
        try:
            answer = await self._client.request(method, url, headers=headers, content=body, timeout=timeout_s)
            entry |= {"status": answer.status_code, "error": None}
            error = None if answer.is_success else f"HTTP {answer.status_code}"
        except (httpx.HTTPError, httpx.InvalidURL) as failure:
            error = f"{type(failure).__name__}: {failure}"
            entry |= {"status": None, "error": error}
        self._world.deliveries.append(entry)
        return error

    def _call_out(self, db: Database, committed: Committed) -> None:
        status = committed.row.get("status")
        if "status" not in committed.changed:
            return
        for callout in db.switches.extension_callouts:
            statuses = callout.get("statuses")
            if statuses is None or status in statuses:
                self._world.spawn(self._send_callout(db, callout, committed.row))

    async def _send_callout(self, db: Database, callout: dict[str, Any], row: Row) -> None:
        content_type, body = callout_body(callout, row)
        note = {"hook": None, "action": "Callout", "record": row.id, "attempt": 1}
        await self._send(db, callout.get("method", "POST"), callout["url"], {"Content-Type": content_type}, body, note)


def callout_body(callout: dict[str, Any], row: Row) -> tuple[str, bytes]:
    """Content type and body of an extension callout: identity only, by id or number, as form, XML or JSON.

    Key names are not published; `key` of the callout sets another.
    """
    by_number = callout.get("identity", "number") == "number"
    key = callout.get("key") or ("TicketNumber" if by_number else "TicketID")
    value = str(row.get("ticketNumber")) if by_number else str(row.id)
    kind = callout.get("format", "form")
    if kind == "json":
        return "application/json", json.dumps({key: value}).encode()
    if kind == "xml":
        return "text/xml; charset=utf-8", f'<?xml version="1.0"?><Ticket><{key}>{value}</{key}></Ticket>'.encode()
    return "application/x-www-form-urlencoded", f"{key}={value}".encode()


def _is_excluded(db: Database, hook_entity: str, hook_id: int, person_id: int) -> bool:
    exclusions = db.rows(hook_entity[:-1] + "ExcludedResources")
    return any(row.get("webhookID") == hook_id and row.get("resourceID") == person_id for row in exclusions)


def _fields(db: Database, hook_entity: str, hook_id: int, committed: Committed) -> dict[str, Any] | None:
    """The payload's fields; None when an update touched nothing that is subscribed."""
    names = hook_field_ids(committed.entity)
    udfs = {udf["id"]: str(udf["name"]) for udf in db.udfs.get(committed.entity, [])}
    chosen = [(row, names.get(row.get("fieldID"), ""), False) for row in db.rows(hook_entity[:-1] + "Fields")] + [
        (row, udfs.get(row.get("udfFieldID"), ""), True) for row in db.rows(hook_entity[:-1] + "UdfFields")
    ]
    fields, hit = {}, committed.action != "Update"
    for row, name, is_udf in chosen:
        if row.get("webhookID") != hook_id or not name:
            continue
        changed = name in (committed.udfs if is_udf else committed.changed)
        touched = bool(row.get("isSubscribedField")) and (changed or committed.action == "Create")
        hit = hit or (touched and changed)
        if touched or row.get("isDisplayAlwaysField"):
            value = committed.row.udfs.get(name) if is_udf else committed.row.get(name)
            fields[name if is_udf else name[0].upper() + name[1:]] = _plain(value)
    return fields if hit else None


def _plain(value: Any) -> Any:
    return moment_text(value) if hasattr(value, "tzinfo") else value


def _log_failure(
    db: Database, hook_entity: str, hook: Row, world: World, body: bytes, sequence: int, error: str
) -> None:
    owner = "ticketNoteWebhookID" if hook_entity == "TicketNoteWebhooks" else "ticketWebhookID"
    row = db.load("WebhookEventErrorLogs", {owner: hook.id, "sequenceNumber": sequence, "errorMessage": error})
    row.write({"payload": body.decode("ascii")[:8000], "createDateTime": world.clock.now_at()})
