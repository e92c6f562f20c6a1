"""What intake passes on: an authenticated request, already read down to the things it names."""

from dataclasses import dataclass
from enum import StrEnum

from app.core.model.ids import ConnectionId, JobId
from app.core.model.job import JobKind


class Source(StrEnum):
    """Who told us to look."""

    AUTOTASK_WEBHOOK = "autotask_webhook"
    CALLOUT = "callout"
    PERSON = "person"
    FIELD_NATION_EVENT = "field_nation_event"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing that somebody wants looked at: the job it belongs to, and the text it was named by."""

    kind: JobKind
    key: str
    named: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """One accepted request, with its body (bytes) for the timeline.

    `key` names the delivery where its sender does: a second one with the same key changes and counts nothing.
    """

    connection_id: ConnectionId
    source: Source
    content_type: str
    body: bytes
    wanted: tuple[Wanted, ...]
    key: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the sender is told of one wanted thing; `merged` when its job was already waiting or at work."""

    named: str
    job_id: JobId
    receipt_id: int
    merged: bool


@dataclass(frozen=True, slots=True)
class Caller:
    """The connection behind a trigger token, with the sealed secrets of Autotask's and of Field Nation's webhook."""

    connection_id: ConnectionId
    connection: str
    token_hash: bytes
    sealed_webhook_secret: str | None
    sealed_event_secret: str | None = None
