"""A broker with an https address that nobody calls, and one customer's webhooks as both vendors keep them."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, replace
from typing import Any

import httpx

from app.bootstrap.desk import Desk, desk_over
from app.core.model.connection import Connection, ConnectionFile
from app.core.model.finding import Finding
from app.core.model.secrecy import as_document
from app.services.webhook_addresses import token_in
from app.services.webhook_reports import WebhookReport
from app.services.webhook_watch import WebhookWatch
from tests.e2e.kit import Customer, Kit

PUBLIC = "https://broker.example"
API_USER = 29683001
FILE_TOKEN = "token-of-the-file-4711"
FILE_SECRETS = {
    "autotask": "an Autotask secret of the file",
    "field_nation": "01999f51-0000-4000-8000-000000000001",
}


def reached_at(kit: Kit, public_url: str = PUBLIC) -> Desk:
    """The kit's desk of a broker that vendors reach at that address."""
    settings = kit.settings.model_copy(update={"public_url": public_url})
    return desk_over(replace(kit.wiring, settings=settings))


@dataclass(slots=True)
class Hooked:
    """One customer. Everything is asked of the simulators' truth, nothing of the broker's own word."""

    customer: Customer
    desk: Desk
    name: str

    @property
    def kit(self) -> Kit:
        return self.customer.kit

    async def install(self) -> WebhookReport:
        return await self.desk.webhooks.install(await self.desk.named(self.name))

    async def remove(self) -> WebhookReport:
        return await self.desk.webhooks.remove(await self.desk.named(self.name))

    async def watch(self) -> list[Finding]:
        """What the sweep would find."""
        connection = await self.desk.named(self.name)
        wiring = self.desk.wiring
        look = WebhookWatch(wiring.connections, self.desk.webhooks.doors)
        secrets = await self.secrets()
        async with wiring.vendors.open(connection.file, secrets, scope="watch", hosted=None) as pair:
            return list(await look.findings(connection, pair))

    async def secrets(self) -> dict[str, str]:
        """The stored secrets, opened."""
        return await _secrets_of(self.desk, await self.desk.named(self.name))

    async def apply(self, **changes: Any) -> Connection:
        """Applies the stored file with those parts changed; a part that is a mapping is merged."""
        connection = await self.desk.named(self.customer.connection.name)
        document = as_document(connection.file, await _secrets_of(self.desk, connection))
        for key, value in changes.items():
            both = isinstance(value, dict) and isinstance(document.get(key), dict)
            document[key] = {**document[key], **value} if both else value
        report = await self.desk.connections.apply(ConnectionFile.model_validate(document))
        assert report.is_stored, report.findings
        self.name = report.name
        return await self.desk.named(self.name)

    async def hooks(self, entity: str = "TicketWebhooks") -> list[dict[str, Any]]:
        """Rows of the customer's Autotask database."""
        sims = self.kit.sims
        rows = await sims.call("GET", f"{sims.autotask}/_sim/state?database={self.customer.ci}&entity={entity}")
        return list(rows)

    async def subscriptions(self) -> list[dict[str, Any]]:
        """Webhooks of the customer's Field Nation company."""
        sims = self.kit.sims
        truth = await sims.call("GET", f"{sims.field_nation}/_sim/state?company={self.customer.company}")
        return list(truth["webhooks"])

    async def live_tokens(self) -> int:
        return int((await self.desk.connections.show(self.name))["live_tokens"])

    async def announce_ticket(self, hook: dict[str, Any], secret: str | None = None) -> httpx.Response:
        """Sends the broker what Autotask would send it for a changed ticket."""
        ticket = self.customer.tickets[0]
        body = json.dumps({"Action": "Update", "Guid": hook["webhookGUID"], "EntityType": "Ticket", "Id": ticket})
        key = (secret or hook["secretKey"]).encode()
        digest = base64.b64encode(hmac.new(key, body.encode(), hashlib.sha1).digest()).decode()
        headers = {"X-Hook-Signature": f"sha1={digest}", "Content-Type": "application/json"}
        url = hook["webhookUrl"].replace(PUBLIC, self.kit.web)
        return await self.kit.http.post(url, content=body, headers=headers)

    async def announce_order(self, webhook: dict[str, Any], secret: str | None = None) -> httpx.Response:
        """Sends the broker what Field Nation would send it for a work order that nothing is paired with."""
        body = json.dumps({"event": {"name": "workorder.created", "params": {"work_order_id": 1}}}).encode()
        digest = hmac.new((secret or webhook["secret"]).encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-FN-Signature": f"sha256={digest}", "X-FN-Webhook-Id": webhook["webhookId"]}
        return await self.kit.http.post(webhook["url"].replace(PUBLIC, self.kit.web), content=body, headers=headers)


async def hooked(kit: Kit, **wanted: Any) -> Hooked:
    """A new customer of the kit, without webhooks."""
    customer = await kit.customer(**wanted)
    return Hooked(customer, reached_at(kit), customer.connection.name)


async def _secrets_of(desk: Desk, connection: Connection) -> dict[str, str]:
    sealed = await desk.wiring.connections.secrets(connection.id)
    return {field: desk.wiring.sealer.open(connection.name, field, text) for field, text in sealed.items()}


def verbs(report: WebhookReport) -> dict[str, str]:
    """What became of each vendor's webhook."""
    return {done.system: done.verb for done in report.done}


def codes(report: WebhookReport) -> list[str]:
    return [finding.code for finding in report.findings]


def token_of(url: str) -> str:
    return token_in(url)
