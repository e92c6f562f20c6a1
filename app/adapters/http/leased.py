"""The sender of a host: no call starts once the account is, or may be, somebody else's."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import httpx

from app.adapters.http.gates import Gate
from app.adapters.http.sender import HttpAnswer, HttpRequest, Sender
from app.core.model.failure import LeaseLost
from app.core.model.permit import Opening
from app.ports.clock import Clock
from app.ports.hosting import Hosted

_Taken = TypeVar("_Taken")


class LeaseGate:
    """The last gate of every call of a host, reads too: a process that slept past its lease starts nothing."""

    def __init__(self, hosted: Hosted, clock: Clock) -> None:
        self._hosted = hosted
        self._clock = clock

    async def enter(self) -> None:
        """Raises `LeaseLost` when the deadline has passed on a clock that runs while the machine sleeps."""
        if self._hosted.lost or self._clock.boot_s() >= self._hosted.deadline_s:
            raise LeaseLost("The lease of this account has run out; nothing was sent.")

    def leave(self) -> None:
        """Nothing is held."""


class LeasedSender(Sender):
    """Sends through the pool of another sender, behind the lease of one account."""

    def __init__(self, sender: Sender, hosted: Hosted, clock: Clock) -> None:
        self._through = sender
        self._lease = LeaseGate(hosted, clock)

    async def send(
        self, request: HttpRequest, *, permit: Opening | None = None, gates: Sequence[Gate] = ()
    ) -> HttpAnswer:
        """As the other sender, with the lease as the last gate."""
        return await self._through.send(request, permit=permit, gates=(*gates, self._lease))

    async def receive(
        self, request: HttpRequest, take: Callable[[httpx.Response], Awaitable[_Taken]], *, gates: Sequence[Gate] = ()
    ) -> _Taken:
        """The same for a read whose answer is taken piece by piece."""
        return await self._through.receive(request, take, gates=(*gates, self._lease))

    async def aclose(self) -> None:
        """The pool is the other sender's."""
