"""Takes in an event of Field Nation: who sends it, whether it is signed, which work order it names."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from app.core.intake.events import EVENT_NAMES, Event, delivery_key, read_event, read_sending, stored_event
from app.core.intake.signatures import field_nation_signature_ok
from app.core.intake.tokens import Credentials
from app.core.intake.trigger import BadTrigger
from app.core.model.failure import Gone
from app.core.model.intake import Accepted, Caller, Delivery, Source
from app.ports.clock import Clock
from app.ports.inbox import Inbox
from app.ports.vendors import Sealer
from app.services.callers import Answer, Callers, Stranger, opened

log = structlog.get_logger("intake")

EVENT_SECRET = "field_nation.webhook_secret"
LARGE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class RawEvent:
    """A request as it came; the names of the headers are in lower case."""

    body: bytes
    headers: Mapping[str, str] = field(repr=False)


class EventIntake:
    """The story of an event, in two steps, so that no body is read for a stranger."""

    def __init__(self, inbox: Inbox, sealer: Sealer, clock: Clock) -> None:
        self._inbox = inbox
        self._sealer = sealer
        self._callers = Callers(inbox, clock, "event")

    async def identify(self, credentials: Credentials) -> Caller | Stranger:
        """Who sends; without a secret nobody's events are believed. Raises `DatabaseAway` when the database is away."""
        caller = await self._callers.identify(credentials)
        if isinstance(caller, Caller) and caller.sealed_event_secret is None:
            return self._callers.refuse("no_event_secret", caller)
        return caller

    async def accept(self, caller: Caller, raw: RawEvent) -> Answer:
        """Verifies, reads and commits; a repeated delivery is told nothing was wanted.

        Raises `DatabaseAway` when nothing could be committed.
        """
        event = await self._verified(caller, raw)
        if event is None:
            return self._callers.refuse("wrong_signature", caller)
        if isinstance(event, BadTrigger):
            log.info("event_refused", code=event.code, connection=caller.connection)
            return event
        try:
            return await self._commit(caller, raw, event)
        except Gone:
            return self._callers.refuse("archived", caller)

    async def _verified(self, caller: Caller, raw: RawEvent) -> Event | BadTrigger | None:
        """The event; None when the bytes are not as their sender signed them, and then nothing of them was parsed."""
        if caller.sealed_event_secret is None:
            return None
        secret = opened(self._sealer, caller, EVENT_SECRET, caller.sealed_event_secret)
        if len(raw.body) <= LARGE_BYTES:
            return _read_signed(secret, raw)
        # Megabytes take up to seconds, in which nobody else's request would be answered.
        return await asyncio.to_thread(_read_signed, secret, raw)

    async def _commit(self, caller: Caller, raw: RawEvent, event: Event) -> Sequence[Accepted]:
        sending = read_sending(raw.headers)
        body, key = stored_event(event, sending), delivery_key(sending, event)
        source = Source.FIELD_NATION_EVENT
        delivery = Delivery(caller.connection_id, source, "application/json", body, event.wanted, key)
        accepted = await self._inbox.accept(delivery) if event.wanted else ()
        log.info(
            "event_accepted",
            connection=caller.connection,
            name=event.name if event.name in EVENT_NAMES else "unknown",
            things=len(accepted),
            merged=sum(one.merged for one in accepted),
            repeated=bool(event.wanted) and not accepted,
        )
        return accepted


def _read_signed(secret: str, raw: RawEvent) -> Event | BadTrigger | None:
    if not field_nation_signature_ok(secret, raw.body, raw.headers.get("x-fn-signature")):
        return None
    return read_event(raw.body)
