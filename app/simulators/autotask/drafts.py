"""A write in progress: what the rules see, complete and judge."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.simulators.autotask.records import Database, Row, User
from app.simulators.autotask.switches import Switches


@dataclass(frozen=True)
class Actor:
    """Who writes. `resource_id` is shown as the author; `user` is None for a person in the vendor's own pages."""

    resource_id: int
    user: User | None = None
    impersonated: bool = False

    @property
    def is_person(self) -> bool:
        return self.user is None


@dataclass
class Draft:
    """`values` are the bound values of this write by the vendor's spelling; `row` is the record as it stands."""

    db: Database
    entity: str
    actor: Actor
    now_at: datetime
    steady_s: float
    row: Row | None
    values: dict[str, Any] = field(default_factory=dict)
    udfs: dict[str, Any] = field(default_factory=dict)

    @property
    def switches(self) -> Switches:
        return self.db.switches

    def get(self, name: str) -> Any:
        """The value as it will stand after this write."""
        if name in self.values:
            return self.values[name]
        return self.row.get(name) if self.row is not None else None

    def changes(self, name: str) -> bool:
        """Whether this write gives a field another value; on create, whether it gives it one."""
        before = self.row.get(name) if self.row is not None else None
        return name in self.values and self.values[name] != before

    def default(self, **values: Any) -> None:
        """Values for fields that the write left empty."""
        for name, value in values.items():
            if self.get(name) is None:
                self.values[name] = value


Step = Callable[[Draft], None]
Settled = Callable[[Draft, Row], None]


def _nothing(draft: Draft) -> None:
    """Most entities have no rule for most steps."""


def _nothing_after(draft: Draft, row: Row) -> None:
    """Nothing follows the write."""


@dataclass(frozen=True)
class Rule:
    """The steps of one entity: before each write, and after any committed one (deletes included)."""

    create: Step = _nothing
    update: Step = _nothing
    delete: Step = _nothing
    settled: Settled = _nothing_after
    unchecked: frozenset[str] = frozenset()  # reference fields that the rule judges itself
    optional: frozenset[str] = frozenset()  # required by metadata, judged by the rule instead
