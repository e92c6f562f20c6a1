"""A command with a price: every call is counted for its system, and none starts beyond what was announced."""

from collections.abc import Sequence

import pytest

from app.adapters.http.allowed import AllowedSender
from app.adapters.http.gates import Gate, passing
from app.adapters.http.message import HttpAnswer, HttpRequest
from app.adapters.http.sender import Sender
from app.core.model.calls import Calls
from app.core.model.failure import NotSent, Throttled
from app.core.model.permit import Opening
from tests.fakes.clock import HandClock

FIELD_NATION, AUTOTASK = "https://api.fieldnation.com", "https://webservices5.autotask.net/atservicesrest"


class Door(Sender):
    """Lets everything out that passes its gates."""

    def __init__(self) -> None:
        self.gone: list[str] = []

    async def send(
        self, request: HttpRequest, *, permit: Opening | None = None, gates: Sequence[Gate] = ()
    ) -> HttpAnswer:
        for gate in gates:
            async with passing(gate):
                pass
        self.gone.append(request.url)
        return HttpAnswer(200, {}, b"{}")


class Shut:
    """A gate that turns every call away."""

    async def enter(self) -> None:
        raise Throttled("not now", until=HandClock().now())

    def leave(self) -> None:
        """Nothing is held."""


async def test_nothing_is_sent_before_something_is_allowed() -> None:
    door = Door()
    with pytest.raises(NotSent):
        await AllowedSender(door, FIELD_NATION).send(HttpRequest("GET", f"{FIELD_NATION}/workorders/1"))
    assert door.gone == []


async def test_each_system_has_its_own_calls_and_ends_where_they_end() -> None:
    door = Door()
    sender = AllowedSender(door, f"{FIELD_NATION}/")
    sender.allow(Calls(autotask=1, field_nation=2))
    for _ in range(2):
        await sender.send(HttpRequest("GET", f"{FIELD_NATION}/workorders/1"))
    await sender.send(HttpRequest("GET", f"{AUTOTASK}/v1.0/Tickets/1"))
    for url in (f"{FIELD_NATION}/workorders/1", f"{AUTOTASK}/v1.0/Tickets/1"):
        with pytest.raises(NotSent, match="calls that were announced are used up"):
            await sender.send(HttpRequest("GET", url))
    assert (len(door.gone), sender.spent) == (3, Calls(1, 2))


async def test_a_call_that_another_gate_turns_away_costs_nothing() -> None:
    sender = AllowedSender(Door(), FIELD_NATION)
    sender.allow(Calls(1, 1))
    with pytest.raises(Throttled):
        await sender.send(HttpRequest("GET", f"{AUTOTASK}/v1.0/Tickets/1"), gates=(Shut(),))
    assert sender.spent == Calls()


async def test_a_host_whose_name_only_begins_like_field_nation_s_is_not_field_nation() -> None:
    sender = AllowedSender(Door(), FIELD_NATION)
    sender.allow(Calls(1, 0))
    await sender.send(HttpRequest("GET", f"{FIELD_NATION}.example/x"))
    assert sender.spent == Calls(1, 0)
