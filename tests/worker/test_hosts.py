"""A host serves all connections of its account apart from one another, and gives the account back."""

import asyncio
from typing import Any

from app.core.model.failure import LeaseLost, Transient
from app.core.model.ids import AccountId, Epoch
from app.core.model.outcome import Settlement
from app.worker.host import Host
from tests.worker.worker_kit import ACME, DONE, ZETA, Shop


async def test_the_trouble_of_one_connection_delays_no_other() -> None:
    shop = Shop()
    never = asyncio.Event()

    async def stuck() -> Settlement:
        await never.wait()
        return DONE

    shop.queue.put(ACME, "7")
    shop.queue.put(ZETA, "8", "9")
    shop.story.acts["7"] = stuck

    def zeta_is_done() -> bool:
        done = {"8", "9"} <= set(shop.queue.settled)
        if done:
            never.set()
        return done

    await shop.host(until=zeta_is_done)
    assert shop.story.begun[0] == "7"
    assert shop.queue.settled["8"] == [DONE]


async def test_a_connection_that_is_paused_leaves_the_other_at_work() -> None:
    shop = Shop()
    shop.trouble = Transient("down")
    shop.queue.put(ACME, "7")
    shop.queue.put(ZETA, "8")
    shop.story.fail("7", Transient("down"))
    await shop.host(until=lambda: "8" in shop.queue.settled and bool(shop.queue.paused))
    assert [connection for connection, _, _ in shop.queue.paused] == [ACME]
    assert shop.queue.settled["8"] == [DONE]


async def test_an_account_without_work_goes_back_after_a_while() -> None:
    shop = Shop()
    shop.queue.put(ACME, "7")
    await shop.host(until=lambda: False)
    assert shop.hosting.released == [AccountId(1)]
    assert shop.queue.settled == {"7": [DONE]}


async def test_a_host_that_gives_way_ends_its_passes_and_goes_back() -> None:
    shop = Shop()
    host = Host(shop.tools(), shop.hosted, lambda _: None)

    async def asked() -> Settlement:
        host.give_way()
        return DONE

    shop.queue.put(ACME, "7")
    shop.story.acts["7"] = asked
    await host.serve()
    assert (shop.hosting.released, shop.queue.settled) == ([AccountId(1)], {"7": [DONE]})


async def test_a_lost_account_is_left_at_once_and_nothing_more_is_begun() -> None:
    shop = Shop()

    async def lose() -> Settlement:
        shop.queue.epoch = Epoch(2)
        raise LeaseLost("Another worker serves this account now.")

    shop.queue.put(ACME, "7")
    shop.story.acts["7"] = lose
    await shop.host(until=lambda: False)
    shop.queue.put(ACME, "8")
    assert (shop.hosted.lost, shop.story.begun) == (True, ["7"])


async def test_an_archived_connection_does_not_cut_off_the_passes_of_another() -> None:
    shop = Shop()
    archived = asyncio.Event()

    async def archive() -> Settlement:
        del shop.connections.rows[ACME]
        archived.set()
        return DONE

    async def long() -> Settlement:
        await archived.wait()
        for _ in range(20):
            await shop.clock.sleep(0)
        return DONE

    shop.queue.put(ACME, "7")
    shop.queue.put(ZETA, "8")
    shop.story.acts = {"7": archive, "8": long}
    await shop.host(until=lambda: False)
    assert shop.queue.settled.get("8") == [DONE]


async def test_a_database_that_is_away_ends_the_hosting_and_hands_nothing_wrongly() -> None:
    shop = Shop()

    async def away(*_: Any) -> None:
        raise Transient("the database is away")

    shop.queue.settle = away  # type: ignore[method-assign]  # the database goes away under the pass
    shop.queue.put(ACME, "7")
    await shop.host(until=lambda: False)
    assert shop.queue.states() == {"7": "running"}
    assert shop.hosting.released == [AccountId(1)]
