"""Coverage: maps over a list of Field Nation's that forget values, or wait for values that never come."""

from collections.abc import Iterator
from dataclasses import replace

from app.core.mapping.picklists import find_gaps
from app.core.mapping.rules import ArrayMap, Pair
from app.core.mapping.values import as_text, nearest, same, show
from app.core.mapping.work_order_fields import field_at
from app.core.model.catalog import Field
from app.core.model.document import Json
from app.core.model.finding import Finding, Severity
from app.core.planning.review.subject import Subject, doubt, flaw, kind_of


def coverage(subject: Subject) -> Iterator[Finding]:
    """Gaps and dead entries of outbound maps. Those of Autotask's lists are found when the mapping is compiled."""
    for part in subject.parts:
        for rule in part.rules:
            field = field_at(subject.orders, rule.sources[0]) if rule.sources else None
            if isinstance(rule.rule, ArrayMap) and field is not None:
                yield from _map(rule.rule, field)


def _map(rule: ArrayMap, field: Field) -> Iterator[Finding]:
    place = f"{rule.place}.mappings"
    ids = {pick.label: pick.value for pick in field.values} if kind_of(field) == "text" else {}
    for n, pair in enumerate(rule.pairs):
        where = f"{place}[{n}].compare"
        if not field.values:
            yield from _never_equal(pair.compare, field, where)
        elif pair.compare not in (None, "") and not _is_met(pair.compare, field):
            yield _never_met(pair.compare, field, where)
    if rule.default is None and field.values:
        # A list of texts is met by its labels, which is what the document holds.
        known = [Pair(ids.get(as_text(pair.compare) or "", pair.compare), None) for pair in rule.pairs]
        yield from find_gaps(known, replace(field, name=field.label or field.name), place, Severity.WARNING)


def _is_met(compare: Json, field: Field) -> bool:
    picks = [pick for pick in field.values if pick.is_active]
    if kind_of(field) == "text":
        return any(same(compare, text) for pick in picks for text in (pick.label, pick.value))
    return any(pick.value == as_text(compare) for pick in picks) and not isinstance(compare, str)


def _never_met(compare: Json, field: Field, where: str) -> Finding:
    texts = [pick.label if kind_of(field) == "text" else pick.value for pick in field.values if pick.is_active]
    hit = nearest(as_text(compare) or "", texts)
    mend = f"Did you mean {hit}?" if hit else f"Use one of: {', '.join(texts[:12])}."
    text = f"{show(compare)} is not in the list of {field.name}, so it is never met."
    return doubt("mapping_unknown_pick", where, text, mend)


def _never_equal(compare: Json, field: Field, where: str) -> Iterator[Finding]:
    """A number and its text are never equal."""
    want = kind_of(field)
    if compare in (None, "") or (want == "number") is not isinstance(compare, str) or want not in ("number", "text"):
        return
    mend = f"Write {as_text(compare)} without quotes." if want == "number" else f'Write "{as_text(compare)}" in quotes.'
    text = f"{show(compare)} can never be equal to {field.name}, which is of type {field.type}."
    yield flaw("mapping_compare_impossible", where, text, mend)
