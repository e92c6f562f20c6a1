"""Order places: whether a work order has what the rules write to and read from, and may be written there."""

from collections.abc import Iterable, Iterator
from typing import Final

from app.core.mapping.item_paths import ItemPath
from app.core.mapping.paths import CUSTOM_FIELDS, Path, System, parse_path
from app.core.mapping.relations import SourcePath
from app.core.mapping.rules import Custom, Rule, sources_of
from app.core.mapping.values import as_text, nearest, show
from app.core.mapping.work_order_fields import field_at
from app.core.mapping.work_order_names import STATUS_TARGET
from app.core.model.catalog import EntityCatalog, Field
from app.core.model.document import Json
from app.core.model.finding import Finding
from app.core.planning.review.subject import Subject, doubt, flaw, nearest_number, written
from app.core.planning.targets import read_target

_MOST_LISTED: Final = 6


def places(subject: Subject) -> Iterator[Finding]:
    """Sources that nobody can read, targets that nobody can write, values that the target does not take."""
    yield from _ticket_sources(subject)
    if subject.orders.fields:
        yield from _targets(subject)
        yield from _order_sources(subject)


def _ticket_sources(subject: Subject) -> Iterator[Finding]:
    for rule in subject.inbound.rules:
        named = () if isinstance(rule.rule, Custom) else zip(sources_of(rule.rule), rule.sources, strict=True)
        for (key, text), source in named:
            if isinstance(source, SourcePath) and not source.meta.is_queryable:
                words = f"The source {show(text)} cannot be read: the database does not let {source.name} be queried."
                mend = "Map another field that `broker fields` lists."
                yield flaw("mapping_unreadable_source", f"{rule.rule.place}.{key}", words, mend)


def _targets(subject: Subject) -> Iterator[Finding]:
    for compiled in subject.inbound.rules:
        path = parse_path(compiled.target, System.FIELD_NATION)
        if isinstance(path, Path) and compiled.target != STATUS_TARGET:
            yield from _target(path, compiled.rule, subject.orders)


def _target(path: Path, rule: Rule, orders: EntityCatalog) -> Iterator[Finding]:
    where = f"{rule.place}.target"
    place = read_target(path.segments)
    field = field_at(orders, Path(path.system, place)) if place else None
    if path.custom_field and field is None:
        yield _no_custom_field(path.custom_field, orders, where, f"The target {show(rule.target)} cannot be written")
    elif field is None:
        yield _no_target(path, rule, orders, is_dropped=place is not None)
    elif field.is_read_only:
        what = f"the custom field {shown_custom(field)} is not the buyer's" if path.custom_field else "it is only read"
        text = f"The target {show(rule.target)} cannot be written: {what}."
        yield flaw("mapping_read_only_target", where, text, _nearest_target(path, orders, "Map to another field."))
    else:
        yield from _values(rule, field)


def _no_target(path: Path, rule: Rule, orders: EntityCatalog, *, is_dropped: bool) -> Finding:
    where, mend = f"{rule.place}.target", _nearest_target(path, orders, "")
    text = f"The target {show(rule.target)} cannot be written: a work order keeps no value there."
    if mend or not is_dropped:
        return flaw("mapping_unknown_target", where, text, mend or "Name a place such as title or location.city.")
    text = f"The target {show(rule.target)} is not known, and Field Nation drops what it does not know without a word."
    mend = "Use a path that `broker fields` lists, or look at the first work order that is made with it."
    return doubt("mapping_unknown_target", where, text, mend)


def _nearest_target(path: Path, orders: EntityCatalog, otherwise: str) -> str:
    """The writable place in the same section whose name is nearest."""
    section, _, rest = path.text.partition(".")
    writable = [field.name for field in orders.fields.values() if not field.is_read_only and field.name != path.text]
    inside = {name.partition(".")[2]: name for name in writable if name.partition(".")[0] == section}
    hit = inside.get(nearest(rest, inside), "") or (next(iter(inside.values())) if len(inside) == 1 else "")
    below = next((name for name in writable if name.startswith((f"{path.text}.", f"{path.text}["))), "")
    return f"Did you mean {hit or below}?" if hit or below else otherwise


def _no_custom_field(number: str, orders: EntityCatalog, where: str, begin: str, *, is_source: bool = False) -> Finding:
    """Without any custom field known, nobody can say that this one does not exist."""
    known = {number: field for number, field in orders.user_fields.items() if is_source or not field.is_read_only}
    text = f"{begin}: the company has no custom field {number}."
    if not orders.user_fields:
        mend = "Look its number up in Field Nation, under the company's custom fields."
        return doubt("mapping_unknown_custom_field", where, f"{begin} for certain: no custom field was found.", mend)
    hit = nearest_number(number, known)
    listed = ", ".join(shown_custom(field) for field in list(known.values())[:_MOST_LISTED])
    mend = f"Did you mean {CUSTOM_FIELDS}.{hit}, {known[hit].label}?" if hit else f"Use one of: {listed}."
    return flaw("mapping_unknown_custom_field", where, text, mend)


def shown_custom(field: Field) -> str:
    """A custom field as people know it: `Site code (4711)`."""
    return f"{field.label} ({field.name})"


def _values(rule: Rule, field: Field) -> Iterator[Finding]:
    for key, value in written(rule):
        if field.values and value not in (None, "") and not _is_value(value, field):
            name = shown_custom(field) if field.name.isdecimal() else field.name
            text = f"{show(value)} is not in the list of {name}."
            yield flaw("mapping_unknown_pick", f"{rule.place}.{key}", text, _nearest_value(value, field))


def _is_value(value: Json, field: Field) -> bool:
    return any(pick.value == as_text(value) for pick in field.values if pick.is_active)


def _nearest_value(value: Json, field: Field) -> str:
    by_text = {text: pick for pick in field.values if pick.is_active for text in (pick.value, pick.label)}
    hit = by_text.get(nearest(as_text(value) or "", by_text))
    if hit is not None:
        return f"Did you mean {hit.value}?" if hit.value == hit.label else f"Did you mean {hit.value}, {hit.label}?"
    return f"Use one of: {', '.join(pick.value for pick in field.values if pick.is_active)}."


def _order_sources(subject: Subject) -> Iterator[Finding]:
    for part in subject.parts:
        for rule in part.rules:
            for (key, text), source in zip(sources_of(rule.rule), rule.sources, strict=True):
                yield from _order_source(text, source, f"{rule.rule.place}.{key}", subject.orders)


def _order_source(text: str, source: Path | ItemPath, where: str, orders: EntityCatalog) -> Iterator[Finding]:
    field = field_at(orders, source)
    if isinstance(source, Path) and source.custom_field:
        if field is None:
            begin = f"The source {show(text)} cannot be read"
            yield _no_custom_field(source.custom_field, orders, where, begin, is_source=True)
        return
    if field is None:
        yield from _unlisted(text, source, where, orders)
    elif not field.is_queryable:
        words = f"The source {show(text)} cannot be read: Field Nation takes {field.name} and never shows it."
        yield flaw("mapping_unreadable_source", where, words, "Map another field.")


def _unlisted(text: str, source: Path | ItemPath, where: str, orders: EntityCatalog) -> Iterator[Finding]:
    """A source that the broker does not know: an object or a list as a whole, a misspelt name, or a key that the
    vendor has added since."""
    path = source.text.replace("[]", "[0]")
    names = [field.name for field in orders.fields.values() if field.is_queryable]
    below = [name for name in names if name.lower().startswith((f"{path}.".lower(), f"{path}[".lower()))]
    if below:
        words = f"The source {show(text)} is an object or a list, which no field of Autotask takes."
        yield flaw("mapping_not_a_value", where, words, f"Name a part of it, such as {below[0]}.")
        return
    hit = _nearest_source(path, names)
    words = f"The source {show(text)} is not among the fields of a work order; where it is missing, nothing is mapped."
    mend = f"Did you mean {hit}?" if hit else "Use a path that `broker fields` lists."
    yield doubt("mapping_unknown_source", where, words, mend)


def _nearest_source(path: str, names: Iterable[str]) -> str:
    """Nearest within the same section, where its last words count; else nearest as a whole."""
    section, _, rest = path.partition(".")
    inside = {name.partition(".")[2]: name for name in names if name.partition(".")[0] == section}
    return inside.get(nearest(rest, inside), "") if rest else nearest(path, [n for n in names if "." not in n])
