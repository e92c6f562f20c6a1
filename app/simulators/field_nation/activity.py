"""What happens around a work order: how far the provider is, who asks for it, tags, parts, problems."""

from dataclasses import replace

from app.simulators.field_nation.companies import known
from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.operations import status_params
from app.simulators.field_nation.part_records import Problem
from app.simulators.field_nation.records import WorkOrder
from app.simulators.field_nation.statuses import NAMES, SUB_STATUSES, Status
from app.simulators.field_nation.world import Actor, World


def set_sub_status(world: World, actor: Actor, order: WorkOrder, code: str, delay_s: int = 0) -> None:
    """One of SUB_STATUSES; only an assigned work order has one."""
    _must_be(order, Status.ASSIGNED)
    order.sub_status, order.delay_s = code, delay_s
    order.touch("status")
    # A risk is seen by the system itself, so nobody is named.
    user_id = None if code == "at_risk" else actor.user_id
    world.announce(order, SUB_STATUSES[code][1], user_id, status_params(world, order))


def request(world: World, actor: Actor, order: WorkOrder) -> None:
    """A provider asks for the job."""
    _must_be(order, Status.PUBLISHED, Status.ROUTED)
    order.requests = (*order.requests, actor.user_id)
    world.announce(order, "workorder.requested", actor.user_id)


def decline(world: World, actor: Actor, order: WorkOrder) -> None:
    """A provider does not want it."""
    _must_be(order, Status.PUBLISHED, Status.ROUTED)
    order.declines = (*order.declines, actor.user_id)
    world.announce(order, "workorder.declined", actor.user_id)


def undecline(world: World, actor: Actor, order: WorkOrder) -> None:
    """A provider wants it after all."""
    if actor.user_id not in order.declines:
        raise Refusal(400, "The provider has not declined.")
    order.declines = tuple(one for one in order.declines if one != actor.user_id)
    world.announce(order, "workorder.undeclined", actor.user_id)


def add_tag(world: World, actor: Actor, order: WorkOrder, number: object) -> None:
    """A tag of the company sticks to the order."""
    row = known(actor.company.tags, number)
    if row is None:
        raise Refusal(400, "id must be a tag of the company.")
    if order.change("tags", tuple(dict.fromkeys((*order.tags, row["id"])))):
        world.announce(order, "workorder.tag_added", actor.user_id)


def remove_tag(world: World, actor: Actor, order: WorkOrder, number: object) -> None:
    """A tag comes off."""
    if number not in order.tags:
        raise Refusal(404, f"Tag {number} was not found.")
    order.change("tags", tuple(one for one in order.tags if one != number))
    world.announce(order, "workorder.tag_removed", actor.user_id)


def update_part(world: World, actor: Actor, order: WorkOrder) -> None:
    """Parts or materials changed; only the event is simulated."""
    world.announce(order, "workorder.part_updated", actor.user_id)


def report_problem(world: World, actor: Actor, order: WorkOrder, text: str) -> Problem:
    """Somebody reports a problem."""
    problem = Problem(world.next_part(), text, actor.user_id, world.clock.now())
    return _note(world, actor, order, problem, "workorder.problem_reported")


def resolve_problem(world: World, actor: Actor, order: WorkOrder, number: int | None) -> Problem:
    """A problem is solved, the latest open one unless `number` names another."""
    opened = [one for one in order.problems.values() if one.resolved_at is None and number in (None, one.id)]
    if not opened:
        raise Refusal(400, "There is no open problem.")
    solved = replace(opened[-1], resolved_at=world.clock.now(), resolved_by=actor.user_id)
    return _note(world, actor, order, solved, "workorder.problem_resolved")


def reopen_problem(world: World, actor: Actor, order: WorkOrder, number: int | None) -> Problem:
    """A problem is back; the vendor reports it again."""
    solved = [one for one in order.problems.values() if one.resolved_at is not None and number in (None, one.id)]
    if not solved:
        raise Refusal(400, "There is no resolved problem.")
    opened = replace(solved[-1], resolved_at=None, resolved_by=0)
    return _note(world, actor, order, opened, "workorder.problem_reported")


def _note(world: World, actor: Actor, order: WorkOrder, problem: Problem, event: str) -> Problem:
    order.problems[problem.id] = problem
    order.touch("problems")
    world.announce(order, event, actor.user_id)
    return problem


def _must_be(order: WorkOrder, *statuses: Status) -> None:
    if order.status not in statuses:
        raise Refusal(400, f"This is not possible while the status is {NAMES[order.status]}.")
