"""Who calls: the connection behind a token, and what its stored secret says of the bytes it sent."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import structlog

from app.core.intake.tokens import Credentials, same_hash, token_hash
from app.core.intake.trigger import BadTrigger
from app.core.model.failure import DatabaseAway, Transient
from app.core.model.intake import Accepted, Caller
from app.ports.clock import Clock
from app.ports.inbox import Inbox
from app.ports.vendors import Sealer

log = structlog.get_logger("intake")

CALLER_TTL_S = 2.0
LOOK_UP_TIMEOUT_S = 5.0
MOST_CALLERS = 4096


@dataclass(frozen=True, slots=True)
class Stranger:
    """A sender who is not let in. `reason` is for the log; the sender is told the same whatever it is."""

    reason: str


Answer: TypeAlias = Sequence[Accepted] | BadTrigger | Stranger
"""What a sender is told: what was accepted, what is wrong with the body, or that it is not let in."""


class Callers:
    """The connections behind tokens, remembered for a moment, so that a storm is one look-up and not thousands.

    A revoked token is refused after `CALLER_TTL_S` at the latest. Strangers are not remembered: a new token counts at
    once, and guesses cannot fill the memory. `thing` is what callers bring, for the log: a trigger or an event.
    """

    def __init__(self, inbox: Inbox, clock: Clock, thing: str) -> None:
        self._inbox = inbox
        self._clock = clock
        self._thing = thing
        self._known: dict[bytes, tuple[float, Caller]] = {}
        self._asking: dict[bytes, asyncio.Task[Sequence[Caller]]] = {}

    async def identify(self, credentials: Credentials) -> Caller | Stranger:
        """The connection that the token belongs to. Raises `DatabaseAway` when nobody can say."""
        caller = await self._behind(credentials) if credentials.is_usable else None
        if caller is not None:
            return caller
        known_reason = "no_token" if not credentials.disagree else "tokens_disagree"
        return self.refuse("unknown_token" if credentials.is_usable else known_reason)

    def refuse(self, reason: str, caller: Caller | None = None) -> Stranger:
        """Lets nobody in, with one line that says why."""
        of = {} if caller is None else {"connection": caller.connection}
        log.info(f"{self._thing}_refused", code="unauthorized", reason=reason, **of)
        return Stranger(reason)

    async def _behind(self, credentials: Credentials) -> Caller | None:
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


def opened(sealer: Sealer, caller: Caller, field: str, sealed: str) -> str:
    """A caller's stored secret. Raises `Transient` when the present keys do not open it: that is our trouble."""
    try:
        return sealer.open(caller.connection, field, sealed)
    except ValueError as error:
        text = "A stored secret cannot be opened with the present keys."
        raise Transient(text, detail=f"{caller.connection}: {field}") from error
