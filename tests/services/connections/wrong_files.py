"""How a broken connection file is written down: what is wrong, where, and the sentence that mends it."""

from typing import NamedTuple

from tests.services.connections.check_kit import HEAD, MONEY, TIME


class Wrong(NamedTuple):
    """`text` is the whole file; `field` and `mend` are those of the error that refuses it."""

    what: str
    text: str
    field: str
    mend: str


def file(*sections: str, time: str = TIME, money: str = MONEY) -> str:
    return HEAD + time + money + "\n".join(sections) + "\n"


def inbound(*rules: str) -> str:
    return "mappings:\n  inbound:\n" + "\n".join(f"    - {rule}" for rule in rules)


def outbound(*rules: str) -> str:
    return "mappings:\n  outbound:\n" + "\n".join(f"    - {rule}" for rule in rules)


def into_order(what: str, rule: str, key: str, mend: str) -> Wrong:
    return Wrong(what, file(inbound(rule)), f"mappings.inbound[0].{key}", mend)


def into_ticket(what: str, rule: str, key: str, mend: str) -> Wrong:
    return Wrong(what, file(outbound(rule)), f"mappings.outbound[0].{key}", mend)


def settings(what: str, text: str, field: str, mend: str, *more: str) -> Wrong:
    return Wrong(what, file(f"settings: {{{text}}}", *more), f"settings.{field}", mend)


def both(what: str, way_in: str, way_back: str, field: str, mend: str, *, allowed: str = "") -> Wrong:
    rules = f"mappings:\n  inbound:\n    - {way_in}\n  outbound:\n    - {way_back}"
    return Wrong(what, file(rules, f"settings: {{{allowed}}}"), field, mend)


CREATE = {
    "Title": '{source: title, target: "Ticket:Title", action: sync}',
    "Priority": '{target: "Ticket:Priority", action: set_static, value: 2}',
    "AccountID": '{target: "Ticket:AccountID", action: set_static, value: 29762801}',
    "QueueID": '{target: "Ticket:QueueID", action: set_static, value: 29683365}',
    "DueDateTime": '{source: time_window.start, target: "Ticket:DueDateTime", action: sync}',
}


def creating_without(name: str, mend: str) -> Wrong:
    rules = [rule for key, rule in CREATE.items() if key != name]
    text = file("settings: {outbound_create: true}", outbound(*rules))
    return Wrong(f"outbound create without {name}", text, "settings.outbound_create", mend)


def creating_with(what: str, rule: str, field: str, mend: str, *, instead_of: str) -> Wrong:
    rules = [*(rule for key, rule in CREATE.items() if key != instead_of), rule]
    text = file("settings: {outbound_create: true}", outbound(*rules))
    return Wrong(what, text, f"mappings.outbound[{len(rules) - 1}].{field}", mend)
