"""The writes for one record under a file that is not active, beside those under the active one."""

from dataclasses import replace
from typing import Any

import pytest

from app.core.mapping.digests import digest
from app.core.model.failure import Rejected
from app.core.model.link import Known
from tests.services.backtest.backtest_kit import NOTES, TITLE, Shop, the_file

LOUD: dict[str, Any] = {
    "target": "title",
    "action": "concat",
    "parts": [{"type": "field", "value": "Title"}, {"type": "static", "value": "!"}],
}


def unpaired(shop: Shop) -> Shop:
    shop.pair(7, 70)
    shop.links.clear()
    shop.ledger.links.clear()
    return shop


async def test_a_write_that_only_the_file_would_cause_is_told_apart() -> None:
    shop = unpaired(Shop())
    trial = await shop.trying(the_file([LOUD])).ticket("7")
    (create,), (active,) = trial.new.intents, trial.active.intents
    assert (create.after["title"], active.after["title"]) == ("Printer 7!", "Printer 7")
    assert (trial.only_new, trial.only_active) == ((create,), (active,))


async def test_a_write_that_both_files_cause_is_neither_s_own() -> None:
    shop = unpaired(Shop())
    trial = await shop.trying(the_file()).ticket("7")
    assert len(trial.new.intents) == 1
    assert (trial.only_new, trial.only_active) == ((), ())


async def test_a_new_file_touches_new_changes_only_and_what_would_be_written_again_is_told_beside() -> None:
    shop = Shop()
    shop.pair(7, 70)
    shop.orders.orders[70]["closing_notes"] = "Swapped."
    shop.ledger.links[0] = _pushed(shop)
    trial = await shop.trying(the_file(outbound=[{**NOTES, "action": "set_static", "value": "Done."}])).work_order(70)
    assert trial.new.intents == ()
    (again,) = trial.again.intents
    assert again.after == {"resolution": "Done."}


async def test_a_ticket_that_did_not_change_shows_what_its_work_order_would_be_written_again() -> None:
    shop = Shop()
    shop.pair(7, 70)
    shop.orders.orders[70] |= {"title": "Printer 7", "incident_id": "T7"}
    known = Known({"title": digest("Printer 7")}, {"title": "Printer 7", "incident_id": "T7"})
    shop.ledger.links[0] = replace(shop.links[0], known=known)
    trial = await shop.trying(the_file([LOUD])).ticket("7")
    assert (trial.new.intents, trial.active.intents) == ((), ())
    (again,) = trial.again.intents
    assert again.after == {"title": "Printer 7!"}


async def test_nothing_is_written_and_the_price_is_allowed_first() -> None:
    shop = unpaired(Shop())
    trying = shop.trying(the_file([LOUD]))
    assert shop.opened == 0
    trial = await trying.ticket("7")
    assert shop.purse.allowed == [trying.price]
    assert (trial.announced, trial.spent) == (trying.price, shop.purse.spent)
    assert (shop.orders.writes, shop.ledger.kept, shop.ledger.links) == ([], {}, [])


async def test_what_is_wrong_with_the_file_s_mappings_is_told() -> None:
    shop = unpaired(Shop())
    trial = await shop.trying(the_file([TITLE, {"source": "Titel", "target": "description", "action": "sync"}])).ticket(
        "7"
    )
    assert [one.code for one in trial.faults] == ["mapping_unknown_field"]


async def test_a_ticket_that_nobody_knows_by_that_name_is_refused() -> None:
    with pytest.raises(Rejected):
        await Shop().trying(the_file()).ticket("printer")


def _pushed(shop: Shop) -> Any:
    """The pair, after a push under the active file."""
    out = Known({"closing_notes": digest("Swapped.")}, {"resolution": "Swapped."})
    return replace(shop.links[0], out=out)
