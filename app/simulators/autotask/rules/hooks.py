"""Webhook records: addresses, duplicates, and readiness that follows the subscribed fields."""

import uuid
from urllib.parse import urlsplit

from app.simulators.autotask.drafts import Draft, Rule
from app.simulators.autotask.errors import ApiError, bad_reference
from app.simulators.autotask.records import Database, Row

_EVENTS = ("isSubscribedToCreateEvents", "isSubscribedToUpdateEvents", "isSubscribedToDeleteEvents")


def _write_hook(draft: Draft) -> None:
    for name in ("webhookUrl", "deactivationUrl"):
        if draft.row is None or draft.changes(name):
            _require_address(draft, name)
    if draft.row is None:
        draft.values |= {"webhookGUID": str(uuid.uuid4()), "ownerResourceID": draft.actor.resource_id, "isReady": False}
        draft.default(**dict.fromkeys(_EVENTS, False))
    if any(draft.changes(name) for name in ("webhookUrl", *_EVENTS)):
        _require_no_twin(draft)


def _require_address(draft: Draft, name: str) -> None:
    address = urlsplit(draft.get(name) or "")
    loopback = address.scheme == "http" and address.hostname in ("127.0.0.1", "localhost", "::1")
    if address.scheme == "https" and address.hostname:
        return
    if not (loopback and draft.switches.allow_http_loopback):
        raise ApiError(f"{name} must be a valid HTTPS URL.")


def _require_no_twin(draft: Draft) -> None:
    # Same entity, same address, same event: a duplicate, inactive ones and other owners' included.
    own_id = draft.row.id if draft.row is not None else None
    for row in draft.db.rows_with(draft.entity, "webhookUrl", draft.get("webhookUrl")):
        shared = [event for event in _EVENTS if draft.get(event) and row.get(event)]
        if row.id != own_id and shared:
            raise ApiError("A webhook with the same URL and event type already exists for this entity.")


def _require_hook(draft: Draft) -> None:
    owner = "TicketNoteWebhooks" if draft.entity.startswith("TicketNote") else "TicketWebhooks"
    if draft.db.find(owner, draft.get("webhookID")) is None:
        raise ApiError(bad_reference("webhookID", "Webhook"))


def _create_field(draft: Draft) -> None:
    _require_hook(draft)
    key = "udfFieldID" if draft.entity.endswith("UdfFields") else "fieldID"
    for row in draft.db.rows(draft.entity):
        if row.get("webhookID") == draft.get("webhookID") and row.get(key) == draft.get(key):
            raise ApiError(f"The field {draft.get(key)} is already part of this webhook.")


def _create_exclusion(draft: Draft) -> None:
    _require_hook(draft)
    for row in draft.db.rows_with(draft.entity, "webhookID", draft.get("webhookID")):
        if row.get("resourceID") == draft.get("resourceID"):
            raise ApiError(f"The resource {draft.get('resourceID')} is already excluded from this webhook.")


def _field_settled(draft: Draft, row: Row) -> None:
    refresh_ready(draft.db, draft.entity, row.get("webhookID"))


def refresh_ready(db: Database, field_entity: str, hook_id: int) -> None:
    """A webhook works once at least one field is subscribed (seen in production)."""
    owner = "TicketNoteWebhooks" if field_entity.startswith("TicketNote") else "TicketWebhooks"
    hook = db.find(owner, hook_id)
    if hook is None:
        return
    tables = ["TicketNoteWebhookFields"] if owner == "TicketNoteWebhooks" else ["TicketWebhookFields"]
    tables += ["TicketWebhookUdfFields"] if owner == "TicketWebhooks" else []
    rows = [row for table in tables for row in db.rows(table)]
    ready = any(row.get("webhookID") == hook_id and row.get("isSubscribedField") for row in rows)
    hook.write({"isReady": ready})


HOOKS = Rule(create=_write_hook, update=_write_hook)
HOOK_FIELDS = Rule(create=_create_field, settled=_field_settled)
HOOK_EXCLUSIONS = Rule(create=_create_exclusion)
