"""Owners: a field that is mapped both ways needs a word on who wins."""

from collections.abc import Iterator

from app.core.mapping.paths import Path, System, parse_path
from app.core.mapping.rules import Rule
from app.core.model.finding import Finding
from app.core.planning.review.subject import Subject, doubt, flaw
from app.core.planning.targets import Target, read_target
from app.core.planning.ticket.two_way import two_way_fields


def owners(subject: Subject) -> Iterator[Finding]:
    """A field that both sides may change needs a word on who wins: a warning where there is none, since mappings of the
    old connector carry none and Autotask wins then; an error where the two rules disagree."""
    both = two_way_fields(subject.inbound, subject.outbound)
    for outbound in subject.outbound.ticket.rules:
        for field in outbound.fields:
            if field.text in both:
                there = _rule_to(both[field.text].target, field.text, subject)
                if there is not None:
                    yield from _judged(outbound.rule, there, field.text)


def _rule_to(target: Target, field: str, subject: Subject) -> Rule | None:
    for rule in subject.inbound.rules:
        path = parse_path(rule.target, System.FIELD_NATION)
        is_there = isinstance(path, Path) and read_target(path.segments) == target
        if is_there and any(source.text == field for source in rule.sources):
            return rule.rule
    return None


def _judged(outbound: Rule, inbound: Rule, field: str) -> Iterator[Finding]:
    where = f"{outbound.place}.owner"
    if outbound.owner is None and inbound.owner is None:
        text = f"{field} is mapped both ways, here and in {inbound.place}: when both changed, Autotask's value wins."
        yield doubt("mapping_no_owner", where, text, "Add owner: autotask, or owner: field_nation.")
    elif outbound.owner and inbound.owner and outbound.owner != inbound.owner:
        text = f"{field} belongs to {outbound.owner} here and to {inbound.owner} in {inbound.place}."
        yield flaw("mapping_two_owners", where, text, f"Write owner: {inbound.owner}, or change the other rule.")
