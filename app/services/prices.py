"""Prices of looking: how many calls a look costs at most, told from our own records before anything is called.

Every bound is of calls at the network, tokens and limits included. A list of more pages than one is paid by the lists
that need no call of their own, and by a small reserve; where that is not enough, the allowance ends the look.
"""

from collections.abc import Iterable, Iterator
from math import ceil
from typing import Final

from app.core.mapping.dialects import load_rules
from app.core.mapping.paths import USER_FIELDS, BadPath, System, parse_path
from app.core.mapping.rules import Custom, Rule, sources_of
from app.core.mapping.scripted import paths_in
from app.core.model.calls import Calls
from app.core.model.connection import ConnectionFile

TICKETS_AT_ONCE: Final = 500
"""Ids in one query (Autotask developer help, advanced query features)."""

_READINGS_OF_FIELDS: Final = 3
"""An entity's fields, its user-defined fields; the former once more when the latter are wanted only later."""
_WRITTEN_ENTITIES: Final = 4
"""Time entries, expense items or charges, notes: what outbound rules write beside the paired record."""
_CALLS_PER_USAGE: Final = 100
_CALLS_PER_TOKEN: Final = 1000
_LISTS: Final = ("time logs", "expenses", "messages")
_LEAST_RESERVE: Final = 3
_ORDERS_PER_RESERVE: Final = 10
"""One further page for so many work orders."""
_LOOKS: Final = 3
"""The passes of a trial: under the file, under the active one, and what would be written again."""
_DEAREST_PASS: Final = Calls(autotask=12, field_nation=8)
"""The work order and its lists; the ticket, its place, a right, and each kind of record where a pair is taken over."""


def price_of_fields(*files: ConnectionFile) -> Calls:
    """What the fields of everything that the files name cost, as if none were kept."""
    entities = 1 + _WRITTEN_ENTITIES + len(relations_named(files))
    return Calls(autotask=entities * _READINGS_OF_FIELDS)


def price_of_tickets(count: int, *files: ConnectionFile) -> Calls:
    """Tickets with the related records that any of the files names: one query each for 500 tickets."""
    relations = relations_named(files)
    # A ticket without a location is looked for at its company, and at the company's own address.
    queries = 1 + len(relations) + 2 * sum(1 for relation in relations if "location" in relation[-1])
    return Calls(autotask=queries * ceil(count / TICKETS_AT_ONCE))


def price_of_orders(count: int, *files: ConnectionFile) -> Calls:
    """Work orders, each with every list by a call of its own, and a reserve for lists of several pages."""
    has_files = any(file.attachments.enabled for file in files)
    is_by_call = any(file.autotask.service_object == "ServiceCall" for file in files)
    one = Calls(autotask=2 if is_by_call else 0, field_nation=1 + len(_LISTS) + has_files)
    reserve = max(_LEAST_RESERVE, ceil(count / _ORDERS_PER_RESERVE))
    return one.times(count) + Calls(field_nation=reserve)


def price_of_trial(*files: ConnectionFile) -> Calls:
    """One record under two files: three passes that write nothing, and the ticket's id when a number names it."""
    one = price_of_tickets(1, *files) + _DEAREST_PASS
    return with_admission(price_of_fields(*files) + one.times(_LOOKS) + Calls(autotask=1))


def with_admission(calls: Calls) -> Calls:
    """The price with what it takes to be let in: zone, token, and the look at how much of the limit is used."""
    autotask = calls.autotask + 1 + 1 + calls.autotask // _CALLS_PER_USAGE
    field_nation = calls.field_nation + 1 + calls.field_nation // _CALLS_PER_TOKEN
    return Calls(autotask if calls.autotask else 0, field_nation if calls.field_nation else 0)


def relations_named(files: Iterable[ConnectionFile]) -> frozenset[tuple[str, ...]]:
    """The chains of related records that the inbound rules spell, lower-cased; a name that leads nowhere counts."""
    texts = {text for file in files for text in _sources(file)}
    return frozenset(chain for text in texts for chain in _chains(text))


def _sources(file: ConnectionFile) -> Iterator[str]:
    rules, _ = load_rules(file.mappings.inbound, "inbound")
    for rule in rules:
        yield from _paths(rule)


def _paths(rule: Rule) -> Iterable[str]:
    if not isinstance(rule, Custom):
        return [text for _, text in sources_of(rule)]
    # A path of a script may end on a related record as a whole.
    return [spelled for text in paths_in(rule.script) for spelled in (text, f"{text}.id")]


def _chains(text: str) -> Iterator[tuple[str, ...]]:
    path = parse_path(text, System.AUTOTASK)
    if isinstance(path, BadPath):
        return
    names = [str(segment).lower() for segment in path.segments]
    relations = names[: -2 if USER_FIELDS.lower() in names else -1]
    for length in range(1, len(relations) + 1):
        yield tuple(relations[:length])
