"""A customer whose work orders come back: events by webhook, a provider at work, and what stands in Autotask."""

import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from app.core.model.intake import Delivery, Source, Wanted
from app.core.model.job import JobKind
from tests.e2e.kit import COMPLETE, Customer, Kit, merged, until

DANA, SAM, DANAS_ROLE = 29682885, 29682899, 29683354
MATERIAL = 29682801
WORK_DONE, SCHEDULED = 29683383, 29683381
EVENTS_PATH = "/v1/field-nation/events"

FILE: dict[str, Any] = {
    "time_entries": {"resource_id": DANA, "role_id": DANAS_ROLE},
    "expenses": {
        "additional_charges": "charge",
        "submitter_id": DANA,
        "expense_category": 2,
        "payment_type": 1,
        "charge": {"billing_code_id": MATERIAL, "charge_type": 1},
    },
    "attachments": {"enabled": True},
}
"""What the connection file of such a customer says about the way back."""

OUTBOUND: list[dict[str, Any]] = [
    {"source": "closing_notes", "target": "Resolution", "action": "sync"},
    {
        "source": "status_id",
        "target": "Ticket:Status",
        "action": "status",
        "mappings": [
            {"compare": "Work Done", "value": "Field Work Done"},
            {"compare": "Approved", "value": "Complete"},
        ],
    },
]


@dataclass(frozen=True, slots=True)
class Site:
    """One work order of a customer, seen from both sides."""

    customer: Customer
    order: int
    ticket: int

    @property
    def kit(self) -> Kit:
        return self.customer.kit

    async def act(self, action: str, **body: Any) -> dict[str, Any]:
        """Somebody does something at Field Nation; the ids it made."""
        sims = self.kit.sims
        url = f"{sims.field_nation}/_sim/ui/{self.customer.company}/workorders/{self.order}/{action}"
        done = await sims.call("POST", url, body)
        return dict(done["made"])

    async def push(self, *options: str) -> None:
        """A person's push, without any event; returns once everything is at rest."""
        wanted = Wanted(JobKind.PUSH_WORK_ORDER, str(self.order), str(self.order), tuple(options))
        delivery = Delivery(self.customer.connection.id, Source.PERSON, "text/plain", b"", (wanted,))
        await self.kit.wiring.inbox.accept(delivery)
        await self.settled()

    async def settled(self, timeout_s: float = 30.0) -> None:
        """Returns when neither receipts nor jobs of ours wait."""
        await self.kit.settled(timeout_s)
        await until(self._at_rest, timeout_s)

    async def _at_rest(self) -> bool:
        rows = await self.kit.rows("SELECT count(*) AS n FROM jobs WHERE state IN ('queued', 'running')")
        return not rows[0]["n"]

    async def records(self, entity: str) -> list[dict[str, Any]]:
        """Records of that entity that stand at the ticket."""
        url = f"{self.kit.sims.autotask}/_sim/state?database={self.customer.ci}&entity={entity}"
        rows = await self.kit.sims.call("GET", url)
        return [row for row in rows if entity == "ExpenseReports" or row.get("ticketID") == self.ticket]

    async def ticket_row(self) -> dict[str, Any]:
        """The ticket as it stands."""
        url = f"{self.kit.sims.autotask}/_sim/state?database={self.customer.ci}&entity=Tickets"
        rows = await self.kit.sims.call("GET", url)
        return next(dict(row) for row in rows if row["id"] == self.ticket)

    async def findings(self) -> list[dict[str, Any]]:
        """Open findings of the connection."""
        return [dict(row) for row in await self.kit.desk.records.findings(connection=self.customer.connection.name)]


async def customer_with_events(kit: Kit, *, file: dict[str, Any] | None = None, **wanted: Any) -> Customer:
    """A customer with a Field Nation webhook that tells this broker."""
    secret, token = str(uuid.uuid4()), secrets.token_urlsafe(24)
    parts = merged(merged(FILE, {"mappings": {"outbound": OUTBOUND}}), file or {})
    more = merged(parts, {"client_token": token, "field_nation": {"webhook_secret": secret}})
    customer = await kit.customer(file=more, **wanted)
    await subscribe(customer, secret, token)
    return customer


async def subscribe(customer: Customer, secret: str, token: str) -> None:
    """The webhook, made over the vendor's own API."""
    sims, number = customer.kit.sims, customer.company
    login = {
        "grant_type": "password",
        "client_id": f"client{number}",
        "client_secret": "fn-secret",
        "username": f"fn{number}",
        "password": "correct horse battery",
    }
    answer = await sims.http.post(f"{sims.field_nation}/authentication/api/oauth/token", json=login)
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    names = await sims.http.get(f"{sims.field_nation}/api/v1/webhooks/events?model=WorkOrder", headers=bearer)
    body = {
        "events": [row["name"] for row in names.json()["result"]],
        "url": f"{customer.kit.web}{EVENTS_PATH}?client_token={token}",
        "method": "post",
        "status": "active",
        "secret": secret,
    }
    made = await sims.http.post(f"{sims.field_nation}/api/v1/webhooks", json=body, headers=bearer)
    assert made.is_success, made.text


async def on_site(kit: Kit, **wanted: Any) -> Site:
    """A pair whose work order has an assigned provider; call it inside `kit.worker()`."""
    customer = await customer_with_events(kit, **wanted)
    return await assigned(customer)


async def assigned(customer: Customer, position: int = 0) -> Site:
    """Imports the ticket of that position and assigns a provider."""
    ticket = customer.tickets[position]
    await customer.trigger(ticket)
    await customer.kit.settled()
    number = (await customer.numbers())[ticket]
    order = next(one for one in await customer.orders() if one["incident_id"] == number)
    site = Site(customer, int(order["id"]), ticket)
    await site.act("accept")
    await site.settled()
    return site


__all__ = ["COMPLETE", "FILE", "OUTBOUND", "Site", "assigned", "customer_with_events", "on_site"]
