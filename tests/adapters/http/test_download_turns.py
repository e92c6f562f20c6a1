"""Whose files wait for one another: those of one hosted account, whatever its connections."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from app.adapters.http.sender import Sender
from app.bootstrap.vendors import LiveVendors
from app.core.model.connection import ConnectionFile
from app.core.model.ids import AccountId, Epoch, WorkerId
from app.ports.hosting import Hosted
from app.ports.vendors import VendorPair

SECRETS = {"autotask.secret": "s", "field_nation.client_secret": "f", "field_nation.password": "p"}
FILE = ConnectionFile.model_validate(
    {
        "name": "acme",
        "autotask": {"username": "api@acme.example", "secret": "s"},
        "field_nation": {"client_id": "c", "client_secret": "f", "username": "u", "password": "p"},
    }
)


class NoBudgets:
    async def load(self, scope: str) -> Mapping[str, Any]:
        return {}

    async def save(self, hosted: Hosted, scope: str, record: Mapping[str, Any]) -> None:
        return None


@pytest.fixture
async def vendors(clock: Any) -> AsyncIterator[LiveVendors]:
    sender = Sender(clock, frozenset(), "broker/test")
    yield LiveVendors(sender, clock, NoBudgets(), "https://zones.example", "CODE")
    await sender.aclose()


def turn_of(pair: VendorPair) -> Any:
    files: Any = pair.files
    return files._turn


async def test_connections_of_one_account_share_a_turn_and_nobody_else_does(vendors: LiveVendors, clock: Any) -> None:
    hosted = Hosted(AccountId(1), Epoch(1), WorkerId("w1"), deadline_s=clock.boot_s() + 60)
    other = Hosted(AccountId(2), Epoch(1), WorkerId("w1"), deadline_s=clock.boot_s() + 60)
    async with (
        vendors.open(FILE, SECRETS, scope="connection:1", hosted=hosted) as one,
        vendors.open(FILE, SECRETS, scope="connection:2", hosted=hosted) as two,
        vendors.open(FILE, SECRETS, scope="connection:3", hosted=other) as three,
        vendors.open(FILE, SECRETS, scope="connection:1", hosted=None) as person,
    ):
        turns = [turn_of(pair) for pair in (one, two, three, person)]
    assert turns[0] is turns[1]
    assert len(set(map(id, turns))) == 3
