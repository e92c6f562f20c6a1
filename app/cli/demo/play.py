"""The play: people open tickets in Autotask, one changes, and somebody sends rubbish."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from app.cli.demo.customer import CI, COMPANIES, COMPLETE, DISPATCH, seed_of
from app.cli.demo.stage import Stage

_COMPLETED_SHARE = 8
_TYPED_BY_PEOPLE = (
    "title", "description", "companyID", "companyLocationID", "contactID", "priority", "queueID", "dueDateTime",
    "billingCodeID", "ticketCategory", "ticketType",
)  # fmt: skip
_JSON = {"Content-Type": "application/json"}


@dataclass(slots=True)
class Cast:
    """Who stands where once the play has begun. Ids are ticket ids."""

    expected: set[int] = field(default_factory=set)
    completed: set[int] = field(default_factory=set)
    titles: dict[int, str] = field(default_factory=dict)
    changed: int = 0
    rubbish: str = ""
    refused: str = ""
    triggers: int = 0

    @property
    def title(self) -> str:
        """What the changed ticket is called now."""
        return self.titles.get(self.changed, "")


async def open_tickets(stage: Stage, cast: Cast, count: int, opened: Callable[[], None]) -> None:
    """People open tickets at several companies; some are done already. Each fires a real webhook."""
    seed = seed_of("autotask", companies=COMPANIES, tickets=count)
    tomorrow = stage.desk.wiring.clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    for position, row in enumerate(seed["databases"][0]["records"]["Tickets"]):
        done = position % _COMPLETED_SHARE == _COMPLETED_SHARE - 1
        body = {name: row[name] for name in _TYPED_BY_PEOPLE} | {"status": COMPLETE if done else DISPATCH}
        body["dueDateTime"] = (tomorrow + timedelta(hours=3 * (position % 24))).isoformat()
        body["userDefinedFields"] = [{"name": "Site Code", "value": row["userDefinedFields"]["Site Code"]}]
        made = await stage.sim("POST", f"{stage.autotask}/_sim/ui/{CI}/Tickets", body)
        (cast.completed if done else cast.expected).add(int(made["itemId"]))
        cast.titles[int(made["itemId"])] = str(row["title"])
        cast.triggers += 1
        opened()


async def change_one(stage: Stage, cast: Cast) -> str:
    """Somebody retitles a ticket whose work order exists; gives the title it had."""
    cast.changed = min(cast.expected)
    before, cast.titles[cast.changed] = cast.titles[cast.changed], "Replace failed switch - bring the spare"
    await stage.sim("PATCH", f"{stage.autotask}/_sim/ui/{CI}/Tickets/{cast.changed}", {"title": cast.title})
    cast.triggers += 1
    return before


async def send_rubbish(stage: Stage, cast: Cast, url: str) -> None:
    """A callout that names no ticket."""
    cast.rubbish = '{"ticket": {"title": "no id here"}'
    answer = await stage.http.post(url, content=cast.rubbish.encode(), headers=_JSON)
    problem = answer.json()
    cast.refused = f"{answer.status_code} {problem.get('code')}: {problem.get('detail')}"
