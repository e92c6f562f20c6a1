"""Intake's one narrow door to the database."""

from collections.abc import Sequence
from typing import Protocol

from app.core.model.ids import ConnectionId
from app.core.model.intake import Accepted, Caller, Delivery


class Inbox(Protocol):
    async def callers(self, token_hash: bytes) -> Sequence[Caller]:
        """Connections with a live token of that SHA-256 hash (none or one)."""

    async def accept(self, delivery: Delivery) -> Sequence[Accepted]:
        """Commits one receipt for each wanted thing and raises its job; returns once that is durable.

        Raises `DatabaseAway` when the database is away; then nothing was accepted.
        """

    async def outcome(self, connection_id: ConnectionId, receipt_ids: Sequence[int]) -> dict[int, tuple[str, str, str]]:
        """`(result, code, text)` of the receipts that are settled already; others are absent."""
