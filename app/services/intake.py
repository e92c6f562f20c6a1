"""Takes in a trigger: who sends it, whether it is signed, what it names. Committed before anybody is told."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import structlog

from app.core.intake.signatures import autotask_signature_ok
from app.core.intake.tokens import Credentials, same_hash, token_hash
from app.core.intake.trigger import BadTrigger, Trigger, read_trigger
from app.core.model.failure import DatabaseAway, Gone, Transient
from app.core.model.intake import Accepted, Caller, Delivery, Source
from app.ports.clock import Clock
from app.ports.inbox import Inbox
from app.ports.vendors import Sealer

log = structlog.get_logger("intake")

CALLER_TTL_S = 2.0
LOOK_UP_TIMEOUT_S = 5.0
MOST_CALLERS = 4096
WEBHOOK_SECRET = "autotask.webhook_secret"


@dataclass(frozen=True, slots=True)
class RawTrigger:
    """A request as it came; `signature` is what the sender signed the bytes with, None when it signed nothing."""

    source: Source
    content_type: str
    body: bytes
    query: Sequence[tuple[str, str]] = field(repr=False)
    signature: str | None


@dataclass(frozen=True, slots=True)
class Stranger:
    """A sender who is not let in. `reason` is for the log; the sender is told the same whatever it is."""

    reason: str


Answer: TypeAlias = Sequence[Accepted] | BadTrigger | Stranger


class Callers:
    """The connections behind tokens, remembered for a moment, so that a storm is one look-up and not thousands.

    A revoked token is refused after `CALLER_TTL_S` at the latest. Strangers are not remembered: a new token counts at
    once, and guesses cannot fill the memory.
    """

    def __init__(self, inbox: Inbox, clock: Clock) -> None:
        self._inbox = inbox
        self._clock = clock
        self._known: dict[bytes, tuple[float, Caller]] = {}
        self._asking: dict[bytes, asyncio.Task[Sequence[Caller]]] = {}

    async def behind(self, credentials: Credentials) -> Caller | None:
        """The connection that the token belongs to, or None. Raises `DatabaseAway` when nobody can say."""
        wanted = token_hash(credentials.token)
        known = self._known.get(wanted)
        if known and known[0] > self._clock.boot_s():
            return known[1]
        asked_s = self._clock.boot_s()
        found = next((one for one in await self._ask(wanted) if same_hash(one.token_hash, wanted)), None)
        self._remember(wanted, found, asked_s + CALLER_TTL_S)
        return found

    async def _ask(self, wanted: bytes) -> Sequence[Caller]:
        """One look-up at a time for a token; whoever comes meanwhile waits for the same answer."""
        task = self._asking.get(wanted)
        if task is None:
            task = self._asking[wanted] = asyncio.ensure_future(self._look_up(wanted))
            task.add_done_callback(lambda done: self._asked(wanted, done))
        return await asyncio.shield(task)

    async def _look_up(self, wanted: bytes) -> Sequence[Caller]:
        # Bounded, or one answer that never comes would hold up everybody who uses the token.
        try:
            async with asyncio.timeout(LOOK_UP_TIMEOUT_S):
                return await self._inbox.callers(wanted)
        except TimeoutError:
            raise DatabaseAway("The database did not answer in time.") from None

    def _asked(self, wanted: bytes, done: asyncio.Task[Sequence[Caller]]) -> None:
        del self._asking[wanted]
        if not done.cancelled():
            # Looked at, so that a failure whose askers all left is not reported as one that nobody noticed.
            done.exception()

    def _remember(self, wanted: bytes, caller: Caller | None, until_s: float) -> None:
        self._known.pop(wanted, None)
        if caller is None:
            return
        if len(self._known) >= MOST_CALLERS:
            del self._known[next(iter(self._known))]
        self._known[wanted] = (until_s, caller)


class Intake:
    """The story of a trigger, in two steps, so that no body is read for a stranger."""

    def __init__(self, inbox: Inbox, sealer: Sealer, clock: Clock) -> None:
        self._inbox = inbox
        self._sealer = sealer
        self._callers = Callers(inbox, clock)

    async def identify(self, credentials: Credentials) -> Caller | Stranger:
        """Who sends. Raises `DatabaseAway` when the database is away."""
        caller = await self._callers.behind(credentials) if credentials.is_usable else None
        if caller is not None:
            return caller
        known_reason = "no_token" if not credentials.disagree else "tokens_disagree"
        reason = "unknown_token" if credentials.is_usable else known_reason
        log.info("trigger_refused", code="unauthorized", reason=reason)
        return Stranger(reason)

    async def accept(self, caller: Caller, raw: RawTrigger) -> Answer:
        """Verifies, reads and commits. Raises `DatabaseAway` when nothing could be committed."""
        is_signed = self._is_signed(caller, raw)
        trigger = read_trigger(raw.content_type, raw.body, raw.query)
        if not is_signed and _must_be_signed(trigger, has_signature=raw.signature is not None):
            log.info("trigger_refused", code="unauthorized", reason="wrong_signature", connection=caller.connection)
            return Stranger("wrong_signature")
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
            log.info("trigger_refused", code="unauthorized", reason="archived", connection=caller.connection)
            return Stranger("archived")

    def _is_signed(self, caller: Caller, raw: RawTrigger) -> bool:
        """Whether the bytes are as their sender signed them; without a secret there is nothing to check."""
        if caller.sealed_webhook_secret is None:
            return True
        try:
            secret = self._sealer.open(caller.connection, WEBHOOK_SECRET, caller.sealed_webhook_secret)
        except ValueError as error:
            text = "A stored secret cannot be opened with the present keys."
            raise Transient(text, detail=f"{caller.connection}: {WEBHOOK_SECRET}") from error
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
