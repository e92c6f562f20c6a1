"""Scripted rules: what a custom action reads, what counts as its source fact, and the document its script sees."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from app.core.mapping.digests import digest
from app.core.mapping.item_paths import ORIGINAL
from app.core.mapping.paths import USER_FIELDS
from app.core.mapping.reading import objects_of
from app.core.mapping.rules import Custom
from app.core.mapping.soap_names import entity_named, soap_name
from app.core.model.document import Document, Json
from app.core.model.script import Ran, ScriptOutcome

NOT_RUN: Final[Mapping[int, ScriptOutcome]] = MappingProxyType({})
"""No script was run, because there is none."""

_DEEPEST_RELATION: Final = 4
# `$.input.Account.AccountName`, and the same as the text that the look-up helper is given.
_INPUT_PATH: Final = re.compile(r"\$\.input\.([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)")
_LOOKED_UP: Final = re.compile(r"lookup_field\(\s*\$\.input\s*,\s*(['\"])(.+?)\1")


@dataclass(frozen=True, slots=True)
class OrderOutcomes:
    """What the scripts made of one work order: by kind of record and digest of the element, by index of the rule."""

    by_element: Mapping[tuple[str, str], Mapping[int, ScriptOutcome]]

    def of(self, kind: str, item: Document | None) -> Mapping[int, ScriptOutcome]:
        """The outcomes for one element of a list, or (None) for the ticket itself."""
        return self.by_element.get(element_key(kind, item), NOT_RUN) if self.by_element else NOT_RUN


NO_OUTCOMES: Final = OrderOutcomes({})


def element_key(kind: str, item: Document | None) -> tuple[str, str]:
    """What tells the elements of a work order apart, also the parts of one that was split."""
    return kind, "" if item is None else digest(item)


def script_inputs(rule: Custom, outcome: ScriptOutcome | None) -> tuple[tuple[str, Json], ...]:
    """What stands for the source of a scripted value: the value itself, under the digest of the program.

    Nobody can tell which parts of its input a program looked at. Another program is another source, and a source that
    was not read before rewrites nothing. A run that broke is kept as such, so that the value counts as changed once it
    is there.
    """
    value = outcome.value if isinstance(outcome, Ran) else {"broke": outcome.code if outcome else "not run"}
    return ((f"script {digest(rule.script)[:12]}", value),)


def paths_in(script: str) -> tuple[str, ...]:
    """The places of the input that a program spells out, each once, as a mapping would write them."""
    spelled = [found[1] for found in _INPUT_PATH.finditer(script)]
    looked_up = [found[2] for found in _LOOKED_UP.finditer(script)]
    return tuple(dict.fromkeys((*spelled, *looked_up)))


def ticket_input(ticket: Document, entity: str = "Tickets") -> Document:
    """The ticket as scripts see it: REST's names, and beside each the old API's, which customers' scripts carry.

    `UserDefinedField` is an object of values by name; related records are nested under both of their names.
    """
    return _renamed(ticket, entity, _DEEPEST_RELATION)


def _renamed(record: Document, entity: str, depth: int) -> Document:
    made: dict[str, Json] = {}
    for key, value in record.items():
        nested = isinstance(value, Mapping) and depth > 0
        inner = _renamed(value, entity_named(key), depth - 1) if isinstance(value, Mapping) and nested else value
        old = soap_name(entity, key)
        made[key] = inner
        made.setdefault(old[:1].upper() + old[1:], inner)
    fields = record.get(USER_FIELDS)
    made["UserDefinedField"] = {str(field.get("name")): field.get("value") for field in objects_of(fields)}
    return made


def order_input(order: Document) -> Document:
    """The work order as scripts see it: the document that mappings see, with all expenses where the vendor has them.

    What the vendor has under a name that is ours is left out: it would double the input.
    """
    pay, expenses = order.get("pay"), [_bare(row) for row in objects_of(order.get("expenses"))]
    whole = {name: _without_originals(value) for name, value in order.items() if name != ORIGINAL}
    if isinstance(pay, Mapping):
        kept = pay.get("expenses")
        inner = {**(kept if isinstance(kept, Mapping) else {}), "results": expenses}
        whole["pay"] = {**pay, "expenses": inner}
    return whole


def item_input(item: Document) -> Document:
    """One element of a list as scripts see it."""
    return {name: value for name, value in item.items() if name != ORIGINAL}


def _without_originals(value: Json) -> Json:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(item_input(row) if isinstance(row, Mapping) else row for row in value)
    return value


def _bare(row: Document) -> Document:
    """An expense in the vendor's own shape."""
    original = row.get(ORIGINAL)
    return {**item_input(row), **(original if isinstance(original, Mapping) else {})}
