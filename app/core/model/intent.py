"""Intents and plans: the writes that a decision produced, in the order they are made."""

from dataclasses import dataclass, field
from enum import IntEnum

from app.core.model.document import Document, Json
from app.core.model.finding import Finding


class Phase(IntEnum):
    """Intents run in this order; status comes last so that it never announces what is not there yet."""

    CREATE = 0
    UPDATE = 1
    REPAIR = 2
    NOTES = 3
    TIME = 4
    MONEY = 5
    FILES = 6
    STATUS = 7


@dataclass(frozen=True, slots=True)
class Intent:
    """One intended write.

    `kind` and `key` make the business key together with the plan's owner; `verb` is `create`, `update` or an
    action's name; `target` is the remote record (`work_order:70211`, empty for a create); `body` is what is sent;
    `before` and `after` are the fields a person sees; `calls` is the price in vendor calls. Of Autotask's records,
    `record` is the id of the one to change (0 for a create), `parent` the `(entity, id)` it stands under where the
    path wants that, and `attempted` what the ledger is told of the write.
    """

    kind: str
    key: str
    verb: str
    entity: str
    target: str
    body: Document
    before: Document
    after: Document
    reason: str
    fingerprint: str
    phase: Phase
    calls: int = 1
    record: int = 0
    parent: tuple[str, int] | None = None
    attempted: Document = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What should be written for one owner; empty when there is nothing to do.

    `skipped` is the code of a reason why the thing is left out as a whole, or empty. `sources` and `targets` are
    what the link will know once each write was read back.
    """

    owner: str
    intents: tuple[Intent, ...] = ()
    findings: tuple[Finding, ...] = ()
    skipped: str = ""
    sources: dict[str, str] = field(default_factory=dict)
    targets: dict[str, Json] = field(default_factory=dict)
