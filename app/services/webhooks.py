"""Webhooks of a connection: installed at both vendors, and taken away again. A person's commands, without a host."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import structlog

from app.core.model.connection import Connection
from app.core.model.failure import DatabaseAway, Failure, Refused, Rejected
from app.core.model.finding import Finding
from app.ports.clock import Clock
from app.ports.vendors import VendorPair, Vendors
from app.services.event_webhook import EventWebhook
from app.services.ticket_webhook import TicketWebhook
from app.services.trigger_tokens import TOKEN_FIELD, TriggerTokens
from app.services.webhook_addresses import Doors
from app.services.webhook_reports import Done, System, WebhookReport, as_error, as_info, as_warning, report_of
from app.services.webhook_tokens import webhook_tokens

log = structlog.get_logger("webhooks")

Side: TypeAlias = TicketWebhook | EventWebhook


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Looks before every write instead of opening a ledger entry, so that each command may be run again at any time.

    `new_secret` makes the text of a UUID, which both vendors take as a secret.
    """

    triggers: TriggerTokens
    vendors: Vendors
    clock: Clock
    new_secret: Callable[[], str]

    @property
    def doors(self) -> Doors:
        return Doors(self.triggers.inbox, self.triggers.public_url)

    async def install(self, connection: Connection) -> WebhookReport:
        """Both webhooks as they should be; what stands already is left. One vendor's trouble is an error of its own.

        Raises `Rejected` when the broker is not reached by https, `Refused` when no key opens the secrets.
        """
        if not self.doors.is_https:
            text = f"Both vendors call https addresses only, and BROKER_PUBLIC_URL is {self.doors.public_url}."
            raise Rejected("public_url_not_https", text)
        secrets = self._opened(connection, await self.triggers.store.secrets(connection.id))
        scope = f"connection:{connection.id}"
        async with self.vendors.open(connection.file, secrets, scope=scope, hosted=None) as pair:
            sides = self._sides(pair, connection)
            done, standing = await _looked(sides)
            ready = [side for side in sides if side.system in standing]
            findings = [*_no_ticket_webhook(connection), *await self._complete(connection, secrets, ready)]
            # Both are stored before any vendor may call with them.
            tokens = await webhook_tokens(self.triggers, connection, standing, secrets.get(TOKEN_FIELD, ""))
            for side in ready:
                address = self.doors.address(side.path, tokens.by_system[side.system])
                done.append(await _tried(side, side.install(address, secrets[side.secret_field])))
        return _told("installed", connection, done, (*findings, *tokens.findings))

    async def remove(self, connection: Connection) -> WebhookReport:
        """Deletes both webhooks; the secrets and tokens stay. Raises `Refused` when no key opens the secrets."""
        secrets = self._opened(connection, await self.triggers.store.secrets(connection.id))
        scope = f"connection:{connection.id}"
        async with self.vendors.open(connection.file, secrets, scope=scope, hosted=None) as pair:
            sides = self._sides(pair, connection)
            done, standing = await _looked(sides)
            for side in sides:
                if side.system in standing:
                    done.append(await _tried(side, side.remove()))
        return _told("removed", connection, done, ())

    def _sides(self, pair: VendorPair, connection: Connection) -> tuple[Side, ...]:
        file = connection.file
        events = EventWebhook(pair, file, self.doors, self.clock)
        if file.autotask.service_object != "ticket":
            return (events,)
        return (TicketWebhook(pair, file, self.doors, self.clock), events)

    def _opened(self, connection: Connection, sealed: Mapping[str, str]) -> dict[str, str]:
        sealer = self.triggers.sealer
        try:
            return {field: sealer.open(connection.name, field, text) for field, text in sealed.items()}
        except ValueError as failure:
            raise Refused(f"The stored credentials cannot be opened: {failure}") from failure

    async def _complete(
        self, connection: Connection, secrets: dict[str, str], sides: Sequence[Side]
    ) -> tuple[Finding, ...]:
        """Adds the secrets that the file leaves out, and keeps them sealed: from now on both doors ask for them."""
        lacking = [side.secret_field for side in sides if not secrets.get(side.secret_field)]
        if not lacking:
            return ()
        store, sealer = self.triggers.store, self.triggers.sealer
        secrets.update({field: self.new_secret() for field in lacking})
        made = {field: sealer.seal(connection.name, field, secrets[field]) for field in lacking}
        await store.reseal(connection.id, {**await store.secrets(connection.id), **made})
        return tuple(_secret_made(field) for field in lacking)


def _told(what: str, connection: Connection, done: Sequence[Done], findings: Sequence[Finding]) -> WebhookReport:
    verbs = {one.system: one.verb for one in done}
    log.info(f"webhooks_{what}", connection=connection.name, **verbs)
    return report_of(connection.name, sorted(done, key=lambda one: one.system), findings)


async def _looked(sides: Sequence[Side]) -> tuple[list[Done], dict[System, str]]:
    """The failures, and by vendor the address that our webhook calls there, empty where there is none."""
    failed: list[Done] = []
    standing: dict[System, str] = {}
    for side in sides:
        try:
            standing[side.system] = await side.look()
        except DatabaseAway:
            raise
        except Failure as failure:
            failed.append(_failed(side.system, failure))
    return failed, standing


async def _tried(side: Side, step: Awaitable[Done]) -> Done:
    """One vendor's trouble must not cost the other one its webhook."""
    try:
        return await step
    except DatabaseAway:
        raise
    except Failure as failure:
        return _failed(side.system, failure)


def _failed(system: System, failure: Failure) -> Done:
    field = failure.field if isinstance(failure, Rejected) else ""
    code = {"autotask": "autotask_webhook_failed", "field_nation": "field_nation_webhook_failed"}[system]
    mend = "Mend what it says and run the command again: it looks before it writes."
    return Done(system, "failed", findings=(as_error(code, failure.text, mend, field),))


def _no_ticket_webhook(connection: Connection) -> tuple[Finding, ...]:
    entity = connection.file.autotask.entity
    if connection.file.autotask.service_object == "ticket":
        return ()
    text = f"Autotask has no webhooks for {entity}: nothing was installed there."
    mend = "Let a workflow rule call the trigger URL, or settings.import_when find them."
    return (as_warning("no_webhook_for_object", text, mend, "autotask.service_object"),)


def _secret_made(field: str) -> Finding:
    text = f"The connection has no {field}; one was made and is kept sealed."
    mend = "Nothing: a file that names none keeps it, one that says null forgets it."
    return as_info("webhook_secret_made", text, mend, field)
