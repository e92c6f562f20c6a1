"""Field Nation's webhook for work orders: found, made or mended, and taken away.

Source: Field Nation webhooks v3. Nothing is written that stands already, save the secret, which no look can compare.
"""

import contextlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final

from app.core.intake.events import EVENT_NAMES
from app.core.model.connection import ConnectionFile
from app.core.model.document import Json
from app.core.model.failure import Gone, Rejected
from app.core.model.finding import Finding
from app.ports.clock import Clock
from app.ports.events import NewWebhook, Webhook
from app.ports.vendors import VendorPair
from app.services.personal_permit import personal_permit
from app.services.webhook_addresses import EVENTS, Claim, Doors
from app.services.webhook_reports import Done, System, Verb, as_error, as_warning

SECRET_FIELD: Final = "field_nation.webhook_secret"
_ACTIVE, _ARCHIVED = "active", "archived"

_OPTIONAL: Final = frozenset(
    {
        "workorder.routed",
        "workorder.requested",
        "workorder.declined",
        "workorder.undeclined",
        "workorder.tag_added",
        "workorder.tag_removed",
        "workorder.part_updated",
        "workorder.status.routed",
    }
)
NEEDED_EVENTS: Final = tuple(name for name in EVENT_NAMES if name not in _OPTIONAL)
"""Events after which a ticket may have to change. The others are subscribed to and not missed."""


@dataclass(slots=True)
class EventWebhook:
    """The webhook of one connection."""

    system: ClassVar[System] = "field_nation"
    path: ClassVar[str] = EVENTS
    secret_field: ClassVar[str] = SECRET_FIELD

    pair: VendorPair
    file: ConnectionFile
    doors: Doors
    clock: Clock
    _found: list[Webhook] = field(default_factory=list)

    async def look(self) -> str:
        """The address that the best one of ours calls, or empty when there is none."""
        self._found = await own_webhooks(self.pair, self.file.name, self.doors)
        return self._found[0].url if self._found else ""

    async def install(self, address: str, secret: str) -> Done:
        """Makes the webhook, or writes what differs from what it should be; several of ours are said, not removed."""
        if not _is_uuid(secret):
            text = f"{SECRET_FIELD} is not the text of a UUID, and Field Nation takes nothing else as a secret."
            raise Rejected("webhook_secret_unusable", text, field=SECRET_FIELD)
        permit = personal_permit(self.clock)
        if not self._found:
            mail = "".join(self.file.settings.notify[:1])
            made = await self.pair.events.add_webhook(NewWebhook(address, EVENT_NAMES, secret, mail), permit)
            return Done(self.system, "made", (made.id,), findings=_inactive(made))
        standing, *others = self._found
        changes = _differences(standing, address)
        after = await self.pair.events.change_webhook(standing.id, {**changes, "secret": secret}, permit)
        words = tuple("address" if name == "url" else name for name in changes)
        verb: Verb = "changed" if changes else "left"
        return Done(self.system, verb, (after.id,), words, (*_inactive(after), *_doubled(others)))

    async def remove(self) -> Done:
        """Deletes all of ours; one that is gone by now is as good."""
        for webhook in self._found:
            with contextlib.suppress(Gone):
                await self.pair.events.remove_webhook(webhook.id, personal_permit(self.clock))
        ids = tuple(webhook.id for webhook in self._found)
        return Done(self.system, "removed" if ids else "missing", ids)


async def own_webhooks(pair: VendorPair, connection: str, doors: Doors) -> list[Webhook]:
    """The connection's webhooks, the surest first, of equals an active one. An archived one can never be used."""
    ranked = []
    for place, webhook in enumerate(await pair.events.webhooks()):
        claim = await doors.claim(connection, EVENTS, webhook.url)
        if claim is not Claim.NONE and webhook.status != _ARCHIVED:
            ranked.append((claim, webhook.status != _ACTIVE, place, webhook))
    return [webhook for *_, webhook in sorted(ranked, key=lambda one: one[:3])]


def trouble_of(webhook: Webhook) -> str:
    """Why the webhook does not announce what is needed, or empty."""
    if webhook.status != _ACTIVE:
        return f"is {webhook.status or 'not active'}; what happened meanwhile was not announced"
    missing = [name for name in NEEDED_EVENTS if name not in webhook.events]
    return f"does not announce {', '.join(missing)}" if missing else ""


def _is_uuid(secret: str) -> bool:
    try:
        return str(uuid.UUID(secret)) == secret.lower()
    except ValueError:
        return False


def _differences(standing: Webhook, address: str) -> dict[str, Json]:
    changes: dict[str, Json] = {}
    if standing.url != address:
        changes["url"] = address
    if standing.status != _ACTIVE:
        changes["status"] = _ACTIVE
    if not set(EVENT_NAMES) <= set(standing.events):
        changes["events"] = list(dict.fromkeys((*EVENT_NAMES, *standing.events)))
    return changes


def _inactive(webhook: Webhook) -> tuple[Finding, ...]:
    trouble = trouble_of(webhook)
    if not trouble:
        return ()
    mend = "Look at the webhook in Field Nation, then run the command again."
    return (as_error("field_nation_webhook_inactive", f"Webhook {webhook.id} {trouble}.", mend),)


def _doubled(others: Sequence[Webhook]) -> tuple[Finding, ...]:
    if not others:
        return ()
    text = f"Webhooks {', '.join(one.id for one in others)} are ours, too."
    mend = "Delete the others in Field Nation: every event is announced several times."
    return (as_warning("field_nation_webhook_doubled", text, mend),)
