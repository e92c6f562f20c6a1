"""Takes in a trigger: who sends it, whether it is signed, what it names. Committed before anybody is told."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from app.core.intake.signatures import autotask_signature_ok
from app.core.intake.tokens import Credentials
from app.core.intake.trigger import BadTrigger, Trigger, read_trigger
from app.core.model.failure import Gone
from app.core.model.intake import Accepted, Caller, Delivery, Source
from app.ports.clock import Clock
from app.ports.inbox import Inbox
from app.ports.vendors import Sealer
from app.services.callers import Answer, Callers, Stranger, opened

log = structlog.get_logger("intake")

WEBHOOK_SECRET = "autotask.webhook_secret"


@dataclass(frozen=True, slots=True)
class RawTrigger:
    """A request as it came; `signature` is what the sender signed the bytes with, None when it signed nothing."""

    source: Source
    content_type: str
    body: bytes
    query: Sequence[tuple[str, str]] = field(repr=False)
    signature: str | None


class Intake:
    """The story of a trigger, in two steps, so that no body is read for a stranger."""

    def __init__(self, inbox: Inbox, sealer: Sealer, clock: Clock) -> None:
        self._inbox = inbox
        self._sealer = sealer
        self._callers = Callers(inbox, clock, "trigger")

    async def identify(self, credentials: Credentials) -> Caller | Stranger:
        """Who sends. Raises `DatabaseAway` when the database is away."""
        return await self._callers.identify(credentials)

    async def accept(self, caller: Caller, raw: RawTrigger) -> Answer:
        """Verifies, reads and commits. Raises `DatabaseAway` when nothing could be committed."""
        is_signed = self._is_signed(caller, raw)
        trigger = read_trigger(raw.content_type, raw.body, raw.query)
        if not is_signed and _must_be_signed(trigger, has_signature=raw.signature is not None):
            return self._callers.refuse("wrong_signature", caller)
        if isinstance(trigger, BadTrigger):
            log.info("trigger_refused", code=trigger.code, connection=caller.connection)
            return trigger
        if trigger.is_deactivation:
            # Autotask signs these unreliably and others have forged them: nothing is done on their word.
            log.warning("webhook_deactivation_told", connection=caller.connection, guid=trigger.guid)
            return ()
        try:
            return await self._commit(caller, raw, trigger)
        except Gone:
            return self._callers.refuse("archived", caller)

    def _is_signed(self, caller: Caller, raw: RawTrigger) -> bool:
        """Whether the bytes are as their sender signed them; without a secret there is nothing to check."""
        if caller.sealed_webhook_secret is None:
            return True
        secret = opened(self._sealer, caller, WEBHOOK_SECRET, caller.sealed_webhook_secret)
        return autotask_signature_ok(secret, raw.body, raw.signature)

    async def _commit(self, caller: Caller, raw: RawTrigger, trigger: Trigger) -> Sequence[Accepted]:
        source = Source.AUTOTASK_WEBHOOK if trigger.is_webhook else raw.source
        delivery = Delivery(caller.connection_id, source, raw.content_type, raw.body, trigger.wanted)
        accepted = await self._inbox.accept(delivery) if trigger.wanted else ()
        merged = sum(one.merged for one in accepted)
        log.info(
            "trigger_accepted", connection=caller.connection, source=str(source), things=len(accepted), merged=merged
        )
        return accepted


def _must_be_signed(trigger: Trigger | BadTrigger, *, has_signature: bool) -> bool:
    """A webhook's message must be, save a deactivation; what claims to be signed must be what was signed."""
    if isinstance(trigger, BadTrigger):
        return has_signature
    return not trigger.is_deactivation and (trigger.is_webhook or has_signature)
