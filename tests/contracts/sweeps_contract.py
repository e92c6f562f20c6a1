"""What the memory of sweeps must do, whoever keeps it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from app.core.model.failure import LeaseLost
from app.core.model.ids import ConnectionId
from app.core.model.intake import Source
from app.ports.clock import Clock
from app.ports.hosting import Hosted
from app.ports.sweeps import Quiet, Sweeps

MINUTE = timedelta(minutes=1)


@dataclass
class Swept:
    """The store, two connections of one account, a way to note triggers, and one to let another host take over.

    `tell` notes a trigger of a source that came so many minutes ago.
    """

    sweeps: Sweeps
    clock: Clock
    hosted: Hosted
    acme: ConnectionId
    zeta: ConnectionId
    tell: Callable[[ConnectionId, Source, int], Awaitable[Any]]
    supersede: Callable[[], Awaitable[Any]]

    async def quiet(self, minutes: int = 60) -> dict[str, Quiet]:
        return {one.source: one for one in await self.sweeps.quiet(self.acme, minutes * MINUTE)}


class SweepsContract:
    """Subclasses give `swept`."""

    async def test_nothing_is_known_before_the_first_sweep(self, swept: Swept) -> None:
        state = await swept.sweeps.load(swept.acme)
        assert (state.began_at, state.state) == (None, {})
        assert abs(state.now - swept.clock.now()) < MINUTE

    async def test_the_last_sweep_s_state_is_kept_for_its_connection(self, swept: Swept) -> None:
        began_at = swept.clock.now() - MINUTE
        await swept.sweeps.save(swept.hosted, swept.acme, began_at - MINUTE, {"page": 1, "left": ["a"]})
        await swept.sweeps.save(swept.hosted, swept.acme, began_at, {"page": 2})
        kept = await swept.sweeps.load(swept.acme)
        assert (kept.began_at, kept.state) == (began_at, {"page": 2})
        assert (await swept.sweeps.load(swept.zeta)).state == {}

    async def test_under_an_old_epoch_nothing_is_kept(self, swept: Swept) -> None:
        await swept.sweeps.save(swept.hosted, swept.acme, swept.clock.now(), {"page": 1})
        await swept.supersede()
        with pytest.raises(LeaseLost):
            await swept.sweeps.save(swept.hosted, swept.acme, swept.clock.now(), {"page": 2})
        assert (await swept.sweeps.load(swept.acme)).state == {"page": 1}

    async def test_each_source_says_how_long_it_was_silent(self, swept: Swept) -> None:
        for minutes in (50, 45, 15, 10):
            await swept.tell(swept.acme, Source.FIELD_NATION_EVENT, minutes)
        await swept.tell(swept.acme, Source.CALLOUT, 3)
        await swept.tell(swept.acme, Source.PERSON, 1)
        await swept.tell(swept.zeta, Source.AUTOTASK_WEBHOOK, 1)
        told = await swept.quiet()
        assert sorted(told) == ["callout", "field_nation_event"]
        events = told["field_nation_event"]
        assert events.triggers == 4
        assert 10 * MINUTE <= events.silent_for < 11 * MINUTE
        assert 29 * MINUTE < events.longest_before < 31 * MINUTE
        assert (told["callout"].triggers, told["callout"].longest_before) == (1, timedelta())

    async def test_what_is_older_than_asked_for_is_left_out(self, swept: Swept) -> None:
        for minutes in (90, 20):
            await swept.tell(swept.acme, Source.CALLOUT, minutes)
        assert (await swept.quiet())["callout"].triggers == 1
        assert (await swept.quiet(120))["callout"].triggers == 2
        assert await swept.quiet(5) == {}
