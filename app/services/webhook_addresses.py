"""Addresses that the vendors' webhooks call: how ours are made, and whose one is that stands at a vendor."""

from dataclasses import dataclass
from enum import IntEnum
from urllib.parse import SplitResult, parse_qsl, quote, urlsplit

from app.core.intake.tokens import token_hash, tokens_of
from app.ports.inbox import Inbox

TRIGGERS = "/v1/broker/inbound"
EVENTS = "/v1/field-nation/events"


class Claim(IntEnum):
    """How sure it is that a webhook is the connection's own, the surest first."""

    HELD = 0
    """Its token opens the connection."""
    NAMED = 1
    """It bears the name that we give."""
    DEAD = 2
    """It leads to this broker, and its token opens nothing (any more)."""
    NONE = 3


@dataclass(frozen=True, slots=True)
class Doors:
    """Where the broker is reached, and who is let in there."""

    inbox: Inbox
    public_url: str

    @property
    def is_https(self) -> bool:
        return urlsplit(self.public_url).scheme == "https"

    def address(self, path: str, token: str) -> str:
        """The URL with the token in it."""
        return f"{self.public_url}{path}?client_token={quote(token, safe='')}"

    async def claim(self, connection: str, path: str, url: str) -> Claim:
        """Whether the webhook that calls `url` is the connection's, as far as its address tells."""
        parts = _parts(url)
        if parts is None or not parts.path.endswith(path):
            return Claim.NONE
        holder = await self.holder(url)
        if holder:
            return Claim.HELD if holder == connection else Claim.NONE
        own = urlsplit(self.public_url + path)
        return Claim.DEAD if (parts.netloc.lower(), parts.path) == (own.netloc.lower(), own.path) else Claim.NONE

    async def holder(self, url: str) -> str:
        """The name of the connection that the address's token opens today, or empty."""
        token = token_in(url)
        callers = await self.inbox.callers(token_hash(token)) if token else ()
        return next((caller.connection for caller in callers), "")


def token_in(url: str) -> str:
    """The token that an address carries, or empty."""
    parts = _parts(url)
    return tokens_of(parse_qsl(parts.query), ()).token if parts else ""


def _parts(url: str) -> SplitResult | None:
    """The parts of an address that somebody else wrote; None when it is none."""
    try:
        return urlsplit(url)
    except ValueError:
        return None
