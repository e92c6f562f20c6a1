"""Comparison: what two mappings make of the same records, and where they differ, grouped by field."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from app.core.mapping.digests import digest
from app.core.mapping.values import is_empty
from app.core.model.document import Json
from app.core.model.finding import Finding, Severity

Way: TypeAlias = Literal["in", "out"]
"""From ticket to work order, or from work order to ticket."""

SENT: Final = "sent"
"""What stands for the value of a record as a whole."""

_EXAMPLES: Final = 3


@dataclass(frozen=True, slots=True)
class Made:
    """What a mapping wants one record at the other system to hold.

    `entity` is the kind of that record; `name` says what it is made from, where the ticket or work order alone does
    not (`time log 312`). An item that would not be sent is no record at all.
    """

    entity: str
    values: Mapping[str, Json]
    name: str = ""


@dataclass(frozen=True, slots=True)
class MappingResult:
    """Everything a mapping makes of one ticket or work order: the records by a key that both mappings share."""

    made: Mapping[str, Made]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """One value that differs; a value that is not there is null."""

    record: str
    before: Json
    after: Json


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """A field in which the results differ; an empty `field` is the record as a whole, sent by one mapping only.

    `records` counts tickets or work orders; the other counts are values, of which one work order may have several.
    """

    way: Way
    entity: str
    field: str
    records: int
    gained: int
    lost: int
    changed: int
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """Findings of one cause that one mapping has and the other has not; `record` and `text` are an example's."""

    way: Way
    severity: Severity
    code: str
    field: str
    records: int
    record: str
    text: str


@dataclass(slots=True)
class _Field:
    records: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    examples: list[Example] = field(default_factory=list)


@dataclass(slots=True)
class _Cause:
    first: Finding
    record: str
    records: int = 0


_Difference: TypeAlias = tuple[str, str, Example]
_Causes: TypeAlias = dict[tuple[Way, str, str], _Cause]


class Comparison:
    """Adds up differences, record by record. It grows with the number of fields and causes, not with the records."""

    def __init__(self) -> None:
        self.compared: Counter[Way] = Counter()
        self.differing: Counter[Way] = Counter()
        self._fields: dict[tuple[Way, str, str], _Field] = {}
        self._new: _Causes = {}
        self._ended: _Causes = {}

    def add(self, way: Way, record: str, before: MappingResult, after: MappingResult) -> None:
        """Compares the results of both mappings for one ticket or work order, which people call `record`."""
        found = list(_differences(record, before, after))
        self.compared[way] += 1
        self.differing[way] += bool(found)
        for entity, name, example in found:
            self._note((way, entity, name), example)
        for entity, name in {(entity, name) for entity, name, _ in found}:
            self._fields[way, entity, name].records += 1
        _count(self._new, way, record, before.findings, after.findings)
        _count(self._ended, way, record, after.findings, before.findings)

    @property
    def fields(self) -> tuple[FieldGroup, ...]:
        """The fields that differ, those of most records first."""
        groups = [
            FieldGroup(
                *key,
                records=one.records,
                gained=one.kinds["gained"],
                lost=one.kinds["lost"],
                changed=one.kinds["changed"],
                examples=tuple(one.examples),
            )
            for key, one in self._fields.items()
        ]
        return tuple(sorted(groups, key=lambda group: (group.way, -group.records, group.entity, group.field)))

    @property
    def new_findings(self) -> tuple[FindingGroup, ...]:
        """What only the second mapping finds."""
        return _groups(self._new)

    @property
    def ended_findings(self) -> tuple[FindingGroup, ...]:
        """What only the first mapping finds."""
        return _groups(self._ended)

    def _note(self, key: tuple[Way, str, str], example: Example) -> None:
        group = self._fields.setdefault(key, _Field())
        kind = "gained" if is_empty(example.before) else "lost" if is_empty(example.after) else "changed"
        group.kinds[kind] += 1
        if len(group.examples) < _EXAMPLES:
            group.examples.append(example)


def _differences(record: str, before: MappingResult, after: MappingResult) -> Iterator[_Difference]:
    """Entity, field and both values of everything that differs. Numbers count, not their spelling."""
    for key in {**before.made, **after.made}:
        old, new = before.made.get(key), after.made.get(key)
        one = new or old
        assert one is not None
        name = f"{record}, {one.name}" if one.name else record
        if old is None or new is None:
            yield one.entity, "", Example(name, None if old is None else SENT, None if new is None else SENT)
            continue
        for field_name in sorted({*old.values, *new.values}):
            was, is_now = old.values.get(field_name), new.values.get(field_name)
            if not _is_same(was, is_now):
                yield one.entity, field_name, Example(name, was, is_now)


def _is_same(one: Json, other: Json) -> bool:
    if is_empty(one) or is_empty(other):
        return is_empty(one) and is_empty(other)
    return digest(one) == digest(other)


def _count(causes: _Causes, way: Way, record: str, known: Iterable[Finding], found: Iterable[Finding]) -> None:
    """Notes each cause that was found more often than it was known, once for the record."""
    left = Counter(_cause(finding) for finding in known)
    noted: set[tuple[str, str]] = set()
    for finding in found:
        cause = _cause(finding)
        left[cause] -= 1
        if left[cause] >= 0 or cause in noted:
            continue
        noted.add(cause)
        causes.setdefault((way, *cause), _Cause(finding, record)).records += 1


def _cause(finding: Finding) -> tuple[str, str]:
    """Code and field; of an item (`time_entry/312`) its kind."""
    return finding.code, finding.field.partition("/")[0]


def _groups(causes: _Causes) -> tuple[FindingGroup, ...]:
    groups = [
        FindingGroup(way, one.first.severity, code, field_name, one.records, one.record, one.first.text)
        for (way, code, field_name), one in causes.items()
    ]
    return tuple(sorted(groups, key=lambda group: (group.way, -group.records, group.code, group.field)))
