"""Webhooks: what the work order side is told to announce, and to whom."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from app.core.model.document import Document
from app.core.model.permit import Opening


@dataclass(frozen=True, slots=True)
class Webhook:
    """One subscription. `id` is the text that names it (`webhookId`); `status` is active, inactive or archived."""

    id: str
    url: str
    method: str
    status: str
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """A subscription to be made: POST to `url`, active at once. `secret` is the text of a UUID."""

    url: str
    events: tuple[str, ...]
    secret: str = field(repr=False)
    notification_email: str = ""


class WorkOrderEvents(Protocol):
    """The company's webhooks. Every write wants a permit."""

    async def webhooks(self) -> Sequence[Webhook]:
        """All of them, of any status, oldest first."""

    async def add_webhook(self, new: NewWebhook, permit: Opening) -> Webhook:
        """The webhook as it stands afterwards."""

    async def change_webhook(self, id: str, changes: Document, permit: Opening) -> Webhook:
        """Writes what `changes` names (`url`, `events`, `status`, `secret`, ...); `Gone` when there is no such one."""

    async def remove_webhook(self, id: str, permit: Opening) -> None:
        """Deletes it for good; `Gone` when there is no such one."""
