"""Stored connections, their sealed secrets and their trigger tokens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.core.model.connection import Connection, ConnectionFile
from app.core.model.ids import AccountId, ConnectionId


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """One version of a connection's file, without its secrets: who applied it, when, and what was said of it.

    `file` is None when this release cannot read what an earlier one stored.
    """

    number: int
    at: datetime
    who: str
    note: str
    file: ConnectionFile | None


class Connections(Protocol):
    async def all(self, *, archived: bool = False) -> Sequence[Connection]:
        """Every connection by name."""

    async def named(self, name: str) -> Connection | None:
        """The live connection of that name."""

    async def of_account(self, account: AccountId) -> Sequence[Connection]:
        """The live connections that share the account."""

    async def secrets(self, connection: ConnectionId) -> Mapping[str, str]:
        """Sealed secrets by field name."""

    async def save(
        self,
        file: ConnectionFile,
        secrets: Mapping[str, str],
        *,
        ci: int,
        integration_code_hash: str,
        company: int,
        who: str,
        note: str = "",
    ) -> Connection:
        """Creates or changes the connection of that name; `file` holds no secret. `company` 0 means not known yet.

        A file that differs from the one before makes a version, which keeps `who` applied it and the `note`.
        """

    async def pin_company(self, connection: ConnectionId, company: int) -> None:
        """Pins the Field Nation company once it is known."""

    async def archive(self, connection: ConnectionId) -> None:
        """Archives the connection: tokens revoked, waiting jobs cancelled, the ledger kept."""

    async def reseal(self, connection: ConnectionId, secrets: Mapping[str, str]) -> None:
        """Replaces the sealed secrets (key rotation)."""


class Versions(Protocol):
    async def versions(self, connection: ConnectionId) -> Sequence[StoredVersion]:
        """Every version of the connection's file, oldest first."""


class Tokens(Protocol):
    async def add(self, connection: ConnectionId, token_hash: bytes) -> None:
        """Makes the token live; of the tokens before it the newest stays live, older ones are revoked."""

    async def live(self, connection: ConnectionId) -> int:
        """How many tokens are live: 0, 1 or 2."""
