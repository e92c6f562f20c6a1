"""Compiled mappings: rules whose names were found, whose values have the right type, ready for any document."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from app.core.mapping.paths import Path
from app.core.mapping.relations import Hop, SourcePath, relations_of
from app.core.mapping.rules import Custom, Direction, Rule
from app.core.model.finding import Finding, Severity

Source: TypeAlias = SourcePath | Path
"""Where a rule reads: a resolved ticket side source, or a place in the document itself."""


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule with its sources in the order the rule names them, and the target in its canonical spelling."""

    rule: Rule
    sources: tuple[Source, ...]
    target: str


@dataclass(frozen=True, slots=True)
class CompiledMapping:
    """The rules of one direction that can run, and what is wrong or doubtful about all of them."""

    direction: Direction
    rules: tuple[CompiledRule, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether no rule had an error; an unsound mapping is not to be activated."""
        return all(finding.severity is not Severity.ERROR for finding in self.findings)

    @property
    def scripts(self) -> Sequence[Custom]:
        """The custom actions, in the order of the rules."""
        return tuple(rule.rule for rule in self.rules if isinstance(rule.rule, Custom))

    @property
    def sources(self) -> Sequence[SourcePath]:
        """Every ticket side source, each once."""
        all_sources = (source for rule in self.rules for source in rule.sources)
        return tuple(dict.fromkeys(source for source in all_sources if isinstance(source, SourcePath)))

    @property
    def relations(self) -> tuple[tuple[Hop, ...], ...]:
        """The chains of related records to nest into the ticket before the mapping is applied."""
        return relations_of(self.sources)
