"""Whether the webhooks that a connection lives by still stand: vendors switch them off without a word to us."""

from collections.abc import Collection
from dataclasses import dataclass

from app.core.model.connection import Connection
from app.core.model.failure import Rejected
from app.core.model.finding import Finding, Severity
from app.ports.connections import Connections
from app.ports.vendors import VendorPair
from app.services import event_webhook, ticket_webhook
from app.services.webhook_addresses import Doors
from app.services.webhook_reports import RECORD

_MEND = "Run: broker connection install-webhooks {name}"


@dataclass(frozen=True, slots=True)
class WebhookWatch:
    """The look for one connection after another."""

    store: Connections
    doors: Doors

    async def findings(self, connection: Connection, pair: VendorPair) -> tuple[Finding, ...]:
        """What is wrong with the webhooks of the connection. Raises the vendors' failures, save a refused look."""
        return await webhook_findings(pair, connection, await self.store.secrets(connection.id), self.doors)


async def webhook_findings(
    pair: VendorPair, connection: Connection, secret_fields: Collection[str], doors: Doors
) -> tuple[Finding, ...]:
    """A webhook is used when its secret is among the stored `secret_fields`; of one that is not used nothing is
    said. Two calls at most, and one more for each 500 webhooks of the database."""
    found: list[Finding] = []
    has_tickets = connection.file.autotask.service_object == "ticket"
    if ticket_webhook.SECRET_FIELD in secret_fields and has_tickets:
        found.extend(await _tickets(pair, connection.name, doors))
    if event_webhook.SECRET_FIELD in secret_fields:
        found.extend(await _events(pair, connection.name, doors))
    return tuple(found)


async def _tickets(pair: VendorPair, name: str, doors: Doors) -> tuple[Finding, ...]:
    try:
        hooks = await ticket_webhook.own_hooks(pair, name, doors)
    except Rejected as refusal:
        return (_not_checked("Autotask", refusal),)
    if not hooks:
        text = "Autotask has no webhook that announces changed tickets to this connection."
        return (_warning("autotask_webhook_missing", text, name),)
    troubles = []
    for hook in hooks:
        trouble = ticket_webhook.trouble_of(hook) or await _locked_out(doors, name, str(hook.get("webhookUrl") or ""))
        troubles.append(f"{hook.get('id')} {trouble}" if trouble else "")
    return _worst("autotask_webhook_inactive", "Autotask's webhook", troubles, name)


async def _events(pair: VendorPair, name: str, doors: Doors) -> tuple[Finding, ...]:
    try:
        webhooks = await event_webhook.own_webhooks(pair, name, doors)
    except Rejected as refusal:
        return (_not_checked("Field Nation", refusal),)
    if not webhooks:
        text = "Field Nation has no webhook that announces work orders to this connection."
        return (_warning("field_nation_webhook_missing", text, name),)
    troubles = []
    for webhook in webhooks:
        trouble = event_webhook.trouble_of(webhook) or await _locked_out(doors, name, webhook.url)
        troubles.append(f"{webhook.id} {trouble}" if trouble else "")
    return _worst("field_nation_webhook_inactive", "Field Nation's webhook", troubles, name)


async def _locked_out(doors: Doors, name: str, url: str) -> str:
    return "" if await doors.holder(url) == name else "calls with a token that does not open the connection (any more)"


def _worst(code: str, whose: str, troubles: list[str], name: str) -> tuple[Finding, ...]:
    """One webhook that does its work is enough; else the trouble of the one that is surest ours."""
    return () if "" in troubles else (_warning(code, f"{whose} {troubles[0]}.", name),)


def _warning(code: str, text: str, name: str) -> Finding:
    return Finding(
        code, Severity.WARNING, RECORD, f"{text} The sweep alone looks for changes.", _MEND.format(name=name)
    )


def _not_checked(whose: str, refusal: Rejected) -> Finding:
    text = f"Whether {whose}'s webhook stands could not be seen: {refusal.text}"
    mend = "Nothing, if changes arrive within seconds; else allow the API user to view webhooks."
    return Finding("webhook_not_checked", Severity.INFO, RECORD, text, mend)
