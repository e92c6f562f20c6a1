"""Short ways to plan: mapped values in, wishes, plans and applied plans out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.core.mapping.digests import digest
from app.core.model.document import Json
from app.core.model.ids import ConnectionId, LinkId, TicketId, WorkOrderId
from app.core.model.intent import Plan
from app.core.model.link import Known, Link, LinkOrigin
from app.core.planning.desired import Desired, desired_of
from app.core.planning.repairs import mark_wish, plan_repairs
from app.core.planning.rules import ImportRules
from app.core.planning.to_work_order import known_after_create, known_after_update, plan_create, plan_update
from tests.fakes.vendor_shape import fresh, set_field, taken

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
OWNER, NUMBER = "ticket:7", "T20260304.0007"
RULES = ImportRules(frozenset({"publish", "unpublish", "cancel", "approve"}), "no longer needed")


@dataclass(frozen=True, slots=True)
class Value:
    """A mapped value, as the engine gives it."""

    target: str
    value: Json
    inputs: tuple[tuple[str, Json], ...] = ()
    rule_index: int = 0
    always: bool = False
    owner: str | None = None


def synced(values: Mapping[str, Any], **more: Any) -> list[Value]:
    """Values that each come from a source of their own: the source of `title` is `from title`."""
    return [Value(target, value, ((f"from {target}", value),), **more) for target, value in values.items()]


def static(target: str, value: Any, **more: Any) -> Value:
    return Value(target, value, **more)


def wanted(*mapped: Value, number: str = NUMBER, **values: Any) -> Desired:
    """What is wanted when these values were mapped; `title` is there unless it is given."""
    spelled = {name.replace("__", "."): value for name, value in values.items()}
    return desired_of([*synced({"title": "Printer", **spelled}), *mapped], record=OWNER, number=number, now=NOW)


def linked(known: Known, order: int = 70) -> Link:
    return Link(LinkId(1), ConnectionId(1), TicketId(7), NUMBER, WorkOrderId(order), True, LinkOrigin.IMPORT, known)


def create(desired: Desired, rules: ImportRules = RULES, internal: str | None = None) -> Plan:
    return plan_create(OWNER, desired, rules, internal)


def create_body(desired: Desired, internal: str | None = None) -> Any:
    return create(desired, internal=internal).intents[0].body


def update(known: Known, desired: Desired, order: Any, rules: ImportRules = RULES) -> Plan:
    return plan_update(OWNER, linked(known), desired, order, rules)


def made(desired: Desired, *, drops: frozenset[str] = frozenset(), internal: str = "") -> tuple[dict[str, Any], Known]:
    """The work order after the create and its one repair, and what the link knows then."""
    plan = create(desired, internal=internal or None)
    order = taken(fresh(internal=internal), plan.intents[0].body, drops=drops)
    known = known_after_create(desired, order)
    mark = mark_wish(desired, order)
    wishes = (*desired.wishes, mark) if mark else desired.wishes
    order = carried_out(order, Plan(OWNER, plan_repairs("work_order:70", wishes, order)))
    return order, known_after_update(known, desired, order, plan)


_REACHED = {"publish": 2, "unpublish": 1, "cancel": 7, "approve": 5}


def carried_out(order: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
    """The work order after every intent of a plan."""
    after = dict(order)
    for intent in plan.intents:
        match intent.kind:
            case "work_order_schedule":
                after = {**after, "schedule": intent.body}
            case "work_order_custom_field":
                set_field(after, int(intent.key), intent.body["value"])
            case "work_order_action":
                after = {**after, "status": {"id": _REACHED[intent.verb]}}
            case _:
                after = taken(after, intent.body)
    return after


def sources_of(**values: Any) -> dict[str, str]:
    """Digests of those sources, as a link knows them."""
    return {f"from {name.replace('__', '.')}": digest(value) for name, value in values.items()}


def codes(findings: Any) -> list[str]:
    return [finding.code for finding in findings]
