"""From an answer to a value or a failure: one place that knows statuses."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from app.adapters.autotask.wire import refusals
from app.adapters.autotask.wire.contract import Operation
from app.adapters.autotask.wire.refusals import Refusal
from app.adapters.http.message import HttpAnswer
from app.adapters.http.waiting import retry_at
from app.core.model.document import Document, Json
from app.core.model.failure import Failure, Gone, Refused, Rejected, Throttled, Transient, Unknown

# Autotask developer help: over the hourly limit the API stands still until the rolling count falls (REST thresholds);
# over the bytes of five minutes no file is taken for five minutes (attachments).
_LIMITS = {
    refusals.THREADS: ("Autotask has too many calls at once.", timedelta(seconds=5)),
    refusals.REQUESTS: ("Autotask's hourly limit is used up.", timedelta(minutes=5)),
    refusals.UPLOADS: ("Autotask takes no files for some minutes.", timedelta(minutes=5)),
}
_UNSPOKEN = {403: refusals.PERMISSION, 413: refusals.FILE_TOO_LARGE}
"""What a status says that comes without a text."""
_DETAIL_CAP = 300
_GATEWAY = range(502, 505)


def limit_of(answer: HttpAnswer) -> str:
    """The limit that the answer names (`refusals.THREADS`, `REQUESTS` or `UPLOADS`), or empty."""
    refusal = refusals.weightiest(_errors(_object(answer)))
    return refusal.code if refusal is not None and refusal.code in _LIMITS else ""


def proves_credentials(answer: HttpAnswer) -> bool:
    """Whether the answer came from behind the vendor's check of the credentials."""
    return answer.status != 401 and answer.status not in _GATEWAY


def decipher(operation: Operation, answer: HttpAnswer, now: datetime) -> Document:
    """The answer's object, or the failure that it stands for.

    `Refused` is a 401, `Gone` a 404: the caller knows what was asked and may know better. An answer that says
    nothing is `Transient` for a read and `Unknown` for a write, since the write may have happened.
    """
    body = _object(answer)
    errors = _errors(body)
    if answer.status in (200, 201, 204) and not errors:
        return _success(operation, answer, body)
    raise _failure(operation, answer, errors, now)


def item_id(operation: Operation, body: Document) -> int:
    """The id that a write answers with. Raises `Unknown` when a create does not say it."""
    value = body.get("itemId")
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unknown("Autotask accepted a write and did not say which record it is.", detail=operation.path)
    return value


def read_item(body: Document) -> Document | None:
    """The record of a read by id; the vendor answers a missing one with 404 or with a null item."""
    item = body.get("item")
    return item if isinstance(item, Mapping) else None


def _success(operation: Operation, answer: HttpAnswer, body: Document | None) -> Document:
    if body is None and operation.method == "DELETE":
        return {}
    if body is None:
        raise _unclear(operation, answer)
    return body


def _failure(operation: Operation, answer: HttpAnswer, errors: tuple[str, ...], now: datetime) -> Failure:
    refusal = refusals.weightiest(errors)
    if answer.status == 401:
        return Refused("Autotask does not accept the credentials of the API user.", detail=operation.path)
    if answer.status == 429 or limit_of(answer):
        return _throttled(operation, answer, now)
    if answer.status == 404 and (refusal is None or refusal.code == refusals.UNNAMED):
        return Gone(f"Autotask has nothing at {operation.path}.")
    if answer.status == 405:
        return Rejected("autotask_no_such_operation", f"Autotask does not offer {operation.method} {operation.path}.")
    if answer.status in (403, 413, 400, 409, 422) and refusal is None:
        return Rejected(_UNSPOKEN.get(answer.status, refusals.UNNAMED), _words(operation, answer))
    if refusal is None or answer.status in _GATEWAY:
        return _unclear(operation, answer)
    return _said(operation, refusal)


def _said(operation: Operation, refusal: Refusal) -> Failure:
    where = f"{operation.method} {operation.path}"
    if refusal.code == refusals.CREDENTIALS:
        return Refused("Autotask does not know this API user.", detail=refusal.text)
    return Rejected(refusal.code or refusals.UNNAMED, f"Autotask: {refusal.text}", field=refusal.field, detail=where)


def _throttled(operation: Operation, answer: HttpAnswer, now: datetime) -> Throttled:
    text, free_in = _LIMITS[limit_of(answer) or refusals.THREADS]
    return Throttled(text, until=retry_at(answer.headers, now) or now + free_in, detail=operation.path)


def _unclear(operation: Operation, answer: HttpAnswer) -> Failure:
    detail = f"{operation.method} {operation.path}: {answer.status} {answer.body[:_DETAIL_CAP]!r}"
    if operation.is_write:
        return Unknown("Autotask's answer to a write does not say whether it happened.", detail=detail)
    return Transient("Autotask answered with trouble of its own.", detail=detail)


def _words(operation: Operation, answer: HttpAnswer) -> str:
    return f"Autotask refused {operation.method} {operation.path} with status {answer.status}."


def _object(answer: HttpAnswer) -> Document | None:
    try:
        body: Json = answer.json()
    except ValueError:
        return None
    return body if isinstance(body, Mapping) else None


def _errors(body: Document | None) -> tuple[str, ...]:
    found = body.get("errors") if body is not None else None
    if isinstance(found, str):
        return (found,)
    return tuple(str(text) for text in found if text) if isinstance(found, list) else ()
