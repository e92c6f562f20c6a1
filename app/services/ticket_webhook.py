"""Autotask's webhook for tickets: found, made or mended, and taken away.

Steps and limits: Autotask developer help, webhooks (REST). Nothing is written that stands already, so it may be done
again at any time.
"""

import contextlib
import hashlib
from dataclasses import dataclass, field
from typing import ClassVar, Final

from app.core.model.connection import ConnectionFile
from app.core.model.document import Document, Json
from app.core.model.failure import Gone, Rejected
from app.core.model.finding import Finding
from app.ports.clock import Clock
from app.ports.tickets import Filter
from app.ports.vendors import VendorPair
from app.services.fields import Fields
from app.services.personal_permit import personal_permit
from app.services.related import whole_number
from app.services.watched_fields import FIELD_ID, FIELDS, USER_FIELD_ID, USER_FIELDS, offered, watched
from app.services.webhook_addresses import TRIGGERS, Claim, Doors
from app.services.webhook_reports import Done, System, Verb, as_error, as_warning

HOOKS: Final = "TicketWebhooks"
SECRET_FIELD: Final = "autotask.webhook_secret"
LONGEST_SECRET: Final = 64
_EXCLUDED: Final = "TicketWebhookExcludedResources"
_PREFIX: Final = "broker "
_LONGEST_NAME: Final = 50
_API_USER: Final = 7
"""The licence type of API users (seen in databases; the picklist calls it API User)."""

_WORDS: Final = {"webhookUrl": "address", "deactivationUrl": "deactivation address", "secretKey": "secret"}


@dataclass(slots=True)
class TicketWebhook:
    """The webhook of one connection. What it learns on the way is told in the `Done` that it answers with."""

    system: ClassVar[System] = "autotask"
    path: ClassVar[str] = TRIGGERS
    secret_field: ClassVar[str] = SECRET_FIELD

    pair: VendorPair
    file: ConnectionFile
    doors: Doors
    clock: Clock
    _found: list[Document] = field(default_factory=list)
    _changes: list[str] = field(default_factory=list)
    _findings: list[Finding] = field(default_factory=list)

    async def look(self) -> str:
        """The address that the best one of ours calls, or empty when there is none."""
        self._found = await own_hooks(self.pair, self.file.name, self.doors)
        return str(self._found[0].get("webhookUrl") or "") if self._found else ""

    async def install(self, address: str, secret: str) -> Done:
        """Makes the webhook, or writes what differs from what it should be; several of ours are said, not removed."""
        if len(secret) > LONGEST_SECRET:
            text = f"{SECRET_FIELD} has {len(secret)} characters; Autotask takes at most {LONGEST_SECRET}."
            raise Rejected("webhook_secret_unusable", text, field=SECRET_FIELD)
        found, wanted = self._found, self._wanted(address, secret)
        hook = await self._mended(found[0], wanted) if found else await self._made(wanted)
        await self._subscribe(hook)
        await self._exclude_ourselves(hook, is_new=not found)
        await self._look_again(hook)
        if len(found) > 1:
            ids = ", ".join(str(one.get("id")) for one in found[1:])
            mend = "Take the others out in Autotask: every change is announced several times."
            self._findings.append(as_warning("autotask_webhook_doubled", f"Webhooks {ids} are ours, too.", mend))
        verb: Verb = "made" if not found else "changed" if self._changes else "left"
        return Done(self.system, verb, (str(hook),), tuple(self._changes), tuple(self._findings))

    async def remove(self) -> Done:
        """Deletes all of ours; one that is gone by now is as good."""
        ids = [id for one in self._found if (id := whole_number(one.get("id"))) is not None]
        for id in ids:
            with contextlib.suppress(Gone):
                await self.pair.tickets.delete(HOOKS, id, personal_permit(self.clock))
        return Done(self.system, "removed" if ids else "missing", tuple(map(str, ids)))

    def _wanted(self, address: str, secret: str) -> dict[str, Json]:
        return {
            "name": name_of(self.file.name),
            "isActive": True,
            "webhookUrl": address,
            "deactivationUrl": address,
            "secretKey": secret,
            "isSubscribedToCreateEvents": True,
            "isSubscribedToUpdateEvents": True,
        }

    async def _made(self, wanted: Document) -> int:
        notified = self.file.settings.notify[:1]
        mail = {"notificationEmailAddress": notified[0]} if notified else {}
        body = {**wanted, **mail, "isSubscribedToDeleteEvents": False}
        body["sendThresholdExceededNotification"] = bool(notified)
        return await self.pair.tickets.create(HOOKS, body, personal_permit(self.clock))

    async def _mended(self, found: Document, wanted: Document) -> int:
        id = whole_number(found.get("id")) or 0
        differing = {name: value for name, value in wanted.items() if found.get(name) != value}
        if differing:
            await self.pair.tickets.patch(HOOKS, {"id": id, **differing}, personal_permit(self.clock))
        # A database that hides the key has it written every time; that alone is no change to tell of.
        told = [name for name in differing if name != "secretKey" or found.get("secretKey")]
        self._changes.extend(_WORDS.get(name, name) for name in told)
        return id

    async def _subscribe(self, hook: int) -> None:
        wanted = await watched(self.file, Fields(self.pair.catalog, self.pair.definitions, self.clock))
        lists = ((FIELDS, FIELD_ID, wanted.fields), (USER_FIELDS, USER_FIELD_ID, wanted.user_fields))
        for entity, id_field, fields in lists:
            if not fields:
                continue
            offer = offered(await self.pair.catalog.catalog(entity), id_field, fields)
            standing = {whole_number(row.get(id_field)): row for row in await self._below(entity, hook)}
            for id, name in offer.ids.items():
                await self._subscribe_to(entity, hook, {id_field: id}, name, standing.get(id))
            self._findings.extend(_not_offered(name) for name in offer.lacking)

    async def _subscribe_to(self, entity: str, hook: int, key: Document, name: str, row: Document | None) -> None:
        """One field that does not do must not cost the others theirs: it is said."""
        if row is not None and row.get("isSubscribedField") is True:
            return
        permit, parent = personal_permit(self.clock), (HOOKS, hook)
        body = {"webhookID": hook, **key, "isDisplayAlwaysField": False, "isSubscribedField": True}
        try:
            if row is None:
                await self.pair.tickets.create(entity, body, permit, parent)
            else:
                changed: Document = {"id": row.get("id"), "isSubscribedField": True}
                await self.pair.tickets.patch(entity, changed, permit, parent)
        except Rejected as refusal:
            self._findings.append(_refused_field(name, refusal))
        else:
            self._changes.append(f"field {name}")

    async def _exclude_ourselves(self, hook: int, *, is_new: bool) -> None:
        """What the broker writes itself need not be announced to it."""
        excluded = {whole_number(row.get("resourceID")) for row in await self._below(_EXCLUDED, hook)}
        own = await self._own_resource(hook, is_new=is_new)
        if own is None:
            if not excluded:
                self._findings.append(_OWN_USER_UNKNOWN)
            return
        if own not in excluded:
            body: Document = {"webhookID": hook, "resourceID": own}
            await self.pair.tickets.create(_EXCLUDED, body, personal_permit(self.clock), (HOOKS, hook))
            self._changes.append(f"excluded resource {own}")

    async def _own_resource(self, hook: int, *, is_new: bool) -> int | None:
        """The owner of a webhook is who made it; of an older one that may be somebody else."""
        if is_new:
            made = await self.pair.tickets.get(HOOKS, hook)
            owner = whole_number((made or {}).get("ownerResourceID"))
            if owner is not None:
                return owner
        username = self.file.autotask.username
        by_name: Document = {
            "op": "or",
            "items": [{"op": "eq", "field": name, "value": username} for name in ("userName", "email")],
        }
        asked: Filter = [by_name, {"op": "eq", "field": "licenseType", "value": _API_USER}]
        try:
            found = [row async for row in self.pair.tickets.query("Resources", asked, ("id",))]
        except Rejected:
            return None
        return whole_number(found[0].get("id")) if len(found) == 1 else None

    async def _look_again(self, hook: int) -> None:
        record = await self.pair.tickets.get(HOOKS, hook)
        trouble = trouble_of(record or {})
        if trouble:
            mend = "Look at the webhook in Autotask, then run the command again."
            self._findings.append(as_error("autotask_webhook_inactive", f"Webhook {hook} {trouble}.", mend))

    async def _below(self, entity: str, hook: int) -> list[Document]:
        asked: Filter = [{"op": "eq", "field": "webhookID", "value": hook}]
        return [row async for row in self.pair.tickets.query(entity, asked)]


def name_of(connection: str) -> str:
    """The webhook's name, of at most 50 characters."""
    name = _PREFIX + connection
    if len(name) <= _LONGEST_NAME:
        return name
    digest = hashlib.sha256(connection.encode()).hexdigest()[:8]
    return f"{name[: _LONGEST_NAME - 9]}~{digest}"


async def own_hooks(pair: VendorPair, connection: str, doors: Doors) -> list[Document]:
    """The connection's ticket webhooks as the vendor keeps them, the surest first."""
    ranked = []
    async for row in pair.tickets.query(HOOKS, []):
        claim = await _claim(row, connection, doors)
        if claim is not Claim.NONE:
            ranked.append((claim, whole_number(row.get("id")) or 0, row))
    return [row for _, _, row in sorted(ranked, key=lambda one: one[:2])]


async def _claim(row: Document, connection: str, doors: Doors) -> Claim:
    url, name = str(row.get("webhookUrl") or ""), str(row.get("name") or "")
    claim = await doors.claim(connection, TRIGGERS, url)
    if claim is Claim.HELD:
        return claim
    if name == name_of(connection):
        return Claim.NAMED
    # Another connection of the same database may have lost its token; its webhook waits for its own command.
    return Claim.NONE if name.startswith(_PREFIX) else claim


def trouble_of(hook: Document) -> str:
    """Why the webhook announces nothing, or empty: it must be active, and `isReady` once a field is subscribed."""
    if hook.get("isActive") is not True:
        return "is not active"
    if hook.get("isReady") is not True:
        return "is not ready: no field is subscribed"
    told = hook.get("isSubscribedToCreateEvents") is True and hook.get("isSubscribedToUpdateEvents") is True
    return "" if told else "does not announce new and changed tickets"


def _not_offered(name: str) -> Finding:
    text = f"Autotask's webhooks do not offer the field {name!r}: a change of it alone is not announced."
    mend = "Nothing, if other changes or the sweep are soon enough; else a workflow rule may touch a field that is."
    return as_warning("webhook_field_not_offered", text, mend, name)


def _refused_field(name: str, refusal: Rejected) -> Finding:
    text = f"The field {name!r} could not be subscribed: {refusal.text}"
    return as_warning("webhook_field_refused", text, "Mend what it says and run the command again.", name)


_OWN_USER_UNKNOWN: Final = as_warning(
    "api_user_not_found",
    "Which resource the API user is could not be found out: what the broker writes is announced to it as well.",
    "Nothing breaks; to save the calls, exclude the API user from the webhook in Autotask.",
    "autotask.username",
)
