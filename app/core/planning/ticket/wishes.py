"""Wishes: the values that a record in Autotask should have, each with the source facts it was made from."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.core.mapping.digests import digest
from app.core.mapping.engine import Mapped
from app.core.model.document import Document, Json
from app.core.model.finding import Finding, Severity

CUT = " [cut, the rest is in Field Nation]"
"""What the end of a text says that did not fit."""


@dataclass(frozen=True, slots=True)
class FieldWish:
    """One wanted value of a field. Without `sources` it is fixed: written at creation, later only with `always`."""

    field: str
    value: Json
    sources: Mapping[str, str] = dataclasses.field(default_factory=dict)
    always: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """One item of the work order that should stand at the ticket.

    `name` is what people call it; `mark` finds its record again; `read` are the digests of everything that its mapping
    read; `lacking` says what the vendor demands and neither the mapping nor the file gives.
    """

    key: str
    name: str
    wishes: tuple[FieldWish, ...]
    mark: str
    read: Mapping[str, str] = dataclasses.field(default_factory=dict)
    lacking: str = ""

    @property
    def facts(self) -> dict[str, str]:
        """Digests of every source fact, by path."""
        return {**self.read, **{path: value for wish in self.wishes for path, value in wish.sources.items()}}


def sourced(field: str, value: Json, **sources: Json) -> FieldWish:
    """A built-in wish made from facts of the item; they are named by their keywords."""
    return FieldWish(field, value, {name: digest(fact) for name, fact in sources.items()})


def fixed(**values: Json) -> tuple[FieldWish, ...]:
    """Wishes from the connection file: a later change of the file rewrites nothing."""
    return tuple(FieldWish(name, value) for name, value in values.items() if value is not None)


def mapped_wishes(mapped: Mapped) -> tuple[FieldWish, ...]:
    """What the mapping gives, with the digests of what it read."""
    return tuple(
        FieldWish(one.target, one.value, {path: digest(value) for path, value in one.inputs}, one.always)
        for one in mapped.values
    )


def merged(built_in: Iterable[FieldWish], mapped: Iterable[FieldWish]) -> tuple[FieldWish, ...]:
    """A mapped value beats a built-in one.

    It keeps the built-in one's facts beside its own: a fact that changes after the mapping came, or went, still counts
    as changed.
    """
    wishes: dict[str, FieldWish] = {}
    for wish in (*built_in, *mapped):
        under = wishes.get(wish.field)
        kept = under.sources if under and wish.sources else {}
        wishes[wish.field] = replace(wish, sources={**kept, **wish.sources})
    return tuple(wishes.values())


def digests_of(mapped: Mapped) -> dict[str, str]:
    """Digests of everything that the mapping read."""
    return {path: digest(value) for path, value in mapped.inputs}


def marked(text: str, mark: str) -> str:
    """The text behind its mark, as the old connector writes it: `(#103) Swapped the fan tray`."""
    return text if text.startswith(f"(#{mark})") else f"(#{mark}) {text}".strip()


def with_mark(wishes: Sequence[FieldWish], field: str, mark: str) -> tuple[FieldWish, ...]:
    """The wishes with the mark before whatever is wished of that field."""
    wish = next((one for one in wishes if one.field == field), FieldWish(field, ""))
    text = "" if wish.value is None else str(wish.value)
    return (*(one for one in wishes if one.field != field), replace(wish, value=marked(text, mark)))


def fit(
    wishes: Sequence[FieldWish], lengths: Mapping[str, int], record: str, name: str
) -> tuple[tuple[FieldWish, ...], tuple[Finding, ...]]:
    """The wishes with texts cut to the length of their fields, in code points, and a finding for each cut."""
    fitting: list[FieldWish] = []
    findings: list[Finding] = []
    for wish in wishes:
        most = lengths.get(wish.field, 0)
        if isinstance(wish.value, str) and 0 < most < len(wish.value):
            findings.append(_cut(wish, most, record, name))
            wish = replace(wish, value=cut(wish.value, most))
        fitting.append(wish)
    return tuple(fitting), tuple(findings)


def cut(text: str, most: int) -> str:
    """At most that many code points, saying so at the end where there is room to."""
    if len(text) <= most:
        return text
    ending = CUT if most > 2 * len(CUT) else "..." if most > 3 else ""
    return text[: most - len(ending)].rstrip() + ending


def _cut(wish: FieldWish, most: int, record: str, name: str) -> Finding:
    return Finding(
        "text_cut",
        Severity.INFO,
        record,
        f"{name}: the text for {wish.field} has {len(str(wish.value))} characters and was cut to {most}.",
        "Nothing, if the beginning is enough; the whole text stays in Field Nation.",
        wish.field,
    )


def as_body(wishes: Iterable[FieldWish]) -> Document:
    """The fields of a request; user-defined fields in the list that Autotask keeps them in."""
    body: dict[str, Json] = {}
    own: list[Json] = []
    for wish in wishes:
        place, _, name = wish.field.partition(".")
        if name:
            own.append({"name": name, "value": None if wish.value is None else str(wish.value)})
        else:
            body[place] = wish.value
    return {**body, "userDefinedFields": own} if own else body
