"""Trigger bodies: a webhook, a callout or a person's request, read down to the tickets it names."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.core.intake.naming import Named, named_in, read_values
from app.core.intake.shapes import Malformed, Record, Shape, read_form, read_json, read_pairs, read_xml
from app.core.intake.text import read_text
from app.core.model.intake import Wanted

MAX_IDS = 500
_SHOWN_CHARACTERS = 80
_SHOWN_OF_SECRETS = 6
_COULD_BE_SECRET = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9_\-.~+/=:]{24,}")
_EXAMPLE = 'Send an id or a ticket number, such as {"id": 12345}, id=12345, <id>12345</id> or T20260527.0006.'


@dataclass(frozen=True, slots=True)
class Trigger:
    """What a body asks for. A deactivation asks for nothing: it is acknowledged and never believed."""

    wanted: tuple[Wanted, ...]
    is_webhook: bool = False
    is_deactivation: bool = False
    guid: str = ""


@dataclass(frozen=True, slots=True)
class BadTrigger:
    """Why a body is refused: HTTP status (400 or 422), stable code, and a sentence with what to send instead."""

    status: int
    code: str
    title: str
    detail: str


def read_trigger(content_type: str, body: bytes, query: Sequence[tuple[str, str]]) -> Trigger | BadTrigger:
    """The tickets that a request names in its body and its query, in order, each once.

    In: the `Content-Type` header (may be empty or untrue), the raw body, the decoded query parameters. Never raises.
    Sources: Autotask developer help on webhooks; what users of extension callouts found in theirs.
    """
    shape = _read_shape(content_type.lower(), read_text(body).strip())
    if isinstance(shape, Malformed):
        return BadTrigger(400, shape.code, "The body cannot be read", f"{shape.detail} {_EXAMPLE}")
    if isinstance(shape, Record) and _is_webhook(shape):
        return _read_webhook(shape)
    tokens = [value for key, value in query if key.lower() == "client_token" and value]
    named = () if shape is None else named_in(shape)
    return _wanted_of(named + named_in(read_pairs(query)), tokens)


def _read_shape(content_type: str, text: str) -> Shape | Malformed:
    """What the text looks like decides; the content type only where the text could be two things."""
    text = text.strip("\x00\ufeff")
    if not text:
        return None
    reader = _reader_of(content_type, text)
    return reader(text)


def _reader_of(content_type: str, text: str) -> Callable[[str], Shape | Malformed]:
    if "multipart/" in content_type:
        return _refuse_multipart
    if text[0] in '{["':
        return read_json
    if text[0] == "<":
        return read_xml
    if "=" in text:
        return read_form
    return _read_bare


def _refuse_multipart(text: str) -> Malformed:
    return Malformed("malformed_body", "Multipart bodies are not read.")


def _read_bare(text: str) -> Shape:
    return [named.text for named in read_values(text)]


def _wanted_of(named: Sequence[Named], tokens: Sequence[str]) -> Trigger | BadTrigger:
    fault = next((item for item in named if item.kind is None), None)
    if fault:
        detail = f"{_shown(fault.text, tokens)} is neither an id nor a ticket number. {_EXAMPLE}"
        return BadTrigger(400, "bad_id", "That is no ticket", detail)
    wanted: dict[tuple[str, str], Wanted] = {}
    for item in named:
        if item.kind:
            wanted.setdefault((item.kind, item.key), Wanted(item.kind, item.key, item.text))
    if not wanted:
        return BadTrigger(400, "no_id", "No ticket is named", f"The request names no ticket. {_EXAMPLE}")
    if len(wanted) > MAX_IDS:
        detail = f"The request names {len(wanted)} tickets; send at most {MAX_IDS} at a time."
        return BadTrigger(422, "too_many_ids", "Too many tickets", detail)
    return Trigger(tuple(wanted.values()))


def _shown(text: str, tokens: Sequence[str]) -> str:
    """The start of a value for people: next to nothing of what could be a token pasted into the wrong place."""
    if any(token in text for token in tokens):
        return f"A value of {len(text)} characters"
    length = _SHOWN_OF_SECRETS if _COULD_BE_SECRET.fullmatch(text) else _SHOWN_CHARACTERS
    printable = "".join(character if character.isprintable() else "?" for character in text[:length])
    return f"'{printable}'" + ("..." if len(text) > length else "")


def _is_webhook(record: Record) -> bool:
    """Autotask developer help, webhooks: every message has an action and the GUID of its webhook."""
    return isinstance(record.get("action"), str) and isinstance(record.get("guid"), str)


def _read_webhook(record: Record) -> Trigger | BadTrigger:
    guid = str(record.get("guid"))[:64]
    if str(record.get("action")).lower() == "deactivated":
        return Trigger((), is_webhook=True, is_deactivation=True, guid=guid)
    entity = record.get("entitytype")
    if entity is not None and str(entity).lower() not in ("ticket", "tickets"):
        return _wrong_entity(_shown(entity if isinstance(entity, str) else "", ()))
    # One event per request: an id that is a list or an object was made by somebody else.
    id_ = record.get("id")
    read = _wanted_of(named_in(Record((("id", id_ if isinstance(id_, str | bool) else None),))), ())
    return read if isinstance(read, BadTrigger) else Trigger(read.wanted, is_webhook=True, guid=guid)


def _wrong_entity(shown: str) -> BadTrigger:
    detail = (
        f"The webhook tells of {shown}, and its id is not a ticket's. Point only the webhook for tickets at this "
        "address, and switch the other one off in Autotask."
    )
    return BadTrigger(400, "wrong_entity", "Not a webhook for tickets", detail)
