"""The access token: one for a connection, renewed before it ends and once after a refusal.

Refresh tokens are not used: Field Nation hands them out, and its own pages disagree on whether they work.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from app.adapters.fieldnation.answers import complaint_of, failure_of
from app.adapters.fieldnation.wire import TOKEN_PATH, Call
from app.adapters.http.message import HttpAnswer, HttpRequest
from app.adapters.http.sender import Sender
from app.core.model.document import Json
from app.core.model.failure import Failure, Refused, Transient
from app.ports.clock import Clock

_TIMEOUT_S = 30.0
_RENEW_BEFORE_S = 60.0
# Field Nation REST guide, authentication: tokens live for an hour.
_DEFAULT_LIFE_S = 3600.0
_TOKEN_CALL = Call("GET", TOKEN_PATH, "token")


@dataclass(frozen=True, slots=True)
class Grant:
    """Credentials of one connection. The repr shows none of them."""

    grant: Literal["password", "client_credentials"]
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    def body(self) -> Mapping[str, Json]:
        """The body of the token call."""
        body = {"grant_type": self.grant, "client_id": self.client_id, "client_secret": self.client_secret}
        if self.grant == "password":
            body |= {"username": self.username, "password": self.password}
        return body


@dataclass(frozen=True, slots=True)
class _Token:
    text: str = field(repr=False)
    renew_at_s: float = 0.0


class AccessTokens:
    """Gives the current token to everybody who asks, and asks the vendor once however many wait.

    Once the vendor has refused the credentials nothing is asked any more until `retry_credentials`: an account is
    locked after too many wrong passwords.
    """

    def __init__(self, sender: Sender, clock: Clock, base_url: str, grant: Grant) -> None:
        self._sender = sender
        self._clock = clock
        self._url = base_url.rstrip("/") + TOKEN_PATH
        self._grant = grant
        self._turn = asyncio.Lock()
        self._token = _Token("")
        self._refusal = ""
        self.calls = 0

    def __repr__(self) -> str:
        return f"AccessTokens({self._grant.grant})"

    async def current(self) -> str:
        """A token with life left. Raises `Refused` for wrong credentials, `Transient` or `Throttled` otherwise."""
        async with self._turn:
            self._check()
            if self._clock.boot_s() >= self._token.renew_at_s:
                await self._ask()
            return self._token.text

    async def after_refusal(self, refused: str) -> str:
        """A token other than the refused one; the vendor is asked only if nobody else has done so meanwhile."""
        async with self._turn:
            self._check()
            if self._token.text == refused:
                await self._ask()
            return self._token.text

    def give_up(self, reason: str) -> Refused:
        """Fresh tokens are refused as well: stays so until `retry_credentials`. Gives the failure to raise."""
        self._token = _Token("")
        self._refusal = reason
        return self._refused()

    def retry_credentials(self) -> None:
        """The next call may ask again: the credentials may have been mended, or a probe is due."""
        self._refusal = ""
        self._token = _Token("")

    def hide(self, text: str) -> str:
        """The text without the token and the secrets, should a vendor's page repeat them."""
        for secret in (self._token.text, self._grant.client_secret, self._grant.password):
            if len(secret) >= 4:
                text = text.replace(secret, "[hidden]")
        return text

    def _check(self) -> None:
        if self._refusal:
            raise self._refused()

    def _refused(self) -> Refused:
        return Refused(f"Field Nation does not accept the credentials: {self._refusal}")

    async def _ask(self) -> None:
        self._token = _Token("")
        asked_s = self._clock.boot_s()
        self.calls += 1
        request = HttpRequest("POST", self._url, json=self._grant.body(), timeout_s=_TIMEOUT_S, redact=True)
        answer = await self._sender.send(request)
        if not 200 <= answer.status < 300:
            raise self._failure(answer)
        self._token = _read_token(answer, asked_s)

    def _failure(self, answer: HttpAnswer) -> Failure:
        if answer.status in (408, 429) or not 400 <= answer.status < 500:
            return failure_of(_TOKEN_CALL, answer, self._clock.now())
        return self.give_up(self.hide(complaint_of(answer).text))


def _read_token(answer: HttpAnswer, asked_s: float) -> _Token:
    try:
        body = answer.json()
    except ValueError:
        body = None
    text = body.get("access_token") if isinstance(body, Mapping) else None
    if not isinstance(body, Mapping) or not isinstance(text, str) or not text:
        raise Transient("Field Nation answered the request for a token without one.")
    life_s = _life_s(body.get("expires_in"))
    return _Token(text, asked_s + life_s - min(_RENEW_BEFORE_S, life_s / 2))


def _life_s(expires_in: Json) -> float:
    if isinstance(expires_in, str) and expires_in.strip().isdecimal():
        expires_in = int(expires_in.strip()[:9])
    if isinstance(expires_in, int | float | Decimal) and not isinstance(expires_in, bool) and expires_in > 0:
        return min(float(expires_in), 86400.0)
    return _DEFAULT_LIFE_S
