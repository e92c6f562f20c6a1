"""Outbound mappings, compiled: rules from a work order to Autotask records, by the kind of record they write."""

from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from app.core.mapping.item_paths import ItemPath
from app.core.mapping.paths import USER_FIELDS, Path
from app.core.mapping.rules import Custom, Rule
from app.core.model.catalog import Field
from app.core.model.finding import Finding, Severity

Kind: TypeAlias = Literal["ticket", "time_entries", "expense_items", "charges", "notes"]

COLLECTIONS: Final[dict[Kind, str]] = {
    "ticket": "",
    "time_entries": "time_logs",
    "expense_items": "expenses",
    "charges": "expenses",
    "notes": "messages",
}
"""The list of the work order whose elements become records of the kind; the ticket is one record of its own."""


@dataclass(frozen=True, slots=True)
class TargetField:
    """A field that a rule writes: its REST name, or the name of a user-defined one.

    `is_day`: a date without a time, which Autotask does not shift between zones.
    """

    name: str
    meta: Field
    is_user_field: bool = False
    is_day: bool = False

    @property
    def text(self) -> str:
        """The canonical spelling, such as `hoursWorked` or `userDefinedFields.Site Code`."""
        return f"{USER_FIELDS}.{self.name}" if self.is_user_field else self.name


@dataclass(frozen=True, slots=True)
class OutboundRule:
    """A rule with its sources in the order it names them, and the fields it writes, all with the same value.

    The values that its author wrote (static, mapped, default) have the type of the fields already.
    """

    rule: Rule
    sources: tuple[Path | ItemPath, ...]
    fields: tuple[TargetField, ...]


@dataclass(frozen=True, slots=True)
class CompiledPart:
    """The rules for one kind of record; `entity` is its REST path name (empty where the root has no such records)."""

    kind: Kind
    entity: str
    rules: tuple[OutboundRule, ...] = ()

    @property
    def scripts(self) -> tuple[Custom, ...]:
        """The custom actions, in the order of the rules."""
        return tuple(rule.rule for rule in self.rules if isinstance(rule.rule, Custom))

    @property
    def fields(self) -> tuple[TargetField, ...]:
        """Every field that some rule writes, each once."""
        return tuple({field.text: field for rule in self.rules for field in rule.fields}.values())


@dataclass(frozen=True, slots=True)
class CompiledOutbound:
    """All outbound rules that can run, and what is wrong or doubtful about all of them."""

    ticket: CompiledPart
    time_entries: CompiledPart
    expense_items: CompiledPart
    charges: CompiledPart
    notes: CompiledPart
    findings: tuple[Finding, ...] = field(default=())

    @property
    def is_sound(self) -> bool:
        """Whether no rule had an error; an unsound mapping is not to be activated."""
        return all(finding.severity is not Severity.ERROR for finding in self.findings)
