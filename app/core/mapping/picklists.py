"""Compare values against the source's field: their type, its picklist, and the gaps they leave."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.mapping.rules import Pair
from app.core.mapping.values import as_number, as_text, nearest, same, show
from app.core.model.catalog import Field, PickValue
from app.core.model.document import Json
from app.core.model.finding import Finding, Severity

_WHOLE = ("integer", "long", "short", "byte")
_REAL = ("double", "decimal")


@dataclass(frozen=True, slots=True)
class Typed:
    """Entries with their compare values in the type that the field has on the wire, and what was found on the way."""

    pairs: tuple[Pair, ...]
    findings: tuple[Finding, ...]


def type_pairs(pairs: Sequence[Pair], source: Field, is_user_field: bool, place: str, *, labels: bool) -> Typed:
    """Turns the compare values of a map into the source field's type; with `labels`, picklist labels into ids.

    `place` is the path of the list of entries. A value that can never match is an error.
    """
    typed: list[Pair] = []
    findings: list[Finding] = []
    for n, pair in enumerate(pairs):
        where = f"{place}[{n}].compare"
        compare = (_id_of(pair.compare, source) if labels else None) or pair.compare
        turned = _turn(compare, "string" if is_user_field else source.type.lower())
        if turned is None and compare is not None:
            findings.append(_impossible(pair.compare, source, where))
            continue
        if not labels and not same(turned, pair.compare):
            findings.append(_converted(pair.compare, turned, source, where))
        findings += _doubtful_pick(turned, source, where)
        if any(same(turned, one.compare) for one in typed) and not _is_repeated(pair, pairs[:n]):
            text = f"{show(pair.compare)} means {shown_with_label(turned, source)}, which stands in an entry above."
            mend = "Remove one of the two; the first wins."
            findings.append(Finding("mapping_dead_entry", Severity.WARNING, "connection", text, mend, where))
        typed.append(Pair(turned, pair.value))
    return Typed(tuple(typed), tuple(findings))


def _is_repeated(pair: Pair, before: Sequence[Pair]) -> bool:
    """Whether the same compare value is written above: that was said when the rule was read."""
    return any(same(pair.compare, one.compare) for one in before)


def find_gaps(pairs: Sequence[Pair], source: Field, place: str, severity: Severity) -> tuple[Finding, ...]:
    """A finding when active picklist values of the source have no entry (and the rule no default)."""
    covered = {as_text(pair.compare) for pair in pairs}
    gaps = [pick for pick in source.values if pick.is_active and pick.value not in covered]
    if not gaps:
        return ()
    listed = ", ".join(label_of(pick) for pick in gaps[:8]) + (", …" if len(gaps) > 8 else "")
    text = f"{len(gaps)} values of {source.name} have no entry and there is no default: {listed}."
    return (Finding("mapping_gap", severity, "connection", text, "Add entries for them, or a default.", place),)


def label_of(pick: PickValue) -> str:
    """A picklist value as a person is shown it, `Complete (5)`."""
    return f"{pick.label} ({pick.value})"


def shown_with_label(value: Json, source: Field) -> str:
    """The value, with its label when the field is a picklist that knows it."""
    text = as_text(value)
    pick = next((pick for pick in source.values if pick.value == text), None)
    return label_of(pick) if pick else show(value)


def _id_of(compare: Json, source: Field) -> str | None:
    """The id of the picklist value that the text is a label of; active values before inactive ones."""
    if not isinstance(compare, str) or any(pick.value == compare.strip() for pick in source.values):
        return compare.strip() if isinstance(compare, str) else None
    wanted = compare.strip().casefold()
    hits = [pick for pick in source.values if pick.label.strip().casefold() == wanted]
    return next((pick.value for pick in sorted(hits, key=lambda pick: not pick.is_active)), None)


def _turn(compare: Json, type: str) -> Json:
    """The value in the field's type, or null when it can never have it. Empty stands for empty in every type."""
    if compare is None or compare == "":
        return compare
    if type in _WHOLE or type in _REAL:
        number = as_number(compare)
        if number is None or type in _REAL:
            return number
        return int(number) if number.copy_abs() < 10**18 and number == int(number) else None
    if type == "boolean":
        text = str(as_text(compare)).strip().lower()
        return {"true": True, "1": True, "false": False, "0": False}.get(text)
    return as_text(compare)


def _impossible(compare: Json, source: Field, where: str) -> Finding:
    picks = {pick.label: pick for pick in source.values}
    hit = nearest(compare, picks)
    if not isinstance(compare, str) or not hit:
        mend = f"Write a value of type {source.type}." if not picks else f"Use one of: {listed(source.values)}."
    else:
        mend = f"Did you mean {label_of(picks[hit])}? Write the id, or use the action status for labels."
    text = f"{show(compare)} can never be equal to {source.name}, which is of type {source.type}."
    return Finding("mapping_compare_impossible", Severity.ERROR, "connection", text, mend, where)


def _converted(compare: Json, turned: Json, source: Field, where: str) -> Finding:
    text = f"{show(compare)} is compared as {show(turned)}, because {source.name} is of type {source.type}."
    mend = f"Write {show(turned)}."
    return Finding("mapping_compare_converted", Severity.WARNING, "connection", text, mend, where)


def _doubtful_pick(value: Json, source: Field, where: str) -> Sequence[Finding]:
    if not source.values or value is None or value == "":
        return ()
    pick = next((pick for pick in source.values if pick.value == as_text(value)), None)
    if pick is not None and pick.is_active:
        return ()
    what = f"{label_of(pick)} is inactive" if pick else f"{show(value)} is not in the list"
    text = f"{what} of {source.name}, so it cannot be met on a new ticket."
    mend = f"Use one of: {listed([pick for pick in source.values if pick.is_active])}."
    return (Finding("mapping_unknown_pick", Severity.WARNING, "connection", text, mend, where),)


def listed(picks: Sequence[PickValue]) -> str:
    """The values as a person is shown them, cut to a dozen."""
    return ", ".join(label_of(pick) for pick in picks[:12]) + (", …" if len(picks) > 12 else "")
