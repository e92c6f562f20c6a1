"""Repairs: what the vendor dropped although it answered 200, asked for once more by the calls of their own."""

from collections.abc import Iterable, Sequence

from app.core.mapping.digests import digest
from app.core.model.document import Document
from app.core.model.finding import Finding, Severity
from app.core.model.intent import Intent, Phase
from app.core.planning.body import body_of, with_siblings
from app.core.planning.desired import Desired, Wish
from app.core.planning.targets import Target, internal_field, show, value_at


def plan_repairs(
    target: str, wishes: Iterable[Wish], work_order: Document, every: Sequence[Wish] = ()
) -> tuple[Intent, ...]:
    """What the vendor dropped although it answered 200: the schedule and custom fields by their own calls.

    `every` are all wishes there are, when `wishes` are only some: a section is sent whole.
    """
    wishes = tuple(wishes)
    siblings = (*every, *wishes)
    missing = [w for w in wishes if w.owner != "derived" and value_at(work_order, w.target) != w.value]
    schedule = [w for w in missing if w.target[0] == "schedule"]
    fields = [w for w in missing if w.target[0] == "custom_fields"]
    rest = [w for w in missing if w not in schedule and w not in fields]
    repairs: list[Intent] = []
    if rest:
        body = body_of(with_siblings(rest, siblings, work_order))
        repairs.append(_repair("work_order_fields", "repair", "update", target, body, rest, work_order))
    if schedule:
        body = body_of(with_siblings(schedule, siblings, work_order))["schedule"]
        repairs.append(_repair("work_order_schedule", "schedule", "set_schedule", target, body, schedule, work_order))
    for wish in fields:
        body = {"value": wish.value}
        kind, key = "work_order_custom_field", str(wish.target[1])
        repairs.append(_repair(kind, key, "set_custom_field", target, body, [wish], work_order))
    return tuple(repairs)


def _repair(
    kind: str, key: str, verb: str, target: str, body: Document, wishes: list[Wish], work_order: Document
) -> Intent:
    after = {show(wish.target): wish.value for wish in wishes}
    return Intent(
        kind=kind,
        key=key,
        verb=verb,
        entity="work_order",
        target=target,
        body=body,
        before={show(wish.target): value_at(work_order, wish.target) for wish in wishes},
        after=after,
        reason="Field Nation answered 200 and did not take it",
        fingerprint=digest(after),
        phase=Phase.REPAIR,
    )


def mark_wish(desired: Desired, work_order: Document) -> Wish | None:
    """The mark for the company's internal ticket number, when an answer shows that field and it is empty."""
    internal = internal_field(work_order)
    number = next((wish.value for wish in desired.wishes if wish.target == ("incident_id",)), None)
    if internal is None or internal[1] or number is None:
        return None
    target: Target = ("custom_fields", internal[0])
    return None if any(wish.target == target for wish in desired.wishes) else Wish(target, number)


def not_taken(wishes: Iterable[Wish], work_order: Document, owner: str) -> tuple[Finding, ...]:
    """One finding for each wish that the vendor did not take even when it was asked again."""
    return tuple(
        Finding(
            "value_not_taken",
            Severity.WARNING,
            owner,
            f"Field Nation answered 200 but holds {value_at(work_order, w.target)!r} instead of {w.value!r}.",
            "Check that the value fits the field (list options, two-letter state and country, date form).",
            show(w.target),
        )
        for w in wishes
        if w.owner != "derived" and value_at(work_order, w.target) != w.value
    )
