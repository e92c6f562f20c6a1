"""OAuth tokens: who may get one, and whom a token stands for."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.simulators.field_nation.companies import Company, User
from app.simulators.field_nation.errors import Refusal
from app.simulators.field_nation.settings import Settings

Json = dict[str, Any]
OAUTH_TEXT = "You must provide a valid OAuth token to make a request"


@dataclass(frozen=True)
class Token:
    """A token that was handed out."""

    value: str
    company_id: int
    user_id: int
    expires_at: datetime


class Tokens:
    """Every token of this server, expired ones too."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}

    def grant(self, body: Json, companies: list[Company], settings: Settings, now: datetime) -> Json:
        """The answer of the token endpoint to `body`; raises a refusal of the token family."""
        company = _client(body, companies)
        user = _user(body, company, settings)
        expires_at = now + timedelta(seconds=settings.token_ttl_s)
        token = Token(secrets.token_hex(20), company.id, user.id, expires_at)
        self._tokens[token.value] = token
        return {
            "access_token": token.value,
            "expires_in": int(settings.token_ttl_s),
            "token_type": "Bearer",
            "scope": "basic",
            "refresh_token": secrets.token_hex(20),
        }

    def look(self, value: str) -> Token | None:
        """The token with this value, expired or not."""
        return self._tokens.get(value)

    def revoke_all(self) -> int:
        """Make every token unknown, as when the vendor restarts; returns how many there were."""
        count = len(self._tokens)
        self._tokens.clear()
        return count

    def require(self, value: str, family: str, settings: Settings, now: datetime) -> Token:
        """The live token with this value.

        Field Nation developer portal: an expired token gives 401, in older text 400 with the OAuth sentence.
        """
        token = self._tokens.get(value)
        if token is not None and token.expires_at > now:
            return token
        if token is not None and settings.expired_token_answer == "400":
            raise Refusal(400, OAUTH_TEXT, family)
        raise Refusal(401, OAUTH_TEXT, family)


def _client(body: Json, companies: list[Company]) -> Company:
    for name in ("grant_type", "client_id", "client_secret"):
        if not isinstance(body.get(name), str) or not body[name]:
            raise Refusal(400, f"{name} is required.", "token")
    for company in companies:
        if company.client_id == body["client_id"] and company.client_secret == body["client_secret"]:
            return company
    raise Refusal(401, "Client authentication failed.", "token")


def _user(body: Json, company: Company, settings: Settings) -> User:
    if body["grant_type"] == "client_credentials" and settings.accept_client_credentials:
        return company.users[0]
    if body["grant_type"] != "password":
        raise Refusal(400, "The authorization grant type is not supported.", "token")
    for user in company.users:
        if user.username == body.get("username") and user.password == body.get("password"):
            return user
    raise Refusal(401, "The user credentials were incorrect.", "token")
