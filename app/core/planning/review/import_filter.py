"""Import filter: whether Autotask can carry out `settings.import_when`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from app.core.mapping.outbound_values import pick_of
from app.core.mapping.picklists import label_of, listed
from app.core.mapping.values import as_number, nearest, show
from app.core.model.catalog import Field
from app.core.model.finding import Finding
from app.core.planning.review.subject import Subject, flaw, kind_of

_WITHOUT_VALUE: Final = ("exist", "notExist")
_MOST_USER_FIELDS: Final = 1
"""Autotask takes one condition on a user-defined field in a query (its developer help, basic query calls)."""

PLACE: Final = "settings.import_when"


def conditions(written: object, place: str = PLACE) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every comparison of the filter with its place, however deep it is grouped."""
    if not isinstance(written, Sequence) or isinstance(written, str):
        return
    for n, one in enumerate(written):
        if isinstance(one, Mapping) and "items" in one:
            yield from conditions(one["items"], f"{place}[{n}].items")
        elif isinstance(one, Mapping):
            yield f"{place}[{n}]", one


def asks_user_fields(written: object) -> bool:
    """Whether a condition is about a user-defined field."""
    return any(one.get("udf") is True for _, one in conditions(written))


def import_filter(subject: Subject) -> Iterator[Finding]:
    """Conditions on fields that are not there or cannot be asked for, and values that can never be met."""
    found = list(conditions(subject.file.settings.import_when))
    for place, one in found if subject.tickets.fields else ():
        yield from _condition(place, one, subject)
    own = [place for place, one in found if one.get("udf") is True]
    if len(own) > _MOST_USER_FIELDS:
        text = f"{len(own)} conditions are about user-defined fields, and Autotask takes one in a query."
        yield flaw("filter_unusable", f"{own[1]}.udf", text, "Keep one of them.")


def _condition(place: str, one: Mapping[str, Any], subject: Subject) -> Iterator[Finding]:
    name, tickets = str(one.get("field")), subject.tickets
    fields = tickets.user_fields if one.get("udf") is True else tickets.fields
    field = fields.get(name.lower())
    if field is None:
        yield _unknown(place, name, subject, is_own=one.get("udf") is True)
    elif not field.is_queryable:
        text = f"The database does not let {field.name} be asked for."
        yield flaw("filter_unusable", f"{place}.field", text, "Ask for another field.")
    elif one.get("op") not in _WITHOUT_VALUE:
        values = one.get("value")
        for value in values if isinstance(values, list | tuple) else (values,):
            yield from _value(f"{place}.value", value, field)


def _unknown(place: str, name: str, subject: Subject, *, is_own: bool) -> Finding:
    tickets = subject.tickets
    if not is_own and name.lower() in tickets.user_fields:
        text = f"{show(name)} is a user-defined field, and the condition does not say so."
        return flaw("filter_unusable", f"{place}.field", text, "Add udf: true to the condition.")
    known = tickets.user_fields if is_own else tickets.fields
    hit = nearest(name, [field.name for field in known.values()])
    what = "user-defined field" if is_own else "field"
    text = f"{show(name)} is no {what} of {tickets.entity}."
    return flaw("filter_unusable", f"{place}.field", text, f"Did you mean {hit}?" if hit else "Name one of its fields.")


def _value(where: str, value: Any, field: Field) -> Iterator[Finding]:
    if kind_of(field) != "number" or value is None:
        return
    pick = pick_of(value, field)
    if as_number(value) is None or isinstance(value, bool):
        if pick is not None:
            mend = f"Write {pick.value}, the id of {pick.label}."
        else:
            hit = nearest(value, [one.label for one in field.values])
            near = next((one for one in field.values if one.label == hit), None)
            mend = f"Did you mean {near.value}, the id of {near.label}?" if near else "Write a number, such as an id."
        yield flaw("filter_unusable", where, f"{field.name} is compared by its number, and not by {show(value)}.", mend)
    elif field.values and (pick is None or not pick.is_active):
        what = f"{label_of(pick)} is inactive" if pick else f"{show(value)} is not in the list of {field.name}"
        mend = f"Use one of: {listed([one for one in field.values if one.is_active])}."
        yield flaw("filter_unusable", where, f"{what}, so no ticket has it.", mend)
