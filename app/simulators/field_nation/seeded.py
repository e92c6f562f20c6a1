"""Work orders of a seed, and the people who act on the screens."""

from typing import Any

from app.simulators.field_nation import operations
from app.simulators.field_nation.companies import is_provider
from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.world import Actor, World

Json = dict[str, Any]


def plant(world: World, sown: Json) -> list[int]:
    """Make the work orders of a seed: `{company_id, body, user_id?, action?: one move or a list of them}`."""
    made = []
    for row in sown.get("work_orders") or []:
        actor = person(world, row["company_id"], row.get("user_id"))
        order = operations.create(world, actor, row["body"], by_api=False)
        actions = row.get("action") or []
        for action in [actions] if isinstance(actions, str) else actions:
            operations.act(world, actor, order, action, {"cancel_reason": "seeded"})
        made.append(order.id)
    return made


def person(world: World, company_id: int, user_id: int | None) -> Actor:
    """Who uses the screen: the named user, else the last of the company, who is not the API user if it has two."""
    company = world.company(company_id)
    if user_id is not None and company.user(user_id) is None and not is_provider(company, user_id):
        raise Refusal(400, f"user_id: {user_id} is no user or provider of company {company_id}")
    return Actor(company, user_id if user_id is not None else company.users[-1].id)
