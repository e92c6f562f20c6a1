"""The work order list: tabs, paging, sorting, columns, and the memory of filters that surprises callers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.simulators.field_nation.filters import FILTERS, passes
from app.simulators.field_nation.pay import metadata
from app.simulators.field_nation.records import WorkOrder
from app.simulators.field_nation.statuses import Status, status_id
from app.simulators.field_nation.wire import columns as named_columns
from app.simulators.field_nation.wire import stub, whole
from app.simulators.field_nation.world import Actor, World

Json = dict[str, Any]

# Field Nation REST v2: these tabs exist, none of them for paid or cancelled. That `workorders_all` leaves paid,
# cancelled and deleted out is assumed.
TABS: dict[str, tuple[str, frozenset[Status]]] = {
    "workorders_in_flight": ("In-Flight", frozenset({Status.PUBLISHED, Status.ROUTED, Status.ASSIGNED})),
    "workorders_draft": ("Draft", frozenset({Status.DRAFT})),
    "workorders_published_routed": ("Published / Routed", frozenset({Status.PUBLISHED, Status.ROUTED})),
    "workorders_assigned": ("Assigned", frozenset({Status.ASSIGNED})),
    "workorders_problem": ("Problems", frozenset()),
    "workorders_work_done": ("Work Done", frozenset({Status.WORK_DONE})),
    "workorders_approved": ("Approved", frozenset({Status.APPROVED})),
    "workorders_all": ("All", frozenset(Status) - {Status.PAID, Status.CANCELLED, Status.DELETED}),
}
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
REMEMBERED = ("columns", "sort", "order")


def _by_status(world: World) -> Callable[[WorkOrder], Any]:
    return lambda order: (status_id(order.status, world.settings.status_ids), order.id)


def _keys(world: World) -> dict[str, Callable[[WorkOrder], Any]]:
    return {
        "id": lambda order: order.id,
        "title": lambda order: (order.title.casefold(), order.id),
        "schedule": lambda order: (order.schedule.start_at or LONG_AGO, order.id),
        "status": _by_status(world),
        "pay": lambda order: (order.pay.total, order.id),
        "created_date": lambda order: (order.created_at, order.id),
    }


@dataclass(frozen=True)
class Asked:
    """A list call after the memory was consulted. `told` are the filters to echo."""

    tab: str
    page: int
    per_page: int
    sort: str
    order: str
    columns: tuple[str, ...]
    filters: dict[str, str]
    sticky: bool


def read_list_call(world: World, actor: Actor, query: dict[str, str]) -> Asked:
    """What is really listed: the query, and unless `sticky` is false, what the last such call left behind."""
    tab = query.get("list", "")
    tab = tab if tab in TABS else world.settings.default_list
    sticky = _is_sticky(query, world)
    effective = _remember(world, actor, tab, query) if sticky else query
    cap = world.settings.per_page_cap
    return Asked(
        tab=tab,
        page=max(1, whole_number(query.get("page"), 1)),
        per_page=min(cap, max(1, whole_number(query.get("per_page"), 25))),
        sort=effective.get("sort", "id"),
        order=effective.get("order", "desc"),
        columns=tuple(name.strip() for name in effective.get("columns", "").split(",") if name.strip()),
        filters={name: value for name, value in effective.items() if name in FILTERS},
        sticky=sticky,
    )


def _is_sticky(query: dict[str, str], world: World) -> bool:
    asked = query.get("sticky")
    return world.settings.sticky_by_default if asked is None else asked.lower() not in ("false", "0", "")


def _remember(world: World, actor: Actor, tab: str, query: dict[str, str]) -> dict[str, str]:
    # Field Nation REST v2: filters, columns and sort are kept per user and list, the page is not; `f_=` clears them.
    key = (actor.user_id, tab, query.get("stickyName", ""))
    kept = {} if "f_" in query else dict(world.sticky.get(key, {}))
    kept.update({name: value for name, value in query.items() if name in FILTERS or name in REMEMBERED})
    world.sticky[key] = kept
    return kept


def whole_number(text: str | None, otherwise: int) -> int:
    """The number in a query, or `otherwise` when there is none."""
    return int(text) if text is not None and text.isascii() and text.isdigit() else otherwise


def list_page(world: World, actor: Actor, asked: Asked) -> Json:
    """One page of a list as the wire shows it."""
    rows = _matching(world, actor, asked)
    first = (asked.page - 1) * asked.per_page
    shown = [_row(world, order, asked) for order in rows[first : first + asked.per_page]]
    about = {
        **metadata(len(rows), asked.page, asked.per_page),
        "columns": ",".join(asked.columns),
        "view": "model",
        "sort": asked.sort,
        "order": asked.order,
        "list": asked.tab,
    }
    return {"metadata": about, "params": _echo(asked), "results": shown, "actions": ["create"]}


def _matching(world: World, actor: Actor, asked: Asked) -> list[WorkOrder]:
    now = world.clock.now()
    members = TABS[asked.tab][1]
    rows = [
        order
        for order in world.orders_of(actor.company.id)
        if order.status in members and world.is_listed(order, now) and passes(order, asked.filters, actor.company)
    ]
    keys = _keys(world)
    rows.sort(key=keys.get(asked.sort, keys["id"]), reverse=asked.order != "asc")
    return rows


def _row(world: World, order: WorkOrder, asked: Asked) -> Json:
    view = world.view(order)
    if asked.columns:
        return named_columns(view, asked.columns)
    return stub(view) if world.settings.stub_lists else whole(view)


def _echo(asked: Asked) -> Any:
    # Each understood filter comes back as `f_x` with a boolean `fs_x`; an empty object is shown as a list.
    echoed: Json = {}
    for name, value in asked.filters.items():
        echoed[name] = value
        echoed["fs_" + name.removeprefix("f_")] = asked.sticky
    return echoed or []


def tab_counts(world: World, actor: Actor) -> list[Json]:
    """The tabs with how many work orders each holds."""
    statuses = [order.status for order in world.orders_of(actor.company.id)]
    return [
        {
            "id": name,
            "label": label,
            "count": sum(status in members for status in statuses),
            "actions": [],
            "default": name == world.settings.default_list,
        }
        for name, (label, members) in TABS.items()
    ]
