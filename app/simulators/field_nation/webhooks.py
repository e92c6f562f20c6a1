"""Webhook subscriptions, their audit history, and the log of what was delivered."""

import itertools
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.events import NAMES
from app.simulators.field_nation.settings import Settings

Json = dict[str, Any]
STATES = ("active", "inactive", "archived")
METHODS = ("post", "put")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
RATE_KNOWN_AFTER = 100


@dataclass
class Webhook:
    """One subscription and how its deliveries have gone."""

    id: int
    webhook_id: str
    company_id: int
    user_id: int
    events: list[str]
    url: str
    method: str
    status: str
    secret: str
    created_at: datetime
    updated_at: datetime
    notification_email: str = ""
    is_integration_only: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    succeeded: int = 0
    failed: int = 0
    failing_since: datetime | None = None
    history: list[Json] = field(default_factory=list)

    @property
    def max_retries(self) -> int:
        """Retries after the first attempt: 7, and once about 100 deliveries are known, less for a bad receiver."""
        total = self.succeeded + self.failed
        rate = self.succeeded / total if total >= RATE_KNOWN_AFTER else 1.0
        return 7 if rate > 0.95 else 5 if rate >= 0.80 else 3

    def as_json(self) -> Json:
        """The object of the management API; it shows the secret on every read, as the schema does."""
        return {
            "id": self.id,
            "webhookId": self.webhook_id,
            "companyId": self.company_id,
            "userId": self.user_id,
            "events": list(self.events),
            "url": self.url,
            "method": self.method,
            "status": self.status,
            "secret": self.secret,
            "notificationEmail": self.notification_email,
            "modelProperties": [],
            "isIntegrationOnly": self.is_integration_only,
            "createdAt": iso(self.created_at),
            "updatedAt": iso(self.updated_at),
        }

    def note(self, number: int, action: str, changes: Json, user_id: int, at: datetime) -> None:
        """Add a line to the audit history."""
        line = {"id": number, "userId": user_id, "action": action, "changes": changes}
        self.history.append({**line, "createdAt": iso(at), "updatedAt": iso(at)})


@dataclass
class Attempt:
    """One try to deliver; `status` is the receiver's HTTP code, 0 when there was no answer."""

    delivery_id: str
    webhook_id: str
    company_id: int
    work_order_id: int
    event_name: str
    status: int
    number: int
    created_at: datetime
    body: bytes
    request_headers: dict[str, str]

    def as_json(self) -> Json:
        """A row of the delivery log."""
        return {
            "deliveryId": self.delivery_id,
            "webhookId": self.webhook_id,
            "workOrderId": self.work_order_id,
            "eventName": self.event_name,
            "deliveryStatus": self.status,
            "deliveryAttempt": self.number,
            "createdAt": iso(self.created_at),
        }


class Registry:
    """Every webhook of every company, and every attempt to deliver."""

    def __init__(self) -> None:
        self.webhooks: dict[str, Webhook] = {}
        self.attempts: list[Attempt] = []
        self._numbers = itertools.count(1)
        self._lines = itertools.count(1)

    def of_company(self, company_id: int) -> list[Webhook]:
        """The company's webhooks, oldest first."""
        return [one for one in self.webhooks.values() if one.company_id == company_id]

    def listening(self, company_id: int, event_name: str) -> list[Webhook]:
        """The active webhooks of a company that want this event."""
        return [one for one in self.of_company(company_id) if one.status == "active" and event_name in one.events]

    def find(self, company_id: int, webhook_id: str) -> Webhook:
        """A webhook of the company by its uuid; raises a 404 refusal."""
        webhook = self.webhooks.get(webhook_id)
        if webhook is None or webhook.company_id != company_id:
            raise Refusal(404, "Webhook not found", "webhooks")
        return webhook

    def attempt(self, company_id: int, delivery_id: str) -> Attempt:
        """A row of the delivery log by its id with the attempt suffix; raises a 404 refusal."""
        for one in reversed(self.attempts):
            if one.delivery_id == delivery_id and one.company_id == company_id:
                return one
        raise Refusal(404, "Delivery log not found", "webhooks")

    def create(self, body: Json, company_id: int, user_id: int, settings: Settings, now: datetime) -> Webhook:
        """A new webhook; raises a 400 refusal that names the first thing wrong with `body`."""
        for name in ("events", "url", "method", "status"):
            if name not in body:
                raise Refusal(400, f"{name} should not be empty", "webhooks")
        check_body(body, settings)
        webhook = Webhook(
            id=next(self._numbers),
            webhook_id=str(uuid.uuid4()),
            company_id=company_id,
            user_id=user_id,
            events=list(body["events"]),
            url=body["url"],
            method=body["method"],
            status=body["status"],
            secret=body.get("secret") or str(uuid.uuid4()),
            created_at=now,
            updated_at=now,
            notification_email=body.get("notificationEmail", ""),
            is_integration_only=body.get("isIntegrationOnly", False),
            headers=dict((body.get("webhookAttribute") or {}).get("header") or {}),
        )
        self.webhooks[webhook.webhook_id] = webhook
        webhook.note(next(self._lines), "webhook_created", {}, user_id, now)
        return webhook

    def update(self, webhook: Webhook, body: Json, user_id: int, settings: Settings, now: datetime) -> None:
        """Change what `body` names; an archived webhook is read-only."""
        if webhook.status == "archived":
            raise Refusal(400, "An archived webhook cannot be changed", "webhooks")
        check_body(body, settings)
        for key, attribute, action in CHANGES:
            if key in body and getattr(webhook, attribute) != body[key]:
                changes = {key: {"old": getattr(webhook, attribute), "new": body[key]}}
                setattr(webhook, attribute, body[key])
                webhook.note(next(self._lines), action, changes, user_id, now)
        webhook.headers.update((body.get("webhookAttribute") or {}).get("header") or {})
        webhook.updated_at = now

    def set_status(self, webhook: Webhook, status: str, now: datetime) -> None:
        """A change of state by the system itself."""
        changes = {"status": {"old": webhook.status, "new": status}}
        webhook.status, webhook.failing_since, webhook.updated_at = status, None, now
        webhook.note(next(self._lines), "status_changed", changes, 0, now)


CHANGES = (
    ("events", "events", "events_updated"),
    ("url", "url", "url_changed"),
    ("status", "status", "status_changed"),
    ("method", "method", "webhook_updated"),
    ("secret", "secret", "webhook_updated"),
    ("notificationEmail", "notification_email", "webhook_updated"),
    ("isIntegrationOnly", "is_integration_only", "webhook_updated"),
)


def check_body(body: Json, settings: Settings) -> None:
    """Raise a 400 refusal for the first value that the schema of webhooks v3 forbids."""
    wrong = [text for name, text in _complaints(body, settings) if name in body and text]
    if wrong:
        raise Refusal(400, wrong[0], "webhooks")


def _complaints(body: Json, settings: Settings) -> list[tuple[str, str]]:
    return [
        ("events", _events_complaint(body.get("events"))),
        ("url", _url_complaint(body.get("url"), settings)),
        ("method", "" if body.get("method") in METHODS else "method must be one of post, put"),
        ("status", "" if body.get("status") in STATES else "status must be one of active, inactive, archived"),
        ("secret", "" if _is_uuid(body.get("secret")) else "secret must be a UUID"),
        ("notificationEmail", "" if "@" in str(body.get("notificationEmail")) else "notificationEmail: email needed"),
        ("isIntegrationOnly", "" if isinstance(body.get("isIntegrationOnly"), bool) else "isIntegrationOnly: boolean"),
        ("webhookAttribute", _header_complaint(body.get("webhookAttribute"))),
    ]


def _events_complaint(raw: Any) -> str:
    if not isinstance(raw, list) or not raw:
        return "events should not be empty"
    unknown = [str(one) for one in raw if one not in NAMES]
    if unknown:
        return f"each value in events must be a known event: {', '.join(unknown)}"
    return "" if len(set(raw)) == len(raw) else "All events's elements must be unique"


def _url_complaint(raw: Any, settings: Settings) -> str:
    parts = urlsplit(raw) if isinstance(raw, str) else None
    if parts is None or not parts.hostname:
        return "url must be a URL address"
    loopback = settings.allow_http_loopback and parts.hostname in LOOPBACK
    return "" if parts.scheme == "https" or (parts.scheme == "http" and loopback) else "url must use https"


def _header_complaint(raw: Any) -> str:
    headers = raw.get("header", {}) if isinstance(raw, dict) else None
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        return "webhookAttribute.header must be an object of text values"
    # Field Nation webhooks v3: own headers may not take the names of the vendor's.
    own = [name for name in headers if name.lower().startswith("x-fn-")]
    return f"header {own[0]} is reserved" if own else ""


def _is_uuid(raw: Any) -> bool:
    try:
        return isinstance(raw, str) and str(uuid.UUID(raw)) == raw.lower()
    except ValueError:
        return False


def iso(at: datetime) -> str:
    """A time of the webhooks API: ISO 8601 with milliseconds and Z."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
