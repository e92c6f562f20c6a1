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


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing that somebody wants looked at: the job it belongs to, and the text it was named by."""

    kind: JobKind
    key: str
    named: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """One accepted request, with its body as it came (bytes) for the timeline."""

    connection_id: ConnectionId
    source: Source
    content_type: str
    body: bytes
    wanted: tuple[Wanted, ...]


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the sender is told of one wanted thing; `merged` when its job was already waiting or at work."""

    named: str
    job_id: JobId
    receipt_id: int
    merged: bool


@dataclass(frozen=True, slots=True)
class Caller:
    """The connection behind a trigger token. `sealed_webhook_secret` is the Autotask webhook secret, sealed."""

    connection_id: ConnectionId
    connection: str
    token_hash: bytes
    sealed_webhook_secret: str | None
