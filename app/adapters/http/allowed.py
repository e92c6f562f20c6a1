"""The sender of a command with a price: no call starts beyond what was announced."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, TypeVar

import httpx

from app.adapters.http.gates import Gate
from app.adapters.http.sender import HttpAnswer, HttpRequest, Sender
from app.core.model.calls import Calls
from app.core.model.failure import NotSent
from app.core.model.permit import Opening

_Taken = TypeVar("_Taken")
_System = Literal["autotask", "field_nation"]


class _Purse:
    """The last gate of every call of one system: counts it, or holds it back."""

    def __init__(self) -> None:
        self.allowed = 0
        self.spent = 0

    async def enter(self) -> None:
        """Raises `NotSent` when everything that was announced is spent."""
        if self.spent >= self.allowed:
            raise NotSent(f"Not read: the {self.allowed} calls that were announced are used up.")
        self.spent += 1

    def leave(self) -> None:
        """Nothing is held."""


class AllowedSender(Sender):
    """Sends through the pool of another sender, as far as the allowance goes; it is an `Allowance` itself.

    Calls to `field_nation_url` are Field Nation's, all others Autotask's, whose address depends on the database.
    """

    def __init__(self, sender: Sender, field_nation_url: str) -> None:
        self._through = sender
        self._field_nation = f"{field_nation_url.rstrip('/')}/"
        self._purses: dict[_System, _Purse] = {"autotask": _Purse(), "field_nation": _Purse()}

    @property
    def spent(self) -> Calls:
        """What was called so far."""
        return Calls(self._purses["autotask"].spent, self._purses["field_nation"].spent)

    def allow(self, calls: Calls) -> None:
        """Sets what may be called in all."""
        self._purses["autotask"].allowed = calls.autotask
        self._purses["field_nation"].allowed = calls.field_nation

    async def send(
        self, request: HttpRequest, *, permit: Opening | None = None, gates: Sequence[Gate] = ()
    ) -> HttpAnswer:
        """As the other sender, with the allowance as the last gate."""
        return await self._through.send(request, permit=permit, gates=(*gates, self._purse(request)))

    async def receive(
        self, request: HttpRequest, take: Callable[[httpx.Response], Awaitable[_Taken]], *, gates: Sequence[Gate] = ()
    ) -> _Taken:
        """The same for a read whose answer is taken piece by piece."""
        return await self._through.receive(request, take, gates=(*gates, self._purse(request)))

    async def aclose(self) -> None:
        """The pool is the other sender's."""

    def _purse(self, request: HttpRequest) -> _Purse:
        is_field_nation = request.url.startswith(self._field_nation)
        return self._purses["field_nation" if is_field_nation else "autotask"]
