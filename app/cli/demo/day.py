"""The day on site: providers work on every order, buyers correct, deny and approve; most of it announced by events."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.cli.demo.customer import COMPANY
from app.cli.demo.stage import Stage

NOTES = "Swapped the unit, tested the uplink, cleared the rack."
_TRAVEL, _PARKING = "18.50", "24.00"


@dataclass(slots=True)
class Day:
    """What happened on site, by work order. `corrected` and `denied` are the two orders where somebody changed
    their mind: about a time log, and about an expense that was approved before."""

    orders: tuple[int, ...] = ()
    made: dict[int, dict[str, int]] = field(default_factory=dict)
    arrived: dict[int, datetime] = field(default_factory=dict)
    corrected: int = 0
    denied: int = 0

    @property
    def steps(self) -> int:
        """How many acts of people the day has."""
        return len(self.orders) * (_MORNING_ACTS + _EVENING_ACTS) + _SECOND_THOUGHTS


_MORNING_ACTS, _EVENING_ACTS, _SECOND_THOUGHTS = 7, 3, 2


async def morning(stage: Stage, day: Day, done: Callable[[], None]) -> None:
    """Providers accept, check in and out, claim an expense or two, write, and upload a photo."""
    begin = stage.desk.wiring.clock.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=6)
    for position, order in enumerate(day.orders):
        arrived = day.arrived[order] = begin + timedelta(minutes=7 * position)
        left = arrived + timedelta(hours=1, minutes=25)
        made = day.made[order] = {}
        acts: tuple[tuple[str, dict[str, Any]], ...] = (
            ("accept", {}),
            ("check_in", {"at": arrived.isoformat()}),
            ("check_out", {"at": left.isoformat()}),
            ("add_expense", {"description": "Mileage", "amount": _TRAVEL}),
            ("add_expense", {"description": "Parking", "amount": _PARKING}),
            ("post_message", {"message": f"On site, the unit of order {order} is swapped."}),
            ("upload", {"name": f"rack-{order}.jpg", "text": f"The rack of order {order}, after the swap."}),
        )
        for name, body in acts:
            for kind, id in (await act(stage, order, name, **body)).items():
                made[kind if kind not in made else f"second_{kind}"] = id
            done()
    day.corrected, day.denied = day.orders[0], day.orders[-1]
    # The expense that will be denied is approved first, so that it stands in Autotask by then.
    for order in day.orders:
        await act(stage, order, "approve_expense", expense=day.made[order]["expense"])
    await act(stage, day.denied, "approve_expense", expense=day.made[day.denied]["second_expense"])
    await act(stage, day.denied, "post_message", message="Both receipts are in the office.")


async def second_thoughts(stage: Stage, day: Day, done: Callable[[], None]) -> None:
    """A buyer shortens a time log and denies an expense. No event announces either."""
    left = day.arrived[day.corrected] + timedelta(minutes=45)
    await act(stage, day.corrected, "edit_time_log", time_log=day.made[day.corrected]["time_log"], out=left.isoformat())
    done()
    await act(stage, day.denied, "deny_expense", expense=day.made[day.denied]["second_expense"], reason="No receipt")
    done()


async def evening(stage: Stage, day: Day, done: Callable[[], None]) -> None:
    """Providers finish; buyers approve the work."""
    for order in day.orders:
        await act(stage, order, "complete", closing_notes=NOTES)
        done()
        await act(stage, order, "post_message", message="Done here, thank you.")
        done()
        await act(stage, order, "approve")
        done()


async def act(stage: Stage, order: int, action: str, **body: Any) -> Mapping[str, Any]:
    """Somebody does something on the vendor's screens; the ids it made."""
    url = f"{stage.field_nation}/_sim/ui/{COMPANY}/workorders/{order}/{action}"
    answer: Mapping[str, Any] = (await stage.sim("POST", url, body))["made"]
    return answer
