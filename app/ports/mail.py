"""Mail to people: alerts and nothing else."""

from collections.abc import Sequence
from typing import Protocol


class Mail(Protocol):
    async def send(self, to: Sequence[str], subject: str, text: str) -> None:
        """Sends one message to all of `to`. Raises `Transient` when it could not be handed over."""

    async def check(self) -> str:
        """What answers, in words, without sending anything. Raises `Transient` or `Refused` when nothing would."""
