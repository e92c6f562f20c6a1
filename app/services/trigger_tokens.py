"""Trigger tokens of a connection: kept from its file, or made; shown once; two live during a rotation."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import quote

from app.core.intake.tokens import token_hash
from app.core.model.connection import Connection, ConnectionFile
from app.core.model.failure import Rejected
from app.ports.connections import Connections, Tokens
from app.ports.inbox import Inbox
from app.ports.vendors import Sealer

TOKEN_FIELD = "client_token"
_SHOWN = "sha256 "
"""What is kept of a file's token once its URL was shown: enough to see whether the file names another one."""

NewToken: TypeAlias = Callable[[], str]


@dataclass(frozen=True, slots=True)
class TriggerUrl:
    """The URL with its token in it (not in the repr), and how many tokens are live now."""

    url: str
    live: int

    def __repr__(self) -> str:
        return f"TriggerUrl(live={self.live})"


@dataclass(frozen=True, slots=True)
class TriggerTokens:
    """The tokens of connections. `public_url` is where senders reach the broker."""

    store: Connections
    tokens: Tokens
    inbox: Inbox
    sealer: Sealer
    public_url: str
    new_token: NewToken

    async def holder(self, token: str) -> str:
        """The name of the connection that the token opens today, or empty."""
        return next((caller.connection for caller in await self.inbox.callers(token_hash(token))), "")

    async def keep(self, connection: Connection, token: str, previous: str | None) -> None:
        """Makes a file's token live when the file names it for the first time; `previous` is what was kept of it.

        A token that was rotated away stays revoked: an unchanged file does not bring it back.
        """
        if not is_same(token, previous) and await self.holder(token) != connection.name:
            await self.tokens.add(connection.id, token_hash(token))

    async def url(self, connection: Connection, *, rotate: bool) -> TriggerUrl:
        """The URL of a token that was not shown yet; with `rotate` that of a new one. Raises `Rejected` otherwise."""
        if not rotate:
            kept = await self._not_shown(connection)
            if kept is not None:
                return TriggerUrl(self._url(kept), await self.tokens.live(connection.id))
            if await self.tokens.live(connection.id):
                raise Rejected(
                    "token_shown",
                    f"The trigger URL of {connection.name} was shown already, and only a digest of its token is kept. "
                    "Use --rotate for a new one; the present one stays live until the next rotation.",
                )
        token = self.new_token()
        await self.tokens.add(connection.id, token_hash(token))
        return TriggerUrl(self._url(token), await self.tokens.live(connection.id))

    async def _not_shown(self, connection: Connection) -> str | None:
        """The file's token if it is live and was not shown; from now on it counts as shown."""
        sealed = dict(await self.store.secrets(connection.id))
        if TOKEN_FIELD not in sealed:
            return None
        token = self.sealer.open(connection.name, TOKEN_FIELD, sealed[TOKEN_FIELD])
        if token.startswith(_SHOWN) or await self.holder(token) != connection.name:
            return None
        sealed[TOKEN_FIELD] = self.sealer.seal(connection.name, TOKEN_FIELD, as_shown(token))
        await self.store.reseal(connection.id, sealed)
        return token

    def _url(self, token: str) -> str:
        return f"{self.public_url}/v1/broker/inbound?client_token={quote(token, safe='')}"


def as_shown(token: str) -> str:
    """What is kept of a token that was shown."""
    return _SHOWN + hashlib.sha256(token.encode()).hexdigest()


def is_same(token: str | None, previous: str | None) -> bool:
    """Whether the file's token is the one that `previous` was kept of."""
    return token == previous or (token is not None and as_shown(token) == previous)


def carried(file: ConnectionFile, secrets: Mapping[str, str], previous: Mapping[str, str]) -> dict[str, str]:
    """The new secrets, with the file's token as it was kept if it is the same one; and with the secrets of webhooks
    that were made for the connection, where the file is silent about them (null forgets them)."""
    named = {f"{part}.webhook_secret": getattr(file, part) for part in ("autotask", "field_nation")}
    made = {
        field: previous[field]
        for field, part in named.items()
        if field in previous and "webhook_secret" not in part.model_fields_set
    }
    kept = previous.get(TOKEN_FIELD)
    same = TOKEN_FIELD in secrets and kept is not None and is_same(secrets[TOKEN_FIELD], kept)
    return {**made, **secrets, TOKEN_FIELD: kept} if same and kept is not None else {**made, **secrets}
