"""What Field Nation answers: a document, or the failure that says what happens next. No I/O.

2xx with the JSON asked for     the document
2xx with anything else          Transient, of a write Unknown (it did happen, as far as anybody can tell)
400, 422 and other 4xx          Rejected, with the vendor's words
401, 404, 410                   not decided here: the token, the order or a right (`is_denial`)
403                             Rejected, `permission`
408, 3xx, 5xx                   Transient, of a write Unknown
429                             Throttled, until `Retry-After`
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from app.adapters.fieldnation.wire import Call
from app.adapters.http.message import HttpAnswer
from app.core.model.document import Document, Json
from app.core.model.failure import Failure, Rejected, Throttled, Transient, Unknown

DEFAULT_WAIT = timedelta(seconds=60)
_LONGEST_WAIT = timedelta(days=1)
_LONGEST_TEXT = 300
_CODES = {400: "invalid", 422: "invalid", 403: "permission", 404: "not_found", 410: "not_found", 409: "conflict"}
# Field Nation developer portal: an expired token was answered with 400 and this sentence, before it was with 401.
_TOKEN_WORDS = "valid oauth token"


@dataclass(frozen=True, slots=True)
class Complaint:
    """What the vendor says is wrong: its words, and the field they are about if it names one."""

    text: str
    field: str = ""


def complaint_of(answer: HttpAnswer) -> Complaint:
    """The complaint of an error body in any of the shapes that Field Nation is known to use, or in none."""
    try:
        body = answer.json()
    except ValueError:
        return Complaint(_short(_plain(answer.body)) or f"HTTP {answer.status}")
    text = next(_texts(body), "")
    return Complaint(_short(text) or f"HTTP {answer.status}", _short(next(_fields(body), "")))


def is_token_refusal(answer: HttpAnswer) -> bool:
    """Whether another token may help. A 401 can also mean an unknown work order; a 400 says what it means."""
    if answer.status == 400:
        return _TOKEN_WORDS in complaint_of(answer).text.lower() or b'"invalid_token"' in answer.body
    return answer.status == 401


def is_denial(answer: HttpAnswer) -> bool:
    """Whether the answer could be about the token, the work order or a right; the client finds out which."""
    return answer.status in (404, 410) or is_token_refusal(answer)


def decipher(call: Call, answer: HttpAnswer, now: datetime) -> Document:
    """The JSON object of a good answer, a bare list as the collection it stands for. Raises the failure that any other
    answer stands for."""
    if not 200 <= answer.status < 300:
        raise failure_of(call, answer, now)
    try:
        body = answer.json()
    except ValueError:
        body = None
    if call.is_bare_list and isinstance(body, list):
        return {"metadata": {"total": len(body), "pages": 1}, "results": body}
    if not isinstance(body, Mapping):
        raise unclear(call, f"Field Nation answered {call.endpoint} with {answer.status} and no JSON object.")
    return body


def failure_of(call: Call, answer: HttpAnswer, now: datetime) -> Failure:
    """The failure that an answer outside 2xx stands for."""
    complaint = complaint_of(answer)
    detail = f"{call.endpoint}: HTTP {answer.status}: {complaint.text}"
    if answer.status == 429:
        until = wait_until(answer.headers, now)
        return Throttled("Field Nation's calls per minute are used up.", until=until, detail=detail)
    if answer.status < 400 or answer.status == 408 or answer.status >= 500:
        return unclear(call, f"Field Nation answered {call.endpoint} with HTTP {answer.status}.", detail)
    code = _CODES.get(answer.status, "refused")
    subject = "has no permission for" if code == "permission" else "refused"
    said = f"Field Nation says the API user {subject}" if code == "permission" else f"Field Nation {subject}"
    return Rejected(
        code, f"{said} {call.endpoint}: {complaint.text}", field=complaint.field or call.field, detail=detail
    )


def unclear(call: Call, text: str, detail: str = "") -> Transient | Unknown:
    """An answer that tells nothing about our data: a read is tried again, of a write the outcome is looked up."""
    return Unknown(text, detail=detail) if call.is_write else Transient(text, detail=detail)


def wait_until(headers: Mapping[str, str], now: datetime) -> datetime:
    """When calls may go again: `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), else in a minute."""
    text = headers.get("retry-after", "").strip()
    wait = DEFAULT_WAIT
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", text):
        wait = timedelta(seconds=float(text))
    elif text:
        wait = _wait_for_date(text, now)
    return now + min(max(wait, timedelta(seconds=1)), _LONGEST_WAIT)


def _wait_for_date(text: str, now: datetime) -> timedelta:
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return DEFAULT_WAIT
    return (at if at.tzinfo else at.replace(tzinfo=UTC)) - now


def _texts(body: Json) -> Iterator[str]:
    """Sentences of the body, the best first.

    Shapes: REST v2 `message` beside `status` or `status_code`; the SDK of 2017 with `code`, `trace` and `fields`;
    the portal's `error` as an object with `message` and `details`, or as an OAuth word with `error_description`;
    the webhook API's `errors`.
    """
    if isinstance(body, str):
        yield from filter(None, [body.strip()])
    elif isinstance(body, Mapping):
        for key in ("message", "error_description", "error", "errors", "details", "detail", "title"):
            yield from _texts(body.get(key))
    elif isinstance(body, list | tuple):
        whole = "; ".join(text for item in body if (text := next(_texts(item), "")))
        yield from filter(None, [whole])


def _fields(body: Json) -> Iterator[str]:
    """Names of fields that the body points at."""
    if isinstance(body, list | tuple):
        for item in body:
            yield from _fields(item)
    elif isinstance(body, Mapping):
        if isinstance(name := body.get("field") or body.get("property"), str):
            yield name
        yield from _listed(body.get("fields"))
        for key in ("error", "errors", "details"):
            yield from _fields(body.get(key))


def _listed(fields: Json) -> Iterator[str]:
    if isinstance(fields, Mapping):
        yield from fields
    elif isinstance(fields, list | tuple):
        for item in fields:
            name = item.get("name") or item.get("field") if isinstance(item, Mapping) else item
            if isinstance(name, str) and name:
                yield name


def _plain(body: bytes) -> str:
    """The words of a page that some proxy sent instead of JSON."""
    return re.sub(r"<[^>]{0,500}>", " ", body[:4000].decode("utf-8", errors="replace"))


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _LONGEST_TEXT else words[:_LONGEST_TEXT] + "..."
