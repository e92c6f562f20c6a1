"""Many work orders of a customer whose deliveries the test sends itself, and what their tickets hold in the end."""

import asyncio
import random
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.e2e.history import DAY, Expected, History
from tests.e2e.journal import mark_of
from tests.e2e.kit import Customer, Kit, merged, until
from tests.e2e.mailbag import Letter, Mailbag, plan, post
from tests.e2e.push_kit import EVENTS_PATH, FILE, OUTBOUND, Site, subscribe
from tests.e2e.record_kit import rows, troubles

MOST_TIMES = 20
AGAIN = 0.1
"""The share of earlier deliveries that come once more."""


@dataclass(slots=True, eq=False)
class Sender:
    """A customer's deliveries in the hand of the test. `sent` are the keys of those that were sent at least once."""

    customer: Customer
    target: str
    bag: Mailbag
    letters: list[Letter] = field(default_factory=list)
    sent: set[str] = field(default_factory=set)

    async def send(self, chance: random.Random, share: float = 1.0) -> None:
        """Posts attempts of that share of what waits, and a few of what was sent before, all work orders mixed."""
        self.letters += self.bag.take(self.target)
        chosen = [one for one in self.letters if chance.random() < (AGAIN if one.key in self.sent else share)]
        self.sent |= {letter.key for letter in chosen}
        answered = await post(self.customer.kit.web, plan(chosen, MOST_TIMES, chance))
        assert set(answered) <= {202}, answered


async def customer_to_tell(kit: Kit, count: int, place: str | None = None) -> tuple[Customer, str]:
    """A customer with so many tickets, whose webhook tells `place` or else the broker; and the path that it tells."""
    token, secret = secrets.token_urlsafe(24), str(uuid.uuid4())
    ours = {"client_token": token, "field_nation": {"webhook_secret": secret}, "mappings": {"outbound": OUTBOUND}}
    customer = await kit.customer(tickets=count, file=merged(FILE, ours))
    told = customer if place is None else replace(customer, kit=replace(kit, web=place))
    await subscribe(told, secret, token)
    return customer, f"{EVENTS_PATH}?client_token={token}"


async def sender(kit: Kit, bag: Mailbag, count: int) -> Sender:
    """A customer with so many tickets, whose deliveries go to the bag."""
    customer, target = await customer_to_tell(kit, count, bag.address)
    return Sender(customer, target, bag)


async def histories_of(customer: Customer, chance: random.Random, *, is_seen_between: bool) -> list[History]:
    """All tickets imported, a provider assigned to each work order, and nothing else done yet."""
    await customer.trigger()
    await customer.kit.settled()
    tickets = {number: id for id, number in (await customer.numbers()).items()}
    sites = [Site(customer, int(one["id"]), tickets[one["incident_id"]]) for one in await customer.orders()]
    await asyncio.gather(*(site.act("accept") for site in sites))
    return [History(site, chance.getrandbits(32), is_seen_between=is_seen_between) for site in sites]


async def last_words(bag: Mailbag, histories: Sequence[History]) -> None:
    """Ends every history; returns when its last delivery, and so every one, is in the bag."""
    ids = set(await asyncio.gather(*(history.last_word() for history in histories)))

    async def all_came() -> bool:
        return ids <= bag.messages

    await until(all_came)


async def deliveries(customer: Customer) -> list[dict[str, Any]]:
    """The attempts that Field Nation made for this customer."""
    sims = customer.kit.sims
    state = await sims.call("GET", f"{sims.field_nation}/_sim/state?company={customer.company}")
    return list(state["deliveries"])


async def letters_sent(customer: Customer, path: str) -> dict[str, Letter]:
    """What those attempts carried, one letter for each delivery."""
    sims, found = customer.kit.sims, dict[str, Letter]()
    for id in {str(one["deliveryId"]) for one in await deliveries(customer)}:
        sent = (await sims.call("GET", f"{sims.field_nation}/_sim/deliveries/{id}"))["request"]
        headers = {name.lower(): value for name, value in sent["headers"].items()}
        found[id.partition(":")[0]] = Letter(path, sent["body"].encode(), headers)
    return found


async def at_rest(kit: Kit) -> None:
    """Returns when nothing waits, second looks included."""

    async def nothing_waits() -> bool:
        found = await kit.rows("SELECT count(*) AS n FROM jobs WHERE state IN ('queued', 'running')")
        return not found[0]["n"]

    await until(nothing_waits, 120, every_s=0.2)


async def check(customer: Customer, histories: Sequence[History], delivered: int) -> None:
    """Every ticket holds what its history says, each delivery counts once, and nobody is bothered."""
    standing = await _standing(customer)
    for history in histories:
        ticket, wanted = standing[history.site.ticket], history.expected
        assert ticket == wanted, f"{ticket} instead of {wanted} after {history.done}"
    received = (await customer.health())["counters"]["received"]
    assert received == len(histories) + delivered, f"{received} for {len(histories)} tickets and {delivered} deliveries"
    assert await troubles(customer) == [], await troubles(customer)
    assert await customer.kit.desk.records.ledger(state="open") == []


async def _standing(customer: Customer) -> dict[int, Expected]:
    found: dict[int, Expected] = {}
    for row in await rows(customer, "Tickets"):
        found[row["id"]] = Expected(resolution=row["resolution"] or "", status=row["status"])
    for row in await rows(customer, "TimeEntries"):
        mark = _once(row, found[row["ticketID"]].entries)
        found[row["ticketID"]].entries[mark] = (_minute(row["startDateTime"]), _minute(row["endDateTime"]))
    for row in await rows(customer, "TicketCharges"):
        mark = _once(row, found[row["ticketID"]].charges)
        found[row["ticketID"]].charges[mark] = Decimal(str(row["unitPrice"]))
    for row in await rows(customer, "TicketNotes"):
        found[row["ticketID"]].notes[_once(row, found[row["ticketID"]].notes)] = row["description"]
    for row in await rows(customer, "TicketAttachments"):
        mark = _once(row, found[row["ticketID"]].files)
        found[row["ticketID"]].files[mark] = (row["fullPath"], int(row["fileSize"]))
    return found


def _once(record: dict[str, Any], known: dict[str, Any]) -> str:
    mark = mark_of(record)
    assert mark, f"{record} stands for nothing"
    assert mark not in known, f"{record} stands twice"
    return mark


def _minute(text: str) -> int:
    moment = datetime.fromisoformat(text)
    assert moment.date().isoformat() == DAY
    return moment.hour * 60 + moment.minute
