"""What a silent loss is: the promise that every mapping over every document is held to.

A rule whose source holds something, and whose target gets neither that rule's value, nor its default, nor the value
of a later rule, has a finding that names source and target. So has each part of a joined text that could not be
joined, and each source that the document lacks.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.core.mapping.engine import Mapped
from app.core.mapping.reading import Missing, Reading
from app.core.mapping.rules import Concat, Rule
from app.core.mapping.values import same


def says_something(value: Any) -> bool:
    """Whether there is anything to lose: not null, no empty text or container, no date with empty halves."""
    if value is None or value == "" or value == [] or value == () or value == {}:
        return False
    return not (isinstance(value, Mapping) and ("utc" in value or "local" in value) and not _halves(value))


def _halves(date: Mapping[str, Any]) -> list[Any]:
    local = date.get("local")
    halves = [date.get("utc"), *((local.get("date"), local.get("time")) if isinstance(local, Mapping) else (local,))]
    return [half for half in halves if half not in (None, "", [], ())]


def silent_losses(
    rule: Rule, target: str, readings: Sequence[tuple[str, Reading]], got: Mapped, *, is_text: bool = True
) -> list[str]:
    """The sources that were lost without a word; `is_text`: the target takes any text, blanks too."""
    told = {finding.field for finding in got.findings if target in finding.text}
    held = [(path, read) for path, read in readings if isinstance(read, Missing) or _counts(read.value, is_text)]
    value = next((value for value in got.values if value.target == target), None)
    if isinstance(rule, Concat):
        lost = [path for path, read in held if isinstance(read, Missing) or not _is_scalar(read.value)]
        if value is None:
            lost = [path for path, _ in held]
    elif (value is not None and value.rule_index >= rule.index) or _asks_for_nothing(rule, held):
        lost = []
    else:
        lost = [path for path, _ in held]
    return [path for path in lost if not told & {path, target}]


def _counts(value: Any, is_text: bool) -> bool:
    return says_something(value) and (is_text or not isinstance(value, str) or bool(value.strip()))


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, bool | int | float | Decimal | str)


def _asks_for_nothing(rule: Rule, held: Sequence[tuple[str, Reading]]) -> bool:
    """Whether the entry that is met writes nothing, because its author wrote null or a blank."""
    (_, read), *_ = held or [("", Missing(""))]
    if isinstance(read, Missing):
        return False
    met = [pair for pair in getattr(rule, "pairs", ()) if same(read.value, pair.compare)]
    return bool(met and met[0].value is None) or any(bound.value is None for bound in getattr(rule, "bounds", ()))
